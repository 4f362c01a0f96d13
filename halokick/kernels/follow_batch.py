"""A batch of particles, each followed to the accuracy that was asked for.

What is asked for is the error of the energy after the whole time (of the Jacobi integral, where the potential turns),
not that of a step.
"""

import numpy as np

from halokick.kernels.compiled import kernel
from halokick.kernels.deposit import add_samples
from halokick.kernels.follow import (
    BLOCK_OF_LANE,
    INACCURATE,
    INTEGER_ROWS,
    NO_BLOCK,
    ROWS,
    SAMPLE_VELOCITY,
    STUCK,
    TOO_MANY_STEPS,
    WEIGHT,
    Judge,
    conserved_at,
    follow,
)
from halokick.kernels.lanes import LANES, POSITION

REASONS = {
    TOO_MANY_STEPS: "too many steps",
    STUCK: "steps became too small",
    INACCURATE: "energy off by more than the tolerance with the smallest steps",
}


@kernel
def conserved(forces, states, times):
    """`conserved_at` for each particle."""
    out = np.empty(states.shape[0])
    for i in range(states.shape[0]):
        out[i] = conserved_at(forces, states[i], times[i])
    return out


@kernel(nogil=True)
def follow_batch(forces, growth, grids, particles, chosen, settings, tolerance, scale, histograms, outcome, error):
    """`follow` the `chosen` of one batch; fills `outcome`, and `error` with |change of `conserved`| / `scale`.

    `tolerance` is the largest error allowed; zero if nothing is conserved. Whoever misses it in the end, or does not
    arrive, leaves no samples. Those deep in the potential go first: they take the most steps. Returns how many were
    followed again.
    """
    before = conserved(forces, particles.states, particles.begins)
    order = np.flatnonzero(chosen)
    order = order[np.argsort(before[order])]
    judge = Judge(tolerance, before, scale, error, np.zeros(before.shape[0], dtype=np.int64))
    follow(forces, growth, grids, particles, order, settings, judge, histograms, outcome)
    return np.count_nonzero(judge.rounds)


@kernel(nogil=True)
def deposit_states(forces, grids, states, time, weights, blocks, histograms):
    """Add particles, as they stand at one time, to the histograms of two grids: see `follow`."""
    space = np.zeros(ROWS + 8)
    shift = (-space.ctypes.data % 64) // 8
    S = space[shift : shift + ROWS]
    I = np.zeros(INTEGER_ROWS, dtype=np.int64)
    angle = forces.phase + forces.spin * time
    cosine, sine = np.cos(angle), np.sin(angle)
    for first in range(0, states.shape[0], LANES):
        for l in range(LANES):
            i = first + l
            if i < states.shape[0]:
                s = states[i]
                S[POSITION + l] = cosine * s[0] + sine * s[1]
                S[POSITION + LANES + l] = cosine * s[1] - sine * s[0]
                S[POSITION + 2 * LANES + l] = s[2]
                S[SAMPLE_VELOCITY + l] = cosine * s[3] + sine * s[4]
                S[SAMPLE_VELOCITY + LANES + l] = cosine * s[4] - sine * s[3]
                S[SAMPLE_VELOCITY + 2 * LANES + l] = s[5]
                S[WEIGHT + l] = weights[i]
                I[BLOCK_OF_LANE + l] = blocks[i]
            else:
                S[WEIGHT + l] = 0.0
        add_samples(grids[0], histograms[0], S, I, SAMPLE_VELOCITY, WEIGHT, BLOCK_OF_LANE)
        if histograms[1].shape[1] > 0:
            add_samples(grids[1], histograms[1], S, I, SAMPLE_VELOCITY, WEIGHT, NO_BLOCK)
