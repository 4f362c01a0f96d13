"""What a study found of a particle model, as frozen records of Quantities, numbers and texts."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from halokick.study.record_base import Record


@dataclass(frozen=True, eq=False)
class LimitRecord(Record):
    """Answer of one limit; the entries are those of `cosmology.limits.LimitResult`.

    Attributes
    ----------
    name, source, convention, applies_to, validity, observable, sense : str
    value, bound : Quantity or None
        The model's number, and the limit on it.
    status : str
        ``"satisfied"``, ``"excluded"`` or ``"not applicable"``.
    reason : str
    """

    name: str
    source: str
    convention: str
    applies_to: str
    validity: str
    observable: str
    sense: str
    value: object
    bound: object
    status: str
    reason: str

    @property
    def excess(self):
        """Value over bound, or bound over value for a lower bound: above 1 is beyond the bound; None without both."""
        if self.value is None or self.bound is None:
            return None
        top, bottom = (self.value, self.bound) if self.sense == "at most" else (self.bound, self.value)
        return float((top / bottom).to_value(""))


@dataclass(frozen=True, eq=False)
class DwarfReading(Record):
    """The gamma-ray limit from a stack of dwarfs, read through the suppression that the same model's kick causes.

    Attributes
    ----------
    names : tuple of str
        The stack: those of the published limit that are in the study.
    angle : Quantity [angle]
        Half-angle of the cone.
    stacked : ndarray, shape (3,)
        Suppression of the stack, weighted by J without kick: all its dwarfs at the 16th, 50th and 84th percentile.
    kicked_share : float
        Share of today's pairs of which one partner is from a decay; the others are what freeze-out has left, and were
        not kicked.
    suppression : ndarray, shape (3,)
        1 - kicked_share (1 - stacked): through which the limit is read, at the median.
    no_kick : LimitRecord
        The limit as it would be without a kick.
    """

    names: tuple
    angle: object
    stacked: np.ndarray
    kicked_share: float
    suppression: np.ndarray
    no_kick: LimitRecord


@dataclass(frozen=True, eq=False)
class OriginRecord(Record):
    """The model whose history made the asymmetries of another one.

    Attributes
    ----------
    name : str
    summary, yields, limits, statements
        Of that model by itself, as in `ModelRecord`.
    parent_asymmetry, daughter_asymmetry : float
        (n - nbar)/s that it handed over, signed.
    parent_part : float or None
        Part of its asymmetry that went to the parents; None if it makes both species itself.
    """

    name: str
    summary: Mapping
    yields: Mapping
    limits: tuple
    statements: tuple
    parent_asymmetry: float
    daughter_asymmetry: float
    parent_part: float | None = None


@dataclass(frozen=True, eq=False)
class ModelRecord(Record):
    r"""A particle model: what it left, what it handed to the halo, and what it meets.

    Attributes
    ----------
    name : str
    config : str
        The resolved [model] section as TOML text.
    summary : mapping of str to Quantity or str
        As the model itself gives it.
    yields : mapping of str to Quantity, float or str
        What the early universe left; without a parent, nothing of one.
    parent_mass, daughter_mass : Quantity [mass]
        The parents' is None if there are none.
    lifetime, age : Quantity [time]
        None, as is the kick, without late decay.
    kick : str or None
        Label of the kick.
    shares : mapping of str to float
        Today's, as in `SkyRecord`; empty without late decay.
    remainder : float
        n_particle n_antiparticle over the square of all, of pairs that freeze-out left and no decay made: 0 in a
        purely asymmetric beginning.
    sigma_v : Quantity [volume/time] or None
        Today, of one daughter with one antidaughter; None, as are the next two, if the model does not say.
    sigma_v_depends_on_speed : bool or None
    flux_factor : Quantity or None
        :math:`\langle\sigma v\rangle/(4\pi m^2)`, m the daughter's mass: times J and shares it is the number of
        annihilations whose products one would count, per area and time and product.
    limits : tuple of LimitRecord
        Those from dwarf galaxies are read through the suppression where `dwarfs` is there.
    statements : tuple of str
        Verbal statements of papers that concern the model.
    dwarfs : DwarfReading or None
        Where the study has dwarfs of a published stack, and the model a channel with such a limit.
    origin : OriginRecord or None
        Where the asymmetries are from, if they are another model's.
    """

    name: str
    config: str
    summary: Mapping
    yields: Mapping
    parent_mass: object
    daughter_mass: object
    lifetime: object
    age: object
    kick: str | None
    shares: Mapping
    remainder: float
    sigma_v: object
    sigma_v_depends_on_speed: bool | None
    flux_factor: object
    limits: tuple
    statements: tuple
    dwarfs: DwarfReading | None = None
    origin: OriginRecord | None = None
