"""Tables of a result: profiles, J-factors, dwarfs, limits and fluxes as ECSV, maps, and a short summary as JSON.

Every table says in its metadata which integral it holds, the cone, where the halo ends, the shares and the units.
"""

import json
from pathlib import Path

import numpy as np
from astropy.table import Column, Table

from halokick import units
from halokick.errors import InputError
from halokick.study.live_columns import is_live, live_columns, live_summary
from halokick.study.map_products import write_maps
from halokick.study.model_columns import flux_columns, has_fluxes, limits_columns
from halokick.study.model_summary import model_summary
from halokick.study.orbit_columns import (
    DESCRIPTIONS,
    GRID_DESCRIPTIONS,
    cone_summary,
    grid_columns,
    grid_meta,
    orbit_summary,
    profile_columns,
)
from halokick.study.storage import whole_file
from halokick.study.telescope_columns import telescope_columns
from halokick.study.telescope_text import telescope_summary

J_MEANING = {
    "j_parent": "integral of rho_parent^2 over the cone and the line of sight",
    "j_pair": "integral of rho_parent rho_daughter: primordial partners, not kicked, with daughters",
    "j_daughter": "integral of rho_daughter^2: both partners kicked",
    "j_signal": "f_L f_B X times j_pair: primordial daughter species with today's daughters",
    "suppression": "j_pair / j_parent",
    "suppression_both": "j_daughter / j_parent",
}
CONVENTION = (
    "J = int dOmega int ds rho_1 rho_2 without a factor 1/2 (two distinct species): "
    "flux = <sigma v> / (4 pi m^2) dN/dE J. Daughters are normalised per decayed parent: rho_daughter tends to "
    "rho_parent as the kick tends to zero."
)
_NO_SHARES = "not given in the run file: every density as if it were all of the dark matter"


def read_density(path):
    """A density table: columns ``radius`` and ``density`` with units, in any format that astropy reads by its suffix.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    radius : Quantity [length]
    density : Quantity [density]

    Raises
    ------
    InputError
        No such file, no such columns, or no units.
    """
    path = Path(path)
    if not path.exists():
        raise InputError(f"halo.table = {path} does not exist; paths are counted from the run file's folder")
    try:
        table = Table.read(path)
    except Exception as error:  # astropy raises many kinds; all of them mean that the file cannot be read
        raise InputError(f"halo.table = {path} is not a table that astropy reads: {error}") from error
    missing = [name for name in ("radius", "density") if name not in table.colnames or table[name].unit is None]
    if missing:
        raise InputError(
            f"halo.table = {path} needs columns radius and density with units (an ECSV file has them); "
            f"missing or without unit: {', '.join(missing)}; it has {', '.join(table.colnames)}"
        )
    return units.quantity(table["radius"].quantity, "length"), units.quantity(table["density"].quantity, "density")


def profiles_table(result):
    """Parents' and daughters' density at every radius, one row per kick and radius."""
    blocks = []
    for daughters in result.daughters:
        n = len(daughters.radius)
        parents = np.divide(daughters.density.value, daughters.ratio, out=np.full(n, np.nan), where=daughters.ratio > 0)
        block = {
            "kick": [daughters.label] * n,
            "mean_kick_speed": np.full(n, daughters.mean_speed.value) * daughters.mean_speed.unit,
            "radius": daughters.radius,
            "density_parent": parents * daughters.density.unit,
            "density": daughters.density,
            "error": daughters.error,
            "ratio": daughters.ratio,
            "slope": daughters.slope,
            "bound_at_birth": daughters.bound_at_birth,
        }
        for name in daughters.components:
            block[f"density_{name}"] = daughters.components[name]
        blocks.append(block | profile_columns(daughters))
    describe = {
        **DESCRIPTIONS,
        "kick": "velocity kick of the daughters",
        "density_parent": "dark matter before any decay",
        "density": "daughters per decayed parent, sum of the components",
        "error": "one standard error, or estimated numerical error, of density",
        "ratio": "density / density_parent",
        "slope": "-dln(density)/dln(radius)",
        "bound_at_birth": "share of the daughters born at this radius that stays bound",
    }
    fractions = {
        daughters.label: f"{daughters.bound_fraction:.8g} of those born within {daughters.reference_radius:.6g}"
        for daughters in result.daughters
    }
    meta = {
        "content": "density profiles of parents and daughters",
        "halo": result.parent.description,
        "method": result.daughters[0].method,
        "bound_fraction": fractions,
        "normalisation": "per decayed parent: the daughters' density tends to the parents' as the kick tends to zero",
    }
    return make_table(stacked(blocks), describe, meta)


