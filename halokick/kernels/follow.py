"""Many particles followed through a field of force, and where they are on the way summed in bins as they go.

Every lane of the work space holds a particle with its own step; a particle that has arrived makes room for the next.
What happens to a particle is the same to the bit whichever lanes and neighbours it has.
"""

from typing import NamedTuple

import numpy as np

from halokick.kernels.changing_forces import turn
from halokick.kernels.compiled import kernel
from halokick.kernels.deposit import add_samples
from halokick.kernels.forces import potential_at
from halokick.kernels.lanes import LANES, POSITION, WORK
from halokick.kernels.rkn import (
    ANGLE,
    ARRIVAL,
    CLOCK,
    ERROR,
    FORCE,
    FREE,
    LAST_FORCE,
    LENGTH,
    NEXT,
    START,
    STRICTNESS,
    VELOCITY,
    attempt,
    factor,
)

REMAINING = FREE
"""Time that is left to go; one row, as are those that follow."""
AGE = REMAINING + LANES
"""Time since the particle's start."""
SMALLEST = AGE + LANES
"""Smallest step that is still one."""
PLACE = SMALLEST + LANES
"""Where in the next step its samples are taken: steps of the golden section, modulo 1."""
MASS = PLACE + LANES
"""Weight of the particle per unit time."""
WEIGHT = MASS + LANES
"""Weight of a sample."""
SAMPLE_VELOCITY = WEIGHT + LANES
"""Velocity of a sample; three rows."""
ROWS = SAMPLE_VELOCITY + 3 * LANES
"""Length of the work space."""

BLOCK_OF_LANE = 2 * LANES
"""Integers: row of the histogram that a lane adds to. The rows before it are the force's and the deposit's."""
NO_BLOCK = BLOCK_OF_LANE + LANES
"""Integers: row of the second histogram, which has but one."""
TRIES = NO_BLOCK + LANES
"""Integers: steps tried."""
LEVEL = TRIES + LANES
"""Integers: how often the particle has been followed before."""
SIGN = LEVEL + LANES
"""Integers: -1 where its samples are taken back."""
INTEGER_ROWS = SIGN + LANES

_BEGIN, _END, _V0, _V1, _SLOPE, _W0, _W1 = (WORK + i * LANES for i in range(7))

GOLDEN = 0.6180339887498949
_FIRST = 0.05
"""First step over the time in which speed or force changes the radius by itself."""
_TINY = 1e-13
"""Smallest step over the whole time, below which a particle is stuck."""
_SHORT = 1e-9
"""Share of its time by which the sum of a particle's steps may fall short of it."""
REFINEMENTS, _FINER = 3, 0.05
"""Each refinement makes the tolerance of a step this much smaller."""
DONE, TOO_MANY_STEPS, STUCK, INACCURATE = 0, 1, 2, 3
"""States of completion; the last: off by more than the tolerance with the smallest steps too."""


class Particles(NamedTuple):
    """What is followed."""

    states: np.ndarray
    """Places and velocities at the start, shape (n, 6) [kpc, km/s]."""
    begins: np.ndarray
    """Time of the start, shape (n,) [kpc/(km/s)]."""
    durations: np.ndarray
    """Time to follow them for."""
    weights: np.ndarray
    """Weight per unit time."""
    places: np.ndarray
    """Where in the first step its samples are taken, in [0, 1)."""
    blocks: np.ndarray
    """Rows of the first histogram."""


class Settings(NamedTuple):
    """How particles are followed."""

    step_tolerance: float
    """Relative error of one step."""
    samples: int
    """Places counted for each step; 0 for none."""
    rate: float
    """Weights grow with the time t since the start as exp(rate t)."""
    most_steps: int
    """Steps, failed ones included, after which a particle is given up."""
    refinements: int = REFINEMENTS
    """How often a particle is followed again with smaller steps; 0 for never."""


class Judge(NamedTuple):
    """What a particle's end is compared with."""

    tolerance: float
    """Largest error; 0 if nothing is conserved."""
    before: np.ndarray
    """What is conserved, at the start, shape (n,)."""
    scale: np.ndarray
    """Errors are relative to this."""
    error: np.ndarray
    """To be filled."""
    rounds: np.ndarray
    """To be filled: how often the particle was followed again, an integer."""


