"""Early-universe side: which particle histories give the parents, daughters, abundances and lifetimes of a halo study.

Reading order: `cosmology.constants` (numbers, powers of GeV), `cosmology.units` (the one door between Quantities and
powers of GeV), `cosmology.models` (the particle models by name). This package never imports `halokick`; the two talk
to each other in Quantities.
"""

from cosmology import constants, units
from cosmology.errors import ConvergenceError, CosmologyError, InputError, UnitError
from cosmology.models import MODELS

__all__ = ["MODELS", "ConvergenceError", "CosmologyError", "InputError", "UnitError", "constants", "units"]
