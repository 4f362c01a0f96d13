r"""Particles of a live halo through one interval of time, in which the field does not change.

Reversible adaptive leapfrog in the plane of each orbit. With the rate

    U(r) = sqrt( G M / r^3 + kappa^2 v_c^2 / (r^2 + r_min^2) + 1 / dt_max^2 ),  v_c^2 = v^2 + 2 [Phi(r) - Phi(0)],

where v_c, the speed with which the particle would pass the centre, is constant along an orbit, a step is

    r += eps / (2 q) v;  q' = 2 U(r) - q;  v += eps / 2 (1/q + 1/q') a(r);  r += eps / (2 q') v,

explicit, and the same backwards in time (Huang & Leimkuhler 1997, SIAM J. Sci. Comput. 18, 239; Holder, Leimkuhler &
Reich 2001, Appl. Numer. Math. 39, 367). Particles end an interval at the first boundary of a step of theirs beyond it.
Each puts its mass into the cell that it is in at the middle of a step, times the part of the step that lies in the
interval; what lies beyond is put there when the next interval begins. So each interval has the mass of all particles.
"""

from typing import NamedTuple

import numpy as np

from halokick.kernels.bits import bits_of, double_of
from halokick.kernels.compiled import kernel
from halokick.kernels.live_tables import CELLS, MASK, ONE, SHIFT, place_of, value_at

CHUNKS = 64
"""Parts of the particles that are summed on their own, whatever the number of threads."""
LANES = 64
"""Particles in the work space of a chunk."""
ROWS = 10
"""Moments in each cell: mass, number, m v_r, m v_r^2, m v_t^2 times time, of parents, then of daughters."""
NEVER_LANDED = -1
"""`cell` of a particle that has not made a step."""
X, Y, VX, VY, RATE, TIME, MASS, DECAY, KICK, COSINE, AZIMUTH = range(11)
"""Rows of the state. RATE: q of the next half step, 0 where it is to be U. TIME: own time of the particle; of one that
is not there yet, when it comes. DECAY: when it does; the last three are the kick's speed and direction."""
STATES = 11
PARENT, DAUGHTER = 0, 1
NOT_A_NUMBER, ENDLESS = 1, 2
"""Kinds of failure."""
KAPPA2 = 0.25
_FLOOR = 0.3
"""Smallest q over U: a particle that falls in faster than its steps shrink would otherwise get q' < 0."""
_MOST_STEPS = 10_000_000

# rows of the work space
_X, _Y, _VX, _VY, _Q, _HALF, _C, _T, _M, _STOP, _DECAY = (k * LANES for k in range(11))
_G, _PLACE, _LENGTH, _S2, _RV, _V2, _G1, _G2 = (k * LANES for k in range(11, 19))
_FLOATS = 19 * LANES
_ID, _CELL = 0, LANES
_EMPTY = -1


class Particles(NamedTuple):
    """State of all particles."""

    floats: np.ndarray
    """Shape (STATES, n); rows X to MASS change."""
    cell: np.ndarray
    """Cell of the last deposit of each, or NEVER_LANDED."""
    species: np.ndarray


class Sums(NamedTuple):
    """What each chunk adds up, first axis CHUNKS."""

    deposit: np.ndarray
    """Mass times time in each cell of s [Msun kpc/(km/s)]."""
    moments: np.ndarray
    """Of the window, shape (CHUNKS, ROWS, cells)."""
    energy: np.ndarray
    """Energy given by kicks, taken by lost mass, brought by arriving particles [Msun km2/s2]."""
    steps: np.ndarray
    failure: np.ndarray
    """Kind of failure and number of the particle, shape (CHUNKS, 2)."""


class Interval(NamedTuple):
    """What is the same for all particles."""

    begin: float
    end: float
    window_begin: float
    window_end: float
    """Moments are summed between these times; none if they are equal."""
    last_decay: float
    """Decays that are due later do not happen."""
    epsilon: float
    softening2: float
    """r_min^2."""
    slowest2: float
    """1 / dt_max^2."""
    retained: float
    """Share of its mass that a daughter keeps."""
    depth: float
    """Phi(infinity) - Phi(0)."""


@kernel(contract=True, lent=True)
def _begin_orbit(look, S, l, epsilon, softening2, slowest2):
    """Phi where the particle is; and its v_c and, where it is not given, its q."""
    s = S[_X + l] * S[_X + l] + S[_Y + l] * S[_Y + l]
    i, t = place_of(look, s)
    phi = value_at(look.phi, i, t)
    c = KAPPA2 * (S[_VX + l] * S[_VX + l] + S[_VY + l] * S[_VY + l] + 2.0 * phi)
    S[_C + l] = c
    if S[_Q + l] == 0.0:
        S[_Q + l] = np.sqrt(value_at(look.g, i, t) + c / (s + softening2) + slowest2)
    S[_HALF + l] = 0.5 * epsilon / S[_Q + l]
    return phi


