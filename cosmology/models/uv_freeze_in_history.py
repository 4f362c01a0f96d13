r"""One or many points of ultraviolet freeze-in from reheating to the end: dark temperature and charges.

Asadi, Moore, Morrissey & Shamma (2025), Sect. 4: `follow` solves, `FreezeInHistory` is what one point leaves.
"""

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicHermiteSpline

from cosmology import units
from cosmology.errors import InputError
from cosmology.models.uv_freeze_in_baths import (
    energy_strengths,
    small_temperature_ratio,
    visible_hubble,
)
from cosmology.models.uv_freeze_in_charges import WIDTH, bath_history, final_yields, solve_charges
from cosmology.models.uv_freeze_in_reactions import kernels
from cosmology.models.uv_freeze_in_wash_out import BARYONS_PER_B_MINUS_L, charge_rates
from cosmology.units import Quantity

SMALLEST_MASS_RATIO = 25.0
"""float : least M_1/T_RH. Below, the expansion of the propagators in s/M^2 and the neglect of on-shell N fail."""

_ROUNDING = 1e-10  # share of the largest charge below which a sign means nothing

WAYS = ("exact", "small_xi")
"""tuple of str : both baths and charges together, or Eqs. (32) and (55), which hold for xi far below 1."""


@dataclass(frozen=True, eq=False)
class FreezeInHistory:
    r"""What happens after reheating, at the ends of the solver's steps, from the hottest on.

    Attributes
    ----------
    temperature : Quantity [temperature] (n,)
        T of the visible bath.
    cooling : ndarray (n,)
        :math:`T_\mathrm{RH}/T - 1`, in which early times stand apart.
    xi : ndarray (n,)
        T_x/T.
    b_minus_l, dark_lepton : ndarray (n,)
        Y_(B-L) and Y_(Lx), signed charges per entropy of the visible bath.
    error : (float, float)
        Estimated relative error of the two charges in the end.
    way : str
        One of `WAYS`.
    """

    temperature: Quantity
    cooling: np.ndarray
    xi: np.ndarray
    b_minus_l: np.ndarray
    dark_lepton: np.ndarray
    error: tuple
    way: str
    _z: np.ndarray
    _splines: tuple

    @property
    def dark_temperature(self):
        """T_x, Quantity (n,)."""
        return self.temperature * self.xi

    @property
    def e_folds(self):
        """float : of expansion, after which the charges no longer change."""
        return float(self._z[-1] ** 4)

    def at(self, cooling):
        """Xi, Y_(B-L) and Y_(Lx) at values of T_RH/T - 1, interpolated between steps.

        Parameters
        ----------
        cooling : array

        Returns
        -------
        tuple of ndarray
        """
        cooling = np.asarray(cooling, dtype=float)
        if np.any(cooling < 0) or np.any(cooling > self.cooling[-1]):
            raise InputError(f"cooling = {cooling}; T_RH/T - 1 lies between 0 and {self.cooling[-1]:.4g} here")
        z = np.interp(cooling**0.25, self.cooling**0.25, self._z)
        share = self._splines[2](z)
        for _ in range(4):  # to a = u (1 - r_x)^(1/4), in which r_x changes slowly
            z = np.log1p(cooling) + np.log1p(-share) / 4
            z = np.maximum(z, 0.0) ** 0.25
            share = np.clip(self._splines[2](z), 0.0, None)
        left = (1 - share) ** 0.75
        xi = np.clip(self._splines[3](z), 0.0, None) ** 0.25
        return xi, self._splines[0](z) / left, self._splines[1](z) / left

    def sign_changes(self, which="b_minus_l"):
        """Where a charge passes through zero, a dip in its absolute value.

        Parameters
        ----------
        which : {"b_minus_l", "dark_lepton"}

        Returns
        -------
        ndarray
            Values of T_RH/T - 1, rising; empty if the sign stays.
        """
        names = ("b_minus_l", "dark_lepton")
        if which not in names:
            raise InputError(f"which = {which!r}; allowed: {', '.join(names)}")
        z = self._splines[names.index(which)].roots(extrapolate=False)
        size = np.abs(self._splines[names.index(which)](self._z))
        if not size.max() > 0:
            return np.array([])
        # before, the charge is what rounding leaves of a source that is absent, or nothing at all
        first = self._z[max(1, np.argmax(size > _ROUNDING * size.max()))]
        z = np.unique(z[(z > first) & (z < self._z[-1])])
        return np.expm1(z**4 - np.log1p(-np.clip(self._splines[2](z), 0.0, None)) / 4)


@dataclass(frozen=True, eq=False)
class Solved:
    """Final numbers of many points.

    Attributes
    ----------
    xi : ndarray (rows,)
        T_x/T in the end.
    b_minus_l, dark_lepton : ndarray (n,)
        Y_(B-L) and Y_(Lx).
    strength : ndarray (n,)
        Measure of dark wash-out, Eq. (61).
    """

    xi: np.ndarray
    b_minus_l: np.ndarray
    dark_lepton: np.ndarray
    strength: np.ndarray
    _baths: tuple
    _charges: object


def strengths(couplings, reheating, choices):
    """c_1 and c_2 of Eq. (31) for arrays of points; see `uv_freeze_in_baths.energy_strengths`."""
    return energy_strengths(kernels(couplings.sums()), reheating, choices)


