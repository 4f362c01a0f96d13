r"""J-factors of dwarf galaxies for annihilation that depends on speed, over the draws of what is uncertain.

Every draw is an NFW halo. :math:`J_S = J_s(0)\,S_{lin}\,\langle S\rangle` with :math:`S_{lin}` of the cone and
:math:`\langle S\rangle` of the whole halo, which a kick and V_max fix together. v is v_rel = |v_1 - v_2|.
"""

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import PchipInterpolator

from halokick import units
from halokick.errors import InputError
from halokick.kernels.line_of_sight import cones_nodes
from halokick.sky.dwarf_grid import DaughterGrid
from halokick.sky.linear_suppression import InCone
from halokick.sky.nfw_speeds import NFWSpeeds
from halokick.sky.subhalo_relations import PEAK

PERCENTILES = (16, 50, 84)
SPEED_PERCENTILES = (5, 50, 95)
_X, _W = np.polynomial.legendre.leggauss(20)
_NODES = 0.5 * (_X + 1), 0.5 * _W
_SOFT = 0.01
"""As in `halokick.sky.nfw_speeds`: between kicks curves are smooth in ln(1 + kappa/0.01)."""
_LATTICE = 400
_NONE = np.full(3, np.nan)
_FASTEST = 2 * np.sqrt(2 / PEAK)
"""Twice the escape speed from the centre of an infinite NFW halo, over V_max: no pair is faster."""


@dataclass(frozen=True, eq=False)
class DwarfSignals:
    """What the draws of one dwarf say; the first of k + 1 kicks is none, the last axis has three percentiles.

    Attributes
    ----------
    name : str
    angles : Quantity [angle], shape (a,)
        Half-angles of the cones.
    models : tuple of str, length m
    j_s : Quantity [GeV2 cm-5], shape (a, k + 1, 3)
        J of an s-wave with its kick, 16th, 50th and 84th percentile of the draws.
    average : ndarray, shape (m, k + 1, 3)
        <S>, the same percentiles, of the draws that have pairs left; nan where half of them have none.
    j_factor : Quantity [GeV2 cm-5], shape (m, a, k + 1, 3)
        J_S. J, S_lin and <S> go together in each draw, so these are not products of the percentiles above.
    left : ndarray, shape (m, a, k + 1, 3)
        J_S over that of the same draw and model without kick, the same percentiles.
    speeds : Quantity [speed], shape (k + 1, 3)
        v_rel below which 5, 50 and 95 per cent of the annihilations of an s-wave are, in the halo of median V_max; nan
        where the kick leaves nothing.
    """

    name: str
    angles: units.Quantity
    models: tuple
    j_s: units.Quantity
    average: np.ndarray
    j_factor: units.Quantity
    left: np.ndarray
    speeds: units.Quantity


def dwarf_signals(draws, kicks, models, *, grid, speeds):
    """J-factors of one dwarf for every kick and model.

    Parameters
    ----------
    draws : sequence of DwarfDraws
        The same haloes for every cone: one closure and seed, one `draw_dwarf` for each angle.
    kicks : sequence of KickDistribution
    models : sequence of SpeedModel
        Or anything with a ``name`` and ``average(kick_speed, v_max)``.
    grid : DaughterGrid
    speeds : NFWSpeeds

    Returns
    -------
    DwarfSignals

    Raises
    ------
    InputError
        Draws of different dwarfs or haloes, or none; a grid or speeds that are none.
    """
    draws, kicks = tuple(draws), tuple(kicks)
    if not draws or any(np.any(one.v_max != draws[0].v_max) for one in draws):
        raise InputError("draws must be of one dwarf and one closure, with the same seed, one for each angle")
    if not isinstance(grid, DaughterGrid) or not isinstance(speeds, NFWSpeeds):
        raise InputError(f"grid = {grid!r}, speeds = {speeds!r}; give a DaughterGrid and NFWSpeeds")
    rules = [(np.zeros(1), np.ones(1)), *(kick.quadrature() for kick in kicks)]
    every = units.attach(np.concatenate([rule[0] for rule in rules]), "speed")
    v_max = draws[0].v_max[:, None]
    averages = [model.average(every, v_max) for model in models]
    j_s, j_model, shares = [], [], []
    for one in draws:
        left = InCone(grid).of(every, one)
        parents = _parents(grid, one)[:, None]
        s_wave = _summed(left, rules)
        j_s.append(_percentiles(parents * s_wave))
        signals = [_summed(left * each, rules) for each in averages]
        j_model.append([_percentiles(parents * signal) for signal in signals])
        shares.append([_percentiles(signal / signal[:, :1]) for signal in signals])
        if one is draws[0]:
            # the mean over the pairs that are left: kicks of many speeds are summed before it is taken
            means = [_ratio(signal, s_wave) for signal in signals]
    return DwarfSignals(
        name=draws[0].name,
        angles=units.attach([units.to_internal(one.angle, "angle") for one in draws], "angle"),
        models=tuple(model.name for model in models),
        j_s=units.attach(np.array(j_s), "j_factor"),
        average=np.array([_percentiles_left(each) for each in means]),
        j_factor=units.attach(np.swapaxes(np.array(j_model), 0, 1), "j_factor"),
        left=np.swapaxes(np.array(shares), 0, 1),
        speeds=units.attach(_quantiles(draws[0], rules, speeds), "speed"),
    )


