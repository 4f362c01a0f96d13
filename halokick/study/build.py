"""From the validated sections of a run file to the objects they describe. No physics here, and nothing is decided."""

import numpy as np

from halokick import units
from halokick.daughters.integration import BoxBins, RingBins
from halokick.daughters.radii import tabulated
from halokick.decay.history import DecayHistory, EarlyCapture
from halokick.decay.kicks import (
    CascadeKick,
    FixedKick,
    MatrixElementKick,
    PhaseSpaceKick,
    TabulatedKick,
    TwoBodyKick,
    two_body_speed,
)
from halokick.errors import HaloKickError, InputError
from halokick.halo import concentration, profiles, virial
from halokick.halo.named_potential import NamedPotential
from halokick.halo.normalisation import normalise
from halokick.halo.potential import Halo
from halokick.sky.catalogue import builtin_catalogue, read_catalogue
from halokick.sky.dwarf_grid import EnergyCut, NoCut
from halokick.sky.dwarf_halo import HaloMassFunction
from halokick.study.config_halo import NORMALISATIONS
from halokick.study.tables import read_density

_SHAPES = {
    "zhao": profiles.ZhaoProfile,
    "nfw": profiles.NFWProfile,
    "generalised_nfw": profiles.GeneralisedNFWProfile,
    "hernquist": profiles.HernquistProfile,
    "jaffe": profiles.JaffeProfile,
    "plummer": profiles.PlummerProfile,
    "cored_isothermal": profiles.CoredIsothermalProfile,
    "einasto": profiles.EinastoProfile,
    "burkert": profiles.BurkertProfile,
}
_RELATIONS = {
    "dutton_maccio_2014": concentration.DuttonMaccio2014,
    "duffy_2008": concentration.Duffy2008,
    "sanchez_conde_prada_2014": concentration.SanchezCondePrada2014,
}
_OVERDENSITIES = {
    "200c": virial.CriticalOverdensity,
    "200m": virial.MatterOverdensity,
    "virial": virial.BryanNormanOverdensity,
}
_RADIUS_ARGUMENT = {"mass_radius": "radius", "local_radius": "radius", "dispersion_radius": "radius"}
"""Run-file key to argument of `normalise`, where they differ."""

_CROWDING = 4.0
"""asinh of the extent of a grid over the width inside of which its cells are even."""


def density_profile(section, folder):
    """The density that a [halo] section describes; `folder` is where its files are."""
    if section.profile == "tabulated":
        if section.table is not None:
            profile = profiles.TabulatedProfile(*read_density(folder / section.table))
        else:
            profile = profiles.TabulatedProfile(units.quantity(section.radius, "length"), _densities(section.density))
    else:
        profile = _normalised(section)
    if section.r_t is None:
        return profile
    power = {} if section.truncation_power is None else {"power": section.truncation_power}
    return profiles.TruncatedProfile(profile, section.r_t, **power)


def _densities(densities):
    # mass and energy densities may be mixed in one list; internally they are the same
    return units.attach([units.to_internal(one, "density") for one in densities], "density")


def _normalised(section):
    given = {key: getattr(section, key) for key in ("alpha", "beta", "gamma", "r_s")}
    shape = _SHAPES[section.profile].shape(**{key: value for key, value in given.items() if value is not None})
    group = next(group for group in NORMALISATIONS if getattr(section, group[0]) is not None)
    arguments = {_RADIUS_ARGUMENT.get(key, key): getattr(section, key) for key in group}
    if section.virial_mass is not None:
        arguments |= _virial(section)
    return normalise(shape, **arguments)


def _virial(section):
    definition = _OVERDENSITIES[section.overdensity or "200c"]()
    if section.concentration_relation is None:
        return {"definition": definition, "concentration": section.concentration}
    relation = concentration_relation(section, definition)
    return {"definition": definition, "concentration": float(relation.concentration(section.virial_mass))}


def concentration_relation(section, definition=None):
    """The concentration-mass relation that a section names."""
    name = section.concentration_relation
    if name == "moline_2017":
        relation = concentration.Moline2017(section.x_sub)
    elif name == "sanchez_conde_prada_2014":
        relation = concentration.SanchezCondePrada2014()
    else:
        return _RELATIONS[name](definition)
    if definition is not None and relation.definition != definition:
        raise InputError(
            f"concentration_relation = {name!r} is defined for 200 times the critical density; "
            'leave overdensity out, or set it to "200c"'
        )
    return relation


def halo(section, folder):
    """The parents' halo that a [halo] section describes.

    Raises
    ------
    InputError
        Numbers so large or so small that nothing can be calculated with them, besides what a halo refuses.
    """
    try:
        return _halo(section, folder)
    except HaloKickError:
        raise
    except (ArithmeticError, ValueError) as error:
        raise InputError(
            f"[halo] cannot be calculated ({error}); a number in it is too large or too small: look at the powers of "
            "ten and the units"
        ) from error


def _halo(section, folder):
    profile = density_profile(section, folder)
    scales = {key: units.to_internal(value, of) for key, value, of in _given_scales(section)}
    outside = {}
    if section.baryons is not None:
        outside["baryons"] = NamedPotential(section.baryons, "halo.baryons", stars_only=True, **scales)
    if section.potential is not None:
        outside["potential"] = NamedPotential(section.potential, "halo.potential", **scales)
    return Halo(profile, energy_cut=section.energy_cut, **outside)


