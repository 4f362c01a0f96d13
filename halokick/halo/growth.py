"""How the depth of a potential grew: amplitudes in time, by name, by formula or by a user's own function."""

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline

from halokick import units
from halokick.errors import InputError
from halokick.kernels.changing_forces import Growth

_CELLS = 2048
_SMOOTH = 1e-4
"""Relative error allowed between the nodes of the table."""
_LEAST = 1e-3
"""Smallest amplitude at the start: a potential that begins at nothing holds nobody."""


@dataclass(frozen=True)
class AmplitudeGrowth:
    """A potential whose every member is multiplied by a function of time.

    Parameters
    ----------
    amplitude : callable
        From the time since the start (Quantity [time]) to a positive number, for single times; any scale, because
        only the ratio to its value today counts.
    """

    amplitude: object

    def __post_init__(self):
        if not callable(self.amplitude):
            raise InputError(f"amplitude = {self.amplitude!r}; a function of the time since the start is needed")

    def relative(self, elapsed, duration):
        """Amplitude over that of today, at times since the start [kpc/(km/s)] out of `duration`."""
        times = [units.attach(float(t), "time") for t in np.append(elapsed, duration)]
        try:
            values = np.array([float(self.amplitude(time)) for time in times])
        except TypeError as error:
            raise InputError(
                f"{self!r}: the amplitude of a time is no number ({error}); a function of a Quantity [time] that "
                "returns a dimensionless number is needed, such as lambda t: 1 + float(t / (10 * u.Gyr))"
            ) from error
        with np.errstate(divide="ignore", invalid="ignore"):
            return values[:-1] / values[-1]

    @property
    def label(self):
        """A name for it: that of its class, or of the function."""
        if self.amplitude is None:
            return repr(self)
        return getattr(self.amplitude, "__name__", type(self.amplitude).__name__)

    def _shorter(self, duration):
        """What to type for a duration that is allowed."""
        return f"give a shorter duration than {units.attach(duration, 'time').to('Gyr'):.4g}"

    def _table(self, duration):
        """Of the kernels: a spline of the amplitude, 1 today.

        Raises
        ------
        InputError
            Amplitudes that are not positive numbers, a start at less than a thousandth of today's, or changes that are
            too fast for the table.
        """
        # every second one is a node, the others judge
        time = np.linspace(0.0, duration, 2 * _CELLS + 1)
        values = self.relative(time, duration)
        if not np.all(np.isfinite(values)) or not np.all(values > 0):
            bad = time[np.argmax(~(np.isfinite(values) & (values > 0)))]
            raise InputError(f"{self!r}: the amplitude is no positive number at {units.attach(bad, 'time').to('Gyr')}")
        if values[0] < _LEAST:
            raise InputError(
                f"{self!r}: the potential starts at {values[0]:.1e} of its depth today, {_LEAST:g} at least is needed "
                f"for parents to be bound; start later: {self._shorter(duration)}"
            )
        spline = CubicSpline(time[::2], values[::2])
        off = np.abs(spline(time[1::2]) / values[1::2] - 1)
        if np.max(off) > _SMOOTH:
            when = units.attach(time[2 * np.argmax(off) + 1], "time").to("Gyr")
            raise InputError(
                f"{self!r}: at {when:.4g} the amplitude changes too fast: {_CELLS} equal pieces of the time leave an "
                f"error of {np.max(off):.1e}, above {_SMOOTH:g}; smooth it"
            )
        coefficients = spline.c[::-1].T
        step = duration / _CELLS
        return Growth(step, np.ascontiguousarray(coefficients * step ** np.arange(4)))


@dataclass(frozen=True)
class WechslerGrowth(AmplitudeGrowth):
    r"""Mean mass-accretion history of cold dark matter haloes.

    .. math:: M(a) = M_0\,\exp\left[-2 a_c (1/a - 1)\right]

    after Wechsler et al. (2002, ApJ 568, 52), Eq. (3) with S = 2, in a flat universe without radiation. The scale
    radius hardly changes after the halo's fast early growth, so the whole potential is taken to grow in proportion.

    Parameters
    ----------
    formation_scale_factor : float
        :math:`a_c`, 0.1 to 1; haloes of :math:`10^{12}` solar masses have about 0.3.
    hubble_constant : Quantity [1/time]
    matter_density : float
        :math:`\Omega_m`.
    """

    amplitude: object = None
    formation_scale_factor: float = 0.3
    hubble_constant: object = "70 km/(s Mpc)"
    matter_density: float = 0.3

    def __post_init__(self):
        if self.amplitude is not None:
            raise InputError("WechslerGrowth has an amplitude of its own; use AmplitudeGrowth for another")
        for name, low, high in (("formation_scale_factor", 0.1, 1.0), ("matter_density", 0.01, 0.99)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
                raise InputError(f"{name} = {value!r}; a number between {low:g} and {high:g} is needed")
        rate = units.to_internal(self.hubble_constant, "rate", "hubble_constant")
        if np.ndim(rate) != 0 or not rate > 0:
            raise InputError(f"hubble_constant = {self.hubble_constant}; one positive rate is needed")

    @property
    def _age(self):
        """Age of the universe today [kpc/(km/s)]."""
        return np.arcsinh(np.sqrt((1 - self.matter_density) / self.matter_density)) / self._expansion

    @property
    def _expansion(self):
        hubble = units.to_internal(self.hubble_constant, "rate", "hubble_constant")
        return 1.5 * hubble * np.sqrt(1 - self.matter_density)

    def _shorter(self, duration):
        # before this the halo was less than a thousandth of today's
        scale = 1 / (1 - np.log(_LEAST) / (2 * self.formation_scale_factor))
        ratio = self.matter_density / (1 - self.matter_density)
        begin = np.arcsinh(np.sqrt(scale**3 / ratio)) / self._expansion
        longest = np.floor(10 * units.attach(self._age - begin, "time").to_value("Gyr")) / 10
        return (
            f'at most {longest:g} Gyr are allowed, by duration="{longest:g} Gyr" (in a run file under [method]), or '
            f'with a history by its age="{longest:g} Gyr" (under [decay])'
        )

    def relative(self, elapsed, duration):
        """See `AmplitudeGrowth.relative`; the end of `duration` is today."""
        begin = self._age - duration
        if begin < -1e-9 * duration:
            raise InputError(
                f"{self.label}: orbits are followed for {units.attach(duration, 'time').to('Gyr'):.4g}, but this "
                f"universe is {units.attach(self._age, 'time').to('Gyr'):.4g} old; {self._shorter(duration)}"
            )
        time = np.maximum(begin + np.asarray(elapsed), 1e-12 * duration)
        ratio = self.matter_density / (1 - self.matter_density)
        scale = (ratio * np.sinh(self._expansion * time) ** 2) ** (1 / 3)
        return np.exp(-2 * self.formation_scale_factor * (1 / scale - 1))


GROWTHS = {"wechsler_2002": WechslerGrowth}
"""dict : name of a growth history -> its class, usable without arguments."""


def as_growth(given):
    """A growth history from its name, from a function of the time since the start, or as it is.

    Raises
    ------
    InputError
        None of the three.
    """
    if given is None or isinstance(given, AmplitudeGrowth):
        return given
    if isinstance(given, str) and given in GROWTHS:
        return GROWTHS[given]()
    if callable(given):
        return AmplitudeGrowth(given)
    known = ", ".join(f'"{name}"' for name in GROWTHS)
    raise InputError(f"growth = {given!r}; {known}, a growth history, or a function of the time since the start")
