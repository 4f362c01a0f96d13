"""Every kick-speed distribution by name.

A decay B' -> L' + light particles gives the daughter L' a velocity kick. `FixedKick` and `TwoBodyKick` have one speed,
`PhaseSpaceKick` and `MatrixElementKick` are decays to three or more bodies, `TabulatedKick` is any law, `CascadeKick`
two prompt steps. All are `KickDistribution`.
"""

from halokick.decay.cascade import CascadeKick
from halokick.decay.kick_base import LARGEST_SPEED, ContinuousKick, KickDistribution
from halokick.decay.kick_laws import FixedKick, PhaseSpaceKick, TwoBodyKick, two_body_speed
from halokick.decay.matrix_element import MatrixElementKick
from halokick.decay.tabulated import TabulatedKick
from halokick.errors import InputError

KICK_LAWS = {
    "fixed": FixedKick,
    "two_body": TwoBodyKick,
    "phase_space": PhaseSpaceKick,
    "matrix_element": MatrixElementKick,
    "tabulated": TabulatedKick,
    "cascade": CascadeKick,
}
"""Name of each law in run files and stored results."""


def kick_from_config(config):
    """Build a kick distribution from what its `to_config` gave.

    Parameters
    ----------
    config : dict
        ``law`` (a key of `KICK_LAWS`) and the arguments of that class; the steps of a cascade are such dicts again.

    Returns
    -------
    KickDistribution

    Raises
    ------
    InputError
        Unknown law, missing or unknown arguments, or an amplitude that was a Python function.
    """
    arguments = dict(config)
    law = arguments.pop("law", None)
    if law not in KICK_LAWS:
        raise InputError(f"law = {law!r}; allowed are {', '.join(KICK_LAWS)}")
    if isinstance(arguments.get("weight"), dict):
        raise InputError(
            f"weight was the function {arguments['weight'].get('function')!r}, which cannot be read back: make "
            "MatrixElementKick with that function again, or give the weight as polynomial coefficients"
        )
    for name, value in arguments.items():
        if isinstance(value, dict):
            arguments[name] = kick_from_config(value)
    try:
        return KICK_LAWS[law](**arguments)
    except TypeError as error:
        if "argument" not in str(error):
            raise
        raise InputError(f"law {law!r} got {sorted(arguments)}: {error}") from error


__all__ = [
    "KICK_LAWS",
    "LARGEST_SPEED",
    "CascadeKick",
    "ContinuousKick",
    "FixedKick",
    "KickDistribution",
    "MatrixElementKick",
    "PhaseSpaceKick",
    "TabulatedKick",
    "TwoBodyKick",
    "kick_from_config",
    "two_body_speed",
]
