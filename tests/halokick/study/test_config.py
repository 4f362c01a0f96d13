import dataclasses

import astropy.units as u
import pytest

from halokick.study.config import SECTIONS, parse_config, read_config
from halokick.study.config_problems import RunFileError

GOOD = {
    "halo": 'profile = "nfw"\nr_s = "20 kpc"\nrho_s = "7e6 Msun/kpc3"',
    "decay": 'kick_speed = "54 km/s"',
}


def text(**sections):
    merged = GOOD | sections
    return "\n".join(f"[{name}]\n{body}" for name, body in merged.items() if body is not None)


def problems(**sections):
    """Key to message of everything wrong with a run file."""
    with pytest.raises(RunFileError) as caught:
        parse_config(text(**sections))
    return {problem.key: str(problem) for problem in caught.value.problems}


def same(first, second):
    return dataclasses.replace(first, source="") == dataclasses.replace(second, source="")


def test_good_file_is_read_into_quantities():
    config = parse_config(text(observer='distance = "8200 pc"\nangles = "60 arcmin"'))
    assert config.halo.r_s == 20 * u.kpc
    assert config.decay.kick_speed == (54 * u.km / u.s,)
    assert config.observer.distance == 8.2 * u.kpc
    assert config.observer.angles[0].to_value("deg") == 1.0
    assert config.method.name == "phase_mixing"
    assert config.dwarfs is None


def test_config_cannot_be_changed():
    config = parse_config(text())
    with pytest.raises(dataclasses.FrozenInstanceError):
        config.halo = None
    with pytest.raises(ValueError, match="frozen"):
        config.halo.r_s = 3 * u.kpc


