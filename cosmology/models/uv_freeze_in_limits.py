"""Every limit that concerns ultraviolet freeze-in, asked of one model."""

from dataclasses import dataclass, replace
from typing import ClassVar

from cosmology import constants
from cosmology.limits import PerturbativeCoupling
from cosmology.limits.base import AT_LEAST, NOT_APPLICABLE, Limit
from cosmology.limits.densities import DARK_MATTER_DENSITY, DARK_RADIATION
from cosmology.limits.numbers import AtMost
from cosmology.units import Quantity

_PLANCK = "Planck 2018 VI (arXiv:1807.06209)"


@dataclass(frozen=True, kw_only=True)
class EnoughBaryons(Limit):
    """Baryons have to be as many as observed; where there are more, smaller phases make fewer."""

    name: str = "baryon asymmetry"
    source: str = f"{_PLANCK}, Omega_b h^2"
    validity: str = "phases that are free"
    applies_to: str = "baryons per entropy today"
    least: float = constants.BARYON_YIELD * (1 - 1e-9)  # so that phases solved for it do not miss it by rounding

    observable: ClassVar[str] = "|Y_B|"
    sense: ClassVar[str] = AT_LEAST

    def bound(self):
        """Y_B as observed, dimensionless."""
        return Quantity(self.least)

    def check(self, *, baryons):
        """Answer for Y_B of either sign."""
        return self._judge(Quantity(abs(baryons)), self.bound)


CHI_DENSITY = replace(DARK_MATTER_DENSITY, applies_to="chi and anti-chi")
"""AtMost : asked of what annihilation to eta has left."""

ETA_RADIATION = replace(
    DARK_RADIATION,
    applies_to="eta, to which the entropy of the dark sector goes",
    validity="eta without mass, entropy conserved from freeze-in on",
)
"""AtMost : on Delta N_eff."""

NEUTRINO_MASS = AtMost(
    name="neutrino mass",
    source="Asadi, Moore, Morrissey & Shamma 2025, Eq. (5)",
    validity="exchange of the heavy neutrinos alone",
    applies_to="largest mass of a light neutrino",
    observable="m_nu",
    limit=Quantity(0.07, "eV"),
)
"""AtMost : with the value of the model's own in its place."""


def check_limits(model):
    """Answers of all limits for a `UVFreezeIn`."""
    yield EnoughBaryons().check(baryons=model.baryons)
    yield _chi_density(model)
    yield ETA_RADIATION.check(value=model.delta_n_eff)
    couplings = model.neutrinos.couplings()
    cap = model.neutrinos.largest_neutrino_mass.to("eV")
    light = Quantity(float(couplings.neutrino_mass()), "GeV").to("eV")
    # couplings that were set by this bound miss it by rounding
    yield replace(NEUTRINO_MASS, limit=cap * (1 + 1e-9)).check(value=light)
    for name, value in (("y and lambda", float(couplings.largest())), ("y_chi", model.sink.coupling)):
        yield PerturbativeCoupling(name=f"perturbative {name}", applies_to=f"largest of {name}").check(coupling=value)


def _chi_density(model):
    relic = model.relic
    reason = relic.reason[0]
    if reason:
        return CHI_DENSITY._answer(None, None, NOT_APPLICABLE, reason)
    if model.sink.chi_mass is None:
        reason = "m_chi is chosen so that chi is all of the dark matter"
        return CHI_DENSITY.silent(reason, float(relic.omega_h2[0]))
    return CHI_DENSITY.check(value=float(relic.omega_h2[0]))
