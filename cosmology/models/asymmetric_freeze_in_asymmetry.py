r"""Size of the CP asymmetry: from amplitudes, from widths, and for mixed charginos.

Hall, March-Russell & West (2010), Eqs. (1.4), (1.5), (2.3), (2.5), (2.6) and (2.7).
"""

import numpy as np

from cosmology import constants, units
from cosmology.errors import InputError
from cosmology.particle_input import checked_positive

PRINTED_LOOP_FACTOR = 128 * np.pi**3
r"""float : of Eq. (1.4), (8 pi)(16 pi^2): an estimate."""

CUT_LOOP_FACTOR = 64 * np.pi**2
r"""float : for scalars with massless two-body final state and cut, by the cutting rules; 2 pi smaller."""

WEAK_COUPLING = 1 / 29.6
"""float : alpha_w = g_2^2/4 pi at the weak scale."""

REFERENCE_COUPLING = 1e-6
"""float : of |A_2| and |A_12| in Eq. (1.5), at 100 GeV."""


def width_difference(mass, interference, *, loop_factor=CUT_LOOP_FACTOR, final_momentum=1.0, cut_momentum=1.0):
    r"""Gamma - Gamma-bar of two amplitudes that interfere, Quantity [width], signed.

    .. math:: \Gamma - \bar\Gamma = \frac{m\,\mathrm{Im}(A_1A_{12}A_2^*)}{64\pi^2}\,
        \frac{2|p_f|}{m}\,\frac{2|p_c|}{m}

    of scalars, with 1/8 pi from the final state, 1/16 pi from the absorptive part, 4 from the interference and 1/2m.

    Parameters
    ----------
    mass : Quantity [mass]
    interference : float
        Im(A_1 A_12 A_2^*), of amplitudes in powers of m.
    loop_factor : float
        64 pi^2, or the estimate `PRINTED_LOOP_FACTOR`.
    final_momentum, cut_momentum : float
        2|p|/m of final state and cut, from 0 to 1.
    """
    m = checked_positive(mass, "mass", "mass")
    for name, value in (("final_momentum", final_momentum), ("cut_momentum", cut_momentum)):
        if not 0 <= value <= 1:
            raise InputError(f"{name} = {value}; 2|p|/m lies from 0 (closed) to 1 (massless)")
    factor = checked_positive(loop_factor, "dimensionless", "loop_factor")
    return units.attach(m * np.asarray(interference) * final_momentum * cut_momentum / factor, "width")


def amplitude_asymmetry(coefficient, mass, interference, *, loop_factor=PRINTED_LOOP_FACTOR):
    r"""Asymmetry :math:`\eta_X = C_{FI}(M_r/m)\,\mathrm{Im}(A_1A_{12}A_2^*)/128\pi^3`, signed float: Eq. (1.4).

    Parameters
    ----------
    coefficient : float
        C_FI, see `asymmetric_freeze_in_rates.freeze_in_coefficient`.
    mass : Quantity [mass]
    interference : float
    loop_factor : float
        The paper's estimate, or `CUT_LOOP_FACTOR`.
    """
    m = checked_positive(mass, "mass", "mass")
    factor = checked_positive(loop_factor, "dimensionless", "loop_factor")
    return coefficient * constants.REDUCED_PLANCK_MASS / m * interference / factor


def printed_asymmetry(coefficient, first, second, mixed, mass, phase):
    r"""Eq. (1.5) as printed, :math:`10^{-2}\sin\phi\,(C_{FI}/10^{-3})|A_1|\cdots`.

    Its prefactor belongs to C_FI = 1.64e-3; for 1e-3, Eq. (1.4) gives 6.1e-3.
    """
    scale = REFERENCE_COUPLING * np.sqrt(checked_positive(mass, "mass", "mass") / 100)
    # two roots of m in the couplings against one 1/m
    return 1e-2 * np.sin(phase) * coefficient / 1e-3 * first * (second / scale) * (mixed / scale)


