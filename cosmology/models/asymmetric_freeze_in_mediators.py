"""The particles B whose decays make X, and how fast they decay: given, Yukawa, through operators of dimension five.

Each way to decay is a small class with ``width(mass)``; its keys are those of a run file.
"""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from cosmology import units
from cosmology.errors import InputError
from cosmology.models.asymmetric_freeze_in_bounds import yukawa_width
from cosmology.models.asymmetric_freeze_in_operators import three_body_width, vacuum_width
from cosmology.models.exodus_sectors import check_states, one_quantity
from cosmology.particle_input import checked_coupling
from cosmology.thermodynamics import STATISTICS
from cosmology.units import Quantity

CONJUGATES = ("distinct", "itself")
"""tuple of str : antiparticle of B: of Dirac fermions and complex scalars, of Majorana fermions and real scalars."""


@dataclass(frozen=True)
class GivenWidth:
    """A width, whatever makes it.

    Parameters
    ----------
    width_value : Quantity [width]
    """

    width_value: Quantity
    kind: ClassVar[str] = "width"

    def __post_init__(self):
        object.__setattr__(self, "width_value", one_quantity(self.width_value, "width", "width")[0])

    def width(self, mass):
        """Quantity [width]."""
        return self.width_value

    def to_config(self):
        """Keys of a run file."""
        return {"width": self.width_value}


@dataclass(frozen=True)
class YukawaDecay:
    r"""The interaction lambda L H X, :math:`\Gamma = \lambda^2 m/8\pi`.

    Parameters
    ----------
    coupling : float
        lambda.
    """

    coupling: float
    kind: ClassVar[str] = "yukawa"

    def __post_init__(self):
        checked_coupling(self.coupling, "coupling")
        if np.ndim(self.coupling):
            raise InputError(f"coupling = {self.coupling}; one value is needed")

    def width(self, mass):
        """Quantity [width]."""
        return yukawa_width(self.coupling, mass)

    def to_config(self):
        """Keys of a run file."""
        return {"coupling": self.coupling}


@dataclass(frozen=True)
class OperatorDecay:
    r"""An operator of dimension five, to three bodies, or to two with one field replaced by a vacuum value.

    Parameters
    ----------
    scale : Quantity [energy]
        M_*/h.
    vacuum_value : Quantity [energy], optional
        v of the field that is replaced; three bodies if not given.
    """

    scale: Quantity
    vacuum_value: Quantity | None = None
    kind: ClassVar[str] = "operator"

    def __post_init__(self):
        object.__setattr__(self, "scale", one_quantity(self.scale, "energy", "operator_scale")[0])
        if self.vacuum_value is not None:
            object.__setattr__(self, "vacuum_value", one_quantity(self.vacuum_value, "energy", "vacuum_value")[0])

    def width(self, mass):
        """Quantity [width]."""
        if self.scale <= mass:
            raise InputError(f"operator_scale = {self.scale}; it lies above the mass, {mass}")
        if self.vacuum_value is None:
            return three_body_width(mass, self.scale)
        return vacuum_width(mass, self.scale, self.vacuum_value)

    def to_config(self):
        """Keys of a run file."""
        section = {"operator_scale": self.scale}
        return section if self.vacuum_value is None else section | {"vacuum_value": self.vacuum_value}


Decay = GivenWidth | YukawaDecay | OperatorDecay


@dataclass(frozen=True, kw_only=True)
class Mediator:
    r"""One kind of B.

    With :math:`Y_B = C_{FI}M_r\Gamma/m_B^2` per particle, a B that is not its own antiparticle makes 2 Y_B of X and
    anti-X together, with Gamma the mean width of B and anti-B; one that is makes Y_B, with Gamma the sum of both final
    states. The asymmetry is epsilon times that.

    Parameters
    ----------
    mass : Quantity [mass]
    decay : GivenWidth, YukawaDecay or OperatorDecay
    epsilon : float, optional
        Widths to X less those to anti-X, over their sum, from -1 to 1.
    states : float
        g_B, internal states of the particle alone.
    antiparticle : {"distinct", "itself"}
    statistics : {"boltzmann", "fermi", "bose"}
        Boltzmann's in the paper.
    """

    mass: Quantity
    decay: Decay
    epsilon: float | None = None
    states: float = 2.0
    antiparticle: str = "distinct"
    statistics: str = "boltzmann"
    width: Quantity = field(init=False)

    def __post_init__(self):
        if not isinstance(self.decay, Decay):
            raise InputError(f"decay = {self.decay!r}; give a GivenWidth, YukawaDecay or OperatorDecay")
        object.__setattr__(self, "mass", one_quantity(self.mass, "mass", "mass")[0])
        object.__setattr__(self, "states", check_states(self.states))
        for name, allowed in (("antiparticle", CONJUGATES), ("statistics", STATISTICS)):
            if getattr(self, name) not in allowed:
                raise InputError(f"{name} = {getattr(self, name)!r}; allowed: {', '.join(map(repr, allowed))}")
        if self.epsilon is not None:
            epsilon = units.to_internal(self.epsilon, "dimensionless", "epsilon")
            if np.ndim(epsilon) or not 0 < abs(epsilon) <= 1:
                raise InputError(f"epsilon = {self.epsilon}; it is a share of the decays, from -1 to 1 and not 0")
            object.__setattr__(self, "epsilon", float(epsilon))
        object.__setattr__(self, "width", self.decay.width(self.mass))

    @property
    def particles(self):
        """Kinds that decay: 2 with a distinct antiparticle, 1 without."""
        return 2.0 if self.antiparticle == "distinct" else 1.0
