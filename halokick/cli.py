"""The command line: parse, call the study, print."""

import shlex
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from halokick.errors import HaloKickError, InputError, UnitError

# The commands import the study inside their functions: matplotlib, pydantic and astropy's tables take longer to load
# than --help, init or a mistyped option should take. Nowhere else is an import inside a function allowed.

_BAD_INPUT, _FAILED, _INTERRUPTED = 2, 1, 130
_STOPPED = "stopped; nothing was written"
_FAILURES_SHOWN = 10

app = typer.Typer(
    name="halokick",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="SECTION.KEY=VALUE", help="Put a value on top of the run file; may be repeated."),
]
_Results = Annotated[
    list[Path], typer.Argument(metavar="RESULT...", help="Folders of studies, or their result.h5.", show_default=False)
]
_Workers = Annotated[
    int | None, typer.Option("--workers", "-w", metavar="N", min=1, help="Processes on this machine [one per core].")
]
_RunFile = Annotated[Path, typer.Argument(metavar="FILE.toml", help="The run file.", show_default=False)]


@app.callback(
    epilog="""\b
A first study:
  halokick init quick > quick.toml     a commented run file
  halokick check quick.toml            is it right, and what would it cost?
  halokick run quick.toml              tables, pictures and result.h5 in out/quick

\b
A grid of studies, or one study on many cores or on a cluster:
  halokick init batch > batch.toml
  halokick batch batch.toml --workers 4

Each command has its own --help with examples."""
)
def _halokick():
    """Where the daughters of decaying dark matter are, and how brightly they annihilate."""


@app.command(
    epilog="""\b
Examples:
  halokick run milky_way.toml
  halokick run milky_way.toml --set decay.kick_speed='109 km/s' --output kick109
  halokick run milky_way.toml --set method.name=ergodic --set halo.gamma=1.3 -o ergodic

Exit status: 0 done, 1 the calculation or the disk failed, 2 the run file is wrong, 130 stopped with Ctrl-C. Only 0
leaves anything behind."""
)
def run(
    file: _RunFile,
    overrides: _Overrides = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="DIR", help="Folder of the products [out/NAME beside FILE]."),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the result of a different run file in that folder.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="No progress and no table; print the folder's path only.")
    ] = False,
):
    """Run one study and write its products.

    The folder then holds result.h5 (everything, with the resolved run file, seed, versions and commit), profiles.ecsv,
    jfactors.ecsv and .fits, dwarfs.ecsv, summary.json, and pictures: whatever the run file asks for. A [model] adds
    model.ecsv (its limits) and fluxes.ecsv; [annihilation], [map], [flux] and [limits] add annihilation.ecsv,
    map_NN.fits with maps.ecsv, flux_differential.ecsv with flux_integrated.ecsv, and limits.ecsv.
    """
    with _failures(file):
        from halokick.study.interrupt import ends_on_interrupt

        with ends_on_interrupt(_STOPPED):  # imports included: they take as long as small studies
            from halokick.study import config as configs
            from halokick.study.folder import check_folder, write_products
            from halokick.study.progress import kernels_are_compiled, progress_for
            from halokick.study.run import run as run_study
            from halokick.study.screen import short_tables

            config = configs.read_config(file, overrides or ())
            folder = output if output is not None else _default_folder(config, file)
            check_folder(folder, config.to_toml(), overwrite=overwrite)
            progress = progress_for(quiet)
            if not kernels_are_compiled():
                progress.say("first run on this machine: compiling kernels, about a minute; later runs start at once")
            result = run_study(config, progress)
        from halokick.study.plots import plot_result  # matplotlib, when it is needed

        written = write_products(result, folder, plot_result)
        if quiet:
            print(folder)
        else:
            print(short_tables(result))
            print(f"\n{folder}: {', '.join(path.name for path in written)}")


