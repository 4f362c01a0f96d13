r"""How a kick weakens the limit of a stack, in two limits that need no likelihood."""

import numpy as np

from halokick.errors import InputError
from halokick.sky.signal_units import check_shapes, plain_numbers


def background_limited_ratio(j_factors, suppression, backgrounds=1.0):
    r"""Limit with the kick over that without, where every target has many background photons.

    .. math:: \sqrt{\frac{\sum_i J_i^2/b_i}{\sum_i (J_i S_i)^2/b_i}}

    Parameters
    ----------
    j_factors : Quantity or ndarray, shape (targets,)
    suppression : ndarray, shape (..., targets)
    backgrounds : ndarray, broadcast with `j_factors`
        Expected background photons, in any common unit.

    Returns
    -------
    float or ndarray
        Infinite where nothing is left.
    """
    j, s, b = _checked(j_factors, suppression, backgrounds)
    with np.errstate(divide="ignore"):
        return np.sqrt(np.sum(j**2 / b) / np.sum((j * s) ** 2 / b, axis=-1))[()]


def signal_limited_ratio(j_factors, suppression):
    r"""Limit with the kick over that without, where no target has background: :math:`\sum J_i/\sum J_i S_i`.

    Arguments and answer as for `background_limited_ratio`. For weights of exposure give J times exposure.
    """
    j, s, _ = _checked(j_factors, suppression, 1.0)
    with np.errstate(divide="ignore"):
        return (np.sum(j) / np.sum(j * s, axis=-1))[()]


def _checked(j_factors, suppression, backgrounds):
    j = plain_numbers(getattr(j_factors, "value", j_factors), "j_factors")
    s, b = plain_numbers(suppression, "suppression"), plain_numbers(backgrounds, "backgrounds")
    check_shapes(j_factors=j, backgrounds=b)
    if j.ndim != 1 or not len(j) or s.shape[-1:] != j.shape:
        raise InputError(f"{np.shape(s)} suppressions for {np.shape(j)} J-factors; the last axis of both is the target")
    if not (np.all(j > 0) and np.all(s >= 0) and np.all(b > 0) and np.all(np.isfinite(j)) and np.all(np.isfinite(s))):
        raise InputError("J-factors and backgrounds must be positive, suppressions zero or more, all finite")
    return j, s, b
