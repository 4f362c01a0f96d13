r"""The collision integral of freeze-in by decays, and its closed form.

B in a bath of temperature T decays to X, of which there is none:

.. math:: \frac{dn_X}{dt} + 3Hn_X = \frac{g_B m_B^2\Gamma}{2\pi^2}\,T K_1(m_B/T), \qquad
    Y = \int\!d\ln T\,\frac{J}{sH}\,\frac{g_B m_B^2\Gamma T}{2\pi^2}K_1(m_B/T)

with :math:`J = 1 + \frac13 d\ln g_s/d\ln T`. For constant g and a hot start it is
:math:`C_{FI} M_r\Gamma/m_B^2` with :math:`C_{FI} = 1.643\,g_B/(g_s\sqrt{g_\rho})` and the reduced Planck mass M_r:
Hall, March-Russell & West (2010), Eq. (1.1), in which g is that of the decaying particle. It stands here once, and
nowhere else. All this is per particle B; its antiparticle makes as much again.
"""

import numpy as np
from scipy.special import kve

from cosmology import constants, relic, units
from cosmology.degrees_of_freedom import DEFAULT, degrees_of_freedom
from cosmology.errors import InputError
from cosmology.models.exodus_sectors import WithHiddenBath, check_states
from cosmology.particle_input import checked_positive
from cosmology.thermodynamics import STATISTICS, _entropy, _hubble, _time_dilation

COEFFICIENT = 135 * np.sqrt(90) / (8 * np.pi**4)
"""float : 1.643 of C_FI, with the reduced Planck mass; 0.328 with the one that is not reduced."""

START, END = 1e-3, 60.0
"""float : x = m_B/T between which B is followed; 1e-9 of the yield is made before, nothing after."""

_PANELS_PER_FOLD = 24
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(5)
_QUANTUM_NODES = 160
_FARTHEST = 7.0  # root of the kinetic energy over T


def freeze_in_coefficient(g_rho, g_s=None, states=1.0):
    """C_FI of Hall, March-Russell & West (2010), Eq. (1.1): 1.643 g_B/(g_s sqrt(g_rho)), float."""
    g_s = checked_positive(g_rho if g_s is None else g_s, "dimensionless", "g_s")
    return COEFFICIENT * check_states(states) / (g_s * np.sqrt(checked_positive(g_rho, "dimensionless", "g_rho")))


def closed_form_yield(width, mass, g_rho, g_s=None, states=1.0):
    """Yield for constant g and a hot start, C_FI M_r Gamma/m_B^2 per particle B: Eq. (1.1), float or ndarray."""
    m, rate = checked_positive(mass, "mass", "mass"), checked_positive(width, "width", "width")
    return freeze_in_coefficient(g_rho, g_s, states) * constants.REDUCED_PLANCK_MASS * rate / m**2


def closed_form_density(relic_mass, width, mass, g_rho, g_s=None, states=1.0):
    r"""Density today, :math:`\Omega h^2 = 1.10\cdot10^{27} g_B m_X\Gamma/(g_s\sqrt{g_\rho}m_B^2)`.

    Hall, March-Russell & West (2010), Eq. (1.2), which has 1.09 and no g_B; with entropy and critical density of today.
    """
    return relic.omega_h2(relic_mass, closed_form_yield(width, mass, g_rho, g_s, states))


def freeze_in_yield(
    width,
    mass,
    states=1.0,
    *,
    statistics="boltzmann",
    reheating_temperature=None,
    temperature_ratio=0.0,
    hidden_g_star=0.0,
    g_star=DEFAULT,
):
    """Yield of X per particle B by quadrature of the collision integral, with the real g*(T).

    Parameters
    ----------
    width : Quantity [width], any shape
        Of B to final states with X, at rest.
    mass : Quantity [mass]
        m_B, one value.
    states, statistics, reheating_temperature, temperature_ratio, hidden_g_star, g_star
        See `CollisionIntegral`.

    Returns
    -------
    float or ndarray, shape of `width`
    """
    integral = CollisionIntegral(
        mass,
        states,
        statistics=statistics,
        reheating_temperature=reheating_temperature,
        temperature_ratio=temperature_ratio,
        hidden_g_star=hidden_g_star,
        g_star=g_star,
    )
    return checked_positive(width, "width", "width") * integral.total


