r"""How B' decays to anti-L' and light partners: width, law of the kick, photons.

Two classes with one set of questions. `ContactDecay` starts from the operator of Hardy, Lasenby & Unwin (2014),
arXiv:1402.4500, Sect. 4.1; `GivenDecay` from a lifetime and the shape of the squared amplitude.
"""

from dataclasses import dataclass

import numpy as np

from cosmology import decay_widths, units
from cosmology.decay_widths import PowerAmplitude, ScalarBilinearAmplitude
from cosmology.errors import InputError
from cosmology.kick_spectrum import KickSpectrum
from cosmology.limits import TwoPhotonSpectrum
from cosmology.particle_input import checked_positive
from cosmology.units import Quantity
from cosmology.yields import KickLaw

PHOTONS = ("none", "pair")
"""tuple of str : whether the two light partners are hidden, or photons."""

PARTNERS = 2
_SLOW = 0.1  # of the speed of light: below it the law of massless partners is that of a power of q^2, to its square
_LARGEST_POWER = 10
_TABLE_POINTS = 401


@dataclass(frozen=True)
class ContactDecay:
    r"""B' -> anti-L' N1 N2 through :math:`(B'L')(N_1^\dagger N_2^\dagger)/\Lambda^2`, with exact kinematics.

    Hardy, Lasenby & Unwin (2014), Sect. 4.1; see `cosmology.decay_widths.ScalarBilinearAmplitude`.

    Parameters
    ----------
    scale : Quantity [energy]
        :math:`\Lambda`; `from_mediator` makes it from a heavy scalar.
    partner_masses : pair of Quantity [mass]
        Of the Majorana particles N1, N2.
    """

    scale: Quantity
    partner_masses: tuple = ("0 GeV", "0 GeV")

    photons = "none"

    def __post_init__(self):
        scale = checked_positive(self.scale, "energy", "operator_scale")
        if np.ndim(scale):
            raise InputError(f"operator_scale = {self.scale}; one scale is needed")
        object.__setattr__(self, "scale", units.attach(scale, "energy"))
        masses = tuple(units.to_internal(mass, "mass", "partner_masses") for mass in self.partner_masses)
        if len(masses) != PARTNERS or any(np.ndim(mass) or mass < 0 for mass in masses):
            raise InputError(f"partner_masses = {self.partner_masses}; give two masses, zero or positive")
        object.__setattr__(self, "partner_masses", tuple(units.attach(mass, "mass") for mass in masses))

    @classmethod
    def from_mediator(cls, mediator_mass, couplings, partner_masses=("0 GeV", "0 GeV")):
        r"""With :math:`1/\Lambda^2 = y_1y_2/m_\phi^2`.

        Parameters
        ----------
        mediator_mass : Quantity [mass]
        couplings : pair of float
            y_1, y_2, each up to sqrt(4 pi).
        partner_masses : pair of Quantity [mass]
        """
        first, second = _pair(couplings, "decay_couplings")
        return cls(decay_widths.operator_scale(mediator_mass, first, second), partner_masses)

    def width(self, parent_mass, daughter_mass):
        """Exact width, Quantity [width]; see `cosmology.decay_widths.three_body_width`."""
        amplitude = ScalarBilinearAmplitude(self.scale)
        return decay_widths.three_body_width(parent_mass, daughter_mass, amplitude, self.partner_masses)

    def operator_width(self, splitting):
        """Width for massless partners, which measures the operator in wash-out, Eqs. (A.5) and (A.11)."""
        return decay_widths.light_width(splitting, self.scale)

    def spectrum(self, parent_mass, daughter_mass):
        """Kick speeds, a `KickSpectrum`."""
        amplitude = ScalarBilinearAmplitude(self.scale)
        return KickSpectrum(parent_mass, daughter_mass, self.partner_masses, amplitude)

    def kick(self, parent_mass, daughter_mass):
        """Kick speeds for a run file: see `kick_law`."""
        return kick_law(self.spectrum(parent_mass, daughter_mass), 1)

    def photon_spectrum(self, splitting, parent_mass):
        """None: the partners are hidden."""
        return None