@kernel(lent=True)
def _kick(S, l, speed, cosine, azimuth):
    """Add a kick to the velocity of a lane; returns half the squares of the speeds before and after."""
    x, y = S[_X + l], S[_Y + l]
    r = np.sqrt(x * x + y * y)
    cx, cy = 1.0, 0.0
    if r > 0.0:
        cx, cy = x / r, y / r
    radial = S[_VX + l] * cx + S[_VY + l] * cy
    across = S[_VY + l] * cx - S[_VX + l] * cy
    before = 0.5 * (radial * radial + across * across)
    sine = np.sqrt(max(1.0 - cosine * cosine, 0.0))
    along = abs(across) + speed * sine * np.cos(azimuth)
    aside = speed * sine * np.sin(azimuth)
    radial += speed * cosine
    # the plane of the orbit turns with the kick, and we with it
    across = np.sqrt(along * along + aside * aside)
    S[_VX + l] = radial * cx - across * cy
    S[_VY + l] = radial * cy + across * cx
    return before, 0.5 * (radial * radial + across * across)


@kernel(lent=True)
def _rest(S, I, l):
    """Empty a lane: what is in it has no mass, and time never comes to an end there."""
    S[_X + l], S[_Y + l], S[_VX + l], S[_VY + l] = 1.0, 0.0, 0.0, 0.0
    S[_Q + l], S[_HALF + l], S[_C + l], S[_M + l] = 1.0, 1.0, 0.0, 0.0
    S[_T + l], S[_DECAY + l] = -1e300, np.inf
    I[_ID + l] = _EMPTY


@kernel(contract=True, lent=True)
def _step(look, S, I, epsilon, softening2, slowest2):
    """One step of all lanes; leaves its length, the cell at its middle, and what the moments need."""
    low, high, first, g = look.low, look.high, look.first, look.g
    for l in range(LANES):
        x = S[_X + l] + S[_HALF + l] * S[_VX + l]
        y = S[_Y + l] + S[_HALF + l] * S[_VY + l]
        S[_X + l] = x
        S[_Y + l] = y
        s = x * x + y * y
        S[_S2 + l] = s
        s = s if s > low else low
        bits = bits_of(s if s < high else high)
        I[_CELL + l] = (bits >> SHIFT) - first
        S[_PLACE + l] = (double_of((bits & MASK) | ONE) - 1.0) * CELLS
    for l in range(LANES):
        i = I[_CELL + l]
        S[_G + l] = g[i, 0]
        S[_G1 + l] = g[i, 1]
        S[_G2 + l] = g[i, 2]
    for l in range(LANES):
        t = S[_PLACE + l]
        force = S[_G + l] + t * (S[_G1 + l] + t * S[_G2 + l])
        rate = np.sqrt(force + S[_C + l] / (S[_S2 + l] + softening2) + slowest2)
        least = _FLOOR * rate
        q = 2.0 * rate - S[_Q + l]
        q = q if q > least else least
        half = 0.5 * epsilon / q
        length = S[_HALF + l] + half
        S[_Q + l] = q
        S[_HALF + l] = half
        S[_LENGTH + l] = length
        S[_T + l] += length
        kick = length * force
        x, y, vx, vy = S[_X + l], S[_Y + l], S[_VX + l], S[_VY + l]
        # velocity at the middle of the step
        mx, my = vx - 0.5 * kick * x, vy - 0.5 * kick * y
        S[_RV + l] = x * mx + y * my
        S[_V2 + l] = mx * mx + my * my
        vx -= kick * x
        vy -= kick * y
        S[_VX + l] = vx
        S[_VY + l] = vy
        S[_X + l] = x + half * vx
        S[_Y + l] = y + half * vy


@kernel(lent=True)
def _add_moments(species, S, I, begin, end, moments):
    """Add what all lanes do inside the window."""
    for l in range(LANES):
        i = I[_ID + l]
        if i == _EMPTY:
            continue
        t = S[_T + l]
        dt = min(t, end) - max(t - S[_LENGTH + l], begin)
        if dt > 0.0:
            row = 5 * species[i]
            cell = I[_CELL + l]
            mass = S[_M + l] * dt
            radial = S[_RV + l] / np.sqrt(max(S[_S2 + l], 1e-300))
            moments[row, cell] += mass
            moments[row + 1, cell] += dt
            moments[row + 2, cell] += mass * radial
            moments[row + 3, cell] += mass * radial * radial
            moments[row + 4, cell] += mass * max(S[_V2 + l] - radial * radial, 0.0)


