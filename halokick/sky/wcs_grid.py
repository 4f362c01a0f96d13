"""Grids of pixels in the plane of a projection: the door to astropy's WCS."""

from dataclasses import dataclass

import numpy as np

from halokick import units
from halokick.errors import InputError
from halokick.sky.sky_frames import check_frame

_AXES = {"galactic": ("GLON", "GLAT"), "icrs": ("RA--", "DEC-")}
_SMOOTH = ("TAN", "CAR", "ARC", "STG", "ZEA")
"""Projections without edges or kinks near places where maps are made."""
_FINE = 1.0
"""Degrees: the largest pixel for which such a projection is smooth over six of them, to 1e-8 of a pixel."""
_MOST = 10**9
"""Pixels of a map; their values and solid angles alone are then 16 GB."""
_CYLINDRICAL = ("CAR", "CEA", "MER")
"""Projections whose equator must stay that of the sky, or they are oblique."""


def wcs_class():
    """The class ``astropy.wcs.WCS``."""
    from astropy.wcs import WCS  # late: it brings astropy's times and coordinates, for maps alone

    return WCS


@dataclass(frozen=True, eq=False)
class WcsGrid:
    """A grid of pixels.

    Attributes
    ----------
    wcs : astropy.wcs.WCS
        Of two celestial axes.
    shape : (int, int)
        Rows and columns.
    frame : str
        ``"galactic"`` or ``"icrs"``.
    """

    wcs: object
    shape: tuple
    frame: str

    def directions(self, x, y):
        """Longitude and latitude [rad] at pixel coordinates, from 0 in the middle of the first; NaN off the sky."""
        lon, lat = (np.radians(q) for q in self.wcs.all_pix2world(x, y, 0))
        # what rounding puts beyond a pole is at the pole; what the grid puts there is off the sky
        beyond = np.abs(lat) > 0.5 * np.pi
        lat = np.where(beyond & (np.abs(lat) < 0.5 * np.pi + 1e-9), np.copysign(0.5 * np.pi, lat), lat)
        return lon, np.where(np.abs(lat) > 0.5 * np.pi, np.nan, lat)

    def header(self):
        """Cards of the projection: dict of keyword to (value, comment)."""
        cards = self.wcs.to_header(relax=True)
        # the library adds a date of reference, which a sky without time has not
        return {card.keyword: (card.value, card.comment) for card in cards.cards if card.keyword != "MJDREF"}

    @property
    def is_smooth(self):
        """Whether directions may be interpolated between the corners of neighbouring pixels."""
        scale = np.abs(self.wcs.wcs.cdelt if not self.wcs.wcs.has_cd() else np.linalg.norm(self.wcs.wcs.cd, axis=0))
        units_of_degree = all(unit == "deg" for unit in self.wcs.wcs.cunit)
        return self.projection in _SMOOTH and not self.wcs.has_distortion and units_of_degree and np.max(scale) <= _FINE

    @property
    def projection(self):
        """Three letters, as in CTYPE."""
        return self.wcs.wcs.ctype[0][-3:]


def wcs_grid(lon, lat, *, size, pixel, frame, projection):
    """A grid centred on (lon, lat) [rad].

    Parameters
    ----------
    lon, lat : float
    size, pixel : Quantity [angle]
        Of the map and of its pixels: one for both axes, or two. There are as many pixels as come nearest to the size.
    frame, projection : str
    """
    check_frame(frame)
    width, height = _pair(size, "size")
    dx, dy = _pair(pixel, "pixel")
    columns, rows = max(1, round(width / dx)), max(1, round(height / dy))
    if columns * rows > _MOST:
        raise InputError(
            f"size = {size}, pixel = {pixel} make {columns * rows:.3g} pixels, above {_MOST:.0e}; give less"
        )
    wcs = wcs_class()(naxis=2)
    kind = str(projection).upper()
    if kind in _CYLINDRICAL and columns * dx > 360 * (1 + 1e-9):
        raise InputError(f"size = {size} goes more than once around the sky; give 360 deg in longitude at most")
    wcs.wcs.ctype = [f"{name}-{kind}" for name in _AXES[frame]]
    wcs.wcs.cunit = ["deg", "deg"]
    wcs.wcs.cdelt = [-dx, dy]
    lon, lat = (float(np.degrees(q)) for q in (lon, lat))
    middle = [0.5 * (columns + 1), 0.5 * (rows + 1)]
    if kind in _CYLINDRICAL:
        wcs.wcs.crval, wcs.wcs.crpix = [lon, 0.0], [middle[0], middle[1] - lat / dy]
    else:
        wcs.wcs.crval, wcs.wcs.crpix = [lon, lat], middle
    try:
        wcs.wcs.set()
    except ValueError as error:
        raise InputError(
            f"projection = {projection!r} is not known to the WCS library; give one like 'TAN', 'CAR' or 'AIT'"
        ) from error
    return WcsGrid(wcs, (rows, columns), frame)


def grid_of(given, shape=None):
    """The grid of a user's own WCS.

    Parameters
    ----------
    given : astropy.wcs.WCS, or anything with ``wcs`` and ``data_shape``
        gammapy's ``WcsGeom`` is one: the grid of an analysis.
    shape : (int, int), optional
        Rows and columns, if `given` does not know.
    """
    if isinstance(given, wcs_class()):
        wcs, known = given, given.array_shape
    else:
        wcs, known = getattr(given, "wcs", None), getattr(given, "data_shape", None)
    if not isinstance(wcs, wcs_class()):
        raise InputError(f"wcs = {given!r}; an astropy WCS is needed, or gammapy's WcsGeom")
    wcs = wcs.celestial
    shape = known if shape is None else shape
    if shape is None or len(shape) < 2:
        raise InputError("the WCS does not say how many pixels there are; set its array_shape, or give shape")
    names = tuple(one[:4] for one in wcs.wcs.ctype)
    frames = [name for name, axes in _AXES.items() if axes == names]
    if not frames:
        raise InputError(f"the axes of the WCS are {list(wcs.wcs.ctype)}; GLON, GLAT or RA, DEC are needed, in degrees")
    return WcsGrid(wcs, (int(shape[-2]), int(shape[-1])), frames[0])


def _pair(value, name):
    angle = np.degrees(units.to_internal(value, "angle", name))
    if np.shape(angle) not in ((), (2,)) or not np.all(angle > 0):
        raise InputError(f"{name} = {value}; one or two positive angles are needed, in longitude and latitude")
    return tuple(float(q) for q in np.broadcast_to(angle, (2,)))
