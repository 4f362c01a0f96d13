r"""The ten 2 -> 2 reactions between leptons, Higgs, chi and phi: charges, symmetric and asymmetric kernels, weights.

Integrating the squared amplitudes over the final state gives

.. math:: W(s) = \int d\Pi_3d\Pi_4\,(2\pi)^4\delta^4\,|M|^2, \qquad
    \Sigma W = S_1 s + S_2 s^2, \qquad \Delta W = D_2 s^2

for the sum of a process and its conjugate and for their difference, at leading orders in s/M^2: Asadi, Moore,
Morrissey & Shamma (2025), Eqs. (11) to (14). The kernels are those of their Table 3 and Eqs. (17) to (20) and (79) to
(82), corrected where docs/corrections.md says so. Thermal averages are Eqs. (75) and (77), with the ratio to Boltzmann
statistics as a factor.
"""

import math
from typing import NamedTuple

import numpy as np
from scipy.special import zeta

LEPTON, HIGGS, CHI, PHI = "l", "H", "chi", "phi"
FERMIONS = (LEPTON, CHI)
DARK = (CHI, PHI)


class Reaction(NamedTuple):
    """A reaction by its particles, each with +1, or -1 for the antiparticle, and by the charge it makes."""

    name: str
    initial: tuple
    final: tuple
    b_minus_l: int
    dark_lepton: int

    @property
    def self_conjugate(self):
        """Whether the reverse is the conjugate of the process itself, so that it has no rate of its own."""
        return self.final == tuple((particle, -sign) for particle, sign in self.initial)


_L, _H, _X, _P = ((particle, 1) for particle in (LEPTON, HIGGS, CHI, PHI))
_ANTI_L, _ANTI_H, _ANTI_X, _ANTI_P = ((particle, -1) for particle in (LEPTON, HIGGS, CHI, PHI))

REACTIONS = (
    Reaction("lH->l+H+", (_L, _H), (_ANTI_L, _ANTI_H), 2, 0),
    Reaction("lH->chi+phi+", (_L, _H), (_ANTI_X, _ANTI_P), 1, -1),
    Reaction("lH->chi phi", (_L, _H), (_X, _P), 1, 1),
    Reaction("chi phi->chi+phi+", (_X, _P), (_ANTI_X, _ANTI_P), 0, -2),
    Reaction("ll->H+H+", (_L, _L), (_ANTI_H, _ANTI_H), 2, 0),
    Reaction("l chi->H+phi+", (_L, _X), (_ANTI_H, _ANTI_P), 1, -1),
    Reaction("l chi+->H+phi", (_L, _ANTI_X), (_ANTI_H, _P), 1, 1),
    Reaction("l phi->H+chi+", (_L, _P), (_ANTI_H, _ANTI_X), 1, -1),
    Reaction("l phi+->H+chi", (_L, _ANTI_P), (_ANTI_H, _X), 1, 1),
    Reaction("chi chi->phi+phi+", (_X, _X), (_ANTI_P, _ANTI_P), 0, -2),
)
"""tuple of Reaction : Table 2; the first four make asymmetries, all wash them out."""

IDENTICAL = ("ll->H+H+", "chi chi->phi+phi+")


class Kernels(NamedTuple):
    """Kernels by name of the reaction, with flavour axes i, or i and j, after those of the points."""

    s1: dict
    s2: dict
    d2: dict