def epsilon_from_widths(widths, conjugate_widths):
    r"""CP asymmetry :math:`\sum(\Gamma_i - \bar\Gamma_i)/\sum(\Gamma_i + \bar\Gamma_i)`: Eqs. (2.3) and (2.4), float.

    Parameters
    ----------
    widths, conjugate_widths : Quantity [width], one per final state and flavour
        Of charginos and anti-charginos, or of neutralinos to X and to anti-X.
    """
    plain, conjugate = (
        np.atleast_1d(units.to_internal(one, "width", name))
        for one, name in ((widths, "widths"), (conjugate_widths, "conjugate_widths"))
    )
    if plain.shape != conjugate.shape or np.any(plain < 0) or np.any(conjugate < 0) or not np.sum(plain + conjugate):
        raise InputError("widths, conjugate_widths: as many of one as of the other, none negative, not all zero")
    return float(np.sum(plain - conjugate) / np.sum(plain + conjugate))


def epsilon_from_loops(tree, tree_integral, loops):
    r"""CP asymmetry of a tree amplitude and loops: Eq. (2.5), float.

    .. math:: \epsilon = \frac{2\sum_n\mathrm{Im}(C_0C_n^*)\int d\Pi\,\mathrm{Im}(A_0A_n^*)}{|C_0|^2\int d\Pi\,|A_0|^2}

    Positive if more X than anti-X are made, for amplitudes to X with the couplings :math:`C_n^*`, as in Eq. (2.6).

    Parameters
    ----------
    tree : complex
        C_0, the couplings.
    tree_integral : float
        Integral of |A_0|^2 over phase space, the kinematics.
    loops : sequence of (complex, float)
        C_n, and the integral of Im(A_0 A_n^*): of the part whose cut is on shell.
    """
    if tree == 0 or not tree_integral > 0:
        raise InputError(f"tree = {tree}, tree_integral = {tree_integral}; without the tree there is no decay")
    above = sum(np.imag(tree * np.conj(coupling)) * integral for coupling, integral in loops)
    return float(2 * above / (abs(tree) ** 2 * tree_integral))


def mixing_asymmetry(loop_size, phase, weak_coupling=WEAK_COUPLING):
    r""":math:`\epsilon = \epsilon_0\,\alpha_w\sin\phi_2`, Eq. (2.7); 3.4e-3 for eps_0 = 0.1 and a phase of pi/2.

    Parameters
    ----------
    loop_size : float
        eps_0, up to about 0.1: depends on the spectrum, and vanishes where the cut is closed
        (`asymmetric_freeze_in_charginos.cut_is_open`).
    phase : float
        phi_2 = arg(mu m_2 sin 2 beta).
    weak_coupling : float
        alpha_w.
    """
    return loop_size * weak_coupling * np.sin(phase)


def chargino_interference(m_2, mu, sin_2_beta, coupling, *, weak_coupling=WEAK_COUPLING, w_mass=80.377):
    r"""Im(C_0 C_1^*) of Eq. (2.6), :math:`\frac{g_2}{2}m_W^2|\lambda|^2\,\mathrm{Im}(\mu^*m_2^*\sin 2\beta^*)`.

    Parameters
    ----------
    m_2, mu : complex
        Wino mass and higgsino parameter [GeV].
    sin_2_beta : complex
        sin beta cos beta may carry a phase; only that of mu m_2 sin 2 beta is physical once the bino decouples.
    coupling : complex
        lambda.
    weak_coupling : float
    w_mass : float
        [GeV].

    Returns
    -------
    float
        [GeV^4].
    """
    g_2 = np.sqrt(4 * np.pi * weak_coupling)
    return g_2 / 2 * w_mass**2 * abs(coupling) ** 2 * np.imag(np.conj(mu) * np.conj(m_2) * np.conj(sin_2_beta))


def chargino_couplings(m_2, mu, beta, coupling, *, weak_coupling=WEAK_COUPLING, w_mass=80.377):
    r"""C_0 and C_1 of Eq. (2.6) themselves, two complex numbers [GeV, GeV^3], for a real angle beta.

    .. math:: C_0 = -\sqrt2 m_W\lambda^*\sin\beta, \qquad C_1 = -\frac{g_2}{\sqrt2}\,m_2\cos\beta\,m_W\,\mu\lambda^*
    """
    g_2 = np.sqrt(4 * np.pi * weak_coupling)
    tree = -np.sqrt(2) * w_mass * np.conj(coupling) * np.sin(beta)
    loop = -g_2 / np.sqrt(2) * m_2 * np.cos(beta) * w_mass * mu * np.conj(coupling)
    return complex(tree), complex(loop)