@pytest.mark.parametrize(
    ("section", "body", "key", "words"),
    [
        ("halo", GOOD["halo"] + "\ngama = 1", "halo.gama", ["= 1:", "did you mean gamma?", "alpha, beta"]),
        ("halo", GOOD["halo"] + '\nlifetime = "1 Gyr"', "halo.lifetime", ["belongs to decay.lifetime"]),
        ("halo", 'profile = "nwf"\nr_s = "1 kpc"', "halo.profile", ['"nwf"', 'did you mean "nfw"?', '"einasto"']),
        ("halo", 'r_s = "1 kpc"', "halo.profile", ["missing", "zhao"]),
        ("halo", GOOD["halo"].replace("20 kpc", "20 km/s"), "halo.r_s", ["unit km / s", "a length above 0"]),
        ("halo", GOOD["halo"].replace('"20 kpc"', "20"), "halo.r_s", ["no unit", "8.2 kpc"]),
        ("halo", GOOD["halo"].replace('"20 kpc"', '"20"'), "halo.r_s", ["no unit"]),
        ("halo", GOOD["halo"].replace("20 kpc", "kpc of some kind"), "halo.r_s", ["not a number with a unit"]),
        ("halo", GOOD["halo"].replace("20 kpc", "nan kpc"), "halo.r_s", ["out of range"]),
        ("halo", GOOD["halo"].replace("20 kpc", "inf kpc"), "halo.r_s", ["out of range"]),
        ("halo", GOOD["halo"].replace("20 kpc", "-20 kpc"), "halo.r_s", ["out of range", "above 0"]),
        ("halo", GOOD["halo"].replace('"20 kpc"', "true"), "halo.r_s", ["true", "not one quantity"]),
        ("halo", 'profile = "nfw"\nr_s = "1 kpc"', "halo.rho_s", ["not given", "local_density with local_radius"]),
        ("halo", GOOD["halo"] + '\nmass = "1e12 Msun"', "halo.mass", ["more than once (rho_s, mass)"]),
        ("halo", 'profile = "nfw"\nr_s = "1 kpc"\nmass = "1e9 Msun"', "halo.mass_radius", ["missing beside mass"]),
        ("halo", GOOD["halo"] + '\nlocal_radius = "8 kpc"', "halo.local_radius", ["does not go with rho_s"]),
        ("halo", GOOD["halo"] + "\ngamma = 1.2", "halo.gamma", ['does not belong to profile = "nfw"']),
        ("halo", GOOD["halo"] + "\nconcentration = 10.0", "halo.concentration", ["goes with virial_mass only"]),
        (
            "halo",
            'profile = "nfw"\nr_s = "20 kpc"\nvirial_mass = "1e12 Msun"\nconcentration = 10',
            "halo.r_s",
            ["which sets it too"],
        ),
        ("halo", 'profile = "nfw"\nvirial_mass = "1e12 Msun"', "halo.r_s", ["missing", "concentration"]),
        (
            "halo",
            'profile = "nfw"\nvirial_mass = "1e12 Msun"\nconcentration = 9\nconcentration_relation = "duffy_2008"',
            "halo.concentration_relation",
            ["one of the two"],
        ),
        (
            "halo",
            'profile = "nfw"\nvirial_mass = "1e9 Msun"\nconcentration_relation = "moline_2017"',
            "halo.x_sub",
            ["missing beside"],
        ),
        ("halo", GOOD["halo"] + "\nx_sub = 0.5", "halo.x_sub", ["moline_2017 only"]),
        (
            "halo",
            'profile = "zhao"\nr_s = "1 kpc"\nrho_s = "1 Msun/pc3"\nbeta = 1\ngamma = 1.5',
            "halo.beta",
            ["not above the inner slope", "above 1.5"],
        ),
        ("halo", 'profile = "generalised_nfw"\nr_s = "1 kpc"\nrho_s = "1 Msun/pc3"', "halo.gamma", ["missing"]),
        ("halo", 'profile = "zhao"\nr_s = "1 kpc"\nrho_s = "1 Msun/pc3"\ngamma = 2.5', "halo.gamma", ["up to 2"]),
        ("halo", 'profile = "zhao"\nr_s = "1 kpc"\nrho_s = "1 Msun/pc3"\ngamma = "1"', "halo.gamma", ["not a plain"]),
        ("halo", 'profile = "cored_isothermal"\nr_s = "1 kpc"\nrho_s = "1 Msun/pc3"', "halo.r_t", ["infinite mass"]),
        ("halo", GOOD["halo"] + "\ntruncation_power = 3", "halo.truncation_power", ["goes with r_t only"]),
        ("halo", 'profile = "tabulated"', "halo.table", ["not given", "radius with density"]),
        (
            "halo",
            'profile = "tabulated"\nradius = ["1 kpc", "2 kpc"]\ndensity = ["1 Msun/pc3"]',
            "halo.density",
            ["1 densities for 2 radii"],
        ),
        ("halo", 'profile = "tabulated"\ntable = "a.ecsv"\nmass = "1 Msun"', "halo.mass", ["complete already"]),
        ("halo", GOOD["halo"] + '\nbaryons = ["Disk"]', "halo.baryons", ["not known by name alone", "MWPotential2014"]),
        ("halo", GOOD["halo"] + "\nbaryons = [{amp = 1}]", "halo.baryons", ["without a name"]),
        ("halo", GOOD["halo"] + '\nbaryons = [{name = "X", amp = true}]', "halo.baryons", ["amp is neither"]),
        ("halo", GOOD["halo"] + "\nbaryons = []", "halo.baryons", ["empty"]),
        ("halo", GOOD["halo"] + '\npotential = "MWPotential"', "halo.potential", ["by name alone", "McMillan17"]),
        ("halo", GOOD["halo"] + "\npotential = [{amp = 1}]", "halo.potential", ["without a name"]),
        ("halo", GOOD["halo"] + '\npotential = {name = "X", pot = 3}', "halo.potential", ["without a name"]),
        ("halo", GOOD["halo"] + '\npotential = {name = "X", a = {}}', "halo.potential", ["a is neither a number"]),
        (
            "halo",
            GOOD["halo"] + '\npotential = "McMillan17"\nbaryons = "MWPotential2014"',
            "halo.potential",
            ["given beside baryons", "one of the two"],
        ),
        ("halo", GOOD["halo"] + '\nro = "8 kpc"', "halo.ro", ["no galpy potential for it"]),
        ("halo", GOOD["halo"] + '\npotential = "McMillan17"\nvo = 220', "halo.vo", ["has no unit"]),
        ("decay", "", "decay.kick_speed", ["missing", "54 km/s"]),
        ("decay", 'kick_speed = "4e4 km/s"', "decay.kick_speed", ["up to 29979.2458 km/s"]),
        ("decay", "kick_speed = []", "decay.kick_speed", ["empty list"]),
        ("decay", 'kick_speed = ["1 km/s", "2 kpc"]', "decay.kick_speed", ["unit kpc"]),
        ("decay", 'law = "two_bodies"', "decay.law", ['did you mean "two_body"?']),
        ("decay", 'law = "two_body"\nkick_speed = "1 km/s"', "decay.kick_speed", ['belong to law = "two_body"']),
        ("decay", 'law = "two_body"\nsplitting = "1 MeV"', "decay.parent_mass", ["missing beside splitting"]),
        (
            "decay",
            'law = "two_body"\nsplitting = "2 GeV"\nparent_mass = "1 GeV"',
            "decay.splitting",
            ["below 1.0 GeV"],
        ),
        (
            "decay",
            'law = "two_body"\ndaughter_mass = "1 GeV"\nparent_mass = "1 GeV"',
            "decay.daughter_mass",
            ["not below parent_mass"],
        ),
        ("decay", 'law = "phase_space"\nmax_speed = "1 km/s"', "decay.n_bodies", ["missing", "3 or more"]),
        ("decay", 'law = "phase_space"\nn_bodies = 2\nmax_speed = "1 km/s"', "decay.n_bodies", ["3 to 50"]),
        ("decay", 'law = "phase_space"\nn_bodies = 3.5\nmax_speed = "1 km/s"', "decay.n_bodies", ["whole number"]),
        ("decay", 'law = "matrix_element"\nn_bodies = 3\nmax_speed = "1 km/s"', "decay.weight", ["missing"]),
        ("decay", 'law = "tabulated"\nspeed = ["1 km/s", "2 km/s"]', "decay.pdf", ["missing"]),
        ("decay", 'law = "tabulated"\nspeed = ["1 km/s"]\npdf = [1, 2]', "decay.pdf", ["2 values for 1 speeds"]),
        ("decay", 'law = "tabulated"\nspeed = ["1 km/s"]\npdf = [-1.0]', "decay.pdf", ["out of range"]),
        ("decay", 'law = "cascade"\nfirst = {kick_speed = "1 km/s"}', "decay.second", ["missing"]),
        (
            "decay",
            'law = "cascade"\nfirst = {kick_sped = "1 km/s"}\nsecond = {kick_speed = "1 km/s"}',
            "decay.first.kick_sped",
            ["did you mean kick_speed?"],
        ),
        (
            "decay",
            'law = "cascade"\nfirst = {kick_speed = ["1 km/s", "2 km/s"]}\nsecond = {kick_speed = "1 km/s"}',
            "decay.first.kick_speed",
            ["one value in a step"],
        ),
        ("decay", GOOD["decay"] + '\nlifetime = "0 Gyr"', "decay.lifetime", ["above 0"]),
        ("decay", GOOD["decay"] + '\nage = "13 Gyr"', "decay.age", ["goes with lifetime only"]),
        (
            "decay",
            GOOD["decay"] + '\nlifetime = "9 Gyr"\nparent_share = 0.5\nprimordial_share = 0.6',
            "decay.primordial_share",
            ["= 1.1", "0.5, or leave one out"],
        ),
        ("method", 'name = "orbit"', "method.name", ['did you mean "orbits"?']),
        ("method", 'r_min = "1 kpc"', "method.r_max", ["missing beside r_min"]),
        ("method", 'r_min = "2 kpc"\nr_max = "1 kpc"\nn_radii = 9', "method.r_max", ["not larger than r_min"]),
        ("method", "n = 1000", "method.n", ['not used by name = "phase_mixing"']),
        ("method", 'name = "orbits"\nn = 1', "method.n", ["out of range", "100 to"]),
        ("method", 'options = ["steaming"]', "method.options", ['did you mean "streaming"?']),
        ("method", 'options = ["streaming", "streaming"]', "method.options", ["given twice"]),
        ("method", 'options = ["streaming"]', "decay.lifetime", ['missing for options = ["streaming"]']),
        ("method", 'options = ["finite_age"]', "method.options", ['not known to name = "phase_mixing"']),
        ("method", 'cosmic_age = "flat_lcdm"', "method.cosmic_age", ["early_capture"]),
        ("method", 'source_edge = "100 kpc"', "method.source_edge", ["streaming"]),
        ("observer", 'angles = ["1 deg"]', "observer.distance", ["missing"]),
        ("observer", 'distance = "8 kpc"', "observer.angles", ["missing"]),
        ("observer", 'distance = "8 kpc"\nangles = ["2 deg", "1 deg"]', "observer.angles", ["not increasing"]),
        ("observer", 'distance = "8 kpc"\nangles = ["200 deg"]', "observer.angles", ["up to 180 deg"]),
        ("dwarfs", 'host = "halo"', "dwarfs.host", ["no [halo] to be the host"]),
        ("dwarfs", 'concentration_relation = "duffy_2008"\nx_sub = 0.5', "dwarfs.x_sub", ["moline_2017 only"]),
        ("dwarfs", 'angles = ["1 deg", "1 deg"]', "dwarfs.angles", ["not increasing"]),
        ("dwarfs", "draws = -1", "dwarfs.draws", ["out of range"]),
        ("dwarfs", "names = []", "dwarfs.names", ["not a text or a list"]),
        ("dwarfs", 'catalogue = ""', "dwarfs.catalogue", ["not a text"]),
        ("output", "directory = 3", "output.directory", ["not a text"]),
    ],
)
def test_each_error_names_key_value_and_what_is_allowed(section, body, key, words):
    without = {"halo": None} if key == "dwarfs.host" else {}
    found = problems(**{section: body}, **without)
    assert key in found, found
    for word in words:
        assert word in found[key]
    assert "; allowed: " in found[key]


