r"""How L' annihilates with anti-L': three channels with one set of questions.

Each answers: strength and shape of the thermal average for freeze-out, <sigma v> at rest (the CMB) and in a halo, and
the potential in which dark matter scatters. Symbols as in Hardy, Lasenby & Unwin (2014), arXiv:1402.4500, Sects. 3.2
and 3.3.
"""

from dataclasses import dataclass

import numpy as np

from cosmology import units
from cosmology.annihilation import SommerfeldAnnihilation, VectorPairAnnihilation, vector_coupling
from cosmology.errors import InputError
from cosmology.limits.base import fraction
from cosmology.particle_input import checked_coupling, checked_positive
from cosmology.pseudoscalar import WIDTHS, YUKAWAS, PseudoscalarResonance
from cosmology.self_scattering import YukawaScattering
from cosmology.thermal_shape import ThermalShape
from cosmology.units import Quantity

FINAL_STATES = {
    "mumu": ("mumu", "mumu"),
    "ee": ("ee", "ee"),
    "tautau": (None, "tautau"),
    "bb": (None, "bb"),
    "VV->4mu": ("VV->4mu", None),
    "VV->4e": ("VV->4e", None),
    "hidden": (None, None),
}
"""dict : what annihilation ends in -> (channel with a known f_eff for the CMB, channel with a table for dwarfs)."""

PARENT_ANNIHILATION = ("same", "complete")
"""tuple of str : B' and anti-B' annihilate as L' do, or something else removes all anti-B'."""

ENHANCEMENTS = ("none", "hulthen")
"""tuple of str : tree level, or with the Sommerfeld factor of a Hulthen potential."""


class Channel:
    """What the channels have in common."""

    coupling = None
    mediator_mass = None

    def _check_common(self):
        if self.final_state not in FINAL_STATES:
            raise InputError(f"final_state = {self.final_state!r}; known are {', '.join(FINAL_STATES)}")
        if self.parent_annihilation not in PARENT_ANNIHILATION:
            raise InputError(
                f"parent_annihilation = {self.parent_annihilation!r}; known are {', '.join(PARENT_ANNIHILATION)}"
            )
        if self.f_eff is not None:
            object.__setattr__(self, "f_eff", fraction(self.f_eff, "f_eff"))

    @property
    def cmb_channel(self):
        """Channel whose f_eff is known, or None."""
        return FINAL_STATES[self.final_state][0]

    @property
    def dwarf_channel(self):
        """Channel for which dwarf galaxies have a published limit, or None."""
        return FINAL_STATES[self.final_state][1]

    def potential(self, mass, force):
        """Potential of scattering, a `YukawaScattering`, or None where it is not known."""
        return None


@dataclass(frozen=True, kw_only=True)
class ConstantAnnihilation(Channel):
    r"""An s-wave of given strength :math:`\sigma_0`, whatever makes it: the axis of the paper's Fig. 2.

    Parameters
    ----------
    sigma_v : Quantity [volume/time]
        Of one L' with one anti-L'.
    final_state : str
        One of `FINAL_STATES`.
    f_eff : float
        Share of the energy that heats the gas before recombination is over, for final states without a known one.
    parent_annihilation : {"same", "complete"}
        See `PARENT_ANNIHILATION`.
    """

    sigma_v: Quantity
    final_state: str = "mumu"
    f_eff: float | None = None
    parent_annihilation: str = "same"

    kind = "constant"
    depends_on_speed = False

    def __post_init__(self):
        sigma = checked_positive(self.sigma_v, "sigma_v", "sigma_v")
        if np.ndim(sigma):
            raise InputError(f"sigma_v = {self.sigma_v}; one value is needed")
        object.__setattr__(self, "sigma_v", units.attach(sigma, "sigma_v"))
        self._check_common()

    def thermal(self, mass, other_mass):
        """Amplitude (Quantity) and shape of <sigma v>(x), as `cosmology.asymmetric_freeze_out` takes them."""
        return self.sigma_v, "s_wave"

    def at_rest(self, mass, other_mass):
        """<sigma v> of slow particles, Quantity."""
        return self.sigma_v

    def in_halo(self, mass, other_mass, dispersion):
        """<sigma v> in a halo of a one-dimensional velocity dispersion, Quantity."""
        return self.sigma_v


