"""Every condition on a point of the Z2-related dark sector, each an answer with value, bound and equation.

Bodas, Buen-Abad, Hook & Sundrum (2024); where a condition is ours, or exact where theirs is an estimate, it says so.
"""

from cosmology import constants, units
from cosmology.errors import InputError
from cosmology.limits import Annotation
from cosmology.limits.numbers import AtLeast, AtMost
from cosmology.models import z2_parent, z2_portals, z2_reheaton
from cosmology.models.z2_dark_protons import LARGEST_SHARE
from cosmology.models.z2_hadrons import NO_DINEUTRON
from cosmology.models.z2_reheating import LARGEST_DELTA_N_EFF
from cosmology.units import Quantity

_PAPER = "Bodas, Buen-Abad, Hook & Sundrum 2024 (arXiv:2401.12286)"
_PLANCK = "Planck 2018 VI (arXiv:1807.06209)"
_DENSITY = 0.05  # by which densities may miss those observed
_SYMMETRIC = 0.01  # of the dark matter
SPHALERON_TEMPERATURE = 131.7
"""float : below it [GeV] sphalerons have stopped, D'Onofrio, Rummukainen & Tranberg 2014 (arXiv:1404.3565)."""
SELF_SCATTERING = Quantity(1.0, "cm2/g")
"""Quantity : largest cross-section per mass, of cluster collisions."""


def check_windows(model):
    """Answers of all conditions for a `Z2DarkSector`, a tuple of `LimitResult`."""
    groups = _reheaton, _baryogenesis, _densities, _nuclei, _links
    return tuple(answer for group in groups for answer in group(model))


def statements(model):
    """Verbal statements that concern a model, a tuple of `Annotation`."""
    if model.reheaton.channels == "paper":
        said = (
            'channels = "paper" leaves out the reheaton\'s decays to W and Z, visible and dark. With all channels the '
            "benchmark of the paper, 700 GeV at v' = 1 TeV, is excluded: a third of the decays go to W'W', and Delta "
            'N_eff is 3.7 by sudden decay. Use channels = "complete" for answers, "paper" to compare with its '
            "figures"
        )
    else:
        said = (
            'channels = "complete" includes the reheaton\'s decays to W and Z, which the paper leaves out: its '
            "benchmark of 700 GeV at v' = 1 TeV is allowed with its own channels and excluded with all of them. At "
            "v' = 1 TeV the scenario needs a reheaton below 457 GeV; at 700 GeV, v' of 1.6 TeV or more"
        )
    note = Annotation(
        name="reheaton channels",
        source=f"{_PAPER}, Eqs. (14) to (16), and our calculation",
        statement=said,
        applies_to="widths of the reheaton",
    )
    return (note,)


def _limit(kind, name, equation, applies_to, observable, bound, *, validity="any", source=_PAPER):
    return kind(
        name=name,
        source=f"{source}, {equation}",
        validity=validity,
        applies_to=applies_to,
        observable=observable,
        limit=Quantity(bound),
    )


def _width(value):
    return units.attach(value, "width")


def _hot(value):
    return units.attach(value, "temperature")


def _reheaton(model):
    width = sum(model.widths_gev)
    yield _limit(
        AtMost, "reheaton decays before nucleosynthesis", "Eq. (20)", "lifetime of R", "lifetime", Quantity(1, "s")
    ).check(value=units.attach(1 / width, "time"))
    hot = model.domination_gev
    rate = z2_reheaton.expansion_rate(hot, model.total_g(hot))
    yield _limit(
        AtMost,
        "reheaton dominates before it decays",
        "Eq. (20), with g*(T)",
        "width of R against H at T_Req",
        "Gamma_R",
        _width(rate),
    ).check(value=_width(width))
    yield _limit(
        AtMost,
        "dark radiation",
        "Eq. (22), by joint evolution",
        "both sectors",
        "Delta N_eff",
        LARGEST_DELTA_N_EFF,
        validity="Planck 2018, 95 per cent",
    ).check(value=model.delta_n_eff())
    lowest = model.lowest_reheating_temperature
    coldest = _limit(
        AtLeast,
        "reheating temperature",
        "Eq. (23)",
        "the visible bath after the decays of R",
        "T_rh",
        Quantity(1, "MeV") if lowest is None else lowest.to("GeV"),
        validity="4 to 5 MeV by nucleosynthesis; a second is 1.2 MeV",
    )
    if lowest is None:
        yield coldest.silent("needs lowest_reheating_temperature, which is not given")
    else:
        yield coldest.check(value=model.reheating_temperature)


