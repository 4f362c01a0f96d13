"""Constants in natural units (hbar = c = k_B = 1): powers of GeV.

Measured values carry their source. Where a source gives another unit the conversion is CODATA 2022, in which h, c, k_B
and e are exact: hbar c = 1.973269804593025e-14 GeV cm, k_B = 8.617333262145179e-14 GeV/K.
"""

PLANCK_MASS = 1.220890e19
"""Planck mass G^(-1/2), not reduced [GeV]: CODATA 2022, 1.220890(14)e19 GeV."""

REDUCED_PLANCK_MASS = 2.435323e18
"""Reduced Planck mass (8 pi G)^(-1/2) [GeV]: CODATA 2022, the one above over sqrt(8 pi)."""

PROTON_MASS = 0.93827208943
"""Proton mass [GeV]: CODATA 2022."""

CMB_TEMPERATURE = 2.348654e-13
"""Photon temperature today, T_0 [GeV]: 2.7255(6) K, Fixsen 2009 (arXiv:0911.1955)."""

PHOTON_DENSITY = 3.155846e-39
"""Number density of photons today [GeV^3]: 410.73 cm^-3, Particle Data Group 2022, for T_0 = 2.7255 K."""

ENTROPY_DENSITY = 2.221455e-38
"""Entropy density today, s_0 [GeV^3]: 2891.2 cm^-3, Particle Data Group 2022 (photons and three neutrinos)."""

HUBBLE_100 = 2.133120e-42
"""100 km/s/Mpc, so that H_0 = h times this [GeV]: exact up to rounding (IAU 2012 au, 2015 parsec)."""

CRITICAL_DENSITY_PER_H2 = 8.095879e-47
"""Critical density today over h^2 [GeV^4]: 1.05367e-5 GeV cm^-3, Particle Data Group 2022."""

DARK_MATTER_OMEGA_H2 = 0.1200
"""Omega_DM h^2: Planck 2018 VI (arXiv:1807.06209), 0.1200(12), TT,TE,EE+lowE+lensing."""

BARYON_OMEGA_H2 = 0.02237
"""Omega_b h^2: Planck 2018 VI (arXiv:1807.06209), 0.02237(15), TT,TE,EE+lowE+lensing."""

BARYON_TO_PHOTON = 6.12e-10
"""eta_B, baryons per photon today: from Omega_b h^2 above, 6.12(4)e-10 (helium's binding moves it by 0.2 per cent)."""

BARYON_YIELD = 8.69e-11
"""Y_B, baryons per entropy today: eta_B n_gamma/s_0, with s_0/n_gamma = 7.039."""