class CollisionIntegral:
    r"""Freeze-in by decays of one B along x = m_B/T, per width.

    Decays to massless l, in the visible bath, and X, in a hidden bath of T' = xi T, are undone by inverse decays. Their
    rate follows from the same integral over momenta: the weight :math:`e^{-E_l/T-E_X/T'}` depends on one time-like
    vector of length :math:`1/\sqrt{TT'}`, so that with Boltzmann statistics

    .. math:: \frac{dn}{dt} + 3Hn = \frac{g_B m_B^2\Gamma}{2\pi^2}
        \left[T K_1(m_B/T) - \sqrt{TT'}\,K_1(m_B/\sqrt{TT'})\right],

    which vanishes at xi = 1; for constant g and xi it multiplies the yield by :math:`1 - \xi^{5/2}`. (Our derivation;
    the paper has xi = 0.)

    Parameters
    ----------
    mass : Quantity [mass]
        m_B.
    states : float
        g_B, of the particle alone.
    statistics : {"boltzmann", "fermi", "bose"}
        Of B. The last two multiply a yield for constant g by (15/16) zeta(5) = 0.972 and zeta(5) = 1.037.
    reheating_temperature : Quantity [temperature], optional
        Of a bath that appears at once; hot enough if not given. B is in equilibrium from then on.
    temperature_ratio : float
        xi = T'/T, from 0 to 1: a filled hidden bath. 0 is the empty one of freeze-in.
    hidden_g_star : float
        Degrees of freedom of the hidden bath, whose energy then counts in the expansion.
    end : float
        Last x.
    stops : sequence of Quantity [temperature]
        Visible temperatures at which a step is to end, so that histories are known there without interpolation.
    g_star : str or DegreesOfFreedom
        Of the visible bath.

    Attributes
    ----------
    x : ndarray (n + 1,)
        Ends of the steps.
    source : ndarray (n,)
        What each step makes, per width [1/GeV].
    made : ndarray (n + 1,)
        Its sum up to x.
    total : float
        All of it.

    Raises
    ------
    InputError
        A start when all B are gone, statistics that are not known or do not go with a filled hidden bath, or
        temperatures at which g* is not known.
    """

    def __init__(
        self,
        mass,
        states=1.0,
        *,
        statistics="boltzmann",
        reheating_temperature=None,
        temperature_ratio=0.0,
        hidden_g_star=0.0,
        end=END,
        stops=(),
        g_star=DEFAULT,
    ):
        self.mass = _one(mass, "mass", "mass")
        self.states = check_states(states)
        if statistics not in STATISTICS:
            raise InputError(f"statistics = {statistics!r}; allowed: {', '.join(map(repr, STATISTICS))}")
        self.statistics = statistics
        ratio = units.to_internal(temperature_ratio, "dimensionless", "temperature_ratio")
        if np.ndim(ratio) or not 0 <= ratio <= 1:
            raise InputError(f"temperature_ratio = {temperature_ratio}; T'/T is one number from 0 to 1")
        if ratio > 0 and statistics != "boltzmann":
            raise InputError(
                f"statistics = {statistics!r}; inverse decays of a filled hidden bath, temperature_ratio = {ratio:g}, "
                "are known with statistics = 'boltzmann' only"
            )
        self.temperature_ratio = float(ratio)
        self.dof = _with_hidden(degrees_of_freedom(g_star), hidden_g_star, self.temperature_ratio)
        self.x = self._grid(reheating_temperature, end, stops)
        self.source = self._over_steps(self._rate)
        self.made = np.concatenate([[0.0], np.cumsum(self.source)])
        self.total = float(self.made[-1])

    @property
    def temperature(self):
        """Visible temperatures at the ends of steps, Quantity (n + 1,)."""
        return units.attach(self.mass / self.x, "temperature")

    def share(self, first, last):
        """Share of the yield that is made between two x: 0.58 between 2 and 5 for constant g; float."""
        early, late = self._made_at(max(first, self.x[0])), self._made_at(min(last, self.x[-1]))
        return float(max(late - early, 0.0) / self.total)

    def share_above(self, temperature):
        """Share of the yield that is made above a visible temperature, float."""
        return self.share(self.x[0], self.mass / _one(temperature, "temperature", "temperature"))

    def step_rates(self, width):
        """Mean number of e-folds by which a resting number with this width [GeV] falls in each step, ndarray (n,)."""
        return width * self._over_steps(lambda x: self._time(x) * kve(1, x) / kve(2, x))

    def energy(self):
        r"""Energy given to X per width, over the visible T^4, at the end of each step: ndarray (n + 1,) [1/GeV].

        Half the energy of every B that decays to massless bodies,
        :math:`d\rho/dt + 4H\rho = \frac12 m_B\Gamma n_B`, diluted like the fourth power of a scale factor that
        goes with the real g_s.
        """
        over = lambda x: self._time(x) * self.states * x**3 * kve(2, x) * np.exp(-x) / (4 * np.pi**2)  # noqa: E731
        scale = lambda x: self.dof._g_s(self.mass / x) ** (-4 / 3)  # noqa: E731
        per_step = self._over_steps(lambda x: over(x) * scale(x))
        summed = np.concatenate([[0.0], np.cumsum(per_step)])
        return summed / scale(self.x)

    def _grid(self, reheating_temperature, end, stops):
        first = max(START, self.mass / self.dof._highest)
        if reheating_temperature is not None:
            hot = _one(reheating_temperature, "temperature", "reheating_temperature")
            if self.mass / hot >= END / 2:
                raise InputError(
                    f"reheating_temperature = {hot:.4g} GeV; the bath holds no B of {self.mass:.4g} GeV: it has to be "
                    f"above {self.mass / (END / 2):.4g} GeV"
                )
            first = max(first, self.mass / hot)
        self.dof._require(np.array([self.mass / first, self.mass / end]), "visible temperature")
        ends = np.log([first, end])
        grid = np.exp(np.linspace(*ends, int(np.ceil(_PANELS_PER_FOLD * (ends[1] - ends[0]))) + 1))
        wanted = (self.mass / _one(one, "temperature", "stops") for one in stops)
        return np.union1d(grid, [x for x in wanted if grid[0] < x < grid[-1]])

    def _made_at(self, x):
        """What is made up to any x: the sum over whole steps, and the quadrature of what is left."""
        i = min(max(int(np.searchsorted(self.x, x, side="right")) - 1, 0), len(self.source) - 1)
        half = np.log(x / self.x[i]) / 2
        return self.made[i] + half * np.sum(_WEIGHTS * self._rate(self.x[i] * np.exp(half * (_NODES + 1))))

    def _over_steps(self, function):
        """Integral of a function of x over ln x, in each step."""
        log_x = np.log(self.x)
        half = np.diff(log_x)[:, None] / 2
        x = np.exp(log_x[:-1, None] + half * (_NODES + 1))
        return np.sum(half * _WEIGHTS * function(x.ravel()).reshape(x.shape), axis=1)

    def _time(self, x):
        hot = self.mass / x
        return _time_dilation(hot, self.dof) / _hubble(hot, self.dof)

    def _rate(self, x):
        """dY/d ln x per width [1/GeV]."""
        number = self.states / (2 * np.pi**2) * (self.mass / x) ** 3 * x**2 * self._k1(x)
        return number * self._time(x) / _entropy(self.mass / x, self.dof)

    def _k1(self, x):
        """K_1(x) of the decays less the inverse ones, with the statistics of B."""
        if self.statistics != "boltzmann":
            return _quantum_k1(x, -1.0 if self.statistics == "fermi" else 1.0)
        decays = kve(1, x) * np.exp(-x)
        if self.temperature_ratio == 0:
            return decays
        root = np.sqrt(self.temperature_ratio)
        return decays - root * kve(1, x / root) * np.exp(-x / root)