def _given_scales(section):
    given = (("ro", section.ro, "length"), ("vo", section.vo, "speed"))
    return [one for one in given if one[1] is not None]


def kicks(section):
    """The kick distributions that a [decay] section describes, one for each entry of its lists: tuple.

    None, the section of a model without late decay, describes no kick.
    """
    return () if section is None else _LAWS[section.law](section)


def _fixed(section):
    return tuple(FixedKick(speed) for speed in section.kick_speed)


def _two_body(section):
    others = {} if section.partner_mass is None else {"partner_mass": section.partner_mass}
    if section.splitting is None:
        return (TwoBodyKick(section.parent_mass, section.daughter_mass, **others),)
    return tuple(TwoBodyKick.from_splitting(section.parent_mass, gap, **others) for gap in section.splitting)


def _largest_speeds(section):
    if section.max_speed is not None:
        return section.max_speed
    if section.splitting is None:
        return (two_body_speed(section.parent_mass, section.daughter_mass),)
    return tuple(TwoBodyKick.from_splitting(section.parent_mass, gap).speed for gap in section.splitting)


def _phase_space(section):
    return tuple(PhaseSpaceKick(section.n_bodies, speed) for speed in _largest_speeds(section))


def _matrix_element(section):
    return tuple(MatrixElementKick(section.n_bodies, speed, section.weight) for speed in _largest_speeds(section))


def _tabulated(section):
    return (TabulatedKick(units.quantity(section.speed, "speed"), np.array(section.pdf)),)


def _cascade(section):
    return (CascadeKick(kicks(section.first)[0], kicks(section.second)[0]),)


_LAWS = {
    "fixed": _fixed,
    "two_body": _two_body,
    "phase_space": _phase_space,
    "matrix_element": _matrix_element,
    "tabulated": _tabulated,
    "cascade": _cascade,
}


def history(section):
    """The decay history of a [decay] section; None without a lifetime, or without such a section."""
    if section is None or section.lifetime is None:
        return None
    given = {key: getattr(section, key) for key in ("age", "parent_share", "primordial_share")}
    given = {key: value for key, value in given.items() if value is not None}
    if "primordial_share" in given and "parent_share" not in given:
        given["parent_share"] = 1 - given["primordial_share"]
    return DecayHistory(section.lifetime, **given)


def dwarfs(section, folder):
    """The dwarfs that a [dwarfs] section describes: DwarfCatalogue."""
    catalogue = builtin_catalogue() if section.catalogue == "builtin" else read_catalogue(folder / section.catalogue)
    return catalogue if section.names is None else catalogue.select(section.names)


def dwarf_haloes(section):
    """How a [dwarfs] section finds haloes: arguments of `suppress_dwarfs`."""
    function = {"slope": section.mass_function_slope, "highest": section.highest_mass}
    chosen = {
        "mass_function": HaloMassFunction(**{key: value for key, value in function.items() if value is not None}),
        "scatter_dex": section.scatter_dex,
        "angles": units.quantity(section.angles, "angle"),
        "draws": section.draws,
        "seed": section.seed,
    }
    by_distance = section.concentration_relation == "moline_2017" and section.x_sub is None
    if not by_distance:
        # dwarfs are lighter than what most relations were calibrated on
        chosen["relation"] = concentration.Extrapolated(concentration_relation(section))
    return chosen


def dwarf_truncation(section):
    """How a [dwarfs] section ends the haloes."""
    return {"energy_cut": EnergyCut, "none": NoCut}[section.truncation]()


def early_capture(section, decay_history):
    """How a [method] section counts early capture."""
    law = {} if section.cosmic_age is None else {"age_law": section.cosmic_age}
    return EarlyCapture(decay_history, **law)


def radii(section):
    """The radii of a [method] section; None leaves them to the method."""
    if section.n_radii is None:
        return None
    ends = [units.to_internal(end, "length") for end in (section.r_min, section.r_max)]
    return units.attach(np.geomspace(*ends, section.n_radii), "length")


def bins(section):
    """The bin edges of a [method] section that follows orbits, `n_radii` bins; None leaves them to the method."""
    if section.n_radii is None:
        return None
    ends = [units.to_internal(end, "length") for end in (section.r_min, section.r_max)]
    return units.attach(np.geomspace(*ends, section.n_radii + 1), "length")


def grid(section):
    """The rings or boxes of a [method] section, `grid_cells` from zero to the extent; None without.

    Edges are even in asinh(q / q0), with q0 a 27th of the extent: even inside q0, and as in a logarithm outside.
    """
    if section.grid is None:
        return None
    even = np.linspace(0.0, 1.0, section.grid_cells + 1)
    edges = units.to_internal(section.grid_extent, "length") * np.sinh(_CROWDING * even) / np.sinh(_CROWDING)
    if section.grid_signed:
        edges = np.concatenate([-edges[:0:-1], edges])
    edges = units.attach(edges, "length")
    return RingBins(edges, edges) if section.grid == "rings" else BoxBins(edges, edges, edges)


def known_radii(section, df):
    """The radii at which daughters will be tabulated, those of orbits to within a bin: Quantity [length]."""
    radius, _, _ = tabulated(df, radii(section), section.outer_cut)
    return units.attach(radius, "length")
