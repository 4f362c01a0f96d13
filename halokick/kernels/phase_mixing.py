"""Density and velocity moments of daughters after phase mixing: quadrature over energy, pitch angle and orbit.

rho(r) = 4 pi int dE v int_0^{pi/2} da sin(a) g(E, r v sin a) with g the time average of the kicked distribution along
the orbit. Nodes `z`, `y` (and weights) are Gauss points on (0, 1); `nodes` is the number of orbit points per factor e^8
in radius.
"""

import numpy as np
from numba import prange

from halokick.kernels.compiled import kernel
from halokick.kernels.field import kinetic, locate, log_circular_radius, log_radius_of_energy, polynomial, vc2_at
from halokick.kernels.kick import kicked
from halokick.kernels.orbit_average import kicked_average, log_apocentre, log_pericentre


@kernel
def _angle_sums(field, table, k, l, l_e, y, wy, nodes):
    """Integrals over the pitch angle of g sin a and g sin a cos^2 a at ln radius l for energy E(r_e), and v^2 there."""
    i, t = locate(field, l_e)
    depth = polynomial(field.phi[i], t)
    binding = polynomial(field.psi[i], t)
    speed2 = 2.0 * kinetic(field, l, depth, binding)
    if not speed2 > 0.0:
        return 0.0, 0.0, 0.0
    l_c = log_circular_radius(field, depth, binding, l_e)
    r2 = np.exp(2.0 * l)
    isotropic = 0.0
    radial = 0.0
    for j in range(y.shape[0]):
        # a = (pi/2) y^3 puts nodes where orbits are nearly radial and g is steepest
        angle = 0.5 * np.pi * y[j] ** 3
        sine = np.sin(angle)
        momentum2 = r2 * speed2 * sine * sine
        l_p = log_pericentre(field, depth, binding, momentum2, field.l0, min(l, l_c))
        l_a = log_apocentre(field, depth, binding, momentum2, max(l, l_c), l_e)
        g = kicked_average(field, table, k, depth, binding, momentum2, l_p, l_a, nodes)
        part = wy[j] * 1.5 * np.pi * y[j] * y[j] * sine * g
        isotropic += part
        radial += part * np.cos(angle) ** 2
    return isotropic, radial, speed2


@kernel
def _energy_node(w_split, length, crowded, z, wz):
    """Node and weight of w = w_split + length z^4, crowding towards the split, or of w = w_split + length z."""
    if crowded:
        return w_split + length * z**4, wz * 4.0 * z**3 * abs(length)
    return w_split + length * z, wz * abs(length)


@kernel
def _splits(l, l_spike, l_out):
    """w at the outermost energy, at the cold spike or the end next to it, and whether the spike is a bound energy.

    With r_e = r exp(w^2). A spike inside r leaves its trace at w = 0, one outside the cut at the cut.
    """
    w_out = np.sqrt(max(l_out - l, 0.0))
    if np.isinf(l_spike) and l_spike > 0.0:
        return w_out, 0.0, False
    return w_out, np.sqrt(max(min(l_spike, l_out) - l, 0.0)), True


@kernel
def _shell_moments(field, table, k, l, l_spike, l_out, z, wz, y, wy, nodes):
    """Density, density times <v_r^2> and density times <v_t^2> (both tangential directions) at ln radius l.

    With r_e = r exp(w^2), dE = v_c^2(r_e) 2 w dw. Parents at rest in the centre all land on the energy of `l_spike`
    with L = 0, where g is singular: the integral is split there and the nodes crowd towards it.
    """
    w_out, w_split, crowded = _splits(l, l_spike, l_out)
    density = 0.0
    radial = 0.0
    tangential = 0.0
    for side in range(2):
        length = -w_split if side == 0 else w_out - w_split
        if length == 0.0:
            continue
        for a in range(z.shape[0]):
            w, weight = _energy_node(w_split, length, crowded, z[a], wz[a])
            l_e = l + w * w
            sum_g, sum_r, speed2 = _angle_sums(field, table, k, l, l_e, y, wy, nodes)
            shell = 4.0 * np.pi * weight * 2.0 * w * vc2_at(field, l_e) * np.sqrt(speed2)
            density += shell * sum_g
            radial += shell * speed2 * sum_r
            tangential += shell * speed2 * (sum_g - sum_r)
    return density, radial, tangential


