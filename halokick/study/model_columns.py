"""Columns of the tables that a particle model adds: limits, and fluxes from the halo and from dwarf galaxies."""

import numpy as np

FLUX_FORMULA = (
    "flux = <sigma v> / (4 pi m_daughter^2) f_L f_B X J: annihilations along the line of sight per detector area and "
    "time; times photons (or other particles) per annihilation it is their flux"
)
NO_KICK = ", no kick"


def limits_columns(model):
    """Limits, one row each.

    Parameters
    ----------
    model : ModelRecord

    Returns
    -------
    columns : dict
        Name -> (values, unit or None). Observables differ in dimension, so `unit` is a column.
    descriptions, meta : dict
    """
    rows = all_limits(model) + origin_limits(model)
    numbers = [_in_one_unit(one) for one in rows]
    excess = [np.nan if one.excess is None else one.excess for _, one in rows]
    columns = {
        "name": [name for name, _ in rows],
        "source": [one.source for _, one in rows],
        "observable": [one.observable for _, one in rows],
        "value": np.array([value for value, _, _ in numbers]),
        "sense": [one.sense for _, one in rows],
        "bound": np.array([bound for _, bound, _ in numbers]),
        "unit": [unit for _, _, unit in numbers],
        "excess": np.array(excess),
        "status": [one.status for _, one in rows],
        "reason": [one.reason for _, one in rows],
        "applies_to": [one.applies_to for _, one in rows],
        "convention": [one.convention for _, one in rows],
        "validity": [one.validity for _, one in rows],
    }
    describe = {
        "value": "of the model, nan where there is none; its unit is in column unit",
        "bound": "limit on value, nan where there is none; its unit is in column unit",
        "sense": "whether value must be at most or at least bound",
        "excess": "value/bound, or bound/value for a lower bound: above 1 is beyond the bound",
        "convention": "for which particles the limit was published; it is read with the model's own pairs",
    }
    meta = {
        "content": f"limits on {model.name}",
        "statements": list(model.statements),
        "run_file_section": model.config.splitlines()[1:],
    }
    if model.origin is not None:
        meta["origin"] = f"{model.origin.name} made the asymmetries; its own limits have its name in front"
    if model.dwarfs is not None:
        meta["dwarf_suppression"] = dwarf_words(model.dwarfs)
    return {name: (values, None) for name, values in columns.items()}, describe, meta


def all_limits(model):
    """Name and `LimitRecord` of every limit: list; beside one read through a suppression it stands without kick."""
    rows = []
    for one in model.limits:
        name = one.name.partition(", suppression")[0]
        if model.dwarfs is not None and is_dwarf_limit(one):
            rows += [(f"{name}, with kick", one), (f"{name}{NO_KICK}", model.dwarfs.no_kick)]
        else:
            rows.append((name, one))
    return rows


def origin_limits(model):
    """Name and `LimitRecord` of every limit of the model that made the asymmetries, if there is one: list."""
    origin = model.origin
    return [] if origin is None else [(f"{origin.name}: {one.name}", one) for one in origin.limits]


def is_dwarf_limit(limit):
    """Whether a limit is that of a stack of dwarfs."""
    return limit.name.startswith("LAT dwarfs")


def dwarf_words(reading):
    """How the limit from dwarfs was read: dict of numbers and texts."""
    return {
        "stack": ", ".join(reading.names),
        "half_angle": str(reading.angle),
        "stacked": [float(x) for x in reading.stacked],
        "kicked_share": reading.kicked_share,
        "suppression": [float(x) for x in reading.suppression],
        "meaning": (
            "stacked = sum J s / sum J over the dwarfs (J without kick, suppression s), all of them at their 16th, "
            "50th and 84th percentile; suppression = 1 - kicked_share (1 - stacked), as pairs that freeze-out left "
            "were not kicked; the bound is that without kick over the middle one. The host's daughters passing through "
            "the dwarfs are not counted"
        ),
    }


