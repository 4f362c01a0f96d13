"""From a live halo to what records of a study are made of: daughters per decayed parent, and the halo in time."""

import numpy as np

from halokick import units
from halokick.daughters.result import Daughters
from halokick.errors import InputError
from halokick.study.live_result import LiveRecord

_PER_DECADE, _INNER, _INSIDE = 20, 1e-3, 0.999


class LiveDaughters:
    """Daughters of a live halo today, with what records ask of `Daughters`, per decayed parent.

    Attributes
    ----------
    live : LiveHalo
    parent : DensityProfile
        All dark matter before any decay.
    partner : profile
        What did not decay, per particle of it: it has felt the loss too, so that pairs are made of this.
    radius : Quantity [length], shape (n,)
    bound_fraction : float
        Of the daughters; what else is no longer bound is counted as theirs.

    Raises
    ------
    InputError
        Too few daughters, or too few that have not decayed, are left for a profile; or `radius` reaches too far. Where
        none of the daughters is bound their density is zero: those on their way out do not count.
    """

    def __init__(self, live, radius=None):
        today = live.today
        self.live, self.kick, self.method = live, live.kick, live.method
        self.parent = live.df.profile
        gone = today.daughters is None and today.none_bound
        if today.daughters is None and not gone:
            raise InputError(
                f"{live.kick.label}: too few daughters are left in the halo for a profile "
                f"({today.escaped_mass:.4g} have escaped); a slower kick, or a larger method.n"
            )
        self.partner = _per_undecayed(live)
        self._profile = _nothing(live, self.partner) if gone else today.per_decayed_parent()
        self.r_max = min(self._profile.r_max, self.partner.r_max)
        self.radius = _radii(live, self.r_max) if radius is None else radius
        if np.any(self.radius > self.r_max):
            raise InputError(
                f"method.r_max = {self.radius[-1]:.6g} lies beyond {self.r_max:.6g}, where too few daughters of "
                f"{live.kick.label} are left to say; make it smaller, or leave r_min, r_max and n_radii out"
            )
        self.error_density = self._profile.error(self.radius)
        self.components = {"live": self.total_density}
        self.bound_at_birth = np.full(len(self.radius), np.nan)
        edge = units.attach(_INSIDE * np.exp(live.df._log_outermost), "length")
        share = live.history.parent_share * today.decayed_share * (1 - live.settings["mass_loss"])
        bound = 0.0 if gone else 1 - today.escaped_mass / (share * self.parent.mass(edge))
        self.bound_fraction = float(np.clip(bound, 0.0, 1.0))
        r_t = getattr(self.parent, "r_t", None)
        self.reference_radius = edge if r_t is None else min(edge, units.quantity(r_t, "length"))
        self.settings = {"asked": live.settings["asked"], "reason": live.choice.reason}

    @property
    def total_density(self):
        """Density at `radius`."""
        return self.density(self.radius)

    def density(self, r):
        """Density per decayed parent."""
        return self._profile.density(r)

    def ratio(self, r):
        """Density over that of the parents before any decay."""
        return self._profile.ratio(r)

    def slope(self, r):
        """-dln rho/dln r; nan where there is nothing."""
        return self._profile.slope(r)


def _nothing(live, partner):
    """Daughters of density zero, as far out as what they would annihilate with is known."""
    radius = units.attach(np.append(partner.radius[:-1].value, partner.r_max.value), "length")
    zero, shape = units.attach(np.zeros(len(radius)), "density"), np.zeros(len(radius))
    speeds = units.attach(shape, "speed")
    return Daughters(
        method=live.method,
        parent=live.df.profile,
        kick=live.kick,
        radius=radius,
        components={"live": zero},
        error_density=zero,
        dispersion={"radial": speeds, "tangential": speeds},
        bound_at_birth=shape,
        bound_fraction=0.0,
        reference_radius=partner.r_max,
    )


def pair_densities(found):
    """What daughters annihilate with, and their own density: a pair to hand to `j_factor`.

    In a fixed potential the partners are as the parents were before any decay.
    """
    return (found.partner, found._profile) if isinstance(found, LiveDaughters) else (found.parent, found)


def _per_undecayed(live):
    """Density of what did not decay, were it all of the dark matter."""
    today, history = live.today, live.history
    if today.primordial is not None:
        return today.primordial.scaled(1 / history.primordial_share)
    if today.parents is None:
        raise InputError(
            f"{live.kick.label}: too few particles are left undecayed in the halo for a profile of what daughters "
            "annihilate with; a longer lifetime, or a larger method.n"
        )
    return today.parents.scaled(1 / (history.parent_share * (1 - today.decayed_share)))