class Outcome(NamedTuple):
    """What came of them."""

    ends: np.ndarray
    """Places and velocities at the end, shape (n, 6)."""
    steps: np.ndarray
    """Steps tried, shape (n,)."""
    completion: np.ndarray
    """DONE, or why not, shape (n,)."""


@kernel(contract=True, lent=True)
def _sample(forces, grids, histograms, samples, rate, S, I):
    """Add `samples` places of every lane's accepted step to the histograms."""
    share = 1.0 / samples
    for sample in range(samples):
        for l in range(LANES):
            # cubic through places and velocities at both ends: off by h^4 / 384 for a step of h radians
            t = (sample + S[PLACE + l]) * share
            h = S[LENGTH + l]
            end = t * t * (3.0 - 2.0 * t)
            S[_BEGIN + l] = 1.0 - end
            S[_END + l] = end
            S[_V0 + l] = h * t * (1.0 - t) * (1.0 - t)
            S[_V1 + l] = -h * t * t * (1.0 - t)
            # a step of no length has no weight, whatever comes out here
            S[_SLOPE + l] = 6.0 * t * (1.0 - t) / h
            S[_W0 + l] = 1.0 - t * (4.0 - 3.0 * t)
            S[_W1 + l] = t * (3.0 * t - 2.0)
            weight = S[MASS + l] * h * share
            S[WEIGHT + l] = weight if S[ERROR + l] <= 1.0 else 0.0
        for c in range(0, 3 * LANES, LANES):
            for l in range(LANES):
                x0, x1 = S[START + c + l], S[ARRIVAL + c + l]
                v0, v1 = S[VELOCITY + c + l], S[NEXT + c + l]
                S[POSITION + c + l] = (S[_BEGIN + l] * x0 + S[_END + l] * x1) + (S[_V0 + l] * v0 + S[_V1 + l] * v1)
                S[SAMPLE_VELOCITY + c + l] = S[_SLOPE + l] * (x1 - x0) + (S[_W0 + l] * v0 + S[_W1 + l] * v1)
        if rate > 0.0:
            for l in range(LANES):
                t = (sample + S[PLACE + l]) * share
                S[WEIGHT + l] *= np.exp(rate * (S[AGE + l] + t * S[LENGTH + l]))
        if forces.spin != 0.0 or forces.phase != 0.0:
            # densities are those in the frame of the potential
            for l in range(LANES):
                t = (sample + S[PLACE + l]) * share
                angle = forces.phase + forces.spin * (S[CLOCK + l] + t * S[LENGTH + l])
                S[ANGLE + l] = np.cos(angle)
                S[ANGLE + LANES + l] = np.sin(angle)
            turn(S, POSITION, ANGLE, ANGLE + LANES, 1.0)
            if grids[0].columns > 1 or grids[1].columns > 1:
                turn(S, SAMPLE_VELOCITY, ANGLE, ANGLE + LANES, 1.0)
        add_samples(grids[0], histograms[0], S, I, SAMPLE_VELOCITY, WEIGHT, BLOCK_OF_LANE)
        if histograms[1].shape[1] > 0:
            add_samples(grids[1], histograms[1], S, I, SAMPLE_VELOCITY, WEIGHT, NO_BLOCK)


