r"""What would be seen: decay lengths of the LOSP, and lifetimes of the hidden fermion.

Hall, March-Russell & West (2010), Eqs. (4.1), (4.2), (4.8) and (4.9).
"""

import numpy as np

from cosmology import constants, units
from cosmology.errors import InputError
from cosmology.models.asymmetric_freeze_in_rates import freeze_in_coefficient
from cosmology.particle_input import checked_positive
from cosmology.relic import total_yield

FERMI_CONSTANT = 1.1663787e-5
"""float : G_F [GeV^-2], CODATA."""

OPEN_CHANNELS = 7
"""int : of a neutrino of a few GeV, mixing angle apart."""

UDDX_COEFFICIENT = 0.0321
r"""float : of :math:`\alpha_s^4C^2m^5/(M_*^2M_\mathrm{susy}^2)`, the width that Eq. (4.8) implies."""

HADRON_THRESHOLDS = {"n pi0": 1.0745, "p pi-": 1.0778}
"""dict : lightest hadrons of psi_X decays through UDDX -> their mass [GeV]."""

NUCLEON_BOUND = 1e-4
"""float : Omega h^2 times hadronic branching ratio that nucleosynthesis allows, for lifetimes above 1e4 s."""

_VACUUM_VALUE = 174.0


def decay_length(
    epsilon,
    relic_mass,
    losp_mass,
    mediator_mass,
    *,
    boost=2.0,
    width_ratio=1.0,
    others=0.0,
    states=2.0,
    g=100.0,
    omega_h2=constants.DARK_MATTER_OMEGA_H2,
    path="exact",
):
    r"""Decay length of a LOSP of energy gamma m, given that the mediator makes the observed density; Quantity [length].

    .. math:: \eta_X = C_{FI}M_r\,\frac{\epsilon g_a\Gamma_a}{m_a^2}(1 + f), \qquad
        r = \frac{\Gamma_am_\mathrm{LOSP}}{\Gamma_\mathrm{LOSP}m_a}, \qquad
        L = \sqrt{\gamma^2 - 1}\,/\,\Gamma_\mathrm{LOSP}

    Eq. (4.1) solved for Gamma_a, as the paper does for Eq. (4.2), whose 10 m are 6.8 m exactly (7.9 m with
    speed 1) for its reference values and a density of 0.11.

    Parameters
    ----------
    epsilon : float
    relic_mass, losp_mass, mediator_mass : Quantity [mass]
        m_X, m_LOSP, m_a.
    boost : float
        gamma.
    width_ratio : float
        r.
    others : float
        f, asymmetry of other mediators over that of this one.
    states : float
        g_a, summed over everything that decays.
    g : float
    omega_h2 : float
    path : {"exact", "relativistic"}
        sqrt(gamma^2 - 1) or gamma.
    """
    paths = {"exact": np.sqrt(np.maximum(boost**2 - 1, 0)), "relativistic": boost}
    if path not in paths:
        raise InputError(f"path = {path!r}; allowed: {', '.join(map(repr, paths))}")
    if boost < 1 or others <= -1:
        raise InputError(f"boost = {boost}, others = {others}; gamma is at least 1, and 1 + f positive")
    losp, m = checked_positive(losp_mass, "mass", "losp_mass"), checked_positive(mediator_mass, "mass", "mediator_mass")
    eta = total_yield(relic_mass, omega_h2=omega_h2)
    reach = freeze_in_coefficient(g, states=states) * constants.REDUCED_PLANCK_MASS * epsilon * (1 + others)
    width = eta * m**2 / reach * losp / (width_ratio * m)
    return units.attach(paths[path] / width, "length")


def printed_decay_length(
    epsilon, relic_mass, losp_mass, mediator_mass, *, boost=2.0, width_ratio=1.0, others=0.0, states=2.0, g=100.0
):
    """Eq. (4.2) as printed, 10 m times powers; Quantity [length]."""
    m_x = checked_positive(relic_mass, "mass", "relic_mass")
    pair = checked_positive(losp_mass, "mass", "losp_mass") * checked_positive(mediator_mass, "mass", "mediator_mass")
    factor = boost / 2 * (1 + others) * width_ratio * epsilon / 1e-5 * m_x * 1e4 / pair * states / 2
    return units.attach(units.to_internal("10 m", "length") * factor * (100 / g) ** 1.5, "length")


def operator_fermion_lifetime(mass, scale, *, alpha_s=0.2, susy_scale="500 GeV", mixing=0.1):
    r"""Lifetime of psi_X through UDDX: Eq. (4.8), an order of magnitude; Quantity [time].

    .. math:: \tau = 10^4\,\mathrm s\left(\frac{0.2}{\alpha_s}\right)^4\left(\frac{M_*}{10^9}\right)^2
        \left(\frac{M_\mathrm{susy}}{500}\right)^2\left(\frac{0.1}{C}\right)^2\left(\frac{2}{m}\right)^5

    with masses in GeV. Infinite below the threshold of n pi0, 1.0745 GeV.

    Parameters
    ----------
    mass : Quantity [mass]
        Of psi_X.
    scale, susy_scale : Quantity [energy]
        M_*, M_susy.
    alpha_s, mixing : float
        C is what binds quarks into hadrons.
    """
    m = checked_positive(mass, "mass", "mass")
    m_star = checked_positive(scale, "energy", "scale") / 1e9
    susy = checked_positive(susy_scale, "energy", "susy_scale") / 500
    seconds = 1e4 * (0.2 / alpha_s) ** 4 * (m_star * susy * 0.1 / mixing) ** 2 * (2 / m) ** 5
    closed = m <= min(HADRON_THRESHOLDS.values())
    return units.attach(np.where(closed, np.inf, seconds) * units.to_internal("1 s", "time"), "time")


def mixing_fermion_lifetime(
    mass, coupling, *, prefactor="mixing", sin_beta=1.0, channels=OPEN_CHANNELS, vacuum_value=_VACUUM_VALUE
):
    r"""Lifetime of psi_X that mixes with neutrinos through LHX; Quantity [time].

    .. math:: \theta = \frac{\lambda v_u}{m}, \qquad \tau = \frac{192\pi^3}{\theta^2G_F^2m^5N_\mathrm{ch}}

    1.7e3 s at 2 GeV and 1e-10, with seven channels. Eq. (4.9) scales alike, but has 10 s there.

    Parameters
    ----------
    mass : Quantity [mass]
    coupling : float
        lambda.
    prefactor : {"mixing", "paper"}
    sin_beta : float
        v_u over `vacuum_value`.
    channels : float
        N_ch.
    vacuum_value : float
        [GeV].
    """
    m = checked_positive(mass, "mass", "mass")
    strength = checked_positive(coupling, "dimensionless", "coupling")
    if prefactor == "paper":
        return units.attach(10 * (1e-10 / strength) ** 2 * (2 / m) ** 3 * units.to_internal("1 s", "time"), "time")
    if prefactor != "mixing":
        raise InputError(f"prefactor = {prefactor!r}; allowed: 'mixing', 'paper'")
    theta = strength * vacuum_value * sin_beta / m
    return units.attach(192 * np.pi**3 / (theta**2 * FERMI_CONSTANT**2 * m**5 * channels), "time")