def live_entries(found):
    """Entry of a `DaughterRecord` that only live halos have: dict, empty for other daughters."""
    return {"live": _record(found.live, found.radius)} if isinstance(found, LiveDaughters) else {}


def _radii(live, r_max):
    scale = units.attach(_INNER * live.df.profile._scale_radius, "length")
    first = scale if live.resolution_radius is None else live.resolution_radius
    ends = [float(units.to_internal(end, "length")) for end in (first, r_max)]
    nodes = np.geomspace(*ends, int(np.ceil(_PER_DECADE * np.log10(ends[1] / ends[0]))) + 1)
    nodes[-1] *= 1 - 1e-12
    return units.attach(nodes, "length")


def _record(live, radius):
    choice, estimate = live.choice, live.choice.estimate
    grid = {name: [] for name in ("parents", "daughters", "primordial", "total")}
    more = {name: [] for name in ("error", "mass", "radial", "tangential", "anisotropy", "daughter_anisotropy")}
    for snapshot in live.snapshots:
        for name, rows in grid.items():
            rows.append(_known(getattr(snapshot, name), "density", radius, "density"))
        if snapshot.daughters is None and snapshot.none_bound:
            grid["daughters"][-1] = np.zeros(len(radius))
        more["error"].append(_known(snapshot.total, "error", radius, "density"))
        more["mass"].append(_known(snapshot.total, "mass", radius, "mass"))
        radial, tangential = _dispersions(snapshot.total, radius)
        more["radial"].append(radial)
        more["tangential"].append(tangential)
        more["anisotropy"].append(1 - (tangential / radial) ** 2)
        kicked = _dispersions(snapshot.daughters, radius)
        more["daughter_anisotropy"].append(1 - (kicked[1] / kicked[0]) ** 2)
    rows = {name: units.attach(np.array(values), "density") for name, values in grid.items()}
    return LiveRecord(
        method=live.method,
        reason=choice.reason,
        error_radius=np.ravel(estimate.radius),
        fixed_mass_error=np.ravel(estimate.mass),
        fixed_j_error=np.ravel(estimate.j_factor),
        change_per_period=float(choice.change_per_period),
        expected_error=float(choice.expected_error),
        times=live.times,
        decayed_share=np.array([one.decayed_share for one in live.snapshots]),
        radius=radius,
        before=live.df.profile.density(radius),
        before_mass=live.df.profile.mass(radius),
        **rows,
        error=units.attach(np.array(more["error"]), "density"),
        mass=units.attach(np.array(more["mass"]), "mass"),
        dispersion_radial=units.attach(np.array(more["radial"]), "speed"),
        dispersion_tangential=units.attach(np.array(more["tangential"]), "speed"),
        anisotropy=np.array(more["anisotropy"]),
        daughter_anisotropy=np.array(more["daughter_anisotropy"]),
        bound_mass=_in_time(live, "bound_mass"),
        escaped_mass=_in_time(live, "escaped_mass"),
        energy_error=None if live.energy_error is None else float(live.energy_error),
        resolution_radius=live.resolution_radius,
        control_radius=None if live.control is None else live.control[0],
        control_drift=None if live.control is None else np.asarray(live.control[1]),
        settings={key: str(value) for key, value in live.settings.items()},
    )


def _in_time(live, name):
    return units.attach([float(units.to_internal(getattr(one, name), "mass")) for one in live.snapshots], "mass")


def _inside(profile, radius):
    """Which radii a profile reaches; none without a profile."""
    if profile is None:
        return np.zeros(len(radius), dtype=bool)
    return np.asarray(radius <= profile.r_max)


def _known(profile, name, radius, dimension):
    """A profile's quantity where it is known, nan elsewhere."""
    values, inside = np.full(len(radius), np.nan), _inside(profile, radius)
    if np.any(inside):
        values[inside] = units.to_internal(getattr(profile, name)(radius[inside]), dimension)
    return values


def _dispersions(profile, radius):
    values, inside = np.full((2, len(radius)), np.nan), _inside(profile, radius)
    if np.any(inside):
        for row, one in zip(values, profile.velocity_dispersion(radius[inside]), strict=True):
            row[inside] = units.to_internal(one, "speed")
    return values
