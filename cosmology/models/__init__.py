"""Particle models by name: an explicit table, so that what exists can be read in one place.

A model joins by being imported here and given a name in `MODELS`; nothing registers itself. Reading order: `base`
(what every model offers), then the model; its parts are files of their own: `dark_abundance` (masses and asymmetries),
`hidden_decay`, `dark_annihilation`, `remaining_pairs`, `early_history`, `regenerated_limits` and `regenerated_config`.
"""

from cosmology.models.base import HaloInputs, HasLateDecay, ParticleModel
from cosmology.models.dark_abundance import DarkAbundance, FromAsymmetries, FromMass, Species
from cosmology.models.dark_annihilation import ConstantAnnihilation, PseudoscalarChannel, VectorPairChannel
from cosmology.models.early_history import EarlyHistory, WashOut
from cosmology.models.hidden_decay import ContactDecay, GivenDecay
from cosmology.models.regenerated_adm import RegeneratedADM
from cosmology.models.remaining_pairs import RemainingPairs

MODELS = {RegeneratedADM.name: RegeneratedADM}
"""dict : name in run files -> model class."""

__all__ = [
    "MODELS",
    "ConstantAnnihilation",
    "ContactDecay",
    "DarkAbundance",
    "EarlyHistory",
    "FromAsymmetries",
    "FromMass",
    "GivenDecay",
    "HaloInputs",
    "HasLateDecay",
    "ParticleModel",
    "PseudoscalarChannel",
    "RegeneratedADM",
    "RemainingPairs",
    "Species",
    "VectorPairChannel",
    "WashOut",
]
