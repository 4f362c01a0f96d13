r"""How fast X decays: exact two bodies, through an operator of dimension seven, to a bino through an off-shell squark.

Unwin (2012), Eqs. (2.7), (3.2), (3.3) and (4.1) to (4.4). Each way is a small class with the method
``width(mass, relic_mass, visible_mass)``; its name and keys are those of a run file.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cosmology import decay_widths, units
from cosmology.errors import InputError
from cosmology.particle_input import checked_coupling, checked_positive
from cosmology.units import Quantity

CONFINEMENT_SCALE = Quantity(0.2, "GeV")
r"""Quantity : :math:`\Lambda_\mathrm{QCD}` of Unwin (2012), Eq. (4.1)."""

HYPERCHARGE_COUPLING = 0.357
"""float : g' of the Standard Model at the weak scale."""

_SMALLEST_COUPLING = 1e-30


def two_body_width(coupling, mass, relic_mass="0 GeV", visible_mass="0 GeV"):
    r"""Width of a scalar X to zeta and a Dirac fermion, of the interaction :math:`\lambda X\bar\zeta b`.

    .. math:: \Gamma = \frac{\lambda^2 m_X}{8\pi}\left[1 - \frac{(m_\zeta+m_b)^2}{m_X^2}\right]^{3/2}
        \left[1 - \frac{(m_\zeta-m_b)^2}{m_X^2}\right]^{1/2}

    Unwin (2012), Eqs. (2.7) and (4.4), have :math:`\lambda^2 m_X` times a round number; the brackets are 0.045 at 6.5,
    5 and 1 GeV.

    Parameters
    ----------
    coupling : float
        lambda, up to sqrt(4 pi).
    mass, relic_mass, visible_mass : Quantity [mass]

    Returns
    -------
    Quantity [width]

    Raises
    ------
    InputError
        A decay that is closed.
    """
    strength = checked_coupling(coupling, "coupling")
    m, first, second = _open_masses(mass, relic_mass, visible_mass)
    above = (1 - ((first + second) / m) ** 2) ** 1.5 * (1 - ((first - second) / m) ** 2) ** 0.5
    return units.attach(strength**2 * m / (8 * np.pi) * above, "width")


def estimated_lifetime(coupling, mass):
    r"""Unwin (2012), Eq. (2.7): :math:`10^{-4}\,\mathrm s\,(10^{-10}/\lambda)^2(10\,\mathrm{GeV}/m_X)`, Quantity."""
    m = checked_positive(mass, "mass", "mass")
    strength = checked_positive(coupling, "dimensionless", "coupling")
    return units.attach(units.to_internal("1e-4 s", "time") * (1e-10 / strength) ** 2 * 10 / m, "time")


def effective_coupling(coupling, scale, confinement_scale=CONFINEMENT_SCALE):
    r"""Coupling of X to zeta and a baryon from an operator of dimension seven, :math:`\lambda(\Lambda_{QCD}/M)^3`.

    Unwin (2012), Eq. (4.1). The lifetime is that of `two_body_width`; the printed Eq. (4.3) has the sign of a power of
    ten wrong, and a prefactor that is 1e12 too small.

    Parameters
    ----------
    coupling : float
    scale : Quantity [energy]
        M.
    confinement_scale : Quantity [energy]
    """
    m = checked_positive(scale, "energy", "scale")
    low = checked_positive(confinement_scale, "energy", "confinement_scale")
    return checked_coupling(coupling, "coupling") * (low / m) ** 3


def squark_width(coupling, gap, squark_mass, scale, hypercharge_coupling=HYPERCHARGE_COUPLING):
    r"""Width of X to a bino and quarks through an off-shell squark, parametric.

    .. math:: \Gamma = \frac{\lambda^2 g'^2\,\Delta m^7}{512\pi^5\,m_{\tilde q}^4 M^2}, \qquad
        \Delta m = m_X - m_\mathrm{LSP} - m_b

    Unwin (2012), Eq. (3.2). The numbers of Eq. (3.3), 5 GeV, 1.5 TeV, 1e4 GeV and 1, give 1.26e-22 GeV.

    Parameters
    ----------
    coupling : float
    gap : Quantity [energy]
        Delta m.
    squark_mass, scale : Quantity [energy]
        m of the squark, and M of the operator.
    hypercharge_coupling : float
        g'.

    Returns
    -------
    Quantity [width]
    """
    strength = checked_coupling(coupling, "coupling")
    energy = checked_positive(gap, "energy", "gap")
    squark = checked_positive(squark_mass, "energy", "squark_mass")
    m = checked_positive(scale, "energy", "scale")
    width = (strength * hypercharge_coupling) ** 2 * energy**7 / (512 * np.pi**5 * squark**4 * m**2)
    return units.attach(width, "width")


