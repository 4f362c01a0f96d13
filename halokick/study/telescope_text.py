"""What the screen and the short summary show of what a telescope would see."""

import numpy as np

from halokick.study.map_products import map_names
from halokick.study.screen_cells import aligned, amount, number, share
from halokick.study.telescope_result import HALO

_MOST_TARGETS, _MOST_KICKS = 6, 6


def telescope_text(result):
    """Main numbers as blocks of text, one for each section that the study has."""
    parts = []
    if result.annihilation is not None:
        parts.append(_annihilation(result.annihilation))
    if result.maps is not None:
        parts.append(_maps(result.maps))
    if result.flux is not None:
        parts.append(_flux(result.flux))
    if result.limits is not None:
        parts.append(_limits(result.limits))
    return parts


def _some(count, most):
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(int))


def _annihilation(record):
    heads = [["target", ""], ["kick", ""], ["v_rel, 5 %", "km/s"], ["50 %", "km/s"], ["95 %", "km/s"]]
    heads += [[f"<S> {law}", ""] for law in record.laws] + [[f"J_S {law}", "GeV2 cm-5"] for law in record.laws]
    rows = []
    for k in _some(len(record.kicks), _MOST_KICKS):
        if record.angles is not None:
            j = record.j_s[k, 0].value * record.average[:, k, 0]
            where = f"{HALO} {amount(record.angles[0])}"
            rows.append([where, record.kicks[k], *_numbers(record.speeds[k, 0], record.average[:, k, 0], j)])
    for d in range(min(len(record.dwarfs), _MOST_TARGETS)):
        for k in _some(len(record.kicks), 3):
            j = record.dwarf_j[d, :, 0, k, 1].value
            cells = _numbers(record.dwarf_speeds[d, k], record.dwarf_average[d, :, k, 1], j)
            rows.append([record.dwarfs[d], record.kicks[k], *cells])
    text = "annihilation with a speed: v_rel = |v_1 - v_2|, the smallest cones; all in annihilation.ecsv\n"
    return text + "\n".join([aligned(heads, rows), *record.problems])


def _numbers(speeds, average, j):
    cells = [f"{v:.1f}" for v in speeds.to_value("km/s")]
    return cells + [f"{one:.4g}" for one in average] + [f"{one:.3e}" for one in j]


def _maps(record):
    heads = [["map", ""], ["kick", ""], ["law", ""], ["J of the map", "GeV2 cm-5"], ["of the sky", ""]]
    rows = [
        [f"{name}.fits", one.kick, one.law, f"{one.map_total.value:.3e}", share(float(one.map_total / one.total))]
        for name, one in zip(map_names(record), record.maps, strict=True)
    ]
    of = "" if record.target is None else f" of {record.target}"
    return f"maps of dJ/dOmega{of}, layout {record.layout}\n{aligned(heads, rows)}"


def _flux(record):
    shown = [k for k in _some(len(record.kicks), _MOST_KICKS) if k > 0]
    heads = [["target", ""], ["cone", ""], ["law", ""], ["no kick", "cm-2 s-1"]]
    heads += [[record.kicks[k], "over no kick"] for k in shown]
    rows = []
    smallest = {one.name: one for one in reversed(record.targets)}
    for one in list(reversed(smallest.values()))[:_MOST_TARGETS]:
        for i, law in enumerate(record.laws):
            total = np.sum(one.photons[i].value, axis=-1)
            left = [total[k] / total[0] if total[0] > 0 else np.nan for k in shown]
            cells = [share(part) if np.isfinite(part) else "-" for part in left]
            rows.append([one.name, amount(one.angle), law, f"{total[0]:.3e}", *cells])
    ends = f"{amount(record.edges[0])} to {amount(record.edges[-1])}"
    particle = f"m = {number(record.mass)}, (sigma v)_0 = {number(record.sigma_v)}"
    title = f"photons from {ends}: {particle}; {record.spectrum}"
    return f"{title}\n{aligned(heads, rows)}"


