"""A halo whose gravity follows its decays, as a run file asks for it."""

import numpy as np

from halokick import units
from halokick.live.accretion import MassAccretion
from halokick.live.evolve_halo import evolve_halo
from halokick.study import build
from halokick.study.live_records import LiveDaughters

_SAME_TIME = 1e-6


def live_arguments(config):
    """Arguments of `evolve_halo` with a name: dict.

    The age is always the last of the times: J-factors, shares and fluxes are those of today.
    """
    method = config.method
    given = {"method": method.name, "seed": method.seed}
    given |= {key: getattr(method, key) for key in ("n", "mass_loss") if getattr(method, key) is not None}
    if method.times is not None:
        times, age = units.quantity(method.times, "time"), build.history(config.decay).age
        today = [] if times[-1] >= age * (1 - _SAME_TIME) else [age.to_value(times.unit)]
        given["times"] = np.append(times.value, today) * times.unit
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
