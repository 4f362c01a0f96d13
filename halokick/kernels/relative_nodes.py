"""Speeds and weights that stand for a population at one radius: the density quadrature before its last sum.

A population at radius r is a list of speeds v_j and weights W_j with sum W_j = rho, so that the mean of any function of
speed is sum W_j S(v_j) / rho. The radial weights are W_j times the mean of cos^2 of the angle to the radius.
"""

import numpy as np
from numba import prange

from halokick.kernels.compiled import kernel
from halokick.kernels.field import vc2_at
from halokick.kernels.parents import _shell
from halokick.kernels.phase_mixing import _angle_sums, _energy_node, _splits


@kernel(parallel=True)
def daughter_nodes(field, table, k, log_r, l_spike, l_out, z, wz, y, wy, nodes):
    """Speed, weight, radial weight and quadrature step dv of phase-mixed daughters, each of shape (radii, 2 len(z)).

    The nodes of `phase_mixing.daughter_moments`: the first half are speeds below the cold spike, falling away from it,
    the second half those above it. A half without length has weight, step and speed zero.
    """
    n = log_r.shape[0]
    m = z.shape[0]
    speed = np.zeros((n, 2 * m))
    weight = np.zeros((n, 2 * m))
    radial = np.zeros((n, 2 * m))
    step = np.zeros((n, 2 * m))
    for j in prange(n):
        a = j // 2 if j % 2 == 0 else n - 1 - j // 2
        l = log_r[a]
        w_out, w_split, crowded = _splits(l, l_spike, l_out)
        for side in range(2):
            length = -w_split if side == 0 else w_out - w_split
            if length == 0.0:
                continue
            for i in range(m):
                w, part = _energy_node(w_split, length, crowded, z[i], wz[i])
                l_e = l + w * w
                sum_g, sum_r, speed2 = _angle_sums(field, table, k, l, l_e, y, wy, nodes)
                if not speed2 > 0.0:
                    continue
                at = side * m + i
                v = np.sqrt(speed2)
                energy_step = part * 2.0 * w * vc2_at(field, l_e)
                speed[a, at] = v
                step[a, at] = energy_step / v
                weight[a, at] = 4.0 * np.pi * energy_step * v * sum_g
                radial[a, at] = 4.0 * np.pi * energy_step * v * sum_r
    return speed, weight, radial, step


@kernel(parallel=True)
def parent_nodes(field, table, log_r, l_out, x, wx):
    """Speed and weight of the unkicked, each of shape (radii, len(x)); a third of the weight is radial."""
    n = log_r.shape[0]
    speed = np.zeros((n, x.shape[0]))
    weight = np.zeros((n, x.shape[0]))
    for a in prange(n):
        w_out = np.sqrt(max(l_out - log_r[a], 0.0))
        for i in range(x.shape[0]):
            part, v = _shell(field, table, log_r[a], w_out * x[i])
            speed[a, i] = v
            weight[a, i] = wx[i] * w_out * part
    return speed, weight
