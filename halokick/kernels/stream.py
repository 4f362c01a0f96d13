"""Density of the unbound daughters that are still on their way out of the halo."""

import numpy as np
from numba import prange

from halokick.kernels.compiled import kernel
from halokick.kernels.field import locate, polynomial, psi_at
from halokick.kernels.kick import kicked
from halokick.kernels.orbit_average import log_pericentre


@kernel
def _source_integral(field, table, k, energy, momentum2, l_p, l_out, x, wx):
    """I = int h dr / v_r from the pericentre to r_out on the orbit of unbound `energy` = v^2/2 - psi (>= 0)."""
    reach = np.sqrt(max(l_out - l_p, 0.0))
    total = 0.0
    for a in range(x.shape[0]):
        # r = r_p exp(y^2) takes the root of v_r at the pericentre away
        y = reach * x[a]
        l = l_p + y * y
        i, t = locate(field, l)
        phi = polynomial(field.phi[i], t)
        psi = polynomial(field.psi[i], t)
        r = np.exp(l)
        speed2 = 2.0 * (energy + psi)
        radial2 = speed2 - momentum2 / (r * r)
        if radial2 > 0.0:
            total += wx[a] * reach * 2.0 * y * r / np.sqrt(radial2) * kicked(table, phi, psi, np.sqrt(speed2), k)
    return total


@kernel(parallel=True)
def escaper_density(field, table, k, log_r, l_out, z, wz, y, wy, x, wx):
    """Density of escapers at each radius inside r_out per unit decay rate [density * kpc/(km/s)].

    In a steady stream f_in + f_out = 2 Gamma I(E, L), and with L = r v sin(a)
    rho = Gamma 4 pi int dE v int_0^{pi/2} da sin(a) I. Energies run up to that of the fastest parent kicked forward.
    """
    n = log_r.shape[0]
    out = np.zeros(n)
    depth0 = field.psi0
    # parents at rest in the centre, kicked free, all have this energy at infinity
    spike = 0.5 * k * k - depth0
    top = np.sqrt(k * k + 2.0 * k * np.sqrt(2.0 * depth0))
    split = np.sqrt(2.0 * spike) if spike > 0.0 else 0.0
    for j in prange(n):
        l = log_r[j]
        psi = psi_at(field, l)
        r2 = np.exp(2.0 * l)
        for side in range(2):
            length = -split if side == 0 else top - split
            if length == 0.0:
                continue
            for a in range(z.shape[0]):
                u = split + length * z[a] ** 4
                weight = wz[a] * 4.0 * z[a] ** 3 * abs(length) * u
                energy = 0.5 * u * u
                speed2 = 2.0 * (psi + energy)
                for b in range(y.shape[0]):
                    angle = 0.5 * np.pi * y[b] ** 3
                    sine = np.sin(angle)
                    momentum2 = r2 * speed2 * sine * sine
                    l_p = log_pericentre(field, depth0 + energy, -energy, momentum2, field.l0, l)
                    part = _source_integral(field, table, k, energy, momentum2, l_p, l_out, x, wx)
                    out[j] += 4.0 * np.pi * weight * np.sqrt(speed2) * wy[b] * 1.5 * np.pi * y[b] * y[b] * sine * part
    return out
