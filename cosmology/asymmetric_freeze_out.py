r"""Asymmetric freeze-out: how many antiparticles survive next to a conserved particle asymmetry.

Yields Y+ and Y- of particle and antiparticle, asymmetry A = Y+ - Y-, ratio r = Y-/Y+ in the end. Two things can be
asked, with either of two closures of the system:

==========================  ==========================================  =========================================
closure                     `freeze_out`: r from sigma                  `required_sigma_v`: sigma from r
==========================  ==========================================  =========================================
`FixedAsymmetry`            A is given; the abundance follows           A is given; the abundance follows
`FixedAbundance`            A follows from Y+ + Y- = f Omega rho_c/ms   A = Y_tot (1 - r)/(1 + r); r = 1 is A = 0
==========================  ==========================================  =========================================
"""

from dataclasses import dataclass

import numpy as np

from cosmology import boltzmann, constants, relic, units
from cosmology.degrees_of_freedom import DEFAULT, degrees_of_freedom
from cosmology.errors import ConvergenceError, InputError
from cosmology.freeze_out_roots import amplitude_for_yield, asymmetry_for_total
from cosmology.riccati import END, START, PairAnnihilation
from cosmology.units import Quantity

SHAPES = {"s_wave": lambda x: np.ones_like(x), "p_wave": lambda x: 1 / x}
"""dict : name -> <sigma v>(x) over its amplitude. The p-wave form holds while the particles are in kinetic contact."""

_LEAST_CONTACT = 100.0  # annihilations per expansion time at the start; equilibrium is then true to a per cent
_NEGLIGIBLE = 1e-30  # of the asymmetry; fewer antiparticles are none
_ALLOWED_ERROR = 1e-3  # in the ratio, or in ln(ratio) where that is larger than 1


@dataclass(frozen=True)
class FixedAsymmetry:
    """The asymmetry is known, for instance because it was made together with the baryon asymmetry.

    Parameters
    ----------
    asymmetry : float or array
        A = Y+ - Y-, not negative: call the more abundant one the particle.
    """

    asymmetry: float


@dataclass(frozen=True)
class FixedAbundance:
    """Particles and antiparticles together are a given share of the dark matter.

    Parameters
    ----------
    share : float or array
        f, share of the dark matter's mass: 1/2 for one of two species of equal masses and asymmetries.
    omega_h2 : float
        Density of all dark matter.
    """

    share: float = 1.0
    omega_h2: float = constants.DARK_MATTER_OMEGA_H2


@dataclass(frozen=True)
class AsymmetricRelic:
    """What a freeze-out left. Arrays have the common shape of the arguments.

    Attributes
    ----------
    mass : Quantity [mass]
    sigma_v : Quantity [volume/time]
        Amplitude of <sigma v>, of one particle with one antiparticle.
    ratio : float or ndarray
        r = Y-/Y+ in the end.
    asymmetry, particle_yield, antiparticle_yield : float or ndarray
        A = Y+ - Y-, Y+, Y-.
    omega_h2 : float or ndarray
        Of particles and antiparticles together.
    shape : str
        Dependence of <sigma v> on x.
    g : float
        Internal states of the particle, and of its antiparticle.
    g_star : str
        Degrees of freedom that were used.
    """

    mass: Quantity
    sigma_v: Quantity
    ratio: float
    asymmetry: float
    particle_yield: float
    antiparticle_yield: float
    omega_h2: float
    shape: str
    g: float
    g_star: str


