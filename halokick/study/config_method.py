"""The sections [method], [observer], [dwarfs] and [output]: how daughters are found, from where they are seen."""

from itertools import pairwise
from typing import ClassVar

from halokick import units
from halokick.halo.growth import GROWTHS
from halokick.study.config_fields import (
    number,
    one_of,
    quantities_of,
    quantity_of,
    several_of,
    text,
    texts,
    true_or_false,
    whole_number,
)
from halokick.study.config_halo import RELATIONS
from halokick.study.config_section import Section

LIVE = ("auto", "orbit_iteration", "live")
"""Methods in which gravity follows the decays: see `halokick.evolve_halo`."""
METHODS = ("phase_mixing", "ergodic", "orbits", *LIVE)
OPTIONS = ("streaming", "early_capture", "finite_age")
SAMPLINGS = ("stratified", "mass")
TRUNCATIONS = ("energy_cut", "none", "soft")
HOSTS = ("milky_way", "halo")
COSMIC_AGES = ("matter_dominated", "flat_lcdm")

PATHS = ("auto", "exact", "integrated")
GRIDS = ("rings", "boxes")
INTEGRATION = ("tolerance", "field_tolerance", "control", "samples", "duration", "growth")
"""Keys that go to `follow_orbits` as they are, and are known to integrated orbits only."""

_RADII = ("r_min", "r_max", "n_radii")
_OF_GRID = ("grid_extent", "grid_cells", "grid_signed")
_INTEGRATED_ONLY = (*INTEGRATION, "grid", *_OF_GRID)
_ORBITS_ONLY = ("sampling", "path", *_INTEGRATED_ONLY)
_DRAWN = ("n", "seed")
LIVE_KEYS = ("times", "mass_loss", "accretion", "accretion_concentration")
"""Keys of live halos alone."""
_NOT_LIVE = ("options", "outer_cut", "source_edge", "cosmic_age", "within")
_MOST_BOX_CELLS = 128
"""Of an axis: as many numbers as its cube are kept several times."""
ORBIT_DEFAULTS = {"n": 200_000, "seed": 1, "sampling": "stratified"}
LIVE_DEFAULTS = {"seed": 1}
GRID_DEFAULTS = {"grid_cells": 40}


class MethodSection(Section):
    """How the daughters' density is found, at which radii, and with what besides the phase-mixed bound part."""

    title: ClassVar[str] = "method"

    name: one_of(*METHODS) = "phase_mixing"
    r_min: quantity_of("length") = None
    r_max: quantity_of("length") = None
    n_radii: whole_number(4, 10_000) = None
    n: whole_number(100, 10**9) = None
    seed: whole_number(0, 2**63 - 1) = None
    sampling: one_of(*SAMPLINGS) = None
    path: one_of(*PATHS) = None
    tolerance: number(low=1e-11, high=1e-2) = None
    field_tolerance: number(low=1e-10, high=1e-2) = None
    control: true_or_false() = None
    samples: whole_number(1, 1000) = None
    duration: quantity_of("time") = None
    growth: one_of(*GROWTHS) = None
    grid: one_of(*GRIDS) = None
    grid_extent: quantity_of("length") = None
    grid_cells: whole_number(4, 400) = None
    grid_signed: true_or_false() = None
    options: several_of(*OPTIONS) = ()
    outer_cut: quantity_of("length") = None
    source_edge: quantity_of("length") = None
    cosmic_age: one_of(*COSMIC_AGES) = None
    within: quantity_of("length") = None
    times: quantities_of("time") = None
    mass_loss: number(low=0.0, high=1.0, high_allowed=False) = None
    accretion: one_of(*GROWTHS) = None
    accretion_concentration: number(low=4.1, high=41.0) = None

    def contradictions(self, given):
        """See `Section.contradictions`."""
        present = [key for key in _RADII if key in given]
        for key in _RADII:
            if present and key not in given:
                yield self.problem(key, f"missing beside {', '.join(present)}", "r_min, r_max and n_radii, or none")
        if self.r_min is not None and self.r_max is not None and self.r_min >= self.r_max:
            yield self.problem("r_max", "not larger than r_min", f"above {self.r_min}", given)
        name_known = given.get("name", self.name) == self.name
        for key in _ORBITS_ONLY:
            if key in given and name_known and self.name != "orbits":
                yield self.problem(key, f'not used by name = "{self.name}"', 'name = "orbits", or leave it out', given)
        if "finite_age" in self.options and name_known and self.name != "orbits":
            said = f'"finite_age" is not known to name = "{self.name}"'
            yield self.problem("options", said, 'name = "orbits"; or the other options', given)
        for key in _DRAWN:
            if key in given and name_known and self.name not in ("orbits", *LIVE):
                said = f'not used by name = "{self.name}"'
                yield self.problem(key, said, f"name = {_either('orbits', *LIVE)}; or leave it out", given)
        yield from self._live(given, name_known)
        if self.name == "orbits":
            yield from self._integration(given)
            yield from self._grid(given)
        if "cosmic_age" in given and "early_capture" not in self.options:
            said = 'goes with options = ["early_capture"] only'
            yield self.problem("cosmic_age", said, "that option, or leave it out", given)
        if "source_edge" in given and "streaming" not in self.options:
            said = 'goes with options = ["streaming"] only'
            yield self.problem("source_edge", said, "that option, or leave it out", given)

    def _live(self, given, name_known):
        for key in LIVE_KEYS:
            if key in given and name_known and self.name not in LIVE:
                said = f'not used by name = "{self.name}"'
                yield self.problem(key, said, f"name = {_either(*LIVE)}, in which gravity follows", given)
        if self.times is not None and any(a >= b for a, b in pairwise(self.times)):
            yield self.problem("times", "not increasing", "different times in increasing order", given)
        if "accretion_concentration" in given and "accretion" not in given:
            yield self.problem("accretion_concentration", "there is no accretion for it", "accretion beside it", given)
        for key in (key for key in _NOT_LIVE if key in given and name_known and self.name in LIVE):
            said = f'not known to name = "{self.name}", where all daughters are followed, those in transit too'
            yield self.problem(key, said, "leave it out", given)

    def _integration(self, given):
        if self.path == "exact":
            for key in (key for key in _INTEGRATED_ONLY if key in given):
                yield self.problem(key, 'not known to path = "exact"', 'path = "integrated", or leave it out', given)
        if "finite_age" in self.options and "duration" in given:
            said = 'options = ["finite_age"] follows orbits for the age in [decay]'
            yield self.problem("duration", said, "one of the two", given)

    def _grid(self, given):
        for key in _OF_GRID:
            if key in given and "grid" not in given:
                yield self.problem(key, "there is no grid for it", 'grid = "rings" or "boxes", or leave it out', given)
        if self.grid is None:
            return
        if "grid_extent" not in given:
            yield self.problem("grid_extent", "missing beside grid", 'how far it reaches on each axis, like "30 kpc"')
        if self.grid == "rings" and "grid_signed" in given:
            yield self.problem("grid_signed", 'goes with grid = "boxes" only', "leave it out", given)
        cells = (self.grid_cells or GRID_DEFAULTS["grid_cells"]) * (2 if self.grid_signed else 1)
        if self.grid == "boxes" and cells > _MOST_BOX_CELLS:
            said = f"{cells} cells on each of three axes"
            yield self.problem("grid_cells", said, f"up to {_MOST_BOX_CELLS}, those of both signs counted", given)


