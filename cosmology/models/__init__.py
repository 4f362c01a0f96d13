"""Particle models by name: an explicit table, so that what exists can be read in one place.

A model joins by being imported here and given a name in `MODELS`; nothing registers itself. Reading order: `base`
(what every model offers), then the model; its parts are files of their own: `dark_abundance` (masses and asymmetries),
`origin` (the same from another model), `hidden_decay`, `dark_annihilation`, `remaining_pairs`, `early_history`,
`regenerated_limits` and `regenerated_config`; those of other models begin with their names. `by_name`
and `config_reader` are about sections of run files.
"""

from cosmology.models.asymmetric_freeze_in import AsymmetricFreezeIn
from cosmology.models.base import (
    HaloAnnihilation,
    HasAnnihilation,
    HasAnnotations,
    HasRemainingPairs,
    ParticleModel,
    TakesOrigin,
)
from cosmology.models.by_name import read_section
from cosmology.models.dark_abundance import DarkAbundance, FromAsymmetries, FromMass, Species
from cosmology.models.dark_annihilation import ConstantAnnihilation, PseudoscalarChannel, VectorPairChannel
from cosmology.models.early_history import EarlyHistory, WashOut
from cosmology.models.exodus import Exodus
from cosmology.models.hidden_decay import ContactDecay, GivenDecay
from cosmology.models.origin import FromOrigin
from cosmology.models.regenerated_adm import RegeneratedADM
from cosmology.models.remaining_pairs import RemainingPairs
from cosmology.models.uv_freeze_in import UVFreezeIn
from cosmology.models.z2_dark_sector import Z2DarkSector

MODELS = {model.name: model for model in (RegeneratedADM, AsymmetricFreezeIn, Exodus, UVFreezeIn, Z2DarkSector)}
"""dict : name in run files -> model class."""


def read_model(section):
    """Model that a [model] section describes, its key `name` says which; the inverse of the model's ``to_config``.

    Parameters
    ----------
    section : dict
        Text with units, numbers and names. Under `origin` it may hold the section of another model of `MODELS`, which
        makes the asymmetries.

    Returns
    -------
    ParticleModel

    Raises
    ------
    InputError
        One message with every problem of the section on a line of its own.
    """
    return read_section(section, MODELS)


__all__ = [
    "MODELS",
    "AsymmetricFreezeIn",
    "ConstantAnnihilation",
    "ContactDecay",
    "DarkAbundance",
    "EarlyHistory",
    "Exodus",
    "FromAsymmetries",
    "FromMass",
    "FromOrigin",
    "GivenDecay",
    "HaloAnnihilation",
    "HasAnnihilation",
    "HasAnnotations",
    "HasRemainingPairs",
    "ParticleModel",
    "PseudoscalarChannel",
    "RegeneratedADM",
    "RemainingPairs",
    "Species",
    "TakesOrigin",
    "UVFreezeIn",
    "VectorPairChannel",
    "WashOut",
    "Z2DarkSector",
    "read_model",
]
