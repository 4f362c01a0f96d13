"""X and anti-X that annihilate and do not decay: whether anti-X is gone in time, Fig. 3 of Unwin (2012)."""

import numpy as np

from cosmology.boltzmann import YieldHistory
from cosmology.errors import InputError
from cosmology.models.exodus_equations import ExpansionTable, SelfConjugateRelic, solve
from cosmology.models.exodus_freeze_out import _check_asymmetry
from cosmology.models.exodus_sectors import (
    OBSERVED_ASYMMETRY,
    Sectors,
    check_states,
    log_equilibrium_yield,
    one_quantity,
    split,
)

ACCURACY = 1e-3
"""float : relative error of anti-X where it departs from equilibrium; far less before, and for X."""

_FURTHEST = 1e8


def depletion_history(mass, sigma_v, *, asymmetry=OBSERVED_ASYMMETRY, states=1.0, sectors=None, last_x=1e4):
    """Yields of X and anti-X without decays.

    Parameters
    ----------
    mass : Quantity [mass]
    sigma_v : Quantity [sigma_v]
        <sigma v>, s-wave.
    asymmetry : float
    states : float
    sectors : Sectors, optional
    last_x : float
        m_X/T_gen at the end, from 100.

    Returns
    -------
    YieldHistory
        Of ``"X"``, ``"anti-X"``, and what equilibrium would have, ``"X in equilibrium"``, ``"anti-X in equilibrium"``.
    """
    sectors = Sectors() if sectors is None else sectors
    _, m = one_quantity(mass, "mass", "mass")
    _, sigma = one_quantity(sigma_v, "sigma_v", "sigma_v")
    _check_asymmetry(asymmetry)
    if not 100 <= last_x <= _FURTHEST:
        raise InputError(f"last_x = {last_x}; it lies from 100 to {_FURTHEST:g}")
    sectors.dof._require(sectors.ratio * m / last_x, "visible temperature at last_x")
    table = ExpansionTable(np.array([m]), sectors, check_states(states), sectors.ratio * m / last_x)
    rare = solve(table, np.array([0.0]), sigma, asymmetry, SelfConjugateRelic).antiparticles[:, 0, 0]
    pairs = np.exp(log_equilibrium_yield(table.x, table.temperature[:, 0], states, sectors))
    more, fewer = split(asymmetry, pairs)
    yields = {
        "X": rare + asymmetry,
        "anti-X": rare,
        "X in equilibrium": more,
        "anti-X in equilibrium": fewer,
    }
    return YieldHistory(x=table.x, yields=yields, rtol=ACCURACY, g_star=sectors.dof.label)
