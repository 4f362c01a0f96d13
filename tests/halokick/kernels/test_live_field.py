"""Field of a live halo: against quadrature of the same mass, closed forms, and its own tables."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad

from halokick.kernels import live_tables
from halokick.kernels.live_field import LiveField, edges_of, field_at, fields_at, new_field, write_field


def nfw_gm(r):
    """G M of an NFW halo with r_s = V_0 = 1."""
    return np.log1p(r) - r / (1 + r)


@pytest.fixture(scope="module")
def field():
    field = new_field(1e-3, 1e5)
    field.gm[:] = nfw_gm(edges_of(field))
    write_field(field)
    return field


@pytest.fixture(scope="module")
def table(field):
    table = live_tables.new_table(field)
    live_tables.write_table(field, table)
    return table


def test_grid_reaches_both_ends(field):
    edges = edges_of(field)
    assert edges[0] == pytest.approx(1e-3)
    assert 1e5 <= edges[-1] * (1 + 1e-12) < 1e5 * np.exp(0.05)


def test_potential_is_the_integral_of_the_force(field):
    edges = edges_of(field)
    for low, high in ((1e-4, 5e-4), (5e-4, 0.0123), (0.0123, 1.0), (1.0, 77.0), (9e4, 3e5)):
        knots = edges[(edges > low) & (edges < high)]
        pieces = np.concatenate([[low], knots, [high]])
        integral = sum(quad(lambda r: field_at(field, r)[0] / r**2, a, b, epsrel=1e-12)[0] for a, b in pairwise(pieces))
        # rounding of a difference of potentials
        assert field_at(field, high)[1] - field_at(field, low)[1] == pytest.approx(integral, rel=1e-9)


def test_cells_of_the_nfw_halo_err_as_their_width_squared(field):
    r = np.geomspace(2e-3, 50, 400)
    gm, phi = fields_at(field, r)
    # step^2 / 8 times the curvature of M in ln r, 4 M in the cusp: 1.25e-3
    assert np.all((gm / nfw_gm(r) - 1 < 1.26e-3) & (gm > nfw_gm(r) * (1 - 1e-12)))
    exact = 1 - np.log1p(r) / r
    # Phi(0) of the softened centre differs by G M(r_min) / r_min
    assert phi[50:] == pytest.approx(exact[50:], rel=2e-3, abs=5e-4)


def test_outside_and_inside_the_grid_are_closed_forms(field):
    edges = edges_of(field)
    inner, phi = field_at(field, 0.5 * edges[0])
    assert inner == pytest.approx(field.gm[0] / 8, rel=1e-12)
    assert phi == pytest.approx(0.125 * field.gm[0] / edges[0], rel=1e-12)
    far = 7 * edges[-1]
    assert field_at(field, far)[0] == field.gm[-1]
    fall = field.gm[-1] * (1 / edges[-1] - 1 / far)
    assert field_at(field, far)[1] - field.phi[-1] == pytest.approx(fall, rel=1e-9)
    assert field_at(field, 0.0) == (0.0, 0.0)


def test_tables_agree_with_the_field(field, table):
    r = np.geomspace(1e-4, 4e6, 3000)
    gm, phi = fields_at(field, r)
    places = [live_tables.place_of(table.look, x * x) for x in r]
    g = np.array([live_tables.value_at(table.look.g, i, t) for i, t in places])
    depth = np.array([live_tables.value_at(table.look.phi, i, t) for i, t in places])
    # a quadratic rounds off the kink that the mass has at every edge: its slope, 2 M in the cusp, jumps by a tenth, and
    # an eighth of that over a cell of 0.011 is 2.7e-4; 4.1e-4 measured at the first edge, where r^3 ends
    assert g * r**3 == pytest.approx(gm, rel=4.5e-4)
    # the potential has kinks in its second derivative only; 5.2e-6 measured, at the first edge too
    assert depth == pytest.approx(phi, rel=6e-6)


def test_tables_are_continuous(table):
    for rows in (table.look.g, table.look.phi):
        end = rows[:-1, 0] + rows[:-1, 1] + rows[:-1, 2]
        assert end == pytest.approx(rows[1:, 0], rel=1e-12)  # rounding


def test_tables_of_a_shell_are_those_of_its_mass():
    # all mass in one cell: nothing inside, Kepler outside
    field = new_field(1e-2, 1e2)
    field.gm[100:] = 2.0
    write_field(field)
    table = live_tables.new_table(field)
    live_tables.write_table(field, table)
    edges = edges_of(field)
    for r, gm in ((0.3 * edges[99], 0.0), (3 * edges[100], 2.0), (3e3, 2.0)):
        i, t = live_tables.place_of(table.look, r * r)
        # quadratics of r^-3 over a cell of 1/32 octave: 2e-6
        assert live_tables.value_at(table.look.g, i, t) * r**3 == pytest.approx(gm, rel=5e-6, abs=1e-12)


def test_places_beyond_the_table_stay_inside_it(table):
    cells = len(table.look.g)
    assert live_tables.place_of(table.look, 0.0)[0] == 0
    assert live_tables.place_of(table.look, np.inf)[0] == cells - 1
    assert live_tables.place_of(table.look, np.nan)[0] == 0


def test_masses_inside_edges_are_those_of_a_power_law(field, table):
    # M ~ r^2: in cells of s the mass is the width of the cell
    bits = (np.arange(len(table.look.g) + 1) + table.look.first) << live_tables.SHIFT
    s = bits.astype(np.int64).view(np.float64)
    inside = np.empty(len(field.gm))
    live_tables.inside_edges(table, np.diff(s), inside)
    # even in ln r instead of in r^2: (1/32)^2 / 8 of a power 2 in r, as 1 in s
    assert inside + s[0] == pytest.approx(edges_of(field) ** 2, rel=1.3e-4)


def test_empty_field_has_no_force():
    field = new_field(1e-2, 10.0)
    write_field(field)
    assert isinstance(field, LiveField)
    assert field_at(field, 1.0) == (0.0, 0.0)
