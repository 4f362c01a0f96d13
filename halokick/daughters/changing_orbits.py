"""Decays in a potential that changes: nothing is conserved, and only where orbits are today counts."""

import numpy as np

from halokick.daughters.integrated_sums import Run
from halokick.kernels.follow import DONE

FINER = 0.05
"""Factor on the tolerance of a step by which such orbits are judged."""


def follow_changing(orbits, parents, kicked, decay, today, weight, bound_above, parts, judge):
    """Follow parents to their decays, and all to today, once: no other time is like it.

    Parents start in equilibrium with the potential of the start. Where orbits are to be judged, they are all followed
    again with smaller steps.

    Parameters
    ----------
    orbits : KernelOrbits or GalpyOrbits
    parents, kicked : float array, shape (n, 6)
        States before and after the kick, drawn from the potential that the halo knows.
    decay : float array, shape (n,)
        Times of decay [kpc/(km/s)].
    today : float
    weight : float array, shape (n,)
    bound_above : float
        Binding energy of the least bound of those that count.
    parts : tuple of two (blocks, histograms)
        To deposit daughters and controls in; no second, no control.
    judge : bool

    Returns
    -------
    tuple of Run
        As many as `parts`.
    """
    kick = kicked[:, 3:] - parents[:, 3:]
    start = orbits.started(parents)
    found = chains(orbits.advance, start, kick, decay, today, len(parts))
    error = np.full(len(parents), np.nan)
    if judge:

        def finer(*states_and_times):
            return orbits.advance(*states_and_times, FINER)

        error = orbits.difference(found[0][0], chains(finer, start, kick, decay, today)[0][0])
    runs = []
    for (ends, completion), (blocks, histograms) in zip(found, parts, strict=True):
        here = (completion == DONE) & (orbits.binding(ends) > bound_above)
        orbits.deposit(ends, np.where(here, weight, 0.0), blocks, histograms)
        runs.append(Run(ends, completion, error, here, len(parents), 0, histograms))
    return tuple(runs)


def chains(advance, start, kick, decay, today, count=1):
    """Follow parents to their decays and daughters to today.

    Parameters
    ----------
    advance : callable (states, begins, durations)
        Follows orbits: their ends and completions.
    start : float array, shape (n, 6)
    kick : float array, shape (n, 3)
    decay : float array, shape (n,)
    today : float
    count : int
        2 to follow the parents to today without the kick, too.

    Returns
    -------
    list of (ends, completion)
    """
    at_decay, lost = advance(start, np.zeros(len(start)), decay)
    born = at_decay.copy()
    born[:, 3:] += kick
    found = []
    for states in (born, at_decay)[:count]:
        ends, completion = advance(states, decay, today - decay)
        found.append((ends, np.where(lost != DONE, lost, completion)))
    return found
