r"""What makes the charges B-L and L_x, and what washes them out: sources and the matrices omega.

.. math:: \dot n_Q + 3Hn_Q = \sigma_Q\frac{T^8}{M_1^4}
    - \sum_{Q'}\Big[\frac{T^3}{M_1^2}\omega^{(1)}_{QQ'} + \frac{T^5}{M_1^4}\omega^{(2)}_{QQ'}\Big]n_{Q'}

Asadi, Moore, Morrissey & Shamma (2025), Eqs. (38) to (53) and (83) to (88). The matrices are not copied from their
Eqs. (50) to (53): each reaction 1 + 2 -> 3 + 4 that makes the charge Delta Q contributes

.. math:: W_Q = -\Delta Q\,S_k\Big[I_k^{(12)}\Big(\frac{\mu_1}{T_1} + \frac{\mu_2}{T_2}\Big)
    - I_k^{(34)}\Big(\frac{\mu_3}{T_3} + \frac{\mu_4}{T_4}\Big)\Big],

without the second half where the reverse is the conjugate process. Charges stand in the order (B-L, L_x).
"""

from typing import NamedTuple

import numpy as np

from cosmology.models.uv_freeze_in_reactions import (
    CHI,
    DARK,
    HIGGS,
    IDENTICAL,
    LEPTON,
    PHI,
    REACTIONS,
    rate_factor,
    response_factor,
    summed,
    transfer_integral,
)

POTENTIAL_PER_CHARGE = {LEPTON: -7 / 79 * 6, HIGGS: -4 / 79 * 6, CHI: 3.0, PHI: 3.0}
"""dict : particle -> its chemical potential times T^2 over the density of its sector's charge, Eqs. (41) and (43)."""

BARYONS_PER_B_MINUS_L = 28 / 79
"""float : Eq. (42)."""


class ChargeRates(NamedTuple):
    """Sources and wash-out of many points, all in units in which T and M_1 carry the dimensions.

    Attributes
    ----------
    source : ndarray (..., 2)
        sigma_Q at xi = 0; it falls as 1 - xi^8.
    first, second : dict of int to ndarray (..., 2, 2)
        Power of xi -> its coefficient in omega^(1) and omega^(2).
    """

    source: np.ndarray
    first: dict
    second: dict

    def omega(self, order, xi):
        """Matrix omega^(1) or omega^(2) at temperature ratios that broadcast against the points."""
        xi = np.asarray(xi, dtype=float)[..., np.newaxis, np.newaxis]
        return sum(matrix * xi**power for power, matrix in (self.first if order == 1 else self.second).items())


def charge_rates(found, mass, choices):
    """Sources and wash-out from kernels.

    Parameters
    ----------
    found : Kernels
    mass : ndarray
        M_1 [GeV].
    choices : Choices

    Returns
    -------
    ChargeRates
    """
    mass = np.asarray(mass, dtype=float)
    rate = transfer_integral(2, 1.0, 1.0) * rate_factor((LEPTON, HIGGS), 2, choices.statistics) * mass**4
    # Eqs. (47), (48): by (22) and (23) one kernel holds the sum over all reactions that make the charge
    source = [rate * summed(found.d2[name], name) for name in ("lH->l+H+", "chi phi->chi+phi+")]
    orders = {}
    for order, s in ((1, found.s1), (2, found.s2)):
        powers = {}
        for reaction in REACTIONS:
            kernel = summed(s[reaction.name], reaction.name) * mass ** (2 * order)
            if reaction.name in IDENTICAL:
                kernel = kernel * choices.pair_weight
            for row, charge in enumerate((reaction.b_minus_l, reaction.dark_lepton)):
                for column, power, weight in _responses(reaction, order, choices.statistics) if charge else ():
                    matrix = powers.setdefault(power, np.zeros((*np.shape(kernel), 2, 2)))
                    matrix[..., row, column] += -charge * kernel * weight
        orders[order] = {power: matrix for power, matrix in powers.items() if np.any(matrix)}
    return ChargeRates(np.stack(np.broadcast_arrays(*source), axis=-1), orders[1], orders[2])


def _responses(reaction, order, statistics):
    """Charge (0 for B-L, 1 for L_x), power of xi and number for each chemical potential in the bracket above."""
    sides = [(reaction.initial, 1)] if reaction.self_conjugate else [(reaction.initial, 1), (reaction.final, -1)]
    for pair, side in sides:
        integral = transfer_integral(order, 1.0, 1.0)
        from_dark = sum(particle in DARK for particle, _ in pair) * (order + 2)
        for (particle, sign), (partner, _) in (pair, pair[::-1]):
            dark = particle in DARK
            factor = response_factor(particle, partner, order, statistics)
            # mu/T = (potential per charge) n/T^3 of the particle's own sector
            weight = side * sign * integral * factor * POTENTIAL_PER_CHARGE[particle]
            yield int(dark), from_dark - 3 * dark, weight