@kernel(contract=True, lent=True)
def _accept(most_steps, S, I):
    """Move every lane whose error is small enough, and choose the next steps; returns how many lanes have arrived.

    A lane that gets no further has no time left either.
    """
    for l in range(LANES):
        h = S[LENGTH + l]
        error = S[ERROR + l]
        gone = h if error <= 1.0 else 0.0
        place = S[PLACE + l] + (GOLDEN if error <= 1.0 else 0.0)
        S[PLACE + l] = place - (1.0 if place >= 1.0 else 0.0)
        S[AGE + l] += gone
        S[CLOCK + l] += gone
        S[REMAINING + l] -= gone
    for c in range(0, 3 * LANES, LANES):
        for l in range(LANES):
            # both are read whatever the choice, so that the choice is not a jump
            x, new_x = S[START + c + l], S[ARRIVAL + c + l]
            v, new_v = S[VELOCITY + c + l], S[NEXT + c + l]
            a, new_a = S[FORCE + c + l], S[LAST_FORCE + c + l]
            good = S[ERROR + l] <= 1.0
            S[START + c + l] = new_x if good else x
            S[VELOCITY + c + l] = new_v if good else v
            S[FORCE + c + l] = new_a if good else a
    for l in range(LANES):
        x, y, z = S[START + l], S[START + LANES + l], S[START + 2 * LANES + l]
        u, v, w = S[VELOCITY + l], S[VELOCITY + LANES + l], S[VELOCITY + 2 * LANES + l]
        a, b, c = S[FORCE + l], S[FORCE + LANES + l], S[FORCE + 2 * LANES + l]
        r2 = x * x + y * y + z * z
        speed2 = u * u + v * v + w * w + np.sqrt((a * a + b * b + c * c) * r2)
        first = _FIRST * np.sqrt(r2 / speed2)
        h = S[LENGTH + l]
        next_one = h * factor(S[ERROR + l])
        # a lane that has just been filled made a step of no length, which gave it its first force
        guess = next_one if h > 0.0 else first
        tries = I[TRIES + l] + 1
        I[TRIES + l] = tries
        rest = S[REMAINING + l]
        rest = rest if guess >= S[SMALLEST + l] and tries < most_steps else 0.0
        S[REMAINING + l] = rest
        S[LENGTH + l] = guess if guess < rest else rest
    arrived = 0
    for l in range(LANES):
        S[LENGTH + LANES + l] = S[LENGTH + l]
        S[LENGTH + 2 * LANES + l] = S[LENGTH + l]
        arrived += 1 if S[REMAINING + l] <= 0.0 else 0
    return arrived


@kernel(lent=True)
def conserved_at(forces, state, time):
    """Energy, less spin times L_z: what is conserved if the amplitude is [(km/s)^2]."""
    angle = forces.phase + forces.spin * time
    cosine, sine = np.cos(angle), np.sin(angle)
    x, y = cosine * state[0] + sine * state[1], cosine * state[1] - sine * state[0]
    momentum = state[0] * state[4] - state[1] * state[3]
    kinetic = 0.5 * (state[3] * state[3] + state[4] * state[4] + state[5] * state[5])
    return kinetic - forces.spin * momentum + potential_at(forces, x, y, state[2])


@kernel(lent=True)
def _load(S, I, l, particles, p, level, sign, step_tolerance):
    """Put particle `p` into a lane."""
    for c in range(3):
        S[START + c * LANES + l] = particles.states[p, c]
        S[VELOCITY + c * LANES + l] = particles.states[p, 3 + c]
        S[FORCE + c * LANES + l] = 0.0
        S[LENGTH + c * LANES + l] = 0.0
    tolerance = step_tolerance * _FINER**level
    S[STRICTNESS + l] = 1.0 / (tolerance * tolerance)
    S[REMAINING + l] = particles.durations[p]
    S[CLOCK + l] = particles.begins[p]
    S[SMALLEST + l] = _TINY * particles.durations[p]
    S[AGE + l] = 0.0
    S[MASS + l] = sign * particles.weights[p]
    S[PLACE + l] = particles.places[p]
    I[BLOCK_OF_LANE + l] = particles.blocks[p]
    I[TRIES + l] = 0
    I[LEVEL + l] = level
    I[SIGN + l] = sign


