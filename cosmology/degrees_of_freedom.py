"""Effective degrees of freedom g*(T) by name; each result records which one it used."""

from cosmology.degrees_of_freedom_base import ConstantDegreesOfFreedom, DegreesOfFreedom
from cosmology.degrees_of_freedom_borsanyi import Borsanyi
from cosmology.degrees_of_freedom_saikawa_shirai import SaikawaShirai
from cosmology.errors import InputError

__all__ = [
    "DEFAULT",
    "G_STAR",
    "Borsanyi",
    "ConstantDegreesOfFreedom",
    "DegreesOfFreedom",
    "SaikawaShirai",
    "degrees_of_freedom",
]

G_STAR = {"saikawa_shirai": SaikawaShirai, "borsanyi": Borsanyi, "constant": ConstantDegreesOfFreedom}
"""dict : name in run files -> class."""

DEFAULT = "saikawa_shirai"
"""str : used where nothing is said."""


def degrees_of_freedom(g_star=DEFAULT, g_rho=None, g_s=None):
    """The degrees of freedom of that name.

    The Saikawa-Shirai fit and the Borsanyi table differ by up to 10 per cent near the QCD transition.

    Parameters
    ----------
    g_star : str or DegreesOfFreedom
        One of `G_STAR`; an instance is given back unchanged.
    g_rho, g_s : float
        Values of ``"constant"``, which needs at least `g_rho`; the others take none.

    Returns
    -------
    DegreesOfFreedom

    Raises
    ------
    InputError
        An unknown name, or values that do not belong to it.
    """
    values = [value for value in (g_rho, g_s) if value is not None]
    if isinstance(g_star, DegreesOfFreedom) and not values:
        return g_star
    if g_star == "constant":
        if g_rho is None:
            raise InputError("g_star = 'constant' needs its value; write degrees_of_freedom('constant', g_rho=106.75)")
        return ConstantDegreesOfFreedom(g_rho, g_s)
    if not isinstance(g_star, str) or g_star not in G_STAR:
        raise InputError(f"g_star = {g_star!r}; known are {', '.join(G_STAR)}, or a DegreesOfFreedom object")
    if values:
        raise InputError(f"g_star = {g_star!r} has values of its own; g_rho and g_s belong to g_star = 'constant'")
    return G_STAR[g_star]()
