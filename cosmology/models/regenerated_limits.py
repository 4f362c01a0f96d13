"""Every limit that concerns regenerated asymmetric dark matter, asked of one model."""

from dataclasses import replace

import numpy as np

from cosmology.errors import InputError
from cosmology.limits import (
    CMB_2013,
    PLANCK_2018,
    STRUCTURE_LIMITS,
    PerturbativeAnnihilation,
    PerturbativeCoupling,
    SWaveUnitarity,
    contact_annotations,
    decay_photon_limit,
    lat_dwarfs,
    self_scattering_limit,
)
from cosmology.limits.base import NOT_APPLICABLE
from cosmology.limits.densities import DARK_MATTER_DENSITY, DARK_RADIATION
from cosmology.limits.numbers import AtMost
from cosmology.limits.self_interaction import SYSTEM_SPEEDS
from cosmology.limits.structure import STRUCTURE_STATEMENTS
from cosmology.thermodynamics import entropy_density, temperature_at
from cosmology.units import Quantity

INSTRUMENTS = ("HEAO-1", "INTEGRAL", "COMPTEL", "EGRET", "Fermi")
"""tuple of str : diffuse photon measurements that decays with photons are held against."""

_HLU = "Hardy, Lasenby & Unwin 2014 (arXiv:1402.4500)"
_PLANCK = "Planck 2018 VI (arXiv:1807.06209)"
_RECOMBINATION = Quantity(0.26, "eV")


BOTH_SPECIES = replace(DARK_MATTER_DENSITY, applies_to="B' and L' together, before decays")
"""AtMost : asked of what annihilation has left."""

EXTRA_NEUTRINOS = replace(
    DARK_RADIATION,
    validity=f"particles that are relativistic at recombination: masses below {_RECOMBINATION:g}",
    applies_to="the light partners N of the decay",
)
"""AtMost : on Delta N_eff."""

LIGHT_RELIC_DENSITY = AtMost(
    name="light relic density",
    source=f"{_PLANCK}, Omega_DM h^2, 95%",
    validity="stable particles that decoupled while relativistic; hot ones are limited more by structure",
    applies_to="the light partners N of the decay",
    observable="Omega_N h^2",
    limit=DARK_MATTER_DENSITY.limit,
)
"""AtMost : stable N must not outweigh the dark matter."""

SYMMETRIC_REMAINDER = AtMost(
    name="symmetric remainder",
    source=f"{_HLU}, Fig. 2: r = 0.01",
    validity="a convention: where the asymmetry sets the abundance",
    applies_to="antiparticles per particle after freeze-out",
    observable="r",
    limit=Quantity(0.01),
)
"""AtMost : the relic line of the paper's Fig. 2; Fig. 7 has 0.05."""


SURVIVING_PAIRS = AtMost(
    name="decay after freeze-out",
    source="a condition of the pair factor",
    validity="lifetimes from the radiation era on",
    applies_to="anti-L' from decays, which must not meet L' at once",
    observable="n_L' <sigma v> lifetime",
    limit=Quantity(1.0),
)
"""AtMost : annihilations of an anti-L' in the lifetime of B', at the density of that time."""

_RADIATION_ERA = "1e9 s"


def check_limits(model, dwarf_suppression=None):
    """Answers of all limits for a `RegeneratedADM`; see `RegeneratedADM.constraints`."""
    return (
        *_abundance(model),
        *_perturbativity(model),
        *_annihilation(model, dwarf_suppression),
        *_scattering(model),
        *_decay(model),
        *_light_partners(model),
        _wash_out(model),
    )


def statements(model):
    """Verbal statements that concern a model, a tuple of `Annotation`."""
    found = STRUCTURE_STATEMENTS[:2]
    if model.annihilation.kind == "pseudoscalar":
        found += contact_annotations("quarks", model.daughter_mass, model.annihilation.mediator_mass)
    return found


def _abundance(model):
    yield BOTH_SPECIES.check(value=model.abundance.omega_h2)
    remainder = replace(SYMMETRIC_REMAINDER, limit=Quantity(model.largest_ratio))
    yield remainder.check(value=max(model.abundance.parent.ratio, model.abundance.daughter.ratio))
    # a^-3 t falls with time, so later decays have fewer than those at the end of this era
    time = min(model.lifetime, Quantity(_RADIATION_ERA))
    try:
        entropy = entropy_density(temperature_at(time, g_star=model.g_star), g_star=model.g_star)
    except InputError as error:
        yield SURVIVING_PAIRS.silent(str(error))
        return
    number = (entropy * model.abundance.daughter.particle_yield * model.sigma_v_at_rest * time).to_value("")
    yield SURVIVING_PAIRS.check(value=number)


