"""Masses and couplings as calculations take them: positive, ordered, perturbative; everything else is refused."""

import numpy as np

from cosmology import units
from cosmology.errors import InputError

PERTURBATIVE_COUPLING = float(np.sqrt(4 * np.pi))
r"""Largest coupling accepted, :math:`\sqrt{4\pi}`: its square over :math:`4\pi` is then 1."""


def checked_masses(parent_mass, daughter_mass):
    """Parent and daughter mass [GeV] of an open decay, or an `InputError`."""
    heavy = checked_positive(parent_mass, "mass", "parent_mass")
    light = checked_positive(daughter_mass, "mass", "daughter_mass")
    if np.any(light >= heavy):
        raise InputError(
            f"daughter_mass = {daughter_mass} is not below parent_mass = {parent_mass}; a decay needs a parent that is "
            "heavier than its daughter: exchange the two, or raise the parent's mass"
        )
    return heavy, light


def checked_positive(value, dimension, name):
    """A positive number or array in powers of GeV, or an `InputError`."""
    stripped = units.to_internal(value, dimension, name)
    if not np.all(np.asarray(stripped) > 0):
        raise InputError(f"{name} = {value}; it has to be positive")
    return stripped


def checked_coupling(value, name):
    r"""A coupling between 0 and :math:`\sqrt{4\pi}`, or an `InputError`."""
    g = units.to_internal(value, "dimensionless", name)
    if np.any(np.asarray(g) <= 0) or np.any(np.asarray(g) > PERTURBATIVE_COUPLING * (1 + 1e-12)):
        raise InputError(
            f"{name} = {value}; a coupling lies above 0 and up to sqrt(4 pi) = {PERTURBATIVE_COUPLING:.4g}, "
            "above which perturbation theory has no meaning"
        )
    return g