@dataclass(frozen=True)
class GivenLifetime:
    """A lifetime, whatever makes it.

    Parameters
    ----------
    lifetime : Quantity [time]
    """

    lifetime: Quantity
    kind: ClassVar[str] = "lifetime"

    def __post_init__(self):
        _store(self, "lifetime", "time")

    def width(self, mass, relic_mass, visible_mass):
        """Quantity [width]; an `InputError` if the decay is closed."""
        _open_masses(mass, relic_mass, visible_mass)
        return units.attach(1 / units.to_internal(self.lifetime, "time"), "width")

    def to_config(self):
        """Keys of a run file."""
        return {"lifetime": self.lifetime}


@dataclass(frozen=True)
class DirectDecay:
    """The interaction lambda X zeta b, see `two_body_width`.

    Parameters
    ----------
    coupling : float
    """

    coupling: float
    kind: ClassVar[str] = "direct"

    def __post_init__(self):
        _check_small(self.coupling)

    def width(self, mass, relic_mass, visible_mass):
        """Quantity [width]; an `InputError` if the decay is closed."""
        return two_body_width(self.coupling, mass, relic_mass, visible_mass)

    def to_config(self):
        """Keys of a run file."""
        return {"coupling": self.coupling}


@dataclass(frozen=True)
class OperatorDecay:
    """The same with the effective coupling of an operator of dimension seven, see `effective_coupling`.

    Parameters
    ----------
    coupling : float
    scale : Quantity [energy]
        M, above 0.2 GeV.
    """

    coupling: float
    scale: Quantity
    kind: ClassVar[str] = "operator"

    def __post_init__(self):
        _check_small(self.coupling)
        _store(self, "scale", "energy")
        if self.scale <= CONFINEMENT_SCALE:
            raise InputError(f"operator_scale = {self.scale}; it lies above {CONFINEMENT_SCALE}")

    def width(self, mass, relic_mass, visible_mass):
        """Quantity [width]; an `InputError` if the decay is closed."""
        return two_body_width(effective_coupling(self.coupling, self.scale), mass, relic_mass, visible_mass)

    def to_config(self):
        """Keys of a run file."""
        return {"coupling": self.coupling, "operator_scale": self.scale}


@dataclass(frozen=True)
class SquarkDecay:
    """Decay to a bino through an off-shell squark, see `squark_width`.

    Parameters
    ----------
    coupling : float
    scale : Quantity [energy]
    squark_mass : Quantity [energy]
    """

    coupling: float
    scale: Quantity
    squark_mass: Quantity
    kind: ClassVar[str] = "squark"

    def __post_init__(self):
        _check_small(self.coupling)
        _store(self, "scale", "energy")
        _store(self, "squark_mass", "energy")

    def width(self, mass, relic_mass, visible_mass):
        """Quantity [width]; an `InputError` if the decay is closed."""
        m, first, second = _open_masses(mass, relic_mass, visible_mass)
        return squark_width(self.coupling, units.attach(m - first - second, "energy"), self.squark_mass, self.scale)

    def to_config(self):
        """Keys of a run file."""
        return {"coupling": self.coupling, "operator_scale": self.scale, "squark_mass": self.squark_mass}


def lifetime(width):
    """Lifetime of a width, Quantity [time]."""
    return decay_widths.lifetime(width)


def _open_masses(mass, relic_mass, visible_mass):
    m = checked_positive(mass, "mass", "mass")
    products = [
        units.to_internal(one, "mass", name)
        for one, name in ((relic_mass, "relic_mass"), (visible_mass, "visible_mass"))
    ]
    if np.any(np.asarray(products[0]) < 0) or np.any(np.asarray(products[1]) < 0):
        raise InputError(f"relic_mass = {relic_mass}, visible_mass = {visible_mass}; neither is negative")
    if np.any(products[0] + products[1] >= m):
        raise InputError(
            f"mass = {mass} is not above relic_mass + visible_mass = {relic_mass} + {visible_mass}: X cannot decay; "
            "raise mass, or lower what it decays to"
        )
    return m, *products


def _check_small(coupling):
    checked_coupling(coupling, "coupling")
    if np.ndim(coupling) or coupling < _SMALLEST_COUPLING:
        raise InputError(f"coupling = {coupling}; one number from {_SMALLEST_COUPLING:g} to sqrt(4 pi) is needed")


def _store(thing, name, dimension):
    value = checked_positive(getattr(thing, name), dimension, name)
    if np.ndim(value):
        raise InputError(f"{name} = {getattr(thing, name)}; one value is needed")
    object.__setattr__(thing, name, units.quantity(getattr(thing, name), dimension, name))