def freeze_out(mass, sigma_v, closure, *, shape="s_wave", g=2.0, g_star=DEFAULT):
    r"""Antiparticles left by annihilation of a given strength.

    Solves (Graesser, Shoemaker & Vecchi 2011, arXiv:1103.2771, with the running of g_s)

    .. math:: \frac{dY_-}{dx} = -\frac{s\,(1 + \frac13 d\ln g_s/d\ln T)}{Hx}\langle\sigma v\rangle
        \left[Y_-(Y_- + A) - Y_\mathrm{eq}^2\right], \qquad Y_\mathrm{eq} = \frac{45 g x^2K_2(x)}{4\pi^4 g_s}

    from equilibrium at x = m/T = 1 to the end of annihilations.

    Parameters
    ----------
    mass : Quantity [mass], any shape
    sigma_v : Quantity [volume/time], any shape
        Amplitude of <sigma v>, for one particle with one antiparticle.
    closure : FixedAsymmetry or FixedAbundance
    shape : {"s_wave", "p_wave"} or callable
        <sigma v>/`sigma_v` as a function of an array of x: 1, 1/x, or any.
    g : float
        Internal states of the particle; 2 for a Dirac fermion.
    g_star : str or DegreesOfFreedom

    Returns
    -------
    AsymmetricRelic

    Raises
    ------
    InputError
        Values without meaning, temperatures outside the range of g*, annihilation too weak for equilibrium at x = 1,
        or with `FixedAbundance` too weak for the abundance even without asymmetry.
    ConvergenceError
        Half as many steps give another answer, or annihilation never ends.

    Notes
    -----
    Numerical error, against an adaptive implicit solution: at most 2e-4 of r, and 5e-5 of ln r where r is small. Ratios
    below 1e-30 are given as they come. What limits the answer is g*: the two sets differ by up to 1 per cent in the
    sigma_v that is needed between 1 and 100 GeV, and by 3 per cent in r. The time goes with the number of points and,
    1 ms each, with the number of different masses.
    """
    problem = _Problem(mass, sigma_v, "sigma_v", "sigma_v", closure, shape, g, g_star)
    sigma, which = problem.second, problem.which
    if isinstance(closure, FixedAsymmetry):
        asymmetry = problem.closing
        rare = problem.solver.antiparticle_yield(sigma, asymmetry, which)
    else:
        asymmetry, rare = asymmetry_for_total(problem.solver, problem.which, problem.closing, sigma)
    return problem.result(sigma, asymmetry, rare)


def required_sigma_v(mass, ratio, closure, *, shape="s_wave", g=2.0, g_star=DEFAULT):
    """Strength of annihilation that leaves a given ratio of antiparticles to particles.

    Parameters
    ----------
    mass : Quantity [mass], any shape
    ratio : float or array
        r = Y-/Y+ in the end, not below 1e-30. 1 means no asymmetry, which `FixedAbundance` allows.
    closure, shape, g, g_star
        See `freeze_out`.

    Returns
    -------
    AsymmetricRelic
        With the amplitude in `sigma_v`.

    Raises
    ------
    InputError, ConvergenceError
        See `freeze_out`.
    """
    problem = _Problem(mass, ratio, None, "ratio", closure, shape, g, g_star)
    ratio = problem.second
    if np.any(ratio < _NEGLIGIBLE):
        raise InputError(
            f"ratio = {ratio.min():g}; below {_NEGLIGIBLE:g} antiparticles are none, and the answer is lost"
        )
    if isinstance(closure, FixedAsymmetry):
        if np.any(problem.closing <= 0) or np.any(ratio >= 1):
            raise InputError("with a fixed asymmetry, it must be positive and the ratio below 1; r = 1 means A = 0")
        asymmetry = problem.closing
        rare = asymmetry * ratio / (1 - ratio)
    else:
        asymmetry = problem.closing * (1 - ratio) / (1 + ratio)
        rare = problem.closing * ratio / (1 + ratio)
    sigma = amplitude_for_yield(problem.solver, problem.which, asymmetry, rare)
    return problem.result(sigma, asymmetry, rare)


