r"""Likelihood of a target against its signal, and the text files such profiles come in.

The signal of a target is :math:`s = \kappa\,(\sigma v)_0 J`, the flux without spectrum, mass and :math:`4\pi`
(`halokick.sky.flux`). A profile answers :math:`-2\ln L(s)` up to a constant. The file format is described in
``docs/likelihood_profiles.md``.
"""

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import PchipInterpolator

from halokick import units
from halokick.errors import InputError
from halokick.sky.signal_units import ENERGY_FLUX, SIGNAL, plain_numbers, positive_energy, strip
from halokick.sky.spectra import Spectrum

_PER_DECADE = 67
"""Signals at which the bins of an energy-resolved profile are summed, besides those of their own rows."""
_DECADES = 6.0
"""Below the last row of the bin that knows the smallest signals best."""
_SAME = 1e-9
_UNIT_RISE = 1.0


@dataclass(frozen=True)
class GaussianProfile:
    r""":math:`-2\ln L = [(s - s_0)/w]^2`: a target with many background photons, or a toy.

    Parameters
    ----------
    width : Quantity [GeV2 cm-2 s-1]
        w; an upper limit at 95 per cent on a target without excess is 1.645 w.
    best : Quantity [GeV2 cm-2 s-1], optional
        s_0, zero if left out; negative for a deficit.
    """

    width: object
    best: object = None

    def __post_init__(self):
        given = {"width": strip(self.width, SIGNAL, "width", above=0)}
        if self.best is not None:
            given["best"] = strip(self.best, SIGNAL, "best")
        for name, value in given.items():
            if np.ndim(value):
                raise InputError(
                    f"{name} = {getattr(self, name)} is a list; a profile is of one target: give one value"
                )

    @property
    def _parts(self):
        best = 0.0 if self.best is None else strip(self.best, SIGNAL, "best")
        return float(best), float(strip(self.width, SIGNAL, "width"))

    @property
    def _scale(self):
        best, width = self._parts
        return max(best, 0.0) + width

    @property
    def _best(self):
        return max(self._parts[0], 0.0)

    @property
    def _last(self):
        return np.inf

    def _value(self, signal):
        best, width = self._parts
        return ((signal - best) / width) ** 2


class SignalProfile:
    r""":math:`-2\ln L` on a grid of signals, for one spectrum and mass.

    Between the rows it is a monotone cubic (it never leaves the range of its neighbours); beyond the last row it goes
    on with the slope it has there, which for a likelihood that falls ever faster errs towards weaker limits.

    Parameters
    ----------
    signal : Quantity [GeV2 cm-2 s-1], shape (n,)
        Rising from zero.
    minus_2_ln_l : ndarray, shape (n,)
        Any constant may be added.
    target : str
    """

    def __init__(self, signal, minus_2_ln_l, target="target"):
        s = np.array(strip(signal, SIGNAL, "signal"), dtype=float)
        value = np.array(plain_numbers(minus_2_ln_l, "minus_2_ln_l"))
        if s.ndim != 1 or len(s) < 4 or s.shape != value.shape:
            raise InputError(f"{target}: {value.shape} values for {s.shape} signals; give four or more of each")
        if s[0] != 0 or not np.all(np.diff(s) > 0):
            raise InputError(f"{target}: signals must rise from 0, where nothing annihilates; they start at {s[0]:g}")
        if not np.all(np.isfinite(value)):
            raise InputError(f"{target}: -2 ln L must be finite everywhere")
        least = float(np.min(value))
        if value[-1] - least < _UNIT_RISE:
            raise InputError(
                f"{target}: -2 ln L rises by {value[-1] - least:.3g} only from its least value to the last row; a "
                "limit needs rows up to larger signals"
            )
        self.target, self._signal = target, s
        self._curve = PchipInterpolator(s, value - least)
        self._end = float(self._curve(s[-1])), max(float(self._curve(s[-1], 1)), 0.0)
        above = s[(value - least >= _UNIT_RISE) & (np.arange(len(s)) > int(np.argmin(value)))]
        self._scale = float(above[0])
        self._best = float(s[np.argmin(value)])

    def __repr__(self):
        return f"SignalProfile({self.target}, up to {self._signal[-1]:.3g} GeV2 cm-2 s-1)"

    @property
    def _last(self):
        return self._signal[-1]

    def _value(self, signal):
        last = self._signal[-1]
        value, slope = self._end
        return np.where(signal > last, value + slope * (signal - last), self._curve(np.minimum(signal, last)))


