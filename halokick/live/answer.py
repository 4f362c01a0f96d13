"""From what an engine summed, or from daughters in a fixed potential, to snapshots of real mass."""

import numpy as np

from halokick import units
from halokick.daughters.bound_fraction import bound_fraction
from halokick.daughters.phase_mixing import phase_mix
from halokick.live.centre import centre_of_sum, moved_outward
from halokick.live.live_halo import LiveSnapshot
from halokick.live.profile import SHELL_COUNT, LiveProfile, Reference

_DRIFT = 0.01
_INSIDE = 0.999


def decayed_share(history, time):
    """Share of the parents gone at a time [kpc/(km/s)]."""
    return float(-np.expm1(-history._steps * time / history._age))


def resolution_start(df, output, control, *, grows):
    """Smallest radius [kpc] with enough particles, and outside which the control run drifts by a per cent at most.

    Or by twice the Poisson noise of the particles inside, where there are few.

    Where a halo grows the particles count alone, those inside each radius of today (as in Power et al. 2003, MNRAS 338,
    14, but for 300 of them at the start: field noise heats here, not encounters). All of them arrive as particles, on
    orbits of today, so that a halo that has grown has as many inside as one that was always there, to 7 per cent: 0.7
    to 0.9 of those that begin there, as the light ones of the centre spread along their orbits. Smooth mass, which
    needs no particles to be resolved, is only what is fixed.

    The drift of a growing control run says nothing about that radius. Part of it is the noise of the small halo of
    long ago, which the run with decays shares, so that their ratio is free of it: with 4096, 8192 and 16 384 particles
    the masses inside 0.2 scale radii drift by 13, 7 and 3 per cent at concentration 10, while the density errs by 0.3,
    0.6 and 0.2 of its standard error. Part of it does not depend on the number of particles: matter that comes within
    an orbital period does not keep its actions, at concentration 25 with 65 536 particles -2.4 per cent at half a scale
    radius. Judged by drift, more particles would resolve less: 0.09 scale radii with 8192, 1.3 with 65 536.
    """
    if grows:
        return output.resolution_radius
    edges = control.edges
    before = np.asarray(units.to_internal(df.profile.mass(units.attach(edges, "length")), "mass"))
    drift = np.abs(control.moments[-1].total.enclosed / before - 1)
    counts = np.maximum(control.resolution_counts, 1.0)
    bad = np.flatnonzero(drift > np.maximum(_DRIFT, 2 / np.sqrt(counts)))
    outside = 0 if len(bad) == 0 else min(int(bad[-1]) + 1, len(edges) - 1)
    return float(max(output.resolution_radius, edges[outside]))


def live_snapshots(df, history, output, control, start, inside, mixed, mass_loss, *, grows):
    """One snapshot for each moment of an engine's answer; `mixed` as `mixed_inside` gives it."""
    last = Reference(df.profile, control.edges, control.moments[-1].total, start)
    snapshots = []
    counted = output.settings["daughters"]
    for moment, unmoved, (held, born) in zip(output.moments, control.moments, counted, strict=True):
        # what a growing halo is today is what its profile says
        reference = last if grows else Reference(df.profile, control.edges, unmoved.total, start)
        share = decayed_share(history, moment.time)
        centres = None, None
        if mixed is not None:
            centres = moved_outward(df.halo, mixed, history.parent_share * share, mass_loss)
        undecayed = LiveProfile.from_sums(reference, moment.parents, inside, centres[0])
        parents, primordial = _split(undecayed, history, share)
        daughters = LiveProfile.from_sums(reference, moment.daughters, inside, centres[1])
        whole = centre_of_sum([undecayed, daughters])
        snapshots.append(
            LiveSnapshot(
                time=units.attach(moment.time, "time"),
                decayed_share=share,
                parents=parents,
                daughters=daughters,
                primordial=primordial,
                total=LiveProfile.from_sums(reference, moment.total, inside, whole),
                bound_mass=units.attach(moment.bound_mass, "mass"),
                escaped_mass=units.attach(moment.escaped_mass, "mass"),
                kinetic=_energy(moment.kinetic),
                potential_energy=_energy(moment.potential_energy),
                injected_energy=_energy(moment.injected_energy),
                none_bound=held == 0 and born >= SHELL_COUNT,
                _per_parent=history.parent_share * share,
            )
        )
    return tuple(snapshots)


def _split(undecayed, history, share):
    """Parents, and the primordial daughters that move like them."""
    parents, primordial = history.parent_share * (1 - share), history.primordial_share
    if undecayed is None:
        return None, None
    whole = parents + primordial
    return tuple(undecayed.scaled(part / whole) if part > 0 else None for part in (parents, primordial))


def fixed_snapshots(df, kick, history, times, mass_loss, progress):
    """Snapshots in the fixed potential: `phase_mix` times the decayed share; and its settings."""
    edge = units.attach(_INSIDE * np.exp(df._log_outermost), "length")
    mixed = phase_mix(df, kick, progress=progress)
    nodes = np.asarray(units.to_internal(mixed.radius, "length"))
    reference = Reference.of_profile(df.profile, nodes)
    at = units.attach(nodes, "length")
    ratio, kept = mixed.ratio(at), mixed.retained_mass_fraction(at)
    error = np.asarray(mixed.error(at) / np.maximum(mixed.density(at), units.attach(1e-300, "density")))
    still = units.to_internal(df.velocity_dispersion(at), "speed")
    moving = {name: np.asarray(units.to_internal(values, "speed")) for name, values in mixed.dispersion.items()}
    bound = float(bound_fraction(df, kick, edge))
    mass = df.profile.mass(edge)
    some, none = np.all(ratio > 0), not np.any(ratio)

    def profile(unmoved, moved):
        """Of a mixture: `unmoved` of the parents' density and `moved` of the daughters'."""
        both = unmoved + moved * ratio
        speeds = {
            name: np.sqrt((unmoved * still**2 + moved * ratio * moving.get(name, still) ** 2) / both)
            for name in ("radial", "tangential")
        }
        return LiveProfile(
            reference,
            np.log(nodes),
            both,
            moved * ratio * error / both,
            unmoved + moved * kept,
            {**speeds, "mean": np.zeros_like(nodes)},
            np.log(nodes[-1]),
            "continue",
        )

    snapshots = []
    for time in times:
        share = decayed_share(history, time)
        gone = history.parent_share * share
        daughters = gone * (1 - mass_loss)
        snapshots.append(
            LiveSnapshot(
                time=units.attach(time, "time"),
                decayed_share=share,
                parents=profile(history.parent_share - gone, 0.0) if history.parent_share > gone else None,
                daughters=profile(0.0, daughters) if some and daughters > 0 else None,
                primordial=profile(history.primordial_share, 0.0) if history.primordial_share > 0 else None,
                total=profile(1 - gone, daughters),
                bound_mass=(1 - gone + daughters * bound) * mass,
                escaped_mass=daughters * (1 - bound) * mass,
                none_bound=none and gone > 0,
                _per_parent=gone,
            )
        )
    return tuple(snapshots), dict(mixed.settings)


def _energy(value):
    return units.attach(value, "mass") * units.attach(1.0, "potential")
