r"""J-factors of annihilation that depends on speed, for a whole target: cone, ball or line of sight.

v is v_rel = |v_1 - v_2| throughout, neither half of it nor a dispersion. As in `jfactor` there is no 1/2 and no 1/4pi.
"""

import warnings
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from halokick import units
from halokick.daughters.phase_mixing import spike_radius
from halokick.errors import ConvergenceError, InputError
from halokick.sky.relative_speed import PairPopulations, checked_pairs
from halokick.sky.shells import SHAPES, shells
from halokick.sky.speed_factors import DWave, InverseSpeed, PWave, check_factor
from halokick.sky.speed_panels import SpeedPanels, panel_nodes, target_edges

_SEGMENT, _INNER, _INNER_UNKICKED = 16, 20, 16
"""Radial Gauss nodes of a segment and of the one with the centre in it; doubling them changes J_p by under 1e-6."""
_DEEPEST = 1e-7
"""In scale radii: below it an unkicked cusp is a power law to 1e-7, and its speeds scale."""
_FINER = 4
"""Octaves below the speeds at the tangent point of a narrow cone, or of a line of sight."""
_NORM = 1e-3
"""Largest error of the distribution's integral; it is 1e-4 in the steepest cusps."""
_FAR = 300.0
"""A halo without edge is followed to so many scale radii and distances; rho^2 r^3 is then below 4e-8 of its middle."""
_PERCENTILES = (5, 50, 95)


