"""The windows that a point has to pass: orders, deadlines, remainders, heating; each an answer, none an exception.

Those of Unwin (2012), with what a calculation adds: zetas from thermal X, oscillations against the width, the CMB.
"""

from dataclasses import replace

import numpy as np

from cosmology import constants, units
from cosmology.errors import InputError
from cosmology.limits import CMB_2013, PLANCK_2018, Annotation
from cosmology.limits.base import NOT_APPLICABLE
from cosmology.limits.densities import DARK_MATTER_DENSITY, DARK_RADIATION
from cosmology.limits.numbers import AtLeast, AtMost
from cosmology.models.exodus_heating import FROZEN_OUT
from cosmology.thermodynamics import cosmic_time
from cosmology.units import Quantity

_PAPER = "Unwin 2012"
_PLANCK = "Planck 2018 VI (arXiv:1807.06209)"
_WELL_BELOW = 0.1
_BARYONS = 0.05  # by which the baryons may miss those observed
COLDEST_START = Quantity(4.0, "MeV")
"""Quantity : lowest reheating temperature that nucleosynthesis allows, Hannestad 2004 (astro-ph/0403291)."""


def check_windows(model):
    """Answers of all windows for an `Exodus`, a tuple of `LimitResult`."""
    return (*_kinematics(model), *_order(model), *_zetas(model), *_densities(model), *_of_variant(model), *_cmb(model))


def statements(model):
    """Verbal statements that concern a model, a tuple of `Annotation`."""
    found = ()
    if model.route.kind == "bino":
        found += (
            Annotation(
                name="reheating by decays of X",
                source=f"{_PAPER}, Sect. 3, and energy conservation",
                statement="decays of X cannot heat a visible sector of some MeV to 100 MeV: 10 GeV per baryon are some "
                "40 photons of that temperature, and there are 1.6e9; the entropy has to come from elsewhere",
                applies_to="a visible sector that is reheated to less than an MeV",
            ),
        )
    if model.sectors.ratio >= 1 and model.largest_freeze_in < 1:
        found += (
            Annotation(
                name="zetas from thermal X",
                source="our calculation; not in Unwin 2012",
                statement="decays of X and anti-X while they are abundant make zetas without baryons: at equal "
                "temperatures this closes the window of 1e-5 s to 1 s for 5 to 10 GeV; a colder genesis sector, "
                "heavier X or annihilation of zetas opens it",
                applies_to="X that was in equilibrium at T_gen > m_X",
            ),
        )
    return found


def _kinematics(model):
    yield AtMost(
        name="open decay",
        source="kinematics",
        validity="any",
        applies_to="decays of X",
        observable="m_zeta + m_b",
        limit=model.mass,
    ).check(value=model.relic_mass + model.route.visible_mass)
    yield AtMost(
        name="heating of the relics",
        source=f"{_PAPER}, Eq. (2.10), with exact kinematics",
        validity="an order of magnitude: where a weak-scale thermal tail freezes out",
        applies_to="zeta after the decays of X",
        observable="T_relic/m_zeta",
        limit=Quantity(FROZEN_OUT),
    ).check(value=(model.relic_temperature / model.relic_mass).to(""))


def _order(model):
    depleted = AtLeast(
        name="depletion before decay",
        source=f"{_PAPER}, Sect. 2.2, with the exact T_C and time",
        validity="the radiation era",
        applies_to="the lifetime of X",
        observable="lifetime",
        limit=Quantity(1, "s"),
    )
    try:
        limit = model.critical_moment.time
    except InputError as error:
        yield depleted.silent(str(error))
    else:
        yield AtLeast(**{**vars(depleted), "limit": limit}).check(value=model.lifetime)
    yield AtMost(
        name="light elements",
        source=f"{_PAPER}, Sect. 2.2",
        validity="hadronic decays, an order of magnitude: 0.1 s is safer",
        applies_to="the lifetime of X",
        observable="lifetime",
        limit=model.longest_lifetime,
    ).check(value=model.lifetime)


def _zetas(model):
    yield AtMost(
        name="remaining anti-X",
        source=f"{_PAPER}, Sect. 2.1",
        validity="a convention",
        applies_to="anti-X over the asymmetry when X decays",
        observable="Y_antiX/Delta",
        limit=Quantity(model.largest_residue),
    ).check(value=model.residue)
    yield AtMost(
        name="zetas from thermal X",
        source="our calculation; not in Unwin 2012",
        validity="X in equilibrium at T_gen > m_X",
        applies_to="zetas at the end beyond those of X and of anti-X left over, after their annihilation",
        observable="excess of zetas per X",
        limit=Quantity(model.largest_freeze_in),
    ).check(value=max(model.excess, 0.0))
    yield AtMost(
        name="annihilation of late zetas",
        source="our calculation; not in Unwin 2012",
        validity="s-wave annihilation",
        applies_to="zetas of X that annihilate after its decay, so that their number is not that of the baryons",
        observable="lack of zetas per X",
        limit=Quantity(model.largest_freeze_in),
    ).check(value=max(-model.excess, 0.0))