@app.command(
    epilog="""\b
A grid takes any keys of a run file, and runs all combinations, the last key varying fastest:
  [batch.grid]
  "halo.gamma" = [0.8, 1.0, 1.2]
  "decay.kick_speed" = ["25 km/s", "54 km/s"]
Keys under [batch.zip] go together instead, one study for each pair. Without a grid, and with [method] name = "orbits",
the particles of one study are divided: a task follows [batch] chunks_per_task = 1 chunks of 131072 decays (16384
where orbits are integrated).

\b
Examples:
  halokick batch grid.toml --workers 8
  halokick batch grid.toml --workers 8 --resume     after Ctrl-C, a crash, the end of a job; also the first time
  halokick batch grid.toml --scheduler tcp://node01:8786      workers of any Dask cluster that sees this folder
  halokick table out/grid --output jfactors.tex

The folder holds batch.h5, which grows task by task and can be read at any moment, whatever kills the program; at the
end jfactors.ecsv and .fits of all studies, or the products of the one study. The answer, and the checksum printed at
the end, do not depend on the number of workers, on the order of the tasks, or on interruptions. A task that is refused
(an impossible halo, say) is named at the end and costs no other task; --resume tries it again.

For --scheduler: pip install 'halokick[batch]' on all machines, in the same versions. One thread a worker is best.

Exit status: 0 all tasks done, 1 some failed or the disk refused, 2 the run file is wrong, 130 stopped with Ctrl-C."""
)
def batch(
    file: _RunFile,
    overrides: _Overrides = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="DIR", help="Folder of the batch [out/NAME beside FILE].")
    ] = None,
    workers: _Workers = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            "--scheduler", metavar="ADDRESS", help="Of a Dask scheduler, or its scheduler file; local starts one."
        ),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with what the folder holds, if anything.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Begin again in the place of what it holds.")] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="No progress and no table; print the folder's path only.")
    ] = False,
):
    """Run a grid of studies, or one study's particles in parts, on many cores; it can be killed and resumed."""
    with _failures(file):
        from halokick.study.batch_cost import default_workers
        from halokick.study.batch_grid import read_batch

        plan = read_batch(file, overrides or ())
        folder = output if output is not None else _default_folder(plan.config, file)
        workers = workers or default_workers(plan)
        words = ["halokick", "batch", str(file), *(word for one in overrides or () for word in ("--set", one))]
        words += ["--output", str(output)] if output is not None else []
        words += ["--workers", str(workers)] if scheduler is None else ["--scheduler", scheduler]
        again = f"go on with:\n  {shlex.join([*words, '--resume'])}"
        _batch(plan, folder, _executor(workers, scheduler), again, resume, overwrite, quiet)


def _executor(workers, scheduler):
    from halokick.study.batch_dask import DaskCluster
    from halokick.study.batch_processes import Processes
    from halokick.study.progress import kernels_are_compiled

    return (
        Processes(workers, alone=not kernels_are_compiled()) if scheduler is None else DaskCluster(scheduler, workers)
    )


def _batch(plan, folder, executor, again, resume, overwrite, quiet):
    from halokick.study.batch import GOES_ON, Stopped, run_batch
    from halokick.study.interrupt import asked_to_stop, ends_on_interrupt
    from halokick.study.progress import batch_progress, kernels_are_compiled

    progress = batch_progress(quiet, _say)
    if not (quiet or kernels_are_compiled()):
        progress.say("first run on this machine: compiling the kernels, about a minute; later runs start at once")
    with asked_to_stop() as stop:
        try:
            summary = run_batch(
                plan, folder, executor, resume=resume, overwrite=overwrite, tally=progress.tally, stop=stop, say=_say
            )
        except Stopped as stopped:
            _say(f"stopped: {stopped}; {again}")
            raise typer.Exit(128 + stop()) from None
        except HaloKickError as error:
            if GOES_ON not in getattr(error, "__notes__", ()):
                raise
            _say(f"{error}\nevery task that was finished is kept; {again}")
            raise typer.Exit(_FAILED) from error
    for index, text in list(summary.failed.items())[:_FAILURES_SHOWN]:
        _say(f"task {index} failed{f' ({plan.point(index)})' if plan.columns else ''}: {text}")
    if len(summary.failed) > _FAILURES_SHOWN:
        _say(f"and {len(summary.failed) - _FAILURES_SHOWN} more tasks failed")
    with ends_on_interrupt(f"stopped; all tasks are done, their products are not; {again}"):
        from halokick.study.batch_products import write_batch_products
        from halokick.study.plots import plot_result

        text, written = write_batch_products(plan, summary, plot_result, progress)
    if quiet:
        print(folder)
    else:
        print("\n\n".join([*text, f"{folder}: {', '.join(path.name for path in written)}"]))
        print(f"{summary.done} of {summary.tasks} tasks done; checksum of all answers {summary.digest}")
    if summary.failed:
        raise typer.Exit(_FAILED)


@app.command(
    epilog="""\b
Examples:
  halokick check milky_way.toml --set method.name=orbits --set method.n=1e6
  halokick check grid.toml --workers 16      number of tasks, and time with so many workers"""
)
def check(file: _RunFile, overrides: _Overrides = None, workers: _Workers = None):
    """Validate a run file and say what it would cost. Writes nothing."""
    with _failures(file):
        from halokick.halo.df import ErgodicDF
        from halokick.study import build
        from halokick.study import config as configs
        from halokick.study.batch_cost import batch_cost, default_workers
        from halokick.study.batch_grid import has_batch, read_batch
        from halokick.study.cost import cost, in_words
        from halokick.study.progress import kernels_are_compiled
        from halokick.study.run import refuse_early

        if has_batch(file):
            plan = read_batch(file, overrides or ())
            lines, seconds = batch_cost(plan, workers or default_workers(plan), compiled=kernels_are_compiled())
        else:
            config = configs.read_config(file, overrides or ())
            df = None if config.halo is None else ErgodicDF(build.halo(config.halo, config.folder))
            said = []
            if df is not None:
                refuse_early(config, df, build.kicks(config.decay), said.append)
            lines, seconds = cost(config, df, compiled=kernels_are_compiled())
            lines = [*said, *lines]
        print(f"{file}: no errors")
        for line in lines:
            print(f"  {line}")
        print(f"  time: {in_words(seconds)}")


