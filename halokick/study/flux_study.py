"""Fluxes at the Earth, as a run file asks for them."""

import numpy as np

from halokick import units
from halokick.errors import InputError
from halokick.sky.flux import differential_flux, energy_flux, photon_flux
from halokick.study import build_telescope as build
from halokick.study.annihilation_study import mean_speeds
from halokick.study.telescope_result import HALO, NO_KICK, FluxRecord, TargetFlux


def check_flux(config):
    """Refuse before the long work what only shows when a spectrum is read or shares are taken."""
    edges = build.energy_edges(config.flux)
    build.pairs(config, config.flux)
    build.spectrum(config.flux, config.folder).photons(edges[0], edges[-1], mass=build.particle(config)[0])


def flux_record(config, kicks, sky, dwarfs, annihilation):
    """Record of the section [flux].

    Parameters
    ----------
    config : RunConfig
    kicks : sequence of KickDistribution
    sky : SkyRecord or None
    dwarfs : DwarfsRecord or None
    annihilation : AnnihilationRecord or None
        Without one annihilation does not depend on speed.

    Returns
    -------
    FluxRecord
    """
    mass, sigma_v = build.particle(config)
    edges = build.energy_edges(config.flux)
    pairs = build.pairs(config, config.flux)
    spectrum = build.spectrum(config.flux, config.folder)
    energy = units.attach(np.sqrt(edges[1:].value * edges[:-1].value), "energy")
    particle = {"sigma_v": sigma_v, "mass": mass, "spectrum": spectrum, "pairs": pairs}
    targets = []
    for name, angle, *factors in _targets(sky, dwarfs, annihilation):
        middle, low, high = factors
        known = np.isfinite(middle.value)
        each = {"j_factor": np.where(known, middle.value, 0.0)[..., None] * middle.unit, **particle}
        found = {
            "differential": _differential(energy, each),
            "photons": photon_flux(edges[:-1], edges[1:], **each),
            "energy_flux": energy_flux(edges[:-1], edges[1:], **each),
        }
        found = {key: np.where(known[..., None], values.value, np.nan) * values.unit for key, values in found.items()}
        targets.append(TargetFlux(name=name, angle=angle, j_factor=middle, j_low=low, j_high=high, **found))
    return FluxRecord(
        laws=("s_wave",) if annihilation is None else annihilation.laws,
        kicks=(NO_KICK, *(kick.label for kick in kicks)),
        mean_speed=mean_speeds(kicks),
        edges=edges,
        energy=energy,
        mass=units.quantity(mass, "mass"),
        sigma_v=sigma_v.to("cm3 s-1"),
        shares=np.array([pairs.first, pairs.second]),
        spectrum=repr(spectrum),
        targets=tuple(targets),
    )


def _differential(energy, each):
    """Flux per energy; nan at energies where a line has none."""
    try:
        return differential_flux(energy, **each)
    except InputError:
        rows = []
        for one in energy:
            try:
                rows.append(differential_flux(one, **each).value[..., 0])
            except InputError:
                rows.append(np.full(each["j_factor"].shape[:-1], np.nan))
        return units.Quantity(np.stack(rows, axis=-1), "GeV-1 cm-2 s-1")


def _targets(sky, dwarfs, annihilation):
    """Name, cone and J_S with its percentiles, shape (l, k + 1), of every target."""
    if sky is not None:
        for a, angle in enumerate(sky.angles):
            if annihilation is None:
                j = np.concatenate([sky.j_parent[a : a + 1], sky.j_pair[:, a]])[None]
            else:
                j = annihilation.j_s[:, a] * annihilation.average[:, :, a]
            yield HALO, angle, j, None, None
    if dwarfs is None:
        return
    for d, name in enumerate(dwarfs.names):
        for a, angle in enumerate(dwarfs.angles):
            if annihilation is None:
                # percentiles of the suppression at the median J, as in fluxes.ecsv
                left = np.concatenate([np.ones((1, 3)), dwarfs.suppression[d, a]])
                rows = [(dwarfs.j_parent[d, a, 1] * left[:, i])[None] for i in (1, 0, 2)]
            else:
                rows = [annihilation.dwarf_j[d, :, a, :, i] for i in (1, 0, 2)]
            yield name, angle, *rows
