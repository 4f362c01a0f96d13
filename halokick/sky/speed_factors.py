r"""Factors S(v_rel) by which annihilation differs from an s-wave: sigma v_rel = (sigma v)_0 S(v_rel).

v_rel = |v_1 - v_2| in every factor, in units of c inside formulae: not the speed v_rel/2 in the centre of mass. The
classes here are power laws, the Breit-Wigner pole, any function, and the cross-section of a particle model; those with
an attraction between the particles are in `halokick.sky.sommerfeld`.
"""

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from halokick import units
from halokick.constants import SPEED_OF_LIGHT
from halokick.errors import InputError
from halokick.sky.signal_units import SIGMA_V, one_number, strip


class SpeedFactor(ABC):
    """A factor S(v_rel)."""

    @property
    def sharp_speeds(self):
        """tuple of float : speeds [km/s] between which the factor is smooth; empty where it is smooth in ln v."""
        return ()

    def of(self, v_rel):
        """S at relative speeds.

        Parameters
        ----------
        v_rel : Quantity [speed], any shape
            |v_1 - v_2|, above zero.

        Returns
        -------
        ndarray of float, shape of `v_rel`

        Raises
        ------
        InputError
            A speed that is not positive, or a factor that is not finite or negative there.
        """
        v = np.asarray(units.to_internal(v_rel, "speed", "v_rel"))
        if np.any(v <= 0):
            raise InputError(f"v_rel = {v_rel}; a relative speed is positive")
        return self.values(v)

    def values(self, v):
        """`of` for an array of speeds in km/s."""
        with np.errstate(over="ignore"):
            s = np.asarray(self._of(np.asarray(v, dtype=float) / SPEED_OF_LIGHT), dtype=float)
        if s.shape != np.shape(v):
            raise InputError(
                f"{self!r} gives the shape {s.shape} for speeds of shape {np.shape(v)}; give one S per speed"
            )
        if not np.all(s >= 0) or not np.all(np.isfinite(s)):
            where = np.asarray(v)[~((s >= 0) & np.isfinite(s))].flat[0]
            raise InputError(f"{self!r} is negative or not finite at v_rel = {where:.6g} km/s; S is a positive factor")
        return s

    @abstractmethod
    def _of(self, b):
        """S at b = v_rel/c."""


def check_factor(factor):
    """Refuse what is not a `SpeedFactor`."""
    if not isinstance(factor, SpeedFactor):
        raise InputError(f"factor = {factor!r}; give a SpeedFactor such as PWave(), or UserFactor(function)")


@dataclass(frozen=True)
class SWave(SpeedFactor):
    """S = 1."""

    def _of(self, b):
        return np.ones_like(b)


@dataclass(frozen=True)
class PWave(SpeedFactor):
    """S = (v_rel/c)^2."""

    def _of(self, b):
        return b * b


@dataclass(frozen=True)
class DWave(SpeedFactor):
    """S = (v_rel/c)^4."""

    def _of(self, b):
        return b**4


@dataclass(frozen=True)
class InverseSpeed(SpeedFactor):
    """S = c/v_rel, the attraction of slow particles by a massless mediator without its factor 2 pi alpha.

    Parameters
    ----------
    saturation : Quantity [speed], optional
        Below it S stays what it is there.
    """

    saturation: units.Quantity | None = None

    def __post_init__(self):
        floor = 0.0
        if self.saturation is not None:
            floor = units.to_internal(self.saturation, "speed", "saturation")
            if not floor > 0:
                raise InputError(f"saturation = {self.saturation}; give a positive speed, or None")
            object.__setattr__(self, "saturation", units.attach(floor, "speed"))
        object.__setattr__(self, "_floor", floor)

    @property
    def sharp_speeds(self):
        """Speed [km/s] at which the factor saturates."""
        return (self._floor,) if self._floor else ()

    def _of(self, b):
        with np.errstate(divide="ignore"):
            return 1 / np.maximum(b, self._floor / SPEED_OF_LIGHT)


