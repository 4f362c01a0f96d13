"""Maps from files: what was written, what other programs write, and what is refused."""

import gzip

import astropy.units as u
import healpy
import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS

from halokick.decay.kicks import FixedKick
from halokick.errors import InputError, StorageError, UnitError
from halokick.halo.profiles import NFWProfile
from halokick.sky.healpix_map import HealpixGrid, healpix_d_map, healpix_map
from halokick.sky.map_files import read_map, write_map
from halokick.sky.map_reader import sky_map_of
from halokick.sky.sky_map import SkyMap
from halokick.sky.wcs_map import wcs_d_map, wcs_map

DRACO = NFWProfile(r_s="1 kpc", rho_s="5.3e7 Msun/kpc3")
SEEN = {"distance": "81.55 kpc", "r_max": "5.86 kpc"}
GALACTIC = ("86.4 deg", "34.7 deg")
EQUATORIAL = {"frame": "icrs", "centre": ("260.05 deg", "57.92 deg")}
J = u.GeV**2 / u.cm**5
DIGITS = 1e-14
"""A number takes twenty characters of a card, sign, point and exponent included: fifteen digits or more."""


class Kicked:
    """Three quarters of the parents', and a label too long for one card."""

    kick = FixedKick("20 km/s")
    parent = DRACO

    def density(self, r):
        return 0.75 * DRACO.density(r)

    def __repr__(self):
        return "Kicked(" + 20 * "a long description, " + "of daughters)"


@pytest.fixture(scope="module")
def maps():
    healpix = {"nside": 64, "centre": GALACTIC} | SEEN
    ring = {"order": "ring", "region": "3 deg"}
    half = {"speed_factor": lambda r: np.full(r.shape, 0.5), "speed_model": "half"}
    tan = {"size": ("2 deg", "1.5 deg"), "pixel": "0.05 deg"} | EQUATORIAL | SEEN
    return {
        "nested": healpix_map(DRACO, **healpix),
        "ring": healpix_map(DRACO, **healpix, order="ring"),
        "part": healpix_map(DRACO, Kicked(), **healpix, region="3 deg"),
        "part in rings": healpix_map(DRACO, **healpix, **ring),
        "elsewhere": healpix_map(DRACO, **healpix, region=("80 deg", "30 deg", "9 deg")),
        "equatorial": healpix_map(DRACO, **(healpix | EQUATORIAL | half)),
        "decay": healpix_d_map(DRACO, **healpix),
        "endless": healpix_map(DRACO, nside=8, distance="81.55 kpc"),
        "plane": wcs_map(DRACO, Kicked(), **tan),
        "cylinder": wcs_map(DRACO, size="3 deg", pixel="0.05 deg", projection="CAR", centre=GALACTIC, **SEEN),
        "all sky": wcs_map(DRACO, size=("360 deg", "180 deg"), pixel="4 deg", projection="AIT", **SEEN),
        "plane of decay": wcs_d_map(DRACO, **tan),
    }  # fmt: skip


KINDS = ("nested", "ring", "part", "part in rings", "elsewhere", "equatorial", "decay", "endless")
PLANES = ("plane", "cylinder", "all sky", "plane of decay")


def same_facts(read, written):
    """Values as they were, but for digits beyond fifteen; comments as far as they fit."""
    assert list(read.facts) == list(written.facts)
    for key, (value, comment) in written.facts.items():
        found, said = read.facts[key]
        assert found == (pytest.approx(value, rel=DIGITS) if isinstance(value, float) else value), key
        assert comment.startswith(said.rstrip()), key


def same_scale(read, written):
    assert read.total.value == pytest.approx(written.total.value, rel=DIGITS)
    assert read.distance.value == pytest.approx(written.distance.value, rel=DIGITS)
    assert read.r_max.value == pytest.approx(written.r_max.value, rel=DIGITS)
    for name in ("values", "total", "distance", "r_max", "solid_angle"):
        assert getattr(read, name).unit == getattr(written, name).unit
    assert read.is_annihilation == written.is_annihilation
    assert not read.values.flags.writeable


