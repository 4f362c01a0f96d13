"""Shells of a spherical halo as a telescope sees them: radii and weights whose sum is an integral over a target."""

import numpy as np

from halokick.errors import InputError
from halokick.kernels.line_of_sight import _weight_far, _weight_near
from halokick.sky.speed_nodes import unit_gauss

SHAPES = ("cone", "sphere", "direction")
_WIDE = np.radians(30.0)
"""Half-angle above which the shell at the observer's own radius is nearly singular, and nodes crowd towards it."""

_LONG = 6.0
"""Longest stretch of y, r = b cosh(y), for one set of nodes: the densities of a core or an edge peak within two."""

_PANEL, _PANEL_NODES = 2.5, 10
"""Width in ln r and Gauss nodes of the panels that follow a cusp over many decades."""


def shells(shape, d, theta, r_end, *, nodes, inner_nodes, inner_power, inner_edge=np.inf):
    r"""Nodes in ln r and weights, with J (or dJ/dOmega) = sum(weight * rho_1 rho_2).

    Parameters
    ----------
    shape : {"cone", "sphere", "direction"}
        A cone of half-angle theta around the centre; the ball that touches this cone, over d^2; a line of sight.
    d, theta, r_end : float
        Distance [kpc], angle [rad], radius at which the halo ends [kpc].
    nodes, inner_nodes : int
        Per segment, and of the one that holds the centre.
    inner_power : float
        There r ~ x^inner_power in the Gauss variable x.
    inner_edge : float
        Radius [kpc] at which that segment ends early, and panels of equal width in ln r take over.

    Returns
    -------
    log_r, weight : ndarray
    """
    if shape == "sphere":
        log_r, r, dr = _from_centre(min(d * np.sin(theta), r_end), inner_nodes, inner_power, inner_edge)
        return log_r, 4 * np.pi * r * (r / d) * (dr / d)
    if shape == "direction":
        return _line(d, theta, r_end, nodes)
    return _cone(d, theta, r_end, nodes, inner_nodes, inner_power, inner_edge)


def _from_centre(radius, nodes, power, edge):
    """Nodes in ln r, r and dr from the centre to `radius`."""
    x, w = unit_gauss(nodes)
    edge = min(edge, radius)
    log_r = np.log(edge) + power * np.log(x)
    step = w * power / x
    if edge < radius:
        length = np.log(radius / edge)
        panels = int(np.ceil(length / _PANEL))
        t, wt = unit_gauss(_PANEL_NODES)
        outer = np.log(edge) + length / panels * (np.arange(panels)[:, None] + t).ravel()
        log_r = np.concatenate([log_r, outer])
        step = np.concatenate([step, length / panels * np.tile(wt, panels)])
    r = np.exp(log_r)
    return log_r, r, r * step


def _line(d, theta, r_end, nodes):
    b = d * np.sin(theta)
    # outside the halo and looking away from it
    if theta > 0.5 * np.pi and d >= r_end:
        b = r_end
    observer = np.arcsinh(np.cos(theta) / np.sin(theta))
    end = np.arccosh(max(r_end / b, 1.0))
    pieces = []
    if observer > 0:
        near = min(observer, end)
        pieces = [(0.0, near, 2.0), (near, end, 1.0)]
    else:
        pieces = [(-observer, end, 1.0)]
    t, w = unit_gauss(nodes)
    log_r, weight = [], []
    for start, stop, times in pieces:
        if stop > start:
            y, dy = _stretches(start, stop, t, w)
            log_r.append(np.log(b) + np.log(np.cosh(y)))
            weight.append(times * dy * b * np.cosh(y))
    if not log_r:
        raise InputError(
            f"angle = {np.degrees(theta):.6g} deg: this line of sight misses the halo, which ends at {r_end:.6g} kpc"
        )
    return _joined(log_r, weight)


def _cone(d, theta, r_end, nodes, *inner):
    """Shares Lambda of shells as in `kernels.line_of_sight.cone_integral`; segments between 0, b, d and r_end."""
    sine, cosine = np.sin(theta), np.cos(theta)
    b = d * sine if theta < 0.5 * np.pi else d
    whole = min(b, r_end)
    wide = theta > _WIDE
    split = 0.5 * whole if wide else whole
    log_r, r, dr = _from_centre(split, *inner)
    pieces = [(log_r, dr * r * _shell_share(r, d))]
    if wide:
        t, w = _graded(nodes)
        r = whole - (whole - split) * t
        pieces.append((np.log(r), (whole - split) * w * r * _shell_share(r, d)))
    power = 3 if wide else 1
    t, w = _graded(nodes, power)
    y_end = np.arccosh(max(r_end / b, 1.0))
    y_d = np.arcsinh(cosine / sine) if theta < 0.5 * np.pi else 0.0
    last = min(y_d, y_end)
    if last > 0:
        y, dy = _stretches(last, 0.0, t, w)
        r, q = b * np.cosh(y), b * np.sinh(y)
        share = np.array([_weight_near(d, float(a), float(c), sine, cosine) for a, c in zip(r, q, strict=True)])
        pieces.append((np.log(r), -dy * r * q * share))
    if y_end > y_d:
        # the integrand falls steeply outwards, so nodes crowd towards the observer's radius
        t, w = _graded(nodes, max(power, 2))
        y, dy = _stretches(y_d, y_end, t, w)
        r, q = b * np.cosh(y), b * np.sinh(y)
        pieces.append((np.log(r), dy * r * q * _far_share(r, q, y, d, theta)))
    log_r, weight = _joined(*zip(*pieces, strict=True))
    return log_r, 2 * np.pi / d * weight


def _stretches(start, stop, t, w):
    """Nodes from `start` on, and weights, in as many equal stretches as are not too long; `t` serves the first."""
    count = max(1, int(np.ceil(abs(stop - start) / _LONG)))
    length = (stop - start) / count
    x, wx = unit_gauss(len(t))
    shares = np.concatenate([t, (np.arange(1, count)[:, None] + x).ravel()])
    return start + length * shares, length * np.concatenate([w, np.tile(wx, count - 1)])


def _shell_share(r, d):
    """ln[(d + r)/(d - r)] of a whole shell inside the observer's radius."""
    return 2 * np.arctanh(r / d)


def _far_share(r, q, y, d, theta):
    """Share of a shell outside the observer's radius."""
    if theta < 0.5 * np.pi:
        sine, cosine = np.sin(theta), np.cos(theta)
        b, versine = d * sine, 2 * np.sin(0.5 * theta) ** 2
        return np.array([_weight_far(d, float(a), b, float(c), versine, cosine) for a, c in zip(r, q, strict=True)])
    # r = d cosh(y): the whole shell, less the cap around the opposite direction
    whole = 2 * np.log(1 / np.tanh(0.5 * y))
    if theta >= np.pi:
        return whole
    opposite = np.pi - theta
    b, versine = d * np.sin(opposite), 2 * np.sin(0.5 * opposite) ** 2
    edge = np.sqrt(r * r - b * b)
    cap = [_weight_far(d, float(a), b, float(c), versine, np.cos(opposite)) for a, c in zip(r, edge, strict=True)]
    return whole - np.array(cap)


def _graded(nodes, power=3):
    """Gauss nodes that crowd towards 0 as the given power."""
    x, w = unit_gauss(nodes)
    return x**power, w * power * x ** (power - 1)


def _joined(log_r, weight):
    return np.concatenate(log_r), np.concatenate(weight)
