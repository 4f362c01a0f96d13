r"""Widths of a Higgs boson of any mass, visible or dark: fermions, vector bosons on and off their shells, gluons.

A real singlet that mixes with a Higgs boson decays as a Higgs boson of the singlet's mass would, times the square of
the mixing angle. A dark sector with all masses multiplied by r = v'/v has :math:`\Gamma'(m) = r\,\Gamma(m/r)`, so that
one table of the visible vector pairs serves both. Tree level with the leading QCD factors; against full calculations
for the Standard Model it is 5 to 7 per cent low close to the thresholds of vector pairs. All numbers are in GeV.
"""

from functools import lru_cache

import numpy as np
from scipy.interpolate import CubicSpline

from cosmology.models.z2_inputs import (
    BOTTOM_MASS,
    CHARM_MASS,
    MUON_MASS,
    TAU_MASS,
    TOP_MASS,
    VEV,
    W_MASS,
    W_WIDTH,
    Z_MASS,
    Z_WIDTH,
)
from cosmology.models.z2_running import VISIBLE, mass_factor

_LIGHTEST, _HEAVIEST = 5.0, 3e4
_NODES = 40

QUARKS = {"tt": TOP_MASS, "bb": BOTTOM_MASS, "cc": CHARM_MASS}
"""dict : channel -> mass [GeV] of the quarks that count."""
LEPTONS = {"tautau": TAU_MASS, "mumu": MUON_MASS}
"""dict : channel -> mass [GeV]."""
_RUNNING = {"bb": BOTTOM_MASS, "cc": CHARM_MASS}


def two_body(mass, product):
    """Velocity of each of two equal products, 0 where the decay is closed."""
    return np.sqrt(np.clip(1 - 4 * product**2 / np.asarray(mass, dtype=float) ** 2, 0.0, None))


def fermion_width(mass, product, coupling, colours):
    r"""Width :math:`N_c y^2 m/16\pi\,(1 - 4m_f^2/m^2)^{3/2}` to a pair of fermions with Yukawa coupling y."""
    return colours * coupling**2 * mass / (16 * np.pi) * two_body(mass, product) ** 3


def quark_yukawa(mass, channel):
    r"""Visible Yukawa coupling at the scale of the decay: the running one for b and c, that of the pole mass for t.

    Includes the square root of the QCD factor :math:`1 + 5.67a + (35.94 - 1.36 n_f)a^2`, :math:`a = \alpha_s/\pi`.
    """
    if channel not in _RUNNING:
        return np.sqrt(2) * QUARKS[channel] / VEV
    scale = np.maximum(mass, 2 * _RUNNING[channel])
    a = VISIBLE(scale) / np.pi
    correction = 1 + 5.67 * a + (35.94 - 1.36 * 5) * a**2
    return np.sqrt(2) * _RUNNING[channel] / VEV * mass_factor(scale, _RUNNING[channel]) * np.sqrt(correction)


def vector_width(mass, vector_mass, copies, vev=VEV):
    r"""Width to a pair of vector bosons on their shells, 0 below the threshold.

    .. math:: \Gamma = \frac{d\,m^3}{32\pi v^2}\sqrt{1-4x}\,(1 - 4x + 12x^2), \qquad x = m_V^2/m^2

    Parameters
    ----------
    mass, vector_mass, vev : float or ndarray
        [GeV].
    copies : int
        d: 2 for W, 1 for Z.
    """
    x = vector_mass**2 / np.asarray(mass, dtype=float) ** 2
    return copies * mass**3 / (32 * np.pi * vev**2) * two_body(mass, vector_mass) * (1 - 4 * x + 12 * x**2)


def off_shell_vector_width(mass, vector_mass, vector_width, copies):
    r"""Width to a pair of visible vector bosons, each with a Breit-Wigner distribution of its mass.

    .. math:: \Gamma = \int\!\frac{dQ_1^2}{\pi}\frac{m_V\Gamma_V}{(Q_1^2-m_V^2)^2 + m_V^2\Gamma_V^2}
        \int\!\frac{dQ_2^2}{\pi}\dots\;\frac{d\,m^3}{32\pi v^2}\sqrt\lambda\,(\lambda + 12 q_1 q_2)

    with :math:`q_i = Q_i^2/m^2`, :math:`\lambda = (1-q_1-q_2)^2 - 4q_1q_2`. The substitution
    :math:`Q^2 = m_V^2 + m_V\Gamma_V\tan u` makes both distributions flat.

    Parameters
    ----------
    mass : ndarray (n,)
        [GeV].
    vector_mass, vector_width : float
    copies : int

    Returns
    -------
    ndarray (n,)
    """
    m = np.asarray(mass, dtype=float)[:, None, None]
    product = vector_mass * vector_width
    low = np.full_like(m, -np.arctan(vector_mass / vector_width))
    half, high = (np.arctan((edge**2 - vector_mass**2) / product) for edge in (m / 2, m))
    node, weight = np.polynomial.legendre.leggauss(_NODES)
    total = 0.0
    for start, end in ((low, half), (half, high)):  # Q_1 is the larger of the two, which counts twice
        # quadratic towards the upper ends, where the integrand goes like a square root
        u1 = end - (end - start) * ((1 - node[:, None]) / 2) ** 2
        square1 = np.clip(vector_mass**2 + product * np.tan(u1), 0.0, m**2)
        largest = np.minimum(np.sqrt(square1), m - np.sqrt(square1))
        second = np.arctan((largest**2 - vector_mass**2) / product)
        u2 = second - (second - low) * ((1 - node) / 2) ** 2
        square2 = np.clip(vector_mass**2 + product * np.tan(u2), 0.0, None)
        q1, q2 = square1 / m**2, square2 / m**2
        lam = np.clip((1 - q1 - q2) ** 2 - 4 * q1 * q2, 0.0, None)
        inner = np.sum(weight * (1 - node) / 2 * (second - low) * np.sqrt(lam) * (lam + 12 * q1 * q2), axis=-1)
        total = total + 2 * np.sum(weight * (1 - node[None]) / 2 * (end - start)[..., 0] * inner, axis=-1) / np.pi**2
    return copies * m[:, 0, 0] ** 3 / (32 * np.pi * VEV**2) * total


