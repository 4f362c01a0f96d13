r"""The transfer of the asymmetry from X to baryons: how much of it X still has, Unwin (2012), appendix A.

.. math:: \frac{d\Delta}{dt} = -\Gamma\,\frac{K_1(m_X/T)}{K_2(m_X/T)}\,\Delta

which is exp(-Gamma times proper time) of the start. The paper's (A.6) is the limit of slow X; its (A.9) and (A.10) are
no solutions: they do not tend to 1 for a small width. They are here to be compared with.
"""

from itertools import pairwise

import numpy as np
from scipy.integrate import quad

from cosmology import constants, units
from cosmology.degrees_of_freedom import DEFAULT, degrees_of_freedom
from cosmology.errors import InputError
from cosmology.models.exodus_sectors import HUBBLE_COEFFICIENT, Sectors, one_quantity, time_dilation
from cosmology.particle_input import checked_positive
from cosmology.thermodynamics import _hubble, _radiation_era, _time, _time_dilation

_SPAN = 16.0  # e-folds of temperature above which time does not count


def proper_time(temperature, mass=None, *, sectors=None):
    r"""Time that passes for X until a visible temperature, :math:`\int_T^\infty J\,(K_1/K_2)\,d\ln T'/H`.

    Parameters
    ----------
    temperature : Quantity [temperature]
    mass : Quantity [mass], optional
        m_X; without it X is at rest, and this is the age of the universe.
    sectors : Sectors, optional

    Returns
    -------
    Quantity [time]
    """
    sectors = Sectors() if sectors is None else sectors
    hot = _radiation_era(sectors.dof, temperature)
    if np.ndim(hot):
        raise InputError(f"temperature = {temperature}; one value is needed")
    if mass is None:
        return units.attach(_time(float(hot), sectors.dof), "time")
    _, m = one_quantity(mass, "mass", "mass")

    def per_log(log_hot):
        here = np.exp(log_hot)
        dilation = time_dilation(sectors.ratio * m / here)
        return float(dilation * _time_dilation(here, sectors.dof) / _hubble(here, sectors.dof))

    low, high = np.log(hot), min(np.log(hot) + _SPAN, np.log(sectors.dof._highest))
    edges = np.union1d(np.arange(low, high, 1.0), [high, *[c for c in sectors.dof._corners if low < c < high]])
    total = sum(quad(per_log, a, b, epsabs=0, epsrel=1e-10)[0] for a, b in pairwise(edges))
    return units.attach(total, "time")


def remaining_share(temperature, width, mass=None, *, sectors=None):
    """Share of the asymmetry that X still has, exact: exp(-Gamma t) with `proper_time`, float."""
    time = units.to_internal(proper_time(temperature, mass, sectors=sectors), "time")
    return float(np.exp(-checked_positive(width, "width", "width") * time))


def width_for_share(temperature, share, mass=None, *, sectors=None):
    """Width that leaves X a share of its asymmetry at a temperature, the inverse of `remaining_share`."""
    if not 0 < share < 1:
        raise InputError(f"share = {share}; what X has left lies between 0 and 1")
    return units.attach(
        -np.log(share) / units.to_internal(proper_time(temperature, mass, sectors=sectors), "time"), "width"
    )


def constant_g_share(temperature, width, *, g, start=None):
    r"""Unwin (2012), Eq. (A.8): constant g, X at rest.

    .. math:: \ln\frac{\Delta(T)}{\Delta_\mathrm{init}} =
        -\frac{\Gamma M_\mathrm{Pl}}{2\cdot1.66\sqrt g}\left(\frac1{T^2} - \frac1{T_\mathrm{UV}^2}\right)

    Parameters
    ----------
    temperature : Quantity [temperature]
    width : Quantity [width]
    g : float
    start : Quantity [temperature], optional
        T_UV; infinite if not given.
    """
    hot = checked_positive(temperature, "temperature", "temperature")
    early = 0.0 if start is None else 1 / checked_positive(start, "temperature", "start") ** 2
    g = checked_positive(g, "dimensionless", "g")
    rate = checked_positive(width, "width", "width") * constants.PLANCK_MASS / (2 * HUBBLE_COEFFICIENT * np.sqrt(g))
    return np.exp(-rate * (1 / hot**2 - early))


def printed_share(temperature, width, *, g=100.0):
    r"""Unwin (2012), Eq. (A.9) as printed, :math:`10^{-9}e^{2(1-X)}`.

    X is :math:`(\mathrm{GeV}/T)^2(\Gamma/10^{-18}\,\mathrm{GeV})(10/\sqrt g)`.
    Not a solution: it tends to 7e-9 for a small width; (A.8) is :math:`e^{-0.361 X}`.
    """
    return _printed(temperature, width, g, 1e-18, 1.0)


def printed_share_hidden(temperature, width, ratio, *, g=100.0):
    r"""Unwin (2012), Eq. (A.10) as printed: (A.9) with :math:`(R/100)^2`, and 1e-22 GeV in place of 1e-18 GeV.

    R^2 at fixed T_vis would mean that the hidden bath rules the expansion, with more degrees of freedom than
    g_vis R^4; otherwise nothing depends on R. `Sectors` has the expansion of both.
    """
    return _printed(temperature, width, g, 1e-22, (ratio / 100) ** 2)


def _printed(temperature, width, g, unit, factor):
    hot = checked_positive(temperature, "temperature", "temperature")
    x = factor / hot**2 * checked_positive(width, "width", "width") / unit * 10 / np.sqrt(g)
    return 1e-9 * np.exp(2 * (1 - x))


def constant_g_exponent(g_root=10.0):
    r"""Exponent per X of (A.9) that (A.8) gives, 0.361 for :math:`\sqrt g = 10`."""
    return 1e-18 * constants.PLANCK_MASS / (2 * HUBBLE_COEFFICIENT * g_root)


def hidden_energy_needed(ratio, *, temperature, g_star=DEFAULT):
    """Degrees of freedom that the hidden bath would need to rule the expansion, g_vis R^4, float."""
    return float(degrees_of_freedom(g_star).g_rho(temperature)) * ratio**4
