r"""The coupled Boltzmann equations of X, anti-X, baryons and zeta, in closed-form steps for many points at once.

With x = m_X/T_gen, D = K_1/K_2, :math:`J = 1 + \frac13 d\ln g_s/d\ln T` and Delta = Y_X - Y_anti-X:

.. math::
    \frac{d\ln\Delta}{d\ln x} &= -\frac{J\Gamma D}{H}, \qquad
    \frac{dY_{\bar X}}{d\ln x} = -\frac{Js\langle\sigma v\rangle}{H}
        \left[Y_{\bar X}(Y_{\bar X} + \Delta) - Y_\mathrm{eq}^2\right] - \frac{J\Gamma D}{H}Y_{\bar X}, \\
    \frac{dY_\zeta}{d\ln x} &= \frac{J\Gamma D}{H}(\Delta + 2Y_{\bar X})
        - \frac{Js\langle\sigma v\rangle_\zeta}{H}Y_\zeta^2

(Unwin 2012, Eqs. (A.4) to (A.14) with the sign of (A.5) and the time dilation of (A.6) put right, with annihilation and
with production by X and anti-X in equilibrium, which the paper leaves out.) The first is a quadrature. The others are
Riccati equations, projections of linear systems of two: a step with constant coefficients is exact for every size, and
two such steps with mixtures of the coefficients at two Gauss points are a fourth-order method (a commutator-free Magnus
integrator; Blanes & Moan 2006). So nothing is stiff. All numbers are in powers of GeV.
"""

from dataclasses import dataclass

import numpy as np

from cosmology.models.exodus_sectors import log_equilibrium_yield, time_dilation
from cosmology.thermodynamics import _entropy, _hubble, _time

START = 0.02
"""float : x at which histories start, in equilibrium; the part of freeze-in before it is 1e-6."""

_GAUSS = np.sqrt(3) / 6
_NEAR, _FAR = 0.25 + _GAUSS, 0.25 - _GAUSS  # weights of the nearer and the farther Gauss point
_POINTS_AT_ONCE = 512  # keeps working arrays small
_TINY = 1e-300


def _grid(last, floor, refine):
    """Step ends in x: even in x while the equilibrium yield counts, even in ln x before and after, wide at the end."""
    late = max(int(np.ceil(np.log(max(last, 60) / 50) / 0.05 * refine)), 2)
    return np.concatenate(
        [
            np.geomspace(START, 1, int(40 * refine), endpoint=False),
            np.geomspace(1, 8, int(64 * refine), endpoint=False),
            np.linspace(8, 50, int(168 * refine), endpoint=False),
            np.geomspace(50, max(last, 60), late + 1),
            np.geomspace(max(last, 60), floor, max(int(np.ceil(np.log(floor / max(last, 60)) / 0.25)), 0) + 1)[1:],
        ]
    )


