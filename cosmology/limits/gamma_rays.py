"""Gamma rays from annihilation in dwarf galaxies: Fermi-LAT's combined limits, for any pair factor and kick.

The published limits are for dark matter that sits in the dwarfs as its gravity says. Daughters with a kick above the
escape speed of a dwarf leave it: then the limit holds only through the suppression of J, which halo dynamics gives.
"""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from cosmology import units
from cosmology.errors import InputError
from cosmology.limits.base import Limit, OutsideValidity, measure
from cosmology.limits.expansion import cosmic_age
from cosmology.limits.pairs import PUBLISHED, pair_factor_at
from cosmology.limits.tables import DATA, packaged_names
from cosmology.limits.user_table import LimitTable, read_limit_table
from cosmology.units import Quantity

KICK_MAX = Quantity(20.0, "km / s")
"""Quantity : kick that daughters may have and stay in every dwarf of the stacks."""

_SUPPRESSION_ROUNDING = 1.05  # a ratio of two computed J-factors may exceed 1 by its numerical error


@dataclass(frozen=True, kw_only=True)
class DwarfLimit(Limit):
    """Combined limit on annihilation in dwarf galaxies.

    Attributes
    ----------
    table : LimitTable
        The published limit.
    kick_max : Quantity [speed]
        Kicks up to which the limit is used without a suppression; escape speeds of dwarfs are 20 to 50 km/s.
    suppression : float or None
        J of the daughters over J without kick.
    """

    table: LimitTable
    kick_max: Quantity = KICK_MAX
    suppression: float | None = None

    observable: ClassVar[str] = "<sigma v>"

    def with_suppression(self, factor, which="all dwarfs"):
        """The same limit on <sigma v>, read through a suppression: it weakens by 1/factor.

        Parameters
        ----------
        factor : float
            J_daughter/J_parent, from 0 (nothing stays, so nothing is limited) to 1. For a stack of dwarfs see
            `stacked_suppression`. Applied twice the factors multiply.
        which : str
            Whose factor it is, for the name of the new limit.

        Returns
        -------
        DwarfLimit
            Valid for the kick for which the factor was computed, whatever its size.

        Raises
        ------
        InputError
            If the factor is not between 0 and 1.
        """
        if np.ndim(factor) or not 0.0 <= factor <= _SUPPRESSION_ROUNDING:
            raise InputError(f"suppression {factor} of {which} must be between 0 and 1: J_daughter over J_parent")
        total = float(factor) * (1.0 if self.suppression is None else self.suppression)
        return replace(self, name=f"{self.name}, suppression {factor:.3g} of {which}", suppression=total)

    def bound(self, *, mass, pair_factor, width=None, kick_speed=None):
        """Largest <sigma v>.

        Parameters
        ----------
        mass : Quantity [mass]
        pair_factor : float or callable
            P today, or a function of Gamma t such as `cosmology.limits.pairs.PairBuildUp` (then `width` too).
        width : Quantity [width], optional
        kick_speed : Quantity [speed], optional
            None stands for no kick.

        Returns
        -------
        Quantity [sigma_v]

        Raises
        ------
        OutsideValidity
            Mass outside the table; a kick above `kick_max` without suppression; no pairs; nothing left in the dwarfs.
        """
        if kick_speed is not None and self.suppression is None:
            kick = measure(kick_speed, "km/s", "kick_speed", "30 km/s", zero_allowed=True)
            if kick > self.kick_max.to_value("km/s"):
                raise OutsideValidity(
                    f"the kick, {kick:g} km/s, is above {self.kick_max:g}: daughters leave dwarfs; use with_suppression"
                )
        if self.suppression == 0.0:
            raise OutsideValidity("the suppression is zero: no daughter is left in the dwarfs")
        pairs = pair_factor_at(pair_factor, width, cosmic_age())
        left = 1.0 if self.suppression is None else self.suppression
        return self.table.at(mass) * (PUBLISHED[self.table.convention] / (pairs * left))

    def check(self, *, sigma_v, mass, pair_factor, width=None, kick_speed=None):
        """Answer for a cross-section; see `bound` for the rest.

        Returns
        -------
        LimitResult
        """
        value = units.attach(units.to_internal(sigma_v, "sigma_v", "sigma_v"), "sigma_v")
        point = {"mass": mass, "pair_factor": pair_factor, "width": width, "kick_speed": kick_speed}
        return self._judge(value, lambda: self.bound(**point))


def lat_dwarfs(channel, dataset="6yr"):
    """Fermi-LAT's combined dwarf limit on one channel, 95 per cent, self-conjugate dark matter.

    Parameters
    ----------
    channel : str
        ``"bb"``, ``"mumu"``, ``"tautau"`` or ``"ee"``; the 14-year set has bb and tautau.
    dataset : str
        ``"6yr"``, 15 dwarfs (arXiv:1503.02641), or ``"14yr"``, dwarfs with measured J (arXiv:2311.04982).

    Returns
    -------
    DwarfLimit

    Raises
    ------
    InputError
        If there is no such table.
    """
    packaged = packaged_names("lat_dwarfs_")
    name = f"lat_dwarfs_{dataset}_{channel}"
    if name not in packaged:
        raise InputError(
            f"no dwarf limit for channel {channel!r}, dataset {dataset!r}; there are {', '.join(packaged)}"
        )
    table = read_limit_table(DATA / f"{name}.csv")
    return DwarfLimit(
        name=f"LAT dwarfs {dataset}, {channel}",
        source=f"{table.source}, {table.confidence}",
        validity=f"{table.validity}; no kick, or one below about 20 km/s",
        applies_to=f"annihilation to {channel} today, dwarf galaxies",
        convention=table.convention,
        table=table,
    )


def stacked_suppression(factors, weights):
    r"""One suppression for a stack of dwarfs, :math:`\sum_i w_i s_i / \sum_i w_i`.

    The expected photons of a stack are a sum over its dwarfs, so this is their reduction if w_i are J-factors times
    exposures. A combined likelihood weights dwarfs with little background more; the result is an estimate.

    Parameters
    ----------
    factors : dict
        Dwarf -> suppression, 0 to 1.
    weights : dict
        The same dwarfs -> weight, such as J without kick (numbers, or Quantities of one unit).

    Returns
    -------
    float
    """
    if not factors or set(factors) != set(weights):
        raise InputError(f"factors and weights must name the same dwarfs; {sorted(set(factors) ^ set(weights))} differ")
    names = sorted(factors)
    share = np.array([factors[name] for name in names], dtype=float)
    weight = Quantity([weights[name] for name in names]).value
    if not np.all((share >= 0.0) & (share <= _SUPPRESSION_ROUNDING)) or not np.all(np.isfinite(weight) & (weight > 0)):
        raise InputError("suppressions must be between 0 and 1, and weights positive")
    return float(share @ weight / weight.sum())
