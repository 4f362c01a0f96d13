r"""What the operator of the decay does in the hot universe: wash-out of the asymmetries, thermal light partners."""

import warnings
from dataclasses import dataclass

import numpy as np

from cosmology import units
from cosmology.degrees_of_freedom import degrees_of_freedom
from cosmology.errors import InputError
from cosmology.light_relic import LightRelic, OverabundantRelicWarning, light_relic
from cosmology.particle_input import checked_positive
from cosmology.units import Quantity
from cosmology.wash_out import (
    CONDITIONS,
    N_NUMBERS,
    DerivedCondition,
    PrintedCondition,
    e_folds,
    highest_temperature,
    remaining_share,
)

PARTNER_FATES = ("stable", "unstable")
"""tuple of str : whether the light partners N stay, or decay or annihilate."""


@dataclass(frozen=True)
class WashOut:
    """How much of the asymmetries' sum the operator takes away.

    Attributes
    ----------
    temperature : Quantity [temperature] or None
        T_1 from which the asymmetry exists; None where it was not given, and then the next two as well.
    e_folds, remaining_share : float or None
        W, and the share of eta_B' + eta_L' that is left.
    highest_temperature : Quantity [temperature] or None
        Largest T_1 that the condition allows; None if it is above all temperatures at which g* is known.
    condition, n_number, g_star : str
    """

    temperature: Quantity | None
    e_folds: float | None
    remaining_share: float | None
    highest_temperature: Quantity | None
    condition: str
    n_number: str
    g_star: str


@dataclass(frozen=True, kw_only=True)
class EarlyHistory:
    """What is assumed of times before the freeze-out. Asymmetries of the model are those left after wash-out.

    Parameters
    ----------
    asymmetry_temperature : Quantity [temperature], optional
        T_1 from which the asymmetry exists.
    wash_out : {"derived", "paper"}
        Condition and coefficient by name; see `cosmology.wash_out`.
    n_number : {"violated", "conserved"}
        Number of the light partners N.
    partner_fate : {"stable", "unstable"}
    partner_decoupling : Quantity [temperature], optional
        Where N leave the bath. If not given, the temperature at which the operator makes one e-fold of wash-out, below
        which it is slower than the expansion: N that were never that hot are fewer.
    """

    asymmetry_temperature: Quantity | None = None
    wash_out: str = "derived"
    n_number: str = "violated"
    partner_fate: str = "stable"
    partner_decoupling: Quantity | None = None

    def __post_init__(self):
        for name, allowed in (("wash_out", CONDITIONS), ("n_number", N_NUMBERS), ("partner_fate", PARTNER_FATES)):
            if getattr(self, name) not in allowed:
                raise InputError(f"{name} = {getattr(self, name)!r}; known are {', '.join(allowed)}")
        for name in ("asymmetry_temperature", "partner_decoupling"):
            if getattr(self, name) is not None:
                value = checked_positive(getattr(self, name), "temperature", name)
                if np.ndim(value):
                    raise InputError(f"{name} = {getattr(self, name)}; one temperature is needed")
                object.__setattr__(self, name, units.attach(value, "temperature"))

    def washed_out(self, operator_width, splitting, g_star):
        """Wash-out by an operator with that width for massless partners.

        Parameters
        ----------
        operator_width : Quantity [width]
        splitting : Quantity [mass]
        g_star : str or DegreesOfFreedom

        Returns
        -------
        WashOut
        """
        condition = PrintedCondition() if self.wash_out == "paper" else DerivedCondition(g_star=g_star)
        lost = left = None
        if self.asymmetry_temperature is not None:
            lost = e_folds(
                self.asymmetry_temperature, operator_width, splitting, coefficient=self.wash_out, g_star=g_star
            )
            left = remaining_share(lost, n_number=self.n_number)
        return WashOut(
            temperature=self.asymmetry_temperature,
            e_folds=lost,
            remaining_share=left,
            highest_temperature=_highest(operator_width, splitting, condition),
            condition=self.wash_out,
            n_number=self.n_number,
            g_star=degrees_of_freedom(g_star).label,
        )

    def light_partners(self, masses, operator_width, splitting, g_star):
        """What thermal partners leave, as if stable.

        Parameters
        ----------
        masses : sequence of Quantity [mass]
        operator_width : Quantity [width] or None
            None where the operator is not known.
        splitting : Quantity [mass]
        g_star : str or DegreesOfFreedom

        Returns
        -------
        LightRelic or None
            Sum over the partners; None if neither operator nor decoupling is known, or the operator is so weak that it
            never brought them to equilibrium.
        """
        temperature = self.partner_decoupling
        if temperature is None:
            if operator_width is None:
                return None
            temperature = _highest(operator_width, splitting, DerivedCondition(g_star=g_star))
        if temperature is None:
            return None
        with warnings.catch_warnings():  # here too many of them is an answer, which a limit gives
            warnings.simplefilter("ignore", OverabundantRelicWarning)
            each = [light_relic(mass, temperature, g_star=g_star) for mass in masses]
        return LightRelic(
            per_photon=sum(one.per_photon for one in each),
            delta_n_eff=sum(one.delta_n_eff for one in each),
            omega_h2=sum(one.omega_h2 for one in each),
            g_star=each[0].g_star,
        )


def _highest(width, splitting, condition):
    """Largest temperature of a condition, or None above the range of g*: the operator is then never fast."""
    try:
        return highest_temperature(width, splitting, condition)
    except InputError:
        return None