class ExpansionTable:
    r"""What masses need of the two baths, at the ends and Gauss points of all steps, rows along x, columns masses.

    Parameters
    ----------
    masses : ndarray (m,)
        [GeV].
    sectors : Sectors
    states : float
        g_X.
    last_temperature : float
        Visible temperature [GeV] that the heaviest reaches by usual steps; lighter ones go further down.
    floor : float
        From there on wide steps to this temperature [GeV]: X is gone, but annihilation of zetas ends slowly, like T.
    refine : float
        Steps relative to the usual number.

    Attributes
    ----------
    x : ndarray (n + 1,)
    annihilation, pairs, decay : list of three ndarray (n, m)
        J s/H, Y_eq^2 and J D/H at the two Gauss points and the end of each step.
    dilated, plain : ndarray (n + 1, m)
        Integrals of J D/H and J/H over ln x from the start [1/GeV]: proper time of X, and time.
    """

    def __init__(self, masses, sectors, states, last_temperature, refine=1.0, floor=np.inf):
        self.masses, self.sectors, self.states = np.asarray(masses, dtype=float), sectors, states
        self.first_temperature = sectors.ratio * self.masses / START
        sectors.dof._require(self.first_temperature, "visible temperature at the start")
        coldest = sectors.ratio * self.masses.max()
        last = coldest / last_temperature
        self.x = _grid(last, max(coldest / floor, last, 60), refine)
        log_x = np.log(self.x)
        self.step = np.diff(log_x)
        self.nodes = [log_x[:-1] + self.step * place for place in (0.5 - _GAUSS, 0.5 + _GAUSS)]
        self._integrate(log_x)
        self.annihilation, self.pairs, self.decay = [], [], []
        for node in (*self.nodes, log_x[1:]):
            x, hot, time = self._time_per_step(node)
            self.annihilation.append(time * _entropy(hot, sectors.dof))
            self.pairs.append(np.exp(2 * log_equilibrium_yield(x, hot, states, sectors)))
            self.decay.append(time * time_dilation(x))
        first = self.x[0], self.first_temperature
        self.start_yield = np.exp(log_equilibrium_yield(*first, states, sectors))
        self.start_time = np.array([_time(float(hot), sectors.dof) for hot in self.first_temperature])
        self._lagrange = _weights_of_neighbours(log_x, (*self.nodes, log_x[1:]))

    @property
    def temperature(self):
        """Visible temperatures [GeV] at the ends of steps, ndarray (n + 1, m)."""
        return self.sectors.ratio * self.masses / self.x[:, None]

    def _time_per_step(self, log_x):
        x = np.exp(log_x)[:, None]
        hot = self.sectors.ratio * self.masses / x
        # below today's temperature g* is not known: steps there serve lighter masses only as far as they go
        hot = np.maximum(hot, self.sectors.dof._lowest)
        return x, hot, (1 + self.sectors.dof._entropy_slope(hot) / 3) / _hubble(hot, self.sectors.dof)

    def _integrate(self, log_x):
        """Integrals up to ends and Gauss points: two points in each third between them."""
        edges = np.stack([log_x[:-1], *self.nodes, log_x[1:]], axis=1)
        half = np.diff(edges, axis=1) / 2
        middle = edges[:, :-1] + half
        dilated = plain = 0.0
        for sign in (-1, 1):
            x, _, time = self._time_per_step((middle + sign * half / np.sqrt(3)).ravel())
            time = time * half.ravel()[:, None]
            plain, dilated = plain + time, dilated + time * time_dilation(x)
        zero = np.zeros((1, len(self.masses)))
        dilated = np.concatenate([zero, np.cumsum(dilated, axis=0)])
        self.dilated = dilated[::3]
        self.dilated_at = [dilated[1::3], dilated[2::3], dilated[3::3]]
        self.plain = np.concatenate([zero, np.cumsum(plain, axis=0)])[::3]


def _weights_of_neighbours(log_x, nodes):
    """For each Gauss point four step ends around it, and the weights of cubic interpolation between them."""
    count = len(log_x)
    first = np.clip(np.arange(count - 1) - 1, 0, count - 4)
    which = first[:, None] + np.arange(4)
    weights = []
    for node in nodes:
        weight = np.ones((count - 1, 4))
        for j in range(4):
            for k in range(4):
                if k != j:
                    weight[:, j] *= (node - log_x[which[:, k]]) / (log_x[which[:, j]] - log_x[which[:, k]])
        weights.append(weight)
    return which, weights


@dataclass(frozen=True)
class Solution:
    """Yields along the steps, or at their end alone: arrays (n + 1, m, k), or (1, m, k).

    Attributes
    ----------
    exponent : ndarray
        Integral of Gamma over proper time: Delta = exp(-exponent) of the asymmetry at the start.
    antiparticles : ndarray
        Yield of anti-X.
    relic : ndarray
        Yield of zeta: all of it if it is its own antiparticle, else of anti-zeta.
    residue : ndarray (m, k)
        Y_anti-X/Delta when the exponent is 1, or at the end if it never is.
    """

    exponent: np.ndarray
    antiparticles: np.ndarray
    relic: np.ndarray
    residue: np.ndarray


