"""Tables of what a telescope would see: columns, descriptions and metadata."""

import numpy as np

from halokick.study.map_products import map_names
from halokick.study.telescope_result import HALO

VCONV = "v_rel = |v_1 - v_2|: not half of it, and not a dispersion"
_J_S = "integral of rho_1 rho_2 <S>, without 1/2 and 1/(4 pi)"
_FORMULA = "dPhi/dE = f_1 f_2 (sigma v)_0 J_S / (4 pi m^2) dN/dE, two different species"


def telescope_columns(result):
    """Name -> blocks, descriptions and metadata of every table from these sections: dict."""
    parts = (
        (result.annihilation, {"annihilation": annihilation_columns}),
        (result.maps, {"maps": maps_columns}),
        (result.flux, {"flux_differential": differential_columns, "flux_integrated": integrated_columns}),
        (result.limits, {"limits": limits_columns}),
    )
    return {name: columns(record) for record, tables in parts if record is not None for name, columns in tables.items()}


def annihilation_columns(record):
    """J-factors for laws of the speed, one row for each target, cone, kick and law."""
    blocks = [] if record.angles is None else list(_halo_speeds(record))
    for d, name in enumerate(record.dwarfs):
        blocks += _dwarf_speeds(record, d, name)
    describe = {
        "target": "the study's own halo, or a dwarf galaxy",
        "angle": "half-angle of the cone",
        "kick": "velocity kick of the daughters; the first row of each is without",
        "law": "S(v_rel/c), by which sigma v = (sigma v)_0 S differs from an s-wave",
        "j_s": "J of an s-wave: integral of rho_1 rho_2, median of the draws for a dwarf",
        "average": "<S>, weighted with the annihilations of an s-wave",
        "j_factor": f"J_S: {_J_S}; for a dwarf the median of the draws, not a product of medians",
        "j_factor_low": "16th percentile of the draws, nan where nothing was drawn",
        "j_factor_high": "84th percentile of the draws, nan where nothing was drawn",
        "over_no_kick": "j_factor over that of the same law without kick; for a dwarf in the same draw, median",
        "over_no_kick_low": "16th percentile of the draws, nan where nothing was drawn",
        "over_no_kick_high": "84th percentile of the draws, nan where nothing was drawn",
        "v_5": "v_rel below which 5 per cent of the annihilations of an s-wave are",
        "v_50": "the same of 50 per cent",
        "v_95": "the same of 95 per cent",
        "v_rms": "root of the mean v_rel^2 of these annihilations; nan for dwarfs",
    }
    meta = {
        "content": "J-factors of annihilation that depends on speed",
        "VCONV": VCONV,
        "laws": dict(zip(record.laws, record.factors, strict=True)),
        "pairs": "one member kicked, the other not, per decayed parent",
        "dwarfs": "<S> and speeds are those of the whole NFW halo; in a cone of the size of r_s the mean square of "
        "v_rel is 6 per cent smaller. Speeds are those of the halo of median V_max",
        "problems": list(record.problems),
    }
    return blocks, describe, meta


def _halo_speeds(record):
    n = len(record.kicks)
    for a, angle in enumerate(record.angles):
        for i, law in enumerate(record.laws):
            j = record.j_s[:, a] * record.average[i, :, a]
            yield {
                "target": [HALO] * n,
                **_heads(record, angle, law),
                "j_s": record.j_s[:, a],
                "average": record.average[i, :, a],
                "j_factor": j,
                "j_factor_low": np.full(n, np.nan) * j.unit,
                "j_factor_high": np.full(n, np.nan) * j.unit,
                **_three(np.asarray(j / j[0])[:, None] * [np.nan, 1.0, np.nan]),
                **_speeds(record.speeds[:, a]),
                "v_rms": record.rms[:, a],
            }


def _dwarf_speeds(record, d, name):
    n = len(record.kicks)
    for a, angle in enumerate(record.dwarf_angles):
        for i, law in enumerate(record.laws):
            low, middle, high = np.moveaxis(record.dwarf_j[d, i, a], -1, 0)
            yield {
                "target": [name] * n,
                **_heads(record, angle, law),
                "j_s": record.dwarf_j_s[d, a, :, 1],
                "average": record.dwarf_average[d, i, :, 1],
                "j_factor": middle,
                "j_factor_low": low,
                "j_factor_high": high,
                **_three(record.dwarf_left[d, i, a]),
                **_speeds(record.dwarf_speeds[d]),
                "v_rms": np.full(n, np.nan) * record.dwarf_speeds.unit,
            }


def _three(percentiles):
    low, middle, high = np.moveaxis(percentiles, -1, 0)
    return {"over_no_kick": middle, "over_no_kick_low": low, "over_no_kick_high": high}


def _heads(record, angle, law):
    n = len(record.kicks)
    return {
        "angle": np.full(n, angle.value) * angle.unit,
        "kick": list(record.kicks),
        "mean_kick_speed": record.mean_speed,
        "law": [law] * n,
    }


def _speeds(percentiles):
    return dict(zip(("v_5", "v_50", "v_95"), np.moveaxis(percentiles, -1, 0), strict=True))


def maps_columns(record):
    """What the map files hold, one row each."""
    block = {
        "file": [f"{name}.fits" for name in map_names(record)],
        "kick": [one.kick for one in record.maps],
        "law": [one.law for one in record.maps],
        "j_map": np.stack([one.map_total.value for one in record.maps]) * record.maps[0].map_total.unit,
        "j_total": np.stack([one.total.value for one in record.maps]) * record.maps[0].total.unit,
        "brightest": np.stack([np.nanmax(one.values.value) for one in record.maps]) * record.maps[0].values.unit,
    }
    describe = {
        "j_map": "sum over the pixels of the map: what a spectrum must carry if the map is normalised to one",
        "j_total": "of the whole sky, out to r_max",
        "brightest": "average over the brightest pixel",
    }
    meta = {"content": "maps of dJ/dOmega, averaged over each pixel", "VCONV": VCONV, "layout": record.layout}
    if record.target is not None:
        meta["target"] = record.target
    return [block], describe, meta | {"grid": record.grid, "frame": record.frame, "r_max": str(record.r_max)}