def test_all_errors_of_a_file_come_at_once():
    bad = """
    gamma = 1
    [halo]
    profile = "zhao"
    gama = 1.2
    r_s = "20 km/s"
    beta = 0.5
    dispersion = 94
    mass = "1e12 Msun"
    [decay]
    kick_speed = "-3 km/s"
    [metod]
    name = "ergodic"
    [observer]
    angles = ["2 deg", "1 deg"]
    """
    with pytest.raises(RunFileError) as caught:
        parse_config(bad, source="bad.toml")
    keys = [problem.key for problem in caught.value.problems]
    expected = {
        "gamma",
        "metod",
        "halo.gama",
        "halo.r_s",
        "halo.beta",
        "halo.dispersion",
        "decay.kick_speed",
        "observer.distance",
        "observer.angles",
    }
    assert expected <= set(keys)
    message = str(caught.value)
    assert message.startswith(f"bad.toml: {len(keys)} errors, nothing was run\n")
    assert len(message.splitlines()) == len(keys) + 1
    assert "outside every section; it belongs to halo.gamma" in message
    assert "did you mean [method]?" in message


def test_no_section_to_work_on_is_refused():
    assert "[dwarfs]" in problems(halo=None)["halo"]
    assert "missing" in problems(decay=None)["decay"]
    assert "no [halo]" in problems(halo=None, dwarfs="", observer='distance="1 kpc"\nangles="1 deg"')["observer"]


