"""Kick speeds and weights over which bound daughters are summed: their density is linear in the distribution P(k)."""

from halokick import units

FINE, COARSE = 24, 16
"""Gauss nodes of a continuous kick law; a law of one speed has one node whatever is asked."""


def bound_nodes(df, kick, nodes=FINE):
    """Speeds [km/s] and weights; kicks above twice the central escape speed leave no bound daughter and carry none."""
    limit = 2 * (2 * df.halo._field.psi0) ** 0.5
    return kick.quadrature(nodes, below=units.attach(limit, "speed"))
