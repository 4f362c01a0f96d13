"""The short table that a study ends with on the screen."""

import numpy as np

from halokick.study.model_columns import all_limits, flux_columns, has_fluxes

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
        parts.append(_model(result))
    if result.daughters:
        parts.append(_daughters(result))
    if result.dwarfs is not None:
        parts.append(_dwarfs(result.dwarfs))
    if has_fluxes(result):
        parts.append(_fluxes(result))
    return "\n\n".join(parts)


def _daughters(result):
    sky = result.sky
    cones = [] if sky is None else _some(len(sky.angles), _CONES_SHOWN)
    heads = [["kick", ""], ["bound", f"<{_amount(result.daughters[0].reference_radius)}"]]
    if sky is not None:
        heads.append(["rho/rho_parent", f"at {_amount(sky.distance)}"])
        heads += [[f"J({_amount(sky.angles[a])})", "GeV2 cm-5"] for a in cones]
        heads += [["J/J_parent", _amount(sky.angles[a])] for a in cones]
    rows = []
    if sky is not None:
        rows.append(["none", "1", "1", *(f"{sky.j_parent[a].value:.3e}" for a in cones), *("1" for _ in cones)])
    for i, one in enumerate(result.daughters):
        row = [one.label, _share(one.bound_fraction)]
        if sky is not None:
            row.append("-" if one.observer_ratio is None else _share(one.observer_ratio))
            row += [f"{sky.j_pair[i, a].value:.3e}" for a in cones]
            row += [_share(float(sky.j_pair[i, a] / sky.j_parent[a])) for a in cones]
        rows.append(row)
    title = f"{result.parent.description}\ndaughters per decayed parent, {result.daughters[0].method}"
    if sky is not None:
        title += "; J of parent times daughter, within cones of the half-angles named"
    return f"{title}\n{_aligned(heads, rows)}"


def _dwarfs(dwarfs):
    count = len(dwarfs.kicks)
    shown = _some(count, _KICKS_SHOWN)
    heads = [["dwarf", ""], ["log10 J_parent", "GeV2 cm-5"]]
    heads += [["J/J_parent", _kms(dwarfs.mean_speed[k])] for k in shown]
    rows = []
    for i, name in enumerate(dwarfs.names):
        log_j = np.log10(dwarfs.j_parent[i, 0, 1].value)
        rows.append([name, f"{log_j:.2f}", *(_share(dwarfs.suppression[i, 0, k, 1]) for k in shown)])
    title = f"dwarf galaxies, parent times daughter within {_amount(dwarfs.angles[0])}, medians"
    if len(shown) < count:
        title += f"; {len(shown)} of {count} kicks, the others are in dwarfs.ecsv"
    return f"{title}\n{_aligned(heads, rows)}"


def _some(count, most):
    """Places of at most so many of a list's entries, the first and the last among them."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(int))


def _aligned(heads, rows):
    lines = [list(line) for line in zip(*heads, strict=True)] + rows
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    text = []
    for line in lines:
        numbers = [cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)]
        text.append("  ".join([line[0].ljust(widths[0]), *numbers]).rstrip())
    return "\n".join(text)


def _amount(quantity):
    return f"{quantity.value:.6g} {quantity.unit}"


def _kms(speed):
    return f"{speed.to_value('km/s'):.4g} km/s"


def _share(value):
    if value == 0:
        return "0"
    return f"{value:.4f}" if value >= 0.01 else f"{value:.1e}"


def _number(value):
    return f"{value:.4g}" if not hasattr(value, "unit") else f"{value.value:.4g} {value.unit}".strip()


def _model(result):
    model, given = result.model, result.model.summary
    kicks = [f"{word} {_kms(given[key])}" for word, key in _KICK_WORDS.items() if key in given]
    lines = [
        f"{model.name}: L' of {_number(model.daughter_mass)}, B' heavier by "
        f"{_number((model.parent_mass - model.daughter_mass).to('MeV'))}, decays to anti-L'",
        f"  lifetime {_number(model.lifetime)}; gone after {_number(model.age)}: X = "
        f"{model.shares['daughters'] / (model.shares['daughters'] + model.shares['parents']):.4f}",
        f"  shares of the mass before decays: f_B = {model.shares['daughters'] + model.shares['parents']:.4f}, "
        f"f_L = {model.shares['primordial']:.4f}",
        f"  kick of anti-L': {', '.join(kicks) or model.kick}",
        f"  <sigma v> today {_number(model.sigma_v)}; particle factor <sigma v>/(4 pi m^2) "
        f"{_number(model.flux_factor)}",
    ]
    return "\n".join([*lines, "", _limits(model)])


_KICK_WORDS = {"mean": "kick_mean_speed", "rms": "kick_rms_speed", "at most": "kick_max_speed"}


def _limits(model):
    heads = [
        ["limit", ""],
        ["", ""],
        ["observable", ""],
        ["value", ""],
        ["", ""],
        ["bound", ""],
        ["excess", "<1 is met"],
    ]
    rows, silent = [], []
    for name, one in all_limits(model):
        if one.status == "not applicable":
            silent.append(f"  {name}: {one.reason}")
            continue
        value, bound = (x if x is None else x.to(one.value.unit) for x in (one.value, one.bound))
        excess = "-" if one.excess is None else f"{one.excess:.2g}"
        shown = ["-" if x is None else _number(x) for x in (value, bound)]
        rows.append([name, one.status, one.observable, shown[0], one.sense, shown[1], excess])
    excluding = [one.name for one in model.limits if one.status == "excluded"]
    verdict = f"excluded by {', '.join(excluding)}" if excluding else "no limit excludes this point"
    text = [f"limits: {verdict}", _aligned(heads, rows)]
    if silent:
        text += ["not applicable:", *silent]
    if model.dwarfs is not None:
        reading = model.dwarfs
        low, middle, high = map(_share, reading.suppression)
        verdict = "excluded without it" if reading.no_kick.status == "excluded" else "not excluded without it either"
        text.append(
            f"of the signal of the {len(reading.names)} dwarfs, within {_amount(reading.angle)}, the kick leaves "
            f"{middle} (16-84 %: {low} to {high}); {verdict}"
        )
    return "\n".join(text)


def _fluxes(result):
    columns = flux_columns(result)[0]
    heads = [["target", ""], ["cone", "deg"], ["annihilations", "cm-2 s-1"], ["without kick", "cm-2 s-1"]]
    names = ("target", "angle", "flux", "flux_no_kick")
    rows = [
        [target, f"{angle:.4g}", f"{flux:.3e}", f"{no_kick:.3e}"]
        for target, angle, flux, no_kick in zip(*(columns[name][0] for name in names), strict=True)
    ]
    title = "flux = <sigma v>/(4 pi m^2) f_L f_B X J: annihilations seen, before photons per annihilation; medians"
    return f"{title}\n{_aligned(heads, rows)}"
