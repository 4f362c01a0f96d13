"""The halo before any decay: `profiles`, the `potential` they make, and the distribution function `df`.

`normalisation` fixes a profile's density by what was measured, `concentration` and `dwarf_closure` by a published
relation. `field_tables` and `galpy_mass` build the tables that the kernels read.
"""
