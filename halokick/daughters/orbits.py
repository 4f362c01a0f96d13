"""Daughters by Monte Carlo: draw parents, kick them, and follow each bound daughter along its exact orbit."""

from dataclasses import dataclass, replace

import numpy as np

from halokick import units
from halokick.daughters.kick_nodes import check_parents_and_kick
from halokick.daughters.reference import Reference
from halokick.daughters.result import Daughters
from halokick.decay.history import DecayHistory
from halokick.errors import ConvergenceError, InputError
from halokick.halo.sampling import (
    accepted,
    key_of,
    masses_between,
    outer_radius,
    parent_table,
)
from halokick.kernels.radial_time import RADIAL, SQUARES, SUM, TANGENTIAL, orbit_deposits
from halokick.kernels.sampling import draw_births

SAMPLINGS = ("stratified", "mass")
CHUNK = 1 << 17
"""Daughters held at a time; part of the definition of a seed, because kick speeds are drawn chunk by chunk."""
_INNER, _OUTER, _PER_DECADE = 1e-3, 30.0, 10
_REACH = 300.0
"""Parents are drawn out to this many times the last bin edge: see `follow_orbits`."""
_UNIFORM_SHARE, _UNIFORM_INSIDE, _UNIFORM_OUTSIDE = 0.5, 3.0, 1.0
FEWEST = 5.0
"""Effective number of daughters in a bin below which its error could not be trusted either."""
_SLOWEST = 1e-12
"""Decays per age that stand for none at all: the ages are then uniform."""
_KICK_STREAM = 1


@dataclass(frozen=True)
class _Plan:
    """What to draw and where to put it, all as floats."""

    n: int
    key: np.ndarray
    sampling: str
    log_edges: np.ndarray
    log_within: float
    log_reference: float
    binding_out: float
    rate: float
    age: float
    default_bins: bool


def plan_orbits(df, kick, n, seed, sampling, bins, sample_within, outer_cut, within, history, *, inner=_INNER):
    """The arguments of `follow_orbits`, judged; default bins begin at `inner` scale radii."""
    if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n < 2:
        raise InputError(f"n = {n!r}; a whole number of decays, at least 2, is needed")
    if sampling not in SAMPLINGS:
        raise InputError(f"sampling = {sampling!r}; allowed are {', '.join(map(repr, SAMPLINGS))}")
    check_parents_and_kick(df, kick)
    if history is not None and not isinstance(history, DecayHistory):
        raise InputError(f"history = {history!r}; a DecayHistory is needed, or nothing for full phase mixing")
    halo = df.halo
    log_cut = log_cut_of(df, outer_cut)
    edges = _bin_edges(df, bins, log_cut, inner)
    if sample_within is None:
        log_within = min(edges[-1] + np.log(_REACH), df._log_outermost, float(np.log(halo._range[1])))
    else:
        log_within = outer_radius(df, sample_within, "sample_within")
        if log_within < min(edges[-1], df._log_outermost) - 1e-12:
            raise InputError(
                f"sample_within = {sample_within} lies inside the last bin, which ends at {np.exp(edges[-1]):.6g} kpc; "
                "daughters come from farther out still, so make it many times larger"
            )
    rate, age = 0.0, 0.0
    if history is not None:
        age = units.to_internal(history.age, "time", "age")
        rate = max(units.to_internal(history.rate, "rate", "rate"), _SLOWEST / age)
    return _Plan(
        n=int(n),
        key=key_of(seed),
        sampling=sampling,
        log_edges=edges,
        log_within=float(log_within),
        log_reference=_log_reference(df, within, log_cut, log_within),
        binding_out=float(halo._look_up(halo._field.psi, min(log_cut, halo._edges[-1]))),
        rate=float(rate),
        age=float(age),
        default_bins=bins is None,
    )


def log_cut_of(df, outer_cut):
    """ln of the outermost zero-velocity radius of bound daughters; infinite without a cut."""
    halo = df.halo
    log_cut = np.inf if halo.energy_cut is None else halo._log_cut
    if outer_cut is not None:
        cut = units.to_internal(outer_cut, "length", "outer_cut")
        low, high = halo._range
        if np.ndim(cut) != 0 or not low < cut < high:
            raise InputError(f"outer_cut = {outer_cut}; one radius between {low:.3g} and {high:.3g} kpc is needed")
        log_cut = min(log_cut, float(np.log(cut)))
    return log_cut


