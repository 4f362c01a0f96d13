r"""Charginos and neutralinos of the supersymmetric realisation: mixing, widths to X, and which cuts are open.

The superpotential :math:`\lambda LH_uX` gives :math:`\lambda(\nu\tilde h_u^0 - l\tilde h_u^+)\phi_X`, so widths go with
the up-higgsino part of each state. The lightest superpartner makes no asymmetry: there is no lighter odd state in its
loop. Hall, March-Russell & West (2010), Sect. 2.
"""

import numpy as np

from cosmology import units
from cosmology.errors import InputError
from cosmology.particle_input import checked_positive

W_MASS, Z_MASS, WEAK_ANGLE = 80.377, 91.1876, 0.2312
"""float : masses [GeV] and sin^2 of the weak angle, Particle Data Group 2022."""


def chargino_matrix(m_2, mu, beta):
    r"""Mass matrix of (wino, higgsino) [GeV], complex ndarray (2, 2).

    .. math:: \begin{pmatrix} m_2 & \sqrt2m_W\sin\beta \\ \sqrt2m_W\cos\beta & \mu\end{pmatrix}

    Parameters
    ----------
    m_2, mu : complex
        [GeV].
    beta : float
    """
    wall = np.sqrt(2) * W_MASS
    return np.array([[m_2, wall * np.sin(beta)], [wall * np.cos(beta), mu]], dtype=complex)


def chargino_mixing(matrix):
    r"""Masses, U and V with :math:`U^*MV^\dagger = \mathrm{diag}(m_1, m_2)`, masses ascending.

    Returns
    -------
    masses : ndarray (2,)
    first, second : ndarray (2, 2)
        U and V; the up-higgsino part of state a is V[a, 1].
    """
    left, values, right = np.linalg.svd(np.asarray(matrix, dtype=complex))
    return values[::-1], left.T[::-1], right[::-1]


def neutralino_matrix(m_1, m_2, mu, beta):
    """Mass matrix of (bino, wino, down higgsino, up higgsino) [GeV], complex symmetric ndarray (4, 4)."""
    sine, cosine = np.sqrt(WEAK_ANGLE), np.sqrt(1 - WEAK_ANGLE)
    s_b, c_b = np.sin(beta) * Z_MASS, np.cos(beta) * Z_MASS
    mixed = np.array([[-sine * c_b, sine * s_b], [cosine * c_b, -cosine * s_b]])
    matrix = np.zeros((4, 4), dtype=complex)
    matrix[:2, :2] = np.diag([m_1, m_2])
    matrix[:2, 2:], matrix[2:, :2] = mixed, mixed.T
    matrix[2, 3] = matrix[3, 2] = -mu
    return matrix


def takagi(matrix):
    r"""Masses and N with :math:`N^*MN^\dagger = \mathrm{diag}(m_i)` of a complex symmetric matrix, masses ascending.

    Raises
    ------
    InputError
        A matrix that is not symmetric.
    """
    matrix = np.asarray(matrix, dtype=complex)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not np.allclose(matrix, matrix.T, rtol=1e-12):
        raise InputError("matrix: a symmetric one is needed; Majorana masses are")
    # The real form [[Re, -Im], [-Im, -Re]] has the eigenvalues +-m_i, also where masses are equal
    size = len(matrix)
    real = np.block([[matrix.real, -matrix.imag], [-matrix.imag, -matrix.real]])
    values, vectors = np.linalg.eigh(real)
    columns = vectors[:size, size:] + 1j * vectors[size:, size:]  # M v = m v*
    return values[size:], columns.T.conj()


def higgsino_width(coupling, part, mass, scalar_mass="0 GeV"):
    r"""Width of a chargino or neutralino to a lepton and phi_X; Quantity [width].

    .. math:: \Gamma(\chi_a\to l\phi_X) = \frac{|\lambda|^2|V_{a2}|^2m_a}{32\pi}
        \left(1 - \frac{m_\phi^2}{m_a^2}\right)^2

    For a neutralino with N_{a4}; there the sum of both final states is twice that.

    Parameters
    ----------
    coupling : complex
        lambda.
    part : complex
        V_{a2} or N_{a4}.
    mass, scalar_mass : Quantity [mass]
        m_a and m_phi; zero if the decay is closed.
    """
    m = checked_positive(mass, "mass", "mass")
    ratio = units.to_internal(scalar_mass, "mass", "scalar_mass") / m
    above = np.maximum(1 - ratio**2, 0) ** 2
    return units.attach(abs(coupling) ** 2 * np.abs(part) ** 2 * m / (32 * np.pi) * above, "width")


def cut_is_open(chargino_mass, neutralino_mass, *, boson_mass=W_MASS):
    """Whether a chargino decays to W and a neutralino, without which the loop of Eq. (2.7) has no absorptive part."""
    heavy = checked_positive(chargino_mass, "mass", "chargino_mass")
    return bool(heavy > checked_positive(neutralino_mass, "mass", "neutralino_mass") + boson_mass)


def mixing_phase(m_2, mu, beta):
    """phi_2 = arg(mu m_2 sin 2 beta), the only phase of the charginos that is physical; float."""
    return float(np.angle(mu * m_2 * np.sin(2 * beta)))