def _baryogenesis(model):
    width, mass = model.parent.width, model.parent.mass
    yield _limit(
        AtMost,
        "parents decay before nucleosynthesis",
        "Eq. (29)",
        "lifetime of chi and chi'",
        "lifetime",
        Quantity(1, "s"),
    ).check(value=units.attach(1 / width, "time"))
    frozen = mass / z2_parent.FREEZE_OUT_X
    yield _limit(
        AtMost,
        "parents decay after freeze-out",
        "Eq. (29), T_fo = m_chi/11",
        "width of chi and chi'",
        "Gamma_chi",
        _width(z2_reheaton.expansion_rate(frozen, model.total_g(frozen))),
    ).check(value=_width(width))
    decay = z2_parent.decay_temperature(width)
    light, heavy = (units.to_internal(one, "mass") for one in (model.parent.light_mass, model.parent.heavy_mass))
    yield _limit(
        AtMost,
        "wash-out has ended",
        "Sect. III B: T_w = min(m_phi, m_psi)/10",
        "temperature at which chi decays",
        "T_dec",
        _hot(min(light, heavy) / 10),
        validity="an order of magnitude",
    ).check(value=_hot(decay))
    yield _limit(
        AtMost,
        "sphalerons have stopped",
        "Sect. III B",
        "temperature at which chi decays",
        "T_dec",
        _hot(SPHALERON_TEMPERATURE),
    ).check(value=_hot(decay))
    yield _limit(
        AtMost,
        "parents never dominate",
        "our calculation: T = (4/3) m_chi Y_chi",
        "temperature at which chi would dominate",
        "T",
        _hot(decay),
        source="energy of matter and radiation",
    ).check(value=_hot(4 / 3 * mass * max(model.parent_yields)))


def _densities(model):
    yield _limit(
        AtMost,
        "baryon density",
        f"eta = {constants.BARYON_TO_PHOTON:g}; Eq. (6)",
        "baryons from decays of chi",
        "|Y_B/observed - 1|",
        _DENSITY,
        source=_PLANCK,
        validity="a convention: 5 per cent",
    ).check(value=abs(model.baryon_yield / constants.BARYON_YIELD - 1))
    yield _limit(
        AtMost,
        "dark matter density",
        "Omega h^2 = 0.1200; Eq. (7)",
        "dark neutrons",
        "|Omega h^2/observed - 1|",
        _DENSITY,
        source=_PLANCK,
        validity="a convention: 5 per cent, to which Lambda'/Lambda is adjusted",
    ).check(value=abs(model.omega_h2 / constants.DARK_MATTER_OMEGA_H2 - 1))
    symmetric = _limit(
        AtMost,
        "symmetric dark baryons",
        "Sect. III E",
        "dark neutrons and antineutrons left by annihilation",
        "Omega h^2",
        _SYMMETRIC * constants.DARK_MATTER_OMEGA_H2,
        validity="an order of magnitude, before dilution",
    )
    try:
        yield symmetric.check(value=model.symmetric_relic[1])
    except InputError as error:
        yield symmetric.silent(str(error))


def _nuclei(model):
    hadrons = model.hadrons
    yield _limit(
        AtLeast,
        "dark neutron is the lightest dark baryon",
        "Sect. III D; signed splitting, and an open decay",
        "m_p' - m_n'",
        "splitting",
        units.attach(hadrons.electron_mass, "mass"),
    ).check(value=units.attach(hadrons.splitting, "mass"))
    late = hadrons.late_decay(model.temperature_ratio)
    yield _limit(
        AtMost,
        "dark protons decay before dark nuclei form",
        "Eqs. (39) and (40), exact",
        "dark protons when dark deuterons bind",
        "tau_p' H(T_D')",
        1.0,
        validity="a step; see dark atoms",
    ).check(value=min(float(late), 1e300))
    yield _limit(
        AtMost,
        "dark atoms",
        "our calculation, Born rates",
        "share of dark protons in dark baryons at T'_D",
        "X_p'",
        LARGEST_SHARE,
        validity="10 per cent of atomic dark matter",
        source="not in the paper",
    ).check(value=model.dark_proton_share)
    yield _limit(
        AtMost, "no bound dineutrons", "Eq. (42)", "dark pions", "m_pi'/m_n'", NO_DINEUTRON, validity="lattice results"
    ).check(value=hadrons.pion_ratio)
    yield _limit(
        AtMost,
        "self-scattering",
        "Sect. III E: sigma/m = pi/(m_pi'^2 m_n')",
        "dark neutrons",
        "sigma/m",
        SELF_SCATTERING,
    ).check(value=units.attach(hadrons.self_scattering, "cross_section_per_mass"))


def _links(model):
    links, scale = model.links, model.scale
    needed = z2_portals.smallest_mediator(model.domination_gev)
    induced = z2_portals.induced_portal(
        *(units.to_internal(one, "energy") for one in (model.reheaton.coupling, model.reheaton.dark_coupling)),
        units.to_internal(model.reheaton.mass, "mass"),
    )
    yield _limit(
        AtMost,
        "sectors apart: Higgs portal",
        "Eqs. (43) and (44), with the portal that R makes",
        "lambda",
        "lambda",
        z2_portals.largest_portal(needed, scale),
    ).check(value=links.portal + induced)
    mixing = _limit(
        AtMost,
        "Higgs mixing",
        "Eq. (45), exact",
        "signals of the Higgs boson",
        "sin^2 theta",
        z2_portals.LARGEST_MIXING,
    )
    if scale == 1:
        yield mixing.silent("dark_vev is v: the two Higgs bosons are degenerate, and any portal mixes them fully")
    else:
        yield mixing.check(value=float(z2_portals.higgs_mixing(links.portal, scale)))
    apart = _limit(
        AtLeast,
        "sectors apart: shared gauge boson",
        "Eq. (43)",
        "mass over coupling of the gauge boson",
        "M/g",
        units.attach(needed, "mass"),
    )
    if links.gauge_coupling is None:
        yield apart.silent("needs gauge_coupling and gauge_mass, which are not given")
    else:
        yield apart.check(value=links.gauge_mass / links.gauge_coupling)
