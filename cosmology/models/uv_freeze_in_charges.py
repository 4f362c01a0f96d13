r"""The charges B-L and L_x along the expansion: a linear system with stiff wash-out, many points at once.

With q = n a^3/s_RH, N = ln a and everything over its value at reheating, Eqs. (45), (46) of Asadi, Moore, Morrissey &
Shamma (2025) are

.. math:: \frac{dq}{dN} = \frac1h\Big\{
    a^3\sigma\frac{T_\mathrm{RH}^8(\tau^8 - \tau_x^8)}{M_1^4s_\mathrm{RH}H_\mathrm{RH}}
    - \frac{T_\mathrm{RH}}{H_\mathrm{RH}}\Big[\frac{\tau^3\omega^{(1)}}{x_\mathrm{RH}^2}
    + \frac{\tau^5\omega^{(2)}}{x_\mathrm{RH}^4}\Big]q\Big\}, \qquad h = a^{-2},

and Y = q/r^(3/4). It is linear, and its coefficients are known beforehand, so every step of the Radau IIA method of
fifth order, which is implicit and damps what is stiff, is a known affine map: one pass over the steps carries all
points. Steps are equal in z = N^(1/4). The end is where nothing changes any more; half as many steps give the error.
"""

from typing import NamedTuple

import numpy as np

from cosmology.errors import ConvergenceError
from cosmology.models.uv_freeze_in_baths import (
    dark_share,
    small_temperature_ratio,
    temperature_ratio,
    visible_entropy,
    visible_hubble,
)

_ROOT = np.sqrt(6.0)
_NODES = np.array([(4 - _ROOT) / 10, (4 + _ROOT) / 10, 1.0])
_RADAU = np.array(
    [
        [(88 - 7 * _ROOT) / 360, (296 - 169 * _ROOT) / 1800, (-2 + 3 * _ROOT) / 225],
        [(296 + 169 * _ROOT) / 1800, (88 + 7 * _ROOT) / 360, (-2 - 3 * _ROOT) / 225],
        [(16 - _ROOT) / 36, (16 + _ROOT) / 36, 1 / 9],
    ]
)
_ORDER = 5
WIDTH = 0.005
"""float : width of the steps in z."""
_FIRST_END, _BLOCK, _LAST_END = 12.0, 3.0, 60.0  # e-folds
_SETTLED = 1e-6  # relative change of the charges over the last block
_NOTHING = 1e-13  # of the largest charge on the way: less is rounding
_ALLOWED_ERROR = 1e-4  # relative, of the charges in the end


class BathHistory(NamedTuple):
    """Dark bath along the steps, for `n` rows.

    Attributes
    ----------
    z : ndarray (steps + 1,)
        Ends of the steps.
    nodes : ndarray (steps, 3)
        Where each step looks at its coefficients; the last is its end.
    share, xi : ndarray (steps, 3, n)
        Dark share of the energy, and T_x/T.
    """

    z: np.ndarray
    nodes: np.ndarray
    share: np.ndarray
    xi: np.ndarray

    @property
    def width(self):
        """Width of a step in z."""
        return self.z[1]


class ChargeHistory(NamedTuple):
    """Charges at the end of each step, for `n` points: q and dq/dz (steps + 1, n, 2), and the error of the last."""

    z: np.ndarray
    q: np.ndarray
    slope: np.ndarray
    error: np.ndarray


def bath_history(first, second, way="exact", width=WIDTH):
    """Dark bath on two sets of steps, the second with steps twice as wide.

    Parameters
    ----------
    first, second : ndarray (n,)
        c_1 and c_2.
    way : {"exact", "small_xi"}
        Both baths together, or Eqs. (32) and (33).
    width : float
        Of the steps in z.

    Returns
    -------
    tuple of BathHistory
    """
    steps = 2 * int(np.ceil(_LAST_END**0.25 / width / 2))
    ends = [width * np.arange(steps + 1)[::stride] for stride in (1, 2)]
    nodes = [z[:-1, np.newaxis] + z[1] * _NODES for z in ends]
    every, where = np.unique(np.concatenate([one.ravel() for one in nodes]), return_inverse=True)
    if way == "exact":
        share = dark_share(first, second, every)
        xi = temperature_ratio(share)
    else:
        xi = small_temperature_ratio(first, second, np.exp(every[:, np.newaxis] ** 4))
        share = np.zeros(xi.shape)
    found, begin = [], 0
    for z, one in zip(ends, nodes, strict=True):
        part = where[begin : begin + one.size].reshape(one.shape)
        begin += one.size
        found.append(BathHistory(z, one, share[part], xi[part]))
    return tuple(found)