@dataclass(frozen=True, eq=False)
class RelativeSpeed:
    r"""The distribution of relative speeds of a target's annihilations, and every J-factor that follows from it.

    .. math:: P_J(v) = \frac{\int dV\,\rho_1\rho_2 P(v;r)}{\int dV\,\rho_1\rho_2}, \qquad
              J_S = J_s\int P_J(v)\,S(v)\,dv

    with the target's weight 1/l^2 in dV. v is v_rel. Made by `target_speeds`.

    Attributes
    ----------
    VCONV : str
        ``"v_rel"``: which speed v means, for headers of files.
    pairs : str
        ``"unkicked"``, ``"linear"`` (one member kicked) or ``"quadratic"`` (both).
    kick : KickDistribution or None
    shape : str
        ``"cone"``, ``"sphere"`` or ``"direction"``.
    distance, angle, r_max : Quantity
    j_s : Quantity [GeV2 cm-5, for a direction GeV2 cm-5 sr-1]
        J of an s-wave, S = 1.
    mean_square, mean_fourth, mean_inverse : Quantity
        J-weighted <v_rel^2>, <v_rel^4>, <1/v_rel>, calculated without the distribution; <1/v_rel> of an unkicked cusp
        to 1e-6 up to a slope of 1.3, and worse towards 4/3, where it diverges.
    norm_error : float
        Integral of P_J less one, before P_J is divided by it.
    square_error, fourth_error : float
        Moments of P_J over `mean_square` and `mean_fourth`, less one.
    """

    VCONV: ClassVar[str] = "v_rel"

    pairs: str
    kick: object
    shape: str
    distance: object
    angle: object
    r_max: object
    j_s: object
    mean_square: object
    mean_fourth: object
    mean_inverse: object
    norm_error: float
    square_error: float
    fourth_error: float
    _panels: SpeedPanels

    def pdf(self, v_rel):
        """P_J: Quantity [1/speed], shape of `v_rel` (Quantity [speed])."""
        v = units.to_internal(v_rel, "speed", "v_rel")
        return self._panels(v) / self._panels.total / units.attach(1.0, "speed")

    def average(self, factor):
        r"""<S> of the target, :math:`\int P_J S\,dv` = J_S/J_s.

        Parameters
        ----------
        factor : SpeedFactor
            See `halokick.sky.speed_factors` and `halokick.sky.sommerfeld`.

        Returns
        -------
        float

        Raises
        ------
        InputError
            The factor rises so fast towards zero speed that the integral is infinite.
        """
        check_factor(factor)
        self._refuse_divergence(factor)
        return self._panels.integral(factor.values, factor.sharp_speeds) / self._panels.total

    def j_factor(self, factor):
        """J_S of the target: Quantity, unit of `j_s`."""
        return self.j_s * self.average(factor)

    @cached_property
    def j_p(self):
        """J with S = (v_rel/c)^2: Quantity."""
        return self.j_factor(PWave())

    @cached_property
    def j_d(self):
        """J with S = (v_rel/c)^4: Quantity."""
        return self.j_factor(DWave())

    @cached_property
    def j_inverse(self):
        """J with S = c/v_rel: Quantity."""
        return self.j_factor(InverseSpeed())

    @property
    def rms(self):
        """Root of the J-weighted <v_rel^2>: Quantity [speed]."""
        return np.sqrt(self.mean_square)

    def percentiles(self, shares=_PERCENTILES):
        """Relative speeds below which so many per cent of the annihilations of an s-wave are: Quantity [speed]."""
        values = np.atleast_1d(np.asarray(shares, dtype=float))
        if not (np.all(values >= 0) and np.all(values <= 100)):
            raise InputError(f"shares = {shares}; percentiles lie between 0 and 100")
        return units.attach([self._panels.quantile(share / 100) for share in values], "speed")

    def summary(self):
        """Name -> Quantity or text, the convention of speed included."""
        low, middle, high = self.percentiles()
        return {
            "VCONV": self.VCONV,
            "pairs": self.pairs,
            "shape": self.shape,
            "J_s": self.j_s,
            "J_p": self.j_p,
            "J_d": self.j_d,
            "rms v_rel": self.rms,
            "5 % of v_rel": low,
            "median v_rel": middle,
            "95 % of v_rel": high,
        }

    def _refuse_divergence(self, factor):
        power = self._panels.power
        v = self._panels.edges[0] * np.array([1e-9, 1e-8])
        with warnings.catch_warnings():
            # what a factor has to say about its values, it says when they are used
            warnings.simplefilter("ignore")
            low, high = factor.values(v)
        steepness = np.log10(low / high) if low > 0 and high > 0 else 0.0
        if power + 1 - steepness > 0.02:
            return
        raise InputError(
            f"{factor!r} rises as v_rel^-{steepness:.3g} towards zero speed, where the pairs of this unkicked cusp are "
            f"distributed as v_rel^{power:.3g}: the integral is infinite (an unkicked cusp of slope 4/3 or more for "
            "1/v, of slope 1 or more for 1/v^2). Add the kick, let the factor saturate (a massive mediator, "
            "InverseSpeed(saturation=...), cap=...), or use a direction that misses the centre"
        )

    def __repr__(self):
        return (
            f"RelativeSpeed(v_rel, {self.pairs} pairs, kick={self.kick!r}, {self.shape} of {self.angle} at "
            f"{self.distance}, rms v_rel = {self.rms:.4g})"
        )


