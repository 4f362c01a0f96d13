"""Conditions that a point of asymmetric freeze-in has to meet: each an answer, none an exception.

Those of Hall, March-Russell & West (2010), put right, and what unitarity adds (Hook 2011).
"""

import numpy as np

from cosmology import constants, units
from cosmology.limits import Annotation
from cosmology.limits.numbers import AtLeast, AtMost
from cosmology.models.asymmetric_freeze_in_bounds import shortest_lifetime, width_over_expansion
from cosmology.models.asymmetric_freeze_in_hidden import LARGEST_REMAINDER
from cosmology.models.asymmetric_freeze_in_history import decay_history
from cosmology.models.asymmetric_freeze_in_operators import take_over_temperature
from cosmology.models.asymmetric_freeze_in_signatures import NUCLEON_BOUND
from cosmology.units import Quantity

_PAPER = "Hall, March-Russell & West 2010"
_HOOK = "Hook 2011 (arXiv:1105.3728)"
_PLANCK = "Planck 2018 VI (arXiv:1807.06209)"
_SMALL_CHANGE = 0.01
_CLOSE = 0.05
_LATE = Quantity(1e4, "s")


def check_limits(model):
    """Answers of all conditions for an `AsymmetricFreezeIn`, a tuple of `LimitResult`."""
    return (*_apart(model), *_made(model), *_hidden(model), *_losp(model))


def nucleosynthesis(lifetime, omega_h2, hadronic_share=1.0):
    """Answer for something that decays to hadrons late, such as psi_X; a `LimitResult`.

    Parameters
    ----------
    lifetime : Quantity [time]
    omega_h2 : float
        Density it would have today.
    hadronic_share : float
        B_h.
    """
    limit = AtMost(
        name="hadrons and light elements",
        source=f"{_PAPER}, Sect. 4",
        validity="decays to nucleons after 1e4 s",
        applies_to="hidden fermions that decay late",
        observable="Omega h^2 B_h",
        limit=Quantity(NUCLEON_BOUND),
    )
    lifetime = units.quantity(lifetime, "time", "lifetime")
    if lifetime < _LATE:
        return limit.silent(f"the lifetime, {lifetime:.3g}, is below {_LATE}")
    return limit.check(value=omega_h2 * hadronic_share)


def statements(model):
    """Verbal statements that concern a model, a tuple of `Annotation`."""
    found = ()
    if model.transfer == "decays":
        found += (
            Annotation(
                name="unitarity",
                source=f"{_HOOK}; Unwin 2014 (arXiv:1406.3027)",
                statement="this asymmetry counts decays alone, as the paper does. Scattering of the visible states in "
                "the loop cancels it at leading order while the mediator is in equilibrium: with a visible width of "
                'order GeV nothing of it is left. transfer = "unitary" counts both',
                applies_to="a mediator with visible decays faster than the expansion",
            ),
        )
    if any(one.decay.kind == "operator" for one in model.mediators):
        found += (
            Annotation(
                name="scattering",
                source=f"{_PAPER}, Sect. 2",
                statement="scattering through the operator makes more symmetric X than decays do, at any reheating "
                "temperature that holds the mediator: one reaction with |M|^2 = s/M^2 is counted",
                applies_to="operators of dimension five",
            ),
        )
    return found


def _apart(model):
    rates = [float(width_over_expansion(one.width, one.mass, g_star=model.g_star)) for one in model.mediators]
    yield AtMost(
        name="sectors apart",
        source=f"{_PAPER}, Sect. 2, with the real H",
        validity="an order of magnitude",
        applies_to="decays to X",
        observable="Gamma/H at T = m",
        limit=Quantity(1.0),
    ).check(value=max(rates))
    changes = []
    for one, integral in zip(model.mediators, model.integrals, strict=True):
        options = {"relic_states": model.relic_states, "integral": integral}
        plain = decay_history(one, **options).final["asymmetry"]
        undone = decay_history(one, inverse_decays="same temperature", **options).final["asymmetry"]
        changes.append(abs(1 - undone / plain))
    yield AtMost(
        name="inverse decays",
        source=f"{_PAPER}, calculated",
        validity="X with at most the visible temperature",
        applies_to="the asymmetry",
        observable="change by inverse decays",
        limit=Quantity(_SMALL_CHANGE),
    ).check(value=max(changes))


