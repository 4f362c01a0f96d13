import tomllib

import pytest

from halokick.study.batch_grid import has_batch, parse_batch, read_batch
from halokick.study.config import RunFileError, parse_config
from halokick.study.storage_batch import Entry, Heading, Ledger

STUDY = """\
[halo]
profile = "zhao"
gamma = 1.2
r_s = "20 kpc"
rho_s = "7e6 Msun/kpc3"

[decay]
kick_speed = "109 km/s"
"""
GRID = """
[batch.grid]
"halo.gamma" = [0.8, 1.0, 1.2]
"decay.kick_speed" = [["25 km/s"], ["54 km/s", "109 km/s"]]
"""


def test_grid_is_the_full_product_in_file_order_with_the_last_key_fastest():
    plan = parse_batch(STUDY + GRID)
    # nested loops as one would write them by hand
    expected = [(gamma, kicks) for gamma in (0.8, 1.0, 1.2) for kicks in (["25 km/s"], ["54 km/s", "109 km/s"])]
    points = [
        tuple(tomllib.loads(f"v = {plan.columns[key][i]}")["v"] for key in ("halo.gamma", "decay.kick_speed"))
        for i in range(len(plan.tasks))
    ]
    assert points == expected
    assert [task.index for task in plan.tasks] == list(range(6))


def test_each_task_is_the_run_file_that_one_would_write_for_its_point():
    plan = parse_batch(STUDY + GRID)
    by_hand = STUDY.replace("gamma = 1.2", "gamma = 1.0").replace('"109 km/s"', '["54 km/s", "109 km/s"]')
    assert plan.tasks[3].run_file == parse_config(by_hand).to_toml()


def test_keys_need_no_quotes_and_need_not_be_in_the_rest_of_the_file():
    without = STUDY.replace("gamma = 1.2\n", "")
    quoted = parse_batch(without + '[batch.grid]\n"halo.gamma" = [0.8, 1.0]\n')
    dotted = parse_batch(without + "[batch.grid]\nhalo.gamma = [0.8, 1.0]\n")
    assert quoted.checksum == dotted.checksum


def test_arguments_of_potentials_vary_inside_their_tables_and_lists():
    axes = """[batch.grid]
"halo.potential" = ["MWPotential2014", {name = "NFWPotential", a = "16 kpc"}]
"halo.vo" = ["200 km/s", "220 km/s"]
"""
    plan = parse_batch(axes + STUDY.replace("[halo]", '[halo]\nvo = "1 km/s"'))
    found = [parse_config(task.run_file).halo for task in plan.tasks]
    assert [one.vo.value for one in found] == [200, 220, 200, 220]
    assert [dict(one.potential[0])["name"] for one in found] == ["MWPotential2014"] * 2 + ["NFWPotential"] * 2
    assert plan.columns["halo.potential"][2] == '{name = "NFWPotential", a = "16 kpc"}'
    deep = '[batch.zip]\n"halo.potential.b" = [0.7, 0.8]\n"halo.r_s" = ["9 kpc", "10 kpc"]\n'
    table = '[halo]\npotential = {name = "TriaxialNFWPotential", b = 1.0}'
    shapes = [parse_config(task.run_file).halo for task in parse_batch(deep + STUDY.replace("[halo]", table)).tasks]
    assert [one.potential for one in shapes] == [
        ((("name", "TriaxialNFWPotential"), ("b", 0.7)),), ((("name", "TriaxialNFWPotential"), ("b", 0.8)),)
    ]  # fmt: skip
    second = '[batch.grid]\n"halo.baryons.1.b" = ["0.2 kpc", "0.3 kpc"]\n'
    two = '[halo]\nbaryons = ["MWPotential2014", {name = "MiyamotoNagaiPotential", b = "1 kpc"}]'
    thick = [parse_config(task.run_file).halo for task in parse_batch(second + STUDY.replace("[halo]", two)).tasks]
    assert [dict(one.baryons[1])["b"] for one in thick] == ["0.2 kpc", "0.3 kpc"]
    assert [one.baryons[0] for one in thick] == [(("name", "MWPotential2014"),)] * 2


