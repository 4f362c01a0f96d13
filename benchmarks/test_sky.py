"""J-factors beside adaptive quadrature, and the dwarf catalogue."""

import astropy.units as u
import numpy as np
import pytest
from scipy.integrate import quad

import halokick as hk
from halokick.sky.dwarf_grid import solve_daughter_grid

SUN = 8.2 * u.kpc
ANGLES = np.geomspace(0.1, 90, 200) * u.deg


@pytest.mark.benchmark(group="200 directions")
def test_directions_here(benchmark, profile, parents):
    benchmark(hk.differential_j_factor, profile, distance=SUN, angle=ANGLES, r_max=200 * u.kpc)


@pytest.mark.benchmark(group="200 directions")
def test_directions_adaptive(benchmark, profile):
    """The same to 1e-8 by scipy's quad over the line of sight, density in plain floats."""

    def density(r):
        x = r / 20.0
        return x**-1.2 * (1 + x) ** -1.8

    def one(angle):
        cosine, d = np.cos(angle), SUN.value
        end = d * cosine + np.sqrt(200.0**2 - (d * np.sin(angle)) ** 2)
        points = [max(d * cosine, 0.0)]
        return quad(
            lambda s: density(np.sqrt(d * d + s * s - 2 * d * s * cosine)) ** 2,
            0,
            end,
            points=points,
            epsrel=1e-8,
            limit=400,
        )[0]

    benchmark.pedantic(lambda: [one(angle) for angle in ANGLES.to_value("rad")], rounds=3)


@pytest.mark.benchmark(group="26 dwarfs, 20 kicks, 200 draws")
def test_dwarf_catalogue_with_its_grid(benchmark, parents):
    """Scale-free solutions on the grid of kicks and tides, then every draw by interpolation."""
    kicks = [hk.FixedKick(k * u.km / u.s) for k in np.geomspace(1, 150, 20)]

    def everything():
        return hk.suppress_dwarfs(hk.builtin_catalogue().dwarfs, kicks, grid=solve_daughter_grid(), draws=200, seed=1)

    benchmark.pedantic(everything, rounds=2)
