"""Where a halo's centre is on the sky of a map: Galactic or equatorial longitude and latitude."""

import numpy as np

from halokick import units
from halokick.errors import InputError

FRAMES = ("galactic", "icrs")

_GALACTIC_OF_ICRS = np.array(
    [
        [-0.0548755604162154, -0.8734370902348850, -0.4838350155487132],
        [+0.4941094278755837, -0.4448296299600112, +0.7469822444972189],
        [-0.8676661490190047, -0.1980763734312015, +0.4559837761750669],
    ]
)
"""Unit vectors of the Galactic frame: ESA (1997), The Hipparcos and Tycho Catalogues, vol. 1, Eq. (1.5.11)."""


def centre_in(frame, centre):
    """Longitude and latitude [rad] in the frame of the map.

    Parameters
    ----------
    frame : str
        ``"galactic"`` or ``"icrs"``.
    centre : (Quantity, Quantity), Quantity of two, or anything with ``ra`` and ``dec``
        A pair is longitude and latitude in `frame`; a `Dwarf` of the catalogue knows its own.

    Raises
    ------
    InputError
        No such frame, or a latitude beyond a pole.
    UnitError
        A bare number.
    """
    check_frame(frame)
    if hasattr(centre, "ra") and hasattr(centre, "dec"):
        lon, lat = (one_angle(getattr(centre, name), name) for name in ("ra", "dec"))
        return (lon, lat) if frame == "icrs" else _galactic(lon, lat)
    if not (isinstance(centre, (tuple, list)) or np.ndim(centre) == 1) or len(centre) != 2:
        raise InputError(
            f"centre = {centre!r}; give longitude and latitude in the frame of the map, like ('0 deg', '0 deg'), or "
            "a dwarf of the catalogue"
        )
    lon, lat = (one_angle(value, f"centre[{i}]") for i, value in enumerate(centre))
    if abs(lat) > 0.5 * np.pi * (1 + 1e-12):
        raise InputError(f"centre[1] = {centre[1]}; latitudes lie between -90 and 90 degrees")
    return lon, lat


def check_frame(frame):
    """Refuse a frame that is not known."""
    if frame not in FRAMES:
        raise InputError(f"frame = {frame!r}; a map is in one of {', '.join(FRAMES)}")


def _galactic(ra, dec):
    x, y, z = _GALACTIC_OF_ICRS @ [np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)]
    return float(np.arctan2(y, x) % (2 * np.pi)), float(np.arctan2(z, np.hypot(x, y)))


def one_angle(value, name):
    """One angle as a float [rad]."""
    angle = units.to_internal(value, "angle", name)
    if np.ndim(angle) != 0:
        raise InputError(f"{name} = {value}; one angle is needed")
    return float(angle)
