r"""Operators of dimension five: decays through them, and scattering at high temperature.

Such as UDDX, LQDX, LLEX or :math:`LH_d^\dagger X`: Hall, March-Russell & West (2010), Eqs. (2.8) and (2.9). Decays are
infrared freeze-in, scattering with :math:`|M|^2 = s/M_*^2` is ultraviolet: it goes like the reheating temperature. Of
symmetric X, scattering makes more even at T_R = m. Its asymmetry needs one more loop, so that decays make the larger
asymmetry up to some T_R, of order 10 TeV.
"""

import numpy as np
from scipy.integrate import quad

from cosmology import constants, units
from cosmology.degrees_of_freedom import DEFAULT, degrees_of_freedom
from cosmology.errors import InputError
from cosmology.models.asymmetric_freeze_in_rates import closed_form_yield
from cosmology.particle_input import checked_positive
from cosmology.thermodynamics import _entropy, _hubble, _time_dilation

LOOP = 1 / (16 * np.pi**2)
"""float : by which the CP asymmetry of scattering is smaller than that of decays; an estimate."""

_THREE_BODY = 512 * np.pi**3


def three_body_width(mass, scale):
    r"""Width :math:`m^3/512\pi^3M_*^2` of a decay to three massless bodies with constant amplitude; Quantity."""
    m = checked_positive(mass, "mass", "mass")
    return units.attach(m**3 / (_THREE_BODY * checked_positive(scale, "energy", "scale") ** 2), "width")


def vacuum_width(mass, scale, vacuum_value):
    r"""Width :math:`(v/M_*)^2m/8\pi` with one field replaced by its vacuum value; Quantity [width]."""
    m = checked_positive(mass, "mass", "mass")
    ratio = checked_positive(vacuum_value, "energy", "vacuum_value") / checked_positive(scale, "energy", "scale")
    return units.attach(ratio**2 * m / (8 * np.pi), "width")


def operator_scale(asymmetry, epsilon, mass, *, vacuum_value=None, g=100.0, states=1.0):
    r"""Scale M_*/h that makes an asymmetry, Quantity [energy]; per particle B, for constant g.

    .. math:: \Gamma = \frac{\eta_X m^2}{C_{FI}M_r\epsilon}

    inserted in `three_body_width`, or `vacuum_width`. Hall, March-Russell & West (2010), below Eqs. (2.8) and (2.9):
    1e10 and 1e9 GeV. Three bodies, 500 GeV, 2.5e-10 and 1e-3 give 2.2e10; two bodies 2e11 for v = 174 GeV, and 1e10
    for v = 10 GeV, so the second number depends on the vacuum value.
    """
    m = checked_positive(mass, "mass", "mass")
    wanted = checked_positive(asymmetry, "dimensionless", "asymmetry")
    per_width = closed_form_yield("1 GeV", mass, g, states=states)
    width = wanted / (per_width * checked_positive(epsilon, "dimensionless", "epsilon"))
    if vacuum_value is None:
        return units.attach(np.sqrt(m**3 / (_THREE_BODY * width)), "energy")
    v = checked_positive(vacuum_value, "energy", "vacuum_value")
    return units.attach(v * np.sqrt(m / (8 * np.pi * width)), "energy")


def scattering_yield(reheating_temperature, scale, *, g_star=DEFAULT):
    r"""Yield of one 2 to 2 reaction with :math:`|M|^2 = s/M_*^2`, by quadrature with the real g*(T); float.

    .. math:: \frac{dn}{dt} + 3Hn = \frac{T^6}{16\pi^5M_*^2}
    """
    dof = degrees_of_freedom(g_star)
    hot = checked_positive(reheating_temperature, "temperature", "reheating_temperature")
    dof._require(np.asarray(hot), "reheating_temperature")
    cold = max(hot * 1e-9, dof._lowest)

    def per_fold(log_t):
        t = np.exp(log_t)
        rate = t**6 / (16 * np.pi**5)
        return float(_time_dilation(t, dof) * rate / (_entropy(t, dof) * _hubble(t, dof)))

    corners = [c for c in dof._corners if np.log(cold) < c < np.log(hot)]
    scale_squared = checked_positive(scale, "energy", "scale") ** 2
    found = quad(per_fold, np.log(cold), np.log(hot), points=corners or None, limit=400, epsrel=1e-8)[0]
    return found / scale_squared


def closed_form_scattering_yield(reheating_temperature, scale, g_rho, g_s=None):
    r"""The same for constant g: :math:`45M_\mathrm{Pl}T_R/(2\cdot1.66\cdot16\pi^7g_s\sqrt{g_\rho}M_*^2)`, float."""
    hot = checked_positive(reheating_temperature, "temperature", "reheating_temperature")
    expansion = np.sqrt(8 * np.pi**3 / 90) * (g_rho if g_s is None else g_s) * np.sqrt(g_rho)
    number = 45 * constants.PLANCK_MASS * hot / (32 * np.pi**7 * expansion)
    return number / checked_positive(scale, "energy", "scale") ** 2


def scattering_over_decays(reheating_temperature, mass):
    """Symmetric X of one scattering over those of three-body decays of one state: 13.6 T_R/m, float."""
    hot = checked_positive(reheating_temperature, "temperature", "reheating_temperature")
    m = checked_positive(mass, "mass", "mass")
    if np.any(hot < m / 25):
        raise InputError(f"reheating_temperature = {hot:g} GeV; decays need a bath that holds B: at least mass/25")
    return closed_form_scattering_yield(reheating_temperature, "1e10 GeV", 100.0) / closed_form_yield(
        three_body_width(mass, "1e10 GeV"), mass, 100.0
    )


def take_over_temperature(mass, *, loop=LOOP):
    r"""Reheating temperature from which scattering makes the larger asymmetry; Quantity, an order of magnitude.

    Its asymmetry per X is smaller by one loop, so that :math:`T_R = m/(13.6\cdot\mathrm{loop})`: 5.8 TeV at 500 GeV for
    :math:`1/16\pi^2`, about 10 TeV in Hall, March-Russell & West (2010), Sect. 2.
    """
    one = scattering_over_decays(mass, mass)
    return units.attach(
        checked_positive(mass, "mass", "mass") / (one * checked_positive(loop, "dimensionless", "loop")), "temperature"
    )
