r"""Widths of slow decays B' -> anti-L' + partners through heavy operators: estimates, light limit, exact three bodies.

Symbols as in Hardy, Lasenby & Unwin (2014), arXiv:1402.4500: parent B', daughter L', splitting
:math:`\Delta m = m_{B'} - m_{L'}`, q the four-momentum of all partners together, :math:`\Lambda` the operator's scale.
"""

from dataclasses import dataclass

import numpy as np

from cosmology import units
from cosmology.errors import InputError
from cosmology.particle_input import checked_coupling, checked_masses, checked_positive
from cosmology.phase_space import pair_velocity

LIGHT_WIDTH = 8 / 15 / (4 * np.pi) ** 3
r"""Width over :math:`\Delta m^5/\Lambda^4` for massless partners and a small splitting: Eq. (A.5)."""

PARAMETRIC_PREFACTORS = {"paper": 4 * np.pi, "derived": 7.5 * np.pi}
"""dict : what stands before M^4/(alpha^2 Dm^5) in the lifetime, as printed in Eq. (2.3), and as Eq. (A.5) gives it."""

_QUADRATURE_NODES = 200
_LARGEST_POWER = 20


def proton_lifetime(unification_scale, unification_coupling=1 / 40, proton_mass="0.93827208943 GeV"):
    r"""Lifetime of the proton in a grand unified theory, the model of all slow decays here.

    .. math:: \tau_p \sim \frac{M_\mathrm{GUT}^4}{\alpha_\mathrm{GUT}^2\, m_p^5}

    An estimate (Hardy, Lasenby & Unwin 2014, Eq. (2.2)); for :math:`10^{16}` GeV and 1/40 it is 4.6e35 yr.

    Parameters
    ----------
    unification_scale : Quantity [energy]
    unification_coupling : float
        :math:`\alpha_\mathrm{GUT}`, between 0 and 1.
    proton_mass : Quantity [mass]

    Returns
    -------
    Quantity [time]
    """
    scale = checked_positive(unification_scale, "energy", "unification_scale")
    alpha = _checked_alpha(unification_coupling, "unification_coupling")
    return units.attach(scale**4 / (alpha**2 * checked_positive(proton_mass, "mass", "proton_mass") ** 5), "time")


def parametric_lifetime(mediator_mass, coupling, splitting, prefactor="derived"):
    r"""Lifetime of B' from the mediator's mass and coupling.

    .. math:: \tau_{B'} = C\,\frac{M^4}{\alpha^2\,\Delta m^5}

    Parameters
    ----------
    mediator_mass : Quantity [mass]
    coupling : float
        :math:`\alpha = y_1 y_2/4\pi`, between 0 and 1.
    splitting : Quantity [energy]
    prefactor : str
        ``"derived"``, :math:`C = 15\pi/2`: what Eq. (A.5) gives with :math:`1/\Lambda^2 = y_1 y_2/M^2`.
        ``"paper"``, :math:`C = 4\pi` as printed in Eq. (2.3), an order of magnitude: 1.875 times shorter.

    Returns
    -------
    Quantity [time]
    """
    if prefactor not in PARAMETRIC_PREFACTORS:
        raise InputError(f"prefactor = {prefactor!r}; choose one of {', '.join(map(repr, PARAMETRIC_PREFACTORS))}")
    mass = checked_positive(mediator_mass, "mass", "mediator_mass")
    alpha = _checked_alpha(coupling, "coupling")
    gap = checked_positive(splitting, "energy", "splitting")
    return units.attach(PARAMETRIC_PREFACTORS[prefactor] * mass**4 / (alpha**2 * gap**5), "time")


def parametric_width(splitting, scale, suppression=2):
    r"""Estimate :math:`\Gamma \sim \Delta m^{2k+1}/\Lambda^{2k}` for an operator of dimension 4 + k.

    Hardy, Lasenby & Unwin (2014), Eq. (A.1) for k = 2. Phase space is left out: for three bodies the width is smaller
    by 2.7e-4, see `light_width`.

    Parameters
    ----------
    splitting, scale : Quantity [energy]
    suppression : int
        k, from 1.

    Returns
    -------
    Quantity [width]
    """
    if isinstance(suppression, bool) or not isinstance(suppression, (int, np.integer)) or suppression < 1:
        raise InputError(f"suppression = {suppression!r}; the operator has dimension 4 + k with a whole k from 1")
    gap = checked_positive(splitting, "energy", "splitting")
    return units.attach(gap * (gap / checked_positive(scale, "energy", "scale")) ** (2 * suppression), "width")


