r"""How much of B - L becomes baryons: sphalerons for any number of generations and doublets, and any light spectrum.

Chemical potentials of a species count by a weight k per degree of freedom: 1 for a light Weyl fermion, 2 for a light
complex scalar, and for massive ones, with r = m/T,

.. math:: k_{F,B}(r) = \frac{6}{\pi^2}\int_r^\infty\!dx\,x\sqrt{x^2 - r^2}\,\frac{e^x}{(e^x \pm 1)^2} .

Superpartners share the potential of their partners (fast gaugino exchange). Sphalerons,
:math:`3N_G\mu_Q + \sum\mu_{L_i} = 0`, Yukawa couplings and zero hypercharge then leave one number,
:math:`c = B/(B-L)`. Our derivation; Hall, March-Russell & West (2010), Eq. (3.1), is the light limit.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import ClassVar

import numpy as np

from cosmology import constants, units
from cosmology.errors import InputError
from cosmology.particle_input import checked_positive
from cosmology.relic import baryon_density_ratio
from cosmology.units import Quantity

PAPER_DENSITY_RATIO = 4.86
"""float : Omega_DM/Omega_b of the paper."""

SPHALERON_TEMPERATURE = Quantity(131.7, "GeV")
"""Quantity : at which sphalerons stop in the Standard Model, D'Onofrio, Rummukainen & Tranberg 2014 (1404.3565)."""

SPECIES = ("left_squarks", "right_up_squarks", "right_down_squarks", "left_sleptons", "right_sleptons")
"""tuple of str : superpartners that may be light, in all generations."""

_HEAVY = 500.0


@lru_cache(maxsize=256)
def fermion_weight(mass_over_temperature):
    """k_F of a Weyl fermion, 1 if massless; float."""
    return _weight(float(mass_over_temperature), 1.0)


@lru_cache(maxsize=256)
def boson_weight(mass_over_temperature):
    """k_B of a complex scalar, 2 if massless; float."""
    return _weight(float(mass_over_temperature), -1.0)


def light_sphaleron_factor(generations=3, doublets=1, phase="symmetric"):
    r"""c of light Standard Model particles, float.

    .. math:: c = \frac{8N_G + 4N_H}{22N_G + 13N_H}, \qquad
        c_\mathrm{broken} = \frac{8N_G + 4(N_H + 2)}{24N_G + 13(N_H + 2)}

    Hall, March-Russell & West (2010), Eq. (3.1): 28/79 and 8/23 for one and two doublets. The second holds for
    sphalerons that stop after the transition, with zero electric charge instead of hypercharge: 12/37.

    Parameters
    ----------
    generations, doublets : int
    phase : {"symmetric", "broken"}
    """
    _check_counts(generations, doublets)
    if phase == "symmetric":
        return (8 * generations + 4 * doublets) / (22 * generations + 13 * doublets)
    if phase == "broken":
        higgs = doublets + 2
        return (8 * generations + 4 * higgs) / (24 * generations + 13 * higgs)
    raise InputError(f"phase = {phase!r}; allowed: 'symmetric', 'broken'")


