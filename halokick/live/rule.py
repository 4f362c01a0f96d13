"""How wrong a potential that does not follow the mass is, and which method an evolving halo therefore needs."""

import warnings
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.interpolate import PchipInterpolator

from halokick import constants, units
from halokick.daughters.kick_nodes import bound_nodes
from halokick.daughters.phase_mixing import _full_moments
from halokick.daughters.result import Daughters
from halokick.errors import InputError
from halokick.live.limits import moved_shells, share_between
from halokick.units import Quantity

WARN, REFUSE = 0.05, 0.30
"""Estimated errors at which the fixed potential is warned of, and at which no J-factor is quoted from it."""
NEGLIGIBLE = 0.02
"""Estimated error below which `evolve_halo` takes the fixed potential."""
SLOW = 0.3
"""Largest change of the mass in an orbital period for which orbits keep their actions."""
_ORDER = (24, 8, 8)
_KICKS = 6
_STEP = 0.02
_INNER, _PER_DECADE = 1e-3, 6
_FEW = 1e-3
_REACH = np.log(1.5)
"""Orbits that are not circular turn farther out than where they are found, and respond to the loss there."""


class FixedPotentialWarning(UserWarning):
    """A number from a fixed potential that the changing mass of the halo makes wrong by more than 5 per cent."""


class FastDecayWarning(UserWarning):
    """Orbits of constant actions where the mass changes too much in an orbital period for actions to be constant."""


@dataclass(frozen=True, eq=False)
class FixedPotentialEstimate:
    """How much too high a fixed potential leaves mass and J-factors.

    Attributes
    ----------
    share : float
        Decayed share of the dark matter.
    radius : Quantity [length]
        What was asked for, any shape.
    mass : ndarray, shape of `radius`
        Estimated M_fix / M - 1 of all dark matter inside the radius; negative where the estimate is too low a mass.
    j_factor : ndarray, shape of `radius`
        The same of the integral of rho^2 over the volume inside the radius.
    period : Quantity [time], shape of `radius`
        Of the circular orbit at this radius in what the estimate leaves.
    remaining : ndarray, shape of `radius`
        Estimated M / M_0 inside the radius.
    """

    share: float
    radius: Quantity
    mass: np.ndarray
    j_factor: np.ndarray
    period: Quantity
    remaining: np.ndarray

    @property
    def worst(self):
        """float : largest size of any of the two errors at any of the radii."""
        return float(max(np.max(np.abs(self.mass)), np.max(np.abs(self.j_factor))))


