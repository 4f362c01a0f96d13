"""The numbers of ultraviolet freeze-in under one name each, and their spread over the readings of the equations."""

import numpy as np

from cosmology import units
from cosmology.degrees_of_freedom import degrees_of_freedom
from cosmology.errors import CosmologyError
from cosmology.models.uv_freeze_in_choices import CHOICES
from cosmology.models.uv_freeze_in_radiation import late_ratio
from cosmology.units import Quantity

ERROR_BANDS = ("none", "choices")
"""tuple of str : whether a summary goes over all readings of the equations."""

_TODAY = 43 / 11


def headline(model):
    """Numbers that a reading of the equations can move: name -> float or Quantity; without those that do not exist."""
    found = {
        "xi": model.xi,
        "baryon_yield": model.baryons,
        "chi_asymmetry": model.chi_asymmetry,
        "dark_wash_out": model.wash_out,
        "delta_n_eff": model.delta_n_eff,
    }
    relic = model.relic
    if not relic.reason[0]:
        found |= {
            "chi_mass": units.attach(float(relic.mass[0]), "mass"),
            "chi_omega_h2": float(relic.omega_h2[0]),
            "asymmetric_share": float(relic.asymmetric_share[0]),
        }
    return found


def choices_band(model):
    """See `UVFreezeIn.choices_band`."""
    own = headline(model)
    spread, count = {name: [value] for name, value in own.items()}, 0
    for choices in model.choices.readings():
        try:
            found = headline(model.with_choices(choices))
        except CosmologyError:  # a reading in which xi reaches 1 has nothing to say
            continue
        count += 1
        for name in own.keys() & found.keys():
            spread[name].append(found[name])
    band = {name: (min(values), own[name], max(values)) for name, values in spread.items()}
    return band | {"readings": (count, count, len(model.choices.readings()))}


def summarise(model):
    """Dict for a `UVFreezeIn`; see `UVFreezeIn.summary`."""
    couplings = model.neutrinos.couplings()
    found = {
        "heavy_neutrino_mass": model.neutrinos.mass,
        "reheating_temperature": model.reheating_temperature,
        "mass_over_reheating": model.mass_over_reheating,
        "largest_lepton_coupling": float(np.max(np.abs(couplings.lepton))),
        "largest_dark_coupling": float(np.max(np.abs(couplings.dark))),
        "neutrino_mass": Quantity(float(couplings.neutrino_mass()), "GeV").to("eV"),
        "b_minus_l_yield": model.b_minus_l,
        "dark_lepton_yield": model.dark_lepton,
        "xi_at_recombination": float(late_ratio(model.xi, _TODAY)),
        "heavy_neutrino_yield_at_most": model.heavy_neutrinos,
        **headline(model),
    }
    relic = model.relic
    if not relic.reason[0]:
        mass = found["chi_mass"]
        found |= {
            "chi_sigma_v": model.sink.sigma_v(np.inf, mass),
            "mediator_mass": model.sink.mediator_ratio * mass,
            "mediator_width": model.sink.mediator_width(mass),
        }
        if np.isfinite(relic.x_freeze_out[0]):
            found["chi_freeze_out_x"] = float(relic.x_freeze_out[0])
    if model.error_band == "choices":
        for name, (low, _, high) in model.choices_band().items():
            if name != "readings":
                found |= {f"{name}_low": low, f"{name}_high": high}
    names = {
        "model": model.name,
        "g_star": degrees_of_freedom(model.g_star).label,
        **{name: getattr(model.choices, name) for name in CHOICES},
        "asymmetries": model.asymmetries,
        "excluded_by": ", ".join(model.excluded_by()) or "nothing",
    }
    if relic.reason[0]:
        names["no_chi_relic"] = relic.reason[0]
    return {**names, **{name: Quantity(value) for name, value in found.items()}}
