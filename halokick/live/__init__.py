"""Haloes whose gravity follows their decays. Begin with `evolve_halo`.

`rule` estimates how wrong the fixed potential would be, and chooses between it, `orbit_iteration` (orbits of constant
actions, `orbit_steps` and `orbit_populations` below it) and `nbody` (particles in the mean field, a `run` on a
`schedule`); `fates` and `engines` are what the three share, and `live_halo` what they answer. `start` draws the
particles, `arrivals` those that `accretion` brings, `baryons` stay. `tree_halo` does without spherical symmetry.
`limits` are closed forms that judge them all.
"""