def test_zipped_lists_go_together_and_multiply_the_grid():
    zipped = '[batch.zip]\n"halo.r_s" = ["10 kpc", "20 kpc"]\n"halo.rho_s" = ["2e7 Msun/kpc3", "7e6 Msun/kpc3"]\n'
    plan = parse_batch(STUDY + '[batch.grid]\n"halo.gamma" = [0.8, 1.0]\n' + zipped)
    assert list(zip(*plan.columns.values(), strict=True)) == [
        (gamma, *pair)
        for gamma in ("0.8", "1.0")
        for pair in (('"10 kpc"', '"2e7 Msun/kpc3"'), ('"20 kpc"', '"7e6 Msun/kpc3"'))
    ]


def test_set_changes_all_tasks():
    plan = parse_batch(STUDY + GRID, ["halo.r_s=5 kpc"])
    assert all('r_s = "5.0 kpc"' in task.run_file for task in plan.tasks)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (STUDY + '[batch.grid]\n"halo.gama" = [1, 1.2]\n', ["halo.gama", "did you mean gamma?"]),
        (STUDY + '[batch.grid]\n"halo.gamma" = [1.0, 7.0]\n', ["halo.gamma = 7.0", "task 1 of 2"]),
        (STUDY + '[batch.grid]\n"halo.gamma" = 1.0\n', ["not a list of values"]),
        (STUDY + '[batch.grid]\n"halo.gamma" = []\n', ["an empty list"]),
        (STUDY + "[batch.grid]\ngamma = [1.0]\n", ["not a key of a study"]),
        (STUDY + '[batch.grid]\n"output.directory" = ["a", "b"]\n', ["not a key of a study"]),
        (STUDY + "[batch]\ngird = 1\n", ["batch.gird", "did you mean grid?"]),
        (STUDY + '[batch.zip]\n"halo.gamma" = [1.0, 1.1]\n"halo.r_s" = ["1 kpc"]\n', ["different lengths"]),
        (
            STUDY + '[batch.grid]\n"halo.gamma" = [1.0]\n[batch.zip]\n"halo.gamma" = [1.0]\n',
            ["in [batch.grid] already"],
        ),
        (STUDY + '[batch]\nchunks_per_task = 2\ngrid."halo.gamma" = [1.0]\n', ["a grid, or chunks_per_task"]),
        (STUDY + '[batch]\nchunks_per_task = 0\n[method]\nname = "orbits"\n', ["a whole number from 1"]),
        (STUDY, ["[batch.grid]", "halokick run"]),
        ("batch = 1\n" + STUDY, ["not a section"]),
    ],
)
def test_what_is_wrong_is_said_with_what_would_be_right(text, words):
    with pytest.raises(RunFileError) as failure:
        parse_batch(text)
    for word in words:
        assert word in str(failure.value)


def test_mistake_in_the_common_part_is_said_once_not_once_for_each_point():
    with pytest.raises(RunFileError) as failure:
        parse_batch(STUDY.replace("r_s =", "rs =") + '[batch.grid]\n"halo.gamma" = [0.8, 1.0, 1.2]\n')
    assert str(failure.value).count("halo.rs") == 1


def test_run_file_without_batch_says_where_the_section_belongs():
    with pytest.raises(RunFileError, match="goes with halokick batch"):
        parse_config(STUDY + GRID)


def test_particles_of_every_kick_are_divided_into_all_their_chunks():
    text = STUDY.replace('"109 km/s"', '["54 km/s", "109 km/s"]') + '[method]\nname = "orbits"\nn = 1_000_000\n'
    plan = parse_batch(text + "[batch]\nchunks_per_task = 3\n")
    # 1e6 decays are 7.6 chunks of 131072
    assert [(task.kick, task.chunks) for task in plan.tasks] == [
        (kick, chunks) for kick in (0, 1) for chunks in ((0, 1, 2), (3, 4, 5), (6, 7))
    ]


