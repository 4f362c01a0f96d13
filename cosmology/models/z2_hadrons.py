r"""Dark hadrons: masses, binding of the dark deuteron, the dark proton's decay, and when dark nuclei could form.

Bodas, Buen-Abad, Hook & Sundrum (2024), Eqs. (35) to (42). Quark masses are sums of Yukawa couplings times v', hadrons
scale with Lambda'. Numbers are in powers of GeV; everything takes arrays, and no combination of couplings is refused,
so that planes can be drawn.
"""

from dataclasses import dataclass

import numpy as np

from cosmology import constants
from cosmology.errors import InputError
from cosmology.models.z2_inputs import (
    CHARGED_PION_MASS,
    DEUTERON_BINDING,
    DOWN_YUKAWA,
    ELECTRON_MASS,
    NEUTRAL_PION_MASS,
    NEUTRON_LIFETIME,
    NEUTRON_MASS,
    NUCLEON_SPLITTING,
    UP_YUKAWA,
    VEV,
)

QUARK_SPLITTING = 2.3e-3
"""float : m_n - m_p from quark masses [GeV]."""
CHARGE_SPLITTING = 1e-3
"""float : m_p - m_n from the electric field [GeV]."""
BOTTLENECK = 20.0
"""float : E_D/T at which deuterium stops being broken up at once."""
NO_DINEUTRON = 0.2
r"""float : largest :math:`m_{\pi'}/m_{n'}`, Eq. (42)."""
BOTTLENECK_G = 10.75
PIONS = {"neutral": NEUTRAL_PION_MASS, "charged": CHARGED_PION_MASS}
"""dict : which pion is rescaled -> its mass [GeV]."""

_NODES = np.polynomial.legendre.leggauss(64)
_CLOSE = 1.05


def phase_space(x):
    r"""Phase space of beta decay, :math:`f_p(x) = \int_1^x\epsilon\sqrt{\epsilon^2-1}\,(x-\epsilon)^2d\epsilon`.

    .. math:: f_p = \frac{2x^4-9x^2-8}{60}\sqrt{x^2-1} + \frac x4\ln(x+\sqrt{x^2-1})

    which below x = 1.05 is a difference of large terms: there the integral is done. No Coulomb or radiative correction.

    Parameters
    ----------
    x : float or ndarray
        Splitting over the electron's mass.

    Returns
    -------
    float or ndarray
        0 for a closed decay, x of 1 or less.
    """
    x = np.asarray(x, dtype=float)
    far = np.maximum(x, _CLOSE)
    root = np.sqrt(far**2 - 1)
    closed = (2 * far**4 - 9 * far**2 - 8) / 60 * root + far / 4 * np.log(far + root)
    beyond = np.clip(x - 1, 0.0, _CLOSE - 1)[..., None]
    # energy 1 + beyond s^2, in which the square root is smooth
    node, weight = _NODES
    s = (node + 1) / 2
    energy = beyond * s**2
    near = (1 + energy) * np.sqrt(energy * (2 + energy)) * (beyond - energy) ** 2 * beyond * s * weight
    found = np.where(x < _CLOSE, near.sum(axis=-1), closed)
    return np.where(x > 1, found, 0.0)[()]


