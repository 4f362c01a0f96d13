"""The decays of `follow_orbits` in chunks that can be followed anywhere, in any order, and put together again."""

from functools import lru_cache

from halokick.daughters.orbits import (
    SAMPLINGS,
    count_chunks,
    daughters_of,
    follow_chunk,
    nothing,
    parents_of,
    plan_orbits,
)
from halokick.errors import InputError
from halokick.halo.sampling import MARGIN, WIDER, envelope_error


class OrbitChunks:
    """One `follow_orbits`, chunk by chunk: the same daughters to the bit, whoever followed which chunk, and when.

    A chunk is a part of the definition of a seed (`halokick.daughters.orbits.CHUNK` decays), not a choice. Speeds are
    drawn below an envelope; where a chunk meets a value above it, a wider one is used, and then it must be used for all
    chunks: `level` counts how many times it was widened.

    Parameters
    ----------
    df, kick, bins, n, seed, sampling, sample_within, outer_cut, within, history
        As in `follow_orbits`.
    together : sequence of KickDistribution
        All kicks of a study; these have nothing in common, see `IntegratedChunks`.
    """

    follows_control = False

    def __init__(
        self,
        df,
        kick,
        bins=None,
        *,
        n,
        seed,
        sampling=SAMPLINGS[0],
        sample_within=None,
        outer_cut=None,
        within=None,
        history=None,
        together=(),
    ):
        self._df, self._kick, self._outer_cut, self._history = df, kick, outer_cut, history
        self._plan = plan_orbits(df, kick, n, seed, sampling, bins, sample_within, outer_cut, within, history)
        self._parents = lru_cache(maxsize=1)(lambda level: parents_of(df, self._plan, MARGIN * WIDER[level]))

    def __len__(self):
        return count_chunks(self._plan.n)

    def sums(self, chunk, level=0):
        """Follow one chunk.

        Parameters
        ----------
        chunk : int
        level : int
            From which level of the envelope on.

        Returns
        -------
        sums : OrbitSums
        level : int
            The first one, from that given on, at which the envelope was high enough.

        Raises
        ------
        InputError
            No such chunk.
        ConvergenceError
            No envelope was high enough, or an orbit has no period.
        """
        if not 0 <= chunk < len(self):
            raise InputError(f"chunk = {chunk}; these {self._plan.n} decays have chunks 0 to {len(self) - 1}")
        for wider in range(level, len(WIDER)):
            parents, mass = self._parents(wider)
            sums = follow_chunk(self._df, self._kick, self._plan, parents, mass, chunk)
            if sums is not None:
                return sums, wider
        raise envelope_error(self._df)

    def daughters(self, sums, control=None):
        """What `follow_orbits` answers.

        Parameters
        ----------
        sums : sequence of OrbitSums
            Of all chunks in order, all of one level.
        control : None
            There is none.

        Returns
        -------
        Daughters

        Raises
        ------
        InputError
            Not as many as there are chunks.
        """
        if len(sums) != len(self):
            raise InputError(f"sums of {len(sums)} chunks; the {self._plan.n} decays have {len(self)}")
        total = nothing(self._plan, sums[0].mass)
        for one in sums:
            total = total.plus(one)
        return daughters_of(self._df, self._kick, self._plan, total, self._outer_cut, self._history)
