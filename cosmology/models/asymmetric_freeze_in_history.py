r"""Yields of X along time: with inverse decays, and with the mediator itself followed.

**Inverse decays.** With :math:`\sigma = d(Y_X + Y_{\bar X})/d\ln x` of decays and r the ratio of inverse decays at the
temperature of X to decays,

.. math:: \frac{dY}{d\ln x} = \sigma\left(1 - \frac{rY}{2Y_\mathrm{eq}}\right), \qquad
    \frac{d\eta}{d\ln x} = \epsilon\sigma - \frac{\sigma}{2}\,\frac{r\eta}{Y_\mathrm{eq}} .

**What unitarity leaves.** Hall, March-Russell & West (2010) count decays of B. CP violation in them needs visible
states V to which B decays too, and V makes X by scattering, B on shell left out. Unitarity and CPT fix the CP asymmetry
of that scattering: where B and V are in equilibrium it cancels that of the decays (Hook 2011, arXiv:1105.3728). To
leading order in the portal what remains is

.. math:: \frac{d\eta}{d\ln x} = \epsilon\,\frac{J\Gamma}{H}\frac{K_1}{K_2}\,(Y_B - Y_B^\mathrm{eq}), \qquad
    \frac{dY_B}{d\ln x} = -\frac{J\Gamma_t}{H}\frac{K_1}{K_2}\,(Y_B - Y_B^\mathrm{eq}),

with Gamma_t the total width. The second is the first but for a factor, so (our derivation, for any g*)

.. math:: \eta = \epsilon\,\frac{\Gamma}{\Gamma_t}\,\left[Y_B(\mathrm{start}) - Y_B(\mathrm{end})\right] .

What counts is B per entropy times a branching ratio, whatever the expansion. With gauge decays, Gamma_t of about a GeV,
the asymmetries of the paper shrink by some H/Gamma_t, 1e-13. They are of their size only if B is hardly coupled to
anything and leaves equilibrium (Unwin 2014, arXiv:1406.3027). Annihilation of B, which is left out, keeps it in
equilibrium longer, so this is an upper end.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from scipy.special import kve

from cosmology.degrees_of_freedom import DEFAULT, degrees_of_freedom
from cosmology.errors import InputError
from cosmology.models.asymmetric_freeze_in_rates import END, CollisionIntegral
from cosmology.thermodynamics import _RADIATION_ONLY, _equilibrium_density, _hubble

PARTICLES = ("particles", "asymmetry")


@dataclass(frozen=True)
class FreezeInHistory:
    """Yields along x.

    Attributes
    ----------
    x : ndarray (n,)
        m_B/T.
    temperature : Quantity (n,)
        Visible.
    yields : mapping of str to ndarray (n,)
        ``"particles"``, X and anti-X together; ``"asymmetry"``, X less anti-X; ``"mediator"``, B, where followed.
    """

    x: np.ndarray
    temperature: object
    yields: Mapping

    def __post_init__(self):
        object.__setattr__(self, "yields", MappingProxyType(dict(self.yields)))

    def __reduce__(self):
        return type(self), (self.x, self.temperature, dict(self.yields))

    @property
    def final(self):
        """Dict of the yields at the end."""
        return {name: float(values[-1]) for name, values in self.yields.items()}


def decay_history(mediator, *, relic_states=2.0, inverse_decays="none", integral=None, **bath):
    """Yields of X by decays of one kind of B, as in the paper.

    Parameters
    ----------
    mediator : Mediator
        With an epsilon.
    relic_states : float
        g_X, for inverse decays.
    inverse_decays : {"none", "same temperature"}
        Left out, or by X with the visible temperature, which is more than there are of a colder X.
    integral : CollisionIntegral, optional
        If it is known already.
    **bath
        `reheating_temperature`, `hidden_g_star`, `temperature_ratio`, `stops`, `g_star`; see `CollisionIntegral`.

    Returns
    -------
    FreezeInHistory
    """
    if inverse_decays not in INVERSE_DECAYS:
        raise InputError(f"inverse_decays = {inverse_decays!r}; allowed: {', '.join(map(repr, INVERSE_DECAYS))}")
    integral = collisions(mediator, **bath) if integral is None else integral
    epsilon = _epsilon(mediator)
    source = mediator.particles * mediator.width.to_value("GeV") * integral.source
    hot = integral.mass / integral.x
    if inverse_decays == "none":
        made = np.concatenate([[0.0], np.cumsum(source)])
        return FreezeInHistory(integral.x, integral.temperature, {"particles": made, "asymmetry": epsilon * made})
    full = _equilibrium_density(hot, 0.0, relic_states) / _entropy_of(integral, hot)
    loss = source / (full[1:] + full[:-1])  # sigma/(2 Y_eq), of both yields
    made, net = _relax(loss, source), _relax(loss, epsilon * source)
    return FreezeInHistory(integral.x, integral.temperature, {"particles": made, "asymmetry": net})


INVERSE_DECAYS = ("none", "same temperature")
"""tuple of str : ways to count inverse decays."""


def unitary_history(mediator, visible_width, *, integral=None, **bath):
    """Yields of X with B followed and with the scattering that unitarity demands.

    Parameters
    ----------
    mediator : Mediator
        With an epsilon. B starts in equilibrium.
    visible_width : float
        Of B to visible states [GeV], 0 for none.
    integral : CollisionIntegral, optional
    **bath
        See `decay_history`.

    Returns
    -------
    FreezeInHistory
        ``"particles"`` are those of decays of the B that are there.
    """
    integral = collisions(mediator, visible_width=visible_width, **bath) if integral is None else integral
    width = mediator.width.to_value("GeV")
    total = width + visible_width
    x = integral.x
    hot = integral.mass / x
    rest = mediator.states / (2 * np.pi**2) * hot**3 * x**2 * kve(2, x) * np.exp(-x) / _entropy_of(integral, hot)
    passed = integral.step_rates(total)
    yield_b = _follow(passed, rest)
    portal = mediator.particles * width / total
    net = _epsilon(mediator) * portal * (yield_b[0] - yield_b)
    # decays of the B that are there: passed times Y_B, integrated; the mean of a step is exact where B is at rest in Y
    made = portal * np.concatenate([[0.0], np.cumsum(passed * (yield_b[1:] + yield_b[:-1]) / 2)])
    return FreezeInHistory(x, integral.temperature, {"particles": made, "asymmetry": net, "mediator": yield_b})


def unitary_asymmetry(mediator, visible_width, *, integral=None, **bath):
    """Asymmetry of X in the end of `unitary_history`: epsilon Gamma/Gamma_t times B per entropy at the start, float.

    `unitary_history` gives it along x.
    """
    integral = collisions(mediator, **bath) if integral is None else integral
    width = mediator.width.to_value("GeV")
    x = integral.x[:1]
    hot = integral.mass / x
    start = _equilibrium_density(hot, integral.mass, mediator.states) / _entropy_of(integral, hot)
    return float(_epsilon(mediator) * mediator.particles * width / (width + visible_width) * start[0])


def collisions(mediator, *, visible_width=None, **bath):
    """The `CollisionIntegral` of a mediator in a bath; up to where it has decayed if its visible width [GeV] is given.

    Raises
    ------
    InputError
        It lives beyond the radiation era.
    """
    end = END
    if visible_width is not None:
        mass, total = mediator.mass.to_value("GeV"), mediator.width.to_value("GeV") + visible_width
        slowest = _hubble(mass, degrees_of_freedom(bath.get("g_star", DEFAULT)))  # g* only falls later
        end = max(END, float(np.sqrt(2 * _LIFETIMES * slowest / total)))
        if mass / end < _RADIATION_ONLY:
            raise InputError(
                f"width = {mediator.width:.3g}, visible_width = {visible_width:.3g} GeV; the mediator decays after the "
                "radiation era: a larger width is needed"
            )
    return CollisionIntegral(mediator.mass, mediator.states, statistics=mediator.statistics, end=end, **bath)


_LIFETIMES = 40.0


def _epsilon(mediator):
    if mediator.epsilon is None:
        raise InputError("epsilon: missing; the mediator's CP asymmetry is needed, like 1e-3")
    return mediator.epsilon


def _entropy_of(integral, hot):
    return 2 * np.pi**2 / 45 * integral.dof._g_s(hot) * hot**3


def _relax(loss, source):
    """Solution of y' = source - loss y from 0, constant in each step: exact for constant Y_eq."""
    kept, mean = np.exp(-loss), _mean_kept(loss)
    values = np.zeros(len(loss) + 1)
    for i in range(len(loss)):
        values[i + 1] = values[i] * kept[i] + source[i] * mean[i]
    return values


def _follow(passed, rest):
    """Solution of y' = -(y - rest) per e-fold from equilibrium, for `rest` exponential in each step: exact for both."""
    kept, safe = np.exp(-passed), np.maximum(rest, np.finfo(float).tiny)
    falls = np.log(safe[1:] / safe[:-1])
    faster = passed + falls  # the smaller of two exponents in front, so that nothing overflows
    moved = falls * rest[:-1] * np.exp(np.maximum(falls, -passed)) * _mean_kept(np.abs(faster))
    excess = np.zeros(len(rest))
    for i in range(len(passed)):
        excess[i + 1] = excess[i] * kept[i] - moved[i]
    return rest + excess


def _mean_kept(loss):
    """(1 - exp(-loss))/loss."""
    safe = np.maximum(loss, 1e-8)
    return np.where(loss > 1e-8, -np.expm1(-safe) / safe, 1 - loss / 2)
