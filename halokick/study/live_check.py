"""Whether a potential that does not follow the decays is good enough for what a run file asks."""

import numpy as np

from halokick import units
from halokick.errors import InputError
from halokick.live.rule import REFUSE, WARN, fixed_potential_error
from halokick.study import build
from halokick.study.config_method import LIVE

_INNER = 0.1
_HIGHEST = 0.5 * np.pi


def judge_fixed_potential(config, df, kicks, say):
    """What the fixed potential gets wrong, for each kick: texts for the record, empty where it is good enough.

    Each cone is judged by the sphere that it touches; without an observer, the mass inside a tenth of the scale radius.

    Parameters
    ----------
    config : RunConfig
    df : ErgodicDF
    kicks : sequence of KickDistribution
    say : callable (text)
        Told once, about the worst kick.

    Raises
    ------
    InputError
        J would be wrong by 30 per cent or more.
    """
    history = build.history(config.decay)
    if history is None or config.method.name in LIVE:
        return [""] * len(kicks)
    share = history.parent_share * history.decayed_share
    radius, names = _spheres(config.observer, df)
    quoted = "mass" if config.observer is None else "j_factor"
    errors = np.array([np.abs(getattr(fixed_potential_error(df, kick, share, radius), quoted)) for kick in kicks])
    worst, cone = np.max(errors, axis=1), np.argmax(errors, axis=1)
    texts = [
        f"{100 * share:.3g} % of the dark matter has decayed, and the potential does not follow: {names[c]} too high "
        f"by about {100 * error:.2g} %"
        for error, c in zip(worst, cone, strict=True)
    ]
    first = int(np.argmax(worst))
    if quoted == "j_factor" and worst[first] >= REFUSE:
        raise InputError(
            f'[method] name = "{config.method.name}": {kicks[first].label}: {texts[first]}, too wrong to be quoted; '
            'name = "auto" lets the potential follow the mass, or leave decay.lifetime out for daughters alone'
        )
    if worst[first] >= WARN:
        some = np.count_nonzero(worst >= WARN)
        say(
            f"warning: {kicks[first].label}: {texts[first]} (5 % or more for {some} of {len(kicks)} kicks); [method] "
            'name = "auto" lets it follow'
        )
    return [text if error >= WARN else "" for text, error in zip(texts, worst, strict=True)]


def judge_resolution(config, found, say):
    """Say which cones lie inside the resolution radius of live halos, where profiles are continued; for the record too.

    Parameters
    ----------
    config : RunConfig
    found : sequence of Daughters
        One for each kick.
    say : callable (text)
        Told once, about the kick that is resolved worst.
    """
    if config.observer is None or config.method.name not in LIVE:
        return
    worst, said = 0.0, ""
    for one in found:
        first = one.live.resolution_radius
        radius, _ = _spheres(config.observer, one.live.df)
        hidden = [] if first is None else [a for a, r in zip(config.observer.angles, radius, strict=True) if r < first]
        if not hidden:
            continue
        text = (
            f"J within {', '.join(f'{angle:.4g}' for angle in hidden)} is that of a continued profile, as particles "
            f"resolve nothing inside {first:.3g}: it may be off by 10 % where half of the dark matter has decayed"
        )
        one.settings["unresolved"] = text
        if first.to_value("kpc") > worst:
            worst, said = first.to_value("kpc"), f"{one.kick.label}: {text}"
    if said:
        say(f"warning: {said}; a larger method.n resolves more, or give larger observer.angles")


def _spheres(observer, df):
    """Radii to judge at, inside the halo, and what each is called."""
    if observer is None:
        radius = _INNER * df.profile._scale_radius
        return units.attach(np.array([radius]), "length"), [f"the mass within {radius:.4g} kpc is"]
    angles = [float(units.to_internal(angle, "angle")) for angle in observer.angles]
    distance = float(units.to_internal(observer.distance, "length"))
    radius = np.minimum(distance * np.sin(np.minimum(angles, _HIGHEST)), 0.5 * np.exp(df._log_outermost))
    return units.attach(radius, "length"), [f"J within {angle:.4g} is" for angle in observer.angles]
