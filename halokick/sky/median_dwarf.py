r"""The one halo that stands for a dwarf in a picture: that at its measured place whose J is the median of the draws.

Percentiles of r_s, :math:`\rho_s` and the distance, each taken by itself, are no halo: J of the three medians is not
the median of J.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import newton

from halokick import units
from halokick.daughters.phase_mixing import phase_mix
from halokick.decay.kicks import FixedKick
from halokick.errors import ConvergenceError, InputError
from halokick.halo.df import ErgodicDF
from halokick.halo.potential import Halo
from halokick.halo.profiles import NFWProfile
from halokick.sky.catalogue import Dwarf
from halokick.sky.dwarf_grid import EnergyCut
from halokick.sky.dwarf_halo import draw_nfw_haloes
from halokick.sky.dwarfs import subhalo_relation, suppress_dwarfs
from halokick.sky.jfactor import j_factor
from halokick.sky.tides import host_mean_density, milky_way_halo, nfw_tidal_ratio

_MIDDLE = np.array([0.5])
"""Along the family of haloes with one dispersion."""
_POWER = 4.0
"""J rises about as this power of the dispersion."""
_CLOSE = 1e-11
"""Of ln of the dispersion."""
_INNER, _PER_DECADE, _BEYOND = 1e-4, 14, 1.05
_ANY_KICK = FixedKick("10 km/s")


@dataclass(frozen=True, eq=False)
class MedianDwarf:
    """A halo for a dwarf; made by `median_dwarf`.

    Attributes
    ----------
    dwarf : Dwarf
    df : ErgodicDF
        Of the NFW halo, cut at the tidal radius or, with `NoCut`, without an end.
    tidal_radius : Quantity [length]
        Where it ends as a target.
    j_parent : Quantity [GeV2 cm-5]
        Median of the draws, and J of this halo, within `angle`.
    angle : Quantity [angle]
    dispersion : Quantity [speed]
        Of the stars in this halo, by Wolf et al. (2010): within a tenth of that measured in the built-in
        catalogue.
    virial_mass : Quantity [mass]
    concentration : float
    """

    dwarf: Dwarf
    df: ErgodicDF
    tidal_radius: units.Quantity
    j_parent: units.Quantity
    angle: units.Quantity
    dispersion: units.Quantity
    virial_mass: units.Quantity
    concentration: float

    @property
    def parent(self):
        """Density before any decay: of what the cut leaves."""
        return self.df if self.df.halo.energy_cut is not None else self.df.profile

    def daughters(self, kick):
        """Daughters of this halo, phase-mixed in its potential, out to the tidal radius: Daughters."""
        radii = None
        if self.df.halo.energy_cut is None:
            ends = [
                float(units.to_internal(one, "length")) for one in (_INNER * self.df.profile.r_s, self.tidal_radius)
            ]
            count = int(np.ceil(_PER_DECADE * np.log10(_BEYOND * ends[1] / ends[0]))) + 1
            radii = units.attach(np.geomspace(ends[0], _BEYOND * ends[1], count), "length")
        return phase_mix(self.df, kick, radii)


def median_dwarf(
    dwarf, grid, *, angle="0.5 deg", relation=None, scatter_dex=None, mass_function=None, host=None, draws=200, seed=0
):
    r"""The halo at a dwarf's measured distance that is as bright as the median of its draws.

    Its size on the sky is that measured, and it lies in the middle of the odds of `draw_nfw_haloes`. Solved for is the
    dispersion, in

    .. math:: J(\sigma; <\theta) = \mathrm{median}_i\, J_i(<\theta)

    where i are the draws of `suppress_dwarfs`, of dispersion, distance and halo. J goes about as :math:`\sigma^4`, so
    that there is one. What a kick leaves of this halo is near to the median of what it leaves of the draws, not equal.

    Parameters
    ----------
    dwarf : Dwarf
    grid : DaughterGrid
        Of the draws, and says how haloes end.
    angle : Quantity [angle] or str
        Half-angle of the cone of J.
    relation, scatter_dex, mass_function, host, draws, seed
        As for `suppress_dwarfs`.

    Returns
    -------
    MedianDwarf

    Raises
    ------
    InputError
        As for `suppress_dwarfs`.
    ConvergenceError
        The dispersion could not be solved for.
    """
    host = milky_way_halo() if host is None else host
    chosen = {"scatter_dex": scatter_dex, "mass_function": mass_function}
    common = {"relation": relation, "host": host, "draws": draws, "seed": seed} | chosen
    table = suppress_dwarfs(dwarf, (_ANY_KICK,), angles=angle, grid=grid, **common)[0]
    if len(table.angles) != 1:
        raise InputError(f"angle = {angle}; one half-angle is needed, within which J is that of the median")
    wanted = float(table.j_parent[0, 1].value)
    family = _Family(dwarf, grid.truncation, table.angles[0], host, relation, chosen)
    try:
        # a step of ln(sigma), from what was measured
        first = np.log(wanted / family.j_of(0.0)) / _POWER
        step = newton(lambda t: np.log(family.j_of(t) / wanted), 0.0, x1=first or _CLOSE, tol=_CLOSE)
    except RuntimeError as error:
        raise ConvergenceError(f"{dwarf.name}: no dispersion was found whose J is the median: {error}") from error
    df, edge, halo = family.halo(step)
    return MedianDwarf(
        dwarf=dwarf,
        df=df,
        tidal_radius=edge,
        j_parent=table.j_parent[0, 1],
        angle=table.angles[0],
        dispersion=family.dispersion(step),
        virial_mass=halo.virial_mass[0],
        concentration=float(halo.concentration[0]),
    )


class _Family:
    """Haloes of one dwarf, by ln of their dispersion over that measured."""

    def __init__(self, dwarf, truncation, angle, host, relation, chosen):
        self._dwarf, self._angle, self._chosen = dwarf, angle, chosen
        self._is_cut = truncation.name == EnergyCut.name
        self._relation = subhalo_relation(dwarf, host) if relation is None else relation
        distance = dwarf.galactocentric_distance_at(dwarf.distance)
        self._host_density = float(host_mean_density(host, float(units.to_internal(distance, "length"))))

    def dispersion(self, step):
        """Of the stars: Quantity [speed]."""
        return self._dwarf.dispersion * np.exp(step)

    def halo(self, step):
        """Distribution function, tidal radius, and what else is known of a halo."""
        dispersion = units.attach([float(units.to_internal(self.dispersion(step), "speed"))], "speed")
        drawn = draw_nfw_haloes(dispersion, self._dwarf.half_light_radius, _MIDDLE, self._relation, **self._chosen)
        profile = NFWProfile(r_s=drawn.r_s[0], rho_s=drawn.rho_s[0])
        ratio = float(nfw_tidal_ratio(units.to_internal(drawn.rho_s[0], "density"), self._host_density))
        edge = ratio * drawn.r_s[0]
        return ErgodicDF(Halo(profile, energy_cut=edge if self._is_cut else None)), edge, drawn

    def j_of(self, step):
        """J within the cone [GeV2 cm-5]."""
        df, edge, _ = self.halo(step)
        density = df if self._is_cut else df.profile
        return float(j_factor(density, distance=self._dwarf.distance, angle=self._angle, r_max=edge).value)
