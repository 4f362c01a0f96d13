"""One step of a Runge-Kutta-Nystrom pair of orders 8 and 6, of many particles at once, each with a step of its own.

DPRKN8(6)9FM of Dormand, El-Mikkawy & Prince (1987, IMA J. Numer. Anal. 7, 423) for x'' = a(x): nine stages of which the
last is the first of the next step, so eight forces per step. A general pair of order eight needs twelve.
"""

import numpy as np

from halokick.kernels.bits import bits_of, double_of
from halokick.kernels.changing_forces import accelerate_at
from halokick.kernels.compiled import kernel
from halokick.kernels.lanes import ACCELERATION, LANES, POSITION, STEP

# rows of the work space, three of LANES each (x, y, z) unless said otherwise
START = STEP
"""Position at the begin of the step."""
VELOCITY = START + 3 * LANES
"""Velocity there."""
LENGTH = VELOCITY + 3 * LANES
"""Length of the step, three times over."""
FORCE = LENGTH + 3 * LANES
"""Forces of the nine stages; those of the first are the forces at the begin."""
NEXT = FORCE + 27 * LANES
"""Velocity at the end of the step."""
ARRIVAL = NEXT + 3 * LANES
"""Position at the end."""
LAST_FORCE = FORCE + 24 * LANES
"""Forces at the end."""
ERROR = ARRIVAL + 3 * LANES
"""Square of the estimated error over the tolerance; one row."""
CLOCK = ERROR + LANES
"""Time at the begin of the step; one row."""
STRICTNESS = CLOCK + LANES
"""One over the square of the tolerance of a step; one row."""
ANGLE = STRICTNESS + LANES
"""Cosine and sine of the angle of the potential's frame; two rows."""
FREE = ANGLE + 2 * LANES
"""First row that the step does not use."""

NODES = (0.0, 0.05, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0, 1.0)
STAGES = (
    (),
    (0.00125,),
    (0.0016666666666666668, 0.0033333333333333335),
    (0.045, -0.09, 0.09),
    (-0.3379798532571243, 0.8611516478170984, -0.48613644655235316, 0.0879646519923791),
    (0.7461462641043086, -1.804347430246737, 1.2761518285888953, -0.031220932716737166, 0.05827027027027027),
    (
        -1.2551623461807584,
        3.257463187064823,
        -2.068866619575089,
        0.4206478455603251,
        -0.018382978723404254,
        0.06930091185410335,
    ),
    (
        3.772901830095941,
        -9.669613121677195,
        6.7991544547851674,
        -0.8490343907823893,
        0.4671734865470852,
        -0.04939742152466368,
        0.028815162556053812,
    ),
)
POSITION_WEIGHTS = (
    0.028092718568909044,
    0.0,
    0.1457093253968254,
    0.1529431216931217,
    0.09151785714285714,
    0.06554705215419501,
    0.01618992504409171,
    0.0,
    0.0,
)
VELOCITY_WEIGHTS = (
    0.028092718568909044,
    0.0,
    0.1618992504409171,
    0.2184901738473167,
    0.18303571428571427,
    0.2184901738473167,
    0.1618992504409171,
    0.028092718568909044,
    0.0,
)
POSITION_ERROR = (
    -0.044557986852984274,
    0.0,
    0.10965442077101599,
    -0.14620589436135464,
    0.1315853049252192,
    -0.06265966901200913,
    0.012183824530112887,
    0.0,
    0.0,
)
VELOCITY_ERROR = (
    -0.044557986852984274,
    0.0,
    0.12183824530112887,
    -0.2088655633733638,
    0.2631706098504384,
    -0.2088655633733638,
    0.12183824530112887,
    0.10544201314701572,
    -0.15,
)

