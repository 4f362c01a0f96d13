"""What a telescope would see, as frozen records: speeds, maps, fluxes and limits.

Wherever there are k kicks, k + 1 entries begin with "no kick". Speeds are v_rel = |v_1 - v_2|.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from halokick.study.record_base import Record

NO_KICK = "no kick"
HALO = "halo"
"""Target that is the study's own halo, seen by its observer."""


@dataclass(frozen=True, eq=False)
class AnnihilationRecord(Record):
    """J-factors for laws of the relative speed, of the observer's halo and of d dwarfs.

    Attributes
    ----------
    laws : tuple of str, length l
        Names of the run file.
    factors : tuple of str, length l
        What they are, parameters included.
    kicks : tuple of str, length k + 1
    mean_speed : Quantity [speed], shape (k + 1,)
        Of the kicks.
    angles : Quantity [angle], shape (a,), or None
        Half-angles of the observer's cones; None, as is what follows, without an observer.
    j_s : Quantity [GeV2 cm-5], shape (k + 1, a), or None
        J of an s-wave. nan here and below where there is no number.
    average : ndarray, shape (l, k + 1, a), or None
        <S>.
    speeds : Quantity [speed], shape (k + 1, a, 3), or None
        v_rel below which 5, 50 and 95 per cent of the annihilations of an s-wave are.
    rms : Quantity [speed], shape (k + 1, a), or None
        Root of the mean v_rel^2, weighted with these annihilations.
    problems : tuple of str
        Why there is no number, for each that is missing.
    dwarfs : tuple of str
    dwarf_angles : Quantity [angle], shape (b,), or None
        None, as is what follows, without dwarfs. The last axis holds the 16th, 50th and 84th percentile of the draws.
    dwarf_j_s : Quantity [GeV2 cm-5], shape (d, b, k + 1, 3), or None
    dwarf_average : ndarray, shape (d, l, k + 1, 3), or None
    dwarf_j : Quantity [GeV2 cm-5], shape (d, l, b, k + 1, 3), or None
        J_S, in which J, S_lin and <S> of one draw go together.
    dwarf_left : ndarray, shape (d, l, b, k + 1, 3), or None
        J_S over that of the same draw without kick.
    dwarf_speeds : Quantity [speed], shape (d, k + 1, 3), or None
        As `speeds`, in the halo of median V_max.
    """

    laws: tuple
    factors: tuple
    kicks: tuple
    mean_speed: object
    angles: object = None
    j_s: object = None
    average: np.ndarray | None = None
    speeds: object = None
    rms: object = None
    problems: tuple = ()
    dwarfs: tuple = ()
    dwarf_angles: object = None
    dwarf_j_s: object = None
    dwarf_average: np.ndarray | None = None
    dwarf_j: object = None
    dwarf_left: np.ndarray | None = None
    dwarf_speeds: object = None


@dataclass(frozen=True, eq=False)
class MapRecord(Record):
    """One map; its grid is that of its `MapsRecord`.

    Attributes
    ----------
    kick, law : str
    values : Quantity [GeV2 cm-5 sr-1], shape (pixels,) or (rows, columns)
        Averages over the pixels.
    total, map_total : Quantity [GeV2 cm-5]
        J of the whole sky, and of the pixels of the map.
    facts, comments : mapping
        Cards of the file's header, and what they say.
    """

    kick: str
    law: str
    values: object
    total: object
    map_total: object
    facts: Mapping
    comments: Mapping


@dataclass(frozen=True, eq=False)
class MapsRecord(Record):
    """Maps of one part of the sky.

    Attributes
    ----------
    maps : tuple of MapRecord
    grid : str
        ``"wcs"`` or ``"healpix"``.
    layout : str
        Of the files.
    frame : str
    centre : Quantity [angle], shape (2,)
        Longitude and latitude of the halo's centre in the frame.
    solid_angle : Quantity [solid angle]
        Of the pixels; one number if they are all alike.
    distance, r_max : Quantity [length]
    size, pixel : Quantity [angle], shape (2,), or None
        Of a WCS grid, as is `projection`.
    projection : str or None
    nside : int or None
        Of a HEALPix grid, as is `order`.
    order : str or None
    pixels : ndarray of int or None
        Of a part of the sky.
    cone : ndarray, shape (3,), or None
        Longitude, latitude and half-angle [deg] of that part.
    target : str or None
        The dwarf that they show; None for the study's own halo.
    """

    maps: tuple
    grid: str
    layout: str
    frame: str
    centre: object
    solid_angle: object
    distance: object
    r_max: object
    size: object = None
    pixel: object = None
    projection: str | None = None
    nside: int | None = None
    order: str | None = None
    pixels: np.ndarray | None = None
    cone: np.ndarray | None = None
    target: str | None = None


