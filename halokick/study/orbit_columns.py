"""Columns and entries of tables that integrated orbits add."""

import math

import numpy as np

from halokick.study.screen_cells import aligned, amount, share

DESCRIPTIONS = {
    "control": "the same parents left unkicked, after the same time",
    "control_error": "one standard error of control",
    "kick_ratio": "density of the bound daughters / control",
    "kick_ratio_error": "one standard error of kick_ratio, from the difference of like draws",
}
GRID_DESCRIPTIONS = {
    "j_pair_grid": "as j_pair, of the bound daughters on their grid of rings or boxes, inside the grid's sphere",
    "j_pair_grid_error": "one standard error of j_pair_grid, from eight parts of the orbits",
    "grid_over_sphere": "j_pair_grid / the same after averaging the grid over spheres",
}
_KICKS_SHOWN = 6


def profile_columns(daughters):
    """Columns of one kick's block of the profiles."""
    return {name: getattr(daughters, name) for name in DESCRIPTIONS if getattr(daughters, name) is not None}


def grid_columns(sky, i):
    """Columns of one kick's block of the J-factors."""
    if sky.j_pair_grid is None:
        return {}
    names = ("j_pair_grid", "j_pair_grid_error", "grid_over_sphere")
    return {name: getattr(sky, name)[i] for name in names}


def grid_meta(sky):
    """What a table of J-factors says of its grids."""
    if sky.j_pair_grid is None:
        return {}
    return {"grid_r_max": str(sky.grid_r_max), "grid_problems": list(sky.grid_problems) or "none"}


def orbit_summary(daughters):
    """Errors of energy, the way of each member of the potential, and what was left out, as plain values: dict."""
    if daughters.force_field is None:
        return {}
    return {
        "energy_error": dict(daughters.energy_error),
        "members": list(daughters.force_field["members"]),
        "left_out": {lost.reason: lost.count for lost in daughters.failed},
    }


def cone_summary(sky, i, a):
    """J-factor of the grid within one cone, as plain numbers: dict."""
    if sky.j_pair_grid is None:
        return {}
    values = {
        "j_pair_grid_GeV2_cm-5": sky.j_pair_grid[i, a].value,
        "j_pair_grid_error_GeV2_cm-5": sky.j_pair_grid_error[i, a].value,
        "grid_over_sphere": sky.grid_over_sphere[i, a],
    }
    return {key: float(value) if math.isfinite(value) else None for key, value in values.items()}


def orbits_text(result):
    """How the orbits were followed, and how well, as lines for a terminal; empty if none was integrated."""
    followed = [one for one in result.daughters if one.force_field is not None]
    if not followed:
        return ""
    field = followed[0].force_field
    lines = [f"orbits integrated by {field['way']}" + (f" ({field['why']})" if field["why"] else "")]
    lines += [f"  {member}" for member in field["members"]]
    for one in followed[:_KICKS_SHOWN]:
        lines += [one.label, *(f"  {line}" for line in one.report)]
    if len(followed) > _KICKS_SHOWN:
        worst = max((one.energy_error.get("worst", 0.0) for one in followed), default=0.0)
        lines.append(f"{len(followed) - _KICKS_SHOWN} more kicks; worst error of energy of all: {worst:.1e}")
    return "\n".join(lines)


def grid_text(result):
    """J-factors of the grids as lines for a terminal; empty without."""
    sky = result.sky
    if sky is None or sky.j_pair_grid is None:
        return ""
    heads = [["kick", ""]]
    heads += [[f"J({amount(angle)})", "GeV2 cm-5"] for angle in sky.angles]
    heads += [["J/J_sphere", amount(angle)] for angle in sky.angles]
    rows = [
        [kick, *(_or_dash(value, ".3e") for value in sky.j_pair_grid[i].value), *map(_share, sky.grid_over_sphere[i])]
        for i, kick in enumerate(sky.kicks)
    ]
    title = (
        f"J of parent times daughter on the grid, within {sky.grid_r_max:.6g} of the centre, and over the same after "
        "averaging over spheres"
    )
    return "\n".join([title, aligned(heads, rows), *sky.grid_problems])


def _or_dash(value, form):
    return format(value, form) if np.isfinite(value) else "-"


def _share(value):
    return share(value) if np.isfinite(value) else "-"