def _limits(record):
    shown = _some(len(record.kicks), _MOST_KICKS)
    heads = [["closure", ""], ["law", ""], ["no kick", "cm3 s-1"]]
    heads += [[record.kicks[k], "cm3 s-1"] for k in shown]
    rows = [
        [closure, law, f"{record.unkicked[c, i].value:.3e}", *(f"{record.sigma_v[c, i, k].value:.3e}" for k in shown)]
        for i, law in enumerate(record.laws)
        for c, closure in enumerate(record.closures)
    ]
    title = (
        f"limits on (sigma v)_0 from {len(record.dwarfs)} dwarfs, {100 * record.confidence:.4g} % CL; V_max is not "
        "measured, so quote all closures"
    )
    return f"{title}\n{aligned(heads, rows)}"


def telescope_summary(result):
    """Entries of the short summary, for JSON: dict, without the sections that the study has not."""
    entries = {}
    if result.annihilation is not None:
        entries["annihilation"] = _annihilation_entry(result.annihilation)
    if result.maps is not None:
        entries["maps"] = [
            {
                "file": f"{name}.fits",
                "kick": one.kick,
                "law": one.law,
                "j_map_GeV2_cm-5": float(one.map_total.value),
                "j_total_GeV2_cm-5": float(one.total.value),
            }
            for name, one in zip(map_names(result.maps), result.maps.maps, strict=True)
        ]
    if result.flux is not None:
        entries["flux"] = _flux_entry(result.flux)
    if result.limits is not None:
        entries["limits"] = _limits_entry(result.limits)
    return entries


def _annihilation_entry(record):
    entry = {"laws": dict(zip(record.laws, record.factors, strict=True)), "VCONV": "v_rel", "kicks": list(record.kicks)}
    if record.angles is not None:
        entry["halo"] = {
            "half_angles_deg": record.angles.to_value("deg").tolist(),
            "j_s_GeV2_cm-5": _plain(record.j_s.value),
            "average": {law: _plain(record.average[i]) for i, law in enumerate(record.laws)},
            "speeds_5_50_95_km_s": _plain(record.speeds.to_value("km/s")),
        }
    if record.dwarfs:
        entry["dwarfs"] = {
            name: {
                "average": {law: _plain(record.dwarf_average[d, i]) for i, law in enumerate(record.laws)},
                "speeds_5_50_95_km_s": _plain(record.dwarf_speeds[d].to_value("km/s")),
            }
            for d, name in enumerate(record.dwarfs)
        }
    if record.problems:
        entry["problems"] = list(record.problems)
    return entry


def _flux_entry(record):
    return {
        "mass_GeV": float(record.mass.to_value("GeV")),
        "sigma_v_cm3_s": float(record.sigma_v.to_value("cm3/s")),
        "spectrum": record.spectrum,
        "e_min_GeV": float(record.edges[0].to_value("GeV")),
        "e_max_GeV": float(record.edges[-1].to_value("GeV")),
        "kicks": list(record.kicks),
        "targets": [
            {
                "name": one.name,
                "half_angle_deg": float(one.angle.to_value("deg")),
                "photons_cm-2_s-1": {
                    law: _plain(np.sum(one.photons[i].value, axis=-1)) for i, law in enumerate(record.laws)
                },
            }
            for one in record.targets
        ],
    }


def _limits_entry(record):
    return {
        "confidence": record.confidence,
        "source": record.source,
        "kicks": list(record.kicks),
        "closures": {
            closure: {
                law: {
                    "no_kick_cm3_s": float(record.unkicked[c, i].value),
                    "sigma_v_cm3_s": _plain(record.sigma_v[c, i].value),
                }
                for i, law in enumerate(record.laws)
            }
            for c, closure in enumerate(record.closures)
        },
    }


def _plain(values):
    """Nested lists of numbers; None for what JSON has not: nan and infinities."""
    values = np.asarray(values)
    if values.ndim > 0:
        return [_plain(one) for one in values]
    return float(values) if np.isfinite(values) else None
