"""Where the observer of a halo is and how the sky is turned: the Sun in a galaxy, or anywhere around a dwarf.

The frame is that of the density: z is its symmetry axis, or the axis of a bar's rotation.
"""

from dataclasses import dataclass

import numpy as np

from halokick import units
from halokick.errors import InputError


@dataclass(frozen=True, eq=False)
class Viewpoint:
    """An observer and the directions of the sky. Made by `sun` or `outside`.

    A direction is known by the angle from the halo centre and a position angle, from "up" (the projected z axis,
    Galactic north) towards "left" (growing longitude); or by longitude and latitude around the centre, as the Galactic
    ones.

    Attributes
    ----------
    position : Quantity [length], shape (3,)
    axes : ndarray, shape (3, 3)
        Unit vectors towards the centre, to the left, and up, as rows.
    """

    position: object
    axes: np.ndarray

    def __post_init__(self):
        self.axes.setflags(write=False)

    @classmethod
    def sun(cls, distance, height="0 pc", azimuth="0 deg"):
        r"""The Sun, in the frame of `astropy.coordinates.Galactocentric`.

        There it is at :math:`(-\sqrt{d^2 - z_\odot^2}, 0, z_\odot)`, y is the direction of rotation at the Sun (l = 90
        degrees) and z is north; l = b = 0 is the centre itself.

        Parameters
        ----------
        distance : Quantity [length]
            d, of the Sun from the centre.
        height : Quantity [length]
            Of the Sun above the plane, less than the distance.
        azimuth : Quantity [angle]
            Of the density's x axis (a bar) from the direction Sun-centre, towards the direction of rotation: the
            Galactic bar, of which the near end is at l > 0, is at about -27 degrees.

        Returns
        -------
        Viewpoint
        """
        d = _positive(distance, "distance")
        z = _one(height, "length", "height")
        if not abs(z) < d:
            raise InputError(f"height = {height} must be less than the distance {distance}")
        turn = _one(azimuth, "angle", "azimuth")
        sine = z / d
        cosine = np.sqrt(1 - sine**2)
        axes = np.array([[cosine, 0.0, -sine], [0.0, 1.0, 0.0], [sine, 0.0, cosine]])
        # the bar's frame from the Galaxy's
        c, s = np.cos(turn), np.sin(turn)
        axes = axes @ np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
        return cls(units.attach(-d * axes[0], "length"), axes)

    @classmethod
    def outside(cls, distance, inclination, azimuth="0 deg"):
        """An observer anywhere, such as of a dwarf.

        Parameters
        ----------
        distance : Quantity [length]
            From the centre.
        inclination : Quantity [angle]
            Between the line of sight and the z axis: 0 for face-on, 90 degrees for edge-on.
        azimuth : Quantity [angle]
            Of the observer around the z axis, from the x axis on.

        Returns
        -------
        Viewpoint
        """
        d = _positive(distance, "distance")
        i, turn = _one(inclination, "angle", "inclination"), _one(azimuth, "angle", "azimuth")
        forward = -np.array([np.sin(i) * np.cos(turn), np.sin(i) * np.sin(turn), np.cos(i)])
        up = np.array([-np.cos(i) * np.cos(turn), -np.cos(i) * np.sin(turn), np.sin(i)])
        return cls(units.attach(-d * forward, "length"), np.array([forward, np.cross(up, forward), up]))

    @property
    def distance(self):
        """Of the observer from the centre: Quantity [length]."""
        return units.attach(self._distance, "length")

    @property
    def _distance(self):
        return float(np.linalg.norm(units.to_internal(self.position, "length")))

    def _directions(self, angle, position_angle):
        """Unit vectors in the frame of the density, shape (..., 3), from angles in radians."""
        sine = np.sin(angle)
        parts = np.stack(
            np.broadcast_arrays(np.cos(angle), sine * np.sin(position_angle), sine * np.cos(position_angle)), axis=-1
        )
        return parts @ self.axes


def polar(l, b):
    """Angle from the centre and position angle of longitude and latitude, all in radians."""
    forward, left, up = np.cos(b) * np.cos(l), np.cos(b) * np.sin(l), np.sin(b) + 0.0 * l
    return np.arctan2(np.hypot(left, up), forward), np.arctan2(left, up)


def _one(value, dimension, name):
    number = units.to_internal(value, dimension, name)
    if np.ndim(number):
        raise InputError(f"{name} = {value}; one {dimension} is needed, as a view is from one place")
    return number


def _positive(distance, name):
    d = units.to_internal(distance, "length", name)
    if np.ndim(d) != 0 or not d > 0:
        raise InputError(f"{name} = {distance} must be one positive length")
    return d
