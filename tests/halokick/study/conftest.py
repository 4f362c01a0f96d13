"""A small, made-up result with every kind of entry: nothing in it was computed."""

import astropy.units as u
import numpy as np
import pytest

from halokick.sky.dwarf_grid import NoCut, solve_daughter_grid
from halokick.sky.nfw_speeds import solve_nfw_speeds
from halokick.study.config import parse_config
from halokick.study.result import (
    DaughterRecord,
    DwarfsRecord,
    ParentRecord,
    Provenance,
    SkyRecord,
    StudyResult,
)

RUN_FILE = """\
[halo]
profile = "nfw"
r_s = "20 kpc"
rho_s = "7e6 Msun/kpc3"

[decay]
kick_speed = ["54 km/s", "109 km/s"]

[observer]
distance = "8.2 kpc"
angles = ["0.5 deg", "1 deg", "5 deg"]
"""

GEV2 = u.GeV**2 / u.cm**5
DENSITY = u.Msun / u.kpc**3


@pytest.fixture(scope="session")
def coarse_dwarfs():
    """Grid of haloes, and relative speeds, of a few kicks: for tests of who gets which numbers, not of the numbers."""
    grid = solve_daughter_grid(NoCut(), kicks=5, truncations=(0.5, 80.0, 4), radii=8)
    return grid, solve_nfw_speeds((0.0, 0.7, 1.4, 2.5))


@pytest.fixture
def run_file():
    return RUN_FILE


def _daughters(label, speed, share, r):
    density = share * 7e6 / (r / 20) / (1 + r / 20) ** 2
    return DaughterRecord(
        label=label,
        mean_speed=speed * u.km / u.s,
        rms_speed=speed * u.km / u.s,
        method="phase_mixing",
        radius=r * u.kpc,
        density=density * DENSITY,
        error=0.05 * density * DENSITY,
        slope=1 + 2 * r / (r + 20),
        ratio=np.full(len(r), share),
        bound_at_birth=np.linspace(1.0, share, len(r)),
        components={"bound": 0.9 * density * DENSITY, "streaming": 0.1 * density * DENSITY},
        bound_fraction=share,
        reference_radius=200 * u.kpc,
        observer_ratio=share,
        settings={"quadrature_order": "(1, 2, 3)"},
    )


@pytest.fixture
def result():
    r = np.geomspace(0.1, 100, 12)
    theta = np.geomspace(0.01, 100.0, 81)
    nfw = 7e6 / (r / 20) / (1 + r / 20) ** 2
    parent = ParentRecord(
        description="a halo",
        radius=r * u.kpc,
        density=nfw * DENSITY,
        slope=1 + 2 * r / (r + 20),
        mass=1e10 * r * u.Msun,
        escape_speed=500 / (1 + r) * u.km / u.s,
        circular_speed=np.full(12, 200.0) * u.km / u.s,
        dispersion=np.full(12, 120.0) * u.km / u.s,
    )
    angles = np.array([0.5, 1.0, 5.0])
    sky = SkyRecord(
        distance=8.2 * u.kpc,
        r_max=100 * u.kpc,
        angles=angles * u.deg,
        kicks=("54 km/s", "109 km/s"),
        j_parent=1e21 * angles * GEV2,
        j_pair=1e21 * np.outer([0.9, 0.5], angles) * GEV2,
        j_daughter=1e21 * np.outer([0.8, 0.3], angles) * GEV2,
        theta=theta * u.deg,
        differential_parent=1e24 / theta * GEV2 / u.sr,
        differential_pair=1e24 * np.outer([0.9, 0.5], 1 / theta) * GEV2 / u.sr,
        band=1e24 * np.array([1 / theta**0.9, 1 / theta**1.1]) * GEV2 / u.sr,
        shares={"parents": 0.4, "primordial": 0.5, "daughters": 0.1},
    )
    suppression = np.array([[[0.8, 0.01]], [[0.9, 0.1]]])[..., None] * np.array([0.9, 1.0, 1.1])
    three = np.array([[0.9, 1.0, 1.1], [1.8, 2.0, 2.2]])
    dwarfs = DwarfsRecord(
        names=("Draco", "Segue 1"),
        kicks=("54 km/s", "109 km/s"),
        mean_speed=np.array([54.0, 109.0]) * u.km / u.s,
        angles=np.array([0.5]) * u.deg,
        distance=np.array([81.5, 22.9]) * u.kpc,
        half_light_radius=np.array([0.193, 0.020]) * u.kpc,
        dispersion=np.array([9.55, 3.97]) * u.km / u.s,
        virial_mass=1e9 * three * u.Msun,
        concentration=20 * three,
        r_s=three * u.kpc,
        rho_s=5e7 * three * DENSITY,
        tidal_radius=5 * three * u.kpc,
        max_circular_speed=20 * three * u.km / u.s,
        j_parent=6e18 * three[:, None, :] * GEV2,
        suppression=suppression,
        suppression_both=suppression**2,
        bound_fraction=np.sqrt(suppression[:, 0]),
        settings={"relation": "made up"},
    )
    made = Provenance(
        run_file=parse_config(RUN_FILE).to_toml(),
        seed=3,
        versions={"halokick": "0", "numpy": "2"},
        commit="abc",
        created="2026-01-01T00:00:00+00:00",
        seconds=1.5,
    )
    daughters = (_daughters("54 km/s", 54.0, 0.9, r), _daughters("109 km/s", 109.0, 0.5, r))
    return StudyResult(provenance=made, parent=parent, daughters=daughters, sky=sky, dwarfs=dwarfs)