def fixed_potential_error(df, kick, share, radius, *, mass_loss=0.0, daughters=None):
    r"""Estimated error of daughters that were mixed in the potential of before the decays.

    Slow loss of mass expands circular orbits as :math:`r M = \mathrm{const}`. To first order in the decayed share x

    .. math:: \ln\frac{M_\mathrm{fix}}{M} \simeq x\left(1 - \frac{M_L}{M_p}\right)\frac{d\ln M}{d\ln r},

    with :math:`M_L/M_p` the daughters' mass inside r per decayed parent, in the fixed potential; twice that in J. Here
    the shells are moved for the whole share (`circular_shell_correction`), each by the loss inside 1.5 times its radius
    because most orbits reach farther out, and :math:`\int\rho^2 dV` is done over both densities. In comparison with
    orbits of constant actions in a truncated NFW halo the error comes out 0.9 to 1.7 times as large in M and 1.2 to 2.2
    times in J, for kicks of 0.3 to 3 times the peak of the circular speed.

    Parameters
    ----------
    df : ErgodicDF
    kick : KickDistribution
    share : float
        Decayed share of the dark matter's mass, f_B times that of the parents.
    radius : Quantity [length], any shape
    mass_loss : float
        Share of its mass that a parent loses in its decay.
    daughters : Daughters, optional
        In the fixed potential, if they are known already; else they are mixed at low order.

    Returns
    -------
    FixedPotentialEstimate

    Raises
    ------
    InputError
        A share outside 0 to 1, or a radius outside the halo.
    """
    share = share_between(share, "share")
    asked = np.asarray(units.to_internal(radius, "length", "radius"), dtype=float)
    if asked.size == 0 or np.any(asked <= 0) or np.any(asked >= np.exp(df._log_outermost)):
        raise InputError(f"radius = {radius}; radii inside the halo are needed")
    log_r, kept = _kept_masses(df, kick, float(asked.max()), daughters)
    kept = kept * (1 - share_between(mass_loss, "mass_loss"))
    at = units.attach(np.exp(log_r), "length")
    before = np.asarray(units.to_internal(df.profile.mass(at), "mass"))
    extra = np.maximum(np.asarray(units.to_internal(df.halo.enclosed_mass(at), "mass")) - before, 0.0)
    # the sum of rounding errors is no star
    extra = np.where(extra > 1e-8 * before, extra, 0.0)
    fixed = before * np.maximum(1 - share * (1 - kept), _FEW)
    felt = before * np.interp(log_r + _REACH, log_r, fixed / before)
    moved = np.maximum.accumulate(np.log(moved_shells(np.exp(log_r), before, felt, extra)) + 1e-9 * log_r)
    # inside the first shell both are power laws
    slope = np.log(fixed[1] / fixed[0]) / (log_r[1] - log_r[0])
    log_after = np.interp(log_r, moved, np.log(fixed)) + slope * np.minimum(log_r - moved[0], 0.0)
    x = np.log(asked)
    left = np.exp(np.interp(x, log_r, log_after))
    period = 2 * np.pi * asked**1.5 / np.sqrt(constants.G * (left + np.interp(x, log_r, extra)))
    ln_j = np.log(_squares(log_r, np.log(fixed)) / _squares(log_r, log_after))
    return FixedPotentialEstimate(
        share=share,
        radius=units.attach(asked, "length"),
        mass=np.expm1(np.interp(x, log_r, np.log(fixed) - log_after)),
        j_factor=np.expm1(np.interp(x, log_r, ln_j)),
        period=units.attach(period, "time"),
        remaining=left / np.exp(np.interp(x, log_r, np.log(before))),
    )


def _squares(log_r, log_mass):
    """Integral of rho^2 over the volume inside each radius, the centre as a power law."""
    rise = np.gradient(log_mass, log_r)
    shells = (rise * np.exp(log_mass - 1.5 * log_r)) ** 2
    # M ~ r^a: the integrand is a power 2a - 3 of r
    power = 2 * rise[0] - 3
    centre = shells[0] / power if power > 0.1 else 10 * shells[0]
    return centre + np.concatenate([[0.0], np.cumsum(0.5 * (shells[1:] + shells[:-1]) * np.diff(log_r))])


def _kept_masses(df, kick, outer, daughters):
    """ln r, and daughters' mass inside it over the parents'; from far inside to beyond `outer` [kpc]."""
    scale = df.profile._scale_radius
    last = min(np.log(max(10 * outer, 30 * scale)), df._log_outermost - 1e-3)
    if daughters is not None:
        last = min(last, float(np.log(units.to_internal(daughters.r_max, "length"))))
    first = np.log(min(_INNER * scale, 0.1 * outer))
    log_r = np.linspace(first, last, int(np.ceil((last - first) / _STEP)) + 1)
    if daughters is not None:
        return log_r, daughters.retained_mass_fraction(units.attach(np.exp(log_r), "length"))
    speeds, weights = bound_nodes(df, kick, _KICKS)
    if len(speeds) == 0:
        return log_r, np.zeros_like(log_r)
    nodes = np.linspace(first, last, max(int(np.ceil(_PER_DECADE * (last - first) / np.log(10))), 6))
    cut = float(df.halo._log_cut)
    density = sum(w * _full_moments(df, float(k), nodes, cut, _ORDER)[0] for k, w in zip(speeds, weights, strict=True))
    ratio = PchipInterpolator(nodes, density / np.asarray(df._density(nodes)))(log_r)
    shells = np.asarray(df._density(log_r)) * np.exp(3 * log_r)
    centre = shells[0] / (3 - df.profile._inner_slope)
    sums = (
        c + np.concatenate([[0.0], np.cumsum(0.5 * (y[1:] + y[:-1]) * np.diff(log_r))])
        for c, y in ((ratio[0] * centre, ratio * shells), (centre, shells))
    )
    return log_r, next(sums) / next(sums)


