"""What the screen shows of a particle model: what it left, what made its asymmetries, and the limits on it."""

from halokick.study.model_columns import all_limits
from halokick.study.screen_cells import aligned, amount, kms, number, share


def model_text(model):
    """Main numbers and limits of a `ModelRecord` as lines of text."""
    parts = ["\n".join(_late_decay(model) if model.kick is not None else _without_late_decay(model))]
    if model.origin is not None:
        parts[0] += "\n" + "\n".join(_origin(model.origin))
    parts.append(_limits("limits", model.limits, all_limits(model)) + _dwarfs(model.dwarfs))
    if model.origin is not None:
        own = [(one.name, one) for one in model.origin.limits]
        parts.append(_limits(f"limits of {model.origin.name} by itself", model.origin.limits, own))
    return "\n\n".join(parts)


def _late_decay(model):
    kicks = [f"{word} {kms(model.summary[key])}" for word, key in _KICK_WORDS.items() if key in model.summary]
    lines = [
        f"{model.name}: L' of {number(model.daughter_mass)}, B' heavier by "
        f"{number((model.parent_mass - model.daughter_mass).to('MeV'))}, decays to anti-L'",
        f"  lifetime {number(model.lifetime)}; gone after {number(model.age)}: X = "
        f"{model.shares['daughters'] / (model.shares['daughters'] + model.shares['parents']):.4f}",
        f"  shares of the mass before decays: f_B = {model.shares['daughters'] + model.shares['parents']:.4f}, "
        f"f_L = {model.shares['primordial']:.4f}",
        f"  kick of anti-L': {', '.join(kicks) or model.kick}",
    ]
    return lines + _annihilation(model)


_KICK_WORDS = {"mean": "kick_mean_speed", "rms": "kick_rms_speed", "at most": "kick_max_speed"}


def _annihilation(model):
    if model.sigma_v is None:
        return []
    return [
        f"  <sigma v> today {number(model.sigma_v)}; particle factor <sigma v>/(4 pi m^2) {number(model.flux_factor)}"
    ]


def _without_late_decay(model):
    """All that the model says of itself: without a study of halos it is the result."""
    lines = [
        f"{model.name}: dark matter of {number(model.daughter_mass)}, no late decay: nothing to follow in halos",
        f"  yields: {_left(model.yields)}",
        *_annihilation(model),
    ]
    shown = {key: value for key, value in model.summary.items() if key not in _SAID_ELSEWHERE}
    width = max(map(len, shown), default=0)
    return lines + [f"  {key:<{width}}  {_entry(value)}" for key, value in shown.items()]


_SAID_ELSEWHERE = ("model", "g_star", "excluded_by")


def _entry(value):
    return value if isinstance(value, str) else number(value)


def _origin(origin):
    handed = f"{number(origin.parent_asymmetry)} of B' and {number(origin.daughter_asymmetry)} of L'"
    if origin.parent_part is not None:
        handed += f", parts {number(origin.parent_part)} and {number(1 - origin.parent_part)} of its own"
    return [
        f"  asymmetries from {origin.name}: (n - nbar)/s = {handed}",
        f"  yields of {origin.name} by itself: {_left(origin.yields)}",
    ]


def _left(yields):
    """Yields of a model that may have one dark species only."""
    species = [f"(n - nbar)/s = {number(yields['daughter_asymmetry'])} of {number(yields['daughter_mass'])}"]
    if "parent_share" in yields:
        heavier = f"{number(yields['parent_asymmetry'])} of {number(yields['parent_mass'])}"
        species.append(f"{heavier}, share {number(yields['parent_share'])} of the mass")
    return f"{' and '.join(species)}; g* {yields['g_star']}"


def _limits(title, limits, rows):
    heads = [
        ["limit", ""],
        ["", ""],
        ["observable", ""],
        ["value", ""],
        ["", ""],
        ["bound", ""],
        ["excess", "<1 is met"],
    ]
    cells, silent = [], []
    for name, one in rows:
        if one.status == "not applicable":
            silent.append(f"  {name}: {one.reason}")
            continue
        value, bound = (x if x is None else x.to(one.value.unit) for x in (one.value, one.bound))
        excess = "-" if one.excess is None else f"{one.excess:.2g}"
        shown = ["-" if x is None else number(x) for x in (value, bound)]
        cells.append([name, one.status, one.observable, shown[0], one.sense, shown[1], excess])
    excluding = [one.name for one in limits if one.status == "excluded"]
    verdict = f"excluded by {', '.join(excluding)}" if excluding else "no limit excludes this point"
    text = [f"{title}: {verdict}"]
    if cells:
        text.append(aligned(heads, cells))
    if silent:
        text += ["not applicable:", *silent]
    return "\n".join(text)


def _dwarfs(reading):
    if reading is None:
        return ""
    low, middle, high = map(share, reading.suppression)
    verdict = "excluded without it" if reading.no_kick.status == "excluded" else "not excluded without it either"
    return (
        f"\nof the signal of the {len(reading.names)} dwarfs, within {amount(reading.angle)}, the kick leaves "
        f"{middle} (16-84 %: {low} to {high}); {verdict}"
    )
