"""The Monte Carlo of daughters: by exact radial quadrature where the potential is spherical, else by integration."""

from halokick.daughters.integrated import IntegratedChunks
from halokick.daughters.kick_nodes import check_parents_and_kick
from halokick.daughters.orbit_chunks import OrbitChunks
from halokick.errors import InputError
from halokick.halo.force_field import is_spherical

PATHS = ("auto", "exact", "integrated")


def follow_orbits(
    df,
    kick,
    bins=None,
    *,
    n,
    seed,
    path="auto",
    sampling="stratified",
    sample_within=None,
    outer_cut=None,
    within=None,
    history=None,
    duration=None,
    grid=None,
    growth=None,
    control=None,
    tolerance=None,
    field_tolerance=None,
    samples=None,
    progress=None,
):
    r"""Density of daughters from random decays, each followed along its orbit; with standard errors.

    Parents are drawn from f(E) and kicked in random directions; daughters that are then unbound are dropped. There are
    two ways to follow the others.

    ``"exact"``, for spherical potentials: energy and angular momentum give the turning points, and
    :math:`\int dr/v_r` between bin edges the exact share of the radial period in each bin: no trajectory, no time step.
    Without `history` orbits are fully mixed, as in `phase_mix`, which this judges and is judged by. With it, a daughter
    keeps the radius and the direction of its birth, and its bins get the probability that it is there today: ages a
    have density :math:`\Gamma e^{-\Gamma(t_0-a)}/(1-e^{-\Gamma t_0})`, and the infinitely many passages of a bin are a
    geometric series.

    ``"integrated"``, for any potential: the halo's own gravity or `Halo.potential`, with disks, bulges, bars and
    triaxial members as they are. What galpy alone can follow goes to galpy's compiled integrator; there t = 0 of a
    potential that changes is the start of the orbits. Orbits are integrated by a
    Runge-Kutta-Nystrom pair of order 8(6) and counted in bins on the way, weighted by the law of ages. Each daughter's
    energy at the end (the Jacobi integral in a turning potential) is compared with that at birth; whoever is off by
    more than `tolerance` is followed again with smaller steps, and left out by name if that does not help. The same
    parents are followed without a kick too: see `FollowedDaughters`.

    Parameters
    ----------
    df : ErgodicDF
        The parents; of the spherical average, if the potential is not spherical.
    kick : KickDistribution
    bins : Quantity [length], shape (m + 1,), optional
        Edges of shells, increasing, at least five. Left out: ten per decade from 1e-3 scale radii (0.01 if integrated)
        to 30, or to the cut, without the innermost of them that hold fewer than five effective daughters (`settings`
        names the edges kept).
    n : int
        Number of decays.
    seed : int or numpy.random.SeedSequence
        The answer for a seed is the same to the bit for any number of threads.
    path : str
        ``"exact"``, ``"integrated"``, or ``"auto"``: exact, unless the potential is not spherical or an argument asks
        for what integration alone gives.
    sampling : str
        ``"stratified"``: half of the parents by mass, thinned far outside the bins, half uniform in ln r across them,
        with weights, so that inner bins are filled too. ``"mass"``: all by mass, weights equal; much cheaper to
        integrate, because fewer orbits are deep inside.
    sample_within : Quantity [length], optional
        Parents born outside are missing, and with them the daughters that they would send into the bins. Left out, it
        is 300 times the last edge, or the end of the parents.
    outer_cut : Quantity [length], optional
        Leave out daughters whose energy lets them go farther than this.
    within : Quantity [length], optional
        Reference radius of `bound_fraction`; ten scale radii, or the edge, if left out.
    history : DecayHistory, optional
        Lifetime and age, for the law of ages.
    duration : Quantity [time], optional
        Integration without `history`: how long orbits are followed, all ages up to it being equally likely; 13.8 Gyr.
    grid : RingBins or BoxBins, optional
        Integration: count in (R, z) or (x, y, z) as well.
    growth : str, callable or AmplitudeGrowth, optional
        Integration: how the potential grew to what it is today: ``"wechsler_2002"``, or a function of the time since
        the start, whose scale does not matter. Parents then start in equilibrium with the potential of the start.
    control : bool, optional
        Integration: follow the parents without a kick as well (default), at twice the cost.
    tolerance : float, optional
        Integration: largest :math:`|\Delta E/E|` of any daughter over the whole time; 1e-6.
    field_tolerance : float, optional
        Integration: largest relative error of the tables of the potential, for 99 per cent of the places; 1e-6.
    samples : int, optional
        Integration: places counted in each step; 1.
    progress : callable (done, total), optional
        Called after every chunk of decays.

    Returns
    -------
    Daughters or FollowedDaughters
        On the bins' (logarithmic) centres: the mean ratio to the parents in the bin times their density at the centre.
        Where the parents fall more steeply than r^-5 somewhere, their density with a bounded slope takes their place.
        `settings` holds the effective number of daughters in each bin and the error of `bound_fraction`.

    Raises
    ------
    InputError
        Bins, numbers or names that are not allowed, or arguments that the path does not know.
    ConvergenceError
        Too few bound daughters in a bin to quote an error, or too many orbits that cannot be followed.

    Notes
    -----
    What the default of `sample_within` leaves out was measured with births from 300 to 1e5 times the last edge, in a
    halo with outer slope 3 (the worst that needs no cut): less than 1e-6 of the density in any bin for kicks of 25 km/s
    and more, in bins that end at 1 or at 20 scale radii.
    """
    chunks = orbit_chunks(
        df,
        kick,
        bins,
        n=n,
        seed=seed,
        path=path,
        sampling=sampling,
        sample_within=sample_within,
        outer_cut=outer_cut,
        within=within,
        history=history,
        duration=duration,
        grid=grid,
        growth=growth,
        control=control,
        tolerance=tolerance,
        field_tolerance=field_tolerance,
        samples=samples,
    )
    return chunks.daughters(_all_sums(chunks, progress))


