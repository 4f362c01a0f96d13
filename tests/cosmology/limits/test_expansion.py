"""Are ages and rates those of the standard universe?"""

import numpy as np
import pytest
from astropy.cosmology import FlatLambdaCDM

from cosmology.errors import InputError
from cosmology.limits import cosmic_age, hubble_rate


def test_ages_are_those_quoted_for_planck_parameters():
    # 13.79 Gyr, t(600), t(300): 0.1 % is the rounding of these numbers and of the radiation behind them
    assert cosmic_age().to_value("Gyr") == pytest.approx(13.79, rel=1e-3)
    assert cosmic_age([600.0, 300.0]).to_value("s") == pytest.approx([3.140e13, 9.49e13], rel=1e-3)
    assert cosmic_age(1090.0).to_value("s") == pytest.approx(1.171e13, rel=1e-3)


def test_second_method_is_astropy():
    other = FlatLambdaCDM(H0=67.4, Om0=0.315, Tcmb0=2.7255, Neff=3.046)
    z = np.array([0.0, 0.5, 10.0, 600.0, 3000.0])
    # constants of the two codes differ in the seventh digit, and quadratures in the sixth
    assert cosmic_age(z).to_value("Gyr") == pytest.approx(other.age(z).to_value("Gyr"), rel=1e-5)
    assert hubble_rate(z).to_value("1/s") == pytest.approx(other.H(z).to_value("1/s"), rel=1e-5)


def test_a_negative_redshift_is_refused():
    with pytest.raises(InputError, match="redshift"):
        cosmic_age(-1.0)


def test_age_over_that_at_recombination():
    # Hardy, Lasenby & Unwin (2014), Sect. 2, print "t_0/t_CMB ~ 5e-5": it is 3.72e4, and its inverse 2.69e-5
    ratio = (cosmic_age() / cosmic_age(1090.0)).to_value("")
    assert [ratio, 1 / ratio] == pytest.approx([3.72e4, 2.69e-5], rel=2e-3)  # three digits
    assert cosmic_age(1090.0).to_value("Myr") == pytest.approx(0.371, abs=5e-4)
    assert cosmic_age().to_value("s") == pytest.approx(4.352e17, rel=2e-4)  # four digits
