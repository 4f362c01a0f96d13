"""Densities on rings and boxes: masses kept, densities found again, errors that mean what they say."""

import pickle

import numpy as np
import pytest
from astropy import units as u

from halokick.daughters.cell_means import volumes
from halokick.daughters.density_bins import boxes, new_histogram, rings, sums_of
from halokick.daughters.density_grid import BoxGrid, MeridianGrid
from halokick.errors import InputError
from halokick.halo.profiles import NFWProfile, PlummerProfile
from halokick.kernels.deposit import add_samples
from halokick.kernels.lanes import LANES, POSITION, STEP

DENSITY = u.Msun / u.kpc**3
NFW = NFWProfile(r_s="5 kpc", rho_s="1e7 Msun/kpc3")
PLUMMER = PlummerProfile(r_s="2 kpc", rho_s="1e7 Msun/kpc3")
FLATTENING = 0.6


def flattened(x, y, z):
    """A cored ellipsoid; its axis ratio is the same at all radii."""
    return 1e7 * (1 + (x**2 + y**2 + (z / FLATTENING) ** 2) / 4) ** -2.5


def grid_of(density, count, box=False, reference=PLUMMER, low=-1.0):
    """The grid whose cells hold exactly the masses of density(x, y, z)."""
    edges = np.sinh(np.linspace(0, 3, count + 1))
    signed = edges if low == 0 else np.concatenate([-edges[:0:-1], edges])
    axes = [signed, signed, edges] if box else [edges, signed]
    x, w = np.polynomial.legendre.leggauss(4)
    places = [0.5 * (e[1:, None] + e[:-1, None]) + 0.5 * np.diff(e)[:, None] * x for e in axes]
    flat = np.meshgrid(*[p.ravel() for p in places], indexing="ij")
    values = density(*flat) if box else density(flat[0], 0 * flat[0], flat[1]) * flat[0]
    parts = values.reshape([n for p in places for n in p.shape])
    weights = [w / 2] * len(axes)
    letters = "aibjck"[: 2 * len(axes)]
    mean = np.einsum(f"{letters},{','.join(letters[1::2])}->{letters[::2]}", parts, *weights)
    if not box:
        mean /= (0.5 * (axes[0][1:] + axes[0][:-1]))[:, None]
    maker = BoxGrid if box else MeridianGrid
    return maker(*(e * u.kpc for e in axes), mean * DENSITY, 0.1 * mean * DENSITY, reference)


def places(count=2000, seed=5):
    rng = np.random.default_rng(seed)
    direction = rng.normal(size=(3, count))
    return direction / np.linalg.norm(direction, axis=0) * np.exp(rng.uniform(np.log(0.3), np.log(9), count))


@pytest.mark.parametrize("box", [False, True])
def test_a_flattened_density_is_found_again_the_better_the_finer_the_cells(box):
    x, y, z = places() * u.kpc
    errors = []
    for count in (8, 16, 32):
        grid = grid_of(flattened, count, box)
        found = grid.density(x, y, z) if box else grid.density(np.hypot(x, y), z)
        errors.append(np.sqrt(np.mean((found.value / flattened(x.value, y.value, z.value) - 1) ** 2)))
    # linear interpolation between means: second order
    assert errors[1] < 0.35 * errors[0]
    assert errors[2] < 0.35 * errors[1] < 0.01


def test_the_reference_itself_is_found_again_exactly_cusp_included():
    x, y, z = places() * u.kpc
    for reference, edges in ((NFW, [0, 1, 3, 10] * u.kpc), (PLUMMER, [0, 4, 10] * u.kpc)):
        empty = np.ones((len(edges) - 1,) * 2) * DENSITY
        means = MeridianGrid(edges, edges, empty, empty, reference)._reference_means
        grid = MeridianGrid(edges, edges, means * DENSITY, empty, reference)
        r = np.sqrt(x**2 + y**2 + z**2)
        np.testing.assert_allclose(grid.density(np.hypot(x, y), z), reference.density(r), rtol=1e-12)
        # weights of the directions
        np.testing.assert_allclose(grid.spherical_average(r), reference.density(r), rtol=1e-12)


@pytest.mark.parametrize("box", [False, True])
def test_spherical_average_is_that_of_the_ellipsoid(box):
    grid = grid_of(flattened, 32, box)
    for r in (0.5, 2.0, 6.0):
        cosine, weight = np.polynomial.legendre.leggauss(40)
        mean = 0.5 * weight @ flattened(r * np.sqrt(1 - cosine**2), 0, r * cosine)
        assert grid.spherical_average(r * u.kpc).value == pytest.approx(mean, rel=3e-3)  # the grid's own error


def deposited(grid, x, blocks):
    """Sums of positions (3, n) with weight 1, dealt to blocks in turn."""
    S, I = np.zeros(STEP + 4 * LANES), np.arange(LANES, dtype=np.int64) % blocks
    histogram = new_histogram(grid, blocks)
    S[STEP : STEP + LANES] = 1.0
    velocity = STEP + LANES
    S[velocity : velocity + LANES] = 100.0
    for i in range(0, x.shape[1], LANES):
        S[POSITION : POSITION + 3 * LANES] = x[:, i : i + LANES].ravel()
        add_samples(grid, histogram, S, I, velocity, STEP, 0)
    return sums_of(grid, histogram)


