"""What the short summary of a study says of its particle model: plain dicts, lists, numbers and texts."""

import numpy as np

from halokick.study.model_columns import all_limits, dwarf_words, flux_columns, has_fluxes


def model_summary(result):
    """What ``summary.json`` says of the particle model: dict.

    Parameters
    ----------
    result : StudyResult
        With a model.
    """
    model = result.model
    entry = {
        "name": model.name,
        "kick": model.kick,
        "shares_today": dict(model.shares),
        "flux_factor": _plain(model.flux_factor),
        "summary": _entries(model.summary),
        "yields": _entries(model.yields),
        "limits": _limits(all_limits(model)),
        "statements": list(model.statements),
    }
    if model.origin is not None:
        entry["origin"] = _origin(model)
    if model.dwarfs is not None:
        entry["dwarf_suppression"] = dwarf_words(model.dwarfs)
    if has_fluxes(result):
        columns = flux_columns(result)[0]
        names = {"angle": "half_angle_deg", **{key: f"{key}_cm-2_s-1" for key in columns if "flux" in key}}
        wanted = {name: columns[key][0].tolist() for key, name in names.items()}
        entry["fluxes"] = [
            {"target": target, **{name: _number(values[i]) for name, values in wanted.items()}}
            for i, target in enumerate(columns["target"][0])
        ]
    return entry


def _origin(model):
    origin = model.origin
    return {
        "name": origin.name,
        "parent_asymmetry": origin.parent_asymmetry,
        "daughter_asymmetry": origin.daughter_asymmetry,
        "parent_part": origin.parent_part,
        "summary": _entries(origin.summary),
        "yields": _entries(origin.yields),
        "limits": _limits([(one.name, one) for one in origin.limits]),
        "statements": list(origin.statements),
    }


def _limits(rows):
    return [
        {
            "name": name,
            "status": one.status,
            "observable": one.observable,
            "value": _plain(one.value),
            "sense": one.sense,
            "bound": _plain(one.bound),
            "source": one.source,
            "reason": one.reason,
        }
        for name, one in rows
    ]


def _entries(mapping):
    return {key: _plain(value) for key, value in mapping.items()}


def _plain(value):
    """A number with its unit, for JSON, which has no nan."""
    if not hasattr(value, "unit"):
        return _number(value)
    unit = str(value.unit)
    number = _number(float(value.value))
    return {"value": number, "unit": unit} if unit else number


def _number(value):
    return None if isinstance(value, float) and not np.isfinite(value) else value
