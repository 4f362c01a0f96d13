"""The section [flux]: mass, cross-section and spectrum, which turn J-factors into fluxes."""

from typing import ClassVar

from halokick.sky.signal_units import SIGMA_V
from halokick.study.config_fields import number, numbers, one_of, quantity_of, signal_of, text, whole_number
from halokick.study.config_section import Section

SPECTRA = {
    "power_law": ("index", "cut", "norm"),
    "box": ("x_low", "x_high", "per_annihilation"),
    "line": ("x_line", "per_annihilation"),
    "pppc4": ("table", "channel"),
    "cosmixs": ("table", "channel"),
    "csv": ("table",),
}
"""Spectrum in a run file, and the keys that belong to it; the last three are files that users bring."""

_KEYS = tuple(dict.fromkeys(key for keys in SPECTRA.values() for key in keys))
_NEEDED = {"table": 'the file, like "AtProduction-Gamma.dat"', "channel": 'as in its header, like "b"'}


class FluxSection(Section):
    """What is counted, of which particles; `mass` and `sigma_v` come from a [model] where there is one."""

    title: ClassVar[str] = "flux"

    mass: quantity_of("energy") = None
    sigma_v: signal_of(SIGMA_V) = None
    shares: numbers(low=0.0, high=1.0, low_allowed=False) = None
    spectrum: one_of(*SPECTRA) = None
    table: text() = None
    channel: text() = None
    index: number(low=-10.0, high=10.0) = None
    cut: number(low=0.0) = None
    norm: number(low=0.0, low_allowed=False) = None
    x_low: number(low=0.0, high=1.0) = None
    x_high: number(low=0.0, high=1.0, low_allowed=False) = None
    x_line: number(low=0.0, high=1.0, low_allowed=False) = None
    per_annihilation: number(low=0.0, low_allowed=False) = None
    e_min: quantity_of("energy") = None
    e_max: quantity_of("energy") = None
    n_bins: whole_number(1, 10_000) = 20

    def contradictions(self, given):
        """See `Section.contradictions`."""
        if "spectrum" not in given:
            yield self.problem("spectrum", "missing", f"one of {', '.join(SPECTRA)}")
        if self.spectrum is not None:
            own = SPECTRA[self.spectrum]
            for key in (key for key in _KEYS if key in given and key not in own):
                said = f'does not belong to spectrum = "{self.spectrum}"'
                yield self.problem(key, said, ", ".join(own), given)
            for key, allowed in _NEEDED.items():
                if key in own and key not in given:
                    yield self.problem(key, f'missing for spectrum = "{self.spectrum}"', allowed)
        for key, example in (("e_min", "0.5 GeV"), ("e_max", "500 GeV")):
            if key not in given:
                yield self.problem(key, "missing", f'an energy, like "{example}"')
        if self.e_min is not None and self.e_max is not None and self.e_min >= self.e_max:
            yield self.problem("e_max", "not above e_min", f"above {self.e_min}", given)
        yield from shares_problems(self, given)


def shares_problems(section, given):
    """What is wrong with the shares of the two species in a section."""
    if section.shares is None:
        return
    if len(section.shares) != 2 or sum(section.shares) > 1 + 1e-12:
        said = "not two shares of the dark matter"
        allowed = "those of the primordial and of the kicked species today, together at most 1, like [0.5, 0.5]"
        yield section.problem("shares", said, allowed, given)