@pytest.mark.parametrize("kind", KINDS)
def test_healpix_comes_back_to_the_bit(maps, kind, tmp_path):
    written = maps[kind]
    read = read_map(write_map(written, tmp_path / "map.fits"))
    assert isinstance(read, SkyMap)
    np.testing.assert_array_equal(read.values, written.values)
    assert read.solid_angle == written.solid_angle
    assert read.map_total == written.map_total
    one, other = read.grid, written.grid
    assert (one.nside, one.order, one.frame, one.cone) == (other.nside, other.order, other.frame, other.cone)
    assert (one.pixels is None) == (other.pixels is None)
    np.testing.assert_array_equal(one.nested(), other.nested())
    same_scale(read, written)
    same_facts(read, written)


@pytest.mark.parametrize("kind", PLANES)
def test_images_come_back_to_the_bit(maps, kind, tmp_path):
    written = maps[kind]
    read = read_map(write_map(written, tmp_path / "map.fits.gz"))
    # nothing outside the sky is nothing again
    np.testing.assert_array_equal(read.values, written.values)
    assert np.any(np.isnan(read.values)) == (kind == "all sky")
    # computed about the middle of the map in the place of the halo's: rounding, 5e-12 of pixels of 0.01 deg
    np.testing.assert_allclose(read.solid_angle.value, written.solid_angle.value, rtol=1e-10)
    assert (read.grid.shape, read.grid.frame) == (written.grid.shape, written.grid.frame)
    x, y = np.meshgrid(*(np.linspace(-0.4, n - 0.6, 7) for n in written.grid.shape[::-1]))
    # thirteen digits of the cards of a projection
    np.testing.assert_allclose(read.grid.directions(x, y), written.grid.directions(x, y), rtol=1e-12)
    same_scale(read, written)
    same_facts(read, written)


@pytest.mark.parametrize("kind", ["nested", "part", "plane", "all sky"])
def test_what_was_read_is_written_as_it_was(maps, kind, tmp_path):
    first = write_map(maps[kind], tmp_path / "first.fits")
    second = write_map(read_map(first), tmp_path / "second.fits")
    assert fits.FITSDiff(first, second, ignore_keywords=["CHECKSUM"], ignore_comments=["*"]).identical


@pytest.mark.parametrize("kind", ["nested", "ring", "part", "part in rings", "decay"])
def test_clumpy_tables_come_back_in_nested_order(maps, kind, tmp_path):
    written = maps[kind]
    path = write_map(written, tmp_path / "map.fits", layout="clumpy")
    read = read_map(path)
    nested = np.asarray(written.grid.nested())
    order = np.argsort(nested)
    np.testing.assert_array_equal(read.values, written.values[order])
    np.testing.assert_array_equal(read.grid.nested(), nested[order])
    assert (read.grid.order, read.grid.cone) == ("nested", written.grid.cone)
    assert (read.grid.pixels is None) == (written.grid.pixels is None)
    same_scale(read, written)
    same_facts(read, written)
    with pytest.raises(InputError, match="one map only"):
        read_map(path, which="unkicked")


def test_clumpy_tables_bring_back_the_map_without_kick_too(maps, tmp_path):
    plain = healpix_map(DRACO, nside=64, centre=GALACTIC, region="3 deg", **SEEN)
    path = write_map(maps["part"], tmp_path / "map.fits", layout="clumpy", unkicked=plain)
    for which, written in (("map", maps["part"]), ("unkicked", plain)):
        read = read_map(path, which=which)
        np.testing.assert_array_equal(read.values, written.values)
        same_scale(read, written)
        same_facts(read, written)
    assert read.facts["PAIR"][0] == "no kick"
    with pytest.raises(InputError, match="'map' and perhaps 'unkicked'"):
        read_map(path, which="Jtot")


