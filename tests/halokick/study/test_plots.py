import dataclasses
from itertools import pairwise

import matplotlib
import numpy as np
import pytest

from halokick.study.plots import density_figure, dwarf_figure, j_figure, line_style, plot_result, ratio_figure

PNG = b"\x89PNG\r\n\x1a\n"


def test_every_picture_is_written_whole(result, tmp_path):
    paths = plot_result(result, tmp_path)
    names = {path.name for path in paths}
    assert names == {"density.png", "ratio.png", "jfactor.png", "dwarf_suppression.png"}
    for path in paths:
        content = path.read_bytes()
        assert content.startswith(PNG)
        assert content.rstrip().endswith(b"IEND\xaeB`\x82")
    assert len(list(tmp_path.iterdir())) == len(paths)


def test_lines_show_the_numbers_of_the_result(result):
    axes = density_figure(result).axes[0]
    by_label = {line.get_label(): line for line in axes.get_lines()}
    assert set(by_label) == {"parents", "54 km/s", "109 km/s"}
    assert np.array_equal(by_label["109 km/s"].get_ydata(), result.daughters[1].density.value)
    assert "kpc" in density_figure(result).axes[1].get_xlabel()


def test_errors_are_drawn_where_they_can_be_seen(result):
    assert len(density_figure(result).axes[0].collections) == 2
    exact = tuple(dataclasses.replace(one, error=1e-6 * one.density) for one in result.daughters)
    assert len(density_figure(dataclasses.replace(result, daughters=exact)).axes[0].collections) == 0


def test_density_of_zero_is_left_out_of_logarithmic_pictures(result):
    one = result.daughters[0]
    cut = np.where(one.radius.value > 50, 0.0, 1.0)
    ended = dataclasses.replace(
        one, density=one.density * cut, ratio=one.ratio * cut, slope=np.where(cut > 0, one.slope, np.inf)
    )
    changed = dataclasses.replace(result, daughters=(ended,))
    for figure in (density_figure(changed), ratio_figure(changed)):
        for axes in figure.axes:
            assert np.all(np.isfinite(axes.get_ylim()))


def test_band_of_slopes_is_drawn_where_there_is_one(result):
    assert len(j_figure(result).axes[1].collections) == 1
    without = dataclasses.replace(result, sky=dataclasses.replace(result.sky, band=None))
    assert len(j_figure(without).axes[1].collections) == 0


def test_each_dwarf_has_its_panel_and_its_band(result):
    axes = dwarf_figure(result).axes
    assert [panel.get_title() for panel in axes] == ["Draco", "Segue 1"]
    assert all(len(panel.collections) == 1 for panel in axes)


@pytest.mark.parametrize("count", [2, 5, 9])
def test_neighbouring_lines_differ_in_colour_darkness_and_dashes(count):
    styles = [line_style(i, count) for i in range(count)]
    for first, second in pairwise(styles):
        assert first["linestyle"] != second["linestyle"]
    # luminance (ITU-R BT.709) must rise along the lines, so that grey prints and every kind of sight tell them apart
    luminance = [np.dot(style["color"][:3], [0.2126, 0.7152, 0.0722]) for style in styles]
    assert np.all(np.diff(luminance) > 0.5 / count)


def test_matplotlib_settings_are_left_alone(result, tmp_path):
    before = dict(matplotlib.rcParams)
    plot_result(result, tmp_path)
    assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize("last", [30, 1, 0])
def test_halo_that_ends_inside_ten_degrees_has_its_pictures(result, tmp_path, last):
    # as from a gigaparsec: the work of hours must not be lost to an axis without numbers
    seen = np.arange(len(result.sky.theta)) < last
    sky = dataclasses.replace(
        result.sky,
        differential_parent=result.sky.differential_parent * seen,
        differential_pair=result.sky.differential_pair * seen,
        band=None,
    )
    names = {path.name for path in plot_result(dataclasses.replace(result, sky=sky), tmp_path)}
    assert ("jfactor.png" in names) == (last > 0)
