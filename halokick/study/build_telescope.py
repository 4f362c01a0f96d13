"""From the sections of what a telescope sees to the objects they describe. No physics here, and nothing is decided."""

import csv
from dataclasses import replace

import numpy as np
from scipy.special import ndtri

from cosmology.errors import CosmologyError
from cosmology.limits import read_limit
from halokick import units
from halokick.errors import InputError
from halokick.sky import sommerfeld, spectra, spectrum_tables, speed_factors
from halokick.sky.dwarf_closures import standard_closures
from halokick.sky.flux import SharesOfDarkMatter
from halokick.sky.likelihood_file import read_likelihood_profile
from halokick.sky.likelihood_profile import BinnedProfile
from halokick.sky.stacking import ONE_SIDED_95, GaussianInLogJ, LogNormalInJ
from halokick.study import build
from halokick.study.config_limits import CLOSURES

_PRIORS = {"gaussian_in_log_j": GaussianInLogJ, "log_normal_in_j": LogNormalInJ}
_MEASURED = ["dwarf", "log10_j_GeV2_cm-5", "width_dex"]
_USUAL_CONFIDENCE = 0.95


def speed_laws(config):
    """The laws of a run file, in its order: dict of name to SpeedFactor; an s-wave without [annihilation]."""
    if config.annihilation is None:
        return {"s_wave": speed_factors.SWave()}
    return {law: _LAWS[law](config.annihilation, config.model) for law in config.annihilation.law}


def _hulthen(section, _):
    wave = section.wave or "s"
    if section.epsilon_phi is not None:
        return sommerfeld.Hulthen.scaled(section.alpha, section.epsilon_phi, wave)
    # the unitarity limit is of the s-wave
    return sommerfeld.Hulthen(section.alpha, section.mass, section.mediator_mass, wave, section.cap)


def _breit_wigner(section, _):
    if section.pole is not None:
        return speed_factors.BreitWigner.at(section.pole, section.relative_width)
    return speed_factors.BreitWigner.from_masses(section.mass, section.mediator_mass, section.width)


_LAWS = {
    "s_wave": lambda section, model: speed_factors.SWave(),
    "p_wave": lambda section, model: speed_factors.PWave(),
    "d_wave": lambda section, model: speed_factors.DWave(),
    "inverse_speed": lambda section, model: speed_factors.InverseSpeed(section.saturation),
    "coulomb": lambda section, model: sommerfeld.Coulomb(section.alpha),
    "hulthen": _hulthen,
    "breit_wigner": _breit_wigner,
    "model": lambda section, model: speed_factors.factor_of_model(model.model),
}


def spectrum(section, folder):
    """The spectrum of a [flux] section; `folder` is where its table is."""
    given = {key: getattr(section, name) for name, key in _SHAPE_KEYS.items() if getattr(section, name) is not None}
    if section.spectrum in _SHAPES:
        return _SHAPES[section.spectrum](**given)
    path = folder / section.table
    if section.spectrum == "csv":
        return spectrum_tables.read_spectrum_csv(path)
    read = {"pppc4": spectrum_tables.read_pppc4, "cosmixs": spectrum_tables.read_cosmixs}[section.spectrum]
    return read(path, section.channel)


_SHAPES = {"power_law": spectra.PowerLawSpectrum, "box": spectra.BoxSpectrum, "line": spectra.LineSpectrum}
_SHAPE_KEYS = {
    "index": "index",
    "cut": "cut",
    "norm": "norm",
    "x_low": "low",
    "x_high": "high",
    "x_line": "place",
    "per_annihilation": "number",
}
"""Run-file key to argument of the spectra."""


def particle(config):
    """Mass and (sigma v)_0 of a run file: two Quantities; the latter is what S(v_rel) multiplies."""
    if config.model is None:
        return (None, None) if config.flux is None else (config.flux.mass, config.flux.sigma_v)
    sigma_v = None if config.model.annihilation is None else config.model.annihilation.sigma_v
    law = None if config.annihilation is None else speed_laws(config).get("model")
    return config.model.yields.daughter_mass, getattr(law, "reference", sigma_v)


def pairs(config, section):
    """How a section counts pairs: `SharesOfDarkMatter` of the primordial and the kicked species today."""
    history = build.history(config.decay)
    if history is not None:
        today = history.shares_today
        return SharesOfDarkMatter(today["primordial"], today["daughters"])
    return SharesOfDarkMatter(*(section.shares or config.flux.shares))


