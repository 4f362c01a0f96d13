"""The two inversions of a freeze-out, for many points at once: cross-section from yield, asymmetry from abundance.

Both go through the exposure W = ln(1 + A/Y-)/A, the integral of Lambda that a freeze-out at one moment would have
needed: it is nearly proportional to the cross-section and hardly depends on the asymmetry, so a secant needs four to
six rounds. All numbers here are in powers of GeV.
"""

import numpy as np

from cosmology import units
from cosmology.errors import ConvergenceError, InputError

_ROOT_TOLERANCE = 1e-9  # of the exposure
_MOST_ROUNDS = 40


def _exposure(asymmetry, rare):
    """W = ln(1 + A/Y-)/A, which is 1/Y- without asymmetry: the integral of Lambda that a late start would need."""
    rare = np.maximum(rare, 1e-300)  # an underflow: none are left
    t = asymmetry / rare
    return np.where(t < 1e-8, (1 - np.minimum(t, 1.0) / 2) / rare, np.log1p(t) / np.where(t < 1e-8, 1.0, asymmetry))


def amplitude_for_yield(solver, which, asymmetry, rare):
    """Amplitude that leaves Y- = `rare`: secant in ln sigma of ln W, which is nearly a straight line of slope 1."""
    target = np.log(_exposure(asymmetry, rare))
    log_sigma = target - np.log(solver.exposure[which])
    slope = np.full_like(log_sigma, 0.95)
    active = np.arange(len(log_sigma))
    old_sigma, old_miss = log_sigma.copy(), np.zeros_like(log_sigma)
    for turn in range(_MOST_ROUNDS):
        now = solver.antiparticle_yield(np.exp(log_sigma[active]), asymmetry[active], which[active])
        miss = np.log(_exposure(asymmetry[active], now)) - target[active]
        if turn:
            moved = log_sigma[active] - old_sigma[active]
            steep = (miss - old_miss[active]) / np.where(moved == 0, 1.0, moved)
            slope[active] = np.where((steep > 0.3) & (steep < 3), steep, slope[active])
        old_sigma[active], old_miss[active] = log_sigma[active], miss
        log_sigma[active] -= miss / slope[active]
        active = active[~(np.abs(miss) < _ROOT_TOLERANCE)]
        if len(active) == 0:
            return np.exp(log_sigma)
    raise ConvergenceError(_no_root(active, which))


def asymmetry_for_total(solver, which, total, sigma):
    r"""A with A + 2 Y-(A) = Y_tot: with z = AW/2 that is z = (W Y_tot/2) tanh z, and W hardly depends on A."""
    symmetric = solver.antiparticle_yield(sigma, np.zeros_like(total), which)
    if np.any(2 * symmetric > total):
        worst = int(np.argmax(symmetric / total))
        raise InputError(
            f"sigma_v = {units.attach(sigma[worst], 'sigma_v'):.4g} at mass = {solver.masses[which[worst]]:.4g} GeV "
            f"leaves {2 * symmetric[worst] / total[worst]:.3g} times the wanted abundance even without an asymmetry. "
            "Annihilation must be stronger; required_sigma_v with ratio=1 gives the least that will do"
        )
    guess = 1 / symmetric
    asymmetry, rare = np.zeros_like(total), symmetric.copy()
    old_guess, old_miss, slope = guess.copy(), np.zeros_like(guess), np.full_like(guess, -1.0)
    active = np.arange(len(total))
    for turn in range(_MOST_ROUNDS):
        asymmetry[active] = total[active] * np.tanh(_self_consistent(guess[active] * total[active] / 2))
        rare[active] = solver.antiparticle_yield(sigma[active], asymmetry[active], which[active])
        miss = _exposure(asymmetry[active], rare[active]) - guess[active]
        if turn:
            moved = guess[active] - old_guess[active]
            steep = (miss - old_miss[active]) / np.where(moved == 0, 1.0, moved)
            slope[active] = np.where((steep < -0.3) & (steep > -30), steep, slope[active])
        old_guess[active], old_miss[active] = guess[active], miss
        still = ~(np.abs(miss) < _ROOT_TOLERANCE * guess[active])
        guess[active] -= miss / slope[active]
        active = active[still]
        if len(active) == 0:
            return asymmetry, rare
    raise ConvergenceError(_no_root(active, which))


def _self_consistent(c):
    """The z > 0 of z = c tanh z, and 0 for c <= 1: Newton's method, monotonic because the function is convex."""
    over = np.maximum(c - 1, 0.0)
    z = np.where(c > 1.5, c, 1.2 * np.sqrt(3 * over)) + 1e-300
    for _ in range(60):
        t = np.tanh(z)
        step = (z - c * t) / np.where(over > 0, 1 - c * (1 - t * t), 1.0)
        z = np.where(over > 0, z - step, 0.0)
        if np.all(np.abs(step) <= 1e-15 * z):
            break
    return z


def _no_root(left, which):
    return f"no answer after {_MOST_ROUNDS} rounds for {len(left)} of {len(which)} points; report the case"
