"""Map files as other programs read them: healpy, astropy, gammapy; and what happens when they cannot be written."""

from importlib.util import find_spec

import astropy.units as u
import healpy
import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS
from scipy.integrate import quad

from halokick.daughters.result import Daughters
from halokick.decay.kicks import FixedKick
from halokick.errors import InputError, StorageError
from halokick.halo.profiles import NFWProfile, TabulatedProfile
from halokick.sky.healpix_map import healpix_d_map, healpix_map
from halokick.sky.map_files import write_map
from halokick.sky.solid_density import EllipsoidalDensity
from halokick.sky.wcs_map import wcs_map

DRACO = NFWProfile(r_s="1 kpc", rho_s="5.3e7 Msun/kpc3")
SEEN = {"distance": "81.55 kpc", "r_max": "5.86 kpc"}
CENTRE = ("86.4 deg", "34.7 deg")


@pytest.fixture(scope="module")
def daughters():
    """Daughters whose density is three quarters of the parents' everywhere."""
    radius = np.geomspace(1e-3, 10, 30) * u.kpc
    share = 0.75 * DRACO.density(radius)
    speeds = {"radial": np.zeros(30) * u.km / u.s, "tangential": np.zeros(30) * u.km / u.s}
    kick = FixedKick("20 km/s")
    return Daughters(
        "phase_mixing", DRACO, kick, radius, {"bound": share}, 0 * share, speeds, np.ones(30), 1.0, 10 * u.kpc
    )


@pytest.fixture(scope="module", params=["nested", "ring", "part", "equatorial"])
def healpix(request):
    options = {"order": "ring"} if request.param == "ring" else {}
    if request.param == "part":
        options["region"] = "3 deg"
    if request.param == "equatorial":
        options |= {"frame": "icrs", "centre": ("260.05 deg", "57.92 deg")}
    return healpix_map(DRACO, nside=64, **({"centre": CENTRE} | SEEN | options))


@pytest.fixture(scope="module", params=["TAN", "CAR"])
def plane(request):
    return wcs_map(
        DRACO, centre=("260.05 deg", "57.92 deg"), frame="icrs", size="2.05 deg", pixel="0.05 deg",
        projection=request.param, **SEEN,
    )  # fmt: skip


def test_healpy_reads_the_tables(healpix, tmp_path):
    path = write_map(healpix, tmp_path / "map.fits")
    nest = healpix.grid.order == "nested"
    part = healpix.grid.pixels is not None
    values = healpy.read_map(path, nest=nest, partial=part, dtype=np.float64)
    pixels = healpix.grid.pixels if part else slice(None)
    np.testing.assert_array_equal(values[pixels], healpix.values.value)
    if part:
        assert np.sum(values != healpy.UNSEEN) == len(healpix.values)


def test_headers_say_what_the_map_is_of(healpix, tmp_path):
    header = fits.getheader(write_map(healpix, tmp_path / "map.fits"), 1)
    assert header["PIXTYPE"] == "HEALPIX"
    assert header["ORDERING"] == healpix.grid.order.upper()
    assert (header["NSIDE"], header["ORDER"]) == (64, 6)
    assert header["HPX_CONV"] == "GADF"
    assert header["TTYPE1" if healpix.grid.pixels is None else "TTYPE2"] == "CHANNEL1"
    assert header["BUNIT"] == "GeV2 cm-5 sr-1"
    assert header["COORDSYS"] == ("CEL" if healpix.grid.frame == "icrs" else "GAL")
    assert header["VCONV"] == "v_rel"
    assert header["S_MODEL"] == "S = 1"
    assert (header["KICK"], header["PAIR"]) == ("none", "no kick")
    assert header["DISTANCE"] == 81.55
    assert header["R_MAX"] == 5.86
    assert (header["R_S1"], header["RHO_S1"], header["GAMMA1"]) == (1.0, 5.3e7, 1.0)
    assert header["J_TOTAL"] == pytest.approx(healpix.total.value, rel=1e-14)
    assert header["J_MAP"] == pytest.approx(healpix.map_total.value, rel=1e-14)
    assert header["CREATOR"].startswith("halokick")
    fits.open(tmp_path / "map.fits", checksum=True).close()


def test_kicks_are_in_the_header(daughters, tmp_path):
    linear = healpix_map(DRACO, daughters, nside=8, speed_factor=lambda r: np.ones(r.shape), speed_model="one", **SEEN)
    header = fits.getheader(write_map(linear, tmp_path / "map.fits"), 1)
    assert header["PAIR"] == "linear"
    assert header["KICK"] == daughters.kick.label
    assert header["KICKMAX"] == 20.0
    assert header["S_MODEL"] == "one"
    assert header["DENSITY2"].startswith("daughters (phase_mixing) of NFWProfile")
    plain = healpix_map(DRACO, nside=8, **SEEN)
    # the ratio of the table is constant: rounding of its interpolation, and of pixels that the edge only just misses
    most = plain.values.value.max()
    np.testing.assert_allclose(linear.values.value, 0.75 * plain.values.value, rtol=1e-9, atol=1e-14 * most)
    both = healpix_map(daughters, nside=8, **SEEN)
    assert both.facts["PAIR"][0] == "quadratic"