def plummer_positions(count, seed=7):
    """Of a Plummer sphere of scale 2 kpc, from its mass within r in closed form."""
    rng = np.random.default_rng(seed)
    r = 2 / np.sqrt(rng.random(count) ** (-2 / 3) - 1)
    direction = rng.normal(size=(3, count))
    return r * direction / np.linalg.norm(direction, axis=0)


@pytest.mark.parametrize("kind", ["rings", "folded rings", "boxes", "folded boxes"])
def test_deposits_keep_their_mass_and_their_scatter_is_the_error(kind):
    x = plummer_positions(640 * LANES)
    edges = np.linspace(0, 3, 6)
    signed = np.linspace(-3, 3, 6)
    axes = {
        "rings": [edges, signed],
        "folded rings": [edges, edges],
        "boxes": [signed, signed, signed],
        "folded boxes": [signed, edges, edges],
    }[kind]
    maker, record = (rings, MeridianGrid) if kind.endswith("rings") else (boxes, BoxGrid)
    total = float(PLUMMER.mass(np.inf * u.kpc) / u.Msun)
    one = total / x.shape[1]
    sums = one * deposited(maker(*axes), x, blocks=32)
    grid = record.from_sums(*(axis * u.kpc for axis in axes), sums, PLUMMER)
    inside = np.abs(x[2]) < 3
    if maker is rings:
        inside &= np.hypot(x[0], x[1]) < 3
    else:
        inside &= (np.abs(x[0]) < 3) & (np.abs(x[1]) < 3)
    assert grid.mass().to_value(u.Msun) == pytest.approx(one * inside.sum(), rel=1e-12)
    assert np.sum(grid.cell_density * grid.cell_volumes).to_value(u.Msun) == pytest.approx(one * inside.sum())
    # how far the cells are from the truth, in units of the quoted error: Student's t of 31 degrees of freedom
    off = ((grid.cell_density.value - grid._reference_means) / grid.cell_error.value).ravel()
    assert np.mean(off**2) == pytest.approx(31 / 29, abs=5 * np.sqrt(2.6 / off.size))
    # and the error follows Poisson's law
    count = grid._masses / one
    np.testing.assert_allclose(
        np.mean(grid.cell_error.value / grid.cell_density.value * np.sqrt(count)), 1.0, atol=4 * 0.13 / off.size**0.5
    )


def test_velocities_of_the_cells():
    x = plummer_positions(64 * LANES)
    edges = np.linspace(0, 3, 3)
    sums = deposited(rings(edges, edges, moments=True), x, blocks=32)
    grid = MeridianGrid.from_sums(edges * u.kpc, edges * u.kpc, sums, PLUMMER)
    # all move along x with 100 km/s, so that v_R^2 + v_phi^2 is known, and half of it each
    mean, sigma_R, sigma_phi = (grid.moments[name].value for name in ("v_phi", "sigma_R", "sigma_phi"))
    np.testing.assert_allclose(sigma_R**2 + sigma_phi**2 + mean**2, 1e4, rtol=1e-12)
    np.testing.assert_allclose(sigma_R, 100 / np.sqrt(2), rtol=0.15)  # some hundred particles in a cell
    assert np.all(grid.moments["sigma_z"].value == 0)


def test_errors_between_cells_are_those_of_the_cells():
    grid = grid_of(flattened, 8)
    R, z = [0.1, 1, 5] * u.kpc, [-3, 0.2, 4] * u.kpc
    np.testing.assert_allclose(grid.error(R, z) / grid.density(R, z), 0.1, rtol=1e-12)


def test_a_pickled_grid_is_the_same():
    grid = grid_of(flattened, 8, box=True)
    again = pickle.loads(pickle.dumps(grid))
    place = [1, -2, 3] * u.kpc
    assert again.density(*place) == grid.density(*place)
    assert not again.cell_density.flags.writeable


def test_outside_the_grid_and_in_its_centre_nothing_is_known():
    grid = grid_of(flattened, 8)
    for R, z in ((11, 0), (0, -11), (-1, 1), (0, 0)):
        with pytest.raises(InputError):
            grid.density(R * u.kpc, z * u.kpc)
    with pytest.raises(InputError, match="r_max"):
        grid.spherical_average(12 * u.kpc)


def test_what_is_no_grid_is_refused():
    edges, values = [0, 1, 2] * u.kpc, np.ones((2, 2)) * DENSITY
    with pytest.raises(InputError, match="centre"):
        MeridianGrid([1, 2, 3] * u.kpc, edges, values, values, PLUMMER)
    with pytest.raises(InputError, match="three increasing"):
        MeridianGrid([0, 2, 1] * u.kpc, edges, values, values, PLUMMER)
    with pytest.raises(InputError, match="shape"):
        MeridianGrid(edges, edges, values[:1], values, PLUMMER)
    with pytest.raises(InputError, match="one block"):
        MeridianGrid.from_sums(edges, edges, np.ones((1, 1, 2, 2)), PLUMMER)
    with pytest.raises(InputError, match="columns"):
        MeridianGrid.from_sums(edges, edges, np.ones((2, 8, 2, 2)), PLUMMER)


def test_volumes_of_the_record_are_the_exact_ones():
    grid = grid_of(flattened, 8)
    np.testing.assert_array_equal(grid.cell_volumes.value, volumes(grid._edges, "rings"))
