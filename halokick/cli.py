"""The command line: parse, call the study, print."""

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
_RunFile = Annotated[Path, typer.Argument(metavar="FILE.toml", help="The run file.", show_default=False)]


@app.callback(
    epilog="""\b
A first study:
  halokick init quick > quick.toml     a commented run file
  halokick check quick.toml            is it right, and what would it cost?
  halokick run quick.toml              tables, pictures and result.h5 in out/quick

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
    model.ecsv (its limits) and fluxes.ecsv.
    """
    with _failures(file):
        from halokick.study import config as configs
        from halokick.study.folder import check_folder, write_products
        from halokick.study.interrupt import ends_on_interrupt
        from halokick.study.plots import plot_result
        from halokick.study.progress import kernels_are_compiled, progress_for
        from halokick.study.run import run as run_study
        from halokick.study.screen import short_tables

        config = configs.read_config(file, overrides or ())
        folder = output if output is not None else _default_folder(config, file)
        check_folder(folder, config.to_toml(), overwrite=overwrite)
        progress = progress_for(quiet)
        if not kernels_are_compiled():
            progress.say("first run on this machine: compiling the kernels, about a minute; later runs start at once")
        with ends_on_interrupt(_STOPPED):
            result = run_study(config, progress)
        written = write_products(result, folder, plot_result)
        if quiet:
            print(folder)
        else:
            print(short_tables(result))
            print(f"\n{folder}: {', '.join(path.name for path in written)}")


@app.command(
    epilog="""\b
Example:
  halokick check milky_way.toml --set method.name=orbits --set method.n=1e6"""
)
def check(file: _RunFile, overrides: _Overrides = None):
    """Validate a run file and say what it would cost. Writes nothing."""
    with _failures(file):
        from halokick.halo.df import ErgodicDF
        from halokick.study import build
        from halokick.study import config as configs
        from halokick.study.cost import cost, in_words
        from halokick.study.progress import kernels_are_compiled

        config = configs.read_config(file, overrides or ())
        df = None if config.halo is None else ErgodicDF(build.halo(config.halo, config.folder))
        lines, seconds = cost(config, df, compiled=kernels_are_compiled())
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
  model       from the couplings of a particle model to fluxes and limits

\b
Example:
  halokick init milky_way > milky_way.toml"""
)
def init(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="quick, milky_way, dwarfs or model.", show_default=False)],
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
Example:
  halokick table out/quick out/milky_way"""
)
def table(
    results: _Results,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="DIR", help="Where the tables go [beside each result].")
    ] = None,
):
    """Make the tables of results again, and show their main numbers."""
    _again(results, output, "tables", "write_tables")


def _again(results, output, module, function):
    """Products of stored results, each beside its result or in a folder of its own under `output`."""
    with _failures(results[0]):
        from halokick.study import plots, storage, tables
        from halokick.study.screen import short_tables

        make = getattr({"plots": plots, "tables": tables}[module], function)
        read = [(path if path.is_dir() else path.parent, storage.read(path)) for path in results]
        for home, result in read:
            folder = home
            if output is not None:
                folder = output / home.resolve().name if len(read) > 1 else output
                folder.mkdir(parents=True, exist_ok=True)
            if module == "tables":
                print(short_tables(result))
            for path in make(result, folder):
                print(path)


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
