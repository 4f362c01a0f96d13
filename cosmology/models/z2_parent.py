r"""Baryon-parents chi: their annihilation, freeze-out, decay and CP asymmetry, the same in both sectors.

Bodas, Buen-Abad, Hook & Sundrum (2024), Eqs. (6) to (12) and (27) to (29), with the numerical Boltzmann equation beside
the closed forms. Numbers are in powers of GeV.
"""

import numpy as np
from scipy.integrate import simpson
from scipy.interpolate import CubicSpline
from scipy.special import kve

from cosmology import constants
from cosmology.boltzmann import evolve
from cosmology.errors import InputError
from cosmology.models.z2_inputs import SECOND
from cosmology.models.z2_reheaton import expansion_rate
from cosmology.thermodynamics import _entropy, _hubble, _time_dilation

STATES = 2.0
"""float : g_chi, of a Majorana fermion."""
HIGGS_SCALARS = 4
"""int : real scalars of the doublet, Goldstone bosons included, well above the electroweak scale."""
FREEZE_OUT_X = 11.0
"""float : m_chi/T_fo of the paper's window (29)."""
BARYONS_PER_ENTROPY = 8.6e-11
"""float : n_b/s as in Eq. (8)."""
ANNIHILATION = ("printed", "phase")
"""tuple of str : Eq. (10), or the amplitude with the phase of alpha."""
_LAST_X = 2000.0
_FAST = 1e3  # width over H at freeze-out above which chi follows equilibrium
_DECAYED = 7.0  # x at which Gamma t is 25, over that at which Gamma = H
_POINTS = 400


def annihilation(coupling, phase, trilinear, scalar_mass, mass, form="printed"):
    r"""Coefficients a and b of :math:`\langle\sigma v\rangle = a + 6b/x` [GeV^-2].

    ``"printed"``, Eq. (10): :math:`a = \alpha^2\beta_S^2/(64\pi m_S^4)`, b = 0; one scalar, the phase averaged.
    ``"phase"``: annihilation of Majorana fermions through a scalar has an s-wave from the imaginary part only,

    .. math:: \sigma v = \frac{N_H\,\beta_S^2}{32\pi(m_S^2 - 4m_\chi^2)^2}
        \left[(\mathrm{Im}\,\alpha)^2 + \frac{v^2}{4}(\mathrm{Re}\,\alpha)^2\right], \qquad \langle v^2\rangle = 6/x .

    Parameters
    ----------
    coupling, phase : float
        Size and phase of alpha.
    trilinear, scalar_mass, mass : float
        beta_S, m_S and m_chi [GeV].
    form : {"printed", "phase"}
    """
    if form not in ANNIHILATION:
        raise InputError(f"annihilation = {form!r}; choose one of {', '.join(map(repr, ANNIHILATION))}")
    if form == "printed":
        return coupling**2 * trilinear**2 / (64 * np.pi * scalar_mass**4), 0.0
    common = HIGGS_SCALARS * trilinear**2 / (32 * np.pi * (scalar_mass**2 - 4 * mass**2) ** 2)
    return common * (coupling * np.sin(phase)) ** 2, common * (coupling * np.cos(phase)) ** 2 / 4


def estimated_freeze_out(mass, sigma_v, g=200.0):
    r"""x_fo of Eq. (12) and n/s of Eq. (11).

    .. math:: x_{fo} = L - \tfrac12\ln L, \quad L = \ln\frac{0.2\,g_\chi M_{Pl}m_\chi\langle\sigma v\rangle}{\sqrt g},
        \qquad Y = \sqrt{\frac{45}{8\pi^2}}\,\frac{x_{fo}}{\sqrt g\,M_{Pl}m_\chi\langle\sigma v\rangle}

    Parameters
    ----------
    mass, sigma_v : float
        m_chi [GeV] and <sigma v> [GeV^-2].
    g : float
        Degrees of freedom of both sectors.

    Raises
    ------
    InputError
        Annihilation too weak for equilibrium, L of 1 or less.
    """
    strength = constants.REDUCED_PLANCK_MASS * mass * sigma_v / np.sqrt(g)
    log = np.log(0.2 * STATES * strength)
    if np.any(log <= 1):
        raise InputError(f"sigma_v = {sigma_v} GeV^-2; chi needs L > 1 for equilibrium before its freeze-out")
    x = log - 0.5 * np.log(log)
    return x, abundance_at(mass, sigma_v, x, g)