@kernel
def _chunk(P, cells, species, look, interval, first, stop, deposit, moments, energies, counts, failure):
    """One chunk, and its part of the sums."""
    begin, end, epsilon, softening2 = interval.begin, interval.end, interval.epsilon, interval.softening2
    slowest2, retained = interval.slowest2, interval.retained
    watched = interval.window_end > interval.window_begin
    S = np.zeros(_FLOATS)
    I = np.full(2 * LANES, _EMPTY)
    for l in range(LANES):
        _rest(S, I, l)
        S[_STOP + l] = -np.inf
    deposit[:] = 0.0
    energy, cursor, steps = 0.0, first, 0
    for _ in range(_MOST_STEPS):
        alive = 0
        for l in range(LANES):
            # a decay happens at the boundary of a step that is nearest to its time: on average neither early nor late
            while not (S[_T + l] < S[_STOP + l] and S[_T + l] + S[_HALF + l] < S[_DECAY + l]):
                i = I[_ID + l]
                t = S[_T + l]
                if i != _EMPTY:
                    if not t + S[_HALF + l] < np.inf:
                        failure[0], failure[1] = NOT_A_NUMBER, i
                    elif t + S[_HALF + l] >= S[_DECAY + l]:
                        mass = S[_M + l]
                        before, after = _kick(S, l, P[KICK, i], P[COSINE, i], P[AZIMUTH, i])
                        S[_Q + l], S[_DECAY + l], S[_M + l] = 0.0, np.inf, mass * retained
                        species[i] = DAUGHTER
                        phi = _begin_orbit(look, S, l, epsilon, softening2, slowest2) - interval.depth
                        energy += mass * (retained * (after + phi) - (before + phi))
                        continue
                    P[X, i], P[Y, i], P[VX, i], P[VY, i] = S[_X + l], S[_Y + l], S[_VX + l], S[_VY + l]
                    P[RATE, i], P[TIME, i], P[MASS, i], cells[i] = S[_Q + l], t, S[_M + l], I[_CELL + l]
                    _rest(S, I, l)
                # the next one that has a step to make
                S[_STOP + l] = np.inf
                while cursor < stop:
                    i = cursor
                    cursor += 1
                    t = P[TIME, i]
                    landed = cells[i] != NEVER_LANDED
                    if landed and t > begin:
                        deposit[cells[i]] += P[MASS, i] * (min(t, end) - begin)
                    if t < end:
                        S[_X + l], S[_Y + l], S[_VX + l], S[_VY + l] = P[X, i], P[Y, i], P[VX, i], P[VY, i]
                        S[_Q + l], S[_T + l], S[_M + l] = P[RATE, i], t, P[MASS, i]
                        if species[i] == PARENT and P[DECAY, i] <= interval.last_decay:
                            S[_DECAY + l] = P[DECAY, i]
                        S[_STOP + l] = end
                        I[_ID + l] = i
                        phi = _begin_orbit(look, S, l, epsilon, softening2, slowest2) - interval.depth
                        if not landed and t > 0.0:
                            energy += P[MASS, i] * (0.5 * (P[VX, i] ** 2 + P[VY, i] ** 2) + phi)
                        break
            alive += I[_ID + l] != _EMPTY
        if alive == 0:
            break
        _step(look, S, I, epsilon, softening2, slowest2)
        steps += alive
        if watched:
            _add_moments(species, S, I, interval.window_begin, interval.window_end, moments)
        for l in range(LANES):
            deposit[I[_CELL + l]] += S[_M + l] * min(S[_LENGTH + l], end - S[_T + l] + S[_LENGTH + l])
    for l in range(LANES):
        if I[_ID + l] != _EMPTY:
            failure[0], failure[1] = ENDLESS, I[_ID + l]
    energies[0], counts[0] = energy, steps


@kernel(contract=True, nogil=True)
def follow_chunks(particles, look, interval, sums, first, end):
    """Carry the particles of chunks `first` to `end` beyond the end of an interval.

    `sums` are written anew, moments are added to.
    """
    P, cells, species = particles.floats, particles.cell, particles.species
    n = cells.shape[0]
    for c in range(first, end):
        _chunk(
            P, cells, species, look, interval, c * n // CHUNKS, (c + 1) * n // CHUNKS, sums.deposit[c], sums.moments[c],
            sums.energy[c : c + 1], sums.steps[c : c + 1], sums.failure[c],
        )  # fmt: skip
