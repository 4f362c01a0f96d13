r"""Limits in the plane of cross-section and kick from a stack of dwarfs, one line for every closure of their haloes.

A kick changes every dwarf's signal by its own :math:`S_J(v_k/V_\max)`, and the weights in the stack move to the heavier
dwarfs. V_max is what is known least: no single line is given.
"""

from dataclasses import dataclass

import numpy as np

from halokick import units
from halokick.errors import InputError
from halokick.sky.dwarf_closures import DwarfDraws
from halokick.sky.linear_suppression import InCone
from halokick.sky.stacking import ONE_SIDED_95, limits_of

_LEAST = 1e-12
"""Suppressions below this count as nothing left; in the widths of log10 J S it is the floor."""


@dataclass(frozen=True, eq=False)
class KickLimits:
    """Limits on (sigma v)_0; the axes are closures (c), models (m), kicks (k) and dwarfs (d).

    Attributes
    ----------
    closures, models, dwarfs : tuple of str
    kicks : tuple of KickDistribution
    sigma_v : Quantity [cm3/s], shape (c, m, k)
        Infinite where no dwarf has daughters left.
    unkicked : Quantity [cm3/s], shape (c, m)
        The same without a kick.
    log10_j : ndarray, shape (c, m, k, d)
        Median of log10 of J_S/(GeV2 cm-5); -inf where nothing is left.
    width_dex : ndarray, shape (c, m, k, d)
        Half the distance of the 16th and 84th percentile of log10 J_S: the spreads of J and S together, which add up as
        both rise with V_max.
    """

    closures: tuple
    models: tuple
    dwarfs: tuple
    kicks: tuple
    sigma_v: units.Quantity
    unkicked: units.Quantity
    log10_j: np.ndarray
    width_dex: np.ndarray

    @property
    def ratio(self):
        """Limit with the kick over that without, shape (c, m, k)."""
        return np.asarray(self.sigma_v / self.unkicked[..., None])

    @property
    def band(self):
        """Strongest and weakest limit among the closures: two Quantities of shape (m, k)."""
        return np.min(self.sigma_v, axis=0), np.max(self.sigma_v, axis=0)


def kick_limits(
    draws,
    profiles,
    kicks,
    models,
    *,
    linear=None,
    pairs=None,
    threshold=ONE_SIDED_95,
    prior=None,
    progress=None,
):
    """Limits for every closure, model and kick.

    For each dwarf the draws of J and V_max become draws of log10 J_S = log10 (J S_lin <S>), whose median and width
    stand for the log-normal J-factor of `stacked_limit`. <S> is that of the whole halo: in a cone of the size of r_s
    the mean square of v_rel is 6 per cent smaller.

    Parameters
    ----------
    draws : sequence of sequence of DwarfDraws
        ``draws[c][d]``: for two or more closures, the same dwarfs in the same order; see `draw_dwarf`.
    profiles : sequence of GaussianProfile or SignalProfile
        One for each dwarf.
    kicks : sequence of KickDistribution
    models : sequence
        `SpeedModel`, or anything with a ``name`` and ``average(kick_speed, v_max)``, the mean <S>. The daughters'
        density is linear in the distribution of kicks, so kicks of many speeds are summed over their nodes.
    linear : InCone or WholeHalo, optional
        S_lin of every draw; `InCone` if left out. Anything with ``of(kick_speed, draws)`` of shape (draws, kicks).
    pairs, threshold, prior
        As for `stacked_limit`.
    progress : callable (done, total), optional

    Returns
    -------
    KickLimits

    Raises
    ------
    InputError
        Fewer than two closures, dwarfs that differ between closures or from the profiles, or nothing to do.
    """
    draws, profiles = tuple(tuple(row) for row in draws), tuple(profiles)
    kicks, models = tuple(kicks), tuple(models)
    _check(draws, profiles, kicks, models)
    shape = (len(draws), len(models), len(kicks) + 1, len(profiles))
    log_j, width = np.empty(shape), np.empty(shape)
    rules = [(np.zeros(1), np.ones(1)), *(kick.quadrature() for kick in kicks)]
    linear = InCone() if linear is None else linear
    speeds = units.attach(np.concatenate([rule[0] for rule in rules]), "speed")
    done = 0
    for c, row in enumerate(draws):
        for d, dwarf in enumerate(row):
            left = linear.of(speeds, dwarf)
            for m, model in enumerate(models):
                signal = left * model.average(speeds, dwarf.v_max[:, None])
                log_j[c, m, :, d], width[c, m, :, d] = _summary(dwarf, signal, rules)
            done += 1
            if progress is not None:
                progress(done, len(draws) * len(row))
    sigma_v = limits_of(profiles, log_j, width, pairs=pairs, threshold=threshold, prior=prior)
    return KickLimits(
        closures=tuple(row[0].closure for row in draws),
        models=tuple(model.name for model in models),
        dwarfs=tuple(dwarf.name for dwarf in draws[0]),
        kicks=kicks,
        sigma_v=sigma_v[..., 1:],
        unkicked=sigma_v[..., 0],
        log10_j=log_j[..., 1:, :],
        width_dex=width[..., 1:, :],
    )


def _summary(dwarf, signal, rules):
    """Median and width of log10 J_S for every kick, the first of which is none; `signal` is J_S/J_s(0) per speed."""
    ends = np.cumsum([len(rule[0]) for rule in rules])[:-1]
    summed = [part @ rule[1] for part, rule in zip(np.split(signal, ends, axis=1), rules, strict=True)]
    unkicked = summed[0][:, None]
    kicked = np.stack(summed, axis=1)
    left = np.maximum(kicked, _LEAST * unkicked)
    low, middle, high = np.percentile(dwarf.log10_j[:, None] + np.log10(left), [16, 50, 84], axis=0)
    gone = np.median(kicked / unkicked, axis=0) <= _LEAST
    return np.where(gone, -np.inf, middle), 0.5 * (high - low)


def _check(draws, profiles, kicks, models):
    if len(draws) < 2:
        raise InputError(
            f"{len(draws)} closure of the dwarfs' haloes; V_max decides a limit with a kick and is not measured, so "
            "give draws for two closures or more (standard_closures)"
        )
    for row in draws:
        if not all(isinstance(dwarf, DwarfDraws) for dwarf in row):
            raise InputError("draws holds something other than DwarfDraws; make them with draw_dwarf")
        if [dwarf.name for dwarf in row] != [dwarf.name for dwarf in draws[0]]:
            raise InputError("the closures list different dwarfs, or in another order; they must be the same")
    if len(profiles) != len(draws[0]) or not profiles:
        raise InputError(f"{len(profiles)} likelihood profiles for {len(draws[0])} dwarfs; give one for each")
    if not kicks or not models:
        raise InputError("kicks or models is empty; give at least one of each, such as SpeedModel(SWave())")