def _perturbativity(model):
    if model.annihilation.coupling is not None:
        yield PerturbativeCoupling().check(coupling=model.annihilation.coupling)
    mass, speed = model.daughter_mass, SYSTEM_SPEEDS["Milky Way"]
    if model.annihilation.kind != "pseudoscalar":
        # the Sommerfeld factor is no coupling: what counts is the tree, as freeze-out has it
        sigma = model.annihilation.thermal(mass, model.parent_mass)[0]
        yield PerturbativeAnnihilation().check(sigma_v=sigma, mass=mass)
    yield SWaveUnitarity().check(sigma_v=model.sigma_v, mass=mass, velocity=speed)


def _annihilation(model, suppression):
    channel, pairs = model.annihilation, {"pair_factor": model.pairs, "width": model.width}
    share = {"f_eff": channel.f_eff} if channel.f_eff is not None else {"channel": channel.cmb_channel}
    for limit in (CMB_2013, PLANCK_2018):
        yield limit.check(sigma_v=model.sigma_v_at_rest, mass=model.daughter_mass, **share, **pairs)
    if channel.dwarf_channel is None:
        yield AtMost(
            name="LAT dwarfs 6yr",
            source="Fermi-LAT (arXiv:1503.02641)",
            validity="bb, mumu, tautau and ee",
            applies_to="annihilation today, dwarf galaxies",
            observable="<sigma v>",
            limit=Quantity(np.nan, "cm3/s"),
        ).silent(f"no table for {channel.final_state}", model.sigma_v)
        return
    limit = lat_dwarfs(channel.dwarf_channel)
    if suppression is not None:
        limit = limit.with_suppression(suppression)
    speed = model.kick_spectrum.rms_speed
    yield limit.check(sigma_v=model.sigma_v, mass=model.daughter_mass, kick_speed=speed, **pairs)


def _scattering(model):
    for system in SYSTEM_SPEEDS:
        limit = self_scattering_limit(system, model.self_scattering_limit)
        try:
            area = model.self_scattering(limit.velocity)
        except InputError as error:
            yield limit._answer(None, None, NOT_APPLICABLE, str(error))
            continue
        if area is None:
            reason = f"scattering through the channel {model.annihilation.kind!r} is not calculated"
            yield limit._answer(None, None, NOT_APPLICABLE, reason)
        else:
            yield limit.check(cross_section_per_mass=area)


def _decay(model):
    share, speed = model.abundance.parent_share, model.kick_spectrum.rms_speed
    for limit in STRUCTURE_LIMITS:
        yield limit.check(lifetime=model.lifetime, kick_speed=speed, share=share)
    photons = model.decay.photon_spectrum(model.splitting, model.parent_mass)
    if photons is not None:
        for instrument in INSTRUMENTS:
            yield decay_photon_limit(instrument).check(
                width=model.width, photons=photons, parent_mass=model.parent_mass, share=share
            )


def _light_partners(model):
    if model.decay.photons != "none":
        return
    relic = model.light_partners
    if relic is None:
        reason = "needs partner_decoupling: the operator of this decay is not known, or never was in equilibrium"
        yield EXTRA_NEUTRINOS.silent(reason)
        yield LIGHT_RELIC_DENSITY.silent(reason)
        return
    heaviest = max(mass.to_value("GeV") for mass in model.decay.partner_masses)
    unstable = model.early.partner_fate == "unstable"
    if unstable:
        yield EXTRA_NEUTRINOS.silent("the partners decay or annihilate", relic.delta_n_eff)
        yield LIGHT_RELIC_DENSITY.silent("the partners decay or annihilate", relic.omega_h2)
        return
    if heaviest < _RECOMBINATION.to_value("GeV"):
        yield EXTRA_NEUTRINOS.check(value=relic.delta_n_eff)
    else:
        reason = f"partners of {heaviest * 1e9:.3g} eV are not relativistic at recombination"
        yield EXTRA_NEUTRINOS.silent(reason, relic.delta_n_eff)
    yield LIGHT_RELIC_DENSITY.check(value=relic.omega_h2)


def _wash_out(model):
    result = model.wash_out
    limit = AtMost(
        name=f"wash-out ({model.early.wash_out})",
        source=f"{_HLU}, Eqs. (A.6)-(A.11)",
        validity="temperatures far above all masses; the operator of the decay alone",
        applies_to="the temperature from which the asymmetry exists",
        observable="T_1",
        limit=Quantity(np.nan, "GeV") if result is None else result.highest_temperature,
    )
    if result is None:
        return limit.silent("the operator of this decay is not known")
    if result.highest_temperature is None:
        return limit.silent("no temperature at which g* is known is too high", result.temperature)
    if result.temperature is None:
        return limit._answer(
            None, result.highest_temperature, NOT_APPLICABLE, "needs asymmetry_temperature, which is not given"
        )
    return limit.check(value=result.temperature)
