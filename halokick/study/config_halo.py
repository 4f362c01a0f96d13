"""The [halo] section: a density shape, what fixes its density, where it ends, and what else attracts."""

from typing import Annotated, Any, ClassVar

from pydantic import PlainValidator

from halokick.halo.galpy_by_name import MILKY_WAYS
from halokick.study.config_fields import number, one_of, quantities_of, quantity_of, text
from halokick.study.config_potential import potentials_of
from halokick.study.config_section import Section, choose_one

SHAPES = {
    "zhao": ("alpha", "beta", "gamma", "r_s"),
    "nfw": ("r_s",),
    "generalised_nfw": ("gamma", "r_s"),
    "hernquist": ("r_s",),
    "jaffe": ("r_s",),
    "plummer": ("r_s",),
    "cored_isothermal": ("r_s",),
    "einasto": ("alpha", "r_s"),
    "burkert": ("r_s",),
    "tabulated": ("radius", "density", "table"),
}
"""Profile name in a run file, and the keys that belong to its shape."""

NORMALISATIONS = (
    ("rho_s",),
    ("mass", "mass_radius"),
    ("virial_mass",),
    ("local_density", "local_radius"),
    ("dispersion", "dispersion_radius"),
    ("line_of_sight_dispersion", "half_light_radius"),
)
"""The sets of keys that fix the density; exactly one is given."""

RELATIONS = ("dutton_maccio_2014", "duffy_2008", "sanchez_conde_prada_2014", "moline_2017")
OVERDENSITIES = ("200c", "200m", "virial")
_WITH_CONCENTRATION = ("concentration", "concentration_relation")
_SHAPE_KEYS = tuple(dict.fromkeys(key for keys in SHAPES.values() for key in keys))


class HaloSection(Section):
    """Parents' halo. Without `truncation` or `energy_cut` it extends as its shape does.

    The normalisation refers to the shape before truncation, and `dispersion` to the halo in its own gravity alone.
    `baryons` are added to the halo's own gravity; in a `potential`, which is the total, the halo's own does not count.
    `ro` and `vo` are galpy's scales of potentials that have none of their own: 8 kpc and 220 km/s unless given.
    """

    title: ClassVar[str] = "halo"

    profile: one_of(*SHAPES) = None
    alpha: number(low=0, low_allowed=False) = None
    beta: number(low=0, low_allowed=False) = None
    gamma: number(low=0, high=2) = None
    r_s: quantity_of("length") = None
    radius: quantities_of("length") = None
    density: quantities_of("density") = None
    table: text() = None

    rho_s: quantity_of("density") = None
    mass: quantity_of("mass") = None
    mass_radius: quantity_of("length") = None
    virial_mass: quantity_of("mass") = None
    concentration: number(low=0, low_allowed=False) = None
    concentration_relation: one_of(*RELATIONS) = None
    x_sub: number(low=0, high=1, low_allowed=False) = None
    overdensity: one_of(*OVERDENSITIES) = None
    local_density: quantity_of("density") = None
    local_radius: quantity_of("length") = None
    dispersion: quantity_of("speed") = None
    dispersion_radius: quantity_of("length") = None
    line_of_sight_dispersion: quantity_of("speed") = None
    half_light_radius: quantity_of("length") = None

    r_t: quantity_of("length") = None
    truncation_power: number(low=0, high=20, low_allowed=False) = None
    energy_cut: quantity_of("length") = None
    baryons: Annotated[Any, PlainValidator(potentials_of("MWPotential2014", what="stars and gas"))] = None
    potential: Annotated[Any, PlainValidator(potentials_of(*MILKY_WAYS, what="the total potential"))] = None
    ro: quantity_of("length") = None
    vo: quantity_of("speed") = None

    def contradictions(self, given):
        """See `Section.contradictions`."""
        if "profile" not in given:
            yield self.problem("profile", "missing", "one of " + ", ".join(SHAPES))
        elif self.profile is not None:
            yield from self._shape(given)
            yield from self._normalisation(given)
        yield from self._edges(given)

    def _shape(self, given):
        own = SHAPES[self.profile]
        for key in _SHAPE_KEYS:
            if key in given and key not in own:
                yield self.problem(key, f'does not belong to profile = "{self.profile}"', ", ".join(own), given)
        if self.profile == "tabulated":
            yield from choose_one(self, given, (("table",), ("radius", "density")), "the tabulated density")
            if self.radius and self.density and len(self.radius) != len(self.density):
                said = f"{len(self.density)} densities for {len(self.radius)} radii"
                yield self.problem("density", said, "as many as radii", given)
        elif self.profile == "generalised_nfw" and "gamma" not in given:
            yield self.problem("gamma", "missing", 'the inner slope, like 1.2; or profile = "nfw"')
        if self.beta is not None or self.gamma is not None:
            beta, gamma = (3.0 if self.beta is None else self.beta), (1.0 if self.gamma is None else self.gamma)
            if "beta" in own and beta <= gamma:
                yield self.problem("beta", f"not above the inner slope gamma = {gamma:g}", f"above {gamma:g}", given)
        if self.profile == "cored_isothermal" and "r_t" not in given and "energy_cut" not in given:
            said = "missing: a cored isothermal sphere has infinite mass and depth"
            yield self.problem("r_t", said, "r_t or energy_cut, where the halo ends")

    def _normalisation(self, given):
        if self.profile == "tabulated":
            for key in (key for group in NORMALISATIONS for key in group):
                if key in given:
                    yield self.problem(key, "a tabulated density is complete already", "no normalisation", given)
            return
        yield from choose_one(self, given, NORMALISATIONS, "the density")
        by_virial_mass = "virial_mass" in given
        for key in (*_WITH_CONCENTRATION, "overdensity"):
            if key in given and not by_virial_mass:
                yield self.problem(key, "goes with virial_mass only", "virial_mass, or leave it out", given)
        if all(key in given for key in _WITH_CONCENTRATION):
            said = "given beside concentration"
            yield self.problem("concentration_relation", said, "one of the two", given)
        if self.concentration_relation == "moline_2017" and "x_sub" not in given:
            said = "missing beside concentration_relation = moline_2017"
            yield self.problem("x_sub", said, "distance from the host's centre over its virial radius, 0 to 1")
        if "x_sub" in given and self.concentration_relation != "moline_2017":
            yield self.problem("x_sub", "goes with concentration_relation = moline_2017 only", "leave it out", given)
        with_concentration = by_virial_mass and any(key in given for key in _WITH_CONCENTRATION)
        if with_concentration and "r_s" in given:
            said = "given beside a concentration, which sets it too"
            yield self.problem("r_s", said, "r_s or a concentration, not both", given)
        if not with_concentration and "r_s" not in given:
            yield self.problem("r_s", "missing", 'a scale radius, like "20 kpc", or virial_mass with a concentration')

    def _edges(self, given):
        if "potential" in given and "baryons" in given:
            said = "given beside baryons, but it is the total, that of baryons and halo included"
            yield self.problem("potential", said, "one of the two", given)
        for key in ("ro", "vo"):
            if key in given and "potential" not in given and "baryons" not in given:
                said = "there is no galpy potential for it"
                yield self.problem(key, said, "potential or baryons, or leave it out", given)
        if "truncation_power" in given and "r_t" not in given:
            yield self.problem("truncation_power", "goes with r_t only", "r_t, or leave it out", given)