def _bin_edges(df, bins, log_cut, inner):
    """ln of the bin edges."""
    last = min(log_cut, df._log_outermost)
    if bins is None:
        scale = np.log(df.profile._scale_radius)
        low, high = scale + np.log(inner), min(scale + np.log(_OUTER), last)
        return np.linspace(low, high, max(int(np.ceil(_PER_DECADE * (high - low) / np.log(10))), 4) + 1)
    edges = np.asarray(units.to_internal(bins, "length", "bins"), dtype=float)
    if edges.ndim != 1 or len(edges) < 5 or edges[0] <= 0 or np.any(np.diff(edges) <= 0):
        raise InputError(
            f"bins = {bins} must be at least five positive, increasing lengths, for example "
            "np.geomspace(0.01, 200, 41) * u.kpc"
        )
    if edges[0] < df.halo._range[0]:
        raise InputError(f"bins begin at {edges[0]:.4g} kpc; this halo is known from {df.halo._range[0]:.4g} kpc on")
    if np.log(edges[-1]) > last + 1e-12:
        raise InputError(f"bins reach {edges[-1]:.6g} kpc, but the halo or its daughters end at {np.exp(last):.6g} kpc")
    return np.log(edges)


def _log_reference(df, within, log_cut, log_within):
    if within is None:
        return float(min(np.log(10 * df.profile._scale_radius), log_cut, log_within))
    radius = units.to_internal(within, "length", "within")
    if np.ndim(radius) != 0 or not radius > 0 or np.log(radius) > log_within + 1e-12:
        raise InputError(
            f"within = {within}; one radius is needed, no larger than the {np.exp(log_within):.6g} kpc inside which "
            "parents are drawn (sample_within)"
        )
    return float(np.log(radius))


@dataclass(frozen=True)
class OrbitSums:
    """Sums over the daughters of some decays."""

    deposits: np.ndarray
    born: np.ndarray
    born_bound: np.ndarray
    reference: np.ndarray
    mass: float

    def plus(self, other):
        """The sums over both; of floats, so that the order in which many are added matters in the last bit."""
        return OrbitSums(
            self.deposits + other.deposits,
            self.born + other.born,
            self.born_bound + other.born_bound,
            self.reference + other.reference,
            self.mass,
        )

    def without_inner(self, count):
        """The same sums without the innermost bins."""
        return replace(
            self, deposits=self.deposits[:, count:], born=self.born[count:], born_bound=self.born_bound[count:]
        )