def thermalises(first, second):
    """Whether Eq. (33) would take xi to 1 or beyond: the dark sector then thermalises, it does not freeze in."""
    return ~(small_temperature_ratio(first, second, np.inf) < 1)


def follow(couplings, reheating, choices, *, way="exact", row=None, width=WIDTH):
    """Solve for many points.

    Parameters
    ----------
    couplings : Couplings
        Of n points.
    reheating : ndarray (n,)
        T_RH [GeV].
    choices : Choices
    way : {"exact", "small_xi"}
    row : ndarray (n,) of int, optional
        Points with the same number have the same c_1 and c_2, which are taken from the first of them. All points have
        their own if not given.
    width : float
        Of the solver's steps.

    Returns
    -------
    Solved
    """
    if way not in WAYS:
        raise InputError(f"way = {way!r}; allowed: {', '.join(WAYS)}")
    found = kernels(couplings.sums())
    mass = couplings.lightest
    row = np.arange(len(mass)) if row is None else row
    _, chosen, row = np.unique(row, return_index=True, return_inverse=True)
    first, second = (one[chosen] for one in energy_strengths(found, reheating, choices))
    baths = bath_history(first, second, way, width)
    rates = charge_rates(found, mass, choices)
    charges = solve_charges(rates, mass, reheating, baths, row)
    final = final_yields(charges, baths[0], row)
    halfway = xi_when(baths[0], 1.0)[row]
    omega = rates.omega(1, halfway)[:, 1, 1]
    strength = mass / visible_hubble(mass) * omega / (mass / reheating)
    xi = baths[0].xi[len(charges.z) - 2, 2]
    return Solved(xi, final[:, 0], final[:, 1], strength, baths, charges)


def xi_when(bath, cooling):
    """Xi of each row when T_RH/T - 1 has a value, by interpolation between the nodes."""
    log_u = bath.nodes.ravel()[:, np.newaxis] ** 4 - np.log1p(-bath.share.reshape(-1, bath.share.shape[-1])) / 4
    xi = bath.xi.reshape(log_u.shape)
    return np.array([np.interp(np.log1p(cooling), log_u[:, i], xi[:, i]) for i in range(xi.shape[1])])


def one_history(solved, reheating, way):
    """`FreezeInHistory` of the first point of a `Solved`."""
    charges, bath = solved._charges, solved._baths[0]
    count = len(charges.z)
    share = np.concatenate([[0.0], bath.share[: count - 1, 2, 0]])
    xi = np.concatenate([[0.0], bath.xi[: count - 1, 2, 0]])
    left = (1 - share) ** 0.75
    cooling = np.expm1(charges.z**4 - np.log1p(-share) / 4)
    splines = [CubicHermiteSpline(charges.z, charges.q[:, 0, i], charges.slope[:, 0, i]) for i in range(2)]
    nodes = np.concatenate([[0.0], bath.nodes[: count - 1].ravel()])
    shares = np.concatenate([[0.0], bath.share[: count - 1, :, 0].ravel()])
    ratios = np.concatenate([[0.0], bath.xi[: count - 1, :, 0].ravel()]) ** 4
    splines += [CubicHermiteSpline(nodes, one, np.gradient(one, nodes, edge_order=2)) for one in (shares, ratios)]
    arrays = {
        "cooling": cooling,
        "xi": xi,
        "b_minus_l": charges.q[:, 0, 0] / left,
        "dark_lepton": charges.q[:, 0, 1] / left,
    }
    for values in arrays.values():
        values.flags.writeable = False
    return FreezeInHistory(
        temperature=units.attach(reheating / (1 + cooling), "temperature"),
        error=tuple(float(one) for one in charges.error[0]),
        way=way,
        _z=charges.z,
        _splines=tuple(splines),
        **arrays,
    )


def baryon_yield(b_minus_l):
    """Y_B of today, Eq. (42)."""
    return BARYONS_PER_B_MINUS_L * b_minus_l


def check_validity(couplings, reheating, choices):
    """Refuse one point at which the equations do not hold, with the reason: `InputError`."""
    lightest = float(np.min(couplings.lightest))
    ratio = float(np.min(couplings.lightest / reheating))
    if not ratio >= SMALLEST_MASS_RATIO * (1 - 1e-12):
        raise InputError(
            f"reheating_temperature = {float(np.max(reheating)):.6g} GeV is M_1/{ratio:.4g}; at most "
            f"M_1/{SMALLEST_MASS_RATIO:g} = {lightest / SMALLEST_MASS_RATIO:.6g} GeV is allowed, so that N are "
            "made by no decay or resonance. Lower it, or raise M_1"
        )
    first, second = strengths(couplings, reheating, choices)
    if not np.all(first + second > 0):
        raise InputError(
            "no energy reaches the dark sector: N_a that couple to leptons (lepton_couplings) and to chi phi "
            "(dark_couplings) are needed, and sums of both that do not cancel"
        )
    if np.any(thermalises(first, second)):
        reached = float(np.max(small_temperature_ratio(first, second, np.inf)))
        raise InputError(
            f"xi = T_x/T would reach 1: Eq. (33) gives {reached:.3g}. The two sectors come to equilibrium, and this is "
            "no freeze-in; allowed are values below 1. Lower the couplings (xi goes with the square root of y and of "
            "lambda), or T_RH against M_1"
        )
