"""Where the daughters of decaying dark matter live, and how brightly they annihilate.

A parent B' decays to a slightly lighter daughter L' and light hidden states; the daughter gets a velocity kick. Read in
this order: a density profile (`NFWProfile`, ...), the `Halo` it makes, its distribution function `ErgodicDF`, a kick
(`FixedKick`, ...), then `phase_mix` for the daughters and `j_factor` for their signal. From the shell:
``halokick run FILE.toml``.
"""

from halokick.daughters.bound_fraction import bound_fraction
from halokick.daughters.density_grid import BoxGrid, MeridianGrid
from halokick.daughters.ergodic import phase_mix_ergodic
from halokick.daughters.follow import follow_orbits
from halokick.daughters.followed import FollowedDaughters
from halokick.daughters.integration import BoxBins, RingBins
from halokick.daughters.phase_mixing import phase_mix, speed_distribution
from halokick.daughters.result import Daughters
from halokick.daughters.stream import stream_density, with_early_capture, with_streaming
from halokick.decay.history import DecayHistory, EarlyCapture
from halokick.decay.kicks import (
    CascadeKick,
    FixedKick,
    KickDistribution,
    MatrixElementKick,
    PhaseSpaceKick,
    TabulatedKick,
    TwoBodyKick,
)
from halokick.decay.streaming_length import clustering_length, clustering_speed, streaming_length
from halokick.halo.df import ErgodicDF
from halokick.halo.force_field import ForceField, force_field
from halokick.halo.growth import AmplitudeGrowth, WechslerGrowth
from halokick.halo.potential import Halo
from halokick.halo.profiles import (
    BurkertProfile,
    CoredIsothermalProfile,
    DensityProfile,
    EinastoProfile,
    GeneralisedNFWProfile,
    HernquistProfile,
    JaffeProfile,
    NFWProfile,
    PlummerProfile,
    TabulatedProfile,
    TruncatedProfile,
    ZhaoProfile,
    as_profile,
)
from halokick.halo.sampling import PhaseSpaceSample
from halokick.sky.catalogue import builtin_catalogue, read_catalogue
from halokick.sky.dwarfs import suppress_dwarfs
from halokick.sky.jfactor import d_factor, differential_d_factor, differential_j_factor, j_factor
from halokick.sky.solid_view import SkyView, d_sky, j_sky
from halokick.sky.viewpoint import Viewpoint

__version__ = "0.1.0"

__all__ = [
    "AmplitudeGrowth",
    "BoxBins",
    "BoxGrid",
    "BurkertProfile",
    "CascadeKick",
    "CoredIsothermalProfile",
    "Daughters",
    "DecayHistory",
    "DensityProfile",
    "EarlyCapture",
    "EinastoProfile",
    "ErgodicDF",
    "FixedKick",
    "FollowedDaughters",
    "ForceField",
    "GeneralisedNFWProfile",
    "Halo",
    "HernquistProfile",
    "JaffeProfile",
    "KickDistribution",
    "MatrixElementKick",
    "MeridianGrid",
    "NFWProfile",
    "PhaseSpaceKick",
    "PhaseSpaceSample",
    "PlummerProfile",
    "RingBins",
    "SkyView",
    "TabulatedKick",
    "TabulatedProfile",
    "TruncatedProfile",
    "TwoBodyKick",
    "Viewpoint",
    "WechslerGrowth",
    "ZhaoProfile",
    "as_profile",
    "bound_fraction",
    "builtin_catalogue",
    "clustering_length",
    "clustering_speed",
    "d_factor",
    "d_sky",
    "differential_d_factor",
    "differential_j_factor",
    "follow_orbits",
    "force_field",
    "j_factor",
    "j_sky",
    "phase_mix",
    "phase_mix_ergodic",
    "read_catalogue",
    "speed_distribution",
    "stream_density",
    "streaming_length",
    "suppress_dwarfs",
    "with_early_capture",
    "with_streaming",
]
