"""galpy, loaded when it is first needed: its import takes a second, and most haloes need none of it."""

import sys
from importlib import import_module


def galpy_potential():
    """The module ``galpy.potential``."""
    return import_module("galpy.potential")


def galpy_orbit():
    """The class ``galpy.orbit.Orbit``."""
    return import_module("galpy.orbit").Orbit


def runs_in_c(potential):
    """Whether galpy can integrate orbits in the potential by compiled code."""
    compiled = getattr(import_module("galpy.orbit.integrateFullOrbit"), "_ext_loaded", True)
    # the module, which the class of the same name hides
    return bool(compiled and import_module("galpy.potential.Potential")._check_c(potential))


def is_galpy(thing):
    """Whether `thing` is a galpy potential, or a list of them. Nothing is, while galpy has not been imported."""
    module = sys.modules.get("galpy.potential")
    if module is None:
        return False
    parts = thing if isinstance(thing, (list, tuple)) else [thing]
    return len(parts) > 0 and all(isinstance(part, module.Potential) for part in parts)
