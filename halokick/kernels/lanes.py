"""Work space of kernels that carry many particles at once: one flat array, whose rows have fixed places.

The processor works on eight doubles at a time if the compiler can prove that what one loop writes no other particle
reads. With rows at places known when compiling it can; with a two-dimensional array, whose strides are known only when
running, it could do so for some of the loops only, at less than half the speed.
"""

LANES = 64
"""Particles in one work space: enough to keep the processor's pipelines full, few enough for the fastest memory."""

POSITION = 0
"""x, y and z at which forces are wanted, LANES of each [kpc]."""
ACCELERATION = POSITION + 3 * LANES
"""Forces per mass, in the same order, to which each member of a potential adds [km2/s2/kpc]."""
WORK = ACCELERATION + 3 * LANES
"""Eight rows that a member may use as it likes."""
STEP = WORK + 8 * LANES
"""First row of the integrator."""
