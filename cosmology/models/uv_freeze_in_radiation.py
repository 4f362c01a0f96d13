r"""Dark radiation today, what it allows at freeze-in, and heavy neutrinos in the bath.

Asadi, Moore, Morrissey & Shamma (2025), Eqs. (34) to (37) and (62) to (64). Entropy of the dark sector is conserved
from freeze-in on and ends in eta.
"""

import numpy as np
from scipy.integrate import solve_ivp
from scipy.special import kve

from cosmology.errors import ConvergenceError
from cosmology.models.uv_freeze_in_baths import G_DARK, G_VISIBLE, visible_entropy, visible_hubble

G_DARK_LATE = 1.75
"""Entropy degrees of freedom of the dark bath once chi and phi are gone: eta."""
G_VISIBLE_TODAY = 43 / 11
"""Of photons and three neutrinos."""


def late_ratio(xi, g_visible, g_dark=G_DARK_LATE):
    r"""Temperature ratio later on, Eq. (63), from that after freeze-in.

    .. math:: \xi(T) = \xi_\mathrm{FI}\Big[\frac{g_{*sx}^\mathrm{FI}}{g_{*s}^\mathrm{FI}}
        \frac{g_{*s}(T)}{g_{*sx}(T)}\Big]^{1/3}
    """
    return xi * (G_DARK / G_VISIBLE * g_visible / g_dark) ** (1 / 3)


def delta_n_eff(xi):
    r"""Dark radiation today, :math:`\Delta N_\mathrm{eff} = \xi_\mathrm{CMB}^4(11/4)^{4/3}`, for xi after freeze-in.

    Eq. (62) with the inverse ratio: one Weyl fermion at the temperature of the neutrinos, :math:`(4/11)^{1/3}`, counts
    as one.
    """
    return late_ratio(np.asarray(xi, dtype=float), G_VISIBLE_TODAY) ** 4 * (11 / 4) ** (4 / 3)


def largest_xi(n_eff):
    """Temperature ratios that make Delta N_eff as large as that: today's and that after freeze-in, Eq. (64)."""
    today = np.asarray(n_eff, dtype=float) ** 0.25 * (4 / 11) ** (1 / 3)
    return today, today / late_ratio(1.0, G_VISIBLE_TODAY)


def heavy_neutrino_bound(x):
    r"""Largest yield of one N with x = M/T, its equilibrium at reheating, Eq. (37).

    .. math:: Y_a \le \frac{45}{\pi^2(2\pi)^{3/2}g_{*s}}x^{3/2}e^{-x}
    """
    x = np.asarray(x, dtype=float)
    return 45 / (np.pi**2 * (2 * np.pi) ** 1.5 * G_VISIBLE) * x**1.5 * np.exp(-x)


def heavy_neutrino_yield(mass, widths, reheating, xi_of, cooling):
    r"""Yield of one N from inverse decays after reheating, Eqs. (34) and (35).

    .. math:: \dot n_a + 3Hn_a = \sum_{Q=\ell H,\,\chi\phi}2\Big\langle\frac1\gamma\Big\rangle_{T_Q}\Gamma_Q
        \,[n_a^\mathrm{eq}(T_Q) - n_a]

    Parameters
    ----------
    mass : float
        M_a [GeV].
    widths : (float, float)
        To leptons and to the dark pair [GeV], each one of two conjugate modes.
    reheating : float
        T_RH [GeV].
    xi_of : callable
        T_x/T at values of T_RH/T - 1.
    cooling : ndarray
        Values of T_RH/T - 1, rising from above 0.

    Returns
    -------
    ndarray
        n_a/s at those values.
    """

    def slope(log_u, y):
        u = np.exp(log_u)
        temperature = reheating / u
        total = 0.0
        for width, bath in zip(widths, (temperature, temperature * float(xi_of(u - 1))), strict=True):
            x = mass / bath if bath > 0 else np.inf
            if x > 650:  # no bath to speak of: they only decay
                total -= 2 * width * y
                continue
            equilibrium = mass**2 * bath * kve(2, x) * np.exp(-x) / np.pi**2 / visible_entropy(temperature)
            total += 2 * width * kve(1, x) / kve(2, x) * (equilibrium - y)
        return total / visible_hubble(temperature)

    scale = float(heavy_neutrino_bound(mass / reheating))
    at = np.log1p(cooling)
    solution = solve_ivp(slope, (0.0, at[-1]), [0.0], "Radau", at, rtol=1e-6, atol=1e-12 * scale)
    if not solution.success:
        raise ConvergenceError(f"heavy neutrinos could not be followed: {solution.message}")
    return solution.y[0]
