"""One instance of every profile; a class that is missing here fails the suite."""

from galpy.potential import HernquistPotential

from halokick.halo.profile_base import DensityProfile
from halokick.halo.profiles import (
    BurkertProfile,
    CoredIsothermalProfile,
    EinastoProfile,
    GeneralisedNFWProfile,
    HernquistProfile,
    JaffeProfile,
    NFWProfile,
    PlummerProfile,
    TabulatedProfile,
    TruncatedProfile,
    ZhaoProfile,
    as_profile,
)

_SCALE = {"r_s": "20 kpc", "rho_s": "7e6 Msun/kpc3"}


def profiles():
    """Dict of name -> profile, one of every public class.

    Raises
    ------
    LookupError
        A concrete DensityProfile of the package is not in the list.
    """
    nfw = NFWProfile(**_SCALE)
    radius = [f"{r} kpc" for r in (0.1, 0.3, 1, 3, 10, 30, 100, 300)]
    instances = [
        ZhaoProfile(alpha=1.5, beta=3.5, gamma=0.6, **_SCALE),
        nfw,
        GeneralisedNFWProfile(1.2, **_SCALE),
        HernquistProfile(**_SCALE),
        JaffeProfile(**_SCALE),
        PlummerProfile(**_SCALE),
        CoredIsothermalProfile(**_SCALE),
        EinastoProfile(0.17, **_SCALE),
        BurkertProfile(**_SCALE),
        TruncatedProfile(nfw, "100 kpc"),
        TabulatedProfile(radius, nfw.density(radius)),
        as_profile(HernquistPotential(amp=2.0, a=2.5, ro=8.0, vo=220.0)),
    ]
    found = {type(one).__name__: one for one in instances}
    missing = sorted(
        kind.__name__
        for kind in _descendants(DensityProfile)
        if kind.__module__.startswith("halokick.halo")
        and not kind.__name__.startswith("_")
        and not getattr(kind, "__abstractmethods__", None)
        and kind.__name__ not in found
    )
    if missing:
        raise LookupError(f"tests/canonical.py has no instance of {missing}; add one of each")
    return found


def _descendants(kind):
    for child in kind.__subclasses__():
        yield child
        yield from _descendants(child)
