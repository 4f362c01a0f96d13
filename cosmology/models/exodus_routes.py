r"""The four ways in which the asymmetry of X gets to baryons, variants of one model: Unwin (2012), Sects. 3 and 4.

==================  ==============================================================================================
variant             what differs
==================  ==============================================================================================
``b_violating``     X carries baryon number and decays to zeta and baryons, directly or by an operator (4.1)
``l_violating``     X carries lepton number: decays before sphalerons stop, and few oscillations of X (4.5)
``bino``            zeta is the bino of supersymmetry, decays go through an off-shell squark (3.2)
``asymmetric``      X carries Q, zeta Q - 1, the baryons 1: zeta has the asymmetry too (Sect. 4.3)
==================  ==============================================================================================

Each is a class; it knows how many baryons a decay makes before and after sphalerons stop, and its own windows.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cosmology import units
from cosmology.errors import InputError
from cosmology.models.exodus_equations import AsymmetricRelic, SelfConjugateRelic
from cosmology.models.exodus_sectors import one_quantity
from cosmology.models.exodus_widths import DirectDecay, GivenLifetime, OperatorDecay, SquarkDecay
from cosmology.units import Quantity

SPHALERON_SHARE = 28 / 79
"""float : baryon number over B - L in equilibrium, Standard Model with one Higgs doublet."""

_LARGEST_CHARGE = 1e3


@dataclass(frozen=True, kw_only=True)
class Route:
    """What all variants have.

    Parameters
    ----------
    decay : GivenLifetime, DirectDecay, OperatorDecay or SquarkDecay
        See `cosmology.models.exodus_widths`.
    charge : float
        Q of X: B, or B - L of the lepton-number route.
    visible_mass : Quantity [mass]
        What zeta is made together with.
    """

    decay: GivenLifetime | DirectDecay | OperatorDecay | SquarkDecay
    charge: float = 1.0
    visible_mass: Quantity = "0.94 GeV"

    kind: ClassVar[str]
    relic: ClassVar[type] = SelfConjugateRelic
    decays: ClassVar[tuple] = (GivenLifetime, DirectDecay, OperatorDecay)

    def __post_init__(self):
        if not isinstance(self.decay, self.decays):
            allowed = " or ".join(one.__name__ for one in self.decays)
            raise InputError(f'decay = {self.decay!r}; the variant "{self.kind}" takes {allowed}')
        charge = units.to_internal(self.charge, "dimensionless", "charge")
        if np.ndim(charge) or not 0 < charge <= _LARGEST_CHARGE:
            raise InputError(f"charge = {self.charge}; Q of X lies above 0 and up to {_LARGEST_CHARGE:g}")
        object.__setattr__(self, "charge", float(charge))
        mass = units.to_internal(self.visible_mass, "mass", "visible_mass")
        if np.ndim(mass) or mass < 0:
            raise InputError(f"visible_mass = {self.visible_mass}; one mass that is not negative is needed")
        object.__setattr__(self, "visible_mass", units.quantity(self.visible_mass, "mass", "visible_mass"))

    @property
    def baryons_before(self):
        """float : baryons per decay while sphalerons are fast, which keep B - L alone."""
        return SPHALERON_SHARE * self.charge

    @property
    def baryons_after(self):
        """float : baryons per decay when sphalerons have stopped."""
        return self.charge

    @property
    def baryons_in_time(self):
        """float : baryons per decay at the time that the variant is meant for."""
        return self.baryons_after

    def baryons(self, early):
        """Baryons per X of the asymmetry, if a share `early` of all decays is before sphalerons stop."""
        return self.baryons_before * early + self.baryons_after * (1 - early)

    def to_config(self):
        """Keys of a run file, Quantities not yet as text."""
        return {"variant": self.kind, "charge": self.charge, "visible_mass": self.visible_mass} | self.decay.to_config()


@dataclass(frozen=True, kw_only=True)
class BaryonViolating(Route):
    """X carries baryon number Q, zeta carries none."""

    kind: ClassVar[str] = "b_violating"


@dataclass(frozen=True, kw_only=True)
class LeptonViolating(Route):
    """X carries B - L of size Q, and sphalerons make baryons of it, if it decays before they stop.

    Parameters
    ----------
    decay, charge, visible_mass
        See `Route`.
    majorana_mass : Quantity [mass], optional
        M_X; `cosmology.models.exodus_majorana.majorana_mass` estimates it. None: not looked at.
    """

    visible_mass: Quantity = "0 GeV"
    majorana_mass: Quantity | None = None

    kind: ClassVar[str] = "l_violating"

    def __post_init__(self):
        super().__post_init__()
        if self.majorana_mass is not None:
            object.__setattr__(self, "majorana_mass", one_quantity(self.majorana_mass, "mass", "majorana_mass")[0])

    @property
    def baryons_after(self):
        """float : none, leptons remain leptons."""
        return 0.0

    @property
    def baryons_in_time(self):
        """float : baryons per decay before sphalerons stop."""
        return self.baryons_before

    def to_config(self):
        """Keys of a run file, Quantities not yet as text."""
        more = {} if self.majorana_mass is None else {"majorana_mass": self.majorana_mass}
        return super().to_config() | more


@dataclass(frozen=True, kw_only=True)
class Bino(Route):
    """Zeta is a bino, the lightest superpartner; its annihilation is p-wave and of no use against early zetas.

    Parameters
    ----------
    decay, charge, visible_mass
        See `Route`.
    reheat_temperature : Quantity [temperature], optional
        Of the visible sector, below m_LSP/25, or it would make binos; None: not looked at.
    """

    reheat_temperature: Quantity | None = None

    kind: ClassVar[str] = "bino"
    decays: ClassVar[tuple] = (SquarkDecay, GivenLifetime)

    def __post_init__(self):
        super().__post_init__()
        if self.reheat_temperature is not None:
            value = one_quantity(self.reheat_temperature, "temperature", "reheat_temperature")[0]
            object.__setattr__(self, "reheat_temperature", value)

    def to_config(self):
        """Keys of a run file, Quantities not yet as text."""
        more = {} if self.reheat_temperature is None else {"reheat_temperature": self.reheat_temperature}
        return super().to_config() | more


@dataclass(frozen=True, kw_only=True)
class Asymmetric(Route):
    """X carries Q, zeta Q - 1 and the baryons of a decay 1: as many zetas less anti-zetas as baryons."""

    kind: ClassVar[str] = "asymmetric"
    relic: ClassVar[type] = AsymmetricRelic

    @property
    def baryons_before(self):
        """float : baryons per decay while sphalerons are fast."""
        return SPHALERON_SHARE

    @property
    def baryons_after(self):
        """float : one, whatever Q is."""
        return 1.0


VARIANTS = {one.kind: one for one in (BaryonViolating, LeptonViolating, Bino, Asymmetric)}
"""dict : name in run files -> class."""
