"""Energies of orbits in a field of any shape, counted as the halo counts its own."""

import numpy as np

_WEIGHTS_COS = np.polynomial.legendre.leggauss(96)
_AZIMUTHS = 2 * np.pi * (np.arange(12) + 0.37) / 12
_FAR = 1e4
"""Scale radii from the centre at which hardly anybody is: potentials that change are compared there."""
_NEARLY_UNBOUND = 1e-3
"""Errors of energy are relative to |E|, but to no less than this share of the kinetic energy."""


class OrbitEnergy:
    r"""Energies in a field at one time, zero where the halo's relative potential is.

    Parameters
    ----------
    halo : Halo
    field : ForceField
    time : float
        When energies are wanted [kpc/(km/s)].
    changes : bool
        Whether the field was another one when the halo was made. Its spherical average then has the halo's potential at
        the energy cut, or, without one, far outside; otherwise everywhere.
    """

    def __init__(self, halo, field, time=0.0, changes=False):
        self._field, self._time = field, time
        if changes:
            log_r = min(halo._log_cut, np.log(_FAR * halo.profile._scale_radius))
        else:
            log_r = 0.5 * (halo._edges[0] + halo._edges[-1])
        self._zero = _spherical_average(field, np.exp(log_r), time) + float(halo._look_up(halo._field.psi, log_r))

    def binding(self, states):
        """Minus the energy of states (n, 6) [(km/s)^2]."""
        return self._zero - 0.5 * np.sum(states[:, 3:] ** 2, axis=1) - self._field.potential(states[:, :3], self._time)

    @staticmethod
    def scale(states, binding):
        """What errors of the energy of such states are compared with [(km/s)^2]."""
        return np.maximum(np.abs(binding), _NEARLY_UNBOUND * 0.5 * np.sum(states[:, 3:] ** 2, axis=1))


def _spherical_average(field, radius, time):
    cosine, weight = _WEIGHTS_COS
    sine = np.sqrt(1 - cosine**2)
    x = radius * np.outer(sine, np.cos(_AZIMUTHS)).ravel()
    y = radius * np.outer(sine, np.sin(_AZIMUTHS)).ravel()
    z = radius * np.repeat(cosine, len(_AZIMUTHS))
    values = field.potential(np.column_stack([x, y, z]), time).reshape(-1, len(_AZIMUTHS))
    return float(np.mean(values, axis=1) @ weight / 2)
