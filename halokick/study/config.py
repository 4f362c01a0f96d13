"""A run file, read and judged: TOML text to frozen sections of Quantities, every error of the file at once.

`read_config` is the entry; the sections and their keys are in `config_halo`, `config_decay`, `config_method`,
`config_model`, which judges keys by asking the particle model, and those of what a telescope sees behind
`config_telescope`.
"""

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from halokick.study.config_decay import DecaySection
from halokick.study.config_halo import HaloSection
from halokick.study.config_live_dwarfs import for_dwarfs_alone, live_dwarf_problems, with_truncation
from halokick.study.config_method import (
    GRID_DEFAULTS,
    LIVE,
    LIVE_DEFAULTS,
    ORBIT_DEFAULTS,
    DwarfsSection,
    MethodSection,
    ObserverSection,
    OutputSection,
)
from halokick.study.config_model import TITLE as MODEL
from halokick.study.config_model import ModelSection, read_decay, read_model_section, without_kicks
from halokick.study.config_potential import tables_of
from halokick.study.config_problems import Problem, RunFileError
from halokick.study.config_section import Section, read_section
from halokick.study.config_telescope import TELESCOPE, telescope_problems
from halokick.study.config_text import override, parse, to_toml

SECTIONS = {
    model.title: model
    for model in (HaloSection, DecaySection, MethodSection, ObserverSection, DwarfsSection, *TELESCOPE, OutputSection)
}
"""Section name in a run file, and what reads it; [model] is read by the model that it names."""


@dataclass(frozen=True)
class RunConfig:
    """A run file that can be run.

    Attributes
    ----------
    decay : DecaySection or None
        That of the file, or what its [model] stands for; None if that has no late decay.
    halo, observer, dwarfs : Section or None
        None where the file has no such section.
    method : MethodSection
    output : OutputSection
    model : ModelSection or None
        The particle model, where the file names one.
    annihilation, map, flux, limits : Section or None
        What a telescope sees; None where the file has no such section.
    source : str
        Where it was read from.
    """

    decay: DecaySection | None
    halo: HaloSection | None
    method: MethodSection
    observer: ObserverSection | None
    dwarfs: DwarfsSection | None
    output: OutputSection
    model: ModelSection | None = None
    annihilation: Section | None = None
    map: Section | None = None
    flux: Section | None = None
    limits: Section | None = None
    source: str = "run file"

    def to_toml(self):
        """The resolved run file as TOML text, defaults written out; it reads back to an equal config."""
        sections = {
            title: as_values(getattr(self, title))
            for title in SECTIONS
            if title != "output" and getattr(self, title) is not None
        }
        if self.halo is None and self.method.name not in LIVE:
            del sections["method"]
        if self.model is not None:
            if self.decay is not None:
                sections["decay"] = {"age": self.decay.age}
            sections = {**self.model.tables, **sections}
        return to_toml(sections)

    @property
    def folder(self):
        """Folder of the run file, from which paths in it are counted."""
        return Path(self.source).parent


def as_values(section):
    """A section as a dict of plain values and Quantities, None left out, sections inside it as dicts."""
    values = {}
    for key in type(section).model_fields:
        value = getattr(section, key)
        if isinstance(value, Section):
            value = as_values(value)
        elif key in ("baryons", "potential") and value is not None:
            value = tables_of(value)
        if value is not None and not (isinstance(value, tuple) and not value):
            values[key] = value
    return values


