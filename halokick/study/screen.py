"""The short table that a study ends with on the screen."""

import numpy as np

from halokick.study.live_columns import live_text
from halokick.study.model_columns import flux_columns, has_fluxes
from halokick.study.model_screen import model_text
from halokick.study.orbit_columns import grid_text, orbits_text
from halokick.study.screen_cells import aligned, amount, kms, share
from halokick.study.telescope_text import telescope_text

_KICKS_SHOWN, _CONES_SHOWN = 6, 3


def short_tables(result):
    """Main numbers of a result as lines of text, for a terminal.

    Parameters
    ----------
    result : StudyResult

    Returns
    -------
    str
    """
    parts = []
    if result.model is not None:
        parts.append(model_text(result.model))
    if result.daughters:
        parts += [_daughters(result), live_text(result), grid_text(result), orbits_text(result)]
    if result.dwarfs is not None:
        parts.append(_dwarfs(result.dwarfs))
    if has_fluxes(result):
        parts.append(_fluxes(result))
    parts += telescope_text(result)
    return "\n\n".join(part for part in parts if part)


def _daughters(result):
    sky = result.sky
    cones = [] if sky is None else _some(len(sky.angles), _CONES_SHOWN)
    heads = [["kick", ""], ["bound", f"<{amount(result.daughters[0].reference_radius)}"]]
    if sky is not None:
        heads.append(["rho/rho_parent", f"at {amount(sky.distance)}"])
        heads += [[f"J({amount(sky.angles[a])})", "GeV2 cm-5"] for a in cones]
        heads += [["J/J_parent", amount(sky.angles[a])] for a in cones]
    rows = []
    if sky is not None:
        rows.append(["none", "1", "1", *(f"{sky.j_parent[a].value:.3e}" for a in cones), *("1" for _ in cones)])
    for i, one in enumerate(result.daughters):
        row = [one.label, share(one.bound_fraction)]
        if sky is not None:
            row.append("-" if one.observer_ratio is None else share(one.observer_ratio))
            row += [f"{sky.j_pair[i, a].value:.3e}" for a in cones]
            row += [share(float(sky.j_pair[i, a] / sky.j_parent[a])) for a in cones]
        rows.append(row)
    title = f"{result.parent.description}\ndaughters per decayed parent, {result.daughters[0].method}"
    if sky is not None:
        title += "; J of parent times daughter, within cones of the half-angles named"
    return f"{title}\n{aligned(heads, rows)}"


def _dwarfs(dwarfs):
    count = len(dwarfs.kicks)
    shown = _some(count, _KICKS_SHOWN)
    heads = [["dwarf", ""], ["log10 J_parent", "GeV2 cm-5"]]
    heads += [["J/J_parent", kms(dwarfs.mean_speed[k])] for k in shown]
    rows = []
    for i, name in enumerate(dwarfs.names):
        log_j = np.log10(dwarfs.j_parent[i, 0, 1].value)
        rows.append([name, f"{log_j:.2f}", *(share(dwarfs.suppression[i, 0, k, 1]) for k in shown)])
    title = f"dwarf galaxies, parent times daughter within {amount(dwarfs.angles[0])}, medians"
    if len(shown) < count:
        title += f"; {len(shown)} of {count} kicks, the others are in dwarfs.ecsv"
    return f"{title}\n{aligned(heads, rows)}"


def _some(count, most):
    """Places of at most so many of a list's entries, the first and the last among them."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(int))


def _fluxes(result):
    columns = flux_columns(result)[0]
    heads = [["target", ""], ["cone", "deg"], ["annihilations", "cm-2 s-1"], ["without kick", "cm-2 s-1"]]
    names = ("target", "angle", "flux", "flux_no_kick")
    rows = [
        [target, f"{angle:.4g}", f"{flux:.3e}", f"{no_kick:.3e}"]
        for target, angle, flux, no_kick in zip(*(columns[name][0] for name in names), strict=True)
    ]
    title = "flux = <sigma v>/(4 pi m^2) f_L f_B X J: annihilations seen, before photons per annihilation; medians"
    return f"{title}\n{aligned(heads, rows)}"
