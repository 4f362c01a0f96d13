"""A batch of particles, each followed to the accuracy that was asked for.

What is asked for is the error of the energy after the whole time (of the Jacobi integral, where the potential turns),
not that of a step. Whoever misses it is followed again with smaller steps; its samples are first taken back, by
following it once more with the opposite weight: the same steps to the bit, which no memory could hold.
"""

import numpy as np

from halokick.kernels.compiled import kernel
from halokick.kernels.deposit import add_samples
from halokick.kernels.follow import (
    BLOCK_OF_LANE,
    DONE,
    INTEGER_ROWS,
    NO_BLOCK,
    ROWS,
    SAMPLE_VELOCITY,
    STUCK,
    TOO_MANY_STEPS,
    WEIGHT,
    Outcome,
    Particles,
    Settings,
    follow,
)
from halokick.kernels.forces import potential
from halokick.kernels.lanes import LANES, POSITION

INACCURATE = 3
"""State of completion of a particle that missed the tolerance with the smallest steps too."""
REASONS = {
    TOO_MANY_STEPS: "too many steps",
    STUCK: "steps became too small",
    INACCURATE: "energy off by more than the tolerance with the smallest steps",
}
REFINEMENTS = 3
_FINER = 0.05
"""Each refinement makes the tolerance of a step this much smaller."""


@kernel
def conserved(forces, states, times):
    """Energy of each particle, less spin times L_z: what is conserved if the amplitude is [(km/s)^2]."""
    n = states.shape[0]
    x, y, z = np.empty(n), np.empty(n), np.empty(n)
    out = np.empty(n)
    for i in range(n):
        angle = forces.phase + forces.spin * times[i]
        cosine, sine = np.cos(angle), np.sin(angle)
        s = states[i]
        x[i] = cosine * s[0] + sine * s[1]
        y[i] = cosine * s[1] - sine * s[0]
        z[i] = s[2]
        momentum = s[0] * s[4] - s[1] * s[3]
        out[i] = 0.5 * (s[3] * s[3] + s[4] * s[4] + s[5] * s[5]) - forces.spin * momentum
    return out + potential(forces, x, y, z)


@kernel
def _deepest_first(energy, order):
    """`order` by energy: those deep in the potential take the most steps, and should not be left for last."""
    return order[np.argsort(energy[order])]


@kernel(nogil=True)
def follow_batch(forces, growth, grids, particles, chosen, settings, tolerance, scale, histograms, outcome, error):
    """Follow the `chosen` of one batch; fills `outcome`, and `error` with |change of `conserved`| / `scale`.

    `tolerance` is the largest error allowed; zero if nothing is conserved. Whoever misses it in the end, or does not
    arrive, leaves no samples. Returns how many were followed again.
    """
    n = particles.states.shape[0]
    before = conserved(forces, particles.states, particles.begins)
    order = _deepest_first(before, np.flatnonzero(chosen))
    follow(forces, growth, grids, particles, order, settings, histograms, outcome)
    _find_errors(forces, particles, before, order, scale, outcome, error)
    taken_back = Particles(
        particles.states,
        particles.begins,
        particles.durations,
        -particles.weights,
        particles.places,
        particles.blocks,
    )
    nowhere = Outcome(np.empty((n, 6)), np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64))
    repeated = 0
    for level in range(REFINEMENTS + 1):
        bad = order[_missed(order, outcome, error, tolerance)]
        if bad.shape[0] == 0:
            break
        if level == 0:
            repeated = bad.shape[0]
        if settings.samples > 0:
            follow(forces, growth, grids, taken_back, bad, settings, histograms, nowhere)
        if level == REFINEMENTS:
            for p in bad:
                if outcome.completion[p] == DONE:
                    outcome.completion[p] = INACCURATE
            break
        settings = Settings(settings.step_tolerance * _FINER, settings.samples, settings.rate, settings.most_steps)
        follow(forces, growth, grids, particles, bad, settings, histograms, outcome)
        _find_errors(forces, particles, before, bad, scale, outcome, error)
        order = bad
    return repeated


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


@kernel
def _find_errors(forces, particles, before, order, scale, outcome, error):
    after = conserved(forces, outcome.ends, particles.begins + particles.durations)
    for p in order:
        error[p] = abs(after[p] - before[p]) / scale[p]


@kernel
def _missed(order, outcome, error, tolerance):
    """Which of `order` have to be followed again."""
    out = np.empty(order.shape[0], dtype=np.bool_)
    for i in range(order.shape[0]):
        p = order[i]
        # an error that is no number is no small one
        out[i] = outcome.completion[p] != DONE or (tolerance > 0.0 and not error[p] <= tolerance)
    return out
