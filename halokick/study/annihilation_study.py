"""J-factors for laws of the relative speed, as a run file asks for them."""

from functools import cached_property

import numpy as np

from halokick import units
from halokick.errors import InputError
from halokick.sky.dwarf_closures import DwarfClosure, draw_dwarf
from halokick.sky.dwarf_signals import dwarf_signals
from halokick.sky.nfw_speeds import SpeedModel, nfw_speeds
from halokick.sky.velocity_j import target_speeds
from halokick.study import build
from halokick.study.build_telescope import speed_laws
from halokick.study.telescope_result import NO_KICK, AnnihilationRecord

_OFF = 1e-3
"""Error of the integral of P_J from which on nothing is quoted: a hundred times what the solver states."""


def annihilation_record(config, kicks, *, df=None, r_max=None, dwarfs=None, progress=None):
    """Record of the section [annihilation].

    Parameters
    ----------
    config : RunConfig
    kicks : sequence of KickDistribution
    df : ErgodicDF or None
        Of the halo that the observer sees; None without an observer.
    r_max : Quantity [length] or None
        Where its line-of-sight integrals end.
    dwarfs : DwarfHaloes or None
    progress : callable (done, total), optional

    Returns
    -------
    AnnihilationRecord
    """
    laws = speed_laws(config)
    entries = {} if df is None else _of_halo(config, df, kicks, laws, r_max, progress)
    if dwarfs is not None:
        entries |= _of_dwarfs(dwarfs, kicks, laws)
    return AnnihilationRecord(
        laws=tuple(laws),
        factors=tuple(repr(factor) for factor in laws.values()),
        kicks=(NO_KICK, *(kick.label for kick in kicks)),
        mean_speed=mean_speeds(kicks),
        **entries,
    )


def mean_speeds(kicks):
    """Mean speeds of no kick and of all kicks: Quantity [speed], shape (k + 1,)."""
    return units.attach([0.0, *(float(units.to_internal(kick.mean_speed, "speed")) for kick in kicks)], "speed")


def _of_halo(config, df, kicks, laws, r_max, progress):
    observer, cut = config.observer, config.method.outer_cut
    shape = (len(kicks) + 1, len(observer.angles))
    j_s, rms = np.full(shape, np.nan), np.full(shape, np.nan)
    average, speeds, problems = np.full((len(laws), *shape), np.nan), np.full((*shape, 3), np.nan), []
    for k, kick in enumerate([None, *kicks]):
        for a, angle in enumerate(observer.angles):
            where = f"{NO_KICK if kick is None else kick.label}, {angle:.6g}"
            try:
                line = {"distance": observer.distance, "angle": angle, "r_max": r_max, "outer_cut": cut}
                target = target_speeds(df, kick, **line)
            except InputError as error:
                problems.append(f"{where}: {error}")
                continue
            if abs(target.norm_error) > _OFF:
                problems.append(f"{where}: the distribution of v_rel sums to {1 + target.norm_error:.4g}, not to one")
                continue
            j_s[k, a] = target.j_s.to_value("GeV2 cm-5")
            rms[k, a] = units.to_internal(target.rms, "speed")
            speeds[k, a] = units.to_internal(target.percentiles(), "speed")
            for i, (law, factor) in enumerate(laws.items()):
                try:
                    average[i, k, a] = target.average(factor)
                except InputError as error:
                    problems.append(f"{where}, {law}: {error}")
            if progress is not None:
                progress(k * shape[1] + a + 1, shape[0] * shape[1])
    return {
        "angles": units.quantity(observer.angles, "angle"),
        "j_s": units.Quantity(j_s, "GeV2 cm-5"),
        "average": average,
        "speeds": units.attach(speeds, "speed"),
        "rms": units.attach(rms, "speed"),
        "problems": tuple(problems),
    }


class DwarfHaloes:
    """The dwarfs of a study, and what all that is drawn of them shares.

    Parameters
    ----------
    config : RunConfig
        With [dwarfs].
    catalogue : DwarfCatalogue
    grid : DaughterGrid
    host : Halo, optional
        The host, if it is the study's own halo.
    """

    def __init__(self, config, catalogue, grid, host=None):
        self.dwarfs, self.grid = tuple(catalogue), grid
        self._section = config.dwarfs
        self._host = {} if host is None else {"host": host}

    @cached_property
    def speeds(self):
        """Relative speeds in NFW haloes: NFWSpeeds, solved when first asked for."""
        return nfw_speeds()

    @property
    def angles(self):
        """Half-angles of the cones: tuple of Quantity [angle]."""
        return self._section.angles

    def draws(self, dwarf, angle, closure=None):
        """Haloes drawn for a dwarf; those of the section's own relation where no closure is given: DwarfDraws."""
        section = self._section
        if closure is None:
            chosen = build.dwarf_haloes(section)
            relation = {key: chosen[key] for key in ("relation", "mass_function", "scatter_dex") if key in chosen}
            closure = DwarfClosure("as in [dwarfs]", **relation)
        return draw_dwarf(dwarf, closure, angle=angle, draws=section.draws, seed=section.seed, **self._host)


def _of_dwarfs(haloes, kicks, laws):
    models = [SpeedModel(factor, law, speeds=haloes.speeds) for law, factor in laws.items()]
    solved = {"grid": haloes.grid, "speeds": haloes.speeds}
    found = []
    for dwarf in haloes.dwarfs:
        draws = [haloes.draws(dwarf, angle) for angle in haloes.angles]
        found.append(dwarf_signals(draws, kicks, models, **solved))
    return {
        "dwarfs": tuple(one.name for one in found),
        "dwarf_angles": units.quantity(haloes.angles, "angle"),
        "dwarf_j_s": _stacked([one.j_s for one in found]),
        "dwarf_average": np.array([one.average for one in found]),
        "dwarf_j": _stacked([one.j_factor for one in found]),
        "dwarf_left": np.array([one.left for one in found]),
        "dwarf_speeds": _stacked([one.speeds for one in found]),
    }


def _stacked(rows):
    return np.stack([row.value for row in rows]) * rows[0].unit
