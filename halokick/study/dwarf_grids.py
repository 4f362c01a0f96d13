"""The grid of NFW haloes in a potential that stays: solved once for all that a process wants to know of dwarfs."""

from halokick.sky.dwarf_grid import solve_daughter_grid
from halokick.study import build

_SOLVED = {}
"""Grids by the name of the truncation; nothing else changes them."""


def fixed_grid(section, progress=None):
    """The grid that a [dwarfs] section needs.

    Parameters
    ----------
    section : DwarfsSection
    progress : callable (done, total), optional

    Returns
    -------
    DaughterGrid
    """
    if section.truncation not in _SOLVED:
        _SOLVED[section.truncation] = solve_daughter_grid(build.dwarf_truncation(section), progress=progress)
    return _SOLVED[section.truncation]