@dataclass(frozen=True)
class GivenDecay:
    r"""Decay to anti-L' and two massless partners with a lifetime of one's own.

    Parameters
    ----------
    lifetime : Quantity [time]
        Mean life of B'; `from_width` takes a width.
    power : int
        k of :math:`\overline{|A|^2} \propto (q^2)^k`: 0 phase space, 1 the operator of `ContactDecay`, 2 two photons
        through :math:`F^2`.
    photons : {"none", "pair"}
        Whether the partners are hidden, or two photons (then k is 0, 1 or 2).
    """

    lifetime: Quantity
    power: int = 1
    photons: str = "none"

    def __post_init__(self):
        time = checked_positive(self.lifetime, "time", "lifetime")
        if np.ndim(time):
            raise InputError(f"lifetime = {self.lifetime}; one lifetime is needed")
        object.__setattr__(self, "lifetime", units.attach(time, "time"))
        if self.photons not in PHOTONS:
            raise InputError(f"photons = {self.photons!r}; known are {', '.join(PHOTONS)}")
        largest = 2 if self.photons == "pair" else _LARGEST_POWER
        if isinstance(self.power, bool) or not isinstance(self.power, int) or not 0 <= self.power <= largest:
            raise InputError(
                f"decay_power = {self.power!r}; with photons = {self.photons!r} a whole number from 0 to {largest}"
            )

    @classmethod
    def from_width(cls, width, power=1, photons="none"):
        """With the lifetime 1/width (Quantity [width])."""
        return cls(decay_widths.lifetime(width), power, photons)

    @property
    def partner_masses(self):
        """Both zero."""
        return (units.attach(0.0, "mass"),) * PARTNERS

    def width(self, parent_mass, daughter_mass):
        """Width 1/lifetime, whatever the masses."""
        return units.attach(1 / units.to_internal(self.lifetime, "time"), "width")

    def operator_width(self, splitting):
        """The width where hidden partners and k = 1 say that the operator is that of `ContactDecay`; None otherwise."""
        return self.width(None, None) if self.photons == "none" and self.power == 1 else None

    def spectrum(self, parent_mass, daughter_mass):
        """Kick speeds, a `KickSpectrum`."""
        return KickSpectrum(parent_mass, daughter_mass, self.partner_masses, PowerAmplitude(float(self.power)))

    def kick(self, parent_mass, daughter_mass):
        """Kick speeds for a run file: see `kick_law`."""
        return kick_law(self.spectrum(parent_mass, daughter_mass), self.power)

    def photon_spectrum(self, splitting, parent_mass):
        """Photons of one decay, a `TwoPhotonSpectrum`, or None."""
        return TwoPhotonSpectrum(splitting, self.power + 1, parent_mass) if self.photons == "pair" else None


def kick_law(spectrum, power):
    r"""Kick speeds as a `KickLaw` that a run file's [decay] section understands.

    Massless partners give ``"matrix_element"`` with three bodies and the weight :math:`W(x) = x^k`, whose relative
    error is :math:`(v_\mathrm{max}/c)^2`. Partners with mass, or kicks above 0.1 c, give the exact law as a table.

    Parameters
    ----------
    spectrum : KickSpectrum
    power : int
        k.

    Returns
    -------
    KickLaw
    """
    massless = not any(mass.value for mass in spectrum.partner_masses)
    if massless and units.to_internal(spectrum.max_speed, "speed") < _SLOW:
        weight = (0.0,) * power + (1.0,)
        return KickLaw(
            "matrix_element", {"n_bodies": spectrum.n_bodies, "max_speed": spectrum.max_speed, "weight": weight}
        )
    speed, density = spectrum.table(_TABLE_POINTS)
    return KickLaw("tabulated", {"speed": speed, "pdf": tuple(density.to_value("s / km").tolist())})


def _pair(values, name):
    if isinstance(values, str) or np.shape(values) != (PARTNERS,):
        raise InputError(f"{name} = {values!r}; two numbers are needed")
    return tuple(values)