def _made(model):
    yield AtMost(
        name="baryons",
        source=_PLANCK,
        validity=f"{_CLOSE:.0%} are allowed",
        applies_to="the baryon asymmetry, with its sign",
        observable="deviation of Y_B",
        limit=Quantity(_CLOSE),
    ).check(value=abs(model.baryon_yield / constants.BARYON_YIELD - 1))
    yield AtMost(
        name="dark matter density",
        source=_PLANCK,
        validity=f"{_CLOSE:.0%} above are allowed",
        applies_to="X and anti-X",
        observable="Omega h^2",
        limit=Quantity(model.omega_h2 * (1 + _CLOSE)),
    ).check(value=model.relic_omega_h2)
    unitary = AtLeast(
        name="unitarity",
        source=f"{_HOOK}; our calculation",
        validity="leading order in the portal; B in equilibrium at the start",
        applies_to="the asymmetry by decays alone",
        observable="asymmetry with scattering over that without",
        limit=Quantity(1 - _CLOSE),
    )
    if model.transfer == "unitary":
        yield unitary.silent("the asymmetry has the scattering in it")
    elif model.visible_width is None:
        yield unitary.silent("needs visible_width, of the mediator to visible states")
    else:
        yield unitary.check(value=abs(model.unitary_asymmetry / model.asymmetry))
    scattering = AtMost(
        name="decays over scattering",
        source=f"{_PAPER}, Sect. 2",
        validity="an order of magnitude",
        applies_to="the asymmetry by operators of dimension five",
        observable="reheating temperature",
        limit=Quantity(1.0, "GeV"),
    )
    masses = [one.mass for one in model.mediators if one.decay.kind == "operator"]
    if not masses:
        yield scattering.silent("no operator of dimension five")
    else:
        limit = take_over_temperature(min(masses))
        yield AtMost(**{**vars(scattering), "limit": limit}).check(value=model.reheating_temperature)


def _hidden(model):
    yield AtMost(
        name="colder hidden sector",
        source=f"{_PAPER}, Eq. (5.2), calculated",
        validity="X thermal among themselves",
        applies_to="the temperature of X after freeze-in",
        observable="T_X/T",
        limit=Quantity(1.0),
    ).check(value=model.temperature_ratio)
    pairs = AtMost(
        name="remaining pairs",
        source=f"{_PAPER}, Sect. 4, calculated",
        validity="a convention",
        applies_to="X and anti-X beyond the asymmetry",
        observable="2 Y(anti-X)/asymmetry",
        limit=Quantity(LARGEST_REMAINDER),
    )
    if model.relic_sigma_v is None:
        yield pairs.silent("pairs are taken to annihilate; give relic_sigma_v to calculate it")
    else:
        yield pairs.check(value=model.remainder)


def _losp(model):
    if model.losp is None:
        return
    lifetime = units.attach(1 / units.to_internal(model.losp.width, "width"), "time")
    yield AtLeast(
        name="LOSP out of equilibrium",
        source=f"{_PAPER}, Sect. 2, with the real H",
        validity="an order of magnitude",
        applies_to="the lifetime of the LOSP",
        observable="lifetime",
        limit=shortest_lifetime(model.losp.mass, g_star=model.g_star),
    ).check(value=lifetime)
    yield AtMost(
        name="LOSP and light elements",
        source=f"{_PAPER}, Sect. 4",
        validity="hadronic decays, an order of magnitude",
        applies_to="the lifetime of the LOSP",
        observable="lifetime",
        limit=Quantity(1.0, "s"),
    ).check(value=lifetime)
    added = model.losp_density / model.omega_h2
    yield AtMost(
        name="symmetric X of the LOSP",
        source=f"{_PAPER}, Sect. 5",
        validity="decays after hidden freeze-out",
        applies_to="X and anti-X that decays of the LOSP add",
        observable="share of the density",
        limit=Quantity(LARGEST_REMAINDER),
    ).check(value=np.float64(added))
