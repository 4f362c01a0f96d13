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
    "decay.kicks": "CascadeKick FixedKick KickDistribution MatrixElementKick PhaseSpaceKick TabulatedKick TwoBodyKick",
    "decay.streaming_length": "clustering_length clustering_speed streaming_length",
    "halo.df": "ErgodicDF",
    "halo.force_field": "ForceField force_field",
    "halo.growth": "AmplitudeGrowth WechslerGrowth",
    "halo.potential": "Halo",
    "halo.profiles": "BurkertProfile CoredIsothermalProfile DensityProfile EinastoProfile GeneralisedNFWProfile "
    "HernquistProfile JaffeProfile NFWProfile PlummerProfile TabulatedProfile TruncatedProfile ZhaoProfile as_profile",
    "halo.sampling": "PhaseSpaceSample",
    "sky.catalogue": "builtin_catalogue read_catalogue",
    "sky.dwarfs": "suppress_dwarfs",
    "sky.jfactor": "d_factor differential_d_factor differential_j_factor j_factor",
    "sky.solid_view": "SkyView d_sky j_sky",
    "sky.viewpoint": "Viewpoint",
}
"""Module -> its public names."""
_HOMES = {name: f"halokick.{module}" for module, names in _NAMES.items() for name in names.split()}
_PACKAGES = ("daughters", "decay", "halo", "sky", "study")

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
