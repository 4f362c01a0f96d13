"""Constants in the internal units of `halokick`: kpc, km/s, Msun (time: kpc/(km/s))."""

G = 4.300917270e-6
"""Gravitational constant [kpc (km/s)^2 / Msun]: CODATA 2018 G and the IAU 2015 nominal GM_sun."""

GYR_PER_TIME_UNIT = 0.9777922216807892
"""1 kpc/(km/s) in Gyr: 3.0856775814913674e16 km over 1e9 Julian years of 365.25 days."""

SPEED_OF_LIGHT = 299792.458
"""Speed of light [km/s], exact."""

AGE_OF_UNIVERSE_GYR = 13.8
"""Default age over which decays accumulate [Gyr]: Planck 2018 VI (arXiv:1807.06209), 13.80 +- 0.02."""