@pytest.mark.parametrize("kind", ["plane", "cylinder", "plane of decay"])
def test_templates_of_integral_one_are_multiplied_by_the_map_s_j(maps, kind, tmp_path):
    written = maps[kind]
    read = read_map(write_map(written, tmp_path / "map.fits", layout="fermi"))
    # divided by J_MAP and multiplied by what its card has of it
    np.testing.assert_allclose(read.values.value, written.values.value, rtol=2 * DIGITS)
    same_scale(read, written)
    same_facts(read, written)


# -- files of other programs -------------------------------------------------------------------------------------------

SAID = [("J_TOTAL", 2e18, ""), ("DISTANCE", 81.55, "to its centre"), ("R_MAX", "infinite", "")]


@pytest.mark.parametrize("partial", [False, True])
def test_healpy_s_tables_are_read_if_they_say_enough(maps, partial, tmp_path):
    written = maps["part" if partial else "ring"]
    values = np.full(12 * 64**2, healpy.UNSEEN)
    values[slice(None) if written.grid.pixels is None else written.grid.pixels] = written.values.value
    options = {"nest": partial, "partial": partial, "coord": "G", "dtype": np.float64}
    options["column_units"] = "GeV2 cm-5 sr-1"
    path = tmp_path / "map.fits"
    healpy.write_map(path, values, **options, extra_header=SAID)
    read = read_map(path)
    np.testing.assert_array_equal(read.values, written.values)
    np.testing.assert_array_equal(read.grid.nested(), written.grid.nested())
    assert (read.total, read.distance, read.r_max) == (2e18 * J, 81.55 * u.kpc, np.inf * u.kpc)
    assert read.grid.cone is None
    if partial:
        with pytest.raises(InputError, match="not known to be a disk"):
            write_map(read, path)
        again = read_map(write_map(read, path, layout="clumpy"))
        np.testing.assert_array_equal(again.grid.pixels, read.grid.pixels)
    for leave, error, said in (
        ({"extra_header": []}, StorageError, "lacks J_TOTAL .*, DISTANCE, R_MAX;"),
        ({"extra_header": SAID[:1]}, StorageError, "lacks DISTANCE, R_MAX;"),
        ({"column_units": None}, UnitError, "have no unit"),
        ({"column_units": "mK"}, UnitError, "in 'mK'; a map whose header has J_TOTAL is in GeV2 cm-5 sr-1"),
        ({"column_units": "crabs"}, UnitError, "'crabs', is not known"),
        ({"coord": None}, StorageError, "COORDSYS = None; a map is in one of G, GAL"),
        ({"coord": "E"}, StorageError, "COORDSYS = 'E'"),
    ):
        healpy.write_map(path, values, **({"extra_header": SAID} | options | leave), overwrite=True)
        with pytest.raises(error, match=said):
            read_map(path)


def test_units_of_others_are_converted(maps, tmp_path):
    path = tmp_path / "map.fits"
    written = maps["ring"]
    cards = [("J_TOTAL", 2e24, "[MeV2 cm-5] all"), ("DISTANCE", 81550.0, "[pc]"), ("R_MAX", 5.86, "[kpc] edge")]
    options = {"coord": "C", "column_units": "MeV2 cm-5 sr-1", "extra_header": cards, "dtype": np.float64}
    healpy.write_map(path, 1e6 * written.values.value, **options)
    read = read_map(path)
    np.testing.assert_allclose(read.values.value, written.values.value, rtol=1e-15)
    assert read.values.unit == written.values.unit
    assert read.total.value == pytest.approx(2e18, rel=1e-15)
    assert read.distance.value == pytest.approx(81.55, rel=1e-15)
    assert read.grid.frame == "icrs"


def test_single_precision_is_read_as_it_is(maps, tmp_path):
    path = tmp_path / "map.fits"
    single = maps["nested"].values.value.astype(np.float32)
    cards = [*SAID, ("J_MAP", float(maps["nested"].map_total.value), "")]
    healpy.write_map(
        path, single, nest=True, coord="G", column_units="GeV2 cm-5 sr-1", extra_header=cards, dtype=np.float32
    )
    np.testing.assert_array_equal(read_map(path).values.value, single)


