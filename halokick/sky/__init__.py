"""What is seen. Start with `jfactor` (line-of-sight integrals) and `dwarfs` (from catalogue to suppression).

- `velocity_j`, `relative_speed`, `speed_factors`, `sommerfeld`: cross sections that depend on the relative speed.
- `healpix_map`, `wcs_map`, `map_files`: maps of pixel averages, and files for other programs.
- `spectra`, `spectrum_tables`, `flux`: photons; `substructure`: boosts of subhaloes that lose their daughters.
- `stacking`, `likelihood_profile`, `kick_limit`: limits from dwarfs whose haloes are uncertain.
"""