@dataclass(frozen=True)
class DarkHadrons:
    """Hadrons of a dark sector; floats or arrays that broadcast.

    Parameters
    ----------
    scale : float or ndarray
        r_v = v'/v.
    confinement_ratio : float or ndarray
        r_L = Lambda'/Lambda.
    up, down : float or ndarray
        Dark Yukawa couplings y'_u and y'_d.
    electron_ratio : float
        y'_e/y_e.
    pion : {"neutral", "charged"}
        Which pion mass is rescaled.
    """

    scale: float
    confinement_ratio: float
    up: float
    down: float
    electron_ratio: float = 1.0
    pion: str = "neutral"

    def __post_init__(self):
        if self.pion not in PIONS:
            raise InputError(f"pion = {self.pion!r}; choose one of {', '.join(map(repr, PIONS))}")

    @property
    def sum_ratio(self):
        """float : (y'_u + y'_d)/(y_u + y_d)."""
        return (self.up + self.down) / (UP_YUKAWA + DOWN_YUKAWA)

    @property
    def neutron_mass(self):
        """float : of the dark neutron, r_L m_n [GeV]."""
        return self.confinement_ratio * NEUTRON_MASS

    @property
    def pion_mass(self):
        r"""float : :math:`m_{\pi'} = m_\pi\sqrt{r_vr_L(y'_u+y'_d)/(y_u+y_d)}` [GeV]."""
        return PIONS[self.pion] * np.sqrt(self.sum_ratio * self.scale * self.confinement_ratio)

    @property
    def pion_ratio(self):
        r"""float : :math:`m_{\pi'}/m_{n'}` of Eq. (42)."""
        return self.pion_mass / self.neutron_mass

    @property
    def electron_mass(self):
        """float : of the dark electron [GeV]."""
        return ELECTRON_MASS * self.scale * self.electron_ratio

    @property
    def quark_splitting(self):
        """float : part of m_p' - m_n' from quark masses [GeV], with its sign."""
        return QUARK_SPLITTING * (self.up - self.down) / (DOWN_YUKAWA - UP_YUKAWA) * self.scale

    @property
    def splitting(self):
        """float : m_p' - m_n' [GeV], positive if the dark neutron is the lighter one."""
        return self.quark_splitting + CHARGE_SPLITTING * self.confinement_ratio

    @property
    def deuteron_binding(self):
        """float : E_D' [GeV], Eqs. (35) and (36): E_D times (y'_u + y'_d)v'/(y_u + y_d)v."""
        return DEUTERON_BINDING * self.sum_ratio * self.scale

    @property
    def bottleneck_temperature(self):
        """float : dark T'_D = E_D'/20 [GeV], Eq. (37)."""
        return self.deuteron_binding / BOTTLENECK

    @property
    def proton_lifetime(self):
        r"""float : of p' to n' [1/GeV], Eq. (40); infinite where the decay is closed.

        .. math:: \frac{\tau_{p'}}{\tau_n} = \frac v{v'}\left(\frac{y_e}{y'_e}\right)^5
            \frac{f_p(\Delta m/m_e)}{f_p(\Delta m'/m_{e'})}
        """
        return NEUTRON_LIFETIME * self.lifetime_ratio

    @property
    def lifetime_ratio(self):
        """float : tau_p'/tau_n."""
        dark = np.asarray(phase_space(self.splitting / self.electron_mass))
        ours = phase_space(NUCLEON_SPLITTING / ELECTRON_MASS)
        with np.errstate(divide="ignore"):
            return (ours / dark / self.scale / self.electron_ratio**5)[()]

    @property
    def self_scattering(self):
        r"""float : :math:`\sigma/m = \pi/(m_{\pi'}^2m_{n'})` [GeV^-3]."""
        return np.pi / (self.pion_mass**2 * self.neutron_mass)

    def late_decay(self, temperature_ratio, g=BOTTLENECK_G):
        r"""tau_p' H at the visible temperature T'_D/xi: above 1 dark protons are there when nuclei could form.

        Eqs. (38) and (39) with the exact 1/H, 1.48 s at 1 MeV.

        Parameters
        ----------
        temperature_ratio : float
            xi = T'/T.
        g : float
            Degrees of freedom of the visible bath.
        """
        hot = self.bottleneck_temperature / temperature_ratio
        rate = np.pi * np.sqrt(g / 90) * hot**2 / constants.REDUCED_PLANCK_MASS
        return self.proton_lifetime * rate

    def estimated_late_decay(self, temperature_ratio, prefactor=0.015):
        r"""Eq. (41), :math:`0.015\,(v'/\mathrm{TeV})^4(30\,\mathrm{MeV}/\Delta m')^5(T_D'/\mathrm{MeV})^2`.

        Infinite where the splitting is not positive; the paper takes its absolute value.
        """
        hot = self.bottleneck_temperature / temperature_ratio
        apart = np.asarray(self.splitting)
        with np.errstate(divide="ignore"):
            fast = np.where(apart > 0, (0.03 / np.where(apart > 0, apart, 1.0)) ** 5, np.inf)
        return (prefactor * (np.asarray(self.scale) * VEV / 1000) ** 4 * fast * (hot / 1e-3) ** 2)[()]


def smallest_asymmetry(sum_ratio, scale, confinement_ratio, temperature_ratio, binding=20 * 0.11e-3, prefactor=0.015):
    r"""Smallest (y'_u - y'_d)/(y_u + y_d) that Eq. (41) allows: the dashed line of Fig. 5.

    Parameters
    ----------
    sum_ratio : float or ndarray
        (y'_u + y'_d)/(y_u + y_d).
    scale, confinement_ratio, temperature_ratio : float
        r_v, r_L and xi.
    binding : float
        E_D [GeV].
    prefactor : float
    """
    hot = np.asarray(sum_ratio) * scale * binding / BOTTLENECK / temperature_ratio
    needed = 0.03 * (prefactor * (scale * VEV / 1000) ** 4 * (hot / 1e-3) ** 2) ** 0.2
    quarks = needed - CHARGE_SPLITTING * confinement_ratio
    return quarks / (QUARK_SPLITTING * scale) * (DOWN_YUKAWA - UP_YUKAWA) / (UP_YUKAWA + DOWN_YUKAWA)


def largest_sum(scale, confinement_ratio, pion="neutral", limit=NO_DINEUTRON):
    """Largest (y'_u + y'_d)/(y_u + y_d) without bound dineutrons, Eq. (42): the solid line of Fig. 5."""
    return (limit * NEUTRON_MASS / PIONS[pion]) ** 2 * confinement_ratio / scale