class BinnedProfile:
    """Likelihood of a target against its energy flux, bin of energy by bin of energy; for any spectrum.

    Parameters
    ----------
    edges : Quantity [energy], shape (bins + 1,)
    energy_flux : Quantity [GeV cm-2 s-1], shape (bins, n)
        In each bin, rising; a first row above zero stands for the profile down to zero if it is nearly zero itself.
    minus_2_ln_l : ndarray, shape (bins, n)
    target : str
    """

    def __init__(self, edges, energy_flux, minus_2_ln_l, target="target"):
        self._edges = np.array(units.to_internal(edges, "energy", "edges"))
        flux = np.array(strip(energy_flux, ENERGY_FLUX, "energy_flux"), dtype=float)
        value = np.array(minus_2_ln_l, dtype=float)
        if self._edges.ndim != 1 or len(self._edges) < 2 or np.any(np.diff(self._edges) <= 0) or self._edges[0] <= 0:
            raise InputError(f"{target}: the edges of the energy bins must be two or more, and rise from above zero")
        if flux.shape != value.shape or flux.ndim != 2 or len(flux) != len(self._edges) - 1 or flux.shape[1] < 4:
            raise InputError(
                f"{target}: {value.shape} values for {flux.shape} fluxes in {len(self._edges) - 1} bins; each bin "
                "needs the same number of rows, four or more"
            )
        if not (np.all(np.diff(flux, axis=1) > 0) and np.all(flux >= 0) and np.all(np.isfinite([flux, value]))):
            raise InputError(
                f"{target}: energy fluxes must rise from zero or more in every bin, and ln L must be finite"
            )
        self.target, self._flux = target, flux
        self._curves = tuple(PchipInterpolator(x, y) for x, y in zip(flux, value, strict=True))

    def __repr__(self):
        return f"BinnedProfile({self.target}, {len(self._flux)} bins, {self._edges[0]:g} to {self._edges[-1]:g} GeV)"

    def for_spectrum(self, spectrum, mass):
        r"""Profile in the signal for one spectrum: sum of the bins.

        The energy flux in a bin is :math:`s/(4\pi m^2)\int E\,dN/dE\,dE` over it. Bins were published for one slope
        inside the bin; their width limits what other slopes do to that.

        Parameters
        ----------
        spectrum : Spectrum
        mass : Quantity [energy]

        Returns
        -------
        SignalProfile

        Raises
        ------
        InputError
            The spectrum leaves no energy in the bins.
        """
        if not isinstance(spectrum, Spectrum):
            raise InputError(f"spectrum = {spectrum!r} is not a Spectrum; give e.g. read_cosmixs(path, 'b')")
        m = positive_energy(mass, "mass")
        edges = units.attach(self._edges, "energy")
        per_signal = spectrum.energy(edges[:-1], edges[1:], mass=mass).to_value("GeV") / (4 * np.pi * m * m)
        seen = per_signal > 1e-12 * np.max(per_signal)
        if not np.any(seen) or np.max(per_signal) == 0:
            raise InputError(
                f"{self.target}: {spectrum!r} has no energy between {self._edges[0]:g} and {self._edges[-1]:g} GeV at "
                f"{m:g} GeV; this target says nothing about it"
            )
        signal = _signals(self._flux[seen] / per_signal[seen, None])
        total = np.zeros_like(signal)
        for share, flux, curve, use in zip(per_signal, self._flux, self._curves, seen, strict=True):
            if use:
                total += _continued(curve, flux, share * signal)
        return SignalProfile(units.Quantity(signal, SIGNAL.unit), total, self.target)


def _signals(rows):
    """Signals that resolve every bin, from the rows of each: a bin with a millionth of the energy says less, not more.

    They reach as far as the bin that reaches furthest, so that the end is known in one bin at least.
    """
    last = rows[:, -1]
    lowest, highest = np.log10([np.min(last), np.max(last)]) - [_DECADES, 0.0]
    even = np.logspace(lowest, highest, int(np.ceil(_PER_DECADE * (highest - lowest))) + 1)
    signal = np.sort(np.concatenate([even, rows[rows > 0]]))
    signal = signal[np.append(True, np.diff(signal) > _SAME * signal[1:])]
    return np.concatenate([[0.0], signal])


def _continued(curve, flux, x):
    """The bin's curve; level below its first row, straight on beyond its last, never falling there."""
    end = flux[-1]
    slope = max(float(curve(end, 1)), 0.0)
    return curve(np.clip(x, flux[0], end)) + slope * np.maximum(x - end, 0.0)