def _parents(grid, draws):
    """J without kick inside the tidal radius, of what the cut leaves: shape (draws,)."""
    r_s, rho_s = (np.asarray(units.to_internal(*pair)) for pair in ((draws.r_s, "length"), (draws.rho_s, "density")))
    theta = np.full(len(r_s), float(units.to_internal(draws.angle, "angle")))
    distance = np.asarray(units.to_internal(draws.distance, "length"))
    radius, weight = cones_nodes(distance, theta, draws.tidal_ratio * r_s, *_NODES)
    x = radius / r_s[:, None]
    rho = rho_s[:, None] / (x * (1 + x) ** 2) * grid.parent(draws.tidal_ratio, x)
    return np.sum(weight * rho**2, axis=1)


def _summed(signal, rules):
    """Columns of single speeds to columns of kicks: densities are linear in the distribution of kicks."""
    ends = np.cumsum([len(rule[0]) for rule in rules])[:-1]
    parts = np.split(signal, ends, axis=1)
    return np.stack([part @ rule[1] for part, rule in zip(parts, rules, strict=True)], axis=1)


def _ratio(top, bottom):
    return np.divide(top, bottom, out=np.full_like(top, np.nan), where=bottom > 0)


def _percentiles(values):
    """Over the draws: shape (draws, k) to (k, 3)."""
    return np.moveaxis(np.percentile(values, PERCENTILES, axis=0), 0, -1)


def _percentiles_left(values):
    """The same over the draws that have pairs left; nan where half of them have none."""
    left = [column[~np.isnan(column)] for column in values.T]
    enough = [2 * len(column) > len(values) for column in left]
    rows = [np.percentile(column, PERCENTILES) if some else _NONE for column, some in zip(left, enough, strict=True)]
    return np.array(rows)


def _quantiles(draws, rules, speeds):
    """Quantiles of v_rel [km/s] for every kick in the halo of median V_max."""
    v_max = float(np.median(units.to_internal(draws.v_max, "speed")))
    u = np.linspace(0.0, _FASTEST, _LATTICE + 1)
    own = units.attach(u * np.sqrt(PEAK), "speed")  # V0 is 1 km/s in the records
    pdf = np.array([record.pdf(own).value for record in speeds.records])
    cumulated = np.concatenate([np.zeros((len(pdf), 1)), np.cumsum(0.5 * (pdf[:, 1:] + pdf[:, :-1]), axis=1)], axis=1)
    cumulated /= cumulated[:, -1:]
    nodes = np.log1p(speeds.kappa / _SOFT)
    between = PchipInterpolator(nodes, cumulated, axis=0)
    left = _j_left(speeds)
    found = []
    for kick, weights in rules:
        kappa = np.asarray(kick) / v_max
        share = np.asarray(weights) * left(kappa)
        if not np.sum(share) > 0 or np.all(kappa > speeds.kappa[-1]):
            found.append(np.full(len(SPEED_PERCENTILES), np.nan))
            continue
        curve = share @ between(np.minimum(np.log1p(kappa / _SOFT), nodes[-1])) / np.sum(share)
        rising = np.append(True, np.diff(np.maximum.accumulate(curve)) > 0)
        found.append(v_max * np.interp(np.array(SPEED_PERCENTILES) / 100, curve[rising], u[rising]))
    return np.array(found)


def _j_left(speeds):
    """Share of J that a kick over V_max leaves: S_lin of the records themselves."""
    j = np.array([record.j_s.value for record in speeds.records])
    return lambda kappa: np.exp(np.interp(np.log1p(kappa / _SOFT), np.log1p(speeds.kappa / _SOFT), np.log(j / j[0])))