def sphaleron_factor(weights, higgs_weight, flavours=None):
    r"""c = B/(B - L) for any weights, float.

    Parameters
    ----------
    weights : dict
        ``"Q"``, ``"u"``, ``"d"``, ``"L"``, ``"e"`` -> weights of the generations, a sequence: 1 if only the fermion is
        light, 1 + `boson_weight` with its partner.
    higgs_weight : float
        Of all doublets: 2 per light one, and 1 more for each light higgsino.
    flavours : sequence, optional
        Where lepton flavours do not mix: the parts of :math:`B/N_G - L_i` that were made. If not given they mix, and
        all leptons share one potential.

    Raises
    ------
    InputError
        Weights that do not belong together, or no B - L.
    """
    k = {name: np.asarray(weights[name], dtype=float) for name in ("Q", "u", "d", "L", "e")}
    count = len(k["Q"])
    if any(one.shape != (count,) for one in k.values()):
        raise InputError("weights: Q, u, d, L and e need one weight per generation each")
    total = {name: one.sum() for name, one in k.items()}
    charge = 2 * total["Q"] + total["u"] + total["d"], total["u"] - total["d"]  # of baryons, per mu_Q and per mu_H
    # unknowns: mu_Q, mu_H, mu_L of each generation
    rows = np.zeros((count + 2, count + 2))
    rows[0, 0], rows[0, 2:] = 3 * count, 1  # sphalerons
    rows[1, 0] = total["Q"] + 2 * total["u"] - total["d"]  # hypercharge
    rows[1, 1] = 2 * total["u"] + total["d"] + total["e"] + higgs_weight
    rows[1, 2:] = -k["L"] - k["e"]
    rows[2:, 0], rows[2:, 1] = charge[0] / count, charge[1] / count + k["e"]
    rows[2:, 2:] = -np.diag(2 * k["L"] + k["e"])
    right = np.zeros(count + 2)
    if flavours is None:
        # what mixes is the sum alone, with equal potentials
        rows[2] = rows[2:].sum(axis=0)
        rows[3:] = 0.0
        for i in range(1, count):
            rows[2 + i, 2], rows[2 + i, 2 + i] = 1, -1
        right[2] = 1.0
    else:
        made = np.asarray(flavours, dtype=float)
        if made.shape != (count,) or not np.all(np.isfinite(made)) or made.sum() == 0:
            raise InputError(f"flavours = {flavours}; one part per generation is needed, whose sum is not 0")
        right[2:] = made / made.sum()
    potentials = np.linalg.solve(rows, right)
    return float(charge[0] * potentials[0] + charge[1] * potentials[1])


@dataclass(frozen=True)
class SymmetricPhase:
    """Light Standard Model particles, sphalerons until the transition: Eq. (3.1).

    Parameters
    ----------
    generations, doublets : int
    """

    generations: int = 3
    doublets: int = 1
    kind: ClassVar[str] = "symmetric_phase"
    by_sphalerons: ClassVar[bool] = True

    def __post_init__(self):
        _check_counts(self.generations, self.doublets)

    @property
    def factor(self):
        """float : c."""
        return light_sphaleron_factor(self.generations, self.doublets)


@dataclass(frozen=True)
class BrokenPhase(SymmetricPhase):
    """The same with sphalerons that go on after the transition."""

    kind: ClassVar[str] = "broken_phase"

    @property
    def factor(self):
        """float : c."""
        return light_sphaleron_factor(self.generations, self.doublets, "broken")


@dataclass(frozen=True)
class Superpartners:
    """Some superpartners light.

    Parameters
    ----------
    light : tuple of str
        Of `SPECIES`, massless; the others are heavy.
    masses : dict
        Species -> m/T when sphalerons stop, for those in between.
    doublets : int
        Light Higgs doublets.
    higgsinos : int
        Light ones.
    flavours : tuple of float, optional
        See `sphaleron_factor`.
    """

    light: tuple = ()
    masses: dict = field(default_factory=dict)
    doublets: int = 2
    higgsinos: int = 0
    flavours: tuple | None = None
    kind: ClassVar[str] = "superpartners"
    by_sphalerons: ClassVar[bool] = True
    generations: ClassVar[int] = 3

    def __post_init__(self):
        object.__setattr__(self, "light", tuple(self.light))
        _check_counts(self.generations, self.doublets)
        named = (*self.light, *self.masses)
        foreign = [name for name in named if name not in SPECIES]
        if foreign or len(set(named)) < len(named):
            raise InputError(f"light = {list(named)}; allowed, each once: {', '.join(SPECIES)}")
        if any(not ratio >= 0 for ratio in self.masses.values()):
            raise InputError(f"masses = {self.masses}; each m/T is zero or more")
        if isinstance(self.higgsinos, bool) or not isinstance(self.higgsinos, int) or self.higgsinos < 0:
            raise InputError(f"higgsinos = {self.higgsinos!r}; a number of light ones is needed, 0 or more")
        if self.flavours is not None:
            object.__setattr__(self, "flavours", tuple(float(one) for one in self.flavours))
        _ = self.factor

    @property
    def factor(self):
        """float : c."""
        ratios = dict.fromkeys(self.light, 0.0) | dict(self.masses)
        names = zip(("Q", "u", "d", "L", "e"), SPECIES, strict=True)
        weights = {key: [1 + boson_weight(ratios.get(name, _HEAVY))] * self.generations for key, name in names}
        return sphaleron_factor(weights, 2.0 * self.doublets + self.higgsinos, self.flavours)


