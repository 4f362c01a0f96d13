"""Kick speeds and weights over which bound daughters are summed: their density is linear in the distribution P(k)."""

from halokick import units
from halokick.decay.kicks import KickDistribution
from halokick.errors import InputError
from halokick.halo.df import ErgodicDF

FINE, COARSE = 24, 16
"""Gauss nodes of a continuous kick law; a law of one speed has one node whatever is asked."""


def check_parents_and_kick(df, kick):
    """Refuse what is no distribution of parents or no kick."""
    if not isinstance(df, ErgodicDF):
        raise InputError(f"df = {df!r}; parents are an ErgodicDF, made of a Halo, made of a profile")
    if not isinstance(kick, KickDistribution):
        raise InputError(f"kick = {kick!r}; a kick distribution is needed, such as FixedKick('54 km/s')")


def bound_nodes(df, kick, nodes=FINE):
    """Speeds [km/s] and weights; kicks above twice the central escape speed leave no bound daughter and carry none."""
    check_parents_and_kick(df, kick)
    limit = 2 * (2 * df.halo._field.psi0) ** 0.5
    return kick.quadrature(nodes, below=units.attach(limit, "speed"))
