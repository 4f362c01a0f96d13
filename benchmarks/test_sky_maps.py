"""Maps of pixel averages, beside gammapy's JFactory where it is installed and beside lines to the pixels' middles."""

from importlib.util import find_spec
from time import perf_counter, process_time

import astropy.units as u
import numpy as np
import pytest

from halokick.halo.profiles import NFWProfile
from halokick.sky.healpix_map import healpix_map
from halokick.sky.jfactor import differential_j_factor
from halokick.sky.map_files import write_map
from halokick.sky.solid_density import EllipsoidalDensity
from halokick.sky.wcs_map import wcs_map

GALAXY = {"distance": 8.2 * u.kpc, "r_max": 390 * u.kpc}


@pytest.fixture(scope="module", autouse=True)
def warm(profile):
    """Every kernel of a map compiled."""
    healpix_map(profile, nside=4, **GALAXY)
    wcs_map(profile, size="2 deg", pixel="1 deg", **GALAXY)
    wcs_map(profile, size="20 deg", pixel="10 deg", **GALAXY)
    differential_j_factor(profile, angle="1 deg", **GALAXY)


@pytest.mark.benchmark(group="whole sky, nside 256")
def test_healpix_here(benchmark, profile):
    sky = benchmark.pedantic(healpix_map, args=(profile,), kwargs={"nside": 256, **GALAXY}, rounds=3)
    benchmark.extra_info["full sky, sum of the pixels over 2 pi I(pi) - 1"] = float(sky.map_total / sky.total - 1)


@pytest.mark.benchmark(group="whole sky, nside 256")
def test_lines_to_the_middles(benchmark, profile):
    """A line of sight for every pixel, no average: off by 40 per cent in the central ones."""
    cosine = 1 - 2 * (np.arange(12 * 256**2) + 0.5) / (12 * 256**2)
    angles = np.arccos(cosine) * u.rad
    benchmark.pedantic(differential_j_factor, args=(profile,), kwargs={"angle": angles, **GALAXY}, rounds=1)


@pytest.mark.benchmark(group="triaxial, nside 64")
def test_triaxial_here(benchmark, profile):
    solid = EllipsoidalDensity(profile, (1.15, 0.95, 0.9154))
    benchmark.pedantic(healpix_map, args=(solid,), kwargs={"nside": 64, **GALAXY}, rounds=3)


@pytest.mark.benchmark(group="file, nside 256")
def test_file(benchmark, profile, tmp_path):
    sky = healpix_map(profile, nside=256, **GALAXY)
    benchmark.pedantic(write_map, args=(sky, tmp_path / "map.fits"), rounds=3)


@pytest.mark.benchmark(group="plane, 800 x 800")
def test_plane_here(benchmark, profile):
    benchmark.pedantic(wcs_map, args=(profile,), kwargs={"size": "20 deg", "pixel": "0.025 deg", **GALAXY}, rounds=3)
    benchmark.extra_info["microseconds per pixel"] = 1e6 * benchmark.stats.stats.median / 800**2


@pytest.mark.benchmark(group="plane, 800 x 800")
@pytest.mark.skipif(find_spec("gammapy") is None, reason="gammapy is not installed")
@pytest.mark.filterwarnings("ignore")
def test_plane_by_gammapy(benchmark):
    """Its JFactory on 8 x 8 pixels of the same grid, and the ratio to ours by pixel."""
    from gammapy.astro.darkmatter import JFactory, profiles
    from gammapy.maps import WcsGeom

    geom = WcsGeom.create(skydir=(0, 0), frame="galactic", width=0.2, binsz=0.025, proj="TAN")
    theirs = JFactory(
        geom=geom,
        profile=profiles.NFWProfile(r_s=20 * u.kpc, rho_s=0.3 * u.Unit("GeV cm-3")),
        distance=8.2 * u.kpc,
    )
    benchmark.pedantic(theirs.compute_differential_jfactor, rounds=3)
    nfw = NFWProfile(r_s=20 * u.kpc, rho_s=0.3 * u.Unit("GeV cm-3"))
    ours = _seconds(lambda: wcs_map(nfw, size="20 deg", pixel="0.025 deg", distance="8.2 kpc"))
    ratio = (_seconds(theirs.compute_differential_jfactor) / 64) / (ours / 800**2)
    benchmark.extra_info["microseconds per pixel"] = 1e6 * benchmark.stats.stats.median / 64
    benchmark.extra_info["times the processor time per pixel of ours"] = ratio
    wall = _seconds(theirs.compute_differential_jfactor, perf_counter) / 64
    benchmark.extra_info["times our time per pixel, on two cores"] = wall / (
        _seconds(lambda: wcs_map(nfw, size="20 deg", pixel="0.025 deg", distance="8.2 kpc"), perf_counter) / 800**2
    )


def _seconds(work, clock=process_time):
    """Of processors, all threads together, or on the wall: the median of three."""
    found = []
    for _ in range(3):
        start = clock()
        work()
        found.append(clock() - start)
    return float(np.median(found))
