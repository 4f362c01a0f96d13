"""Early-universe side: which particle histories give the parents, daughters, abundances and lifetimes of a halo study.

Start from a model: ``RegeneratedADM.from_config({...})``, or ``read_model({"name": ...})`` for any of `MODELS`. It
hands over `Yields`, to halos and to other models, and says with `LimitResult` by what a point is excluded. What a
model is made of serves alone as well; reading order, from the bottom:

- `constants`, `units`: numbers in powers of GeV; the one door between Quantities and powers of GeV.
- `degrees_of_freedom`, `thermodynamics`: g*(T) by name; expansion, entropy, age, equilibrium.
- `boltzmann`, `asymmetric_freeze_out`, `relic`, `shares`: yields along x = m/T, what freeze-out leaves, densities.
- `decay_widths`, `mass_splitting`, `kick_spectrum`: slow decays of the parent, and the speeds they give.
- `annihilation`, `pseudoscalar`, `thermal_shape`, `self_scattering`: what daughters do to each other.
- `scale_factor`: the expansion of a flat universe, or of the Standard Model bath alone;
- `build_up`, `wash_out`, `light_relic`: antiparticles from decays; what the decay's operator does early on.
- `limits`: published limits, each an object.
- `yields`, `models`: the record that all models share, and the models.

This package never imports `halokick`; the two talk to each other in Quantities.
"""

from cosmology import constants, limits, units
from cosmology.annihilation import SommerfeldAnnihilation, VectorPairAnnihilation
from cosmology.asymmetric_freeze_out import FixedAbundance, FixedAsymmetry, freeze_out, required_sigma_v
from cosmology.boltzmann import YieldHistory, evolve
from cosmology.build_up import build_up_comoving, pair_factor
from cosmology.decay_widths import light_width, operator_scale, three_body_width
from cosmology.degrees_of_freedom import G_STAR, ConstantDegreesOfFreedom
from cosmology.errors import ConvergenceError, CosmologyError, InputError, UnitError
from cosmology.kick_spectrum import KickSpectrum, LightKickSpectrum, two_body_speed
from cosmology.limits import Limit, LimitResult, check_all, read_limit
from cosmology.mass_splitting import composite_splitting
from cosmology.models import (
    MODELS,
    AsymmetricFreezeIn,
    ConstantAnnihilation,
    ContactDecay,
    EarlyHistory,
    Exodus,
    FromAsymmetries,
    FromMass,
    FromOrigin,
    GivenDecay,
    HaloAnnihilation,
    HasAnnihilation,
    HasAnnotations,
    HasRemainingPairs,
    ParticleModel,
    PseudoscalarChannel,
    RegeneratedADM,
    TakesOrigin,
    UVFreezeIn,
    VectorPairChannel,
    Z2DarkSector,
    read_model,
)
from cosmology.pseudoscalar import PseudoscalarResonance
from cosmology.scale_factor import FlatExpansion, RadiationEra
from cosmology.self_scattering import YukawaScattering
from cosmology.shares import masses_and_shares
from cosmology.thermodynamics import cosmic_time, entropy_density, hubble_rate, temperature_at
from cosmology.wash_out import e_folds, highest_temperature
from cosmology.yields import KickLaw, Yields

__all__ = [
    "G_STAR",
    "MODELS",
    "AsymmetricFreezeIn",
    "ConstantAnnihilation",
    "ConstantDegreesOfFreedom",
    "ContactDecay",
    "ConvergenceError",
    "CosmologyError",
    "EarlyHistory",
    "Exodus",
    "FixedAbundance",
    "FixedAsymmetry",
    "FlatExpansion",
    "FromAsymmetries",
    "FromMass",
    "FromOrigin",
    "GivenDecay",
    "HaloAnnihilation",
    "HasAnnihilation",
    "HasAnnotations",
    "HasRemainingPairs",
    "InputError",
    "KickLaw",
    "KickSpectrum",
    "LightKickSpectrum",
    "Limit",
    "LimitResult",
    "ParticleModel",
    "PseudoscalarChannel",
    "PseudoscalarResonance",
    "RadiationEra",
    "RegeneratedADM",
    "SommerfeldAnnihilation",
    "TakesOrigin",
    "UVFreezeIn",
    "UnitError",
    "VectorPairAnnihilation",
    "VectorPairChannel",
    "YieldHistory",
    "Yields",
    "YukawaScattering",
    "Z2DarkSector",
    "build_up_comoving",
    "check_all",
    "composite_splitting",
    "constants",
    "cosmic_time",
    "e_folds",
    "entropy_density",
    "evolve",
    "freeze_out",
    "highest_temperature",
    "hubble_rate",
    "light_width",
    "limits",
    "masses_and_shares",
    "operator_scale",
    "pair_factor",
    "read_limit",
    "read_model",
    "required_sigma_v",
    "temperature_at",
    "three_body_width",
    "two_body_speed",
    "units",
]