def _either(*names):
    return " or ".join(f'"{name}"' for name in names)


class ObserverSection(Section):
    """From where the halo is seen."""

    title: ClassVar[str] = "observer"

    distance: quantity_of("length") = None
    angles: quantities_of("angle", low=0.0, high="180 deg") = None
    r_max: quantity_of("length") = None
    azimuth: quantity_of("angle", low="-180 deg", low_allowed=True, high="180 deg") = None

    def contradictions(self, given):
        """See `Section.contradictions`."""
        if "distance" not in given:
            yield self.problem("distance", "missing", 'of the observer from the halo\'s centre, like "8.2 kpc"')
        if "angles" not in given:
            yield self.problem("angles", "missing", 'half-angles of cones, like ["0.1 deg", "1 deg"]')
        if self.angles is not None and any(a >= b for a, b in pairwise(self.angles)):
            yield self.problem("angles", "not increasing", "different angles in increasing order", given)


class DwarfsSection(Section):
    """Which dwarf galaxies, and how their haloes follow from what is measured."""

    title: ClassVar[str] = "dwarfs"

    catalogue: text() = "builtin"
    names: texts() = None
    angles: quantities_of("angle", high="89 deg") = (units.quantity("0.5 deg", "angle"),)
    draws: whole_number(2, 100_000) = 200
    seed: whole_number(0, 2**63 - 1) = 1
    truncation: one_of(*TRUNCATIONS) = None
    host: one_of(*HOSTS) = "milky_way"
    concentration_relation: one_of(*RELATIONS) = "moline_2017"
    x_sub: number(low=0, high=1, low_allowed=False) = None
    scatter_dex: number(low=0, high=1, low_allowed=False) = None
    mass_function_slope: number(low=-3, high=3) = None
    highest_mass: quantity_of("mass") = None

    def contradictions(self, given):
        """See `Section.contradictions`."""
        relation_known = given.get("concentration_relation", self.concentration_relation) == self.concentration_relation
        if "x_sub" in given and relation_known and self.concentration_relation != "moline_2017":
            said = "goes with concentration_relation = moline_2017 only"
            yield self.problem("x_sub", said, "leave it out", given)
        if any(a >= b for a, b in pairwise(self.angles)):
            yield self.problem("angles", "not increasing", "different angles in increasing order", given)


class OutputSection(Section):
    """Where the products go, if not said on the command line."""

    title: ClassVar[str] = "output"

    directory: text() = None