def abundance_at(mass, sigma_v, x, g=200.0):
    """n/s of Eq. (11) for a given x_fo."""
    return np.sqrt(45 / (8 * np.pi**2)) * x / (np.sqrt(g) * constants.REDUCED_PLANCK_MASS * mass * sigma_v)


def freeze_out(mass, sigma_v, dof, *, slope=0.0, first_x=5.0):
    r"""n/s_tot after freeze-out, from the Boltzmann equation with the g*(T) of both sectors.

    .. math:: \frac{dY}{d\ln x} = -\left(1+\frac13\frac{d\ln g_s}{d\ln T}\right)\frac{s\langle\sigma v\rangle}{H}
        \left(Y^2 - Y_{eq}^2\right), \qquad \langle\sigma v\rangle = a + 6b/x

    solved for ln Y by an implicit method. What is left after x = 2000 is :math:`1/Y + s\langle\sigma v\rangle/H`.

    Parameters
    ----------
    mass, sigma_v : float
        m_chi [GeV] and a [GeV^-2].
    dof : DegreesOfFreedom
        Of both sectors, in units of the temperature of the parents' own.
    slope : float
        b [GeV^-2].
    first_x : float
        Where it starts, in equilibrium.

    Returns
    -------
    yield : float
    history : YieldHistory
        Species ``"chi"``, and ``"equilibrium"``.
    """
    table = _tables(mass, sigma_v, slope, dof, first_x)

    def pull(x):
        return np.exp(table(np.log(x))[..., 0])

    def equilibrium(x):
        return np.exp(np.maximum(table(np.log(x))[..., 1] - x, -700.0))

    if pull(first_x) * equilibrium(first_x) < 10:
        raise InputError(
            f"sigma_v = {sigma_v:.3g} GeV^-2; chi annihilates {pull(first_x) * equilibrium(first_x):.2g} times per "
            f"expansion at T = m_chi/{first_x:g}: it has to start in equilibrium, so raise the annihilation"
        )

    def slopes(x, values):
        log_pull, log_flat, _ = table(np.log(x))
        return -np.exp(log_pull) * (values**2 - np.exp(2 * max(log_flat - x, -300.0)))

    start = {"chi": float(equilibrium(first_x))}
    history = evolve(slopes, start, (first_x, _LAST_X), rtol=1e-7, g_star=dof.label)
    left = history.final["chi"]
    # constant g from here: s/H falls like 1/x, and the p-wave's like 1/x^2
    later = float(pull(_LAST_X)) * (sigma_v + 3 * slope / _LAST_X) / (sigma_v + 6 * slope / _LAST_X)
    history = history.with_yields(equilibrium=equilibrium(history.x))
    return 1 / (1 / left + later), history


