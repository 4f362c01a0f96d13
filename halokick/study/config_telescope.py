"""What the sections [annihilation], [map], [flux] and [limits] need of the other sections of a run file."""

from halokick.study.config_annihilation import MODEL_LAW, AnnihilationSection
from halokick.study.config_flux import FluxSection
from halokick.study.config_limits import LimitsSection
from halokick.study.config_map import MapSection
from halokick.study.config_method import LIVE
from halokick.study.config_problems import Problem

TELESCOPE = (AnnihilationSection, MapSection, FluxSection, LimitsSection)
"""The sections of what a telescope sees."""

_ANY_TARGET = "[halo] with [observer], or [dwarfs]"
_FEWEST_DRAWS = 10


def telescope_problems(tables, sections):
    """What one of these sections lacks, or does not go with.

    Parameters
    ----------
    tables : dict
        The run file as TOML gave it.
    sections : dict of str to Section or None
        As they were read; None too where nothing of a section could be read.

    Yields
    ------
    Problem
    """
    seen = "observer" in tables and "halo" in tables
    dwarfs = "dwarfs" in tables
    for title in ("annihilation", "flux"):
        if title in tables and not (seen or dwarfs):
            yield Problem(title, "there is nothing to look at", f"{_ANY_TARGET}; or leave it out")
    if "map" in tables:
        yield from _map_target(tables, sections, seen)
    if "limits" in tables and not dwarfs:
        yield Problem("limits", "there are no dwarf galaxies for it", "[dwarfs], or leave it out")
    if "annihilation" in tables:
        yield from _speeds(tables, sections)
    if sections["map"] is not None and sections["map"].laws is not None:
        known = ("s_wave",) if sections["annihilation"] is None else sections["annihilation"].law
        wrong = [law for law in sections["map"].laws if law not in known]
        if wrong:
            yield Problem("map.laws", "not of this study", f"those of [annihilation]: {', '.join(known)}", wrong)
    for title in ("flux", "limits"):
        if sections[title] is not None:
            yield from _shares(title, tables, sections)
    if sections["flux"] is not None:
        yield from _particle(tables, sections)
    if sections["limits"] is not None:
        yield from _limits(tables, sections)


def _map_target(tables, sections, seen):
    """A map is of the halo with its observer, or of a dwarf whose potential stays."""
    section, method = sections["map"], sections["method"]
    if "target" not in (tables["map"] if isinstance(tables["map"], dict) else {}):
        if not seen:
            allowed = '[halo] with [observer]; or target = "Draco" and [dwarfs]; or leave it out'
            yield Problem("map", "there is no halo to look at", allowed)
        return
    target = None if section is None else section.target
    if "dwarfs" not in tables:
        yield Problem("map.target", "there are no dwarf galaxies for it", "[dwarfs], or leave it out", target)
    if method is not None and method.name in LIVE:
        said = f'maps of dwarfs are of haloes whose potential stays, not of name = "{method.name}"'
        yield Problem("map.target", said, 'name = "phase_mixing", or leave it out', target)


def _speeds(tables, sections):
    """Relative speeds are known of phase-mixed daughters in a fixed potential."""
    section, method = sections["annihilation"], sections["method"]
    if section is not None and MODEL_LAW in section.law:
        model = sections["model"]
        if "model" not in tables:
            yield Problem("annihilation.law", "there is no [model] to ask", "[model], or another law", MODEL_LAW)
        elif model is not None and model.annihilation is None:
            said = f'"{model.name}" does not say how it annihilates in halos'
            yield Problem("annihilation.law", said, "another law", MODEL_LAW)
    if method is None:
        return
    if method.name != "phase_mixing":
        said = f'relative speeds are not known of name = "{method.name}"'
        yield Problem("method.name", said, 'name = "phase_mixing", or no [annihilation]', method.name)
    elif method.options:
        said = "relative speeds are those of the phase-mixed bound daughters"
        yield Problem("method.options", said, "leave them out, or [annihilation]", list(method.options))


def _shares(title, tables, sections):
    """Fluxes need to know how much there is of each species."""
    decay = tables.get("decay")
    lives = "model" in tables or (isinstance(decay, dict) and "lifetime" in decay)
    own, others = sections[title].shares, sections["flux"].shares if sections["flux"] is not None else None
    given = "shares" in (tables[title] if isinstance(tables[title], dict) else {})
    if given and lives:
        said = "today's shares follow from the lifetime"
        yield Problem(f"{title}.shares", said, "leave it out, or the lifetime", list(own or ()))
    elif not given and not lives and not (title == "limits" and others is not None):
        allowed = "a lifetime in [decay] (with parent_share), or shares = [0.5, 0.5] of the two species today"
        yield Problem(f"{title}.shares", "it is not known how much there is of each species", allowed)


def _particle(tables, sections):
    """Mass and cross-section: from the model, or from the section."""
    given = tables["flux"] if isinstance(tables["flux"], dict) else {}
    model = sections["model"]
    for key, example in (("mass", "100 GeV"), ("sigma_v", "3e-26 cm3/s")):
        if "model" in tables and key in given:
            yield Problem(f"flux.{key}", "comes from [model]", "leave it out, or no [model]", given[key])
        elif "model" not in tables and key not in given:
            yield Problem(f"flux.{key}", "missing", f'like "{example}", or a [model]')
    if model is not None and model.annihilation is None:
        yield Problem("flux", f'"{model.name}" does not say how it annihilates in halos', "no [model], or no [flux]")
    annihilation = sections["annihilation"]
    if model is not None and annihilation is not None and annihilation.law not in ((MODEL_LAW,), ("s_wave",)):
        said = "the cross-section is that of [model]"
        yield Problem("annihilation.law", said, f'law = "{MODEL_LAW}", or no [flux]', list(annihilation.law))


def _limits(tables, sections):
    limits, dwarfs, method = (sections[title] for title in ("limits", "dwarfs", "method"))
    if method is not None and method.name in LIVE:
        said = f'limits are of haloes whose potential stays, not of name = "{method.name}"'
        yield Problem("method.name", said, 'name = "phase_mixing", or no [limits]', method.name)
    if dwarfs is not None and dwarfs.draws < _FEWEST_DRAWS:
        said = "too few to know the width of log10 J"
        yield Problem("dwarfs.draws", said, f"{_FEWEST_DRAWS} or more for [limits]", dwarfs.draws)
    if limits.table is not None and limits.mass is None and "flux" not in tables and "model" not in tables:
        yield Problem(
            "limits.mass", "missing for a table of limits", 'the mass to read it at, like "100 GeV"; or [flux]'
        )