def target_speeds(
    df, kick=None, *, distance, angle, shape="cone", pairs="linear", r_max=None, outer_cut=None, kick_nodes=16
):
    r"""Distribution of relative speeds in a target, weighted with the annihilations of an s-wave.

    Parameters
    ----------
    df : ErgodicDF
        The unkicked halo.
    kick : KickDistribution, optional
        A distribution of speeds is summed over its nodes: P_J is linear in it. None: no kick.
    distance : Quantity [length], scalar
        Of the observer from the halo's centre.
    angle : Quantity [angle], scalar
        Half-angle of the cone, or angle of the line of sight to the centre.
    shape : {"cone", "sphere", "direction"}
        The cone around the centre; the ball of radius `distance` sin(`angle`) that it touches, over distance^2; the
        line of sight.
    pairs : {"linear", "quadratic", "unkicked"}
        Which members of a pair were kicked: one, both or none.
    r_max : Quantity [length], optional
        Where the halo ends, without change of speeds inside.
    outer_cut : Quantity [length], optional
        As in `phase_mix`: daughters with larger zero-velocity radii are left out.
    kick_nodes : int
        Speeds that stand for a continuous kick law; time grows in proportion.

    Returns
    -------
    RelativeSpeed
        Relative error of J_s, J_p, J_d and J_-1 below 1e-6 for unkicked pairs, and for linear ones with a kick above a
        hundredth of the escape speed; up to 5e-5 for smaller kicks, 2e-5 for quadratic pairs.

    Raises
    ------
    InputError
        Geometry or arguments without meaning, or a line of sight through the centre.
    """
    pairs = checked_pairs(df, kick, pairs)
    d, theta = _geometry(distance, angle, shape)
    field = df.halo._field
    scale = df.profile._scale_radius
    r_end, log_out = _ends(df, d, r_max, outer_cut)
    gamma = df.profile._inner_slope
    centred = shape != "direction"
    rising, deep_speed = _cusp_speeds(df) if pairs == "unkicked" and gamma > 0 else (0.0, 0.0)
    largest = 2 * np.sqrt(2 * field.psi0)
    power, octaves = 2.0, 13
    kicks = [] if pairs == "unkicked" else [units.to_internal(kick.max_speed, "speed")]
    # the daughters' density bends where particles kicked from rest in the centre come to rest
    bend = min([scale, *(np.exp(spike_radius(field, k)) for k in kicks if k > 0)])
    centre = {"inner_nodes": _INNER, "inner_power": 4.0, "inner_edge": max(bend, 0.01 * scale)}
    if centred and pairs == "linear" and gamma > 2 - 1e-6:
        raise InputError(
            f"the halo rises as r^-{gamma:.3g}: from r^-2 on J of kicked with unkicked particles within a {shape} "
            "around the centre is infinite; use a shallower profile or one with a core, or a direction"
        )
    if gamma > 1.5:
        centre["inner_power"] = float(np.clip(2 / (4 - 2 * gamma + 1e-9), 4.0, 12.0))
    if rising > 0:
        # down to the speeds at the radius as wide as the cone, below which the cusp's power holds, or v^2 of one place
        narrow = min(d * np.sin(min(theta, 0.5 * np.pi)) / scale, 1.0)
        slowest = deep_speed * (narrow / _DEEPEST) ** rising
        octaves = max(11 if centred else octaves, int(np.ceil(np.log2(largest / slowest))) + _FINER)
    if rising > 0 and centred:
        # towards the centre dJ/dln r ~ r^(3 - 2 gamma), speeds ~ r^rising
        if gamma > 1.5 - 1e-6:
            raise InputError(
                f"the unkicked cusp rises as r^-{gamma:.3g}, and from r^-1.5 on its J within a {shape} around the "
                "centre is infinite; add the kick, use a shallower profile or one with a core, or a direction"
            )
        power = min(2.0, (3 - 2 * gamma) / rising - 1)
        slow = 0.03 * largest * 2.0**-octaves
        centre = {
            "inner_nodes": _INNER_UNKICKED,
            "inner_power": float(np.clip(2 / max(3 - 2 * gamma - rising, 1e-9), 4.0, 36.0)),
            "inner_edge": _DEEPEST * scale * (slow / deep_speed) ** (1 / rising),
        }
    log_r, weight = shells(shape, d, theta, r_end, nodes=_SEGMENT, **centre)
    deepest = np.log((_DEEPEST if rising > 0 else 1e-8) * scale)
    below = np.maximum(deepest - log_r, 0.0)
    faster = np.exp(rising * below)
    if rising > 0:
        weight = weight * np.exp(2 * gamma * below)
    both = PairPopulations(df, kick, pairs, np.maximum(log_r, deepest), log_out, kick_nodes)
    edges = target_edges(largest, octaves, [k for k in kicks if 0 < k < largest])
    p = (weight * faster) @ both.product(faster[:, None] * panel_nodes(edges)[0])
    panels = SpeedPanels(edges, p, power)
    strength = float(weight @ both.density_product)
    if not strength > 0:
        raise InputError("no pairs are left in this target: the kick leaves no bound daughters there")
    if not abs(panels.total / strength - 1) < _NORM:
        raise ConvergenceError(
            f"the speeds of pairs in this target add up to {panels.total / strength:.6g}, not to 1 within {_NORM:g}; "
            "more kick_nodes, or a kick that leaves more bound daughters"
        )
    exact = {
        name: float((weight * faster**-times) @ both.exact[name]) / strength
        for name, times in (("square", 2), ("fourth", 4), ("inverse", -1))
    }
    found = {name: panels.integral(lambda u, n=n: u**n) / panels.total for name, n in (("square", 2), ("fourth", 4))}
    return RelativeSpeed(
        pairs=pairs,
        kick=both.kick,
        shape=shape,
        distance=units.attach(d, "length"),
        angle=units.attach(theta, "angle"),
        r_max=units.attach(r_end, "length"),
        j_s=units.attach(strength, "j_factor" if centred else "differential_j_factor"),
        mean_square=units.attach(exact["square"], "potential"),
        mean_fourth=exact["fourth"] * units.attach(1.0, "potential") ** 2,
        mean_inverse=exact["inverse"] / units.attach(1.0, "speed"),
        norm_error=panels.total / strength - 1,
        square_error=found["square"] / exact["square"] - 1,
        fourth_error=found["fourth"] / exact["fourth"] - 1,
        _panels=panels,
    )


