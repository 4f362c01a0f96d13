"""One study, from a run file to its result: the straight path, read this first. No physics here."""

from time import perf_counter

from halokick.daughters.ergodic import phase_mix_ergodic
from halokick.daughters.follow import FollowTogether
from halokick.daughters.phase_mixing import phase_mix
from halokick.daughters.stream import with_early_capture, with_streaming
from halokick.errors import InputError
from halokick.halo.df import ErgodicDF
from halokick.sky.dwarfs import suppress_dwarfs
from halokick.sky.live_dwarf_grid import solve_live_grid
from halokick.study import build, provenance
from halokick.study.config_method import INTEGRATION, LIVE
from halokick.study.dwarf_grids import fixed_grid
from halokick.study.live_check import judge_fixed_potential, judge_resolution
from halokick.study.live_study import live_daughters
from halokick.study.model_record import model_record
from halokick.study.progress import Silence
from halokick.study.records import daughter_record, dwarfs_record, parent_record, sky_record
from halokick.study.result import Provenance, StudyResult
from halokick.study.telescope import check_telescope, telescope_entries


def run(config, progress=None, sums=None):
    """Run one study.

    Parameters
    ----------
    config : RunConfig
    progress : object with ``steps`` and ``say``, optional
        See `halokick.study.progress`; silent if left out.
    sums : callable, optional
        As `all_sums` of `FollowTogether`: for orbits that were followed elsewhere.

    Returns
    -------
    StudyResult

    Raises
    ------
    HaloKickError
        Whatever the physics refuses.
    """
    progress = progress or Silence()
    started = perf_counter()
    parent, daughters, sky, dwarfs, model = None, (), None, None, None
    kicks = build.kicks(config.decay)
    kick = kicks[0] if kicks else None
    catalogue = None if config.dwarfs is None else build.dwarfs(config.dwarfs, config.folder)
    if config.model is not None:
        model = model_record(config, kick)  # quick: what the model refuses is said before the long work
    check_telescope(config, kicks, catalogue)
    df, found = None, None
    if config.halo is not None:
        df = ErgodicDF(build.halo(config.halo, config.folder))
        judged = refuse_early(config, df, kicks, progress.say)
        follow = FollowTogether(kicks, sums)
        found = [_daughters(config, df, kick, progress, follow) for kick in progress.steps(kicks, "kicks")]
        judge_resolution(config, found, progress.say)
        parent = parent_record(df, found[0])
        daughters = tuple(daughter_record(config, *one) for one in zip(found, judged, strict=True))
        if config.observer is not None:
            sky = sky_record(config, df, found)
    if catalogue is not None:
        dwarfs = dwarfs_record(catalogue, kicks, _suppressions(config, catalogue, kicks, df, found, progress))
    if config.model is not None and dwarfs is not None:
        model = model_record(config, kick, dwarfs)
    seen = telescope_entries(config, kicks, df, found, sky, catalogue, dwarfs, progress)
    return StudyResult(
        provenance=Provenance(
            run_file=config.to_toml(),
            seed=_seed(config),
            versions=provenance.versions(),
            commit=provenance.commit(),
            created=provenance.now(),
            seconds=perf_counter() - started,
        ),
        parent=parent,
        daughters=daughters,
        sky=sky,
        dwarfs=dwarfs,
        model=model,
        **seen,
    )


def refuse_early(config, df, kicks, say):
    """Say before the long work what would only be said after it; what `judge_fixed_potential` says."""
    _refuse_late_errors(config, df)
    return judge_fixed_potential(config, df, kicks, say)


def _refuse_late_errors(config, df):
    if config.method.name in LIVE:
        return  # what a live halo reaches, it says itself
    radius = build.known_radii(config.method, df)
    observer = config.observer
    if observer is not None and observer.r_max is not None and observer.r_max > radius[-1]:
        raise InputError(
            f"observer.r_max = {observer.r_max} lies beyond {radius[-1]:.6g}, where the daughters' table ends; "
            "make it smaller, leave it out, or give method.r_min, r_max and n_radii that reach it"
        )


def _seed(config):
    if config.halo is not None and config.method.name in ("orbits", *LIVE):
        return config.method.seed
    return None if config.dwarfs is None else config.dwarfs.seed


def orbit_arguments(config):
    """Arguments of `follow_orbits` after the parents and the kick: the bins, and those with a name."""
    method = config.method
    ages = build.history(config.decay) if "finite_age" in method.options else None
    arguments = {"n": method.n, "seed": method.seed, "sampling": method.sampling, "history": ages}
    arguments |= {"outer_cut": method.outer_cut, "within": method.within, "grid": build.grid(method)}
    given = {key: getattr(method, key) for key in ("path", *INTEGRATION)}
    return build.bins(method), arguments | {key: value for key, value in given.items() if value is not None}


def _daughters(config, df, kick, progress, follow):
    method = config.method
    history = build.history(config.decay)
    counter = progress.counter(kick.label)
    if method.name in LIVE:
        return live_daughters(config, df, kick, counter)
    if method.name == "orbits":
        bins, arguments = orbit_arguments(config)
        found = follow(df, kick, bins, **arguments, progress=counter)
    else:
        mix = {"phase_mixing": phase_mix, "ergodic": phase_mix_ergodic}[method.name]
        common = {"outer_cut": method.outer_cut, "within": method.within, "progress": counter}
        found = mix(df, kick, build.radii(method), **common)
    if "streaming" in method.options:
        edge = found.r_max if method.source_edge is None else method.source_edge
        found = with_streaming(found, df, history, edge)
    if "early_capture" in method.options:
        found = with_early_capture(found, build.early_capture(method, history))
    return found


def _suppressions(config, catalogue, kicks, df, found, progress):
    section = config.dwarfs
    host = {} if section.host == "milky_way" else {"host": df.halo, "host_daughters": found}
    grid = _dwarf_grid(config, kicks, progress.counter("NFW haloes"))
    options = build.dwarf_haloes(section) | host
    return suppress_dwarfs(catalogue, kicks, grid=grid, progress=progress.counter("dwarfs"), **options)


def _dwarf_grid(config, kicks, counter):
    """NFW haloes for the dwarfs: in gravity that follows the decays, where that of the halo would."""
    method = config.method
    if method.name not in LIVE:
        return fixed_grid(config.dwarfs, counter)
    # in a study with a halo, n is the number of that halo's particles
    given = {} if config.halo is not None or method.n is None else {"n": method.n}
    if method.mass_loss is not None:
        given["mass_loss"] = method.mass_loss
    # all kicks of a study are of one law, and so of one shape
    return solve_live_grid(build.history(config.decay), kicks[0], seed=method.seed, progress=counter, **given)