def statistics_factor(statistics):
    """Yield with the statistics of B over that with Boltzmann's, for constant g and a hot start, float."""
    zeta_5 = 1.0369277551433699
    factors = {"boltzmann": 1.0, "bose": zeta_5, "fermi": 15 / 16 * zeta_5}
    if statistics not in factors:
        raise InputError(f"statistics = {statistics!r}; allowed: {', '.join(map(repr, factors))}")
    return factors[statistics]


def _quantum_k1(x, sign):
    r"""The sum of :math:`(\pm1)^{k+1}K_1(kx)/k` as the integral it comes from, in the root of the kinetic energy."""
    node, weight = np.polynomial.legendre.leggauss(_QUANTUM_NODES)
    # nodes crowd at the threshold, where Bose particles crowd
    root = _FARTHEST * ((node + 1) / 2) ** 2
    weight = weight * _FARTHEST * (node + 1) / 2
    x = np.asarray(x)[:, None]
    momentum = root * np.sqrt(root**2 + 2 * x)
    occupied = 1 / (np.exp(np.minimum(x + root**2, 700.0)) - sign)
    return np.sum(weight * 2 * root * momentum * occupied, axis=1) / x[:, 0]


def _with_hidden(dof, hidden_g_star, ratio):
    hidden = units.to_internal(hidden_g_star, "dimensionless", "hidden_g_star")
    if np.ndim(hidden) or hidden < 0:
        raise InputError(f"hidden_g_star = {hidden_g_star}; it is one number, 0 or more")
    return WithHiddenBath(dof, float(hidden) * ratio**4) if hidden > 0 and ratio > 0 else dof


def _one(value, dimension, name):
    size = checked_positive(value, dimension, name)
    if np.ndim(size):
        raise InputError(f"{name} = {value}; one value is needed")
    return size
