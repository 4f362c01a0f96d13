"""Members of a potential whose force takes a root or a quotient, and no table."""

import numpy as np

from halokick.kernels.compiled import kernel
from halokick.kernels.lanes import ACCELERATION, LANES, POSITION

_X, _Y, _Z = POSITION, POSITION + LANES, POSITION + 2 * LANES
_AX, _AY, _AZ = ACCELERATION, ACCELERATION + LANES, ACCELERATION + 2 * LANES
_TINY = 1e-300  # keeps z / sqrt(z^2 + b^2) at 0, not 0/0, in the plane of a disk without thickness


@kernel(contract=True, lent=True)
def add_disks(disks, S):
    """Add the forces of Miyamoto-Nagai disks, Phi = -G M / sqrt(R^2 + (a + sqrt(z^2 + b^2))^2), for all lanes."""
    for j in range(disks.shape[0]):
        gm = disks[j, 0]
        a = disks[j, 1]
        b2 = disks[j, 2] + _TINY
        for l in range(LANES):
            x = S[_X + l]
            y = S[_Y + l]
            z = S[_Z + l]
            root = np.sqrt(z * z + b2)
            height = a + root
            d = x * x + y * y + height * height
            f = gm / (d * np.sqrt(d))
            S[_AX + l] -= f * x
            S[_AY + l] -= f * y
            S[_AZ + l] -= f * z * (height / root)


@kernel(lent=True)
def disks_potential(disks, x, y, z):
    """Potential of the disks at one point."""
    total = 0.0
    for j in range(disks.shape[0]):
        height = disks[j, 1] + np.sqrt(z * z + disks[j, 2])
        total -= disks[j, 0] / np.sqrt(x * x + y * y + height * height)
    return total


@kernel(contract=True, lent=True)
def add_logs(logs, S):
    """Add the forces of Phi = (v0^2 / 2) ln(x^2 + y^2 / p^2 + z^2 / q^2 + core^2) for all lanes."""
    for j in range(logs.shape[0]):
        v2 = logs[j, 0]
        core2 = logs[j, 1]
        p = logs[j, 2]
        q = logs[j, 3]
        for l in range(LANES):
            x = S[_X + l]
            y = S[_Y + l]
            z = S[_Z + l]
            f = v2 / (x * x + p * y * y + q * z * z + core2)
            S[_AX + l] -= f * x
            S[_AY + l] -= f * p * y
            S[_AZ + l] -= f * q * z


@kernel(lent=True)
def logs_potential(logs, x, y, z):
    """Potential of the logarithmic members at one point."""
    total = 0.0
    for j in range(logs.shape[0]):
        total += 0.5 * logs[j, 0] * np.log(x * x + logs[j, 2] * y * y + logs[j, 3] * z * z + logs[j, 1])
    return total
