"""The density of one species in a live halo: sums over shells, relative to the halo that nothing happened to."""

from functools import cached_property

import numpy as np
from scipy.interpolate import PchipInterpolator

from halokick import units
from halokick.errors import InputError
from halokick.halo.profile_base import DensityProfile, positive_factor

SHELL_COUNT = 400
"""Fewest particles in a shell: their shot noise adds 1/400 at most to the mean of rho^2."""
BALL_COUNT = 200
"""Fewest particles inside the resolution radius for their mean density to be taken there."""
SHELL_WIDTH = 0.2
"""Least width of a shell in ln r."""
_STEEPEST = 5.0
"""Slope of the density at which a power law takes over as reference: outside, little is left of the profile."""
_STEEPEST_INSIDE = 2.0
INSIDE = ("continue", "refuse")
"""What is done inside the resolution radius."""


class Reference:
    """The halo without decays, in shells: what the sums of a species are divided by.

    Parameters
    ----------
    profile : DensityProfile
        Of the parents before decays.
    edges : ndarray [kpc]
    sums : ShellSums
        Of particles that never decay, followed in the same way for the same time.
    first : float [kpc]
        Resolution radius.
    """

    def __init__(self, profile, edges, sums, first):
        self.profile, self.edges = profile, np.asarray(edges, dtype=float)
        self.log_edges = np.log(self.edges)
        self.enclosed = sums.enclosed
        self.start = min(int(np.searchsorted(self.edges, first * (1 - 1e-9))), len(edges) - 2)
        slope = profile._log_density(self.log_edges)[1]
        groups = merged_shells(sums.count, self.log_edges, self.start)
        if len(groups) < 2:
            raise InputError(
                f"{int(sums.count.sum())} particles are too few: not two shells hold {SHELL_COUNT} of them; increase n"
            )
        steep = np.flatnonzero(slope > _STEEPEST)
        last = groups[-1][1] - 1
        if len(steep):
            last = min(last, max(int(steep[0]), self.start + 2))
        self.log_last = float(self.log_edges[last])
        self.mass = sums.mass[:-1].copy()
        # of the ball inside the first edge in a cusp of slope 1
        self.middle = np.append(self.log_edges[0] - 0.5, 0.5 * (self.log_edges[1:] + self.log_edges[:-1]))
        far = self.middle[last + 1 :]
        self.mass[last + 1 :] = 4 * np.pi * np.exp(self.log_density(far)[0] + 3 * far) * np.diff(self.log_edges)[last:]

    @classmethod
    def of_profile(cls, profile, radius):
        """The profile itself, known at these radii [kpc] and resolved wherever they are."""
        made = object.__new__(cls)
        made.profile, made.edges, made.log_edges, made.start = profile, radius, np.log(radius), 0
        made.log_last = float(made.log_edges[-1])
        return made

    def log_density(self, log_r):
        """Like `DensityProfile._log_density`: the profile, and a power law outside."""
        log_r = np.asarray(log_r, dtype=float)
        inside = np.minimum(log_r, self.log_last)
        ln_rho, slope, change = self.profile._log_density(inside)
        beyond = log_r - inside
        return ln_rho - slope * beyond, slope, np.where(beyond > 0, 0.0, change)


def merged_shells(count, log_edges, start):
    """Pairs of shell numbers that bound groups of enough particles; the first is the ball inside edge `start`, or more.

    Shell j ends at edge j; group (a, b) are the shells from a on and before b, so that it ends at edge b - 1.
    """
    groups, first, held = [], 0, float(np.sum(count[: start + 1]))
    for j in range(start, len(log_edges)):
        held += count[j] if j > start else 0.0
        wide = first == 0 or log_edges[j] - log_edges[first - 1] >= SHELL_WIDTH * (1 - 1e-9)
        if wide and held >= (BALL_COUNT if j == start else SHELL_COUNT):
            groups.append((first, j + 1))
            first, held = j + 1, 0.0
    return groups


def grouped(values, groups):
    """Sums of the values of shells over each group of them."""
    return np.array([values[a:b].sum() for a, b in groups])