def _geometry(distance, angle, shape):
    if shape not in SHAPES:
        raise InputError(f"shape = {shape!r}; allowed are {', '.join(SHAPES)}")
    d = units.to_internal(distance, "length", "distance")
    theta = units.to_internal(angle, "angle", "angle")
    if np.ndim(d) or np.ndim(theta) or not d > 0:
        raise InputError(f"distance = {distance}, angle = {angle}; one positive distance and one angle are needed")
    largest = np.pi if shape != "sphere" else 0.5 * np.pi
    # a line of sight at 180 degrees leads straight away from the centre; its tangent point is the observer
    if not 0 < theta <= largest * (1 + 1e-12) or (shape == "direction" and theta > np.pi * (1 - 1e-9)):
        raise InputError(f"angle = {angle}; for a {shape} it lies above 0 and up to {np.degrees(largest):.0f} deg")
    return float(d), float(min(theta, largest))


def _ends(df, d, r_max, outer_cut):
    """Radius up to which shells are summed, and ln of the largest zero-velocity radius of daughters."""
    halo = df.halo
    scale = df.profile._scale_radius
    end = min(_FAR * max(scale, d), 0.999 * float(np.exp(df._log_outermost)))
    log_out = float(halo._edges[-1])
    if halo.energy_cut is not None:
        log_out = halo._log_cut
    if outer_cut is not None:
        cut = units.to_internal(outer_cut, "length", "outer_cut")
        if np.ndim(cut) or not cut > 0:
            raise InputError(f"outer_cut = {outer_cut} must be one positive radius")
        log_out = min(log_out, float(np.log(cut)))
    end = min(end, float(np.exp(min(log_out, 700.0))))
    if r_max is not None:
        given = units.to_internal(r_max, "length", "r_max", finite=False)
        if np.ndim(given) or not given > 0:
            raise InputError(f"r_max = {r_max} must be one positive radius")
        end = min(end, given)
    return end, log_out


def _cusp_speeds(df):
    """dln(speed)/dln r deep in the cusp, (2 - gamma)/2 in its own gravity, and the speed scale sqrt(2 phi) there."""
    log_r = np.log(_DEEPEST * df.profile._scale_radius) + np.array([0.0, 1.0])
    phi = df.halo._look_up(df.halo._field.phi, log_r)
    return float(0.5 * np.log(phi[1] / phi[0])), float(np.sqrt(2 * phi[0]))
