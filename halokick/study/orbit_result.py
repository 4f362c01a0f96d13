"""What integrated orbits give besides a profile, as frozen records."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from halokick.study.record_base import Record


@dataclass(frozen=True, eq=False)
class LostRecord(Record):
    """Orbits that could not be followed, for one reason.

    Attributes
    ----------
    reason : str
    count : int
    first : ndarray of int
        Numbers of the first decays among them, twenty at most.
    """

    reason: str
    count: int
    first: np.ndarray


@dataclass(frozen=True, eq=False)
class GridRecord(Record):
    """A density that is not spherical, on cells.

    Attributes
    ----------
    kind : str
        ``"rings"`` or ``"boxes"``.
    edges : mapping of str to Quantity [length]
        ``"R"`` and ``"z"``, or ``"x"``, ``"y"`` and ``"z"``. An axis that begins at zero holds both sides.
    density, error : Quantity [density], shape of the cells
        Of the bound daughters (or of the parents left unkicked), and its standard error.
    parent : Quantity [density], shape of the cells
        Mean of the spherical parents in each cell, before any decay.
    """

    kind: str
    edges: Mapping
    density: object
    error: object
    parent: object

    @property
    def ratio(self):
        """Density over the parents' in each cell: ndarray, nan where there are none."""
        there = self.parent.value > 0
        found = np.divide(self.density.value, self.parent.value, out=np.full(there.shape, np.nan), where=there)
        return found * float((1 * self.density.unit).to_value(self.parent.unit))
