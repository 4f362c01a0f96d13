"""A study, from run file to products.

Read `run` first: it is the straight path. `config` and its sections read the run file, `build` makes the objects it
describes, `result` is the record that comes out, `storage`, `tables` and `plots` are what is made of it, `folder` is
where that goes.
"""
