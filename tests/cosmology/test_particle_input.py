"""Are masses and couplings without meaning refused, and the others handed on in GeV?"""

import numpy as np
import pytest
from astropy import units as u

from cosmology.errors import InputError
from cosmology.particle_input import PERTURBATIVE_COUPLING, checked_coupling, checked_masses, checked_positive


def test_good_values_come_back_in_gev():
    assert checked_masses("11 GeV", [1e4, 2e3] * u.MeV)[1] == pytest.approx([10.0, 2.0], rel=1e-14)
    assert checked_positive("1 TeV", "energy", "scale") == pytest.approx(1000.0, rel=1e-14)
    assert checked_coupling(PERTURBATIVE_COUPLING, "coupling") ** 2 == pytest.approx(4 * np.pi, rel=1e-14)


@pytest.mark.parametrize("coupling", [0.0, -0.1, 3.6, [0.1, 5.0], np.nan])
def test_couplings_out_of_range_are_refused(coupling):
    with pytest.raises(InputError, match="coupling"):
        checked_coupling(coupling, "coupling")


def test_one_bad_mass_of_many_is_refused():
    with pytest.raises(InputError, match="heavier than its daughter"):
        checked_masses("10 GeV", [9, 10] * u.GeV)
    with pytest.raises(InputError, match="has to be positive"):
        checked_positive([1, -1] * u.GeV, "mass", "mass")
