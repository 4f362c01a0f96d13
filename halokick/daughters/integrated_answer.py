"""From the sums over integrated orbits to the record that users get."""

import numpy as np

from halokick import units
from halokick.daughters.density_bins import sums_of
from halokick.daughters.followed import FollowedDaughters
from halokick.daughters.orbits import FEWEST, bound_at_birth, centre_over_mass, log_cut_of
from halokick.errors import ConvergenceError

_RADIAL, _TANGENTIAL = 2, 3
"""Columns of `halokick.kernels.deposit.SHELL_COLUMNS`."""


def followed_daughters(chunks, sums):
    """The answer of `IntegratedChunks`.

    Parameters
    ----------
    chunks : IntegratedChunks
    sums : IntegratedSums
        Of all chunks.

    Returns
    -------
    FollowedDaughters

    Raises
    ------
    ConvergenceError
        Too few daughters in a bin to quote an error.
    """
    df, plan, integration = chunks._df, chunks._plan, chunks._integration
    shells = integration.grids[0]
    kicked = sums_of(shells, _evened(sums.kicked, sums.decays))
    control = sums_of(shells, _evened(sums.control, sums.decays))
    first = _first_good(plan, kicked[0])
    edges = plan.log_edges[first:]
    kicked, control = kicked[..., first:], control[..., first:]
    radius = units.attach(np.exp(0.5 * (edges[:-1] + edges[1:])), "length")
    parent = df if df.halo.energy_cut is not None else df.profile
    cut = log_cut_of(df, chunks._outer_cut)
    scale = sums.mass / plan.n * centre_over_mass(df, parent, edges, cut)
    total, error = _mean_and_error(kicked[0])
    columns = kicked.sum(axis=1)
    inside, inside_bound, squared, squared_bound, bound = sums.reference
    share = float(inside_bound / inside) if inside > 0 else 0.0
    spread = squared_bound * (1 - 2 * share) + squared * share**2
    beside = _beside(control[0], kicked[0], scale) if integration.control else {}
    mass_per_sample = sums.mass / plan.n
    return FollowedDaughters(
        method="orbits",
        parent=parent,
        kick=chunks._kick,
        radius=radius,
        components={"bound": units.attach(scale * total, "density")},
        error_density=units.attach(scale * error, "density"),
        dispersion={
            "radial": units.attach(np.sqrt(columns[_RADIAL] / total), "speed"),
            "tangential": units.attach(np.sqrt(0.5 * columns[_TANGENTIAL] / total), "speed"),
        },
        bound_at_birth=bound_at_birth(edges, sums.born[first:], sums.born_bound[first:]),
        bound_fraction=share,
        reference_radius=units.attach(np.exp(plan.log_reference), "length"),
        edge=None if np.isinf(cut) else units.attach(np.exp(cut), "length"),
        settings={
            "n": plan.n,
            "key": tuple(int(word) for word in plan.key),
            "path": "integrated",
            "sampling": plan.sampling,
            "sample_within": units.attach(np.exp(plan.log_within), "length"),
            "bins": units.attach(np.exp(edges), "length"),
            "effective_number": (total / error) ** 2,
            "bound_fraction_error": float(np.sqrt(max(spread, 0.0)) / inside) if inside > 0 else 0.0,
            "unbound": plan.n - int(bound),
            "outer_cut": chunks._outer_cut,
            "energy_cut": df.halo.energy_cut,
            "history": None if chunks._history is None else chunks._history.to_config(),
            "duration": units.attach(integration.time, "time"),
            "samples": integration.samples,
            "growth": None if integration.growth is None else integration.growth.label,
            "energy_error_worst": sums.worst,
        },
        energy_error={
            "tolerance": integration.tolerance,
            "judged_by": chunks._orbits.judged_by,
            "judged": int(sums.errors.sum()),
            "median": sums.quantile_of_errors(0.5),
            "p99": sums.quantile_of_errors(0.99),
            "worst": sums.worst,
            "followed": int(sums.counts[0]),
            "repeated": int(sums.counts[1]),
        },
        failed=_by_reason(sums.failed),
        force_field=chunks.field.to_dict(),
        grid=_grid(integration, sums.kicked_grid, sums.decays_grid, mass_per_sample, parent),
        control_grid=_grid(integration, sums.control_grid, sums.decays_grid, mass_per_sample, parent)
        if integration.control
        else None,
        **beside,
    )


def _evened(parts, decays):
    """The parts as they would be with equally many decays in each: same sum, and only the scatter that chance makes."""
    total = parts.sum(axis=0)
    share = decays / decays.sum()
    # samples that were taken back leave their rounding, which may be negative
    return np.where(total > 0, parts + (1 / len(parts) - share)[:, None] * total, 0.0)


def _mean_and_error(parts):
    """Sum of independent parts and its standard error, for each bin of (parts, bins)."""
    count = len(parts)
    total = parts.sum(axis=0)
    return total, np.sqrt(count / (count - 1) * np.sum((parts - total / count) ** 2, axis=0))


def _first_good(plan, parts):
    """Number of innermost bins to leave out, for which nobody asked and in which too few daughters are."""
    total, error = _mean_and_error(parts)
    effective = np.divide(total**2, error**2, out=np.zeros_like(total), where=error > 0)
    poor = effective < FEWEST
    if not poor.any():
        return 0
    start = int(np.argmin(poor))
    if plan.default_bins and 0 < start < len(poor) - 4 and not poor[start:].any():
        return start
    j = int(np.argmin(effective))
    raise ConvergenceError(
        f"the bin from {np.exp(plan.log_edges[j]):.4g} to {np.exp(plan.log_edges[j + 1]):.4g} kpc holds "
        f"{effective[j]:.2g} effective daughters of {plan.n} decays, {FEWEST:g} are needed to quote an error; increase "
        "n, use wider bins or sampling='stratified'"
    )


def _beside(control, kicked, scale):
    """Control and its ratio, with errors from leaving out one part after the other."""
    total, error = _mean_and_error(control)
    # bins that no parent visits have no ratio
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = kicked.sum(axis=0) / total
        without = (kicked.sum(axis=0) - kicked) / (total - control)
    count = len(control)
    spread = np.sqrt((count - 1) / count * np.sum((without - without.mean(axis=0)) ** 2, axis=0))
    return {
        "control": units.attach(scale * total, "density"),
        "control_error": units.attach(scale * error, "density"),
        "kick_ratio": ratio,
        "kick_ratio_error": spread,
    }


def _by_reason(failed):
    found = {}
    for which, reason, kind in failed:
        found.setdefault(f"{kind}: {reason}", []).append(which)
    return {reason: tuple(which) for reason, which in found.items()}


def _grid(integration, sums, decays, mass, reference):
    if integration.grid is None:
        return None
    return integration.grid._record(
        mass * sums_of(integration.grids[1], _evened(sums, decays)), reference, {"per": "decayed parent"}
    )
