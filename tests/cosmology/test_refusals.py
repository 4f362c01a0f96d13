"""Numbers without meaning are one clear error everywhere, never an answer and never a traceback of something else."""

import pytest

from cosmology import FlatExpansion, thermodynamics
from cosmology.asymmetric_freeze_out import analytic_ratio
from cosmology.errors import InputError
from cosmology.light_relic import light_relic
from cosmology.models import asymmetric_freeze_in_asymmetry as cp
from cosmology.models import asymmetric_freeze_in_bounds as bounds
from cosmology.models import asymmetric_freeze_in_hidden as hidden
from cosmology.models import asymmetric_freeze_in_rates as rates
from cosmology.models import exodus_freeze_in, exodus_freeze_out, exodus_heating, exodus_transfer, exodus_widths
from cosmology.models.exodus_scan import viability_map
from cosmology.models.exodus_sectors import equilibrium_densities, estimated_antiparticles
from cosmology.units import Quantity

_PLANE = Quantity([10.0], "GeV"), Quantity([0.1], "s"), "1e-7 GeV-2"

CASES = {
    "a negative temperature": (lambda: thermodynamics.photon_density("-1 GeV"), "temperature"),
    "infinite states": (lambda: thermodynamics.equilibrium_density("1 GeV", "1 GeV", float("inf")), "g = inf"),
    "two decouplings": (lambda: light_relic("1 eV", Quantity([1, 10], "GeV")), "one temperature"),
    "a scale factor of zero": (lambda: FlatExpansion().hubble_rate(0.0), "scale_factor"),
    "a negative x_f": (lambda: analytic_ratio("10 GeV", "1e-9 GeV-2", 1e-11, -20.0), "x_f"),
    "a negative asymmetry": (lambda: analytic_ratio("10 GeV", "1e-9 GeV-2", -1e-11, 20.0), "asymmetry"),
    "heat beyond all masses": (lambda: exodus_heating.heaviest_parent("5 GeV", "1 GeV", largest=1e9), "largest = "),
    "no heat": (lambda: exodus_heating.heaviest_parent("5 GeV", "1 GeV", largest=-1), "largest"),
    "a product of negative mass": (lambda: exodus_heating.heaviest_parent("5 GeV", "-1 GeV"), "visible_mass"),
    "no baryons": (lambda: exodus_heating.photons_needed("1 GeV", "5 GeV", 0.0), "baryons_per_photon"),
    "X rarer than anti-X": (lambda: equilibrium_densities("1 GeV", "10 GeV", -1e-10), "asymmetry"),
    "no asymmetry": (lambda: estimated_antiparticles("1 GeV", "10 GeV", 0.0), "asymmetry_per_photon"),
    "a negative charge": (lambda: viability_map(*_PLANE, charge=-1), "charge"),
    "negative masses of products": (lambda: viability_map(*_PLANE, visible_mass="-3 GeV"), "visible_mass"),
    "negative annihilation": (lambda: viability_map(*_PLANE, relic_sigma_v="-1e-9 GeV-2"), "relic_sigma_v"),
    "a negative residue": (lambda: viability_map(*_PLANE, largest_residue=-1), "largest_residue"),
    "a negative share": (lambda: exodus_freeze_in.lifetime_needed("10 GeV", share=-1), "share"),
    "a lifetime for nothing": (lambda: exodus_freeze_in.lifetime_needed("10 GeV", asymmetry=0.0), "asymmetry"),
    "a ratio for nothing": (lambda: exodus_freeze_in.ratio_needed("10 GeV", "1 s", share=0), "share"),
    "a mass for nothing": (lambda: exodus_freeze_in.mass_needed("1 s", share=0), "share"),
    "a strength for nothing": (
        lambda: exodus_freeze_in.relic_sigma_v_needed("10 GeV", "1 s", "1e-7 GeV-2", share=-2),
        "share",
    ),
    "a negative ratio": (lambda: exodus_freeze_in.constant_g_yield("1e-20 GeV", "1 GeV", 10, 10, ratio=-1), "ratio"),
    "a critical share of zero": (lambda: exodus_freeze_out.critical_moment("10 GeV", share=0.0), "share"),
    "a negative eta": (lambda: exodus_freeze_out.estimated_freeze_out("10 GeV", "1 GeV-2", eta=-1), "eta"),
    "negative degrees of freedom": (lambda: exodus_transfer.constant_g_share("1 GeV", "1e-18 GeV", g=-1), "g = "),
    "a negative coupling": (lambda: exodus_widths.effective_coupling(-1.0, "1 TeV"), "coupling"),
    "no coupling": (lambda: exodus_widths.estimated_lifetime(0.0, "1 TeV"), "coupling"),
    "a negative epsilon": (lambda: hidden.printed_temperature_ratio(-1e-3), "epsilon"),
    "a strong LOSP": (lambda: hidden.Losp(mass="1 GeV", coupling=1e30), "losp_coupling"),
    "negative entropy": (lambda: bounds.relativistic_yield(2, -100.0), "g_s"),
    "negative energy": (lambda: rates.freeze_in_coefficient(-1.0), "g_s"),
    "no loop": (lambda: cp.amplitude_asymmetry(1e-3, "100 GeV", 1.0, loop_factor=0), "loop_factor"),
}


@pytest.mark.parametrize("case", CASES)
def test_what_has_no_meaning_is_refused(case):
    call, named = CASES[case]
    with pytest.raises(InputError, match=named):
        call()