@app.command(
    epilog="""\b
Kinds:
  quick       two kicks in a Galactic halo, seconds
  milky_way   halo and kicks of Figs. 3 and 8 of Hardy, Lasenby & Unwin (2014)
  dwarfs      suppression of every dwarf galaxy's signal against kick speed
  disk        a galaxy with a disk, in which orbits are integrated
  sky         what a telescope sees of a Galactic halo: maps, relative speeds, fluxes
  limits      limits from dwarf galaxies in the plane of cross-section and kick
  model       from the couplings of a particle model to fluxes and limits
  batch       a grid of halo slopes and kicks, for halokick batch

\b
Example:
  halokick init milky_way > milky_way.toml"""
)
def init(
    kind: Annotated[
        str,
        typer.Argument(
            metavar="KIND",
            help="quick, milky_way, dwarfs, disk, sky, limits, model or batch.",
            show_default=False,
        ),
    ],
):
    """Print a commented run file to begin with."""
    with _failures(kind):
        from halokick.study.templates import TEMPLATES

        if kind not in TEMPLATES:
            raise InputError(f"there is no run file of kind {kind!r}; allowed: {', '.join(TEMPLATES)}")
        print(TEMPLATES[kind], end="")


@app.command(
    epilog="""\b
Example:
  halokick plot out/quick out/milky_way"""
)
def plot(
    results: _Results,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="DIR", help="Where the pictures go [beside each result].")
    ] = None,
):
    """Draw the pictures of results again."""
    _again(results, output, "plots", "plot_result")


@app.command(
    epilog="""\b
Examples:
  halokick table out/quick out/milky_way                    each result's own tables again
  halokick table out/quick out/grid --output all.fits       one table of all J-factors, batches and studies mixed

The ending of the merged table's file names its format: .ecsv, .fits, .csv or .tex. Its rows are sorted by target, grid,
kick and cone; the keys of grids are columns; the files, their checksums and versions are in its header."""
)
def table(
    results: Annotated[
        list[Path],
        typer.Argument(
            metavar="RESULT...",
            help="Folders of studies or batches, their result.h5 or batch.h5.",
            show_default=False,
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE|DIR", help="FILE of one merged table; or DIR of the tables [beside each]."
        ),
    ] = None,
):
    """Merge the J-factors of results into one table, or make the tables of each again; show the main numbers."""
    with _failures(results[0]):
        from halokick.study.batch import batch_file
        from halokick.study.storage_batch import is_batch
        from halokick.study.table_merge import FORMATS, merged_table, read_sources, shown, write_merged

        merge = output is not None and output.suffix in FORMATS
        if not merge and any(is_batch(batch_file(path)) for path in results):
            raise InputError(f"the tables of a batch are one: give --output FILE with an ending {', '.join(FORMATS)}")
        if merge:
            merged = merged_table(*read_sources(results))
            write_merged(merged, output)
            print(f"{shown(merged)}\n\n{output}")
            return
    _again(results, output, "tables", "write_tables")


def _again(results, output, module, function):
    """Products of stored results, each beside its result or in a folder of its own under `output`."""
    with _failures(results[0]):
        from halokick.study import plots, storage, tables
        from halokick.study.folder import made_again, own_folders
        from halokick.study.screen import short_tables

        make = getattr({"plots": plots, "tables": tables}[module], function)
        read = [storage.read(path) for path in results]
        homes = [path if path.is_dir() else path.parent for path in results]
        for home, folder, result in zip(homes, own_folders(homes, output), read, strict=True):
            if module == "tables":
                print(short_tables(result))
            made = made_again(make, result, folder)
            for path in made:
                print(path)
            if not made:
                print(f"{home}: no pictures of a study without [halo] and [dwarfs]; halokick table has its numbers")


def _default_folder(config, file):
    if config.output.directory is not None:
        return config.folder / config.output.directory
    return file.parent / "out" / file.stem


@contextmanager
def _failures(source):
    """Turn what goes wrong into one clear message and an exit status."""
    try:
        yield
    except KeyboardInterrupt as error:
        # only an interrupt that waited for the last product carries an argument
        _say("stopped; everything was written" if error.args else _STOPPED)
        raise typer.Exit(_INTERRUPTED) from None
    except (InputError, UnitError) as error:
        text = str(error)
        _say(text if text.startswith(str(source)) else f"{source}: {text}")
        raise typer.Exit(_BAD_INPUT) from error
    except HaloKickError as error:
        _say(f"{source}: {error}")
        raise typer.Exit(_FAILED) from error


def _say(text):
    print(text, file=sys.stderr)