def test_shapes_are_in_the_header(tmp_path):
    solid = EllipsoidalDensity(DRACO, (1.2, 1.0, 0.8))
    table = TabulatedProfile(np.geomspace(0.01, 10, 50) * u.kpc, DRACO.density(np.geomspace(0.01, 10, 50) * u.kpc))
    said = ("NFWProfile(r_s=1.0 kpc, rho_s=53000000.0 solMass / kpc3) at axes (1.2, 1.0, 0.8)", "TabulatedProfile")
    for one, words in zip((solid, table), said, strict=True):
        sky = wcs_map(one, size="2 deg", pixel="1 deg", **SEEN)
        header = fits.getheader(write_map(sky, tmp_path / "map.fits"))
        assert header["DENSITY1"].startswith(words)
        assert header["DENSITY2"] == "the same as DENSITY1"
        assert header.get("R_S1", 1.0) == 1.0


def test_images_have_their_projection(plane, tmp_path):
    with fits.open(write_map(plane, tmp_path / "map.fits")) as file:
        np.testing.assert_array_equal(file[0].data, plane.values.value)
        assert file[0].header["BUNIT"] == "GeV2 cm-5 sr-1"
        wcs = WCS(file[0].header)
    row, column = np.unravel_index(np.argmax(plane.values), plane.values.shape)
    # the brightest pixel holds the centre: half of 0.05 deg, in right ascension over cos(58 deg)
    assert wcs.wcs_pix2world(column, row, 0) == pytest.approx([260.05, 57.92], abs=0.05)


def test_clumpy_tables_agree_with_each_other(healpix, daughters, tmp_path):
    path = write_map(healpix, tmp_path / "map.fits", layout="clumpy")
    with fits.open(path) as file:
        assert [one.name for one in file[1:]] == ["JFACTOR", "JFACTOR_PER_SR"]
        assert file[1].columns.names == ["PIXEL", "Jtot", "Jsmooth"]
        assert file[2].columns.names == ["PIXEL", "Jtot_per_sr", "Jsmooth_per_sr"]
        assert [one.unit for one in file[1].columns] == [None, "GeV2 cm-5", "GeV2 cm-5"]
        assert file[1].header["ORDERING"] == "NESTED"
        assert file[1].header["INDXSCHM"] == "EXPLICIT"
        area = 4 * np.pi / (12 * 64**2)
        # to a float32 in CLUMPY's own files; ours are doubles
        np.testing.assert_allclose(file[1].data["Jtot"], file[2].data["Jtot_per_sr"] * area, rtol=1e-12)
        assert file[1].data["Jtot"].sum() == pytest.approx(healpix.map_total.value, rel=1e-12)
        best = file[1].data["PIXEL"][np.argmax(file[1].data["Jtot"])]
    lon, lat = (260.05, 57.92) if healpix.grid.frame == "icrs" else (86.4, 34.7)
    assert best == healpy.ang2pix(64, lon, lat, nest=True, lonlat=True)


def test_clumpy_tables_hold_the_kicked_and_the_unkicked(daughters, tmp_path):
    kicked, plain = (healpix_map(DRACO, one, nside=8, order="ring", **SEEN) for one in (daughters, None))
    with fits.open(write_map(kicked, tmp_path / "map.fits", layout="clumpy", unkicked=plain)) as file:
        assert file[1].columns.names == ["PIXEL", "Jtot", "Jsmooth", "Jkick"]
        most = plain.per_pixel.value.max()
        np.testing.assert_allclose(file[1].data["Jkick"], 0.75 * file[1].data["Jtot"], rtol=1e-9, atol=1e-14 * most)
    with pytest.raises(InputError, match="same pixels"):
        write_map(kicked, tmp_path / "map.fits", layout="clumpy", unkicked=healpix_map(DRACO, nside=16, **SEEN))
    decay = healpix_d_map(DRACO, nside=8, **SEEN)
    with fits.open(write_map(decay, tmp_path / "decay.fits", layout="clumpy")) as file:
        assert file[1].columns.names == ["PIXEL", "Dtot", "Dsmooth"]
        assert file[2].header["D_TOTAL"] == pytest.approx(decay.total.value, rel=1e-14)


def test_fermi_images_have_integral_one(plane, tmp_path):
    with fits.open(write_map(plane, tmp_path / "map.fits", layout="fermi")) as file:
        assert file[0].header["BUNIT"] == "sr-1"
        # the pixels' own solid angles
        assert np.sum(file[0].data * plane.solid_angle.value) == pytest.approx(1, rel=1e-14)
        assert file[0].header["J_MAP"] == pytest.approx(plane.map_total.value, rel=1e-14)


