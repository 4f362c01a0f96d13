"""Compiled arithmetic on floats and arrays in kpc, km/s and Msun; nothing here is public.

Start with `field` (the tables of a potential) and `distribution` (those of f and F). `kick` averages f over kick
directions, `orbit_average` over an orbit, `phase_mixing` integrates the result to a density; `parents`, `stream`,
`sampling`, `radial_time` and `line_of_sight` serve the modules of the same trade above.
"""