@kernel(lent=True)
def _unload(forces, S, I, l, p, particles, settings, judge, outcome, queue, waiting):
    """Write down where particle `p` is, and put it in the queue again if it did not get there as it should.

    Entries of the queue are particle, level of refinement, and sign of the weight. Returns how many there are now.
    """
    if I[SIGN + l] < 0:
        return waiting
    for c in range(3):
        outcome.ends[p, c] = S[START + c * LANES + l]
        outcome.ends[p, 3 + c] = S[VELOCITY + c * LANES + l]
    outcome.steps[p] = I[TRIES + l]
    duration = particles.durations[p]
    if S[AGE + l] >= duration * (1.0 - _SHORT):
        outcome.completion[p] = DONE
    else:
        outcome.completion[p] = TOO_MANY_STEPS if I[TRIES + l] >= settings.most_steps else STUCK
    after = conserved_at(forces, outcome.ends[p], particles.begins[p] + duration)
    error = abs(after - judge.before[p]) / judge.scale[p]
    judge.error[p] = error
    judge.rounds[p] = I[LEVEL + l]
    # an error that is no number is no small one
    good = outcome.completion[p] == DONE and (judge.tolerance == 0.0 or error <= judge.tolerance)
    if good or settings.refinements == 0:
        return waiting
    level = I[LEVEL + l]
    if settings.samples > 0:
        queue[waiting, 0], queue[waiting, 1], queue[waiting, 2] = p, level, -1
        waiting += 1
    if level < settings.refinements:
        queue[waiting, 0], queue[waiting, 1], queue[waiting, 2] = p, level + 1, 1
        waiting += 1
    elif outcome.completion[p] == DONE:
        outcome.completion[p] = INACCURATE
    return waiting


@kernel(lent=True)
def _refill(forces, S, I, owner, particles, order, taken, settings, judge, outcome, queue, waiting):
    """Empty the lanes that have arrived, and fill them from the queue or else in order.

    Returns how many were taken of the order, how many wait in the queue, and how many lanes are busy.
    """
    busy = 0
    for l in range(LANES):
        if S[REMAINING + l] > 0.0:
            busy += 1
            continue
        if owner[l] >= 0:
            waiting = _unload(forces, S, I, l, owner[l], particles, settings, judge, outcome, queue, waiting)
            owner[l] = -1
        while owner[l] < 0 and (waiting > 0 or taken < order.shape[0]):
            level, sign = 0, 1
            if waiting > 0:
                waiting -= 1
                p, level, sign = queue[waiting, 0], queue[waiting, 1], queue[waiting, 2]
            else:
                p = order[taken]
                taken += 1
            _load(S, I, l, particles, p, level, sign, settings.step_tolerance)
            if S[REMAINING + l] > 0.0:
                owner[l] = p
                busy += 1
            else:
                waiting = _unload(forces, S, I, l, p, particles, settings, judge, outcome, queue, waiting)
    return taken, waiting, busy


@kernel
def follow(forces, growth, grids, particles, order, settings, judge, histograms, outcome):
    """Follow particles to the end of their time, adding up in `histograms` where they are on the way.

    Whoever does not arrive, or with an error above the judge's tolerance, is followed again with smaller steps. Its
    samples are first taken back, by following it once more with the opposite weight: the same steps to the bit, which
    no memory could hold. It takes its place in the lanes like any other, so that few do not keep many lanes waiting.

    Parameters
    ----------
    forces : Forces
    growth : Growth
    grids : tuple of two Grid
    particles : Particles
    order : int array, shape (m,)
        Which particles to follow, in the order in which lanes take them.
    settings : Settings
    judge : Judge
        `error` and `rounds` are filled for the particles in `order`.
    histograms : tuple of two float arrays, shape (blocks, bins) and (1, bins)
        One for each grid. The second may have no bins; then nothing is added to it.
    outcome : Outcome
        Filled for the particles in `order`.
    """
    # rows must begin where the processor's registers are filled in one go
    space = np.zeros(ROWS + 8)
    shift = (-space.ctypes.data % 64) // 8
    S = space[shift : shift + ROWS]
    I = np.zeros(INTEGER_ROWS, dtype=np.int64)
    owner = np.full(LANES, -1, dtype=np.int64)
    queue = np.empty((2 * order.shape[0] + 2, 3), dtype=np.int64)
    for i in range(3 * LANES):
        # an empty lane stands at a harmless place
        S[START + i] = 1.0
        S[ARRIVAL + i] = 1.0
    taken, waiting, busy = 0, 0, 0
    while True:
        taken, waiting, busy = _refill(
            forces, S, I, owner, particles, order, taken, settings, judge, outcome, queue, waiting
        )
        if busy == 0:
            return
        while True:
            attempt(forces, growth, S, I)
            if settings.samples > 0:
                _sample(forces, grids, histograms, settings.samples, settings.rate, S, I)
            if _accept(settings.most_steps, S, I) > LANES - busy:
                break