class LiveProfile(DensityProfile):
    """Density of one species, or of all, in a live halo at one time: real mass, as it is then.

    Between the middles of its shells the *ratio* to the halo without decays is interpolated in ln r, without
    overshoot; times the profile of before it is the density. Each shell holds enough particles for their noise not to
    add to rho^2, so that J-factors can be taken directly. The mass inside a radius is counted, and differs from the
    integral of the density by the curvature of the ratio within a shell.

    The innermost shell is the ball inside the resolution radius, or more where that holds too few particles. From its
    middle inwards the ratio continues: as the `centre` that it was given, joined there, which for daughters is what
    they have in the fixed potential; without one as the power law that it has there (a constant where a cusp has
    expanded by slow loss of mass). Or a radius inside the resolution radius is refused.

    Attributes
    ----------
    radius : Quantity [length], shape (n,)
        Middles of the shells.
    relative_error : ndarray, shape (n,)
        One standard error of the density for particles drawn at random; the quiet start errs by less.
    resolution_radius : Quantity [length]
    r_max : Quantity [length]
        Outer edge of the last shell with enough particles.
    """

    def __init__(self, reference, nodes, ratio, error, masses, speeds, last, inside, factor=1.0, centre=None):
        self._set(
            centre=centre,
            reference=reference,
            nodes=np.asarray(nodes, dtype=float),
            ratios=np.asarray(ratio, dtype=float),
            errors=np.asarray(error, dtype=float),
            masses=np.asarray(masses, dtype=float),
            speeds={name: np.asarray(values, dtype=float) for name, values in speeds.items()},
            last=float(last),
            inside=inside,
            factor=float(factor),
        )
        if not np.all(np.isfinite(self._ratios)) or np.any(self._ratios <= 0):
            raise InputError("a live profile needs a positive ratio in every shell")

    @classmethod
    def from_sums(cls, reference, sums, inside, centre=None):
        """From shells between the edges of the reference; None where there are not two shells of enough particles."""
        groups = merged_shells(sums.count, reference.log_edges, reference.start)
        if len(groups) < 2:
            return None
        mass, count, radial, radial2, tangential2 = (grouped(array, groups) for array in sums.arrays)
        if np.any(mass <= 0):
            # daughters that have lost all of their mass
            return None
        before = grouped(reference.mass, groups)
        nodes = grouped(reference.mass * reference.middle, groups) / before
        mean = radial / mass
        return cls(
            reference,
            nodes=nodes,
            ratio=mass / before,
            error=1 / np.sqrt(count),
            # far inside there may be nobody, and nobody asks
            masses=np.divide(
                sums.enclosed, reference.enclosed, out=np.zeros(len(sums.enclosed)), where=reference.enclosed > 0
            ),
            speeds={
                "radial": np.sqrt(np.maximum(radial2 / mass - mean**2, 0.0)),
                "tangential": np.sqrt(0.5 * tangential2 / mass),
                "mean": mean,
            },
            last=reference.log_edges[groups[-1][1] - 1],
            inside=inside,
            centre=centre,
        )

    # -- the profile --------------------------------------------------------------------------------------------------

    def density(self, r):
        """Density: Quantity [density], shape of `r`.

        Raises
        ------
        InputError
            A radius outside the shells; or inside the resolution radius, where that is refused.
        """
        self._judged(r)
        return super().density(r)

    def mass(self, r):
        """Mass inside `r`, counted outside `r_max` too: Quantity [mass], shape of `r`. Raises like `density` inside."""
        log_r = self._judged(r, np.inf)
        share = self._mass_share(log_r)
        before = np.asarray(units.to_internal(self._reference.profile.mass(r), "mass"))
        return units.attach(self._factor * share * before, "mass")

    def ratio(self, r):
        """Density over that of the parents before any decay: ndarray, shape of `r`."""
        log_r = self._judged(r)
        before = self._reference.profile._log_density(log_r)[0]
        return np.exp(self._log_density(log_r)[0] - before)

    def mass_ratio(self, r):
        """Mass inside `r` over that of the parents before any decay: ndarray, shape of `r`."""
        return self._factor * self._mass_share(self._judged(r, np.inf))

    def error(self, r):
        """One standard error of `density`: Quantity [density], shape of `r`."""
        relative = np.interp(self._judged(r), self._nodes, self._errors)
        return relative * self.density(r)

    def velocity_dispersion(self, r):
        """Radial dispersion and that in one tangential direction: two Quantities [speed], each of the shape of `r`."""
        log_r = np.clip(self._judged(r), self._nodes[0], self._nodes[-1])
        return tuple(units.attach(self._curves[name](log_r), "speed") for name in ("radial", "tangential"))

    def mean_radial_velocity(self, r):
        """Streaming velocity, positive outward: Quantity [speed], shape of `r`."""
        log_r = np.clip(self._judged(r), self._nodes[0], self._nodes[-1])
        return units.attach(self._curves["mean"](log_r), "speed")

    def anisotropy(self, r):
        r"""Binney's :math:`\beta = 1 - \sigma_t^2/\sigma_r^2`: ndarray, shape of `r`."""
        radial, tangential = self.velocity_dispersion(r)
        return 1 - np.asarray(tangential / radial) ** 2

    def resolved(self, r):
        """Whether each radius lies outside the resolution radius and inside `r_max`: ndarray of bool."""
        radius = np.asarray(units.to_internal(r, "length", "r"))
        return (radius >= self._first * (1 - 1e-9)) & (radius <= np.exp(self._last) * (1 + 1e-9))

    def scaled(self, factor):
        """The same shape with its density multiplied by `factor` (a positive number)."""
        return LiveProfile(
            self._reference,
            self._nodes,
            self._ratios,
            self._errors,
            self._masses,
            self._speeds,
            self._last,
            self._inside,
            self._factor * positive_factor(factor),
            self._centre,
        )

    @property
    def radius(self):
        """Middles of the shells: Quantity [length], shape (n,)."""
        return units.attach(np.exp(self._nodes), "length")

    @property
    def relative_error(self):
        """Standard error of the density over itself: ndarray, shape (n,)."""
        return self._errors.copy()

    @property
    def resolution_radius(self):
        """Smallest radius that is resolved: Quantity [length]."""
        return units.attach(self._first, "length")

    @property
    def r_max(self):
        """Largest radius at which the density is known: Quantity [length]."""
        return units.attach(np.exp(self._last), "length")

    def __repr__(self):
        return (
            f"LiveProfile({len(self._nodes)} shells, r = {self._first:.4g} to {np.exp(self._last):.4g} kpc, before: "
            f"{self._reference.profile!r})"
        )

    # -- what the base needs ------------------------------------------------------------------------------------------

    def _log_density(self, log_r):
        log_r = np.asarray(log_r, dtype=float)
        self._refuse_unresolved(log_r)
        ln_rho, slope, change = self._reference.log_density(log_r)
        curve = self._curves["density"]
        place = np.clip(log_r, self._nodes[0], self._nodes[-1])
        outer = float(curve(self._nodes[-1], 1))
        inner = self._inwards("density", log_r, self._nodes[0])
        within, beyond = log_r < self._nodes[0], log_r > self._nodes[-1]
        value = curve(place) + np.where(within, inner[0], outer * (log_r - place))
        rise = np.where(within, inner[1], np.where(beyond, outer, curve(place, 1)))
        bend = np.where(within, inner[2], np.where(beyond, 0.0, curve(place, 2)))
        return ln_rho + value + np.log(self._factor), slope - rise, change - bend

    def _inwards(self, name, log_r, join):
        """What is added to ln of the ratio inside the radius at which the centre joins, and two derivatives."""
        log_r = np.minimum(log_r, join)
        if self._centre is None:
            return self._inner_power * (log_r - join), self._inner_power, 0.0
        return self._centre.relative(name, log_r, join)

    @property
    def _scale_radius(self):
        return self._reference.profile._scale_radius

    @property
    def _inner_slope(self):
        return self._reference.profile._inner_slope - self._inner_power

    @property
    def _inner_power(self):
        """Power of r as which the ratio continues inwards: more than noise, and no more than a new core can have."""
        if self._centre is not None:
            return self._centre.power
        return float(np.clip(self._curves["density"](self._nodes[0], 1), 0.0, _STEEPEST_INSIDE))

    @property
    def _outer_slope(self):
        return float(self._log_density(np.array(self._last))[1])

    def _key(self):
        return tuple(self._nodes), tuple(self._ratios), self._factor, self._last

    def __getstate__(self):
        return {name: value for name, value in super().__getstate__().items() if name != "_curves"}

    @property
    def _first(self):
        return float(self._reference.edges[self._reference.start])

    def _mass_share(self, log_r):
        edges = self._reference.log_edges
        place = np.clip(log_r, edges[self._reference.start], edges[-1])
        return self._curves["mass"](place) * np.exp(self._inwards("mass", log_r, edges[self._reference.start])[0])

    @cached_property
    def _curves(self):
        start = self._reference.start
        edges = self._reference.log_edges[start:]
        return {
            "density": PchipInterpolator(self._nodes, np.log(self._ratios)),
            "mass": PchipInterpolator(edges, self._masses[start:]),
            **{name: PchipInterpolator(self._nodes, values) for name, values in self._speeds.items()},
        }

    def _judged(self, r, last=None):
        """ln r, refused where nothing is known."""
        radius = np.asarray(units.to_internal(r, "length", "r"))
        last = np.exp(self._last) if last is None else last
        if np.any(radius > last * (1 + 1e-9)):
            raise InputError(f"r = {r} lies outside the last shell with {SHELL_COUNT} particles, {last:.6g} kpc")
        if np.any(radius <= 0):
            raise InputError(f"r = {r} must be positive")
        log_r = np.log(radius)
        self._refuse_unresolved(log_r)
        return log_r

    def _refuse_unresolved(self, log_r):
        if self._inside == "refuse" and np.any(log_r < self._reference.log_edges[self._reference.start] - 1e-9):
            raise InputError(
                f"a radius of {np.exp(np.min(log_r)):.3g} kpc lies inside the resolution radius, {self._first:.4g} "
                'kpc; take more particles, or inside_resolution="continue", which continues the profile'
            )
