"""Haloes that lose mass, in closed form: homology, and shells on circular orbits that keep their angular momentum."""

from typing import NamedTuple

import numpy as np

from halokick import units
from halokick.errors import InputError
from halokick.units import Quantity


class MovedShells(NamedTuple):
    """Shells after a slow loss of mass."""

    radius: Quantity
    """Where each shell is now [length]."""
    mass: Quantity
    """Mass inside it, which moved along [mass]."""


def one_body_homology(profile, share, r):
    r"""Mass and density of a halo whose every particle has slowly lost the same share of its mass, without a kick.

    Actions are kept, so radii grow and speeds fall by the mass that is left, and a self-similar answer solves the
    equations exactly, whatever the orbits (own derivation; a Kepler orbit is the textbook case):

    .. math:: M(<r) = (1-x)\,M_0\big(<(1-x)\,r\big), \qquad \rho(r) = (1-x)^4\,\rho_0\big((1-x)\,r\big).

    The same holds where all daughters leave at once: for slow decays with kicks far above the escape speed.

    Parameters
    ----------
    profile : DensityProfile
        Before any decay; the halo's own gravity alone.
    share : float
        x, lost share of the mass, at least 0 and below 1.
    r : Quantity [length], any shape

    Returns
    -------
    mass : Quantity [mass], shape of `r`
    density : Quantity [density], shape of `r`

    Raises
    ------
    InputError
        `share` outside its range.
    """
    left = 1.0 - share_between(share, "share", below_one=True)
    inner = left * units.quantity(r, "length", "r")
    return left * profile.mass(inner), left**4 * profile.density(inner)


def circular_shell_correction(r, before, fixed, extra=None):
    r"""Where shells of circular orbits go when the mass inside slowly changes, from an answer in a fixed potential.

    Angular momentum gives :math:`r_f\,M_f(<r_f) = r_i\,M_i(<r_i)` as long as shells do not cross. Taking the mass that
    the fixed potential leaves inside :math:`r_i` for the mass that moves,

    .. math:: r_f = r_i\,\frac{M_i(r_i)}{M_\mathrm{fix}(r_i)}, \qquad M_f(<r_f) = M_\mathrm{fix}(<r_i).

    For decays to what leaves the halo this is the exact homology (`one_body_homology`). For kicks near the escape speed
    it keeps daughters that the shallower well would lose; for those below it expands the centre too much, up to a
    factor 2 in mass (`evolve_halo` is the answer there).

    Parameters
    ----------
    r : Quantity [length], shape (n,)
        Increasing.
    before, fixed : Quantity [mass], shape (n,)
        Mass inside `r` of what can move: before decays, and after them in the fixed potential.
    extra : Quantity [mass], shape (n,), optional
        Fixed mass inside `r`, such as stars.

    Returns
    -------
    MovedShells

    Raises
    ------
    InputError
        Columns of unequal length, masses that are not positive and rising, or shells that would cross.
    """
    radius = np.asarray(units.to_internal(r, "length", "r"))
    first = np.asarray(units.to_internal(before, "mass", "before"))
    last = np.asarray(units.to_internal(fixed, "mass", "fixed"))
    stars = np.zeros_like(radius) if extra is None else np.asarray(units.to_internal(extra, "mass", "extra"))
    if radius.ndim != 1 or not radius.shape == first.shape == last.shape == stars.shape:
        raise InputError("circular_shell_correction: r and the masses must be columns of equal length")
    if np.any(radius <= 0) or np.any(np.diff(radius) <= 0) or np.any(last <= 0) or np.any(np.diff(last) < 0):
        raise InputError("circular_shell_correction: r and the mass that is left must be positive and must not fall")
    moved = moved_shells(radius, first, last, stars)
    crossed = np.diff(moved) <= 0
    if np.any(crossed):
        raise InputError(
            f"circular_shell_correction: shells cross near {radius[np.argmax(crossed)]:.4g} kpc, where the mass "
            "that is left rises too steeply for circular orbits to stay apart; use evolve_halo"
        )
    return MovedShells(units.attach(moved, "length"), units.attach(last, "mass"))


def moved_shells(radius, before, after, extra):
    """Radii [kpc] at which r (m + extra(r)) is what it was, for shells of mass `before` that becomes `after` [Msun]."""
    momentum = radius * (before + extra)
    if not np.any(extra):
        return momentum / after
    # r (after + extra(r)) rises with r: bisection between the old radius and that without the extra mass
    low, high = np.log(radius) - 1.0, np.log(np.maximum(momentum / after, radius)) + 1e-9
    log_r = np.log(radius)
    for _ in range(60):
        middle = 0.5 * (low + high)
        too_far = np.exp(middle) * (after + np.interp(middle, log_r, extra)) > momentum
        low, high = np.where(too_far, low, middle), np.where(too_far, middle, high)
    return np.exp(0.5 * (low + high))


def share_between(value, name, *, below_one=False):
    """A share of mass from 0 to 1."""
    share = units.to_internal(value, "dimensionless", name)
    if np.ndim(share) != 0 or not 0 <= share <= 1 or (below_one and share == 1):
        raise InputError(f"{name} = {value}; one share between 0 and 1 is needed")
    return float(share)
