r"""Heavy neutrinos and their couplings to both sectors, and the sums over them on which every rate depends.

.. math:: -\mathcal L \supset y_{ia}\,H\ell_iN_a + \lambda_a\,\phi\chi N_a + \tfrac12M_aN_aN_a + \mathrm{h.c.}

Asadi, Moore, Morrissey & Shamma (2025), Eqs. (2) to (5), (36), (56), (59) and (78). `Couplings` are bare arrays, for
many points at once; `TwoNeutrinos` and `GeneralNeutrinos` are what users write.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from cosmology import units
from cosmology.errors import InputError
from cosmology.particle_input import PERTURBATIVE_COUPLING, checked_positive
from cosmology.units import Quantity

FLAVOURS = 3
HIGGS_VEV = 246.0
"""Higgs vacuum expectation value [GeV]."""
LARGEST_NEUTRINO_MASS = "0.07 eV"
"""str : largest mass that the exchange of N_a may give to a light neutrino, Eq. (5)."""

BENCHMARKS = {
    "B1": (-2 * np.pi / 3, np.pi / 4),
    "B2": (-np.pi / 3, np.pi / 4),
    "B3": (-0.5214922603280384 * np.pi, np.pi / 4),
    "B4": (-2 * np.pi / 3, 0.6052133318701072 * np.pi),
}
"""dict : name -> phases (alpha, beta) of Eq. (59). B3 has no visible source and B4 no dark one: these are the roots
themselves, since beside a rounded one of B4 the source that is left rivals the visible one. Alpha of B3 is negative;
with the printed positive sign neither source vanishes."""


class CouplingSums(NamedTuple):
    """Sums over the heavy neutrinos, Eq. (78) [powers of GeV]; i and j are flavours, after the axes of the points."""

    a: np.ndarray
    a3: np.ndarray
    b: np.ndarray
    b3: np.ndarray
    c: np.ndarray
    c3: np.ndarray
    d: np.ndarray


@dataclass(frozen=True, eq=False)
class Couplings:
    """Couplings of one point or of many, as arrays with the axes of the points in front.

    Parameters
    ----------
    masses : ndarray (..., a)
        M_a [GeV]; the first is M_1, to which everything is referred.
    lepton : ndarray (..., i, a) of complex
        y_ia.
    dark : ndarray (..., a) of complex
        lambda_a.
    """

    masses: np.ndarray
    lepton: np.ndarray
    dark: np.ndarray

    @property
    def lightest(self):
        """M_1 [GeV], shape of the points."""
        return self.masses[..., 0]

    def sums(self):
        """`CouplingSums`, Eq. (78)."""
        y, lam, m = self.lepton, self.dark, self.masses
        return CouplingSums(
            a=np.einsum("...ia,...ja,...a->...ij", y, y, 1 / m),
            a3=np.einsum("...ia,...ja,...a->...ij", y, y, m**-3.0),
            b=np.sum(lam**2 / m, axis=-1),
            b3=np.sum(lam**2 / m**3, axis=-1),
            c=np.einsum("...ia,...a->...i", y, lam / m),
            c3=np.einsum("...ia,...a->...i", y, lam / m**3),
            d=np.einsum("...ia,...a->...i", y, np.conj(lam) / m**2),
        )

    def neutrino_mass(self):
        r"""Largest mass given to a light neutrino [GeV], Eqs. (4) and (5).

        It is the largest singular value of :math:`(v^2/2)A_{ij}`, which with the same couplings for all flavours is
        :math:`(3/2)v^2|\sum_a y_a^2/M_a|`.
        """
        return HIGGS_VEV**2 / 2 * np.linalg.norm(self.sums().a, ord=2, axis=(-2, -1))

    def widths(self):
        r"""Widths of N_a to leptons, over flavours, and to the dark pair, :math:`(\Gamma_{\ell H}, \Gamma_{\chi\phi})`.

        Each is one of two conjugate modes, Eq. (36) [GeV], shape (..., a).
        """
        lepton = np.sum(np.abs(self.lepton) ** 2, axis=-2) * self.masses / (16 * np.pi)
        return lepton, np.abs(self.dark) ** 2 * self.masses / (32 * np.pi)

    def largest(self):
        """Largest absolute value of any coupling, shape of the points."""
        lepton = np.max(np.abs(self.lepton), axis=(-2, -1))
        return np.maximum(lepton, np.max(np.abs(self.dark), axis=-1))


def two_neutrinos(mass, alpha, beta, dark, lepton=None, mass_ratio=3.0, lepton_ratio=2.0, dark_ratio=1.0, cap=0.07e-9):
    r"""Couplings that are the same for all flavours, for two heavy neutrinos, Eq. (56), for arrays of every argument.

    :math:`M_2 = RM_1`, :math:`y_1 = |y_1|e^{i\alpha}`, :math:`y_2 = q|y_1|`, :math:`\lambda_1 = |\lambda_1|e^{i\beta}`,
    :math:`\lambda_2 = p|\lambda_1|`.

    Parameters
    ----------
    mass : array
        M_1 [GeV].
    alpha, beta, dark : array
        Phases and :math:`|\lambda_1|`.
    lepton : array, optional
        :math:`|y_1|`; the largest that the light neutrinos allow, `largest_lepton_coupling`, if not given.
    mass_ratio, lepton_ratio, dark_ratio : array
        R, q and p.
    cap : float
        Largest mass of a light neutrino [GeV].

    Returns
    -------
    Couplings
    """
    if lepton is None:
        lepton = largest_lepton_coupling(mass, alpha, mass_ratio, lepton_ratio, cap)
    mass, alpha, beta, dark, lepton, mass_ratio, lepton_ratio, dark_ratio = np.broadcast_arrays(
        mass, alpha, beta, dark, lepton, mass_ratio, lepton_ratio, dark_ratio
    )
    y = np.stack([lepton * np.exp(1j * alpha), lepton_ratio * lepton + 0j], axis=-1)
    return Couplings(
        masses=np.stack([mass, mass_ratio * mass], axis=-1).astype(float),
        lepton=np.repeat(y[..., np.newaxis, :], FLAVOURS, axis=-2),
        dark=np.stack([dark * np.exp(1j * beta), dark_ratio * dark + 0j], axis=-1),
    )


def largest_lepton_coupling(mass, alpha, mass_ratio=3.0, lepton_ratio=2.0, cap=0.07e-9):
    r"""Largest :math:`|y_1|` that keeps light neutrinos below a mass [GeV], from Eqs. (4) and (5).

    .. math:: |y_1|^2 = \frac{\Delta m_\nu M_1}{\frac32v^2\,|e^{2i\alpha} + q^2/R|}

    Where the two contributions cancel there is no largest one, and this is infinite.
    """
    with np.errstate(divide="ignore"):
        return np.sqrt(cap * mass / (1.5 * HIGGS_VEV**2 * np.abs(np.exp(2j * alpha) + lepton_ratio**2 / mass_ratio)))


@dataclass(frozen=True, kw_only=True)
class TwoNeutrinos:
    r"""Two heavy neutrinos with the same couplings to all flavours, Eq. (56).

    Parameters
    ----------
    mass : Quantity [mass]
        M_1.
    alpha, beta : float
        Phases of y_1 and of lambda_1 [rad]; those of `BENCHMARKS` by `benchmark`.
    dark_coupling : float
        :math:`|\lambda_1|`.
    lepton_coupling : float, optional
        :math:`|y_1|`. If not given, the largest that the mass of the light neutrinos allows.
    mass_ratio, lepton_ratio, dark_ratio : float
        :math:`M_2/M_1`, :math:`y_2/|y_1|` and :math:`\lambda_2/|\lambda_1|`.
    largest_neutrino_mass : Quantity [mass]
        That mass, Eq. (5).

    Raises
    ------
    UnitError, InputError
        A bare mass, values without meaning, couplings above :math:`\sqrt{4\pi}`.
    """

    mass: Quantity
    alpha: float
    beta: float
    dark_coupling: float
    lepton_coupling: float | None = None
    mass_ratio: float = 3.0
    lepton_ratio: float = 2.0
    dark_ratio: float = 1.0
    largest_neutrino_mass: Quantity = LARGEST_NEUTRINO_MASS

    def __post_init__(self):
        for name in ("mass", "largest_neutrino_mass"):
            object.__setattr__(self, name, units.attach(_one_positive(getattr(self, name), "mass", name), "mass"))
        for name in ("alpha", "beta"):
            value = units.to_internal(getattr(self, name), "dimensionless", name)
            if np.ndim(value):
                raise InputError(f"{name} = {value}; one phase in radians is needed")
            object.__setattr__(self, name, value)
        for name in ("dark_coupling", "lepton_coupling", "mass_ratio", "lepton_ratio", "dark_ratio"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, _one_positive(getattr(self, name), "dimensionless", name))
        if self.mass_ratio < 1:
            raise InputError(f"mass_ratio = {self.mass_ratio}; N_1 is the lightest, so M_2/M_1 is at least 1")
        check_perturbative(self.couplings())

    @classmethod
    def benchmark(cls, phases, *, mass, dark_coupling, **others):
        """The same with phases by the name of `BENCHMARKS`: ``"B1"`` to ``"B4"``."""
        if phases not in BENCHMARKS:
            raise InputError(f"phases = {phases!r}; known are {', '.join(BENCHMARKS)}, or give alpha and beta")
        alpha, beta = BENCHMARKS[phases]
        return cls(mass=mass, alpha=alpha, beta=beta, dark_coupling=dark_coupling, **others)

    def couplings(self):
        """As arrays, a `Couplings`."""
        return two_neutrinos(
            self.mass.to_value("GeV"),
            self.alpha,
            self.beta,
            self.dark_coupling,
            self.lepton_coupling,
            self.mass_ratio,
            self.lepton_ratio,
            self.dark_ratio,
            self.largest_neutrino_mass.to_value("GeV"),
        )


@dataclass(frozen=True, kw_only=True)
class GeneralNeutrinos:
    r"""Any number of heavy neutrinos with any couplings.

    Parameters
    ----------
    masses : sequence of Quantity [mass]
        M_a, rising.
    lepton_couplings : three sequences of complex
        y_ia, one row for each flavour.
    dark_couplings : sequence of complex
        lambda_a.
    largest_neutrino_mass : Quantity [mass]
        What the light neutrinos may weigh; here it is a limit, it sets no coupling.

    Raises
    ------
    UnitError, InputError
        Bare masses, shapes that do not match, masses that do not rise, couplings above :math:`\sqrt{4\pi}`.
    """

    masses: tuple
    lepton_couplings: tuple
    dark_couplings: tuple
    largest_neutrino_mass: Quantity = LARGEST_NEUTRINO_MASS

    def __post_init__(self):
        masses = np.atleast_1d(checked_positive(self.masses, "mass", "masses"))
        if np.any(np.diff(masses) < 0):
            raise InputError(f"masses = {self.masses}; give M_1, the lightest, first, and then rising ones")
        cap = _one_positive(self.largest_neutrino_mass, "mass", "largest_neutrino_mass")
        try:
            lepton = np.array(self.lepton_couplings, dtype=complex)
            dark = np.array(self.dark_couplings, dtype=complex)
        except (TypeError, ValueError) as error:
            raise InputError(f"couplings: {error}; give complex numbers, in {FLAVOURS} rows and in one") from error
        if lepton.shape != (FLAVOURS, len(masses)) or dark.shape != masses.shape:
            raise InputError(
                f"lepton_couplings has the shape {lepton.shape} and dark_couplings {dark.shape}; {len(masses)} masses "
                f"need ({FLAVOURS}, {len(masses)}), one row for each flavour, and ({len(masses)},)"
            )
        if not (np.all(np.isfinite(lepton)) and np.all(np.isfinite(dark))):
            raise InputError("lepton_couplings and dark_couplings have to be finite")
        object.__setattr__(self, "masses", tuple(units.attach(one, "mass") for one in masses))
        object.__setattr__(self, "lepton_couplings", tuple(tuple(row) for row in lepton.tolist()))
        object.__setattr__(self, "dark_couplings", tuple(dark.tolist()))
        object.__setattr__(self, "largest_neutrino_mass", units.attach(cap, "mass"))
        check_perturbative(self.couplings())

    @property
    def mass(self):
        """M_1, Quantity."""
        return self.masses[0]

    def couplings(self):
        """As arrays, a `Couplings`."""
        return Couplings(
            masses=np.array([one.to_value("GeV") for one in self.masses]),
            lepton=np.array(self.lepton_couplings, dtype=complex),
            dark=np.array(self.dark_couplings, dtype=complex),
        )


def check_perturbative(couplings):
    r"""Refuse couplings above :math:`\sqrt{4\pi}`."""
    largest = float(np.max(couplings.largest()))
    if not largest <= PERTURBATIVE_COUPLING * (1 + 1e-12):
        raise InputError(
            f"couplings reach {largest:.4g}; up to sqrt(4 pi) = {PERTURBATIVE_COUPLING:.4g} is allowed, above which "
            "perturbation theory has no meaning. Lower them; if |y_1| is left to the neutrino masses, lower M_1 or "
            "move alpha away from where the contributions to those masses cancel"
        )


def _one_positive(value, dimension, name):
    value = checked_positive(value, dimension, name)
    if np.ndim(value):
        raise InputError(f"{name} = {value}; one value is needed")
    return value