@dataclass(frozen=True)
class BreitWigner(SpeedFactor):
    r"""A pole in the s channel close to threshold.

    .. math:: S = \frac{\delta^2+\gamma^2}{(b^2/4-\delta)^2+\gamma^2}, \qquad \delta = \frac{m_\phi^2}{4m^2} - 1,
              \quad \gamma = \frac{m_\phi\Gamma}{4m^2},\quad b = v_\mathrm{rel}/c

    (Ibe, Murayama & Yanagida 2009, arXiv:0812.0072, Eq. (5) in these symbols), normalised to S(0) = 1 and
    non-relativistic. The pole is at :math:`v_R = 2c\sqrt\delta`; with :math:`\delta < 0` no pair reaches it.

    Parameters
    ----------
    delta : float
        Distance of the pole from threshold, not zero together with a small `gamma`.
    gamma : float
        Its width, positive.
    """

    delta: float
    gamma: float

    def __post_init__(self):
        for name in ("delta", "gamma"):
            object.__setattr__(self, name, one_number(getattr(self, name), name))
        if not self.gamma > 0:
            raise InputError(f"gamma = {self.gamma}; the width is positive")

    @classmethod
    def from_masses(cls, mass, mediator_mass, width):
        """From m, m_phi and Gamma: Quantities [energy]."""
        m, mediator, wide = (
            units.to_internal(value, "energy", name)
            for value, name in ((mass, "mass"), (mediator_mass, "mediator_mass"), (width, "width"))
        )
        if min(m, mediator, wide) <= 0:
            raise InputError(f"mass = {mass}, mediator_mass = {mediator_mass}, width = {width} must be positive")
        ratio = mediator / (2 * m)
        return cls((ratio - 1) * (ratio + 1), mediator * wide / (4 * m * m))

    @classmethod
    def at(cls, pole, relative_width):
        """From the relative speed v_R of the pole (Quantity [speed]) and gamma/delta."""
        delta = 0.25 * (units.to_internal(pole, "speed", "pole") / SPEED_OF_LIGHT) ** 2
        return cls(delta, relative_width * delta)

    @property
    def pole(self):
        """Relative speed at the pole, Quantity [speed]; None if it lies below threshold."""
        return units.attach(2 * SPEED_OF_LIGHT * np.sqrt(self.delta), "speed") if self.delta > 0 else None

    @property
    def sharp_speeds(self):
        """Speeds [km/s] around the pole."""
        # panels in b^2/4 with edges delta +- gamma 2^j: every one sees a Lorentzian of its own width at most
        reach = np.concatenate([[0.0], self.gamma * 2.0 ** np.arange(-3, 60)])
        squares = np.concatenate([self.delta - reach, self.delta + reach])
        squares = np.unique(squares[(squares > 0) & (squares < 0.25)])
        return tuple(2 * SPEED_OF_LIGHT * np.sqrt(squares))

    def _of(self, b):
        # (b/2 - sqrt(delta))(b/2 + sqrt(delta)) keeps the digits at a narrow pole
        if self.delta > 0:
            root = np.sqrt(self.delta)
            off = (0.5 * b - root) * (0.5 * b + root)
        else:
            off = 0.25 * b * b - self.delta
        return (self.delta**2 + self.gamma**2) / (off * off + self.gamma**2)


@dataclass(frozen=True, eq=False)
class UserFactor(SpeedFactor):
    """Any factor.

    Parameters
    ----------
    function : callable
        From an array of v_rel/c to an array of S of the same shape.
    edges : sequence of Quantity [speed]
        Relative speeds at which S has a kink, a step, or a narrow peak's flanks; smooth between them.
    """

    function: Callable
    edges: tuple = ()

    def __post_init__(self):
        if not callable(self.function):
            raise InputError(f"function = {self.function!r}; give a function of v_rel/c")
        speeds = [units.to_internal(one, "speed", "edges") for one in self.edges]
        object.__setattr__(self, "_speeds", tuple(float(speed) for speed in speeds))

    @property
    def sharp_speeds(self):
        """`edges` [km/s]."""
        return self._speeds

    def _of(self, b):
        return self.function(b)