class SelfConjugateRelic:
    """Zeta is its own antiparticle: X and anti-X both make one, and two of them annihilate."""

    name = "self_conjugate"

    @staticmethod
    def coefficients(decay, annihilation, asymmetry, kept, antiparticles):
        """Half the linear loss, and the source, of the yield that is followed, per unit of ln x."""
        return 0.0 * annihilation, decay * (asymmetry * kept + 2 * antiparticles)

    @staticmethod
    def total(asymmetry, kept, relic):
        """All zetas, from what is followed."""
        return relic

    @staticmethod
    def net(asymmetry, kept):
        """Zetas less anti-zetas."""
        return 0.0 * asymmetry * kept


class AsymmetricRelic:
    """X makes zeta and anti-X makes anti-zeta, which is followed; they annihilate with each other."""

    name = "asymmetric"

    @staticmethod
    def coefficients(decay, annihilation, asymmetry, kept, antiparticles):
        """As `SelfConjugateRelic.coefficients`."""
        return annihilation * asymmetry * (1 - kept) / 2, decay * antiparticles

    @staticmethod
    def total(asymmetry, kept, relic):
        """Zetas and anti-zetas."""
        return asymmetry * (1 - kept) + 2 * relic

    @staticmethod
    def net(asymmetry, kept):
        """Zetas less anti-zetas: what X has handed over."""
        return asymmetry * (1 - kept)


