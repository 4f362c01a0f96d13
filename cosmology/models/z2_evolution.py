r"""Reheaton, two baths and the baryon-parents of both sectors, followed together until all have decayed.

In :math:`N = \ln a`, with entropies :math:`S = sa^3`, :math:`S' = s'a^3` in a comoving volume,

.. math::

    \frac{dS}{dN} = \frac{\mathrm{BR}\,\Gamma_R R + \Gamma_\chi m_\chi X}{HT}, \qquad
    \frac{dS'}{dN} = \frac{\mathrm{BR}'\,\Gamma_R R + \Gamma_{\chi'}m_{\chi'}X'}{HT'}, \qquad
    \frac{dt}{dN} = \frac1H ,

    3M_{Pl}^2H^2 = \rho(T) + \rho'(T') + (R + m_\chi X + m_{\chi'}X')/a^3 .

Since time is followed too, :math:`R = \rho_Ra^3`, :math:`X = n_\chi a^3` and the baryons made from X are exponentials
of it, exact however fast the decays are; so nothing is stiff. The start is equal entropies, of sectors that were in
contact when all was relativistic, with R as a relativistic relic (Bodas, Buen-Abad, Hook & Sundrum 2024, Eq. (13)).
Numbers are in powers of GeV.
"""

from dataclasses import dataclass

import numpy as np
from scipy.integrate import solve_ivp

from cosmology import constants, units
from cosmology.errors import ConvergenceError, InputError
from cosmology.models.z2_baths import bath
from cosmology.models.z2_inputs import RELATIVISTIC_SECTOR
from cosmology.models.z2_reheating import from_entropies
from cosmology.models.z2_reheaton import NUMBER_DENSITY, domination_temperature

_EMPTY = 45.0  # lifetimes after which nothing is left, e^-45
_EARLY = 40.0  # start, in domination temperatures
_BEGIN = 0.5  # time at the start, in expansion times of radiation; what decays before it is not followed
_COLDEST = 1e-9  # GeV; there it ends anyhow
_OVER = 20.0  # lifetimes that have to have passed by then
_RTOL = 1e-8


@dataclass(frozen=True)
class Parents:
    """Baryon-parents of one sector after their freeze-out.

    Parameters
    ----------
    mass : float
        [GeV].
    number : float
        n/s_tot.
    width : float
        [GeV].
    asymmetry : float
        Baryons per parent, epsilon_CP.
    """

    mass: float
    number: float
    width: float
    asymmetry: float


@dataclass(frozen=True)
class Evolution:
    """The history, arrays along N, [powers of GeV] with a = 1 at the start.

    Attributes
    ----------
    log_a, time, visible_temperature, dark_temperature : ndarray
    visible, dark, reheaton, visible_parents, dark_parents : ndarray
        Energy densities.
    dilution : float
        r_s, entropy of both sectors at the end over that at the start.
    entropy_ratio : float
        S'/S at the end.
    baryons, dark_baryons : float
        B/s at the end, s of the visible sector.
    equality_temperature : float
        Visible one when R last had the energy of all radiation; nan if it never had.
    """

    log_a: np.ndarray
    time: np.ndarray
    visible_temperature: np.ndarray
    dark_temperature: np.ndarray
    visible: np.ndarray
    dark: np.ndarray
    reheaton: np.ndarray
    visible_parents: np.ndarray
    dark_parents: np.ndarray
    dilution: float
    entropy_ratio: float
    baryons: float
    dark_baryons: float
    equality_temperature: float

    @property
    def delta_n_eff(self):
        """float : K (S'/S)^(4/3), which needs no knowledge of when anything annihilates later."""
        return from_entropies(self.entropy_ratio, 1.0)

    @property
    def baryons_per_entropy(self):
        """float : B over the entropy of both sectors."""
        return self.baryons / (1 + self.entropy_ratio)