def count_chunks(n):
    """Chunks of `n` decays."""
    return -(-n // CHUNK)


def nothing(plan, mass):
    """Sums over no daughters, to which those of the chunks are added in order."""
    bins = len(plan.log_edges) - 1
    return OrbitSums(np.zeros((4, bins)), np.zeros(bins), np.zeros(bins), np.zeros(5), mass)


def parents_of(df, plan, margin, *, inside=_UNIFORM_INSIDE):
    """Where parents are drawn, and their mass; uniformly in ln r from `inside` e-folds inside the bins on."""
    thinned = plan.sampling == "stratified"
    return parent_table(
        df,
        plan.log_within,
        margin=margin,
        thinning=float(np.exp(-plan.log_edges[-1])) if thinned else 0.0,
        uniform_share=_UNIFORM_SHARE if thinned else 0.0,
        uniform=(plan.log_edges[0] - inside, plan.log_edges[-1] + _UNIFORM_OUTSIDE),
    )


def follow_chunk(df, kick, plan, parents, mass, chunk):
    """Sums over one chunk; None where the envelope was too low."""
    field, bins = df.halo._field, len(plan.log_edges) - 1
    first = chunk * CHUNK
    speeds = kick_speeds(kick, plan.key, chunk, CHUNK)[: plan.n - first]
    births, failures = draw_births(field, df._table, parents, plan.key, first, speeds)
    if not accepted(df, failures.sum(axis=0)):
        return None
    blocks, failed = orbit_deposits(field, births, plan.binding_out, plan.log_edges, plan.rate, plan.age)
    if failed.any():
        raise ConvergenceError(f"{df!r}: {failed.sum()} orbits have no finite period; use a smoother profile")
    weight = births.weight
    bound = births.binding > plan.binding_out
    where = np.searchsorted(plan.log_edges, births.log_r)
    inside = births.log_r < plan.log_reference
    w, b = weight[inside], bound[inside]
    return OrbitSums(
        deposits=blocks.sum(axis=0),
        born=np.bincount(where, weight, bins + 2)[1:-1],
        born_bound=np.bincount(where, weight * bound, bins + 2)[1:-1],
        reference=np.array([w.sum(), (w * b).sum(), (w * w).sum(), (w * w * b).sum(), bound.sum()]),
        mass=mass,
    )


def kick_speeds(kick, key, chunk, size):
    """Speeds of one whole chunk [km/s]: always whole, so that speed i does not depend on how many are used."""
    generator = np.random.Generator(np.random.Philox(key=key, counter=[0, 0, chunk, _KICK_STREAM]))
    return np.ascontiguousarray(kick.sample(size, generator), dtype=float)


def daughters_of(df, kick, plan, sums, outer_cut, history):
    """The answer that the sums of all decays hold."""
    edges = plan.log_edges
    radius = units.attach(np.exp(0.5 * (edges[:-1] + edges[1:])), "length")
    parent = df if df.halo.energy_cut is not None else df.profile
    total, squares = sums.deposits[SUM], sums.deposits[SQUARES]
    effective = np.divide(total**2, squares, out=np.zeros_like(total), where=squares > 0)
    poor = effective < FEWEST
    start = int(np.argmin(poor))
    if plan.default_bins and 0 < start < len(poor) - 4 and not poor[start:].any():
        # nobody asked for these bins: say which are left out, and keep the ones whose errors can be trusted
        left = replace(plan, log_edges=edges[start:])
        return daughters_of(df, kick, left, sums.without_inner(start), outer_cut, history)
    if np.any(poor):
        j = int(np.argmin(effective))
        raise ConvergenceError(
            f"the bin from {np.exp(edges[j]):.4g} to {np.exp(edges[j + 1]):.4g} kpc holds {effective[j]:.2g} effective "
            f"daughters of {plan.n} decays, {FEWEST:g} are needed to quote an error; increase n, use wider bins or "
            "sampling='stratified', or phase_mix where next to nothing stays bound"
        )
    mean = total / plan.n
    variance = np.maximum(squares / plan.n - mean**2, 0.0) / (plan.n - 1)
    scale = sums.mass * centre_over_mass(df, parent, edges, log_cut_of(df, outer_cut))
    inside, inside_bound, squared, squared_bound, bound = sums.reference
    share = float(inside_bound / inside) if inside > 0 else 0.0
    spread = squared_bound * (1 - 2 * share) + squared * share**2
    edge = log_cut_of(df, outer_cut)
    return Daughters(
        method="orbits",
        parent=parent,
        kick=kick,
        radius=radius,
        components={"bound": units.attach(scale * mean, "density")},
        error_density=units.attach(scale * np.sqrt(variance), "density"),
        dispersion={
            "radial": units.attach(np.sqrt(sums.deposits[RADIAL] / total), "speed"),
            "tangential": units.attach(np.sqrt(0.5 * sums.deposits[TANGENTIAL] / total), "speed"),
        },
        bound_at_birth=bound_at_birth(edges, sums.born, sums.born_bound),
        bound_fraction=share,
        reference_radius=units.attach(np.exp(plan.log_reference), "length"),
        edge=None if np.isinf(edge) else units.attach(np.exp(edge), "length"),
        settings={
            "n": plan.n,
            "key": tuple(int(word) for word in plan.key),
            "sampling": plan.sampling,
            "sample_within": units.attach(np.exp(plan.log_within), "length"),
            "bins": units.attach(np.exp(edges), "length"),
            "effective_number": effective,
            "bound_fraction_error": float(np.sqrt(max(spread, 0.0)) / inside) if inside > 0 else 0.0,
            "unbound": plan.n - int(bound),
            "outer_cut": outer_cut,
            "energy_cut": df.halo.energy_cut,
            "history": None if history is None else history.to_config(),
        },
    )


def centre_over_mass(df, parent, edges, log_cut):
    """Density at the (logarithmic) centre of every bin over the mass in it, for daughters [1/kpc^3].

    That of the parents where they fall no more steeply than daughters do, so that what is found is the mean ratio to
    them; else that of the `Reference`, to which daughters have a slowly varying ratio where parents have none left.
    """
    centre = 0.5 * (edges[:-1] + edges[1:])
    parents_end = df.halo.energy_cut is not None and log_cut >= df.halo._log_cut
    reference = Reference(parent, edges[0], edges[-1], log_cut, parents_end=parents_end)
    if reference.is_parent:
        at_centre = np.asarray(units.to_internal(parent.density(units.attach(np.exp(centre), "length")), "density"))
        return at_centre / masses_between(df, edges)
    return reference.density(centre) / reference.masses(edges)


def bound_at_birth(edges, born, born_bound):
    """Share of the bound by bin of birth; bins where nothing was born take the mean of their neighbours."""
    centre = 0.5 * (edges[:-1] + edges[1:])
    filled = born > 0
    if not filled.any():
        raise ConvergenceError("no parent was born in any bin; increase n, or use sampling='stratified'")
    return np.interp(centre, centre[filled], born_bound[filled] / born[filled])