def decaying_yield(mass, sigma_v, width, dof, *, slope=0.0, first_x=5.0):
    r"""Decays of chi per entropy that are not undone, for decays that may begin during freeze-out.

    .. math:: \frac{dY}{d\ln x} = \dots - D(Y - Y_{eq}), \qquad \frac{dN}{d\ln x} = D(Y - Y_{eq}), \qquad
        D = \left(1+\frac13\frac{d\ln g_s}{d\ln T}\right)\frac{\Gamma_\chi}{H}\frac{K_1(x)}{K_2(x)}

    beside the annihilation of `freeze_out`, which is its limit for a small width. Decays a thousand times faster than
    the expansion keep chi so close to equilibrium that the distance to it is a quotient, and N a quadrature. Wash-out
    of the baryons made is not counted.

    Parameters
    ----------
    mass, sigma_v, dof, slope, first_x
        See `freeze_out`.
    width : float
        Gamma_chi [GeV].

    Returns
    -------
    float
    """
    table = _tables(mass, sigma_v, slope, dof, first_x)
    if width > _FAST * expansion_rate(mass / FREEZE_OUT_X, float(dof._g_rho(np.asarray(mass / FREEZE_OUT_X)))):
        return _close_to_equilibrium(table, width)
    late = _DECAYED * np.sqrt(expansion_rate(mass, float(dof._g_rho(np.asarray(mass)))) / width)
    last = min(max(late, 2 * first_x), _LAST_X)

    def slopes(x, values):
        log_pull, log_flat, log_time = table(np.log(x))
        decay = width * np.exp(log_time)
        equilibrium = np.exp(max(log_flat - x, -600.0))
        gone = decay * (values[0] - equilibrium)
        annihilated = np.exp(log_pull) * (values[0] ** 2 - equilibrium**2)
        # decays times first_x/x: solvers that vary one species at a time need it to matter for something
        return np.array([-annihilated - gone, gone * first_x / x - values[1]])

    start = float(np.exp(table(np.log(first_x))[1] - first_x))
    estimate = abundance_at(mass, max(sigma_v, slope / 10), 11.0)
    species = {"chi": start, "decays": 0.0}
    history = evolve(slopes, species, (first_x, last), signed={"decays": estimate}, rtol=1e-6, g_star=dof.label)
    return history.final["decays"] * history.x[-1] / first_x + history.final["chi"]


def _close_to_equilibrium(table, width):
    """Decays where the distance of Y from equilibrium is its slope over the rates that pull it back."""
    log_x, x = table.x, np.exp(table.x)
    log_pull, log_flat, log_time = table(log_x).T
    equilibrium, decay = np.exp(np.maximum(log_flat - x, -600.0)), width * np.exp(log_time)
    falling = (x - table(log_x, 1)[:, 1]) * equilibrium
    return float(simpson(decay * falling / (2 * np.exp(log_pull) * equilibrium + decay), x=log_x))


def _tables(mass, sigma_v, slope, dof, first_x):
    """Logarithms of J s <sigma v>/H, the equilibrium yield without its exponential, and J K_1/(K_2 H), over ln x."""
    log_x = np.linspace(np.log(first_x), np.log(_LAST_X), _POINTS)
    grid = np.exp(log_x)
    hot = mass / grid
    time = _time_dilation(hot, dof) / _hubble(hot, dof)
    per_step = time * _entropy(hot, dof) * (sigma_v + 6 * slope / grid)
    flat = STATES / (2 * np.pi**2) * hot**3 * grid**2 * kve(2, grid) / _entropy(hot, dof)
    proper = time * kve(1, grid) / kve(2, grid)
    return CubicSpline(log_x, np.log(np.stack([per_step, flat, proper], axis=-1)))


def wimp_density(sigma_v):
    """Density of a thermal relic over that of dark matter, Eq. (1), 1e-9 GeV^-2/sigma_v: good to a factor 2."""
    return 1e-9 / sigma_v


def baryon_density(sigma_v, cp, baryon_mass, parent_mass):
    r"""Density of baryons from such a relic over that of dark matter, Eq. (2): Eq. (1) times epsilon_CP m_b/m_chi."""
    return wimp_density(sigma_v) * cp * baryon_mass / parent_mass


def departure(history):
    """x at which chi is 2.5 times as many as in equilibrium, of the history that `freeze_out` gives."""
    ratio = np.log(history.yields["chi"] / np.maximum(history.yields["equilibrium"], 1e-290))
    return float(np.interp(np.log(2.5), ratio, history.x))


