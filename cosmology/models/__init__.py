"""Particle models by name: an explicit table, so that what exists can be read in one place.

A model joins by being imported here and given a name in `MODELS`; nothing registers itself. Each is a class made from
its parameters (Quantities, or text with units) that hands over Quantities only, such as ``lifetime`` and
``kick_speed`` where its particles decay late. The table is empty until the first model is in.
"""

MODELS = {}
"""dict : name in run files -> model class."""