@kernel(parallel=True)
def daughter_moments(field, table, k, log_r, l_spike, l_out, z, wz, y, wy, nodes):
    """Density, density <v_r^2>, density <v_t^2> at every ln radius of `log_r`, shape (3, radii)."""
    n = log_r.shape[0]
    out = np.empty((3, n))
    for j in prange(n):
        # the cost drifts with radius: dealing radii from both ends balances two threads
        a = j // 2 if j % 2 == 0 else n - 1 - j // 2
        out[0, a], out[1, a], out[2, a] = _shell_moments(field, table, k, log_r[a], l_spike, l_out, z, wz, y, wy, nodes)
    return out


@kernel(parallel=True)
def daughter_speeds(field, table, k, l, l_out, speed, y, wy, nodes):
    """4 pi v^2 times the pitch-angle mean of g at ln radius l: density per unit speed, shape of `speed`."""
    out = np.zeros(speed.shape[0])
    i, t = locate(field, l)
    phi = polynomial(field.phi[i], t)
    psi = polynomial(field.psi[i], t)
    for j in prange(speed.shape[0]):
        half2 = 0.5 * speed[j] ** 2
        if half2 > 0.0 and half2 < psi:
            l_e = log_radius_of_energy(field, phi + half2, psi - half2)
            if l_e < l_out:
                out[j] = 4.0 * np.pi * speed[j] ** 2 * _angle_sums(field, table, k, l, l_e, y, wy, nodes)[0]
    return out


@kernel
def _energy_average(field, table, k, l_e, step, w_max):
    """g(E) = p/V, the kicked distribution averaged over the whole energy shell (r = r_e exp(-w^2), trapezoid in w)."""
    i, t = locate(field, l_e)
    depth = polynomial(field.phi[i], t)
    binding = polynomial(field.psi[i], t)
    reach = min(w_max, np.sqrt(max(l_e - field.l0, 0.0)))
    total = 0.0
    volume = 0.0
    for a in range(1, int(reach / step) + 1):
        w = a * step
        l = l_e - w * w
        i, t = locate(field, l)
        phi = polynomial(field.phi[i], t)
        psi = polynomial(field.psi[i], t)
        v = np.sqrt(max(2.0 * kinetic(field, l, depth, binding), 0.0))
        weight = np.exp(-3.0 * w * w) * v * w
        volume += weight
        total += weight * kicked(table, phi, psi, v, k)
    return total / volume


@kernel(parallel=True)
def ergodic_moments(field, table, k, log_r, l_spike, l_out, z, wz, step, w_max):
    """Density and density <v^2> of daughters if g depended on the energy alone, shape (2, radii)."""
    n = log_r.shape[0]
    out = np.zeros((2, n))
    for j in prange(n):
        l = log_r[j]
        w_out, w_split, crowded = _splits(l, l_spike, l_out)
        for side in range(2):
            length = -w_split if side == 0 else w_out - w_split
            if length == 0.0:
                continue
            for a in range(z.shape[0]):
                w, weight = _energy_node(w_split, length, crowded, z[a], wz[a])
                l_e = l + w * w
                i, t = locate(field, l_e)
                half2 = kinetic(field, l, polynomial(field.phi[i], t), polynomial(field.psi[i], t))
                v = np.sqrt(2.0 * max(half2, 0.0))
                g = _energy_average(field, table, k, l_e, step, w_max)
                shell = 4.0 * np.pi * weight * 2.0 * w * vc2_at(field, l_e) * v * g
                out[0, j] += shell
                out[1, j] += shell * v * v
    return out
