"""Integrals over the parents' isotropic distribution at one radius: density, dispersion, share that stays bound."""

import numpy as np
from numba import prange

from halokick.kernels.compiled import kernel
from halokick.kernels.distribution import f_of
from halokick.kernels.field import kinetic, locate, log_radius_of_energy, polynomial, psi_at, vc2_at
from halokick.kernels.kick import bound_share


@kernel
def _shell(field, table, l, w):
    """4 pi f v^2 dv/dw and v at the energy of r_e = r exp(w^2)."""
    l_e = l + w * w
    i, t = locate(field, l_e)
    depth = polynomial(field.phi[i], t)
    binding = polynomial(field.psi[i], t)
    v = np.sqrt(max(2.0 * kinetic(field, l, depth, binding), 0.0))
    return 4.0 * np.pi * f_of(table, depth, binding) * v * vc2_at(field, l_e) * 2.0 * w, v


@kernel(parallel=True)
def parent_moments(field, table, log_r, l_out, x, wx):
    """Density and density times <v^2> at every radius of `log_r`, for energies up to that of r_e = exp(l_out)."""
    n = log_r.shape[0]
    out = np.zeros((2, n))
    for j in prange(n):
        w_out = np.sqrt(max(l_out - log_r[j], 0.0))
        for a in range(x.shape[0]):
            part, v = _shell(field, table, log_r[j], w_out * x[a])
            out[0, j] += wx[a] * w_out * part
            out[1, j] += wx[a] * w_out * part * v * v
    return out


@kernel(parallel=True)
def bound_density(field, table, k, log_r, l_parents, binding_out, x, wx):
    """Density of parents at each radius times the share whose daughter is bound deeper than `binding_out`.

    The share has a kink at v = |v_esc - k|: the energy integral is split there.
    """
    n = log_r.shape[0]
    out = np.zeros(n)
    for j in prange(n):
        l = log_r[j]
        escape = psi_at(field, l) - binding_out
        if escape <= 0.0:
            continue
        w_out = np.sqrt(max(l_parents - l, 0.0))
        kink = 0.5 * (np.sqrt(2.0 * escape) - k) ** 2
        binding = psi_at(field, l) - kink
        w_kink = 0.0
        if binding > 0.0:
            w_kink = np.sqrt(max(log_radius_of_energy(field, field.psi0 - binding, binding) - l, 0.0))
        w_kink = min(w_kink, w_out)
        for side in range(2):
            start = 0.0 if side == 0 else w_kink
            length = w_kink if side == 0 else w_out - w_kink
            for a in range(x.shape[0]):
                part, v = _shell(field, table, l, start + length * x[a])
                out[j] += wx[a] * length * part * bound_share(escape, v, k)
    return out
