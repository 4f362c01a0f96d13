"""Where the daughters are. Each method returns the record of `result`.

`phase_mixing` is the answer to use; `ergodic` is the published approximation, to compare with; `orbits` is Monte
Carlo, an independent judge, and the way to finite ages. `stream` adds what the mixed, bound daughters leave out.
`follow` takes orbits through any potential.

Where much of the halo decays, its gravity follows: `halokick.live` stands above.
"""
