"""When the field of a live halo is renewed, how far it is smoothed, and over which times the answer is averaged."""

from dataclasses import dataclass

import numpy as np

from halokick.errors import InputError

_PERIOD = 14.296
"""Circular period at the scale radius of an NFW halo, in units of r_s / V_0; V_0^2 = 4 pi G rho_s r_s^2."""
_INTERVAL, _SMOOTHING, _WINDOW = 0.5, 0.02, 12.0
"""Interval in units; memory of the field in lifetimes or ages; window in units."""
_LEAST_SMOOTHING = 0.5
"""In units: a thirtieth of the period at the scale radius, for decays that are sudden."""
_PER_GAP = 10
"""Intervals between two times at least."""
_MOST_INTERVALS = 2_000_000


def time_unit(df):
    """The time that is r_s / V_0 of an NFW halo [kpc/(km/s)]: the circular period at the scale radius over 14.3."""
    scale = df.profile._scale_radius
    speed2 = float(df.halo._look_up(df.halo._field.vc2, np.log(scale)))
    return 2 * np.pi * scale / np.sqrt(speed2) / _PERIOD


@dataclass(frozen=True, eq=False)
class LiveSchedule:
    """Intervals of constant field, and windows of the moments; times in kpc/(km/s).

    Attributes
    ----------
    boundaries : ndarray, shape (intervals + 1,)
    windows : ndarray, shape (times, 2)
        Begin and end of each average. About every time but the last it is centred, while decays go on; that of the
        last time begins there, and from there on nothing decays. An average over a centred window differs from the
        value in its middle by the second derivative only; after the last time, where no decays follow, the halo rests,
        and daughters on their way out leave it.
    snapshots : ndarray of int, shape (times,)
        Interval after which the bound mass is counted: the one that ends at the time, but the last one of all for the
        last time.
    smoothing : float
        Memory of the field; 0 for none.
    longest : float
        The longest interval.
    """

    boundaries: np.ndarray
    windows: np.ndarray
    snapshots: np.ndarray
    smoothing: float
    longest: float

    def __len__(self):
        return len(self.boundaries) - 1

    def window_of(self, k):
        """Number of the window to which steps of interval k may belong, or -1."""
        begin, end = self.boundaries[k], self.boundaries[k + 1]
        # a step that ends inside the window may have begun in the interval before
        found = np.flatnonzero((self.windows[:, 0] < end + self.longest) & (self.windows[:, 1] > begin))
        return int(found[0]) if len(found) else -1


def live_schedule(times, *, unit, lifetime=np.inf, smoothing=None, interval=None, window=None):
    """The schedule of a run that answers at `times`.

    Parameters
    ----------
    times : sequence of float
        Ascending, above 0.
    unit : float
        See `time_unit`.
    lifetime : float
        Shortest time in which decays, or growth, change the halo.
    smoothing : float, optional
        Memory of the field. Two per cent of the lifetime or of the last time, whichever is shorter, but not below half
        a unit.
    interval : float, optional
        Time between two fields: half a unit, but not above half the `smoothing`, and a tenth of the gap between times.
    window : float, optional
        Time over which moments are averaged: 12 units, less where times are closer.

    Returns
    -------
    LiveSchedule

    Raises
    ------
    InputError
        Times in no order, or settings that are no times.
    """
    times = np.atleast_1d(np.asarray(times, dtype=float))
    if times.ndim != 1 or not len(times) or not np.all(np.isfinite(times)) or not np.all(np.diff(times, prepend=0) > 0):
        raise InputError(f"times = {times}; ascending times after the start are needed")
    if not lifetime > 0:
        raise InputError(f"lifetime = {lifetime}; a positive time is needed (infinite: nothing decays)")
    if smoothing is None:
        smoothing = max(_SMOOTHING * min(lifetime, times[-1]), _LEAST_SMOOTHING * unit)
    if interval is None:
        interval = min(_INTERVAL * unit, 0.5 * smoothing) if smoothing > 0 else _INTERVAL * unit
    window = _WINDOW * unit if window is None else window
    for name, value, least in (
        ("smoothing", smoothing, 0.0),
        ("interval", interval, 1e-300),
        ("window", window, 1e-300),
    ):
        if not least <= value < np.inf:
            raise InputError(f"{name} = {value}; a time [kpc/(km/s)] {'above' if least else 'not below'} 0 is needed")
    gaps = np.diff(times, prepend=0.0)
    interval = min(interval, float(gaps.min()) / _PER_GAP)
    half = np.minimum(0.5 * window, 0.5 * np.minimum(gaps[:-1], gaps[1:]) - 2 * interval)
    windows = np.stack([np.append(times[:-1] - half, times[-1]), np.append(times[:-1] + half, times[-1] + window)], 1)
    counts = np.ceil(np.append(gaps, window) / interval - 1e-9).astype(int)
    if counts.sum() > _MOST_INTERVALS:
        raise InputError(
            f"interval = {interval:.3g} would need {counts.sum()} intervals up to {times[-1]:.3g}, above "
            f"{_MOST_INTERVALS}; make it longer, or the times fewer"
        )
    ends = np.append(times, times[-1] + window)
    begins = np.append(0.0, times)
    pieces = [a + (b - a) * np.arange(n) / n for a, b, n in zip(begins, ends, counts, strict=True)]
    last = np.cumsum(counts)[:-1] - 1
    last[-1] = counts.sum() - 1
    return LiveSchedule(np.append(np.concatenate(pieces), ends[-1]), windows, last, float(smoothing), float(interval))
