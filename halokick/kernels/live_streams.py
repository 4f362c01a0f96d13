"""Daughters on their way out of a live halo: the stream that decays at a steady rate keep up.

Every parent is kicked at its place, with the numbers of its own decay; where that unbinds it, rate times the time spent
in a shell is the mass there. Inside a cell of ln r, v_r^2 is taken as linear, so that turning points do no harm.
"""

import numpy as np

from halokick.kernels.compiled import kernel
from halokick.kernels.lanes import LANES
from halokick.kernels.live_orbits import BOUND, STATE, potential_at
from halokick.kernels.live_populations import CHUNKS, kicked


@kernel(nogil=True)
def stream_sums(parents, rate, field, births, lifetime, age, log_low, sums, begin, end):
    """Mass, m v_r, m v_r^2 and m v_t^2 of unbound daughters in the shells of a grid of `edges`.

    `rate` is the mass that decays per time, now, for each row of `births`; it was larger by exp(t / lifetime) a time t
    ago, and zero before the `age` of each. Only for chunks `begin` to `end` of the rows. Shape of `sums`, which begin
    at zero: (chunks, 4, edges + 1).
    """
    n = births.parent.shape[0]
    for chunk in range(begin, end):
        for i in range(chunk * n // CHUNKS, (chunk + 1) * n // CHUNKS):
            mother = births.parent[i]
            if rate[i] <= 0.0 or age[i] <= 0.0 or parents[mother // LANES, STATE + mother % LANES] != BOUND:
                continue
            l, radial, tangential, _ = kicked(parents, mother, field, births, i)
            energy = 0.5 * (radial * radial + tangential * tangential) + potential_at(field, l)
            if energy >= field.ceiling:
                square = (np.exp(l) * tangential) ** 2
                _fly(field, l, radial, energy, square, rate[i], lifetime, age[i], log_low, sums[chunk])


@kernel(lent=True)
def _fly(field, l, radial, energy, square, rate, lifetime, age, log_low, sums):
    """Along one way out, cell by cell; inward first if v_r < 0."""
    step = field.step
    last = sums.shape[1] - 1
    shell = max(min(int(np.floor((l - log_low) / step)) + 1, last), 0)
    speed2 = radial * radial
    elapsed = 0.0
    while radial < 0.0 and shell > 0:
        to = log_low + (shell - 1) * step
        speed2_to = 2.0 * (energy - potential_at(field, to)) - square * np.exp(-2.0 * to)
        turns = speed2_to <= 0.0
        if turns:
            to = l + (to - l) * speed2 / (speed2 - speed2_to)
            speed2_to = 0.0
        elapsed = _pass(l, to, speed2, speed2_to, square, rate, lifetime, age, elapsed, sums[:, shell])
        l, speed2 = to, speed2_to
        if turns:
            break
        shell -= 1
    if shell == 0:
        shell, l = 1, log_low
        speed2 = max(2.0 * (energy - potential_at(field, l)) - square * np.exp(-2.0 * l), 0.0)
    while shell < last and elapsed < age:
        to = log_low + shell * step
        speed2_to = max(2.0 * (energy - potential_at(field, to)) - square * np.exp(-2.0 * to), 0.0)
        elapsed = _pass(l, to, speed2, speed2_to, square, rate, lifetime, age, elapsed, sums[:, shell])
        l, speed2 = to, speed2_to
        shell += 1


@kernel(lent=True)
def _pass(l, to, speed2, speed2_to, square, rate, lifetime, age, elapsed, sums):
    """Add one passage through a part of a shell; the time since birth after it."""
    before, after = np.sqrt(speed2), np.sqrt(speed2_to)
    if before + after <= 0.0:
        return elapsed
    r = np.exp(0.5 * (l + to))
    time = min(2.0 * r * abs(to - l) / (before + after), max(age - elapsed, 0.0))
    part = rate * time * np.exp((elapsed + 0.5 * time) / lifetime)
    way = 1.0 if to > l else -1.0
    sums[0] += part
    sums[1] += part * way * 0.5 * (before + after)
    sums[2] += part * (speed2 + before * after + speed2_to) / 3.0
    sums[3] += part * square / (r * r)
    return elapsed + time