def decay_width(mass, couplings, scalar_mass=0.0, form="printed"):
    r"""Width of chi [GeV].

    ``"printed"``, Eq. (27): :math:`(m_\chi/8\pi)\sum|\epsilon_i|^2`. ``"colours"``: with three colours, both
    CP-conjugate final states and phase space, :math:`(3m_\chi/16\pi)\sum|\epsilon_i|^2(1-m_\phi^2/m_\chi^2)^2`.

    Parameters
    ----------
    mass : float
        m_chi [GeV].
    couplings : float or ndarray of complex
        epsilon_i.
    scalar_mass : float
        m_phi [GeV].
    form : {"printed", "colours"}
    """
    size = np.sum(np.abs(np.atleast_1d(couplings)) ** 2)
    if form == "printed":
        return float(mass / (8 * np.pi) * size)
    if form != "colours":
        raise InputError(f"decay = {form!r}; choose one of 'printed', 'colours'")
    return float(3 * mass / (16 * np.pi) * size * (1 - (scalar_mass / mass) ** 2) ** 2)


def vertex_function(x):
    r""":math:`F_V(x) = \sqrt x\,[1 - (1+x)\ln(1+1/x)]`, footnote 11; by its series for large x."""
    x = np.asarray(x, dtype=float)
    u = 1 / x
    far = -np.sqrt(u) * (1 / 2 - u / 6 + u**2 / 12 - u**3 / 20)
    return np.where(x > 1e4, far, np.sqrt(x) * (1 - (1 + x) * np.log1p(u)))


def self_energy_function(x):
    r""":math:`F_S(x) = \sqrt x/[2(1-x)]`, footnote 11; without meaning close to x = 1."""
    return np.sqrt(x) / (2 * (1 - np.asarray(x, dtype=float)))


def cp_asymmetry(couplings, heavy_couplings, mass, heavy_mass, form="loop"):
    r"""Baryons per chi, epsilon_CP.

    .. math:: \epsilon_{CP} = f\,\frac{\mathrm{Im}\{(\sum\epsilon_i\kappa^*_i)^2\}}{\sum|\epsilon_i|^2}, \qquad
        f = \frac{2}{8\pi}\frac{m_\chi}{m_\psi} \text{ in Eq. (28)}, \quad
        f = \frac{|F_V + 3F_S|}{8\pi} \text{ at } x = m_\psi^2/m_\chi^2 .

    Parameters
    ----------
    couplings, heavy_couplings : complex or ndarray
        epsilon_i and kappa_i.
    mass, heavy_mass : float
        m_chi and m_psi [GeV].
    form : {"loop", "heavy"}
        The functions of footnote 11, or their limit for large m_psi as printed.
    """
    e, k = np.atleast_1d(couplings), np.atleast_1d(heavy_couplings)
    ratio = float(np.imag(np.sum(e * np.conj(k)) ** 2) / np.sum(np.abs(e) ** 2))
    if form == "heavy":
        return 2 / (8 * np.pi) * ratio * mass / heavy_mass
    if form != "loop":
        raise InputError(f"cp_form = {form!r}; choose one of 'loop', 'heavy'")
    x = (heavy_mass / mass) ** 2
    return float(np.abs(vertex_function(x) + 3 * self_energy_function(x)) / (8 * np.pi) * ratio)


def coupling_window(mass, g=200.0):
    r"""Smallest and largest epsilon of Eq. (29): decay within a second, and after freeze-out at m/11."""
    early = expansion_rate(mass / FREEZE_OUT_X, g)
    return np.sqrt(8 * np.pi / (mass * SECOND)), np.sqrt(8 * np.pi * early / mass)


def target_yield(cp, dilution, baryons=BARYONS_PER_ENTROPY):
    """n_chi/s_tot that the baryons of today need, Eq. (8)."""
    return baryons * dilution / cp


def density(baryon_mass, cp, parents, entropy_today, dilution):
    r"""Density today, Eqs. (6) and (7): :math:`\rho = m_b\,\epsilon_{CP}\,Y_\chi\,s_{tot,0}/r_s`."""
    return baryon_mass * cp * parents * entropy_today / dilution


def decay_temperature(width, g=130.0):
    """Temperature [GeV] at which H is the width."""
    return np.sqrt(width * constants.REDUCED_PLANCK_MASS / (np.pi * np.sqrt(g / 90)))
