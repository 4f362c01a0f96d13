"""Tables, summary and words of live halos."""

import numpy as np

from halokick.study.screen_cells import aligned, amount, share

_DESCRIPTIONS = {
    "kick": "velocity kick of the daughters",
    "time": "since the beginning",
    "decayed_share": "of the parent species",
    "density_before": "all dark matter before any decay",
    "mass_before": "the same inside the radius",
    "density_parents": "what is left of the parent species",
    "density_daughters": "daughters of decays",
    "density_primordial": "the daughter species that was always there",
    "density_total": "all dark matter",
    "error_total": "one standard error of density_total",
    "mass_total": "all dark matter inside the radius",
    "mass_ratio": "mass_total / mass_before",
    "dispersion_radial": "of all dark matter",
    "dispersion_tangential": "of all dark matter, in one direction",
    "anisotropy": "1 - (tangential / radial)^2 of all dark matter",
    "anisotropy_daughters": "the same of the daughters",
}

_DOUBTS = ("fixed_potential", "unresolved")
"""Settings of a kick that say so."""


def live_columns(result):
    """Columns, descriptions and metadata of the table of live halos: one row per kick, time and radius."""
    blocks = []
    for one in result.daughters:
        live = one.live
        if live is None:
            continue
        n = len(live.radius)
        for t, time in enumerate(live.times):
            blocks.append(
                {
                    "kick": [one.label] * n,
                    "mean_kick_speed": np.full(n, one.mean_speed.value) * one.mean_speed.unit,
                    "time": np.full(n, time.value) * time.unit,
                    "decayed_share": np.full(n, live.decayed_share[t]),
                    "radius": live.radius,
                    "density_before": live.before,
                    "density_parents": live.parents[t],
                    "density_daughters": live.daughters[t],
                    "density_primordial": live.primordial[t],
                    "density_total": live.total[t],
                    "error_total": live.error[t],
                    "mass_before": live.before_mass,
                    "mass_total": live.mass[t],
                    "mass_ratio": np.asarray(live.mass[t] / live.before_mass),
                    "dispersion_radial": live.dispersion_radial[t],
                    "dispersion_tangential": live.dispersion_tangential[t],
                    "anisotropy": live.anisotropy[t],
                    "anisotropy_daughters": live.daughter_anisotropy[t],
                }
            )
    meta = {
        "content": "live halos: gravity follows the decays; densities are real, nan where too few particles tell",
        "halo": result.parent.description,
        "methods": {one.label: f"{one.live.method}: {one.live.reason}" for one in result.daughters if one.live},
    }
    return blocks, _DESCRIPTIONS, meta


def is_live(result):
    """Whether there is a live halo in a result."""
    return any(one.live is not None for one in result.daughters)


def none_left(daughters):
    """That none of the daughters of a kick stays, in words; empty where some do."""
    if np.any(daughters.density.value > 0):
        return ""
    return (
        "none of the daughters stays in the halo: their density, and J, are zero; those on their way out do not count"
    )


def doubts(daughters):
    """What is wrong with the numbers of a kick by more than they should be, in words: list of str."""
    return [daughters.settings[key] for key in _DOUBTS if daughters.settings.get(key)]


def live_summary(daughters):
    """Entries of a kick's summary: of its live halo, what to doubt, and that no daughter stays."""
    said, doubted = none_left(daughters), doubts(daughters)
    entries = {"none_left": said} if said else {}
    entries |= {"warnings": doubted} if doubted else {}
    live = daughters.live
    if live is None:
        return entries
    whole = live.before_mass[-1]
    return entries | {
        "live_method": live.method,
        "live_reason": live.reason,
        "expected_error": live.expected_error,
        "fixed_potential_j_error": float(np.max(np.abs(live.fixed_j_error))),
        "energy_error": live.energy_error,
        "resolution_radius_kpc": _kpc(live.resolution_radius),
        "times": [
            {
                "time_Gyr": float(time.to_value("Gyr")),
                "decayed_share": float(live.decayed_share[t]),
                "bound_mass_Msun": float(live.bound_mass[t].to_value("Msun")),
                "mass_ratio_at_r_max": _number(float(live.mass[t, -1] / whole)),
            }
            for t, time in enumerate(live.times)
        ],
    }


def _kpc(radius):
    return None if radius is None else float(radius.to_value("kpc"))


def _number(value):
    return value if np.isfinite(value) else None


def live_text(result):
    """What became of the halos, which kicks leave no daughter, and what to doubt, as lines for a terminal."""
    gone = [f"{one.label}: {said}" for one in result.daughters if (said := none_left(one))]
    warned = [f"warning: {one.label}: {said}" for one in result.daughters for said in doubts(one)]
    return "\n\n".join(part for part in (_live_table(result), "\n".join(gone + warned)) if part)


def _live_table(result):
    """What became of live halos; empty if none is live."""
    if not is_live(result):
        return ""
    some = next(one.live for one in result.daughters if one.live is not None)
    judged = np.ravel(some.error_radius)[[0, len(some.error_radius) // 2, -1]]
    at = [int(np.argmin(np.abs(some.radius - r))) for r in judged]
    heads = [["kick", ""], ["method", ""], ["time", "Gyr"], ["decayed", ""], ["bound", "Msun"]]
    heads += [["M/M_before", f"<{amount(some.radius[j])}"] for j in at]
    heads += [["J error if fixed", ""]]
    rows = []
    for one in result.daughters:
        live = one.live
        near = [int(np.argmin(np.abs(live.radius - r))) for r in judged]
        for t, time in enumerate(live.times):
            ratios = [float(live.mass[t, j] / live.before_mass[j]) for j in near]
            rows.append(
                [
                    one.label,
                    live.method,
                    f"{time.to_value('Gyr'):.4g}",
                    share(live.decayed_share[t]),
                    f"{live.bound_mass[t].to_value('Msun'):.3e}",
                    *(share(value) if np.isfinite(value) else "-" for value in ratios),
                    f"{np.max(np.abs(live.fixed_j_error)):.2g}",
                ]
            )
    title = (
        "halos whose gravity follows their decays; in the last column, by how much a fixed potential's J is too high"
    )
    return f"{title}\n{aligned(heads, rows)}"