def operator_scale(mediator_mass, first_coupling, second_coupling):
    r"""Scale of the operator left by a heavy mediator, :math:`\Lambda = m_\phi/\sqrt{y_1 y_2}`, Quantity [energy].

    Hardy, Lasenby & Unwin (2014), Sect. 4.1. Each coupling is at most :math:`\sqrt{4\pi}`.
    """
    mass = checked_positive(mediator_mass, "mass", "mediator_mass")
    first = checked_coupling(first_coupling, "first_coupling")
    return units.attach(mass / np.sqrt(first * checked_coupling(second_coupling, "second_coupling")), "energy")


def light_width(splitting, scale):
    r"""Width of B' -> anti-L' N1 N2 for massless N and a splitting far below the masses.

    .. math:: \Gamma = \frac{1}{4\pi m_{B'}}\int_0^{\Delta m^2}\!\mathrm dq^2\,\frac{1}{4\pi}
              \frac{\sqrt{\Delta m^2 - q^2}}{m_{B'}}\,\frac{1}{8\pi}\,\frac{4 m_{B'}^2 q^2}{\Lambda^4}
              = \frac{8}{15}\,\frac{1}{(4\pi)^3}\,\frac{\Delta m^5}{\Lambda^4}

    Hardy, Lasenby & Unwin (2014), Eqs. (A.4) and (A.5). `three_body_width` has no such limits: at a splitting of one
    tenth of the daughter's mass this one is 15 per cent too large.

    Parameters
    ----------
    splitting, scale : Quantity [energy]

    Returns
    -------
    Quantity [width]
    """
    gap = checked_positive(splitting, "energy", "splitting")
    return units.attach(LIGHT_WIDTH * gap * (gap / checked_positive(scale, "energy", "scale")) ** 4, "width")


def scale_for_width(width, splitting):
    """Scale of the operator that gives a width in the light limit, the inverse of `light_width`, Quantity [energy]."""
    gap = checked_positive(splitting, "energy", "splitting")
    return units.attach(gap * (LIGHT_WIDTH * gap / checked_positive(width, "width", "width")) ** 0.25, "energy")


@dataclass(frozen=True)
class ScalarBilinearAmplitude:
    r"""Squared amplitude of the operator :math:`(B'L')(N_1^\dagger N_2^\dagger)/\Lambda^2`, both chiralities of B' L'.

    .. math:: \overline{|A|^2} = \left[(m_{B'} + m_{L'})^2 - q^2\right]\left(q^2 - M_1^2 - M_2^2\right)/\Lambda^4

    averaged over the spin of B'; our trace of the operator of Hardy, Lasenby & Unwin (2014), Sect. 4.1. They use its
    limit of small splitting, `LightScalarAmplitude`.

    Parameters
    ----------
    scale : Quantity [energy]
        :math:`\Lambda`.
    """

    scale: units.Quantity

    def __post_init__(self):
        checked_positive(self.scale, "energy", "scale")
        object.__setattr__(self, "scale", units.quantity(self.scale, "energy", "scale"))

    def _squared(self, q2, parent, daughter, partners):
        """Squared amplitude, dimensionless, at q^2 [GeV^2]."""
        partner_term = q2 - sum(mass**2 for mass in partners)
        return ((parent + daughter) ** 2 - q2) * partner_term / units.to_internal(self.scale, "energy") ** 4


@dataclass(frozen=True)
class LightScalarAmplitude(ScalarBilinearAmplitude):
    r"""The same for a small splitting and massless partners, :math:`4 m_{B'}^2 q^2/\Lambda^4`: above Eq. (A.4)."""

    def _squared(self, q2, parent, daughter, partners):
        return 4 * parent**2 * q2 / units.to_internal(self.scale, "energy") ** 4


@dataclass(frozen=True)
class PowerAmplitude:
    r"""Squared amplitude :math:`(q^2/\mathrm{GeV}^2)^k`: the shape alone, for kick spectra.

    Parameters
    ----------
    power : float
        k: 0 is phase space, 1 the scalar bilinear with a small splitting, 2 two photons through :math:`F^2`.
    """

    power: float = 0.0

    def __post_init__(self):
        power = units.to_internal(self.power, "dimensionless", "power")
        if not 0 <= power <= _LARGEST_POWER:
            raise InputError(f"power = {self.power}; (q^2)^k needs k between 0 and {_LARGEST_POWER}")
        object.__setattr__(self, "power", float(power))

    def _squared(self, q2, parent, daughter, partners):
        return q2**self.power


