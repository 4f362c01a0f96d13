r"""Dark protons that are left when dark nuclei could form, by Born rates of all six weak reactions.

The criterion of Bodas, Buen-Abad, Hook & Sundrum (2024), Eq. (39), compares a lifetime with an expansion time; what
decides whether there is atomic dark matter is the share :math:`X = n_{p'}/(n_{p'}+n_{n'})` that is left,

.. math:: \frac{dX}{dt} = -\lambda X + \lambda e^{-\Delta/T'}(1 - X), \qquad
    \lambda = \frac1{\tau f_p(q)}\int_{|\epsilon|>1}\!\epsilon\,p\,(\epsilon-q)^2
    \,\mathrm{(distributions)}\,d\epsilon .

Dark leptons, neutrinos included, have the temperature T'. The equation is linear: a step with constant rate is exact.
With visible values the same code gives the neutrons of primordial nucleosynthesis. Numbers are in powers of GeV.
"""

import numpy as np

from cosmology.models.z2_hadrons import phase_space
from cosmology.models.z2_inputs import ELECTRON_MASS, NEUTRON_LIFETIME, NUCLEON_SPLITTING
from cosmology.thermodynamics import _hubble, _time_dilation

LARGEST_SHARE = 0.1
"""float : of dark atoms in dark matter that may remain."""
_REST = 1 / (NEUTRON_LIFETIME * phase_space(NUCLEON_SPLITTING / ELECTRON_MASS) * ELECTRON_MASS**5)
_NODE, _WEIGHT = np.polynomial.legendre.leggauss(48)
_STEPS = 1000
_EARLY = 300.0  # splittings at which the equation starts
_WIDE = 45.0


def born_rate(temperature, splitting, electron_mass, strength):
    r"""Rate at which the heavier nucleon turns into the lighter, all else in equilibrium at one temperature [GeV].

    Parameters
    ----------
    temperature : ndarray (n,)
        [GeV].
    splitting, electron_mass : float
        [GeV].
    strength : float
        :math:`1/\tau f_p`, the rate per unit of phase space in units of the electron's mass [GeV].
    """
    t = np.asarray(temperature, dtype=float)[:, None] / electron_mass
    q = splitting / electron_mass
    # capture of an electron's antiparticle: energies above its mass
    total = _panel(np.ones_like(t), 1 + _WIDE * t, t, lambda e: (e + q) ** 2 * _fermi(e / t) * _fermi(-(e + q) / t))
    # capture of a neutrino
    start = np.maximum(q, 1.0) * np.ones_like(t)
    total += _panel(start, start + _WIDE * t, t, lambda e: (e - q) ** 2 * _fermi((e - q) / t) * _fermi(-e / t))
    if q > 1:
        ends = np.ones_like(t), q * np.ones_like(t)
        total += _panel(*ends, t, lambda e: (q - e) ** 2 * _fermi(-e / t) * _fermi(-(q - e) / t))
    return strength * total


def _panel(start, end, t, rest):
    """Integral of e p times the rest, in the root of the distance from the start: smooth at threshold."""
    s = (_NODE + 1) / 2
    energy = start + (end - start) * s**2
    momentum = np.sqrt(np.maximum(energy**2 - 1, 0.0))
    return np.sum(_WEIGHT * s * energy * momentum * rest(energy), axis=-1) * (end - start)[:, 0]


def _fermi(x):
    return 1 / (np.exp(np.minimum(x, 700.0)) + 1)


def remaining_protons(last, splitting, electron_mass, strength, dof, temperature_ratio):
    r"""Share X of the heavier nucleons at a temperature of their own bath.

    Parameters
    ----------
    last : float
        T' [GeV].
    splitting, electron_mass : float
        Of the heavier from the lighter nucleon, and the electron's mass [GeV].
    strength : float
        See `born_rate`, `dark_strength`.
    dof : DegreesOfFreedom
        Of both baths, in units of the visible temperature.
    temperature_ratio : float
        xi = T'/T, taken as constant.

    Returns
    -------
    float
    """
    # where both nucleons are as many, to 1e-3, it does not matter whether they still turn into each other
    first = max(_EARLY * splitting, 20 * last, 5e-3)
    log_t = np.linspace(np.log(first), np.log(last), _STEPS + 1)
    middle = np.exp((log_t[1:] + log_t[:-1]) / 2)
    visible = middle / temperature_ratio
    per_step = _time_dilation(visible, dof) / _hubble(visible, dof) * -np.diff(log_t)
    down = born_rate(middle, splitting, electron_mass, strength) * per_step
    boost = np.exp(-splitting / middle)
    rest, fall = boost / (1 + boost), np.exp(-np.minimum(down * (1 + boost), 700.0))
    share = 1 / (1 + np.exp(splitting / first))
    for equilibrium, kept in zip(rest, fall, strict=True):
        share = equilibrium + (share - equilibrium) * kept
    return float(share)


def dark_strength(scale, electron_mass):
    r"""Rate per unit of phase space in a dark sector [GeV], :math:`\propto G_F'^2m_{e'}^5`, with G_F' like 1/v'^2."""
    return _REST * electron_mass**5 / scale**4