def solve(table, widths, sigma_v, asymmetry, relic, relic_sigma_v=0.0, every_step=True):
    """Solve the equations for all masses of a table and all widths.

    Parameters
    ----------
    table : ExpansionTable
    widths : ndarray (k,) or (m, k)
        Gamma [GeV], 0 for no decay.
    sigma_v : float or ndarray
        <sigma v> of X with anti-X [1/GeV^2], s-wave, broadcast to (m, k).
    asymmetry : float or ndarray
        Delta at the start, positive, broadcast to (m, k).
    relic : type
        `SelfConjugateRelic` or `AsymmetricRelic`.
    relic_sigma_v : float
        <sigma v> of zetas [1/GeV^2], s-wave; nothing makes them but decays.
    every_step : bool
        Keep the yields of every step; otherwise those at the end.

    Returns
    -------
    Solution
    """
    shape = (len(table.masses), np.shape(widths)[-1])
    widths, sigma_v, asymmetry = (
        np.broadcast_to(np.asarray(one, dtype=float), shape) for one in (widths, sigma_v, asymmetry)
    )
    rows = max(1, _POINTS_AT_ONCE // shape[1])
    parts = []
    for first in range(0, shape[0], rows):
        part = slice(first, first + rows)
        parts.append(
            _solve_part(table, part, widths[part], sigma_v[part], asymmetry[part], relic, relic_sigma_v, every_step)
        )
    joined = [np.concatenate(arrays, axis=-2) for arrays in zip(*parts, strict=True)]
    return Solution(*joined)


def _solve_part(table, part, widths, sigma_v, asymmetry, relic, relic_sigma_v, every_step):
    start = table.start_yield[part, None]
    first = start * (start / (asymmetry / 2 + np.hypot(asymmetry / 2, start)))
    step = table.step[:, None, None]
    rates = [one[:, part, None] * step for one in table.annihilation]
    decays = [widths * (one[:, part, None] * step) for one in table.decay]
    kept = [np.exp(-widths * one[:, part, None]) for one in table.dilated_at]
    loss = [sigma_v * one for one in rates]
    half = [(loss[i] * asymmetry * kept[i] + decays[i]) / 2 for i in range(3)]
    source = [loss[i] * table.pairs[i][:, part, None] for i in range(3)]
    rare = _march(first, loss, half, source)
    followed = _follow_relic(table, relic, asymmetry, relic_sigma_v, rates, decays, kept, rare)
    exponent = widths * table.dilated[:, part, None]
    residue = _residue(rare, exponent, asymmetry)
    if every_step:
        return exponent, rare, followed, residue
    return exponent[-1:], rare[-1:], followed[-1:], residue


def _follow_relic(table, relic, asymmetry, relic_sigma_v, rates, decays, kept, rare):
    log_rare = np.log(np.maximum(rare, _TINY))
    which, weights = table._lagrange
    loss, half, source = [relic_sigma_v * one for one in rates], [], []
    for i in range(3):
        anti = np.exp(sum(weights[i][:, j, None, None] * log_rare[which[:, j]] for j in range(4)))
        one, other = relic.coefficients(decays[i], loss[i], asymmetry, kept[i], anti)
        half.append(one)
        source.append(other)
    none = np.zeros_like(rare[0])
    if relic_sigma_v == 0:
        return np.concatenate([none[None], np.cumsum((source[0] + source[1]) / 2, axis=0)])
    return _march(none, loss, half, source)


def _residue(rare, exponent, asymmetry):
    """Anti-X over Delta where the exponent passes 1, interpolated in logarithms; at the end if it never does."""
    last = np.sum(exponent < 1, axis=0)
    after = np.clip(last, 1, len(rare) - 1)
    log_ratio = np.log(np.maximum(rare, _TINY) / asymmetry) + exponent
    pick = lambda array, where: np.take_along_axis(array, where[None], axis=0)[0]  # noqa: E731
    low, high = pick(exponent, after - 1), pick(exponent, after)
    share = np.clip((1 - low) / np.maximum(high - low, _TINY), 0, 1)
    value = pick(log_ratio, after - 1) * (1 - share) + pick(log_ratio, after) * share
    return np.exp(np.minimum(value, 600.0))


def _march(value, loss, half, source):
    """Solution of y' = source - 2 half y - loss y^2 at the ends of all steps, from y at the first one.

    Coefficients are per step, at both Gauss points and at the end of each. Close to equilibrium a step ends at the
    equilibrium of a point within its last half. What is shown and integrated is moved from there to the end, and by
    the lag behind a moving equilibrium, both as a linear relaxation has them; far from equilibrium nothing is moved, to
    third order in the step.
    """
    halves = []
    for near, far in ((0, 1), (1, 0)):
        # what has died out within a step may come out negative
        halves.append([np.maximum(_NEAR * c[near] + _FAR * c[far], 0.0) for c in (loss, half, source)])
    (*first, _), (*second, passed) = (_exact(*mixed) for mixed in halves)
    values = np.empty((len(passed) + 1, *value.shape))
    values[0] = value
    for i in range(len(passed)):
        for kept, gained, divisor, squared in (first, second):
            value = (value * kept[i] + gained[i]) / (divisor[i] + squared[i] * value)
        values[i + 1] = value
    rest = [_stationary(loss[i], half[i], source[i]) + _TINY for i in range(3)]
    here = _stationary(*halves[1])
    slope = np.log(rest[1] / rest[0]) / (4 * _GAUSS)  # d ln y/d(half steps)
    fall, safe = np.exp(-passed), np.maximum(passed, 1e-3)
    late = 1 / 3 - 1 / safe + fall * (2 / 3 + 1 / safe)
    early = 2 / 3 - 1 / safe + fall * (1 / 3 + 1 / safe)
    moved = np.where(passed > 1e-3, late + fall * early, 0.0)
    bent = np.log(rest[2] / (here + _TINY)) - slope / 3
    values[1:] += here * np.expm1(slope * moved + (1 - fall) * bent)
    return values


def _stationary(loss, half, source):
    """Value at which gain and loss are even; zero without a source."""
    return source / (half + np.hypot(half, np.sqrt(loss) * np.sqrt(source)) + _TINY)


def _exact(loss, half, source):
    """What makes the solution after unit time, (y kept + gained)/(divisor + squared y): sums of positive terms only.

    The last value is how many times the distance to the stationary value has fallen by e.
    """
    half = half + _TINY
    root = np.sqrt(loss) * np.sqrt(source)
    both = np.hypot(half, root)
    fall = np.expm1(-2 * both)
    gain = -fall / ((2 + fall) * both)  # tanh(both)/both
    kept = (root / both) * (root / (both + half)) + (half / both) * 2 * (1 + fall) / (2 + fall)  # 1 - half gain
    return kept, source * gain, 1 + half * gain, loss * gain, 2 * both
