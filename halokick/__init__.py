"""Where the daughters of decaying dark matter live, and how brightly they annihilate.

A parent B' decays to a slightly lighter daughter L' and light hidden states; the daughter gets a velocity kick. Read in
this order: a density profile (`NFWProfile`, ...), the `Halo` it makes, its distribution function `ErgodicDF`, a kick
(`FixedKick`, ...), then `phase_mix` for the daughters and `j_factor` for their signal. From the shell:
``halokick run FILE.toml``.

A name is loaded with its module when it is first asked for, so that a script pays at its start for what it uses only.
"""

from importlib import import_module

__version__ = "0.1.0"

_NAMES = {
    "daughters.bound_fraction": "bound_fraction",
    "daughters.density_grid": "BoxGrid MeridianGrid",
    "daughters.ergodic": "phase_mix_ergodic",
    "daughters.follow": "follow_orbits",
    "daughters.followed": "FollowedDaughters",
    "daughters.integration": "BoxBins RingBins",
    "daughters.phase_mixing": "phase_mix speed_distribution",
    "daughters.result": "Daughters",
    "daughters.stream": "stream_density with_early_capture with_streaming",
    "decay.history": "DecayHistory EarlyCapture",
    "decay.kicks": (
        "CascadeKick FixedKick KickDistribution MatrixElementKick PhaseSpaceKick TabulatedKick TwoBodyKick"
    ),
    "decay.streaming_length": "clustering_length clustering_speed streaming_length",
    "halo.df": "ErgodicDF",
    "halo.force_field": "ForceField force_field",
    "halo.growth": "AmplitudeGrowth WechslerGrowth",
    "halo.potential": "Halo",
    "halo.profiles": (
        "BurkertProfile CoredIsothermalProfile DensityProfile EinastoProfile "
        "GeneralisedNFWProfile HernquistProfile JaffeProfile NFWProfile PlummerProfile "
        "TabulatedProfile TruncatedProfile ZhaoProfile as_profile"
    ),
    "halo.sampling": "PhaseSpaceSample",
    "live.accretion": "MassAccretion",
    "live.evolve_halo": "evolve_halo",
    "live.limits": "circular_shell_correction one_body_homology",
    "live.live_halo": "LiveHalo LiveSnapshot",
    "live.profile": "LiveProfile",
    "live.rule": (
        "FastDecayWarning FixedPotentialEstimate FixedPotentialWarning check_fixed_potential choose_method "
        "fixed_potential_error with_decayed_share"
    ),
    "live.tree_halo": "TreeHalo evolve_tree_halo",
    "sky.catalogue": "builtin_catalogue read_catalogue",
    "sky.dwarf_closures": "DwarfClosure DwarfDraws draw_dwarf standard_closures",
    "sky.dwarf_signals": "DwarfSignals dwarf_signals",
    "sky.dwarfs": "suppress_dwarfs",
    "sky.flux": "DistinctSpecies SelfConjugate SharesOfDarkMatter differential_flux energy_flux photon_flux",
    "sky.healpix_map": "healpix_d_map healpix_map",
    "sky.jfactor": "d_factor differential_d_factor differential_j_factor j_factor",
    "sky.kick_limit": "KickLimits kick_limits",
    "sky.likelihood_file": "read_likelihood_profile",
    "sky.likelihood_profile": "BinnedProfile GaussianProfile SignalProfile",
    "sky.linear_suppression": "InCone WholeHalo",
    "sky.live_dwarf_grid": "LiveDaughterGrid measure_live_error solve_live_grid",
    "sky.map_files": "read_map write_map",
    "sky.median_dwarf": "median_dwarf",
    "sky.nfw_speeds": "SpeedModel",
    "sky.nfw_suppression": "NFW_SUPPRESSION SuppressionTable",
    "sky.published_boosts": "moline_boost sanchez_conde_prada_boost",
    "sky.quick_limits": "background_limited_ratio signal_limited_ratio",
    "sky.relative_speed": "LocalSpeeds relative_speed",
    "sky.sky_map": "SkyMap",
    "sky.solid_density": "AxisymmetricDensity EllipsoidalDensity TriaxialDensity",
    "sky.solid_view": "SkyView d_sky j_sky",
    "sky.sommerfeld": "Coulomb Hulthen",
    "sky.spectra": "BoxSpectrum LineSpectrum MixedSpectrum PowerLawSpectrum",
    "sky.spectrum_tables": "read_cosmixs read_pppc4 read_spectrum_csv",
    "sky.speed_factors": (
        "BreitWigner CrossSection DWave InverseSpeed PWave SWave SpeedFactor UserFactor factor_of_model"
    ),
    "sky.stacking": "GaussianInLogJ LogNormalInJ Target reread_limit stacked_limit",
    "sky.substructure": "Boost SubhaloPopulation substructure_boost",
    "sky.velocity_j": "RelativeSpeed target_speeds",
    "sky.viewpoint": "Viewpoint",
    "sky.wcs_map": "wcs_d_map wcs_map",
    "study.gadget": "export_initial_conditions read_snapshot write_snapshot",
}
"""Module -> its public names."""
_HOMES = {name: f"halokick.{module}" for module, names in _NAMES.items() for name in names.split()}
_PACKAGES = ("daughters", "decay", "halo", "live", "sky", "study")

__all__ = list(_HOMES)


def __getattr__(name):
    if name in _HOMES:
        value = getattr(import_module(_HOMES[name]), name)
    elif name in _PACKAGES:
        value = import_module(f"halokick.{name}")
    else:
        raise AttributeError(f"module 'halokick' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__():
    return sorted({*globals(), *__all__})
