"""What every use of galpy potentials starts with: the members of a sum, their names, and their physical scales."""

from halokick import units
from halokick.errors import InputError


def members_of(potential):
    """All members of a galpy potential, of a list of them, or of sums inside sums."""
    if not hasattr(potential, "__iter__"):
        return [potential]
    # a galpy potential is a sequence of one: itself
    return [member for part in potential for member in ([part] if part is potential else members_of(part))]


def names(members):
    """The members' classes, for messages."""
    return " + ".join(type(member).__name__ for member in members)


def scales(members, ro=None, vo=None):
    """Common ro [kpc] and vo [km/s] of galpy potentials: their own or the ones given, never galpy's settings file.

    Raises
    ------
    InputError
        None are known, or several pairs differ.
    """
    found = set()
    for member in members:
        if getattr(member, "_roSet", False) and getattr(member, "_voSet", False):
            found.add((float(member._ro), float(member._vo)))
    if ro is not None and vo is not None:
        found.add((units.to_internal(ro, "length", "ro"), units.to_internal(vo, "speed", "vo")))
    if not found:
        raise InputError(
            f"{names(members)} carries no physical scales; build it with ro= and vo=, or give them here "
            "(MWPotential2014 was fitted with ro = 8 kpc, vo = 220 km/s)"
        )
    if len(found) > 1:
        raise InputError(f"{names(members)} mixes physical scales (ro, vo) = {sorted(found)}; use one pair for all")
    return found.pop()