@lru_cache(maxsize=1)
def _vector_tables():
    """Logarithm of the widths to WW and ZZ, over ln m: cubic splines, denser where the pairs open."""
    tables = {}
    for name, mass, width, copies in (("WW", W_MASS, W_WIDTH, 2), ("ZZ", Z_MASS, Z_WIDTH, 1)):
        grid = np.geomspace(_LIGHTEST, _HEAVIEST, 240)
        for edge in (mass, 2 * mass):
            grid = np.append(grid, edge + np.linspace(-1, 1, 81) ** 3 * 10 * width)
        grid = np.unique(grid)
        tables[name] = CubicSpline(np.log(grid), np.log(off_shell_vector_width(grid, mass, width, copies)))
    return tables


def vector_pairs(mass):
    """Widths of a visible Higgs boson to WW and ZZ, on or off their shells: a dict of ndarray.

    Parameters
    ----------
    mass : float or ndarray
        [GeV]; held at the ends of the table, 5 GeV and 30 TeV, beyond which only the cubic growth is kept.
    """
    mass = np.asarray(mass, dtype=float)
    held = np.clip(mass, _LIGHTEST, _HEAVIEST)
    growth = (np.minimum(mass, _LIGHTEST) / _LIGHTEST) ** 9 * (np.maximum(mass, _HEAVIEST) / _HEAVIEST) ** 3
    return {name: growth * np.exp(table(np.log(held))) for name, table in _vector_tables().items()}


def gluon_width(mass, quarks=(TOP_MASS, BOTTOM_MASS, CHARM_MASS), coupling=None):
    r"""Width of a visible Higgs boson to gluons.

    .. math:: \Gamma = \frac{\alpha_s^2 m^3}{72\pi^3 v^2}\left|\frac34\sum_q A(\tau_q)\right|^2
        \left[1 + \left(\frac{95}{4} - \frac76 n_f\right)\frac{\alpha_s}{\pi}\right], \qquad \tau = m^2/4m_q^2

    Parameters
    ----------
    mass : float or ndarray
        [GeV].
    quarks : tuple of float
        Their masses [GeV].
    coupling : float or ndarray, optional
        alpha_s, at `mass` if not given.
    """
    mass = np.asarray(mass, dtype=float)
    alpha = VISIBLE(np.maximum(mass, 1.5)) if coupling is None else coupling
    amplitude = 0.75 * sum(_loop(mass**2 / (4 * quark**2)) for quark in quarks)
    correction = 1 + (95 / 4 - 7 / 6 * 5) * alpha / np.pi
    return alpha**2 * mass**3 / (72 * np.pi**3 * VEV**2) * np.abs(amplitude) ** 2 * correction


def _loop(tau):
    """Amplitude of a quark loop, 4/3 for a heavy quark."""
    tau = np.asarray(tau, dtype=float)
    below = np.arcsin(np.sqrt(np.clip(tau, 1e-12, 1.0))) ** 2
    root = np.sqrt(np.clip(1 - 1 / np.maximum(tau, 1.0), 0.0, 1 - 1e-15))
    above = -0.25 * (np.log((1 + root) / (1 - root)) - 1j * np.pi) ** 2
    f = np.where(tau <= 1, below, above)
    safe = np.maximum(tau, 1e-4)
    return np.where(tau < 1e-4, 4 / 3, 2 * (safe + (safe - 1) * f) / safe**2)


def higgs_like_widths(mass, scale=1.0, bottom_ratio=1.0):
    r"""Widths of a Higgs boson with every channel of the Standard Model that counts.

    Parameters
    ----------
    mass : float or ndarray
        [GeV].
    scale : float
        r_v = v'/v, 1 for the visible sector.
    bottom_ratio : float
        y'_b/y_b.

    Returns
    -------
    dict of str to ndarray
        ``"tt"``, ``"bb"``, ``"cc"``, ``"tautau"``, ``"mumu"``, ``"gg"``, ``"WW"``, ``"ZZ"``.
    """
    mass = np.asarray(mass, dtype=float)
    widths = {}
    for name, quark in QUARKS.items():
        ratio = bottom_ratio if name == "bb" else 1.0
        widths[name] = fermion_width(mass, scale * ratio * quark, ratio * quark_yukawa(mass, name), 3)
    for name, lepton in LEPTONS.items():
        widths[name] = fermion_width(mass, scale * lepton, np.sqrt(2) * lepton / VEV, 1)
    rescaled = mass / scale
    quarks = (TOP_MASS, bottom_ratio * BOTTOM_MASS, CHARM_MASS)
    widths["gg"] = scale * gluon_width(rescaled, quarks, VISIBLE(np.maximum(mass, 1.5)))
    return widths | {name: scale * width for name, width in vector_pairs(rescaled).items()}


def total_width(mass):
    """Width [GeV] of a Higgs boson of the Standard Model with a mass [GeV], two-photon decays left out."""
    return sum(higgs_like_widths(mass).values())
