"""The mean of a function over a sphere from few places: Gauss-Kronrod in the polar cosine, trapezoids in azimuth."""

import numpy as np

_NODES = np.array(
    [
        0.991455371120812639206854697526329,
        0.949107912342758524526189684047851,
        0.864864423359769072789712788640926,
        0.741531185599394439863864773280788,
        0.586087235467691130294144691258380,
        0.405845151377397166906606412076961,
        0.207784955007898467600689403773245,
        0.0,
    ]
)
_KRONROD = np.array(
    [
        0.022935322010529224963732008058970,
        0.063092092629978553290700663189204,
        0.104790010322250183839876322541518,
        0.140653259715525918745189590510238,
        0.169004726639267902826583426598550,
        0.190350578064785409913256402421014,
        0.204432940075298892414161999234649,
        0.209482141084727828012999174891714,
    ]
)
_GAUSS = np.array(
    [
        0.129484966168869693270611432679082,
        0.279705391489276667901467771423780,
        0.381830050505118944950369775488975,
        0.417959183673469387755102040816327,
    ]
)
NODES = np.concatenate([-_NODES, _NODES[-2::-1]])
KRONROD = np.concatenate([_KRONROD, _KRONROD[-2::-1]])
GAUSS = np.zeros(15)
GAUSS[1::2] = np.concatenate([_GAUSS, _GAUSS[-2::-1]])
"""The rule of fifteen points, and that of seven among them, on (-1, 1)."""

_MOST_PANELS, _MOST_AZIMUTHS = 32, 128
_FIRST_AZIMUTHS = 8
_SAFETY = 200.0
"""As in QUADPACK: the error of fifteen points is (200 d)^1.5 where they differ by d from seven, in units of the mean
deviation."""


def average_over_sphere(function, radius, wanted, *, is_round=False):
    """Mean over a sphere of a function of the place.

    The interval of cosines is halved where the error is largest. Reflections at the plane z = 0 and half turns about
    the z axis are used where the function has them at some places of the sphere.

    Parameters
    ----------
    function : callable (radius, cosine, azimuth)
        A number for one place: cosine of the polar angle, azimuth in radians.
    radius : float
    wanted : float
        Error to stop at, in units of the mean size of the function.
    is_round : bool
        No azimuth differs from another.

    Returns
    -------
    mean : float
    error : float
        An upper estimate of its error, azimuths included.
    size : float
        Mean of the absolute value.
    """
    rule = _Sphere(function, radius, wanted, is_round)
    panels = [rule.panel(low, high) for low, high in rule.begin]
    while True:
        error, mean, size = (sum(panel[k] for panel in panels) for k in range(3))
        if not error > wanted * size or len(panels) >= _MOST_PANELS:
            return mean, error, size
        low, high = panels.pop(max(range(len(panels)), key=lambda i: panels[i][0]))[3:]
        middle = 0.5 * (low + high)
        panels += [rule.panel(low, middle), rule.panel(middle, high)]


class _Sphere:
    def __init__(self, function, radius, wanted, is_round):
        self._function, self._radius, self._wanted, self._round = function, radius, wanted, is_round
        same = 1e-12 * max(abs(value) for value in self._some(1))
        mirrored = np.allclose(self._some(1), self._some(-1), rtol=0, atol=same)
        self._half_turn = np.allclose(self._some(1), self._some(1, np.pi), rtol=0, atol=same)
        self.begin = ((0.0, 1.0),) if mirrored else ((-1.0, 0.0), (0.0, 1.0))
        self._share = 1.0 if mirrored else 0.5
        self._azimuths = _FIRST_AZIMUTHS // 2 if self._half_turn else _FIRST_AZIMUTHS

    def _some(self, side, turn=0.0):
        return [self._one(side * c, p + turn) for c, p in ((0.05, 0.3), (0.4, 1.7), (0.8, -2.0))]

    def _one(self, cosine, phi):
        return self._function(self._radius, cosine, phi)

    def panel(self, low, high):
        """(error, mean, size, low, high) of one interval of cosines, as shares of those of the sphere."""
        half = 0.5 * (high - low)
        ring = np.array([self._ring(low + half * (1 + x)) for x in NODES])
        share = half * self._share
        mean, size = share * KRONROD @ ring[:, 0], share * KRONROD @ ring[:, 2]
        apart = abs(share * GAUSS @ ring[:, 0] - mean)
        deviation = share * KRONROD @ np.abs(ring[:, 0] - ring[:, 0].mean())
        if deviation > 0:
            apart = deviation * min(1.0, (_SAFETY * apart / deviation) ** 1.5)
        error = apart + share * KRONROD @ ring[:, 1]
        return error, mean, size, low, high

    def _ring(self, cosine):
        """Mean, error, and mean size over azimuths: twice as many until the mean stands still."""
        if self._round:
            value = self._one(cosine, 0.0)
            return value, 0.0, abs(value)
        span = np.pi if self._half_turn else 2 * np.pi
        count = self._azimuths
        values = [self._one(cosine, span * k / count) for k in range(count)]
        while True:
            mean, size = np.mean(values), np.mean(np.abs(values))
            between = [self._one(cosine, span * (k + 0.5) / count) for k in range(count)]
            apart = 0.5 * abs(np.mean(between) - mean)
            values, count = values + between, 2 * count
            # of smooth functions twice as many trapezoids square the error; less is counted on
            error = apart * min(1.0, apart / size) ** 0.5 if size > 0 else 0.0
            if error <= self._wanted * size or count >= _MOST_AZIMUTHS:
                return np.mean(values), error, size
