"""Published limits on annihilation, decay and self-scattering, each an object that says by what a point is excluded.

Reading order: `base` (what a limit is and answers), `pairs` (the pair factor, which every limit on annihilation needs),
then one file per kind of limit. `check_all` asks many limits about one point. Limits of one's own: `read_limit`.
"""

from cosmology.limits.annotations import CONTACT_OPERATORS, LIGHT_MEDIATOR, Annotation, contact_annotations
from cosmology.limits.base import Limit, LimitResult, OutsideValidity, check_all
from cosmology.limits.cmb import CMB_2013, PLANCK_2018, PLANCK_2018_CMB_ONLY, PLANCK_2018_NO_BAO, CmbEnergyInjection
from cosmology.limits.decay_photons import DecayPhotonLimit, decay_photon_limit
from cosmology.limits.decay_spectra import PhotonLine, TwoPhotonSpectrum
from cosmology.limits.energy_deposition import f_eff, f_eff_from_spectra
from cosmology.limits.expansion import cosmic_age, hubble_rate
from cosmology.limits.final_state_radiation import FinalStateRadiationLimit, final_state_radiation_limit
from cosmology.limits.gamma_rays import DwarfLimit, lat_dwarfs, stacked_suppression
from cosmology.limits.pairs import PairBuildUp
from cosmology.limits.perturbativity import PerturbativeAnnihilation, PerturbativeCoupling, SWaveUnitarity
from cosmology.limits.photon_observations import PhotonObservation, SkyRegion, photon_observation, sky_region
from cosmology.limits.self_interaction import SelfScatteringLimit, annihilation_ceiling, self_scattering_limit
from cosmology.limits.structure import (
    LYMAN_ALPHA_BOSS,
    LYMAN_ALPHA_SDSS,
    MILKY_WAY_SATELLITES,
    SATELLITE_MASSES,
    STRUCTURE_LIMITS,
    STRUCTURE_STATEMENTS,
    StructureLimit,
    kick_of_mass_loss,
    lifetime_of_half_life,
)
from cosmology.limits.user_table import LimitTable, TableLimit, read_limit, read_limit_table

__all__ = [
    "CMB_2013",
    "CONTACT_OPERATORS",
    "LIGHT_MEDIATOR",
    "LYMAN_ALPHA_BOSS",
    "LYMAN_ALPHA_SDSS",
    "MILKY_WAY_SATELLITES",
    "PLANCK_2018",
    "PLANCK_2018_CMB_ONLY",
    "PLANCK_2018_NO_BAO",
    "SATELLITE_MASSES",
    "STRUCTURE_LIMITS",
    "STRUCTURE_STATEMENTS",
    "Annotation",
    "CmbEnergyInjection",
    "DecayPhotonLimit",
    "DwarfLimit",
    "FinalStateRadiationLimit",
    "Limit",
    "LimitResult",
    "LimitTable",
    "OutsideValidity",
    "PairBuildUp",
    "PerturbativeAnnihilation",
    "PerturbativeCoupling",
    "PhotonLine",
    "PhotonObservation",
    "SWaveUnitarity",
    "SelfScatteringLimit",
    "SkyRegion",
    "StructureLimit",
    "TableLimit",
    "TwoPhotonSpectrum",
    "annihilation_ceiling",
    "check_all",
    "contact_annotations",
    "cosmic_age",
    "decay_photon_limit",
    "f_eff",
    "f_eff_from_spectra",
    "final_state_radiation_limit",
    "hubble_rate",
    "kick_of_mass_loss",
    "lat_dwarfs",
    "lifetime_of_half_life",
    "photon_observation",
    "read_limit",
    "read_limit_table",
    "self_scattering_limit",
    "sky_region",
    "stacked_suppression",
]
