r"""A spectrum tabulated against mass and x = E/m, as the published collections of channels have it.

The table holds :math:`y = dN/d\log_{10}x`. Between masses y is linear in m at fixed x, the rule of the collections'
own authors; between the x it is linear in log10 x, and all integrals are exact for that.
"""

import numpy as np

from halokick.errors import InputError
from halokick.sky.spectra import ROUNDED, Spectrum

_LN10 = np.log(10.0)
_ENERGY_SLACK = 1.02
"""On 2 m: averages over bins of 0.09 dex, joined by lines, overstate it by (0.09 ln 10)^2/8 = 5e-3, and digits."""


class ChannelSpectrum(Spectrum):
    r"""Tabulated dN/dlog10 x; made by the readers of `halokick.sky.spectrum_tables`.

    A line at x = 1, which tables spread over their last step, is kept apart: integrals count it, `differential` refuses
    energies in that step.

    Parameters
    ----------
    masses : ndarray, shape (m,)
        [GeV], rising.
    log10_x : ndarray, shape (n,)
        Rising, at most 0. The spectrum is zero below the first.
    dn_dlog10x : ndarray, shape (m, n)
        Zero or more.
    name : str
        For messages.
    line : ndarray, shape (m,), optional
        Particles in a line at x = 1, per annihilation.
    line_from : float
        log10 x above which there is no dN/dE where there is a line.

    Raises
    ------
    InputError
        Arrays that do not fit, fall or are negative; more energy than 2 m.
    """

    def __init__(self, masses, log10_x, dn_dlog10x, name="spectrum", *, line=None, line_from=0.0):
        masses, nodes = (np.array(a, dtype=float) for a in (masses, log10_x))
        values = np.array(dn_dlog10x, dtype=float)
        if values.shape != (len(masses), len(nodes)) or len(nodes) < 2:
            raise InputError(f"{name}: {values.shape} values for {len(masses)} masses and {len(nodes)} x")
        if not (np.all(np.diff(masses) > 0) and masses[0] > 0 and np.all(np.diff(nodes) > 0) and nodes[-1] <= 1e-9):
            raise InputError(f"{name}: masses must rise from above zero, and log10 x must rise to at most 0")
        if not np.all(np.isfinite(values)) or np.any(values < 0):
            raise InputError(f"{name}: dN/dlog10 x must be finite, and zero or more")
        nodes[-1] = min(nodes[-1], 0.0)
        self._name, self._masses, self._nodes, self._values = name, masses, nodes, values
        self._line = np.zeros(len(masses)) if line is None else np.array(line, dtype=float)
        self._line_from = float(line_from)
        energy = self._line + np.array([_piecewise(nodes, row, nodes[:1], nodes[-1:], 1)[0] for row in self._values])
        if np.any(energy > 2 * _ENERGY_SLACK):
            i = int(np.argmax(energy))
            raise InputError(
                f"{name}: at {masses[i]:g} GeV the spectrum carries {energy[i]:.4g} m per annihilation, and there are "
                "only 2 m; are the entries dN/dlog10(E/m), with m the mass of one particle?"
            )

    def __repr__(self):
        return f"ChannelSpectrum({self._name}, {self._masses[0]:g} to {self._masses[-1]:g} GeV)"

    def line(self, mass):
        """Particles in the line at x = 1 per annihilation, zero for most channels.

        Parameters
        ----------
        mass : Quantity [energy]

        Returns
        -------
        float
        """
        return float(self._between(self._line, self._mass(mass)))

    @property
    def _mass_range(self):
        return tuple(self._masses[[0, -1]])

    def _between(self, table, mass):
        if len(self._masses) == 1:
            return table[0]
        mass = np.clip(mass, self._masses[0], self._masses[-1])
        i = int(np.clip(np.searchsorted(self._masses, mass, side="right") - 1, 0, len(self._masses) - 2))
        t = (mass - self._masses[i]) / (self._masses[i + 1] - self._masses[i])
        return (1 - t) * table[i] + t * table[i + 1]

    def _dn_dx(self, x, mass):
        log_x = np.log10(x)
        if self._between(self._line, mass) > 0 and np.any(log_x > self._line_from):
            raise InputError(
                f"{self._name} has a line at E = m, spread over the last step of the table: above "
                f"{10**self._line_from:.4g} m there is no dN/dE; ask for photons or energy between two energies"
            )
        return np.interp(log_x, self._nodes, self._between(self._values, mass), left=0.0, right=0.0) / (x * _LN10)

    def _moment(self, low, high, mass, power):
        lines = np.where((low < ROUNDED) & (high >= ROUNDED), self._between(self._line, mass), 0.0)
        smooth = _piecewise(self._nodes, self._between(self._values, mass), np.log10(low), np.log10(high), power)
        return lines + smooth


def _piecewise(nodes, values, low, high, power):
    """Integral of 10^(power l) y(l) dl from `low` to `high`, y linear between the nodes and zero outside."""
    return _antiderivative(nodes, values, high, power) - _antiderivative(nodes, values, low, power)


def _antiderivative(nodes, values, end, power):
    """The same integral from the first node; cells in closed form."""
    slope = np.diff(values) / np.diff(nodes)
    whole = np.concatenate([[0.0], np.cumsum(_cell(nodes[:-1], values[:-1], slope, np.diff(nodes), power))])
    end = np.clip(end, nodes[0], nodes[-1])
    i = np.clip(np.searchsorted(nodes, end, side="right") - 1, 0, len(nodes) - 2)
    return whole[i] + _cell(nodes[i], values[i], slope[i], end - nodes[i], power)


def _cell(start, value, slope, step, power):
    """Integral of 10^(power l) (value + slope (l - start)) over a step from `start`; power is 0 or 1."""
    if power == 0:
        return step * (value + 0.5 * slope * step)
    top, bottom = 10.0 ** (start + step), 10.0**start
    return (top * (value + slope * step) - bottom * value) / _LN10 - slope * (top - bottom) / _LN10**2