def _in_one_unit(row):
    """Value, bound and their unit; nan for what is not there."""
    _, one = row
    value, bound = one.value, one.bound
    unit = next((x.unit for x in (value, bound) if x is not None), "")
    return *(np.nan if x is None else float(x.to_value(unit)) for x in (value, bound)), str(unit)


def has_fluxes(result):
    """Whether there is a model that annihilates, and something to see it in."""
    model = result.model
    return model is not None and model.flux_factor is not None and (result.sky is not None or result.dwarfs is not None)


def flux_columns(result):
    """Fluxes, one row for each target and cone; see `limits_columns` for what is returned."""
    model = result.model
    weight = signal_share(model)
    rows = [] if result.sky is None else _of_halo(result.sky)
    if result.dwarfs is not None:
        rows += _of_dwarfs(result.dwarfs)
    parent, *pairs = (np.array([row[i] for row in rows]) for i in range(2, 6))
    factor = float(model.flux_factor.to_value("cm3 s-1 GeV-2"))
    columns = {
        "target": ([row[0] for row in rows], None),
        "angle": (np.array([row[1] for row in rows]), "deg"),
        "j_parent": (parent, "GeV2 cm-5"),
        "j_pair": (pairs[1], "GeV2 cm-5"),
        "flux": (factor * weight * pairs[1], "cm-2 s-1"),
        "flux_low": (factor * weight * pairs[0], "cm-2 s-1"),
        "flux_high": (factor * weight * pairs[2], "cm-2 s-1"),
        "flux_no_kick": (factor * weight * parent, "cm-2 s-1"),
        "flux_remainder": (factor * model.remainder * parent, "cm-2 s-1"),
    }
    describe = {
        "target": "the halo's centre, or a dwarf galaxy",
        "angle": "half-angle of the cone",
        "j_parent": "integral of rho_parent^2 over the cone and the line of sight; median of the draws for dwarfs",
        "j_pair": "integral of rho_parent rho_daughter; median suppression times median j_parent for dwarfs",
        "flux": "<sigma v> / (4 pi m^2) f_L f_B X j_pair",
        "flux_low": "16th percentile of the suppression at the median j_parent; nan where nothing was drawn",
        "flux_high": "84th percentile of the suppression at the median j_parent; nan where nothing was drawn",
        "flux_no_kick": "the same with j_parent in place of j_pair",
        "flux_remainder": "from pairs that freeze-out has left, which were not kicked; not part of flux",
    }
    meta = {
        "content": f"fluxes of annihilations in {model.name}",
        "formula": FLUX_FORMULA,
        "factor": str(model.flux_factor),
        "sigma_v": str(model.sigma_v),
        "sigma_v_same_in_all_targets": (
            "no: it depends on speed, and is that of the model's halo_dispersion everywhere"
            if model.sigma_v_depends_on_speed
            else "yes"
        ),
        "daughter_mass": str(model.daughter_mass),
        "shares": dict(model.shares),
        "share_of_pairs": f"{weight!r} = f_L f_B X, primordial times daughters; to first order in what freeze-out left",
        "lifetime": str(model.lifetime),
        "age": str(model.age),
        "kick": model.kick,
    }
    return columns, describe, meta


def signal_share(model):
    """f_L f_B X of a `ModelRecord`: primordial partners times today's daughters."""
    return model.shares["primordial"] * model.shares["daughters"]


def _of_halo(sky):
    unit = "GeV2 cm-5"
    parents, pairs = sky.j_parent.to_value(unit), sky.j_pair[0].to_value(unit)
    return [
        ("halo", angle, parent, np.nan, pair, np.nan)
        for angle, parent, pair in zip(sky.angles.to_value("deg"), parents, pairs, strict=True)
    ]


def _of_dwarfs(dwarfs):
    rows = []
    for i, name in enumerate(dwarfs.names):
        for a, angle in enumerate(dwarfs.angles.to_value("deg")):
            parent = float(dwarfs.j_parent[i, a, 1].to_value("GeV2 cm-5"))
            rows.append((name, angle, parent, *(parent * dwarfs.suppression[i, a, 0])))
    return rows