def j_table(result):
    """J-factors, one row per kick and cone."""
    sky = result.sky
    speeds = [daughters.mean_speed for daughters in result.daughters]
    weight = signal_weight(sky.shares)
    blocks = []
    for i, (kick, speed) in enumerate(zip(sky.kicks, speeds, strict=True)):
        n = len(sky.angles)
        block = {
            "kick": [kick] * n,
            "mean_kick_speed": np.full(n, speed.value) * speed.unit,
            "angle": sky.angles,
            "j_parent": sky.j_parent,
            "j_pair": sky.j_pair[i],
            "j_daughter": sky.j_daughter[i],
        }
        if weight is not None:
            block["j_signal"] = weight * sky.j_pair[i]
        block["suppression"] = np.asarray(sky.j_pair[i] / sky.j_parent)
        block["suppression_both"] = np.asarray(sky.j_daughter[i] / sky.j_parent)
        blocks.append(block | grid_columns(sky, i))
    meta = {
        "content": "J-factors within cones around the halo centre",
        "convention": CONVENTION,
        "halo": result.parent.description,
        "distance": str(sky.distance),
        "r_max": str(sky.r_max),
        "cone": "angle is the half-angle of the cone",
        "shares": dict(sky.shares) or _NO_SHARES,
        **grid_meta(sky),
    }
    described = {"angle": "half-angle of the cone", **J_MEANING, **GRID_DESCRIPTIONS}
    return make_table(stacked(blocks), described, meta)


def dwarfs_table(result):
    """Suppression of each dwarf's signal, one row per dwarf, cone and kick."""
    dwarfs = result.dwarfs
    n = len(dwarfs.kicks)
    blocks = []
    for i, name in enumerate(dwarfs.names):
        for a, angle in enumerate(dwarfs.angles):
            block = {"dwarf": [name] * n, "angle": _repeated(angle, n)}
            for key in ("distance", "half_light_radius", "dispersion"):
                block[key] = _repeated(getattr(dwarfs, key)[i], n)
            for key in ("virial_mass", "concentration", "r_s", "rho_s", "tidal_radius", "max_circular_speed"):
                block[key] = _repeated(getattr(dwarfs, key)[i, 1], n)
            block |= _three("j_parent", [_repeated(value, n) for value in dwarfs.j_parent[i, a]])
            block |= {"kick": list(dwarfs.kicks), "mean_kick_speed": dwarfs.mean_speed}
            block |= _three("bound_fraction", dwarfs.bound_fraction[i].T)
            block |= _three("suppression", dwarfs.suppression[i, a].T)
            block |= _three("suppression_both", dwarfs.suppression_both[i, a].T)
            if dwarfs.floor is not None:
                block |= _three("floor", dwarfs.floor[i, a].T)
            blocks.append(block)
    describe = {
        **{key: J_MEANING[key] for key in ("j_parent", "suppression", "suppression_both")},
        "angle": "half-angle of the cone",
        "half_light_radius": "projected, averaged over azimuth, as measured",
        "dispersion": "of the stars along the line of sight, as measured",
        "bound_fraction": "share of the daughters born inside the tidal radius that stays bound",
        "floor": "J of the dwarf's density times the host's daughters passing through it, over j_parent",
    }
    for key in ("virial_mass", "concentration", "r_s", "rho_s", "tidal_radius", "max_circular_speed"):
        describe[key] = "of the NFW haloes drawn, median"
    meta = {
        "content": "suppression of the annihilation signal of dwarf galaxies",
        "convention": CONVENTION,
        "cone": "angle is the half-angle of the cone",
        "r_max": "the tidal radius of each dwarf",
        "shares": _NO_SHARES if result.model is None else "not applied here, but in fluxes.ecsv",
        "percentiles": "plain columns are medians of the draws; _low and _high are the 16th and 84th percentile",
        **dict(dwarfs.settings),
    }
    return make_table(stacked(blocks), describe, meta)


def _repeated(value, n):
    return np.full(n, getattr(value, "value", value)) * getattr(value, "unit", 1)


def _three(name, percentiles):
    low, middle, high = percentiles
    return {name: middle, f"{name}_low": low, f"{name}_high": high}


def write_tables(result, folder):
    """Write every table that the result has.

    Parameters
    ----------
    result : StudyResult
    folder : str or Path

    Returns
    -------
    list of Path
    """
    folder = Path(folder)
    written = []
    if result.daughters:
        written += _write(profiles_table(result), folder, "profiles", ("ecsv",))
    if is_live(result):
        blocks, *said = live_columns(result)
        written += _write(make_table(stacked(blocks), *said), folder, "live", ("ecsv",))
    if result.sky is not None:
        written += _write(j_table(result), folder, "jfactors", ("ecsv", "fits"))
    if result.dwarfs is not None:
        written += _write(dwarfs_table(result), folder, "dwarfs", ("ecsv",))
    if result.model is not None:
        written += _write(make_table(*limits_columns(result.model)), folder, "model", ("ecsv",))
    if has_fluxes(result):
        written += _write(make_table(*flux_columns(result)), folder, "fluxes", ("ecsv",))
    for name, (blocks, *said) in telescope_columns(result).items():
        written += _write(make_table(stacked(blocks), *said), folder, name, ("ecsv",))
    if result.maps is not None:
        written += write_maps(result.maps, folder)
    path = folder / "summary.json"
    with whole_file(path) as partial:
        partial.write_text(json.dumps(summary(result), indent=2) + "\n", encoding="utf-8")
    return [*written, path]


