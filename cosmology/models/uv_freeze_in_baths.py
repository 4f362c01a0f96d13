r"""The two baths: expansion, energy that reactions carry to the dark one, and its temperature.

Asadi, Moore, Morrissey & Shamma (2025), Eqs. (29) to (33). With the densities over that of the start, times a^4, r_x is
the share of the dark bath and r = 1 - r_x that of the visible one, since transfer conserves their sum:

.. math:: \frac{dr_x}{d\ln a} = a^6\,[\,c_1(\tau^7 - \tau_x^7) + c_2(\tau^9 - \tau_x^9)\,], \qquad
    \tau = \frac{T}{T_\mathrm{RH}} = \frac{r^{1/4}}{a}, \quad \tau_x = \xi\tau, \quad \xi^4 = \frac{g_*r_x}{g_{*x}r} .

At first r_x grows as ln a, so that xi is a smooth function of z = (ln a)^(1/4), which is the variable here.
"""

import numpy as np
from scipy.integrate import solve_ivp

from cosmology import constants
from cosmology.errors import ConvergenceError
from cosmology.models.uv_freeze_in_couplings import FLAVOURS
from cosmology.models.uv_freeze_in_reactions import HIGGS, LEPTON, energy_factor, energy_integral

G_VISIBLE = 106.75
"""Degrees of freedom of the visible bath far above 100 GeV, of energy and of entropy."""
G_DARK = 7.25
"""Of the dark bath: chi and its partner 3.5, phi 2, eta 1.75."""

_RTOL = 1e-10
_LATE = 20.0  # e-folds; what is still transferred then is exp(-20) of all


def visible_density(temperature):
    """Energy density of the visible bath [GeV^4]."""
    return np.pi**2 / 30 * G_VISIBLE * temperature**4


def visible_entropy(temperature):
    """Entropy density of the visible bath [GeV^3], over which all yields are counted."""
    return 2 * np.pi**2 / 45 * G_VISIBLE * temperature**3


def visible_hubble(temperature):
    """Expansion rate without the dark bath [GeV]."""
    return np.sqrt(visible_density(temperature) / 3) / constants.REDUCED_PLANCK_MASS


def energy_strengths(found, reheating, choices):
    r"""Strengths of the transfer, :math:`c_n = C_E^{(n)}/(\rho H)` at reheating, Eq. (31).

    .. math:: C_E = \frac{3}{\pi^4}\sum_iS_1^i(T^7 - T_x^7) + \frac{96}{\pi^4}\sum_iS_2^i(T^9 - T_x^9)

    with S_1 of lH -> chi+ phi+, S_2 of both reactions lH -> dark pair. Their coefficients are those of Eq. (77).

    Parameters
    ----------
    found : Kernels
    reheating : array
        T_RH [GeV].
    choices : Choices

    Returns
    -------
    tuple of ndarray
        c_1 and c_2, shape of the points.
    """
    first = np.sum(found.s1["lH->chi+phi+"] + found.s1["lH->chi phi"], axis=-1)
    second = np.sum(found.s2["lH->chi+phi+"] + found.s2["lH->chi phi"], axis=-1)
    share = 1.0 if choices.flavours == "summed" else 1 / FLAVOURS
    per_time = visible_density(reheating) * visible_hubble(reheating)
    factors = [energy_factor((LEPTON, HIGGS), k, choices.statistics) for k in (1, 2)]
    return (
        share * factors[0] * first * energy_integral(1, reheating) / per_time,
        share * factors[1] * choices.energy_weight * second * energy_integral(2, reheating) / per_time,
    )


def dark_share(first, second, z):
    """Share r_x of the energy in the dark bath, exactly.

    Parameters
    ----------
    first, second : ndarray (n,)
        c_1 and c_2.
    z : ndarray (m,)
        Rising from 0 on.

    Returns
    -------
    ndarray (m, n)

    Raises
    ------
    ConvergenceError
        If the solver does not reach the end.
    """

    def slope(z, share):
        share = np.clip(share, 0.0, 1.0)
        a = np.exp(z**4)
        visible, dark = (1 - share) ** 0.25, (G_VISIBLE / G_DARK * share) ** 0.25
        transfer = first * (visible**7 - dark**7) / a + second * (visible**9 - dark**9) / a**3
        return 4 * z**3 * transfer

    smallest = float(np.min(first + second))
    solution = solve_ivp(
        slope, (0.0, z[-1]), np.zeros(len(first)), method="DOP853", t_eval=z, rtol=_RTOL, atol=1e-6 * _RTOL * smallest
    )
    if not solution.success or not np.all(np.isfinite(solution.y)):
        raise ConvergenceError(f"the energy of the dark bath could not be followed: {solution.message}")
    return np.clip(solution.y.T, 0.0, None)


def temperature_ratio(share):
    """Xi = T_x/T for the dark bath's share of the energy, Eq. (30)."""
    return (G_VISIBLE / G_DARK * share / (1 - share)) ** 0.25


def final_temperature_ratio(first, second):
    """Xi in the end, for arrays of c_1 and c_2 of any shape."""
    first, second = np.broadcast_arrays(np.asarray(first, dtype=float), np.asarray(second, dtype=float))
    share = dark_share(first.ravel(), second.ravel(), np.array([0.0, _LATE**0.25]))
    return temperature_ratio(share[-1]).reshape(first.shape)


def small_temperature_ratio(first, second, cooling):
    r"""Xi where the dark bath is too cold to react back, Eqs. (32) and (33).

    .. math:: \xi^4 = \frac{g_*}{g_{*x}}\Big[c_1\Big(1 - \frac1u\Big) + \frac{c_2}{3}\Big(1 - \frac1{u^3}\Big)\Big]

    Parameters
    ----------
    first, second : array
        c_1 and c_2.
    cooling : array
        u = T_RH/T.

    Returns
    -------
    ndarray
    """
    inverse = 1 / np.asarray(cooling, dtype=float)
    return (G_VISIBLE / G_DARK * (first * (1 - inverse) + second / 3 * (1 - inverse**3))) ** 0.25