def orbit_chunks(
    df,
    kick,
    bins=None,
    *,
    path="auto",
    duration=None,
    grid=None,
    growth=None,
    control=None,
    tolerance=None,
    field_tolerance=None,
    samples=None,
    **common,
):
    """One `follow_orbits` in parts that can be followed anywhere, in any order, and put together again.

    Returns
    -------
    OrbitChunks or IntegratedChunks
        Their `sums(chunk, level)` follow one part, and `daughters` is the answer of all.
    """
    check_parents_and_kick(df, kick)
    if path not in PATHS:
        raise InputError(f"path = {path!r}; allowed are {', '.join(map(repr, PATHS))}")
    asked = {
        "duration": duration,
        "grid": grid,
        "growth": growth,
        "control": control,
        "tolerance": tolerance,
        "field_tolerance": field_tolerance,
        "samples": samples,
    }
    asked = {name: value for name, value in asked.items() if value is not None}
    if path == "auto":
        path = "integrated" if asked or not is_spherical(df.halo) else "exact"
    if path == "integrated":
        return IntegratedChunks(df, kick, bins, **common, **asked)
    if asked:
        raise InputError(f"path = 'exact' knows no {', '.join(asked)}; leave it out, or give path='integrated'")
    return OrbitChunks(df, kick, bins, **common)


class FollowTogether:
    """`follow_orbits` for all kicks of one study, one after the other: parents without a kick are followed once.

    All kicks have the same parents, and one tolerance of steps, the strictest of theirs. Ratios to the parents without
    a kick are what they are for one kick alone, to within the errors of integration.

    Parameters
    ----------
    kicks : sequence of KickDistribution
        The first of them is to be followed first.
    all_sums : callable (chunks, progress), optional
        Follows all chunks, and gives their sums in order: for those that were followed elsewhere.
    """

    def __init__(self, kicks, all_sums=None):
        self._kicks, self._all_sums, self._control = tuple(kicks), all_sums or _all_sums, None

    def __call__(self, df, kick, bins=None, *, progress=None, **arguments):
        """As `follow_orbits`."""
        chunks = orbit_chunks(df, kick, bins, together=self._kicks, **arguments)
        sums = self._all_sums(chunks, progress)
        if chunks.follows_control:
            self._control = sums
        return chunks.daughters(sums, self._control)


def _all_sums(chunks, progress):
    """Sums of all chunks at one level of the envelope, in order."""
    level, sums = 0, []
    while len(sums) < len(chunks):
        one, needed = chunks.sums(len(sums), level)
        if needed > level:
            # the envelope belongs to the draws of all chunks
            level, sums = needed, []
            continue
        sums.append(one)
        if progress is not None:
            progress(len(sums), len(chunks))
    return sums