def by_hand(path, **cards):
    """An image of an exponential, written without this package."""
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = ["GLON-TAN", "GLAT-TAN"]
    wcs.wcs.cdelt, wcs.wcs.crval, wcs.wcs.crpix = [-0.1, 0.1], [86.4, 34.7], [10.5, 8.0]
    header = wcs.to_header()
    for key, value, comment in SAID:
        header[key] = (value, comment)
    header["BUNIT"] = "GeV2 cm-5 sr-1"
    for key, value in cards.items():
        if value is None:
            del header[key]
        else:
            header[key] = value
    y, x = np.mgrid[:15, :20]
    image = 1e22 * np.exp(-0.3 * np.hypot(x - 9.5, y - 7.0))
    fits.PrimaryHDU(image, header).writeto(path, overwrite=True)
    return image


def test_images_by_hand_are_read_if_they_say_enough(tmp_path):
    path = tmp_path / "map.fits"
    image = by_hand(path)
    read = read_map(path)
    np.testing.assert_array_equal(read.values.value, image)
    assert (read.grid.frame, read.grid.projection, read.grid.shape) == ("galactic", "TAN", (15, 20))
    # of a plane that touches the sphere: dOmega = cos^3 of the angle dx dy, averaged over a pixel by its middle
    y, x = np.mgrid[:15, :20]
    cosine = 1 / np.sqrt(1 + np.radians(0.1) ** 2 * ((x - 9.5) ** 2 + (y - 7.0) ** 2))
    np.testing.assert_allclose(read.solid_angle.value, np.radians(0.1) ** 2 * cosine**3, rtol=1e-6)
    lon, lat = (float(np.degrees(one)) for one in read.grid.directions(9.5, 7.0))
    assert (lon, lat) == pytest.approx((86.4, 34.7), abs=1e-12)
    assert read.map_total.value == pytest.approx(np.sum(image * read.solid_angle.value), rel=1e-14)


@pytest.mark.parametrize(
    ("cards", "error", "said"),
    [
        ({"BUNIT": None}, UnitError, "no unit .BUNIT of an image"),
        ({"BUNIT": "GeV2 cm-5"}, UnitError, "in 'GeV2 cm-5'; a map whose header has J_TOTAL is in GeV2 cm-5 sr-1"),
        ({"BUNIT": "GeV cm-2 sr-1"}, UnitError, "has J_TOTAL"),
        ({"BUNIT": "sr-1"}, StorageError, "lacks J_MAP"),
        ({"J_TOTAL": None}, StorageError, "lacks J_TOTAL .or D_TOTAL"),
        ({"DISTANCE": None}, StorageError, "lacks DISTANCE;"),
        ({"R_MAX": "far"}, StorageError, "R_MAX = 'far'"),
        ({"R_MAX": -1.0}, StorageError, "not positive"),
        ({"J_MAP": 1e18}, StorageError, "was changed after it was made"),
        ({"CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "RADESYS": "FK4"}, StorageError, "RADESYS = 'FK4'"),
        ({"CTYPE1": "ELON-TAN", "CTYPE2": "ELAT-TAN"}, StorageError, "GLON, GLAT or RA, DEC are needed"),
        ({"CTYPE1": "X", "CTYPE2": "Y"}, StorageError, "cannot be read"),
    ],
)
def test_images_that_say_too_little_or_something_else_are_refused(cards, error, said, tmp_path):
    path = tmp_path / "map.fits"
    by_hand(path, **cards)
    with pytest.raises(error, match=said) as found:
        read_map(path)
    assert str(found.value).startswith(str(path))


def test_cubes_and_files_without_a_map_are_refused(tmp_path):
    path = tmp_path / "map.fits"
    header = fits.Header(SAID)
    for unit, said in (
        (fits.PrimaryHDU(np.ones((3, 4, 5)), header), "two axes"),
        (fits.PrimaryHDU(header=header), "neither a HEALPix table"),
        (fits.BinTableHDU.from_columns([fits.Column("E", "D", array=np.ones(3))], header), "neither a HEALPix table"),
    ):
        unit.writeto(path, overwrite=True)
        with pytest.raises(StorageError, match=said):
            read_map(path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"NSIDE": 63}, "NSIDE = 63"),
        ({"ORDERING": "SPIRAL"}, "ORDERING = 'SPIRAL'"),
        ({"NSIDE": 32}, "at NSIDE 32 the whole sky has 12288"),
        ({"TTYPE1": "PIXEL"}, "columns none beside PIXEL"),
    ],
)
def test_tables_that_do_not_add_up_are_refused(maps, change, said, tmp_path):
    path = write_map(maps["nested"], tmp_path / "map.fits")
    with fits.open(path, mode="update") as file:
        for key, value in change.items():
            file[1].header[key] = value
        for key in ("CHECKSUM", "DATASUM"):
            del file[1].header[key]
    with pytest.raises(StorageError, match=said):
        read_map(path)