@dataclass(frozen=True, kw_only=True)
class VectorPairChannel(Channel):
    r"""L' anti-L' -> V V, :math:`\lambda\,\bar L'\gamma^\mu L'V_\mu`, Eq. (3.2); B' has the same coupling there.

    Parameters
    ----------
    coupling : float
        :math:`\lambda`, up to :math:`\sqrt{4\pi}`.
    mediator_mass : Quantity [mass]
        m_V, above zero: a massless V has no finite self-scattering.
    enhancement : {"none", "hulthen"}
        See `ENHANCEMENTS`.
    final_state, f_eff, parent_annihilation
        See `ConstantAnnihilation`.
    """

    coupling: float
    mediator_mass: Quantity
    enhancement: str = "none"
    final_state: str = "mumu"
    f_eff: float | None = None
    parent_annihilation: str = "same"

    kind = "vector_pair"

    def __post_init__(self):
        object.__setattr__(self, "coupling", _one(checked_coupling(self.coupling, "coupling"), "coupling"))
        mediator = _one(checked_positive(self.mediator_mass, "mass", "mediator_mass"), "mediator_mass")
        object.__setattr__(self, "mediator_mass", units.attach(mediator, "mass"))
        if self.enhancement not in ENHANCEMENTS:
            raise InputError(f"enhancement = {self.enhancement!r}; known are {', '.join(ENHANCEMENTS)}")
        self._check_common()

    @classmethod
    def from_sigma_v(cls, sigma_v, mass, mediator_mass, **options):
        """With the coupling that gives a tree-level <sigma v> (Quantity) at a mass of L'."""
        return cls(coupling=vector_coupling(sigma_v, mass, mediator_mass), mediator_mass=mediator_mass, **options)

    @property
    def depends_on_speed(self):
        """Whether <sigma v> differs between halos."""
        return self.enhancement != "none"

    def process(self, mass):
        """The annihilation at a mass, tree level or enhanced."""
        tree = VectorPairAnnihilation(mass, self.mediator_mass, self.coupling)
        return tree if self.enhancement == "none" else SommerfeldAnnihilation(tree)

    def thermal(self, mass, other_mass):
        """See `ConstantAnnihilation.thermal`."""
        if self.enhancement == "none":
            return self.process(mass).thermal(20.0), "s_wave"
        shape = ThermalShape.from_annihilation(self.process(mass))
        return shape.amplitude, shape

    def at_rest(self, mass, other_mass):
        """<sigma v> of slow particles, Quantity."""
        return self.process(mass).sigma_v("0 km/s")

    def in_halo(self, mass, other_mass, dispersion):
        """<sigma v> in a halo of a one-dimensional velocity dispersion, Quantity."""
        return self.process(mass).thermal(_halo_x(dispersion))

    def potential(self, mass, force):
        """Potential of scattering, a `YukawaScattering`."""
        return YukawaScattering(mass, self.mediator_mass, self.coupling, force)


@dataclass(frozen=True, kw_only=True)
class PseudoscalarChannel(Channel):
    r"""L' anti-L' -> quarks through a pseudoscalar, Eq. (3.3).

    Parameters
    ----------
    coupling : float
        :math:`\lambda`, up to :math:`\sqrt{4\pi}`.
    mediator_mass : Quantity [mass]
        m_phi.
    quark_coupling : float
        :math:`\lambda'`.
    yukawa, width_law : str
        See `cosmology.pseudoscalar.PseudoscalarResonance`.
    final_state, f_eff, parent_annihilation
        See `ConstantAnnihilation`. With ``"same"`` B' couples too, and adds to the width of phi.

    Notes
    -----
    L' is taken to have the bath's temperature; early kinetic decoupling near the pole moves the ratio r by up to a
    factor of ten (Binder et al. 2021, arXiv:2103.01944).
    """

    coupling: float
    mediator_mass: Quantity
    quark_coupling: float
    yukawa: str = "sqrt2_mass_over_vev"
    width_law: str = "fixed"
    final_state: str = "bb"
    f_eff: float | None = None
    parent_annihilation: str = "complete"

    kind = "pseudoscalar"
    depends_on_speed = True

    def __post_init__(self):
        for name in ("coupling", "quark_coupling"):
            object.__setattr__(self, name, _one(checked_coupling(getattr(self, name), name), name))
        mediator = _one(checked_positive(self.mediator_mass, "mass", "mediator_mass"), "mediator_mass")
        object.__setattr__(self, "mediator_mass", units.attach(mediator, "mass"))
        for name, allowed in (("yukawa", YUKAWAS), ("width_law", WIDTHS)):
            if getattr(self, name) not in allowed:
                raise InputError(f"{name} = {getattr(self, name)!r}; known are {', '.join(allowed)}")
        self._check_common()

    def process(self, mass, other_mass):
        """The annihilation at a mass."""
        return PseudoscalarResonance(
            mass,
            self.mediator_mass,
            self.coupling,
            self.quark_coupling,
            yukawa=self.yukawa,
            width_law=self.width_law,
            other_masses=(other_mass,) if self.parent_annihilation == "same" else (),
        )

    def thermal(self, mass, other_mass):
        """See `ConstantAnnihilation.thermal`."""
        shape = ThermalShape.from_annihilation(self.process(mass, other_mass))
        return shape.amplitude, shape

    def at_rest(self, mass, other_mass):
        """<sigma v> of slow particles, Quantity."""
        return self.process(mass, other_mass).at_rest()

    def in_halo(self, mass, other_mass, dispersion):
        """<sigma v> in a halo of a one-dimensional velocity dispersion, Quantity."""
        return self.process(mass, other_mass).halo_average(dispersion)


CHANNELS = {one.kind: one for one in (VectorPairChannel, PseudoscalarChannel, ConstantAnnihilation)}
"""dict : name in run files -> class."""


def _halo_x(dispersion):
    """Mass over temperature of particles with a one-dimensional dispersion, (c/sigma)^2."""
    return checked_positive(dispersion, "speed", "halo_dispersion") ** -2.0


def _one(value, name):
    if np.ndim(value):
        raise InputError(f"{name} = {value}; one value is needed")
    return float(value)