def solve_charges(rates, mass, reheating, baths, row):
    """Charges for many points.

    Parameters
    ----------
    rates : ChargeRates
        Of n points.
    mass, reheating : ndarray (n,)
        M_1 and T_RH [GeV].
    baths : tuple of BathHistory
        From `bath_history`.
    row : ndarray (n,) of int
        Which row of the baths belongs to each point.

    Returns
    -------
    ChargeHistory
        Up to the e-fold from which on the charges do not change.

    Raises
    ------
    ConvergenceError
        The charges never settle, or change with the width of the steps.
    """
    fine, coarse = baths
    q, slope = _until_settled(rates, mass, reheating, fine, row)
    length = len(q) - 1
    half, _ = _march(rates, mass, reheating, coarse, row, slice(0, length // 2), np.zeros(q.shape[1:]))
    # relative to the charge itself: strong wash-out leaves 1e-10 of the largest
    scale = np.abs(q[-1]) + _NOTHING * np.max(np.abs(q), axis=0)
    with np.errstate(invalid="ignore"):
        error = np.where(scale == 0, 0.0, np.abs(half[-1] - q[-1]) / scale / (2**_ORDER - 1))
    if not np.all(error <= _ALLOWED_ERROR):
        point, charge = np.unravel_index(np.argmax(np.where(np.isnan(error), np.inf, error)), error.shape)
        raise ConvergenceError(
            f"M_1 = {mass[point]:.4g} GeV, T_RH = {reheating[point]:.4g} GeV: half as many steps change the "
            f"{('B-L', 'L_x')[charge]} charge by {error[point, charge] * (2**_ORDER - 1):.3g} of itself; wash-out is "
            "too fast for these steps"
        )
    return ChargeHistory(fine.z[: length + 1], q, slope, error)


def final_yields(charges, bath, row):
    """Y_(B-L) and Y_(Lx) at the end, (n, 2): charges per entropy of the visible bath."""
    left = 1 - bath.share[len(charges.z) - 2, 2, row]
    return charges.q[-1] / left[:, np.newaxis] ** 0.75


def _until_settled(rates, mass, reheating, bath, row):
    """Charges at the ends of the steps, and their slopes in z, in blocks until nothing changes."""
    q, slope = np.zeros((1, len(mass), 2)), np.zeros((1, len(mass), 2))
    for end in np.arange(_FIRST_END, _LAST_END, _BLOCK):
        stop = 2 * int(end**0.25 / bath.width / 2)
        before = q[-1]
        more, steeper = _march(rates, mass, reheating, bath, row, slice(len(q) - 1, stop), before)
        q, slope = np.concatenate([q, more[1:]]), np.concatenate([slope, steeper])
        if end > _FIRST_END:
            scale = np.abs(q[-1]) + _NOTHING * np.max(np.abs(q), axis=0)
            if np.all(np.abs(q[-1] - before) <= _SETTLED * scale):
                return q, slope
    raise ConvergenceError(
        f"after {_LAST_END:g} e-folds of expansion the charges still change by more than {_SETTLED:g} in {_BLOCK:g}; "
        "wash-out does not end, so there is no final asymmetry to give"
    )


def _march(rates, mass, reheating, bath, row, steps, start):
    """Charges from the begin of the first step to the end of the last, and dq/dz at the ends of all steps."""
    nodes, share, xi = bath.nodes[steps], bath.share[steps][..., row], bath.xi[steps][..., row]
    source, damping = _coefficients(rates, mass, reheating, nodes, share, xi)
    count, _, points, _ = source.shape
    # stages Q_i + h sum_j A_ij W_j Q_j = q + h sum_j A_ij S_j, as six unknowns
    system = np.einsum("ij,sjnab->sniajb", bath.width * _RADAU, damping).reshape(count, points, 6, 6)
    system += np.eye(6)
    right = np.empty((count, points, 6, 3))
    right[..., :2] = np.tile(np.eye(2), (3, 1))
    right[..., 2] = np.einsum("ij,sjna->snia", bath.width * _RADAU, source).reshape(count, points, 6)
    solved = np.linalg.solve(system, right)[:, :, 4:, :]
    q = np.empty((count + 1, points, 2))
    q[0] = start
    for i in range(count):
        q[i + 1] = np.einsum("nij,nj->ni", solved[i, ..., :2], q[i]) + solved[i, ..., 2]
    return q, source[:, 2] - np.einsum("snij,snj->sni", damping[:, 2], q[1:])


def _coefficients(rates, mass, reheating, nodes, share, xi):
    """Source and wash-out per dz at the nodes of some steps: (steps, 3, n, 2) and (steps, 3, n, 2, 2)."""
    nodes = nodes[..., np.newaxis]
    log_a, per_dz = nodes**4, 4 * nodes**3
    x, hubble = mass / reheating, visible_hubble(reheating)
    tau = (1 - share) ** 0.25 * np.exp(-log_a)
    made = reheating**8 / mass**4 / (visible_entropy(reheating) * hubble)
    source = per_dz * np.exp(5 * log_a) * made * tau**8 * (1 - xi**8)
    fast = per_dz * np.exp(2 * log_a) * reheating / hubble
    damping = (fast * tau**3 / x**2)[..., np.newaxis, np.newaxis] * rates.omega(1, xi)
    damping += (fast * tau**5 / x**4)[..., np.newaxis, np.newaxis] * rates.omega(2, xi)
    return source[..., np.newaxis] * rates.source, damping