@dataclass(frozen=True, eq=False)
class TargetFlux(Record):
    """Fluxes of one target and cone for k + 1 kicks and l laws.

    Attributes
    ----------
    name : str
    angle : Quantity [angle]
    j_factor : Quantity [GeV2 cm-5], shape (l, k + 1)
        J_S, the median of the draws for a dwarf.
    j_low, j_high : Quantity [GeV2 cm-5], shape (l, k + 1), or None
        16th and 84th percentile of the draws.
    differential : Quantity [GeV-1 cm-2 s-1], shape (l, k + 1, n)
        At the bins' middle energies; nan where there is a line.
    photons : Quantity [cm-2 s-1], shape (l, k + 1, n)
    energy_flux : Quantity [GeV cm-2 s-1], shape (l, k + 1, n)
        Of each bin, as are `photons`.
    """

    name: str
    angle: object
    j_factor: object
    j_low: object
    j_high: object
    differential: object
    photons: object
    energy_flux: object


@dataclass(frozen=True, eq=False)
class FluxRecord(Record):
    """Fluxes at the Earth.

    Attributes
    ----------
    laws : tuple of str, length l
    kicks : tuple of str, length k + 1
    mean_speed : Quantity [speed], shape (k + 1,)
    edges : Quantity [energy], shape (n + 1,)
    energy : Quantity [energy], shape (n,)
        Middle of each bin in the logarithm.
    mass : Quantity [energy]
    sigma_v : Quantity [cm3 s-1]
        (sigma v)_0, which the law multiplies.
    shares : ndarray, shape (2,)
        Of the dark matter: the primordial and the kicked species today.
    spectrum : str
    targets : tuple of TargetFlux
    """

    laws: tuple
    kicks: tuple
    mean_speed: object
    edges: object
    energy: object
    mass: object
    sigma_v: object
    shares: np.ndarray
    spectrum: str
    targets: tuple


@dataclass(frozen=True, eq=False)
class LimitsRecord(Record):
    """Upper limits on (sigma v)_0 from d dwarfs together, for c closures, l laws and k kicks (none of them is none).

    Attributes
    ----------
    closures : tuple of str, length c
    laws : tuple of str, length l
    factors : tuple of str, length l
    kicks : tuple of str, length k
    mean_speed : Quantity [speed], shape (k,)
    dwarfs : tuple of str, length d
    angle : Quantity [angle]
    sigma_v : Quantity [cm3 s-1], shape (c, l, k)
        inf where no dwarf has daughters left.
    unkicked : Quantity [cm3 s-1], shape (c, l)
        The same shares without a kick.
    log10_j, width_dex : ndarray, shape (c, l, k, d)
        Median and width of log10 J_S/(GeV2 cm-5) over the draws; -inf where nothing is left.
    v_max : Quantity [speed], shape (c, d, 3)
        16th, 50th and 84th percentile.
    shares : ndarray, shape (2,)
    confidence : float
    source : str
        What is known without a kick.
    published : Quantity [cm3 s-1] or None
        The limit that was read, on self-conjugate dark matter; None with likelihoods.
    point : Quantity [cm3 s-1] or None
        (sigma v)_0 of the run file's particle, where it has one.
    settings : mapping of str to str
    """

    closures: tuple
    laws: tuple
    factors: tuple
    kicks: tuple
    mean_speed: object
    dwarfs: tuple
    angle: object
    sigma_v: object
    unkicked: object
    log10_j: np.ndarray
    width_dex: np.ndarray
    v_max: object
    shares: np.ndarray
    confidence: float
    source: str
    published: object = None
    point: object = None
    settings: Mapping = field(default_factory=dict)

    @property
    def band(self):
        """Strongest and weakest limit among the closures: two Quantities of shape (l, k)."""
        return np.min(self.sigma_v, axis=0), np.max(self.sigma_v, axis=0)


TELESCOPE_RECORDS = (AnnihilationRecord, MapRecord, MapsRecord, TargetFlux, FluxRecord, LimitsRecord)