def freeze_out_history(mass, sigma_v, asymmetry, *, shape="s_wave", g=2.0, g_star=DEFAULT, x_end=1e4, rtol=1e-8):
    """Yields of particle and antiparticle along x = m/T, by the general Boltzmann driver.

    The same equation as in `freeze_out`, solved in ln Y-; Y+ is Y- + A.

    Parameters
    ----------
    mass : Quantity [mass]
    sigma_v : Quantity [volume/time]
    asymmetry : float
    shape, g, g_star
        See `freeze_out`.
    x_end : float
        Where to stop. Annihilation still lowers r by 5 per cent after 1e3 and 0.5 per cent after 1e4 (r = 0.01).
    rtol : float

    Returns
    -------
    YieldHistory
        Of "antiparticle", "particle" and "equilibrium".

    Raises
    ------
    InputError, ConvergenceError
    """
    dof = degrees_of_freedom(g_star)
    profile, _ = _shape(shape)
    mass = _positive(units.to_internal(mass, "mass", "mass"), "mass")
    sigma = _positive(units.to_internal(sigma_v, "sigma_v", "sigma_v"), "sigma_v")
    if np.ndim(mass) or np.ndim(sigma) or not (np.isscalar(asymmetry) and 0 <= asymmetry < 1):
        raise InputError(
            f"mass = {mass}, sigma_v = {sigma}, asymmetry = {asymmetry}; one point at a time, A from 0 to 1"
        )
    dof._require(np.array([mass / START, mass / x_end]), "mass/x")
    masses = np.array([mass])

    def coefficients(x):
        rate, equilibrium = PairAnnihilation._coefficients(np.atleast_1d(x), masses, profile, g, dof)
        return rate[:, 0] * sigma, equilibrium[:, 0]

    def rhs(x, yields):
        rate, equilibrium = coefficients(x)
        return -rate * (yields * (yields + asymmetry) - equilibrium**2)

    start = coefficients(START)[1][0]
    start = start**2 / (asymmetry / 2 + np.hypot(asymmetry / 2, start))
    history = boltzmann.evolve(rhs, {"antiparticle": start}, (START, x_end), rtol=rtol, g_star=dof.label)
    rare = history.yields["antiparticle"]
    return history.with_yields(particle=rare + asymmetry, equilibrium=coefficients(history.x)[1])


def analytic_ratio(mass, sigma_v, asymmetry, x_f, *, shape="s_wave", g_star=DEFAULT):
    r"""Closed estimate of r, for cross-checks only: it depends exponentially on the guess of x_f.

    .. math:: r = e^{-Aw}, \qquad w = \frac{4\pi}{\sqrt{90}}\,m M_\mathrm{Pl}\sqrt{g_*}
        \left(\frac{a}{x_f} + \frac{3b}{x_f^2}\right), \qquad \langle\sigma v\rangle = a + 6b/x

    (Iminniyaz, Drees & Chen 2011, arXiv:1104.5548; reduced Planck mass), with
    g_rho at x_f for g*, as if g_s were the same.

    Parameters
    ----------
    mass : Quantity [mass]
    sigma_v : Quantity [volume/time]
        a for the s-wave, 6b for the p-wave.
    asymmetry : float
    x_f : float
        m/T at freeze-out.
    shape : {"s_wave", "p_wave"}
    g_star : str or DegreesOfFreedom

    Returns
    -------
    float or ndarray
    """
    if shape not in SHAPES:
        raise InputError(f"shape = {shape!r}; the closed form exists for {', '.join(SHAPES)}")
    dof = degrees_of_freedom(g_star)
    mass = units.to_internal(mass, "mass", "mass")
    sigma = units.to_internal(sigma_v, "sigma_v", "sigma_v")
    for name, one in (("mass", mass), ("sigma_v", sigma), ("x_f", x_f)):
        _positive(np.asarray(one, dtype=float), name)
    if np.any(np.asarray(asymmetry) < 0):
        raise InputError(f"asymmetry = {asymmetry}; Y+ - Y- is not negative: call the more abundant one the particle")
    temperature = dof._require(mass / np.asarray(x_f, dtype=float), "mass/x_f")
    root_g = np.sqrt(dof._g_rho(temperature))
    reach = sigma / x_f if shape == "s_wave" else sigma / (2 * np.asarray(x_f) ** 2)
    w = 4 * np.pi / np.sqrt(90) * mass * constants.REDUCED_PLANCK_MASS * root_g * reach
    return np.exp(-asymmetry * w)