def read_config(path, overrides=()):
    """Read a run file.

    Parameters
    ----------
    path : str or Path
    overrides : sequence of str
        ``section.key=value``, put on top of the file.

    Returns
    -------
    RunConfig

    Raises
    ------
    RunFileError
        With everything that is wrong with the file, one line each.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise RunFileError(path, [_no_file(Path(path))]) from None
    except (OSError, UnicodeDecodeError) as error:
        problem = Problem("file", f"cannot be read ({error})", "a TOML text file; try halokick init quick")
        raise RunFileError(path, [problem]) from error
    return parse_config(text, overrides, source=str(path))


def parse_config(text, overrides=(), source="run file"):
    """Read the text of a run file; see `read_config`."""
    tables, problems = parse(text)
    if problems:
        raise RunFileError(source, problems)
    return read_tables(*override(tables, overrides), source)


def read_tables(tables, problems=(), source="run file"):
    """Read the tables of a run file, as TOML gives them; see `read_config`.

    `problems` are those that were found before.
    """
    problems = list(problems)
    everywhere = [f"{title}.{key}" for title, model in SECTIONS.items() for key in model.model_fields]
    for title, value in tables.items():
        if title not in (*SECTIONS, MODEL):
            problems.append(_unknown_section(title, value, everywhere))
    sections = {title: None for title in (*SECTIONS, MODEL)}
    if MODEL in tables:
        sections[MODEL], found = read_model_section(tables[MODEL])
        problems += found
        if sections[MODEL] is not None:
            problems += without_kicks(sections[MODEL], tables)
    for title, model in SECTIONS.items():
        if title == "decay" and MODEL in tables:
            sections[title], found = read_decay(tables.get(title), sections[MODEL], everywhere)
            problems += found
        elif title in tables:
            sections[title], found = read_section(model, tables[title], everywhere=everywhere)
            problems += found
    problems += _between_sections(tables, sections)
    problems += live_dwarf_problems(tables, sections)
    problems += telescope_problems(tables, sections)
    if problems:
        raise RunFileError(source, problems)
    for title in ("method", "output"):
        sections[title] = sections[title] or SECTIONS[title]()
    sections["method"] = _orbit_defaults(sections["method"])
    sections["dwarfs"] = with_truncation(sections["dwarfs"], sections["method"])
    return RunConfig(**sections, source=source)


def _orbit_defaults(method):
    """Number, seed and cells belong in the resolved run file, but only of a study that draws or has a grid."""
    if method.name not in ("orbits", *LIVE):
        return method
    defaults = LIVE_DEFAULTS if method.name in LIVE else ORBIT_DEFAULTS
    defaults = defaults | (GRID_DEFAULTS if method.grid is not None else {})
    return method.model_copy(update={key: value for key, value in defaults.items() if getattr(method, key) is None})


def _no_file(path):
    beside = sorted(other.name for other in path.parent.glob("*.toml")) if path.parent.is_dir() else []
    nearest = get_close_matches(path.name, beside, n=1, cutoff=0.5)
    said = "no such file" + (f"; did you mean {path.parent / nearest[0]}?" if nearest else "")
    return Problem("file", said, "a run file; halokick init quick > quick.toml writes one")


def _unknown_section(title, value, everywhere):
    owners = [key for key in everywhere if key.split(".")[-1] == title]
    nearest = get_close_matches(title, (*SECTIONS, MODEL), n=1, cutoff=0.6)
    if not isinstance(value, dict) and owners:
        said = f"outside every section; it belongs to {' or '.join(owners)}"
    elif title == "batch":
        said = "goes with halokick batch, which runs one study for each point of a grid"
    else:
        said = "no such section" + (f"; did you mean [{nearest[0]}]?" if nearest else "")
    return Problem(title, said, ", ".join(f"[{name}]" for name in (*SECTIONS, MODEL)), value)


def _between_sections(tables, sections):
    """What one section needs of another."""
    halo, decay, observer, dwarfs = (tables.get(name) for name in ("halo", "decay", "observer", "dwarfs"))
    alone = MODEL in tables
    if halo is None and dwarfs is None and not alone:
        yield Problem("halo", "missing", "a [halo] section, a [dwarfs] section, or both; or a [model] alone")
    if decay is None and not alone:
        yield Problem("decay", "missing", 'a [decay] section with kick_speed = "54 km/s", or another law')
    if halo is None:
        method = None if for_dwarfs_alone(tables, sections["method"]) else tables.get("method")
        for name, needed in (("observer", observer), ("method", method)):
            if needed is not None:
                yield Problem(name, "there is no [halo] for it", "a [halo] section, or leave it out")
        if sections["dwarfs"] is not None and sections["dwarfs"].host == "halo":
            yield Problem("dwarfs.host", "there is no [halo] to be the host", 'host = "milky_way", or a [halo]', "halo")
    method, decay = sections["method"], sections["decay"]
    if observer is not None and "azimuth" in observer and (method is None or method.grid != "boxes"):
        said = 'there is nothing to turn without [method] grid = "boxes"'
        yield Problem("observer.azimuth", said, "such a grid, or leave it out", observer["azimuth"])
    if method is None or decay is None:
        return
    if method.name in LIVE and decay.lifetime is None and "lifetime" not in tables["decay"]:
        said = f'missing for [method] name = "{method.name}", which follows the decays in time'
        yield Problem("decay.lifetime", said, 'a lifetime, like "100 Gyr"')
    for option in method.options:
        if decay.lifetime is None and "lifetime" not in tables["decay"]:
            yield Problem("decay.lifetime", f'missing for options = ["{option}"]', 'a lifetime, like "100 Gyr"')
            break