_A, _B, _V, _DX, _DV = STAGES, POSITION_WEIGHTS, VELOCITY_WEIGHTS, POSITION_ERROR, VELOCITY_ERROR
_W = 3 * LANES
_F0, _F1, _F2, _F3, _F4, _F5, _F6, _F7, _F8 = (FORCE + i * _W for i in range(9))
_ROOM = 0.1
"""Weight of r |a| beside v^2 in the scale of velocities that an error is compared with: v may vanish."""
_ONE = 1023 << 52
_SAFETY, _SHRINK, _GROW = 0.8, 0.3, 4.0


@kernel(contract=True, lent=True)
def attempt(forces, growth, S, I):
    """Take one step in every lane: leaves position and velocity at its end, the forces there, and the error."""
    for l in range(_W):
        h = S[LENGTH + l]
        S[POSITION + l] = S[START + l] + h * (0.05 * S[VELOCITY + l] + h * (_A[1][0] * S[_F0 + l]))
    accelerate_at(forces, growth, 0.05, S, I, CLOCK, LENGTH, ANGLE)
    for l in range(_W):
        h = S[LENGTH + l]
        f = S[ACCELERATION + l]
        S[_F1 + l] = f
        S[POSITION + l] = S[START + l] + h * (0.1 * S[VELOCITY + l] + h * (_A[2][0] * S[_F0 + l] + _A[2][1] * f))
    accelerate_at(forces, growth, 0.1, S, I, CLOCK, LENGTH, ANGLE)
    for l in range(_W):
        h = S[LENGTH + l]
        f = S[ACCELERATION + l]
        S[_F2 + l] = f
        S[POSITION + l] = S[START + l] + h * (
            0.3 * S[VELOCITY + l] + h * (_A[3][0] * S[_F0 + l] + _A[3][1] * S[_F1 + l] + _A[3][2] * f)
        )
    accelerate_at(forces, growth, 0.3, S, I, CLOCK, LENGTH, ANGLE)
    for l in range(_W):
        h = S[LENGTH + l]
        f = S[ACCELERATION + l]
        S[_F3 + l] = f
        S[POSITION + l] = S[START + l] + h * (
            0.5 * S[VELOCITY + l]
            + h * (_A[4][0] * S[_F0 + l] + _A[4][1] * S[_F1 + l] + _A[4][2] * S[_F2 + l] + _A[4][3] * f)
        )
    accelerate_at(forces, growth, 0.5, S, I, CLOCK, LENGTH, ANGLE)
    for l in range(_W):
        h = S[LENGTH + l]
        f = S[ACCELERATION + l]
        S[_F4 + l] = f
        S[POSITION + l] = S[START + l] + h * (
            0.7 * S[VELOCITY + l]
            + h
            * (
                (_A[5][0] * S[_F0 + l] + _A[5][1] * S[_F1 + l])
                + (_A[5][2] * S[_F2 + l] + _A[5][3] * S[_F3 + l] + _A[5][4] * f)
            )
        )
    accelerate_at(forces, growth, 0.7, S, I, CLOCK, LENGTH, ANGLE)
    for l in range(_W):
        h = S[LENGTH + l]
        f = S[ACCELERATION + l]
        S[_F5 + l] = f
        S[POSITION + l] = S[START + l] + h * (
            0.9 * S[VELOCITY + l]
            + h
            * (
                (_A[6][0] * S[_F0 + l] + _A[6][1] * S[_F1 + l] + _A[6][2] * S[_F2 + l])
                + (_A[6][3] * S[_F3 + l] + _A[6][4] * S[_F4 + l] + _A[6][5] * f)
            )
        )
    accelerate_at(forces, growth, 0.9, S, I, CLOCK, LENGTH, ANGLE)
    for l in range(_W):
        h = S[LENGTH + l]
        f = S[ACCELERATION + l]
        S[_F6 + l] = f
        S[POSITION + l] = S[START + l] + h * (
            S[VELOCITY + l]
            + h
            * (
                (_A[7][0] * S[_F0 + l] + _A[7][1] * S[_F1 + l] + _A[7][2] * S[_F2 + l])
                + (_A[7][3] * S[_F3 + l] + _A[7][4] * S[_F4 + l] + _A[7][5] * S[_F5 + l] + _A[7][6] * f)
            )
        )
    accelerate_at(forces, growth, 1.0, S, I, CLOCK, LENGTH, ANGLE)
    for l in range(_W):
        h = S[LENGTH + l]
        f = S[ACCELERATION + l]
        S[_F7 + l] = f
        arrival = S[START + l] + h * (
            S[VELOCITY + l]
            + h
            * (
                (_B[0] * S[_F0 + l] + _B[2] * S[_F2 + l] + _B[3] * S[_F3 + l])
                + (_B[4] * S[_F4 + l] + _B[5] * S[_F5 + l] + _B[6] * S[_F6 + l])
            )
        )
        S[POSITION + l] = arrival
        S[ARRIVAL + l] = arrival
        S[NEXT + l] = S[VELOCITY + l] + h * (
            (_V[0] * S[_F0 + l] + _V[2] * S[_F2 + l] + _V[3] * S[_F3 + l] + _V[4] * S[_F4 + l])
            + (_V[5] * S[_F5 + l] + _V[6] * S[_F6 + l] + _V[7] * f)
        )
    accelerate_at(forces, growth, 1.0, S, I, CLOCK, LENGTH, ANGLE)
    for l in range(_W):
        h = S[LENGTH + l]
        f = S[ACCELERATION + l]
        S[_F8 + l] = f
        # no force of the second stage is needed any more: its rows hold the squares of the errors
        velocity = (_DV[0] * S[_F0 + l] + _DV[2] * S[_F2 + l] + _DV[3] * S[_F3 + l] + _DV[4] * S[_F4 + l]) + (
            _DV[5] * S[_F5 + l] + _DV[6] * S[_F6 + l] + _DV[7] * S[_F7 + l] + _DV[8] * f
        )
        position = (_DX[0] * S[_F0 + l] + _DX[2] * S[_F2 + l] + _DX[3] * S[_F3 + l]) + (
            _DX[4] * S[_F4 + l] + _DX[5] * S[_F5 + l] + _DX[6] * S[_F6 + l]
        )
        S[_F1 + l] = velocity * velocity
        S[ACCELERATION + l] = position * position
    for l in range(LANES):
        x, y, z = S[START + l], S[START + LANES + l], S[START + 2 * LANES + l]
        u, v, w = S[VELOCITY + l], S[VELOCITY + LANES + l], S[VELOCITY + 2 * LANES + l]
        a, b, c = S[_F0 + l], S[_F0 + LANES + l], S[_F0 + 2 * LANES + l]
        h2 = S[LENGTH + l] * S[LENGTH + l]
        r2 = x * x + y * y + z * z
        speed2 = u * u + v * v + w * w + _ROOM * np.sqrt((a * a + b * b + c * c) * r2)
        velocity = S[_F1 + l] + S[_F1 + LANES + l] + S[_F1 + 2 * LANES + l]
        position = S[ACCELERATION + l] + S[ACCELERATION + LANES + l] + S[ACCELERATION + 2 * LANES + l]
        error = h2 * (velocity / speed2 + h2 * position / r2) * S[STRICTNESS + l]
        # not a number, and infinity, must shrink the step: a comparison with either is false
        error = error if error <= 1e30 else 1e30
        S[ERROR + l] = error if h2 > 0.0 else 0.0


@kernel(contract=True, lent=True)
def factor(error):
    """By how much to change the step: about 0.8 error^(-1/16), `error` being a square, between 0.3 and 4.

    The root is taken from the exponent's bits, up to six per cent too large, which is all that a guess of a step needs.
    """
    root = double_of(_ONE + ((_ONE - bits_of(error + 1e-30)) >> 4))
    return min(max(_SAFETY * root, _SHRINK), _GROW)