def differential_columns(record):
    """Fluxes per energy, one row for each target, cone, law, kick and energy."""
    return list(_flux_blocks(record, _per_energy)), _FLUX_WORDS, _flux_meta(record, "fluxes per energy")


def integrated_columns(record):
    """Fluxes of all bins together and of each, one row for each target, cone, law, kick and bin, the whole first."""
    return list(_flux_blocks(record, _per_bin)), _FLUX_WORDS, _flux_meta(record, "fluxes between two energies")


_SPREAD = " (without [annihilation] of the suppression alone, at the median J of the unkicked halo)"
_FLUX_WORDS = {
    "target": "the study's own halo, or a dwarf galaxy",
    "angle": "half-angle of the cone",
    "kick": "velocity kick of the daughters; the first of each is without",
    "law": "S(v_rel/c) of annihilation",
    "j_factor": f"J_S: {_J_S}; the median of the draws for a dwarf",
    "flux": "particles per area, time and energy; nan where a line has none",
    "photons": "particles per area and time between e_low and e_high",
    "photons_low": f"the same at the 16th percentile of J_S{_SPREAD}, nan where nothing was drawn",
    "photons_high": f"the same at the 84th percentile of J_S{_SPREAD}, nan where nothing was drawn",
    "energy_flux": "energy per area and time between e_low and e_high",
    "e_low": "lower edge; the first row of each target and kick is the whole range",
}


def _flux_meta(record, content):
    return {
        "content": content,
        "formula": _FORMULA,
        "mass": str(record.mass),
        "sigma_v": f"{record.sigma_v}, which the law of the speed multiplies",
        "shares": [float(share) for share in record.shares],
        "spectrum": record.spectrum,
        "VCONV": VCONV,
    }


def _flux_blocks(record, columns):
    for one in record.targets:
        for i, law in enumerate(record.laws):
            for k, kick in enumerate(record.kicks):
                made = columns(record, one, i, k)
                n = len(next(iter(made.values())))
                yield {
                    "target": [one.name] * n,
                    "angle": np.full(n, one.angle.value) * one.angle.unit,
                    "law": [law] * n,
                    "kick": [kick] * n,
                    "mean_kick_speed": np.full(n, record.mean_speed[k].value) * record.mean_speed.unit,
                    "j_factor": np.full(n, one.j_factor[i, k].value) * one.j_factor.unit,
                    **made,
                }


def _per_energy(record, one, i, k):
    return {"energy": record.energy, "flux": one.differential[i, k]}


def _per_bin(record, one, i, k):
    photons = _with_sum(one.photons[i, k])
    spread = {}
    for name in ("low", "high"):
        j = getattr(one, f"j_{name}")
        # the spectrum is common, so that the flux goes as J_S; without a kick that is never zero, as its median may be
        share = np.nan if j is None else float(j[i, k] / one.j_factor[i, 0])
        spread[f"photons_{name}"] = share * _with_sum(one.photons[i, 0])
    return {
        "e_low": np.concatenate([record.edges[:1], record.edges[:-1]]),
        "e_high": np.concatenate([record.edges[-1:], record.edges[1:]]),
        "photons": photons,
        **spread,
        "energy_flux": _with_sum(one.energy_flux[i, k]),
    }


def _with_sum(bins):
    return np.concatenate([[np.sum(bins.value)], bins.value]) * bins.unit


def limits_columns(record):
    """Limits, one row for each closure, law and kick, the first of each without kick."""
    blocks = []
    for c, closure in enumerate(record.closures):
        for i, law in enumerate(record.laws):
            n = len(record.kicks) + 1
            sigma_v = np.concatenate([record.unkicked[c, i : i + 1], record.sigma_v[c, i]])
            blocks.append(
                {
                    "closure": [closure] * n,
                    "law": [law] * n,
                    "kick": ["no kick", *record.kicks],
                    "mean_kick_speed": np.concatenate([[0.0], record.mean_speed.value]) * record.mean_speed.unit,
                    "sigma_v": sigma_v,
                    "over_no_kick": np.asarray(sigma_v / record.unkicked[c, i]),
                }
            )
    describe = {
        "closure": "how the haloes of the dwarfs were chosen among those with the measured mass; quote all of them",
        "law": "S(v_rel/c) of annihilation",
        "sigma_v": "upper limit on (sigma v)_0, which the law multiplies; inf where no dwarf has daughters left",
        "over_no_kick": "over the limit without kick, for the same closure and law",
    }
    meta = {
        "content": "upper limits on (sigma v)_0 from dwarf galaxies together",
        "VCONV": VCONV,
        "laws": dict(zip(record.laws, record.factors, strict=True)),
        "dwarfs": ", ".join(record.dwarfs),
        "cone": str(record.angle),
        "confidence": record.confidence,
        "source": record.source,
        "published": "none" if record.published is None else f"{record.published}, on self-conjugate dark matter",
        "shares": [float(share) for share in record.shares],
        "median_v_max": {
            closure: {name: str(v.round(2)) for name, v in zip(record.dwarfs, record.v_max[c, :, 1], strict=True)}
            for c, closure in enumerate(record.closures)
        },
        **dict(record.settings),
    }
    return blocks, describe, meta
