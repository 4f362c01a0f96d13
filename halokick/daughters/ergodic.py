"""Daughters in the ergodic approximation: as if the mixed distribution depended on the energy alone."""

import numpy as np

from halokick.daughters.phase_mixing import _solve, _unit_nodes, spike_radius
from halokick.kernels.phase_mixing import ergodic_moments

_FINE = (64, 0.04)
_COARSE = (48, 0.06)
_W_MAX = 5.2
"""r = r_e exp(-w^2): at 5.2 a volume r^3 has fallen by e^-81."""


def phase_mix_ergodic(df, kick, radii=None, *, outer_cut=None, within=None, progress=None):
    r"""Density of phase-mixed daughters with :math:`g(\varepsilon) = p(\varepsilon)/V(\varepsilon)`.

    :math:`V = 16\pi^2\int_0^{r_e} r^2 v\,dr` and :math:`p = 16\pi^2\int_0^{r_e} r^2 v\,h\,dr` spread the daughters of
    one energy over its whole shell, whatever their angular momentum. This is the approximation behind Figs. 3 and 8
    of Hardy, Lasenby & Unwin (2014), there said to make profiles "slightly less peaked". It always gives a core:
    inside the radius where :math:`\psi(0)-\psi(r) = v_k^2/2` it misses most of the daughters (-17 % at 0.143 kpc for
    109 km/s in the halo of Fig. 3, -65 % for 300 km/s). Use `phase_mix` for answers, this for comparison.

    Parameters
    ----------
    df, kick, radii, outer_cut, within, progress
        As for `phase_mix`.

    Returns
    -------
    Daughters
    """
    return _solve(df, kick, radii, outer_cut, within, progress, "ergodic", _ergodic_moments, (_FINE, _COARSE))


def _ergodic_moments(df, speed, log_r, log_out, order):
    halo = df.halo
    z, wz = _unit_nodes(order[0])
    spike = spike_radius(halo._field, speed)
    density, square = ergodic_moments(halo._field, df._table, speed, log_r, spike, log_out, z, wz, order[1], _W_MAX)
    return np.array([density, square / 3, 2 * square / 3])