def differential_width(q2, parent_mass, daughter_mass, amplitude, partner_masses=("0 GeV", "0 GeV")):
    r"""Width per q^2 of a three-body decay whose amplitude depends on q^2 alone.

    .. math:: \frac{\mathrm d\Gamma}{\mathrm dq^2} = \frac{1}{2 m_{B'}}\,\frac{1}{2\pi}\,\frac{|p|}{4\pi m_{B'}}\,
              \frac{\beta_N}{8\pi}\,\overline{|A|^2}

    Hardy, Lasenby & Unwin (2014), Eq. (A.3) with both solid angles integrated;
    :math:`|p| = \sqrt{(\Delta m^2 - q^2)((m_{B'}+m_{L'})^2 - q^2)}/2m_{B'}` is the momentum of L' and
    :math:`\beta_N = \lambda^{1/2}(q^2, M_1^2, M_2^2)/q^2`.

    Parameters
    ----------
    q2 : Quantity [energy^2], any shape
        Squared mass of the two partners together.
    parent_mass, daughter_mass : Quantity [mass]
    amplitude : ScalarBilinearAmplitude, LightScalarAmplitude or PowerAmplitude
    partner_masses : pair of Quantity [mass]

    Returns
    -------
    Quantity [1/energy], shape of `q2`; zero outside the allowed range
    """
    parent, daughter, partners = checked_decay(parent_mass, daughter_mass, partner_masses, 2)
    gev = units.attach(1.0, "energy")
    squared = units.to_internal(units.quantity(q2 / gev, "energy", "q2 / GeV"), "energy")
    low, high = sum(partners) ** 2, (parent - daughter) ** 2
    inside = (squared > low) & (squared < high)
    safe = np.where(inside, squared, 0.5 * (low + high))
    per_q2 = np.where(inside, _width_per_q2(safe, high - safe, safe - low, parent, daughter, partners, amplitude), 0.0)
    return per_q2 / gev


def three_body_width(parent_mass, daughter_mass, amplitude, partner_masses=("0 GeV", "0 GeV")):
    r"""Width of B' -> anti-L' N1 N2 with exact kinematics.

    The integral of `differential_width` from :math:`(M_1+M_2)^2` to :math:`\Delta m^2`. In
    :math:`q^2 = q^2_+ - (q^2_+ - q^2_-)\sin^2\theta` both square roots at the ends are smooth.

    Parameters
    ----------
    parent_mass, daughter_mass : Quantity [mass]
    amplitude : ScalarBilinearAmplitude, LightScalarAmplitude or PowerAmplitude
    partner_masses : pair of Quantity [mass]
        Together lighter than the splitting.

    Returns
    -------
    Quantity [width]

    Raises
    ------
    InputError
        The decay is closed.
    """
    parent, daughter, partners = checked_decay(parent_mass, daughter_mass, partner_masses, 2)
    low, high = sum(partners) ** 2, (parent - daughter) ** 2
    x, w = np.polynomial.legendre.leggauss(_QUADRATURE_NODES)
    theta, w = 0.25 * np.pi * (1 + x), 0.25 * np.pi * w
    sine, cosine = np.sin(theta), np.cos(theta)
    below_top, above_bottom = (high - low) * sine**2, (high - low) * cosine**2
    rate = _width_per_q2(low + above_bottom, below_top, above_bottom, parent, daughter, partners, amplitude)
    return units.attach(np.sum(w * rate * 2 * (high - low) * sine * cosine), "width")


def lifetime(width):
    """Lifetime 1/Gamma of a width, Quantity [time]."""
    return units.attach(1 / checked_positive(width, "width", "width"), "time")


def checked_decay(parent_mass, daughter_mass, partner_masses, count=None):
    """Masses [GeV] of an open decay: parent, daughter, tuple of partners; or an `InputError`."""
    parent, daughter = checked_masses(parent_mass, daughter_mass)
    partners = tuple(units.to_internal(mass, "mass", "partner_masses") for mass in partner_masses)
    if any(np.ndim(mass) for mass in (parent, daughter, *partners)):
        raise InputError("a decay has one mass per particle; make one per set of masses")
    if count is not None and len(partners) != count:
        raise InputError(f"partner_masses has {len(partners)} entries; this decay has {count} partners")
    if any(mass < 0 for mass in partners):
        raise InputError(f"partner_masses = {partner_masses}; a mass is zero or positive")
    if sum(partners) >= parent - daughter:
        raise InputError(
            f"partners of {sum(partners):.6g} GeV together are too heavy for a splitting of {parent - daughter:.6g} "
            "GeV, so this decay is closed; make them lighter, or the splitting larger"
        )
    return parent, daughter, partners


def _width_per_q2(q2, below_top, above_bottom, parent, daughter, partners, amplitude):
    momentum = np.sqrt(below_top * ((parent + daughter) ** 2 - q2)) / (2 * parent)
    pair = pair_velocity(q2, above_bottom, *partners)
    flux = momentum / (4 * np.pi * parent) * pair / (8 * np.pi)
    return flux * amplitude._squared(q2, parent, daughter, partners) / (4 * np.pi * parent)


def _checked_alpha(value, name):
    alpha = units.to_internal(value, "dimensionless", name)
    if np.any(np.asarray(alpha) <= 0) or np.any(np.asarray(alpha) > 1):
        raise InputError(f"{name} = {value}; a fine-structure constant above 0 and up to 1 is needed")
    return alpha