def test_text_that_is_not_toml_is_refused_with_its_place():
    with pytest.raises(RunFileError, match=r"not TOML.*line 2"):
        parse_config("[halo]\nprofile = nfw nfw")


def test_section_that_is_a_number_is_refused():
    with pytest.raises(RunFileError, match="halo = 3: not a section"):
        parse_config("halo = 3\n[decay]\nkick_speed = '1 km/s'")


def test_missing_file_names_its_neighbour(tmp_path):
    (tmp_path / "quick.toml").write_text(text())
    with pytest.raises(RunFileError, match=r"no such file; did you mean .*quick\.toml\?"):
        read_config(tmp_path / "quik.toml")


def test_binary_file_is_refused(tmp_path):
    (tmp_path / "a.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RunFileError, match="cannot be read"):
        read_config(tmp_path / "a.toml")


FILES = {
    "halo": text(),
    "all": text(
        halo='profile = "zhao"\nalpha=1.1\nbeta=3.2\ngamma=0.9\nvirial_mass="1e12 Msun"\nconcentration_relation='
        '"dutton_maccio_2014"\noverdensity="virial"\nr_t="300 kpc"\ntruncation_power=3\nbaryons=["MWPotential2014", '
        '{name="MiyamotoNagaiPotential", amp="6.8e10 Msun", a="3 kpc", b="0.28 kpc"}]',
        decay='law="two_body"\nparent_mass="100 GeV"\nsplitting=["10 MeV", "20 MeV"]\nlifetime="100 Gyr"\n'
        "parent_share=0.3",
        method='name="ergodic"\nr_min="10 pc"\nr_max="200 kpc"\nn_radii=33\noptions=["streaming", "early_capture"]\n'
        'outer_cut="250 kpc"\nsource_edge="300 kpc"\ncosmic_age="matter_dominated"\nwithin="50 kpc"',
        observer='distance="8.2 kpc"\nangles=["1 deg", "2 deg"]\nr_max="100 kpc"',
        dwarfs='names=["Draco"]\nangles="0.5 deg"\nscatter_dex=0.2\nhighest_mass="1e11 Msun"\ndraws=10\nseed=4',
    ),
    "potential": text(
        halo='profile="nfw"\nr_s="20 kpc"\nrho_s="7e6 Msun/kpc3"\nro="8.1 kpc"\nvo="230 km/s"\n'
        'potential=["MWPotential2014", {name="RotateAndTiltWrapperPotential", zvec=[0.1, 0, 1], '
        'pot=[{name="NFWPotential", a="16 kpc"}, {name="LogarithmicHaloPotential", q=0.9}]}]'
    ),
    "cascade": text(
        decay='law="cascade"\nfirst={kick_speed="20 km/s"}\nsecond={law="phase_space", n_bodies=3, max_speed="9 km/s"}'
    ),
    "table": text(
        halo='profile="tabulated"\nradius=["1 kpc", "2 kpc"]\ndensity=["1 GeV/cm3", "0.1 Msun/pc3"]',
        decay='law="tabulated"\nspeed=["0 km/s", "9 km/s"]\npdf=[0, 1.25]\nlifetime="inf Gyr"',
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_resolved_run_file_reads_back_to_the_same_study(name):
    config = parse_config(FILES[name])
    again = parse_config(config.to_toml())
    assert same(config, again)
    assert again.to_toml() == config.to_toml()


def test_values_survive_the_round_trip_to_the_last_digit():
    config = parse_config(text(halo='profile = "nfw"\nr_s = "0.1234567890123456789 kpc"\nrho_s = "6.02e23 g/Mpc3"'))
    again = parse_config(config.to_toml())
    assert again.halo.r_s == config.halo.r_s
    assert again.halo.rho_s == config.halo.rho_s


def test_settings_go_on_top_of_the_file():
    settings = ["halo.r_s=7 kpc", "decay.kick_speed=['1 km/s', '2 km/s']", "method.name=ergodic"]
    config = parse_config(text(observer='angles="1 deg"'), [*settings, "observer.distance=1 Mpc"])
    assert config.halo.r_s == 7 * u.kpc
    assert [speed.value for speed in config.decay.kick_speed] == [1, 2]
    assert config.method.name == "ergodic"
    assert config.observer.distance == 1 * u.Mpc


def test_empty_setting_takes_a_key_away():
    config = parse_config(text(decay='kick_speed="1 km/s"\nlifetime="9 Gyr"'), ["decay.lifetime="])
    assert config.decay.lifetime is None


@pytest.mark.parametrize("setting", ["r_s=7 kpc", "halo.r_s", "=3", "halo..r_s=1 kpc"])
def test_setting_that_is_none_is_refused(setting):
    with pytest.raises(RunFileError, match="--set"):
        parse_config(text(), [setting])


def test_setting_is_judged_like_the_file():
    with pytest.raises(RunFileError, match=r"halo\.r_q.*no such key"):
        parse_config(text(), ["halo.r_q=1 kpc"])


def test_every_section_can_stand_at_its_defaults():
    for model in SECTIONS.values():
        assert model().title == model.title


def test_byte_order_mark_and_windows_line_ends_change_nothing(tmp_path):
    plain, marked = tmp_path / "plain.toml", tmp_path / "marked.toml"
    plain.write_text(text())
    marked.write_bytes(b"\xef\xbb\xbf" + text().replace("\n", "\r\n").encode())
    assert same(read_config(plain), read_config(marked))


@pytest.mark.parametrize(
    ("halo", "words"),
    [
        (f"gamma = 1{'0' * 400}", "halo.gamma = 1000.*out of range"),
        (f"gamma = 1{'0' * 5000}", "not TOML"),
        (f"gamma = {'[' * 5000}{']' * 5000}", "not TOML"),
    ],
)
def test_numbers_and_lists_beyond_all_measure_are_one_clear_error(halo, words):
    shape = 'profile = "generalised_nfw"\nr_s = "20 kpc"\nrho_s = "7e6 Msun/kpc3"\n'
    with pytest.raises(RunFileError, match=words):
        parse_config(text(halo=shape + halo))
    with pytest.raises(RunFileError, match=r"not a plain number|out of range"):
        parse_config(text(halo=shape), [f"halo.{halo}"])


def test_files_are_looked_for_beside_a_run_file_without_an_ending(tmp_path):
    path = tmp_path / "study"
    path.write_text(text())
    assert read_config(path).folder == tmp_path