def energy_edges(section):
    """Edges of the bins of a [flux] section, even in the logarithm: Quantity [energy], shape (n_bins + 1,)."""
    ends = [units.to_internal(end, "energy") for end in (section.e_min, section.e_max)]
    return units.attach(np.geomspace(*ends, section.n_bins + 1), "energy")


def closures(section):
    """The closures that a [limits] section names: tuple of DwarfClosure."""
    known = dict(zip(CLOSURES, standard_closures(), strict=True))
    if section.largest_v_max is not None:
        name = f"field haloes, V_max up to {section.largest_v_max.to_value('km/s'):g} km/s"
        known[CLOSURES[-1]] = replace(known[CLOSURES[-1]], name=name, largest_v_max=section.largest_v_max)
    return tuple(known[name] for name in section.closures)


def threshold(section):
    """Rise of -2 ln L at the one-sided limit of a [limits] section."""
    if section.confidence == _USUAL_CONFIDENCE:
        return ONE_SIDED_95
    return float(ndtri(section.confidence) ** 2)


def prior(section):
    """How a [limits] section takes measured J-factors."""
    return _PRIORS[section.prior]()


def published_limit(config):
    """The published limit on self-conjugate dark matter of a [limits] section: Quantity, and where it is from."""
    section = config.limits
    if section.published is not None:
        return section.published, "given in the run file"
    mass = particle(config)[0] if section.mass is None else section.mass
    try:
        limit = read_limit(config.folder / section.table)
        if limit.observable != "<sigma v>":
            raise InputError(f"limits.table = {section.table} is of {limit.observable}; a table of <sigma v> is needed")
        return limit.bound(mass=units.quantity(mass, "mass"), pair_factor=1.0).to("cm3/s"), limit.source
    except CosmologyError as error:
        raise InputError(f"limits.table = {section.table}: {error}") from error


def likelihoods(config, names):
    """The profile of each of the dwarfs `names`, from the files of a [limits] section.

    Raises
    ------
    InputError
        A dwarf without a file, a file without a dwarf, or one by energies without [flux] to say which.
    """
    section, found = config.limits, {}
    for name in section.likelihoods:
        profile = read_likelihood_profile(config.folder / name)
        target = _plain(profile.target)
        if target in found:
            raise InputError(f"limits.likelihoods: {name} is a second file of {profile.target}; give one")
        if isinstance(profile, BinnedProfile):
            if config.flux is None:
                raise InputError(
                    f"limits.likelihoods: {name} is by energies, and there is no [flux] to say mass and spectrum"
                )
            profile = profile.for_spectrum(spectrum(config.flux, config.folder), particle(config)[0])
        found[target] = profile
    missing = [name for name in names if _plain(name) not in found]
    foreign = found.keys() - {_plain(name) for name in names}
    if missing or foreign:
        raise InputError(
            f"limits.likelihoods: no file of {', '.join(missing) or 'none missing'}; files of dwarfs that are not in "
            f"the study: {', '.join(sorted(foreign)) or 'none'}; name the same in dwarfs.names"
        )
    return [found[_plain(name)] for name in names]


def measured_j(config):
    """Measured J-factors of a [limits] section's file: dict of plain name to (Quantity, width in dex); empty without.

    The file is CSV with the columns dwarf, log10_j_GeV2_cm-5 and width_dex.
    """
    if config.limits.measured_j is None:
        return {}
    path = config.folder / config.limits.measured_j
    if not path.is_file():
        raise InputError(f"limits.measured_j = {path} does not exist; paths are counted from the run file's folder")
    lines = [line for line in path.read_text(encoding="utf-8-sig").splitlines() if line.strip() and line[0] != "#"]
    rows = [[cell.strip() for cell in row] for row in csv.reader(lines)]
    if not rows or rows[0] != _MEASURED:
        raise InputError(f"{path}: the columns must be {','.join(_MEASURED)}")
    found = {}
    for row in rows[1:]:
        try:
            name, log_j, width = row
            found[_plain(name)] = units.Quantity(10 ** float(log_j), "GeV2 cm-5"), float(width)
        except ValueError as error:
            raise InputError(f"{path}: the row {','.join(row)} is not a name and two numbers") from error
    return found


def of_dwarf(found, name):
    """Entry of a dict by plain names; None if there is none."""
    return found.get(_plain(name))


def _plain(name):
    """Name without accents, spaces and case, as files differ in all of them."""
    return name.lower().replace("ö", "o").replace(" ", "").replace("_", "")
