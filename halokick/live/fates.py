"""When the particles of a live halo decay, and when they arrive."""

from dataclasses import dataclass

import numpy as np

from halokick import units
from halokick.live.accretion import arrivals


@dataclass(frozen=True, eq=False)
class Fates:
    """Particles, and what is going to happen to them.

    Attributes
    ----------
    start : LiveStart
    kick : ndarray [km/s]
        What is left of the kick of the decay at `decay_time`; that of the start but for decays before accretion.
    decay_time, activation : ndarray [kpc/(km/s)]
        Infinite for what does not decay; zero for what is there from the beginning.
    lost : ndarray of bool
        Daughters born before accretion that never join.
    shares : dict
        What became of the decays before accretion; empty without it.
    grows : bool
        Whether there is accretion.
    """

    start: object
    kick: np.ndarray
    decay_time: np.ndarray
    activation: np.ndarray
    lost: np.ndarray
    shares: dict
    grows: bool


def make_fates(method, df, history, start, accretion, end):
    """The fates of the particles of a start.

    Parameters
    ----------
    method : str
        In ``"live"`` a particle decays as a whole, at any time or never; in ``"orbit_iteration"`` each has a daughter
        that stands for all of its decays until `end`, and a share of its mass that never decays.
    df : ErgodicDF
    history : DecayHistory
    start : LiveStart
    accretion : MassAccretion or None
    end : float [kpc/(km/s)]

    Returns
    -------
    Fates
    """
    lifetime = units.to_internal(history.lifetime, "time", finite=False)
    decay = np.full(len(start), np.inf)
    if np.isfinite(lifetime):
        most = -np.expm1(-end / lifetime) if method == "orbit_iteration" else 1.0
        decay = -lifetime * np.log1p(-most * start.u_decay)
    if method == "live" and history.parent_share < 1:
        # the spare number is spread as evenly as the others
        decay = np.where(start.spare < history.parent_share, decay, np.inf)
    if accretion is None:
        nothing = np.zeros(len(start))
        return Fates(start, start.kick, decay, nothing, nothing > 0, {}, False)
    came = arrivals(start, df, accretion, history._age, decay)
    shares = {"accretion_shares": came.shares}
    return Fates(start, came.start.kick, came.decay_time, came.activation, came.lost, shares, True)
