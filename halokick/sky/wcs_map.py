"""Maps on grids in the plane of a projection: averages over pixels, exact to the edges' polynomials."""

import numpy as np

from halokick import units
from halokick.errors import InputError
from halokick.kernels.pixel_average import gridded_pixels, outlined_pixels
from halokick.sky.brightness import brightness
from halokick.sky.map_progress import blocks
from halokick.sky.pixel_edges import BETWEEN, RULES, directions, frame, grid_corners, grid_outlines, grid_places
from halokick.sky.sky_frames import centre_in, one_angle
from halokick.sky.sky_map import SkyMap, facts_of, with_map_total
from halokick.sky.wcs_grid import grid_of, wcs_grid

_BLOCK = {True: 131_072, False: 16_384}
"""Pixels whose corners, or edges, are in memory at once: some 8 MB."""


def wcs_map(
    first,
    second=None,
    *,
    distance=None,
    viewpoint=None,
    centre=("0 deg", "0 deg"),
    wcs=None,
    size=None,
    pixel=None,
    frame="galactic",
    projection="TAN",
    r_max=None,
    position_angle="0 deg",
    speed_factor=None,
    speed_model="",
    progress=None,
):
    r"""Map of dJ/dOmega averaged over the pixels of a projection, by the closed integral of `healpix_map`.

    Give the grid on which the map will be used: a template that is interpolated to other pixels is wrong by ten per
    cent and more near a cusp.

    Parameters
    ----------
    first, second, distance, viewpoint, r_max, position_angle, speed_factor, speed_model, progress
        As for `healpix_map`.
    centre : (Quantity, Quantity), or a `Dwarf`
        Longitude and latitude of the halo's centre in the frame of the map.
    wcs : astropy.wcs.WCS or gammapy's WcsGeom, optional
        The grid; or else `size`, `pixel`, `frame` and `projection` make one around `centre`. The ``array_shape`` of a
        WCS must be set.
    size, pixel : Quantity [angle]
        One for both axes, or two.
    frame : str
        ``"galactic"`` or ``"icrs"``.
    projection : str
        As in CTYPE: ``"TAN"``, ``"CAR"``, ``"AIT"``, ...

    Returns
    -------
    SkyMap
        Shape (rows, columns); NaN for pixels not wholly on the sky.

    Raises
    ------
    InputError
        Both a `wcs` and a `size`, or neither; else as for `healpix_map`.
    """
    densities = (first, first if second is None else second)
    sky = {"distance": distance, "viewpoint": viewpoint, "r_max": r_max, "speed_factor": speed_factor}
    options = (centre, wcs, size, pixel, frame, projection, position_angle, speed_model, progress)
    return _map(densities, "j_factor", sky, *options)


def wcs_d_map(
    density,
    *,
    distance=None,
    viewpoint=None,
    centre=("0 deg", "0 deg"),
    wcs=None,
    size=None,
    pixel=None,
    frame="galactic",
    projection="TAN",
    r_max=None,
    position_angle="0 deg",
    progress=None,
):
    """Map of the D-factor per solid angle averaged over the pixels of a projection: as `wcs_map`, of one density."""
    sky = {"distance": distance, "viewpoint": viewpoint, "r_max": r_max}
    options = (centre, wcs, size, pixel, frame, projection, position_angle, "", progress)
    return _map((density,), "d_factor", sky, *options)


def _map(densities, dimension, options, centre, wcs, size, pixel, frame_name, projection, position_angle, *rest):
    model, progress = rest
    if wcs is not None:
        if size is not None or pixel is not None:
            raise InputError("wcs is a grid already; leave out size and pixel")
        grid = grid_of(wcs)
        lon, lat = centre_in(grid.frame, centre)
    else:
        if size is None or pixel is None:
            raise InputError("give wcs, the grid of the map, or size and pixel to make one around centre")
        lon, lat = centre_in(frame_name, centre)
        grid = wcs_grid(lon, lat, size=size, pixel=pixel, frame=frame_name, projection=projection)
    sky = brightness(densities, dimension=dimension, **options)
    axes = frame(lon, lat, one_angle(position_angle, "position_angle"))
    sums, area = np.empty(grid.shape), np.empty(grid.shape)
    rows = max(1, _BLOCK[grid.is_smooth] // grid.shape[1])
    for part in blocks(grid.shape[0], progress, size=rows):
        sums[part], area[part] = _pixels(sky.table, grid, part.start, part.stop, axes)
    facts = facts_of(densities, sky, sky.error, model)
    with np.errstate(invalid="ignore"):
        values = sums / area
    return SkyMap(
        values=units.attach(values, f"differential_{dimension}"),
        solid_angle=units.attach(area, "solid_angle"),
        grid=grid,
        total=units.attach(sky.total, dimension),
        distance=units.attach(sky.distance, "length"),
        r_max=units.attach(sky.r_max, "length"),
        facts=with_map_total(facts, units.attach(np.nansum(sums), dimension)),
    )


def _pixels(table, grid, first, last, axes):
    """Integrals over the pixels of some rows, and their solid angles."""
    if grid.is_smooth:
        corners = _about(grid, axes, *grid_corners(first, last, grid.shape[1]))
        # near a pole some of the corners around a grid are not on the sky
        if not np.any(np.isnan(corners)):
            return gridded_pixels(table, corners, BETWEEN, *RULES)
    points = (_about(grid, axes, *places) for places in grid_places(first, last, grid.shape[1]))
    outlines = grid_outlines(*points)
    found = outlined_pixels(table, outlines.reshape(-1, *outlines.shape[2:]), *RULES)
    return (one.reshape(-1, grid.shape[1]) for one in found)


def _about(grid, axes, x, y):
    """Unit vectors of pixel coordinates, about the centre of the halo."""
    lon, lat = grid.directions(x.ravel(), y.ravel())
    return (directions(lon, lat) @ axes.T).reshape(*x.shape, 3)
