"""Limits in the plane of cross-section and kick, as a run file asks for them."""

import numpy as np

from halokick import units
from halokick.errors import InputError
from halokick.sky.kick_limit import kick_limits
from halokick.sky.likelihood_profile import GaussianProfile
from halokick.sky.linear_suppression import InCone
from halokick.sky.nfw_speeds import SpeedModel
from halokick.sky.speed_factors import SWave
from halokick.sky.stacking import reread_limit
from halokick.study import build_telescope as build
from halokick.study.annihilation_study import mean_speeds
from halokick.study.telescope_result import LimitsRecord

_EVEN = "s_wave"
_ANY_WIDTH = "1e-7 GeV2 cm-2 s-1"
"""A published limit fixes the scale, so that this drops out."""
_STACKED = (
    "published for the stack: read through the ratio of limits from these dwarfs with and without kick, all of them "
    "taken to have the same exposure and many background photons"
)


class EvenSpeed:
    """An s-wave as limits need it, without distributions of speed: <S> = 1."""

    name = _EVEN

    def average(self, kick_speed, v_max):
        """<S>: ndarray."""
        return np.ones(np.broadcast_shapes(np.shape(kick_speed), np.shape(v_max)))


def check_limits(config, catalogue):
    """Refuse before the long work what only shows when files are read."""
    build.pairs(config, config.limits)
    build.measured_j(config)
    if config.limits.likelihoods is None:
        build.published_limit(config)
    else:
        build.likelihoods(config, [dwarf.name for dwarf in catalogue])


def limits_record(config, kicks, dwarfs, progress=None):
    """Record of the section [limits].

    Parameters
    ----------
    config : RunConfig
    kicks : sequence of KickDistribution
    dwarfs : DwarfHaloes
    progress : callable (done, total), optional

    Returns
    -------
    LimitsRecord
    """
    section = config.limits
    angle = dwarfs.angles[0] if section.angle is None else section.angle
    measured = build.measured_j(config)
    draws = [
        [_drawn(dwarfs, one, angle, closure, measured) for one in dwarfs.dwarfs] for closure in build.closures(section)
    ]
    laws = build.speed_laws(config)
    models = [
        EvenSpeed() if isinstance(one, SWave) else SpeedModel(one, law, speeds=dwarfs.speeds)
        for law, one in laws.items()
    ]
    pairs = build.pairs(config, section)
    options = {"linear": InCone(dwarfs.grid), "pairs": pairs, "threshold": build.threshold(section)}
    options |= {"prior": build.prior(section), "progress": progress}
    published, source = None, "likelihoods of the dwarfs, one by one"
    if section.likelihoods is not None:
        profiles = build.likelihoods(config, [dwarf.name for dwarf in dwarfs.dwarfs])
        found = _Found(draws, profiles, kicks, models, options)
        sigma_v, unkicked = found.sigma_v, found.unkicked
    else:
        published, source = build.published_limit(config)
        profiles = [GaussianProfile(_ANY_WIDTH)] * len(dwarfs.dwarfs)
        # limits are published for an s-wave, with which every other law is compared
        found = _Found(draws, profiles, kicks, [EvenSpeed(), *models], options)
        scale = found.unkicked[:, :1]
        sigma_v = reread_limit(published, np.asarray(scale[..., None] / found.sigma_v[:, 1:]), pairs=pairs)
        unkicked = reread_limit(published, np.asarray(scale / found.unkicked[:, 1:]), pairs=pairs)
        source = f"{source}; {_STACKED}"
    point = build.particle(config)[1]
    return LimitsRecord(
        closures=tuple(row[0].closure for row in draws),
        laws=tuple(laws),
        factors=tuple(repr(factor) for factor in laws.values()),
        kicks=tuple(kick.label for kick in kicks),
        mean_speed=mean_speeds(kicks)[1:],
        dwarfs=tuple(dwarf.name for dwarf in dwarfs.dwarfs),
        angle=units.quantity(angle, "angle"),
        sigma_v=sigma_v.to("cm3 s-1"),
        unkicked=unkicked.to("cm3 s-1"),
        log10_j=found.log10_j[:, -len(laws) :],
        width_dex=found.width_dex[:, -len(laws) :],
        v_max=units.attach(
            [[np.percentile(units.to_internal(one.v_max, "speed"), [16, 50, 84]) for one in row] for row in draws],
            "speed",
        ),
        shares=np.array([pairs.first, pairs.second]),
        confidence=section.confidence,
        source=source,
        published=None if published is None else published.to("cm3 s-1"),
        point=None if point is None else point.to("cm3 s-1"),
        settings={
            "prior": section.prior,
            "draws": str(config.dwarfs.draws),
            "seed": str(config.dwarfs.seed),
            "no_limit": "; ".join(found.problems) or "none",
            "measured_j": section.measured_j or "none: J is that of the drawn haloes",
        },
    )


class _Found:
    """What `kick_limits` finds; where it finds no limit for a kick and a law, inf, and why."""

    def __init__(self, draws, profiles, kicks, models, options):
        self.problems = ()
        try:
            found = kick_limits(draws, profiles, kicks, models, **options)
        except InputError:
            self._one_by_one(draws, profiles, kicks, models, options)
            return
        self.sigma_v, self.unkicked = found.sigma_v, found.unkicked
        self.log10_j, self.width_dex = found.log10_j, found.width_dex

    def _one_by_one(self, draws, profiles, kicks, models, options):
        problems = []
        shape = (len(draws), len(models), len(kicks))
        sigma_v, unkicked = np.full(shape, np.inf), np.full(shape[:2], np.inf)
        self.log10_j = np.full((*shape, len(profiles)), -np.inf)
        self.width_dex = np.full((*shape, len(profiles)), np.inf)
        for m, model in enumerate(models):
            for k, kick in enumerate(kicks):
                try:
                    one = kick_limits(draws, profiles, [kick], [model], **options)
                except InputError as error:
                    problems.append(f"{kick.label}, {model.name}: {error}")
                    continue
                sigma_v[:, m, k], unkicked[:, m] = (q[:, 0].value.ravel() for q in (one.sigma_v, one.unkicked))
                self.log10_j[:, m, k], self.width_dex[:, m, k] = one.log10_j[:, 0, 0], one.width_dex[:, 0, 0]
        if len(problems) == len(models) * len(kicks):
            raise InputError(f"[limits]: there is no limit for any kick: {problems[0]}")
        self.sigma_v, self.unkicked = (units.Quantity(values, "cm3 s-1") for values in (sigma_v, unkicked))
        self.problems = tuple(problems)


def _drawn(dwarfs, dwarf, angle, closure, measured):
    draws = dwarfs.draws(dwarf, angle, closure)
    if not measured:
        return draws
    given = build.of_dwarf(measured, dwarf.name)
    if given is None:
        raise InputError(f"limits.measured_j has no row for {dwarf.name}; give one for each dwarf of the study")
    return draws.with_measured_j(*given)