@dataclass(frozen=True)
class DirectBaryons:
    """Baryons made with X themselves, as by UDDX, and no sphalerons: c = 1."""

    kind: ClassVar[str] = "direct"
    by_sphalerons: ClassVar[bool] = False
    factor: ClassVar[float] = 1.0


@dataclass(frozen=True)
class GivenFactor:
    """c from elsewhere.

    Parameters
    ----------
    value : float
        Of either sign, such as -0.05, which the paper quotes for lepton flavours that do not mix.
    """

    value: float
    kind: ClassVar[str] = "given"
    by_sphalerons: ClassVar[bool] = True

    def __post_init__(self):
        value = units.to_internal(self.value, "dimensionless", "sphaleron_factor")
        if np.ndim(value) or value == 0 or abs(value) > _LARGEST_FACTOR:
            raise InputError(f"sphaleron_factor = {self.value}; one number is needed, not 0, up to {_LARGEST_FACTOR:g}")
        object.__setattr__(self, "value", float(value))

    @property
    def factor(self):
        """float : c."""
        return self.value


Conversion = SymmetricPhase | Superpartners | DirectBaryons | GivenFactor
_LARGEST_FACTOR = 10.0


def relic_mass(factor, density_ratio=PAPER_DENSITY_RATIO):
    r"""Mass of X, :math:`m_X = |c|\,m_p\,\Omega_{DM}/\Omega_b`, Quantity: Eqs. (3.2) to (3.4).

    1.616, 1.586 and 4.560 GeV for 28/79, 8/23 and 1, and from 0.360 (c = 0.079) to 2.76 GeV (0.606).
    """
    c = np.abs(np.asarray(units.to_internal(factor, "dimensionless", "factor")))
    return baryon_density_ratio(checked_positive(density_ratio, "dimensionless", "density_ratio")) * c


def baryons_per_relic(conversion, share_in_time=1.0):
    """Baryon number per X number made, signed: -c times the share made while sphalerons act; B - L is minus X."""
    return -conversion.factor * (share_in_time if conversion.by_sphalerons else 1.0)


def observed_asymmetry(conversion, share_in_time=1.0):
    """X number per entropy that makes the observed baryons, signed float."""
    return constants.BARYON_YIELD / baryons_per_relic(conversion, share_in_time)


def _weight(ratio, sign):
    """The integral over the momentum, x^2 = r^2 + p^2: by parts, (3/pi^2) of (2 p^2 + r^2)/x over e^x +- 1."""
    if not ratio >= 0:
        raise InputError(f"m/T = {ratio}; it is zero or more")
    if ratio > 100:
        return 0.0
    node, weight = np.polynomial.legendre.leggauss(200)
    top = np.sqrt(60.0)
    root = top * (node + 1) / 2
    # x = r + v^2 takes the root at the threshold away
    x = ratio + root**2
    momentum = root * np.sqrt(root**2 + 2 * ratio)
    derivative = 1 / (2 + 2 * np.cosh(np.minimum(x, 700))) if sign > 0 else 0.25 / np.sinh(np.minimum(x, 700) / 2) ** 2
    return float(6 / np.pi**2 * np.sum(weight * top / 2 * 2 * root * x * momentum * derivative))


def _check_counts(generations, doublets):
    for name, value, least in (("generations", generations, 1), ("doublets", doublets, 0)):
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
            raise InputError(f"{name} = {value!r}; a whole number from {least} is needed")
