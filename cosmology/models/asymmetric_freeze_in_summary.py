"""What the screen and storage show of a point of asymmetric freeze-in."""

from contextlib import suppress

from cosmology.degrees_of_freedom import degrees_of_freedom
from cosmology.errors import CosmologyError
from cosmology.units import Quantity


def summarise(model):
    """Name -> Quantity, or text, for an `AsymmetricFreezeIn`; what does not exist is left out."""
    numbers = {
        "mediator_mass": min(one.mass for one in model.mediators),
        "largest_epsilon": max((one.epsilon for one in model.mediators), key=abs),
        "relic_mass": model.relic_mass,
        "mass_of_formula": model.mass_of_formula,
        "particles": model.particles,
        "asymmetry": model.asymmetry,
        "baryon_yield": model.baryon_yield,
        "sphaleron_factor": model.conversion.factor,
        "share_in_time": model.share_in_time,
        "temperature_ratio": model.temperature_ratio,
        "omega_h2": model.relic_omega_h2,
    }
    with suppress(CosmologyError):  # no such annihilation
        numbers["needed_sigma_v"] = model.needed_sigma_v
    if model.relic_sigma_v is not None:
        numbers["remaining_pairs"] = model.remainder
    if model.scattered > 0:
        numbers["scattered"] = model.scattered
    if model.visible_width is not None:
        numbers["unitary_asymmetry"] = model.unitary_asymmetry
    if model.losp is not None:
        numbers |= {f"losp_decay_{key}": value for key, value in model.losp_decay.items()}
    names = {
        "model": model.name,
        "transfer": model.transfer,
        "conversion": model.conversion.kind,
        "g_star": degrees_of_freedom(model.g_star).label,
        "excluded_by": ", ".join(model.excluded_by()) or "nothing",
    }
    return names | {key: Quantity(value) for key, value in numbers.items()}
