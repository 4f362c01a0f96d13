"""Closing a dwarf: the halo found must have the mass, and the concentration, that were asked for."""

import numpy as np
import pytest
from scipy.optimize import brentq

from halokick.errors import ConvergenceError, InputError
from halokick.halo.concentration import (
    ConcentrationMassRelation,
    Duffy2008,
    DuttonMaccio2014,
    Extrapolated,
    Moline2017,
    SanchezCondePrada2014,
)
from halokick.halo.dwarf_closure import _nfw_from_dispersion, nfw_from_dispersion, nfw_from_dynamical_mass
from halokick.halo.normalisation import normalise, wolf_mass
from halokick.halo.profiles import NFWProfile
from halokick.halo.virial import CriticalOverdensity

RELATIONS = [
    Extrapolated(DuttonMaccio2014()),
    Extrapolated(Duffy2008()),
    SanchezCondePrada2014(),
    Moline2017(0.4),
]


@pytest.mark.parametrize("relation", RELATIONS, ids=repr)
def test_draco_gets_back_its_dynamical_mass_and_its_concentration(relation):
    halo = nfw_from_dispersion("9.55 km/s", "193 pc", relation)
    mass, radius = wolf_mass("9.55 km/s", "193 pc")
    # bisection to rounding
    assert halo.profile.mass(radius).value == pytest.approx(mass.value, rel=1e-12)
    assert halo.concentration == pytest.approx(relation.concentration(halo.virial_mass), rel=1e-12)
    twin = normalise(NFWProfile.shape(), virial_mass=halo.virial_mass, concentration=halo.concentration)
    assert twin.rho_s.value == pytest.approx(halo.rho_s.value, rel=1e-12)
    assert twin.r_s.value == pytest.approx(halo.r_s.value, rel=1e-12)


def test_a_slow_root_finder_finds_the_same_halo():
    relation = RELATIONS[0]
    mass, radius = wolf_mass("9.55 km/s", "193 pc")

    def excess(log_m):
        virial = f"{10**log_m!r} Msun"
        c = relation.concentration(virial)
        return normalise(NFWProfile.shape(), virial_mass=virial, concentration=c).mass(radius).value / mass.value - 1

    log_m = brentq(excess, 7, 12, xtol=1e-13)
    assert nfw_from_dynamical_mass(mass, radius, relation).virial_mass.value == pytest.approx(10**log_m, rel=1e-11)


def test_arrays_with_scatter_equal_one_dwarf_at_a_time():
    rng = np.random.default_rng(7)
    sigma, r_half = rng.uniform(2, 12, (5, 4)), rng.uniform(0.02, 1, (5, 1))
    scatter = rng.normal(0, 0.11, (5, 4))
    virial, c, r_s, rho_s = _nfw_from_dispersion(sigma, r_half, RELATIONS[0], scatter)
    assert virial.shape == (5, 4)
    one = _nfw_from_dispersion(sigma[3, 2], r_half[3, 0], RELATIONS[0], scatter[3, 2])
    for many, single in zip((virial, c, r_s, rho_s), one, strict=True):
        assert many[3, 2] == pytest.approx(float(single), rel=1e-13)


def test_more_concentrated_haloes_need_less_mass():
    values = nfw_from_dispersion("9.55 km/s", "193 pc", RELATIONS[0], scatter_dex=[-0.11, 0.0, 0.11]).virial_mass.value
    assert np.all(np.diff(values) < 0)


class _Jumping(ConcentrationMassRelation):
    """A made-up relation whose inner mass rises, falls and rises again."""

    _range_in_h = (1e6, 1e12)

    def _concentration(self, mass):
        return np.where(mass > 1e9, 3.0, 30.0)


def test_no_halo_or_several_are_said_so():
    with pytest.raises(ConvergenceError, match=r"no halo between .* Extrapolated"):
        nfw_from_dispersion("3 km/s", "200 pc", DuttonMaccio2014())
    jumping = _Jumping(CriticalOverdensity())
    below = normalise(NFWProfile.shape(), virial_mass="6e8 Msun", concentration=30.0)
    with pytest.raises(ConvergenceError, match=r"3 haloes|2 haloes"):
        nfw_from_dynamical_mass(below.mass("200 pc"), "200 pc", jumping)


def test_unphysical_masses_are_refused():
    with pytest.raises(InputError, match="mass"):
        nfw_from_dynamical_mass("0 Msun", "1 kpc", RELATIONS[0])
    with pytest.raises(InputError, match="radius"):
        nfw_from_dynamical_mass("1e7 Msun", "-1 kpc", RELATIONS[0])
