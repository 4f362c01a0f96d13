"""A halo whose gravity follows its decays, as a run file asks for it."""

from halokick import units
from halokick.live.accretion import MassAccretion
from halokick.live.evolve_halo import evolve_halo
from halokick.study import build
from halokick.study.live_records import LiveDaughters


def live_arguments(config):
    """Arguments of `evolve_halo` with a name: dict."""
    method = config.method
    given = {"method": method.name, "seed": method.seed}
    given |= {key: getattr(method, key) for key in ("n", "mass_loss") if getattr(method, key) is not None}
    if method.times is not None:
        given["times"] = units.quantity(method.times, "time")
    if method.accretion is not None:
        given["accretion"] = _accretion(method)
    return given


def _accretion(method):
    if method.accretion_concentration is None:
        return MassAccretion(method.accretion)
    return MassAccretion.wechsler(method.accretion_concentration)


def live_daughters(config, df, kick, progress=None):
    """Daughters of one kick today: LiveDaughters.

    Parameters
    ----------
    config : RunConfig
    df : ErgodicDF
    kick : KickDistribution
    progress : callable (done, total), optional
    """
    live = evolve_halo(df, kick, build.history(config.decay), progress=progress, **live_arguments(config))
    return LiveDaughters(live, build.radii(config.method))