class _Problem:
    """Checked arguments, flattened and matched to each other; the table for their masses."""

    def __init__(self, mass, second, dimension, name, closure, shape, g, g_star):
        if not isinstance(closure, (FixedAsymmetry, FixedAbundance)):
            raise InputError(f"closure = {closure!r}; give FixedAsymmetry(A) or FixedAbundance(share)")
        if not (np.isscalar(g) and 0 < g < np.inf):
            raise InputError(f"g = {g!r}; a positive number of internal states is needed, like 2")
        self.dof, self.g = degrees_of_freedom(g_star), float(g)
        self.profile, self.shape_name = _shape(shape)
        mass = _positive(units.to_internal(mass, "mass", "mass"), "mass")
        second = units.to_internal(second, dimension, name) if dimension else np.asarray(second, dtype=float)
        second = _positive(second, name)
        if not dimension and np.any(np.asarray(second) > 1):
            raise InputError(f"ratio = {second}; it is rarer over more abundant, from 0 to 1")
        closing = _closing(closure, mass)
        mass, second, closing = np.broadcast_arrays(mass, second, closing)
        self.shape, self.mass = mass.shape, np.array(mass, dtype=float).ravel()
        self.second, self.closing = np.array(second, dtype=float).ravel(), np.array(closing, dtype=float).ravel()
        self.dof._require(np.array([self.mass.min() / END, self.mass.max() / START]), "mass/x")
        self.masses, self.which = np.unique(self.mass, return_inverse=True)
        self.solver = self._table(1.0)

    def _table(self, refine):
        return PairAnnihilation(self.masses, self.profile, self.g, self.dof, refine)

    def result(self, sigma, asymmetry, rare):
        """The record, after the checks that make its numbers worth giving."""
        contact = self.solver.contact(sigma, asymmetry, self.which)
        if np.any(contact < _LEAST_CONTACT):
            worst = int(np.argmin(contact))
            raise InputError(
                f"mass = {self.mass[worst]:.4g} GeV with sigma_v = {units.attach(sigma[worst], 'sigma_v'):.3g}: only "
                f"{contact[worst]:.3g} annihilations per expansion time at x = {START:g}, so it was never in "
                "equilibrium or left it while relativistic; that is not freeze-out of a cold relic"
            )
        coarse = self._table(0.5).antiparticle_yield(sigma, asymmetry, self.which)
        with np.errstate(divide="ignore", invalid="ignore"):
            # the method is of fourth order, so the fine answer is 15 times closer than this
            error = np.abs(np.log(coarse / rare)) / 15 / np.maximum(1, -np.log(rare / (rare + asymmetry)))
        error = np.where(np.maximum(coarse, rare) < _NEGLIGIBLE * asymmetry, 0.0, error)
        if not np.all(error < _ALLOWED_ERROR):
            worst = int(np.argmax(np.where(np.isnan(error), np.inf, error)))
            raise ConvergenceError(
                f"mass = {self.mass[worst]:.4g} GeV with sigma_v = {units.attach(sigma[worst], 'sigma_v'):.3g} leaves "
                f"a ratio near {rare[worst] / (rare[worst] + asymmetry[worst]):.3g} that changes with the step size; "
                "it is too small, or <sigma v>(x) too sharp, for this method. freeze_out_history follows one point"
            )
        common = rare + asymmetry
        values = {
            "ratio": rare / common,
            "asymmetry": asymmetry,
            "particle_yield": common,
            "antiparticle_yield": rare,
            "omega_h2": relic._omega_h2(self.mass, common + rare),
        }
        shaped = {name: _shaped(value, self.shape) for name, value in values.items()}
        return AsymmetricRelic(
            mass=units.attach(_shaped(self.mass, self.shape), "mass"),
            sigma_v=units.attach(_shaped(sigma, self.shape), "sigma_v"),
            shape=self.shape_name,
            g=self.g,
            g_star=self.dof.label,
            **shaped,
        )


def _closing(closure, mass):
    """A, or the total yield, as the closure says."""
    if isinstance(closure, FixedAsymmetry):
        asymmetry = np.asarray(closure.asymmetry, dtype=float)
        if not np.all((asymmetry >= 0) & (asymmetry < 1)):
            raise InputError(
                f"asymmetry = {asymmetry}; Y+ - Y- lies from 0 to 1: call the more abundant one the particle"
            )
        return asymmetry
    share = np.asarray(closure.share, dtype=float)
    if not np.all((share > 0) & (share <= 1)):
        raise InputError(f"share = {share}; the species' share of the dark matter lies between 0 and 1")
    return share * relic._total_yield(mass, closure.omega_h2)


def _shape(shape):
    """Function of an array of x, and its name."""
    if callable(shape):
        return shape, getattr(shape, "__name__", type(shape).__name__)
    if shape not in SHAPES:
        raise InputError(f"shape = {shape!r}; known are {', '.join(SHAPES)}, or a function of x = m/T")
    return SHAPES[shape], shape


def _positive(value, name):
    if not np.all((np.asarray(value) > 0) & np.isfinite(value)):
        raise InputError(f"{name} = {value}; it must be positive and finite")
    return value


def _shaped(values, shape):
    return values.reshape(shape) if shape else float(values[0])