def evolve_sectors(
    mass,
    visible_width,
    dark_width,
    visible_dof,
    dark_dof,
    *,
    parents=None,
    dark_parents=None,
    sector=RELATIVISTIC_SECTOR,
    start=None,
    entropy_ratio=1.0,
    longest_step=0.5,
):
    """Solve the equations.

    Parameters
    ----------
    mass, visible_width, dark_width : float
        Of R [GeV].
    visible_dof, dark_dof : DegreesOfFreedom
    parents, dark_parents : Parents, optional
    sector : float
        Degrees of freedom of one sector when R decoupled.
    start : float, optional
        Visible temperature [GeV]; 40 domination temperatures if not given.
    entropy_ratio : float
        S'/S at the start.
    longest_step : float
        In N, for fine curves.

    Returns
    -------
    Evolution

    Raises
    ------
    InputError
        Decays that are not over when the visible bath is as cold as 1 eV.
    ConvergenceError
        The solver did not reach the end.
    """
    width = visible_width + dark_width
    hot = _EARLY * domination_temperature(mass, 2 * sector) if start is None else start
    both = bath(visible_dof), bath(dark_dof)
    # equal since the sectors were in contact, hot enough for all particles of both: their temperatures may differ now
    visible = float(both[0].log_entropy(hot))
    first = [visible, visible + np.log(entropy_ratio)]
    entropies = np.exp(first)
    none = Parents(1.0, 0.0, 1.0, 0.0)
    families = [none if one is None else one for one in (parents, dark_parents)]
    numbers = [one.number * entropies.sum() for one in families]
    # n_R/s has not changed since R decoupled
    density = mass * NUMBER_DENSITY * entropies.sum() / (2 * np.pi**2 / 45 * 2 * sector)
    shares = visible_width / width, dark_width / width
    begin = sum(one.at(s)[1] for one, s in zip(both, first, strict=True)) + density
    unit = constants.REDUCED_PLANCK_MASS * np.sqrt(3 / begin)  # 1/H at the start
    rates = [width * unit, *(one.width * unit for one in families)]
    energies = [density, *(one.mass * number for one, number in zip(families, numbers, strict=True))]

    def slopes(n, state):
        time, *logs = state
        (t1, rho1), (t2, rho2) = (one.at(s - 3 * n) for one, s in zip(both, logs, strict=True))
        left = [energy * np.exp(-min(rate * time, 700.0)) for energy, rate in zip(energies, rates, strict=True)]
        volume = np.exp(-3 * n)
        h = np.sqrt((rho1 + rho2 + sum(left) * volume) / begin)
        heat = [shares[i] * rates[0] * left[0] + rates[i + 1] * left[i + 1] for i in range(2)]
        return [1 / h, heat[0] / (h * t1 * np.exp(logs[0])), heat[1] / (h * t2 * np.exp(logs[1]))]

    slowest = min(rate for rate, energy in zip(rates, energies, strict=True) if energy > 0)

    def over(n, state):
        return min(_EMPTY - slowest * (state[0] - _BEGIN), both[0].at(state[1] - 3 * n)[0] / _COLDEST - 1)

    over.terminal = True
    begun = [_BEGIN, *first]
    found = solve_ivp(
        slopes, (0.0, 80.0), begun, method="DOP853", rtol=_RTOL, atol=1e-10, events=over, max_step=longest_step
    )
    if found.status != 1:
        raise ConvergenceError(f"the decay of R was not followed to its end: {found.message}")
    n, (time, *logs) = found.t, found.y
    _check_end(("R", *("parents",) * 2), rates, energies, time[-1], unit)
    rows = [one.all_at(s - 3 * n) for one, s in zip(both, logs, strict=True)]
    left = [
        energy * np.exp(-np.minimum(rate * time, 700.0) - 3 * n) for energy, rate in zip(energies, rates, strict=True)
    ]
    final = np.exp([one[-1] for one in logs])
    made = [
        one.asymmetry * number * -np.expm1(-rate * time[-1])
        for one, number, rate in zip(families, numbers, rates[1:], strict=True)
    ]
    return Evolution(
        log_a=n,
        time=time * unit,
        visible_temperature=rows[0][0],
        dark_temperature=rows[1][0],
        visible=rows[0][1],
        dark=rows[1][1],
        reheaton=left[0],
        visible_parents=left[1],
        dark_parents=left[2],
        dilution=float(final.sum() / entropies.sum()),
        entropy_ratio=float(final[1] / final[0]),
        baryons=float(made[0] / final[0]),
        dark_baryons=float(made[1] / final[0]),
        equality_temperature=_last_equality(rows, left[0]),
    )


def _check_end(names, rates, energies, passed, unit):
    """Refuse what has not decayed at the end: its energy and its baryons would be missing."""
    for name, rate, energy in zip(names, rates, energies, strict=True):
        if energy > 0 and rate * passed < _OVER:
            lifetime, age = (units.attach(one * unit, "time") for one in (1 / rate, passed))
            raise InputError(
                f"the lifetime of {name} is {lifetime:.3g}; decays are followed until the visible bath has "
                f"{_COLDEST * 1e9:g} eV, after {age:.2g}, by when {_OVER:g} lifetimes have to be over: raise "
                f"{'epsilon' if name == 'parents' else 'reheaton_coupling'}"
            )


def _last_equality(rows, reheaton):
    """Visible temperature at the last crossing of R's energy and the radiation's, by interpolation of logarithms."""
    ratio = np.log(np.maximum(reheaton, 1e-300) / (rows[0][1] + rows[1][1]))
    above = np.flatnonzero(ratio > 0)
    if not above.size or above[-1] == len(ratio) - 1:
        return float("nan")
    i = above[-1]
    share = ratio[i] / (ratio[i] - ratio[i + 1])
    logs = np.log(rows[0][0])
    return float(np.exp(logs[i] + share * (logs[i + 1] - logs[i])))