def test_pixels_twice_or_without_a_value_are_refused(maps, tmp_path):
    part = maps["part"]
    holes = np.array(maps["nested"].values.value)
    holes[7] = healpy.UNSEEN
    twice = part.grid.pixels.copy()
    twice[3] = twice[2]
    same = {"total": part.total, "distance": part.distance, "r_max": part.r_max, "facts": maps["nested"].facts}
    area = part.solid_angle
    for values, pixels, said in (
        (holes * part.values.unit, None, "1 of its 49152 pixels have no value"),
        (part.values.copy(), twice, "a different number below 49152"),
    ):
        grid = HealpixGrid(64, "nested", "galactic", pixels, part.grid.cone)
        path = write_map(SkyMap(values, area, grid, **same), tmp_path / "map.fits")
        with pytest.raises(StorageError, match=said):
            read_map(path)


# -- damage ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "layout"), [("part", "gammapy"), ("part", "clumpy"), ("plane", "gammapy")])
def test_a_file_cut_anywhere_is_refused(maps, kind, layout, tmp_path):
    whole = write_map(maps[kind], tmp_path / "map.fits", layout=layout).read_bytes()
    path = tmp_path / "cut.fits"
    assert len(whole) % 2880 == 0
    # at every block of the format, just before and after it, and at the last byte
    ends = [end + more for end in range(0, len(whole), 2880) for more in (0, 1, 1440)]
    for end in [*ends, len(whole) - 1]:
        path.write_bytes(whole[:end])
        with pytest.raises(StorageError, match=r"cut\.fits"):
            read_map(path)
    packed = gzip.compress(whole)
    for end in (20, len(packed) // 2, len(packed) - 1):
        path.write_bytes(packed[:end])
        with pytest.raises(StorageError, match="truncated or damaged"):
            read_map(path)


@pytest.mark.parametrize("kind", ["part", "plane"])
def test_a_changed_byte_of_the_pixels_is_noticed(maps, kind, tmp_path):
    path = write_map(maps[kind], tmp_path / "map.fits")
    changed = bytearray(path.read_bytes())
    # the tenth pixel: behind the header
    tenth = np.array(maps[kind].values.value.ravel()[9], dtype=">f8").tobytes()
    changed[changed.index(tenth)] ^= 1
    path.write_bytes(changed)
    with pytest.raises(StorageError, match=r"truncated or damaged .*verification failed"):
        read_map(path)


def test_what_is_not_there_or_not_fits_is_refused(tmp_path):
    with pytest.raises(StorageError, match="no such file"):
        read_map(tmp_path / "nothing.fits")
    path = tmp_path / "map.fits"
    for content in (b"", b"# a table\n1 2\n", b"\x89HDF\r\n\x1a\n"):
        path.write_bytes(content)
        with pytest.raises(StorageError, match="is not a FITS file"):
            read_map(path)
    path.write_bytes(gzip.compress(b"# a table\n1 2\n"))
    with pytest.raises(StorageError, match="truncated or damaged"):
        read_map(path)
    with pytest.raises(StorageError, match="nor an image"):
        sky_map_of([])