def check_fixed_potential(estimate, *, quoting="mass"):
    """Warn of a fixed potential that the changing mass makes wrong; refuse to quote a J-factor from it.

    Parameters
    ----------
    estimate : FixedPotentialEstimate
        From `fixed_potential_error`.
    quoting : str
        ``"mass"`` warns alone, ``"j_factor"`` refuses too.

    Raises
    ------
    InputError
        J-factors are asked for where their estimated error is 30 per cent or more.

    Warns
    -----
    FixedPotentialWarning
        An estimated error of 5 per cent or more.
    """
    if quoting not in ("mass", "j_factor"):
        raise InputError(f'quoting = {quoting!r}; allowed are "mass" and "j_factor"')
    _judge(estimate, quoting, 3)


def _judge(estimate, quoting, level):
    """Warn at the line of the user, so many calls up from here, or refuse."""
    errors = np.abs(getattr(estimate, quoting))
    worst = float(np.max(errors))
    if worst < WARN:
        return
    where = np.ravel(estimate.radius)[int(np.argmax(errors))]
    name = {"mass": "the mass", "j_factor": "the J-factor"}[quoting]
    text = (
        f"{estimate.share:.3g} of the dark matter has decayed, and a potential that stays makes {name} inside "
        f"{where:.4g} wrong by about {100 * worst:.0f} per cent; evolve_halo(df, kick, history) lets the potential "
        "follow the mass"
    )
    if quoting == "j_factor" and worst >= REFUSE:
        raise InputError(f"{text}, and its snapshots go into j_factor directly")
    warnings.warn(text, FixedPotentialWarning, stacklevel=level)


def with_decayed_share(daughters, df, history):
    """Daughters that know how much has decayed, so that the fixed potential they live in can be judged.

    The density stays as it is, per decayed parent. `j_factor` and its kin refuse such daughters where the estimated
    error of J is 30 per cent or more, and warn from 5 per cent on.

    Parameters
    ----------
    daughters : Daughters
    df : ErgodicDF
    history : DecayHistory

    Returns
    -------
    Daughters
        With the estimate at each of its radii in ``settings["fixed_potential"]``.
    """
    share = history.parent_share * history.decayed_share
    inside = np.asarray(daughters.radius < daughters.r_max) & (
        np.log(units.to_internal(daughters.radius, "length")) < df._log_outermost
    )
    estimate = fixed_potential_error(df, daughters.kick, share, daughters.radius[inside], daughters=daughters)
    return replace(daughters, settings={**daughters.settings, "fixed_potential": estimate})


def check_quoted(things, radius):
    """Judge the J-factor of densities inside `radius` [kpc], where one of them knows its decayed share."""
    for thing in things:
        estimate = thing.settings.get("fixed_potential") if isinstance(thing, Daughters) else None
        if estimate is None:
            continue
        nodes = np.asarray(units.to_internal(estimate.radius, "length"))
        inside = np.clip(np.ravel(radius), nodes[0], nodes[-1])
        error = np.interp(np.log(inside), np.log(nodes), estimate.j_factor)
        at = replace(estimate, radius=units.attach(inside, "length"), j_factor=error)
        _judge(at, "j_factor", 5)


METHODS = ("auto", "fixed", "orbit_iteration", "live")
"""Ways to evolve a halo: a rule chooses, the potential stays, orbits keep their actions, particles are followed."""


