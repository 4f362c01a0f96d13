"""The numbers of regenerated asymmetric dark matter under one name each, for the screen and for storage."""

from cosmology import constants, units
from cosmology.build_up import annihilation_threshold
from cosmology.errors import InputError
from cosmology.limits import cosmic_age
from cosmology.units import Quantity

LOCAL_DENSITY = "0.3 GeV/cm3"
"""str : of all dark matter, for the threshold above which annihilation removes L'."""

_SLOW = "30 km/s"  # relative speed in dwarf galaxies


def summarise(model):
    """Dict for a `RegeneratedADM`; see `RegeneratedADM.summary`."""
    abundance, spectrum = model.abundance, model.kick_spectrum
    parent, daughter, sign = abundance.parent, abundance.daughter, abundance.sign
    found = {
        "parent_mass": parent.mass,
        "daughter_mass": daughter.mass,
        "splitting": model.splitting,
        "parent_ratio": sign * parent.asymmetry / constants.BARYON_YIELD,
        "daughter_ratio": sign * daughter.asymmetry / constants.BARYON_YIELD,
        "parent_share": abundance.parent_share,
        "daughter_share": 1 - abundance.parent_share,
        "omega_h2": abundance.omega_h2,
        "freeze_out_ratio": daughter.ratio,
        "symmetric_share": abundance.symmetric_share,
        "width": model.width,
        "lifetime": model.lifetime.to("Gyr"),
        "decayed_share": model.decayed_share(),
        "kick_max_speed": spectrum.max_speed,
        "kick_mean_speed": spectrum.mean_speed,
        "kick_rms_speed": spectrum.rms_speed,
        "sigma_v": model.sigma_v,
        "sigma_v_at_rest": model.sigma_v_at_rest,
        "pair_factor": model.pair_factor(),
        "annihilation_threshold": _threshold(model),
        "self_scattering_30_km_s": _scattering(model),
    }
    if model.wash_out is not None:
        found |= {
            "wash_out_highest_temperature": model.wash_out.highest_temperature,
            "wash_out_e_folds": model.wash_out.e_folds,
            "wash_out_remaining_share": model.wash_out.remaining_share,
        }
    if model.light_partners is not None:
        found |= {
            "delta_n_eff": model.light_partners.delta_n_eff,
            "partner_omega_h2_if_stable": model.light_partners.omega_h2,
        }
    names = {
        "model": model.name,
        "g_star": abundance.g_star,
        "annihilation": model.annihilation.kind,
        "kick_law": model.kick.law,
        "wash_out_condition": model.early.wash_out,
        "excluded_by": ", ".join(model.excluded_by()) or "nothing",
    }
    if model.origin() is not None:
        names["origin"] = model.origin().model.name
    return {**names, **{key: Quantity(value) for key, value in found.items() if value is not None}}


def _scattering(model):
    try:
        return model.self_scattering(_SLOW)
    except InputError:  # a mediator too light for the sum over partial waves; the limits say so
        return None


def _threshold(model):
    density = units.to_internal(LOCAL_DENSITY, "energy_density") / units.to_internal(model.daughter_mass, "mass")
    daughters = units.attach(density * (1 - model.abundance.parent_share), "number_density")
    return annihilation_threshold(daughters, cosmic_age())
