"""What a telescope would see of a study: its sections [annihilation], [map], [flux] and [limits] in turn."""

from halokick.study.annihilation_study import DwarfHaloes, annihilation_record
from halokick.study.dwarf_grids import fixed_grid
from halokick.study.flux_study import check_flux, flux_record
from halokick.study.limits_study import check_limits, limits_record
from halokick.study.map_study import check_map, maps_record
from halokick.study.map_targets import dwarf_target, observed_halo


def check_telescope(config, kicks, catalogue):
    """Refuse before the long work what would only be refused after it.

    Parameters
    ----------
    config : RunConfig
    kicks : sequence of KickDistribution
    catalogue : DwarfCatalogue or None
    """
    if config.map is not None:
        check_map(config, kicks)
    if config.flux is not None:
        check_flux(config)
    if config.limits is not None:
        check_limits(config, catalogue)


def telescope_entries(config, kicks, df, found, sky, catalogue, dwarfs, progress):
    """Entries of a `StudyResult` from these sections: dict, empty without them.

    Parameters
    ----------
    config : RunConfig
    kicks : sequence of KickDistribution
    df : ErgodicDF or None
    found : sequence of Daughters, or None
        One for each kick, where there is a halo.
    sky : SkyRecord or None
    catalogue : DwarfCatalogue or None
    dwarfs : DwarfsRecord or None
    progress : object
        See `halokick.study.progress`.
    """
    entries, haloes = {}, None
    host = df.halo if catalogue is not None and config.dwarfs.host == "halo" else None
    if catalogue is not None and (config.annihilation is not None or config.limits is not None):
        grid = fixed_grid(config.dwarfs, progress.counter("NFW haloes"))
        haloes = DwarfHaloes(config, catalogue, grid, host)
    if config.annihilation is not None:
        entries["annihilation"] = annihilation_record(
            config,
            kicks,
            df=None if sky is None else df,
            r_max=None if sky is None else sky.r_max,
            dwarfs=haloes,
            progress=progress.counter("relative speeds"),
        )
    if config.map is not None:
        if config.map.target is None:
            target = observed_halo(config, df, found, sky.r_max)
        else:
            target = dwarf_target(config, kicks, host)
        entries["maps"] = maps_record(config, target, progress.counter("maps"))
    if config.flux is not None:
        entries["flux"] = flux_record(config, kicks, sky, dwarfs, entries.get("annihilation"))
    if config.limits is not None:
        entries["limits"] = limits_record(config, kicks, haloes, progress.counter("limits"))
    return entries
