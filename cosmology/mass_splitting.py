"""The small mass difference of parent and daughter: from a composite sector, or checked as given."""

import numpy as np

from cosmology import units
from cosmology.particle_input import checked_coupling, checked_masses, checked_positive


def composite_splitting(coupling, confinement_scale):
    r"""Radiative splitting of two states that confine at one scale.

    .. math:: \Delta m \sim \frac{g^2}{16\pi^2}\,\Lambda_\mathrm{conf}

    An estimate of the order of magnitude: a factor of one is not known (Hardy, Lasenby & Unwin 2014, Eq. (4.4)).

    Parameters
    ----------
    coupling : float or ndarray
        Weak gauge coupling g that tells the two constituents apart.
    confinement_scale : Quantity [energy]

    Returns
    -------
    Quantity [energy], shape of the arguments broadcast

    Raises
    ------
    InputError
        A scale that is not positive, or a coupling outside the perturbative range.
    """
    g = checked_coupling(coupling, "coupling")
    scale = checked_positive(confinement_scale, "energy", "confinement_scale")
    return units.attach(g**2 * scale / (16 * np.pi**2), "energy")


def composite_coupling(splitting, confinement_scale):
    """Coupling g that gives a splitting, the inverse of `composite_splitting`.

    Parameters
    ----------
    splitting, confinement_scale : Quantity [energy]

    Returns
    -------
    float or ndarray

    Raises
    ------
    InputError
        The splitting asks for a coupling above the perturbative range.
    """
    gap = checked_positive(splitting, "energy", "splitting")
    scale = checked_positive(confinement_scale, "energy", "confinement_scale")
    return checked_coupling(np.sqrt(16 * np.pi**2 * gap / scale), f"coupling for a splitting of {splitting}")


def mass_splitting(parent_mass, daughter_mass):
    r"""Difference :math:`\Delta m = m_{B'} - m_{L'}`, refused where the decay has no energy to release.

    Parameters
    ----------
    parent_mass, daughter_mass : Quantity [mass]

    Returns
    -------
    Quantity [energy]

    Raises
    ------
    InputError
        A daughter as heavy as its parent, or heavier.

    Notes
    -----
    Masses are floats of 16 digits: a splitting below 1e-8 of the mass loses half of them. Make the heavier mass from
    `parent_mass_of` then, and keep the splitting.
    """
    heavy, light = checked_masses(parent_mass, daughter_mass)
    return units.attach(heavy - light, "energy")


def parent_mass_of(daughter_mass, splitting):
    """Mass of the parent from the daughter's and the splitting, Quantity [mass]."""
    light = checked_positive(daughter_mass, "mass", "daughter_mass")
    return units.attach(light + checked_positive(splitting, "energy", "splitting"), "mass")