@dataclass(frozen=True, eq=False)
class CrossSection(SpeedFactor):
    r"""The factor of a process with a cross-section: :math:`S = \sigma v(v_\mathrm{rel})/\sigma v_0`.

    Parameters
    ----------
    process : object with ``sigma_v(speed)``
        Quantity [speed] (relative) to Quantity [volume/time] of the same shape. One with a pole in the s channel says
        where by ``mass``, ``mediator_mass`` and ``width``, so that the average resolves it.
    reference : Quantity [volume/time], optional
        :math:`\sigma v_0`, which multiplies the J-factor. If left out: that of ``process.tree`` (the same process
        without attraction), or else of `process`, at rest.
    """

    process: object
    reference: units.Quantity | None = None

    def __post_init__(self):
        if not callable(getattr(self.process, "sigma_v", None)):
            raise InputError(f"process = {self.process!r}; give an object with sigma_v(speed)")
        if self.reference is None:
            tree = getattr(self.process, "tree", self.process)
            object.__setattr__(self, "reference", tree.sigma_v(units.attach(0.0, "speed")))
        strength = strip(self.reference, SIGMA_V, "reference", above=0)
        if np.ndim(strength):
            raise InputError(f"reference = {self.reference}; one positive (sigma v)_0 is needed")
        object.__setattr__(self, "reference", units.Quantity(self.reference))

    @property
    def sharp_speeds(self):
        """Speeds [km/s] around the pole of the process, if it has one."""
        # a process with a pole says where: mass, mediator_mass, width
        parts = [getattr(self.process, name, None) for name in ("mass", "mediator_mass", "width")]
        if None in parts or np.ndim(parts[2]):
            return ()
        mass, mediator, width = parts
        half = float((mediator / (2 * mass)).to_value(""))
        return BreitWigner((half - 1) * (half + 1), float((mediator * width / (4 * mass**2)).to_value(""))).sharp_speeds

    def _of(self, b):
        ratio = self.process.sigma_v(units.attach(b * SPEED_OF_LIGHT, "speed")) / self.reference
        return np.asarray(ratio.to_value(""))


def factor_of_model(model):
    """Factor S(v_rel) of a particle model that annihilates in halos.

    Parameters
    ----------
    model : object with ``halo_annihilation()``
        Its answer says whether the cross-section depends on the speed; if so, it has a ``process``, or the model an
        ``annihilation`` whose ``process(daughter_mass)`` or ``process(daughter_mass, parent_mass)`` has
        ``sigma_v(speed)``.

    Returns
    -------
    SpeedFactor
        `SWave`, or a `CrossSection` whose ``reference`` is the (sigma v)_0 that goes with it.

    Raises
    ------
    InputError
        The model does not annihilate, or does not say how its cross-section depends on speed.
    """
    if not callable(getattr(model, "halo_annihilation", None)):
        raise InputError(f"model = {model!r} has no halo_annihilation(); give a model that annihilates, or a factor")
    answer = model.halo_annihilation()
    if not answer.depends_on_speed:
        return SWave()
    process = getattr(answer, "process", None)
    if process is None:
        process = _process(model)
    if process is None:
        raise InputError(
            f"model = {type(model).__name__}: its cross-section depends on speed, but neither halo_annihilation() nor "
            "annihilation.process(...) offers sigma_v(speed); give a CrossSection or UserFactor instead"
        )
    return CrossSection(process)


def _process(model):
    make = getattr(getattr(model, "annihilation", None), "process", None)
    if not callable(make):
        return None
    masses = [getattr(model, name, None) for name in ("daughter_mass", "parent_mass")]
    count = len(inspect.signature(make).parameters)
    return make(*masses[:count]) if count in (1, 2) and None not in masses[:count] else None