def summary(result):
    """The study's main numbers as plain dicts, lists, numbers and texts; units are in the keys.

    Lists of three are the 16th, 50th and 84th percentile of draws. A model's own numbers have their unit beside them.
    """
    made = result.provenance
    short = {
        "halo": None if result.parent is None else result.parent.description,
        "kicks": [_kick_summary(result, i) for i in range(len(result.daughters))],
        "dwarfs": [] if result.dwarfs is None else _dwarf_summary(result.dwarfs),
        "made": {
            "created": made.created,
            "seconds": round(made.seconds, 3),
            "seed": made.seed,
            "commit": made.commit,
            "versions": dict(made.versions),
        },
        "run_file": made.run_file,
    }
    short |= telescope_summary(result)
    if result.model is not None:
        short = {"model": model_summary(result), **short}
    return short


def _kick_summary(result, i):
    daughters, sky = result.daughters[i], result.sky
    entry = {
        "kick": daughters.label,
        "mean_kick_speed_km_s": float(daughters.mean_speed.to_value("km/s")),
        "method": daughters.method,
        "bound_fraction": daughters.bound_fraction,
        "bound_fraction_within_kpc": float(daughters.reference_radius.to_value("kpc")),
        **orbit_summary(daughters),
        **live_summary(daughters),
    }
    if sky is None:
        return entry
    entry["density_ratio_at_observer"] = daughters.observer_ratio
    entry["cones"] = [
        {
            "half_angle_deg": float(angle.to_value("deg")),
            "j_parent_GeV2_cm-5": float(sky.j_parent[a].value),
            "j_pair_GeV2_cm-5": float(sky.j_pair[i, a].value),
            "suppression": float(sky.j_pair[i, a] / sky.j_parent[a]),
            **cone_summary(sky, i, a),
        }
        for a, angle in enumerate(sky.angles)
    ]
    return entry


def _dwarf_summary(dwarfs):
    first = 0  # the smallest cone; dwarfs.ecsv has them all
    return [
        {
            "name": name,
            "half_angle_deg": float(dwarfs.angles[first].to_value("deg")),
            "log10_j_parent_GeV2_cm-5": np.log10(dwarfs.j_parent[i, first].value).tolist(),
            "kicks": [
                {
                    "kick": kick,
                    "bound_fraction": dwarfs.bound_fraction[i, k].tolist(),
                    "suppression": dwarfs.suppression[i, first, k].tolist(),
                }
                for k, kick in enumerate(dwarfs.kicks)
            ],
        }
        for i, name in enumerate(dwarfs.names)
    ]


def signal_weight(shares):
    """f_L f_B X, where the shares are known and both species are there."""
    weight = shares.get("primordial", 0.0) * shares.get("daughters", 0.0)
    return weight if weight > 0 else None


def stacked(blocks):
    """Blocks of equal columns, one under the other; a component that a block lacks is zero there."""
    names = list(dict.fromkeys(name for block in blocks for name in block))
    columns = {}
    for name in names:
        model = next(block[name] for block in blocks if name in block)
        parts = [block.get(name, np.zeros(len(next(iter(block.values()))))) for block in blocks]
        unit = getattr(model, "unit", None)
        values = [part.to_value(unit) if hasattr(part, "unit") else part for part in parts]
        columns[name] = (np.concatenate([np.asarray(part) for part in values]), unit)
    return columns


def make_table(columns, descriptions, meta):
    """An astropy table of columns given as values and unit."""
    made = [
        Column(values, name=name, unit=unit, description=descriptions.get(name))
        for name, (values, unit) in columns.items()
    ]
    return Table(made, meta={"made_by": "halokick", **meta})


def _write(table, folder, name, formats):
    written = []
    for kind in formats:
        path = folder / f"{name}.{kind}"
        with whole_file(path) as partial:
            if kind == "ecsv":
                table.write(partial, format="ascii.ecsv", overwrite=True)
            else:
                for_fits(table).write(partial, format="fits", overwrite=True)
        written.append(path)
    return written


def for_fits(table):
    """FITS headers hold short upper-case keys only, so that the metadata becomes comments there."""
    lines = [f"{key}: {value}" for key, value in table.meta.items()]
    lines += [f"column {name}: {table[name].description}" for name in table.colnames if table[name].description]
    copy = table.copy()
    copy.meta = {"comments": [line.encode("ascii", "replace").decode() for line in lines]}
    return copy
