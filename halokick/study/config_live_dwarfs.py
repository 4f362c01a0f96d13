"""What [method] says to [dwarfs] whose gravity follows their decays: which keys they need, and how their haloes end."""

from halokick.study.config_method import LIVE
from halokick.study.config_problems import Problem

METHODS = ("auto", "orbit_iteration")
"""Methods that may stand beside [dwarfs] without a [halo]: all dwarfs are solved by orbit iteration."""
_OF_DWARFS = ("name", "n", "seed", "mass_loss")
_STAY = ("annihilation", "limits")
"""Sections that read the grid of dwarfs in a potential that stays."""
SOFT, CUT = "soft", "energy_cut"


def for_dwarfs_alone(tables, method):
    """Whether a [method] without a [halo] is there for the [dwarfs]."""
    return "dwarfs" in tables and method is not None and method.name in LIVE


def live_dwarf_problems(tables, sections):
    """What is wrong with [method] and [dwarfs] together: Problems."""
    dwarfs, method = tables.get("dwarfs"), sections["method"]
    if not isinstance(dwarfs, dict):
        return
    live = method is not None and method.name in LIVE
    if live and "halo" not in tables:
        if method.name not in METHODS:
            allowed = " or ".join(f'"{name}"' for name in METHODS)
            yield Problem("method.name", "dwarfs alone are solved by orbit iteration", allowed, method.name)
        for key in (key for key in tables["method"] if key not in _OF_DWARFS and key in type(method).model_fields):
            yield Problem(f"method.{key}", "there is no [halo] for it", "leave it out", tables["method"][key])
    for title in (title for title in _STAY if live and title in tables):
        said = f'dwarfs under [method] name = "{method.name}" follow their decays, and it knows those that do not'
        yield Problem(title, said, 'name = "phase_mixing", or leave it or [dwarfs] out')
    end = dwarfs.get("truncation")
    if live and end not in (None, SOFT):
        said = f'not known to [method] name = "{method.name}", whose haloes have a finite mass'
        yield Problem("dwarfs.truncation", said, f'"{SOFT}", or leave it out', end)
    if not live and end == SOFT:
        allowed = f'[method] name = "auto", or "{CUT}", or leave it out'
        yield Problem("dwarfs.truncation", "goes with gravity that follows the decays", allowed, end)


def with_truncation(dwarfs, method):
    """A [dwarfs] section that says how haloes end."""
    if dwarfs is None or dwarfs.truncation is not None:
        return dwarfs
    return dwarfs.model_copy(update={"truncation": SOFT if method.name in LIVE else CUT})