@dataclass(frozen=True, eq=False)
class MethodChoice:
    """Which way was taken, and why.

    Attributes
    ----------
    method : str
        ``"fixed"``, ``"orbit_iteration"`` or ``"live"``.
    reason : str
    estimate : FixedPotentialEstimate
        Of the fixed potential, at the radii of interest.
    change_per_period : float
        Gamma_eff T_r: relative change of the mass inside the largest radius of interest in an orbital period there.
    expected_error : float
        Of the mass, by the method that was taken: from comparison with the other methods, not from this halo.
    """

    method: str
    reason: str
    estimate: FixedPotentialEstimate = field(repr=False)
    change_per_period: float
    expected_error: float


def choose_method(df, kick, history, radius, *, method="auto", grows=False, mass_loss=0.0):
    r"""The cheapest way to evolve a halo that is good enough.

    The fixed potential where its estimated error is below 2 per cent; orbits of constant actions where the mass changes
    by less than 0.3 in an orbital period, :math:`\Gamma_\mathrm{eff} T_r < 0.3`, with
    :math:`\Gamma_\mathrm{eff} = |d\ln M/dt|` and the period of the end, when the halo is emptiest; N-body else.

    Parameters
    ----------
    df : ErgodicDF
    kick : KickDistribution
    history : DecayHistory
    radius : Quantity [length], any shape
        Radii of interest.
    method : str
        One of `METHODS`; a given one is taken, and its error estimated.
    grows : bool
        The halo grows, so that its potential cannot stay.
    mass_loss : float
        See `fixed_potential_error`.

    Returns
    -------
    MethodChoice

    Warns
    -----
    FastDecayWarning
        Orbits of constant actions are asked for where that change is 0.3 or more.
    """
    if method not in METHODS:
        raise InputError(f"method = {method!r}; allowed are {', '.join(map(repr, METHODS))}")
    if grows and method == "fixed":
        raise InputError(
            'method = "fixed" knows no accretion, as its potential stays; give "orbit_iteration" or "live", or leave '
            "the method out"
        )
    share = history.parent_share * history.decayed_share
    estimate = fixed_potential_error(df, kick, share, radius, mass_loss=mass_loss)
    outer = int(np.argmax(np.ravel(estimate.radius)))
    period = float(np.ravel(estimate.period.to_value(history.age.unit))[outer])
    change = _fastest_change(history, float(np.ravel(estimate.remaining)[outer]))
    change = float(change * period)
    error = estimate.worst
    if method != "auto":
        reason = "asked for"
        if method == "orbit_iteration" and change >= SLOW:
            _warn_of_fast_decays(change, np.ravel(estimate.radius)[outer])
    elif error < NEGLIGIBLE and not grows:
        method, reason = "fixed", f"estimated error {error:.2g} of the fixed potential is below {NEGLIGIBLE:g}"
    elif change < SLOW:
        method = "orbit_iteration"
        why = "the halo grows" if grows else f"estimated error {error:.2g} of the fixed potential"
        reason = f"{why}; decays change the mass by {change:.2g} in an orbital period, below {SLOW:g}"
    else:
        method = "live"
        reason = f"decays change the mass by {change:.2g} in an orbital period, {SLOW:g} or more"
    expected = {"fixed": float(np.max(np.abs(estimate.mass))), "live": 0.02}.get(method, 0.03 + 0.1 * min(change, 1))
    return MethodChoice(method, reason, estimate, change, expected)


def _warn_of_fast_decays(change, radius):
    warnings.warn(
        f"decays change the mass inside {radius:.4g} by {change:.2g} in an orbital period there, and orbits keep their "
        f'actions below {SLOW:g}; give method="live", or radii= that lie farther in if nothing else matters',
        FastDecayWarning,
        stacklevel=4,
    )


def _fastest_change(history, remaining):
    """|dln M/dt| [1/unit of the age] while most decays happen; at most 3 per lifetime, as where all leave a cusp."""
    steps = float(history.age / history.lifetime)
    duration = history.decayed_share / steps if steps > 1e-9 else 1.0
    return min(-np.log(remaining) / duration, 3 * steps) / history.age.value