def _densities(model):
    relics = replace(DARK_MATTER_DENSITY, validity="zeta with the mass given", applies_to="zeta today")
    yield relics.check(value=model.relic_omega_h2)
    yield AtMost(
        name="baryon density",
        source=f"{_PLANCK}, eta = 6.12e-10",
        validity="a convention: 5 per cent",
        applies_to="baryons from decays of X",
        observable="|Y_B/observed - 1|",
        limit=Quantity(_BARYONS),
    ).check(value=abs(model.baryon_yield / constants.BARYON_YIELD - 1))
    dark = replace(
        DARK_RADIATION,
        validity="a genesis sector whose particles stay light, its entropy conserved since T_gen = m_X",
        applies_to="the genesis sector",
    )
    if model.sectors.genesis_g_star == 0:
        yield dark.silent("genesis_g_star = 0: its energy is left out")
    else:
        yield dark.check(value=model.sectors.delta_n_eff(model.sectors.ratio * model.mass))


def _of_variant(model):
    kind = model.route.kind
    if kind == "l_violating":
        yield from _lepton_number(model)
    if kind == "bino":
        yield from _bino(model)


def _lepton_number(model):
    end = model.sphaleron_temperature
    yield AtMost(
        name="decay before sphalerons stop",
        source=f"{_PAPER}, Sect. 4.2",
        validity="asymmetries in lepton number",
        applies_to="the lifetime of X",
        observable="lifetime",
        limit=cosmic_time(end, g_star=model.sectors.dof),
    ).check(value=model.lifetime)
    yield AtLeast(
        name="depletion before sphalerons stop",
        source=f"{_PAPER}, Sect. 4.2, Fig. 4, with the exact T_C",
        validity="asymmetries in lepton number",
        applies_to="the visible temperature when anti-X is a hundredth of the asymmetry",
        observable="T_C",
        limit=end,
    ).check(value=model.critical_moment.temperature)
    small = AtMost(
        name="Majorana mass",
        source=f"{_PAPER}, Sect. 4.2: M_X << m_X",
        validity="far too weak, see oscillation of X",
        applies_to="the Majorana mass of X",
        observable="M_X/m_X",
        limit=Quantity(_WELL_BELOW),
    )
    phase = AtMost(
        name="oscillation of X",
        source="our calculation; not in Unwin 2012",
        validity="no scattering that is faster than the oscillation",
        applies_to="radians of X turning into anti-X in a lifetime",
        observable="M_X^2/(m_X Gamma)",
        limit=Quantity(1.0),
    )
    if model.oscillation is None:
        reason = "needs majorana_mass, which is not given"
        yield small.silent(reason)
        yield phase.silent(reason)
    else:
        yield small.check(value=model.oscillation.mass_ratio)
        yield phase.check(value=model.oscillation.cycles)


def _bino(model):
    hottest = AtMost(
        name="no thermal binos",
        source=f"{_PAPER}, Sect. 3: T_RH < m_LSP/25",
        validity="an order of magnitude",
        applies_to="the highest temperature of the visible sector",
        observable="T_RH",
        limit=model.relic_mass / 25,
    )
    coldest = AtLeast(
        name="reheating before nucleosynthesis",
        source="Hannestad 2004 (astro-ph/0403291)",
        validity="decays of X do not heat, see annotations",
        applies_to="the highest temperature of the visible sector",
        observable="T_RH",
        limit=COLDEST_START.to("GeV"),
    )
    hot = model.route.reheat_temperature
    missing = "needs reheat_temperature, which is not given"
    for limit in (hottest, coldest):
        yield limit.silent(missing) if hot is None else limit.check(value=hot)
    colder = AtMost(
        name="visible sector colder than X",
        source="our calculation; not in Unwin 2012",
        validity="X in equilibrium at T_gen = m_X",
        applies_to="R m_X, the visible temperature at T_gen = m_X",
        observable="R m_X",
        limit=Quantity(1, "GeV") if hot is None else hot,
    )
    yield colder.silent(missing) if hot is None else colder.check(value=model.sectors.ratio * model.mass)


def _cmb(model):
    share = {"channel": model.relic_final_state}
    for limit in (CMB_2013, PLANCK_2018):
        if units.to_internal(model.relic_sigma_v, "sigma_v") == 0:
            yield limit._answer(model.relic_sigma_v, None, NOT_APPLICABLE, "zetas do not annihilate")
        elif model.relic_final_state == "hidden":
            reason = "zetas annihilate into hidden particles; relic_final_state names visible ones"
            yield limit._answer(model.relic_sigma_v, None, NOT_APPLICABLE, reason)
        else:
            factor = float(np.clip(model.pair_factor, 0.0, 1.0))
            yield limit.check(sigma_v=model.relic_sigma_v, mass=model.relic_mass, pair_factor=factor, **share)