def _ledger(plan, levels):
    done = {index: Entry("", level, 0.0, "", "", {}) for index, level in levels.items()}
    return Ledger(Heading(plan.kind, len(plan.tasks), "", "", {}, {}), done, {})


def test_chunks_below_the_widest_envelope_of_their_kick_are_followed_again():
    text = STUDY.replace('"109 km/s"', '["54 km/s", "109 km/s"]') + '[method]\nname = "orbits"\nn = 300_000\n'
    plan = parse_batch(text)
    assert [task.index for task in plan.left(_ledger(plan, dict.fromkeys(range(6), 0)))] == []
    left = plan.left(_ledger(plan, {0: 0, 1: 1, 2: 1, 3: 0, 4: 0}))
    # kick 0: chunk 0 again, from level 1; kick 1: chunk 2 was not followed yet
    assert [(task.index, task.level) for task in left] == [(0, 1), (5, 0)]


def test_checksum_follows_what_the_answers_depend_on_and_nothing_else(tmp_path):
    same = [STUDY + GRID, "# a comment\n" + STUDY.replace("20 kpc", "20.0 kpc") + GRID]
    assert len({parse_batch(text).checksum for text in same}) == 1
    changed = [STUDY.replace("20 kpc", "21 kpc") + GRID, STUDY + GRID.replace("0.8, ", "0.9, ")]
    assert len({parse_batch(text).checksum for text in [*same, *changed]}) == 3


def test_content_of_a_data_file_counts_too(tmp_path):
    table = tmp_path / "density.csv"
    text = '[halo]\nprofile = "tabulated"\ntable = "density.csv"\n[batch.grid]\n"decay.kick_speed" = ["1 km/s"]\n'
    path = tmp_path / "batch.toml"
    path.write_text(text)
    table.write_text("radius,density\n1,2\n")
    before = read_batch(path)
    table.write_text("radius,density\n1,3\n")
    after = read_batch(path)
    assert before.checksum != after.checksum
    assert "sha256 of density.csv" in before.run_file
    assert before.run_file != after.run_file
    assert has_batch(path)
    assert not has_batch(table)


@pytest.mark.parametrize(
    "grid",
    [
        '"halo.gamma" = [0.8, 1.0]\nhalo.gamma = [1.2]',
        'halo.gamma = [1.2]\n"halo.gamma" = [0.8, 1.0]',
    ],
)
def test_key_that_is_given_quoted_and_bare_is_refused_and_not_half_forgotten(grid):
    with pytest.raises(RunFileError, match=r"batch.grid.halo.gamma = .*: given twice"):
        parse_batch(f"{STUDY}[batch.grid]\n{grid}\n")


@pytest.mark.parametrize(
    "grid",
    [
        '[batch.grid]\n"decay.kick_speed.0" = ["10 km/s", "20 km/s"]\n"decay.kick_speed" = [["54 km/s"]]\n',
        '[batch.grid]\n"halo.baryons.0.amp" = ["1e10 Msun"]\n[batch.zip]\n"halo.baryons" = ["MWPotential2014"]\n',
    ],
)
def test_key_whose_values_would_be_replaced_by_a_later_one_is_refused(grid):
    # the table would name values that no study had
    with pytest.raises(RunFileError, match="would be replaced by"):
        parse_batch(STUDY + grid)


def test_part_of_a_list_varies_when_the_list_comes_first():
    grid = '[batch.grid]\n"decay.kick_speed" = [["54 km/s"]]\n"decay.kick_speed.0" = ["10 km/s", "20 km/s"]\n'
    plan = parse_batch(STUDY + grid)
    assert [parse_config(task.run_file).decay.kick_speed[0].value for task in plan.tasks] == [10, 20]


def test_date_in_the_place_of_a_value_is_refused():
    with pytest.raises(RunFileError, match=r"halo.r_s = 2020-01-01: has no unit \(in task 0"):
        parse_batch(STUDY + '[batch.grid]\n"halo.r_s" = [2020-01-01]\n')
