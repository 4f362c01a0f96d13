r"""Freeze-out of chi in the dark bath, next to its asymmetry: yields, and the mass that makes all dark matter.

With x = m/T_x and Z = n x^3/m^3, Eqs. (65) to (68) of Asadi, Moore, Morrissey & Shamma (2025) are

.. math:: \frac{d\bar Z}{d\ln x} = -\frac{m^3\langle\sigma v\rangle}{x^3H}\,
    [\bar Z(\bar Z + Z_\Delta) - Z_\mathrm{eq}^2],

a Riccati equation with constant asymmetry, which is solved in the exact steps of `cosmology.riccati`. The temperature
of the visible bath follows from entropy, separately conserved in both; H has both.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import kve

from cosmology import constants, relic, riccati
from cosmology.errors import ConvergenceError
from cosmology.models.uv_freeze_in_baths import G_DARK, G_VISIBLE
from cosmology.models.uv_freeze_in_radiation import G_DARK_LATE
from cosmology.models.uv_freeze_in_sink import thermal_average

START = 3.0
"""float : x at which chi is taken to be in equilibrium."""
COLDEST_FREEZE_OUT = 4.0
"""float : least x at which annihilation may end. Below, chi is relativistic and Eq. (67) does not hold: its answer
then depends on where it starts."""
MAINLY_ASYMMETRIC = 0.8
"""float : share of the asymmetry in all of chi from which on the paper calls it mainly asymmetric, Fig. 8."""

_END = 120.0  # x at the end of the steps; equilibrium is long gone
_TAIL = 1e3  # decades of x after it in the quadrature
_TABLE_POINTS = 16000  # over all temperatures at which g* is known
_MOST_ITERATIONS = 40
_FOUND = 1e-10  # in ln(m Y)
_LIGHTEST, _HEAVIEST = 1e-8, 1e7  # GeV


@dataclass(frozen=True, eq=False)
class DarkRelics:
    """What freeze-out leaves of chi, for n points; numbers that do not exist are NaN, with the reason.

    Attributes
    ----------
    mass : ndarray (n,)
        [GeV].
    asymmetry : ndarray (n,)
        Y_chi - Y_antichi, as an absolute value.
    antiparticle_yield : ndarray (n,)
        Y_antichi, which may be too small for a number and is then 0.
    x_freeze_out : ndarray (n,)
        m/T_x at which annihilation becomes slower than the equilibrium falls. With a large asymmetry that may be
        beyond 120, which is given as infinite: the antiparticles are gone by then.
    reason : tuple of str
        Why there is no number; empty where there is one.
    """

    mass: np.ndarray
    asymmetry: np.ndarray
    antiparticle_yield: np.ndarray
    x_freeze_out: np.ndarray
    reason: tuple

    @property
    def total_yield(self):
        """Y_chi + Y_antichi."""
        return 2 * self.antiparticle_yield + self.asymmetry

    @property
    def asymmetric_share(self):
        """(Y_chi - Y_antichi)/(Y_chi + Y_antichi)."""
        return self.asymmetry / self.total_yield

    @property
    def omega_h2(self):
        """Density of chi today."""
        return relic._omega_h2(self.mass, self.total_yield)


def freeze_out(mass, xi, asymmetry, sink, dof):
    """What annihilation leaves.

    Parameters
    ----------
    mass : array
        m_chi [GeV].
    xi : array
        T_x/T after freeze-in.
    asymmetry : array
        Y_chi - Y_antichi, not negative.
    sink : DarkSink
    dof : DegreesOfFreedom
        Of the visible bath.

    Returns
    -------
    DarkRelics
    """
    shape = np.broadcast_shapes(np.shape(mass), np.shape(xi), np.shape(asymmetry))
    mass, xi, asymmetry = (np.broadcast_to(np.asarray(one, float), shape).ravel() for one in (mass, xi, asymmetry))
    rare, x_f = _antiparticles(mass, xi, asymmetry, sink, dof)
    return _checked(mass, asymmetry, rare, x_f, np.full(mass.shape, ""), shape)


def heaviest(xi, asymmetry, sink, dof, omega_h2=constants.DARK_MATTER_OMEGA_H2):
    r"""Mass for which chi is all of the dark matter, the largest one it may have.

    :math:`mY_\Sigma` grows with m, and there is one root of :math:`mY_\Sigma = \Omega h^2(\rho_c/h^2)/s_0`.

    Parameters
    ----------
    xi, asymmetry, sink, dof
        See `freeze_out`.
    omega_h2 : float

    Returns
    -------
    DarkRelics
        With NaN where freeze-out would be relativistic, or where xi or the asymmetry are NaN.
    """
    shape = np.broadcast_shapes(np.shape(xi), np.shape(asymmetry))
    xi, asymmetry = (np.broadcast_to(np.asarray(one, float), shape).ravel() for one in (xi, asymmetry))
    given = np.isfinite(xi) & np.isfinite(asymmetry)
    mass, rare, x_f = (np.full(xi.shape, np.nan) for _ in range(3))
    reason = np.where(given, "", "no freeze-in at this point")
    if np.any(given):
        xi_in, asymmetry_in = xi[given], asymmetry[given]
        target = np.log(relic._total_yield(1.0, omega_h2))
        with np.errstate(divide="ignore"):
            log_m = np.minimum(target - np.log(asymmetry_in), np.log(1e3))
        log_m = np.clip(log_m, np.log(_LIGHTEST), np.log(_HEAVIEST))
        slope, before = np.full(log_m.shape, 1.5), None
        for _ in range(_MOST_ITERATIONS):
            left, frozen = _antiparticles(np.exp(log_m), xi_in, asymmetry_in, sink, dof)
            excess = log_m + np.log(2 * left + asymmetry_in) - target
            if before is not None:
                with np.errstate(divide="ignore", invalid="ignore"):
                    secant = (excess - before[1]) / (log_m - before[0])
                slope = np.where((secant > 0.5) & (secant < 5), secant, slope)
            step = np.clip(-excess / slope, -3.0, 3.0)
            before = (log_m, excess)
            log_m = np.clip(log_m + step, np.log(_LIGHTEST), np.log(_HEAVIEST))
            if np.all(np.abs(step) < _FOUND):
                break
        mass[given], rare[given], x_f[given] = np.exp(before[0]), left, frozen
        lost = np.zeros(given.shape, dtype=bool)
        lost[given] = np.abs(excess) > 1e3 * _FOUND
        reason = np.where(lost, f"no mass from {_LIGHTEST:g} to {_HEAVIEST:g} GeV makes this density", reason)
    return _checked(mass, asymmetry, rare, x_f, reason, shape)


def _checked(mass, asymmetry, rare, x_f, reason, shape):
    """The record, without numbers where the equation does not hold."""
    with np.errstate(invalid="ignore"):
        hot = (reason == "") & ~(x_f >= COLDEST_FREEZE_OUT)
    texts = [
        f"annihilation of chi with {m:.3g} GeV would end at m/T_x = {x:.3g}, below {COLDEST_FREEZE_OUT:g}, where it "
        "is relativistic and the equation for cold particles does not hold; a stronger annihilation helps"
        if is_hot
        else str(old)
        for m, x, is_hot, old in zip(mass, x_f, hot, reason, strict=True)
    ]
    bad = np.array([bool(one) for one in texts])
    if not np.all(np.isfinite(rare[~bad])):
        raise ConvergenceError("freeze-out of chi gave a yield that is not finite")
    mass, rare = (np.where(bad, np.nan, one).reshape(shape) for one in (mass, rare))
    return DarkRelics(mass, np.reshape(asymmetry, shape), rare, np.reshape(x_f, shape), tuple(texts))


def _antiparticles(mass, xi, asymmetry, sink, dof):
    """Y_antichi, and x at the end of equilibrium, for arrays of points."""
    entropy = xi**3 * G_DARK / G_VISIBLE  # g_sx T_x^3 over g_s T^3
    per_yield = 2 * np.pi**2 / 45 * G_DARK_LATE / entropy  # Z over Y, Eq. (68)
    bias = per_yield * asymmetry
    x = _steps()
    width = np.diff(x)
    centre = x[:-1] + width / 2
    mixed = []
    for node in (centre - riccati._GAUSS * width, centre + riccati._GAUSS * width):
        rate = _rate(node, mass, entropy, sink, dof) * (width / node)[:, np.newaxis]
        mixed.append((rate, rate * _equilibrium(node, sink)[:, np.newaxis] ** 2))
    (rate_a, source_a), (rate_b, source_b) = mixed
    first = _equilibrium(x[:1], sink)[0]
    value = 2 * first**2 / (bias + np.hypot(bias, 2 * first))
    near, far = riccati._NEAR, riccati._FAR
    for i in range(len(width)):
        for one, other in ((near, far), (far, near)):
            source = np.maximum(one * source_a[i] + other * source_b[i], 0.0)
            value = riccati._step(value, bias, one * rate_a[i] + other * rate_b[i], source, np)
    value = riccati._step(value, bias, _tail(mass, entropy, sink, dof), 0.0, np)
    return value / per_yield, _end_of_equilibrium(mass, entropy, bias, sink, dof)


@lru_cache(maxsize=1)
def _steps():
    """Step ends in x: even in x while the equilibrium falls exponentially."""
    parts = [np.geomspace(START, 6, 24, endpoint=False), np.linspace(6, 50, 180, endpoint=False)]
    return np.concatenate([*parts, np.geomspace(50, _END, 31)])


def _rate(x, mass, entropy, sink, dof):
    """m^3 <sigma v>/(x^3 H) on (x, points)."""
    dark = mass / x[:, np.newaxis]
    density = _visible_density(dark, entropy, dof) + np.pi**2 / 30 * G_DARK_LATE * dark**4
    hubble = np.sqrt(density / 3) / constants.REDUCED_PLANCK_MASS
    average = sink.coupling**4 * thermal_average(x, sink.mediator_ratio)
    return average[:, np.newaxis] * mass / x[:, np.newaxis] ** 3 / hubble


def _equilibrium(x, sink):
    """Z_eq of one chi."""
    if sink.equilibrium == "exact":
        return x**2 * kve(2, x) * np.exp(-x) / np.pi**2
    return 2 * x**1.5 * np.exp(-x) / (2 * np.pi) ** 1.5


def _tail(mass, entropy, sink, dof):
    """Integral of the rate over ln x beyond the steps; in the end it falls as 1/x."""
    node, weight = np.polynomial.legendre.leggauss(4)
    edges = np.linspace(np.log(_END), np.log(_END * _TAIL), 31)
    half = np.diff(edges)[:, np.newaxis] / 2
    log_x = (edges[:-1, np.newaxis] + half * (node + 1)).ravel()
    body = np.sum(_rate(np.exp(log_x), mass, entropy, sink, dof) * (half * weight).ravel()[:, np.newaxis], axis=0)
    return body + _rate(np.array([_END * _TAIL]), mass, entropy, sink, dof)[0]


def _end_of_equilibrium(mass, entropy, bias, sink, dof):
    """x at which rate times density first falls below x, which is how fast the equilibrium falls."""
    x = np.geomspace(0.5, _END, 400)
    cold = np.maximum(x, 1.0)  # the average is tabulated from 1 on; earlier it serves as it is there
    rate = _rate(cold, mass, entropy, sink, dof) * (cold / x)[:, np.newaxis]
    density = np.hypot(_equilibrium(x, sink)[:, np.newaxis], bias / 2)
    excess = np.log(rate * density / x[:, np.newaxis])
    above = excess > 0
    # the last crossing from above; 0 if annihilation was never fast enough
    last = len(x) - 1 - np.argmax(above[::-1], axis=0)
    inside = np.clip(last, 0, len(x) - 2)
    points = np.arange(excess.shape[1])
    high, low = excess[inside, points], excess[inside + 1, points]
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.where(high > low, high / (high - low), 0.0)
    found = np.exp(np.log(x[inside]) + np.clip(part, 0.0, 1.0) * np.log(x[inside + 1] / x[inside]))
    return np.where(above[-1], np.inf, np.where(np.any(above, axis=0), found, 0.0))


def _visible_density(dark, entropy, dof):
    """Energy density of the visible bath where the dark one has a temperature: g_s T^3 is known, and rho by table."""
    log_cube, log_rho = _entropy_table(dof)
    wanted = np.log(G_DARK_LATE / entropy * dark**3)
    held = np.clip(wanted, log_cube[0], log_cube[-1])
    # beyond the table g* stays, so that rho goes like the power 4/3 of the entropy
    return np.exp(np.interp(held, log_cube, log_rho) + 4 / 3 * (wanted - held))


@lru_cache(maxsize=8)
def _entropy_table(dof):
    """ln(g_s T^3) and ln(rho) along T; both rise with T, so one follows from the other."""
    temperature = np.geomspace(dof._lowest, dof._highest, _TABLE_POINTS)
    cube = np.log(dof._g_s(temperature) * temperature**3)
    rho = np.log(np.pi**2 / 30 * dof._g_rho(temperature) * temperature**4)
    return np.maximum.accumulate(cube), rho