def kernels(sums):
    """Symmetric and asymmetric kernels per flavour.

    Parameters
    ----------
    sums : CouplingSums

    Returns
    -------
    Kernels
        `s1` [GeV^-2] and `s2` [GeV^-4] of all reactions, `d2` [GeV^-4] of the four that make asymmetries.
    """
    a, a3, b, b3, c, c3, d = sums
    aa, aa3 = np.abs(a) ** 2, np.real(a3 * np.conj(a))
    bb, bb3 = np.abs(b) ** 2, np.real(b3 * np.conj(b))
    cc, cc3 = np.abs(c) ** 2, np.real(c3 * np.conj(c))
    dd, none = np.abs(d) ** 2, np.zeros(np.shape(c))
    per_4_pi = {  # Table 3; the sign of s2 for ll->H+H+ is that of its twin chi chi->phi+phi+
        "lH->l+H+": (6 * aa, 4 * aa3),
        "lH->chi+phi+": (cc, 2 * cc3),
        "lH->chi phi": (none, dd),
        "chi phi->chi+phi+": (2 * bb, 4 / 3 * bb3),
        "ll->H+H+": (3 * aa, -3 * aa3),
        "l chi->H+phi+": (2 * cc, -2 * cc3),
        "l chi+->H+phi": (none, dd / 3),
        "l phi->H+chi+": (cc, -2 / 3 * cc3),
        "l phi+->H+chi": (none, dd),
        "chi chi->phi+phi+": (bb, -bb3),
    }
    ac = np.einsum("...ik,...k->...i", a, np.conj(c))
    ad = np.einsum("...ik,...k->...i", a, np.conj(d))
    cd = np.einsum("...i,...j->...ij", c, d)
    cd = cd + np.swapaxes(cd, -1, -2)
    b = np.asarray(b)[..., np.newaxis]
    d2 = {
        "lH->l+H+": 3 * np.imag(np.conj(a) * cd),
        "lH->chi+phi+": np.imag(np.conj(c) * (3 * ad + 2 * d * b)),
        "lH->chi phi": np.imag(np.conj(d) * (3 * ac + 2 * c * np.conj(b))),
        "chi phi->chi+phi+": 4 * np.imag(np.conj(b[..., 0]) * np.sum(c * np.conj(d), axis=-1)),
    }
    return Kernels(
        s1={name: first / (4 * np.pi) for name, (first, _) in per_4_pi.items()},
        s2={name: second / (4 * np.pi) for name, (_, second) in per_4_pi.items()},
        d2={name: value / (64 * np.pi**2) for name, value in d2.items()},
    )


def summed(values, name):
    """Kernel of a reaction summed over its flavours: two axes for two leptons, none without leptons."""
    axes = tuple(range(-_lepton_axes(name), 0))
    return np.sum(values, axis=axes) if axes else values


def unitarity_sums(d2):
    """Left sides of Eqs. (22), for each flavour, and (23), which unitarity and CPT make zero."""
    visible = np.sum(d2["lH->l+H+"], axis=-1) + d2["lH->chi+phi+"] + d2["lH->chi phi"]
    dark = d2["chi phi->chi+phi+"] + np.sum(d2["lH->chi+phi+"] - d2["lH->chi phi"], axis=-1)
    return visible, dark


def transfer_integral(k, first, second):
    r"""Integral over two massless initial states at temperatures T_1, T_2, Eq. (75).

    .. math:: I_k = \int d\Pi_1d\Pi_2\,s^ke^{-E_1/T_1-E_2/T_2} = \frac{k!(k+1)!\,4^k}{(2\pi)^4}(T_1T_2)^{k+2}
    """
    return math.factorial(k) * math.factorial(k + 1) * 4.0**k / (2 * np.pi) ** 4 * (first * second) ** (k + 2)


def energy_integral(k, temperature):
    r"""The same with their energy, Eq. (77): :math:`J_k = k!(k+2)!\,2^{2k+1}T^{2k+5}/(2\pi)^4`."""
    number = math.factorial(k) * math.factorial(k + 2) * 2.0 ** (2 * k + 1)
    return number / (2 * np.pi) ** 4 * temperature ** (2 * k + 5)


def moment(particle, k, statistics):
    r"""Ratio of :math:`\int E^{k+1}f\,dE` to its value with Boltzmann statistics.

    It is :math:`\zeta(k+2)` for bosons and :math:`(1 - 2^{-k-1})\zeta(k+2)` for fermions.
    """
    if statistics == "boltzmann":
        return 1.0
    return float(zeta(k + 2)) * (1 - 2.0 ** (-k - 1) if particle in FERMIONS else 1.0)


def rate_factor(pair, k, statistics):
    """Quantum over Boltzmann statistics for `transfer_integral`: 1.084 and 1.025 for lH at k = 1 and 2."""
    return moment(pair[0], k, statistics) * moment(pair[1], k, statistics)


def energy_factor(pair, k, statistics):
    """The same for `energy_integral`, whose energy belongs to either particle equally."""
    first, second = pair
    one = moment(first, k + 1, statistics) * moment(second, k, statistics)
    other = moment(first, k, statistics) * moment(second, k + 1, statistics)
    return (one + other) / 2


def response_factor(particle, partner, k, statistics):
    """The same for the response to the first particle's chemical potential, -df/dE in place of f."""
    return moment(particle, k - 1, statistics) * moment(partner, k, statistics)


def _lepton_axes(name):
    return {"lH->l+H+": 2, "ll->H+H+": 2, "chi phi->chi+phi+": 0, "chi chi->phi+phi+": 0}.get(name, 1)