def test_layouts_that_do_not_fit_are_refused(plane, tmp_path):
    table = healpix_map(DRACO, nside=4, **SEEN)
    aitoff = wcs_map(DRACO, size=("360 deg", "180 deg"), pixel="20 deg", projection="AIT", **SEEN)
    for sky, layout, said in (
        (table, "fermi", "make the map with wcs_map"),
        (aitoff, "fermi", "one of these projections"),
        (plane, "clumpy", "healpix_map"),
        (plane, "hdf5", "'gammapy', 'clumpy', 'fermi'"),
    ):
        with pytest.raises(InputError, match=said):
            write_map(sky, tmp_path / "map.fits", layout=layout)
    with pytest.raises(InputError, match="belongs to"):
        write_map(plane, tmp_path / "map.fits", unkicked=plane)
    elsewhere = wcs_map(DRACO, centre=("180 deg", "0 deg"), size="2 deg", pixel="1 deg", **SEEN).grid
    elsewhere.wcs.array_shape = elsewhere.shape
    empty = wcs_map(DRACO, wcs=elsewhere.wcs, centre=("0 deg", "0 deg"), **SEEN)
    assert empty.map_total == 0
    with pytest.raises(InputError, match="no part of the halo"):
        write_map(empty, tmp_path / "map.fits", layout="fermi")
    # off the sky is zero in files
    assert np.isnan(aitoff.values[0, 0])
    assert fits.getdata(write_map(aitoff, tmp_path / "map.fits"))[0, 0] == 0


def test_a_failed_write_leaves_the_old_file(plane, tmp_path, monkeypatch):
    path = write_map(plane, tmp_path / "map.fits.gz")
    before = path.read_bytes()

    def full(self, partial, **options):
        partial.write_bytes(b"half")
        raise OSError("no space left on device")

    monkeypatch.setattr(fits.HDUList, "writeto", full)
    with pytest.raises(StorageError, match="no space left"):
        write_map(plane, path)
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["map.fits.gz"]


# -- gammapy -----------------------------------------------------------------------------------------------------------

MASS = 50.0
CROSS_SECTION = 3e-26
ENERGY = np.geomspace(1, 50, 61)


def dn_de(energy):
    """A photon spectrum shaped like that of quarks."""
    return (energy / MASS) ** -1.5 * np.exp(-8 * energy / MASS) / MASS


@pytest.mark.skipif(find_spec("gammapy") is None, reason="gammapy is not installed")
@pytest.mark.parametrize("normalize", [True, False])
def test_gammapy_gets_the_flux(plane, tmp_path, normalize):
    from gammapy.maps import MapAxis
    from gammapy.modeling.models import SkyModel, TemplateSpatialModel, TemplateSpectralModel

    path = write_map(plane, tmp_path / "map.fits")
    template = TemplateSpatialModel.read(path, normalize=normalize)
    rate = CROSS_SECTION / (4 * np.pi * MASS**2)
    if normalize:
        values = rate * plane.map_total.value * dn_de(ENERGY) * u.Unit("cm-2 s-1 GeV-1")
    else:
        values = rate * dn_de(ENERGY) * u.Unit("cm3 s-1 GeV-3")
    model = SkyModel(spatial_model=template, spectral_model=TemplateSpectralModel(ENERGY * u.GeV, values))
    axis = MapAxis.from_energy_bounds(1 * u.GeV, 50 * u.GeV, 1, name="energy_true")
    flux = model.integrate_geom(template.map.geom.to_cube([axis])).quantity.sum().to_value("cm-2 s-1")
    exact = rate * plane.map_total.value * quad(dn_de, 1, 50)[0]
    # power laws between 61 energies: 2e-4; solid angles of pixels by their corners there: 1e-6
    assert flux == pytest.approx(exact, rel=5e-4)
    if plane.grid.projection == "TAN":
        # an independent calculation
        assert exact == pytest.approx(4.5713e-11, rel=1.2e-5)


@pytest.mark.skipif(find_spec("gammapy") is None, reason="gammapy is not installed")
def test_gammapy_reads_healpix(healpix, tmp_path):
    from gammapy.maps import Map
    from gammapy.modeling.models import TemplateSpatialModel

    path = write_map(healpix, tmp_path / "map.fits")
    read = Map.read(path)
    np.testing.assert_array_equal(read.data, healpix.values.value)
    assert read.unit == healpix.values.unit
    template = TemplateSpatialModel.read(path)
    total = (template.map.data * template.map.geom.solid_angle()).sum().value
    # normalised by gammapy to one, so that a spectrum must carry the sum of the map
    assert total == pytest.approx(1, rel=1e-12)
    assert read.geom.nside[0] == 64


@pytest.mark.skipif(find_spec("gammapy") is None, reason="gammapy is not installed")
def test_the_grid_of_an_analysis_is_filled(tmp_path):
    from gammapy.maps import WcsGeom

    geom = WcsGeom.create(skydir=(86.4, 34.7), frame="galactic", width=(2, 1), binsz=0.02, proj="CAR")
    sky = wcs_map(DRACO, centre=CENTRE, wcs=geom, **SEEN)
    assert sky.values.shape == geom.data_shape
    # gammapy takes pixels for plane squares of their sides
    np.testing.assert_allclose(sky.solid_angle.value, geom.solid_angle().to_value("sr"), rtol=1e-5)
