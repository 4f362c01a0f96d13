r"""Sommerfeld factors: slow particles that attract each other meet more often. Coulomb and Hulthen potentials.

v_rel = |v_1 - v_2|; papers that write :math:`\epsilon_v = v/\alpha` with v = v_rel/2 mean :math:`\epsilon_v =
v_\mathrm{rel}/2\alpha`, which is used here. The Coulomb limit is :math:`2\pi\alpha c/v_\mathrm{rel}`.
"""

import warnings
from dataclasses import dataclass

import numpy as np

from halokick import units
from halokick.constants import SPEED_OF_LIGHT
from halokick.errors import InputError
from halokick.sky.signal_units import SIGMA_V, one_number, strip
from halokick.sky.speed_factors import SpeedFactor

WAVES = ("s", "p")
_GEV2_CM3_PER_S = 1.167329991e-17
"""1 GeV^-2 in cm^3/s: (hbar c)^2 c, CODATA 2018."""


@dataclass(frozen=True)
class Coulomb(SpeedFactor):
    r"""Massless mediator, s-wave: :math:`S = x/(1-e^{-x})`, :math:`x = 2\pi\alpha c/v_\mathrm{rel}` (Sommerfeld 1931).

    Parameters
    ----------
    alpha : float
        Positive where the particles attract each other, negative where they repel.
    """

    alpha: float

    def __post_init__(self):
        object.__setattr__(self, "alpha", _coupling(self.alpha))
        if self.alpha == 0:
            raise InputError("alpha = 0 is no force: use SWave()")

    def _of(self, b):
        with np.errstate(divide="ignore"):
            x = 2 * np.pi * self.alpha / b
        if self.alpha < 0:
            # x/(1 - e^-x) with e^-x overflowing
            return -x * np.exp(x) / -np.expm1(x)
        return x / -np.expm1(-x)


@dataclass(frozen=True)
class Hulthen(SpeedFactor):
    r"""Attraction by a massive mediator, with the Hulthen potential in the place of the Yukawa one.

    .. math:: S_0 = \frac{\pi}{\epsilon_v}\,\frac{\sinh a}{\cosh a - \cos\sqrt D}, \qquad a = \frac{2\pi\epsilon_v}{b},
              \quad b = \frac{\pi^2\epsilon_\phi}{6}, \quad D = \frac{4\pi^2}{b} - a^2, \quad
              \epsilon_v = \frac{v_\mathrm{rel}}{2\alpha c}, \quad \epsilon_\phi = \frac{m_V}{\alpha m}

    (Cassel 2010, arXiv:0903.5307; Slatyer 2010, arXiv:0910.5713). The p-wave is :math:`(v_\mathrm{rel}/c)^2 S_1` with

    .. math:: S_1 = S_0\,\frac{(1/b-1)^2 + 4\epsilon_v^2/b^2}{1 + 4\epsilon_v^2/b^2}

    in which both the s-wave of the force and the free p-wave carry the centrifugal term of Hulthen's form. The factor
    saturates below :math:`v \sim m_V c/m`. There are resonances at :math:`\epsilon_\phi = 6/\pi^2n^2`, close to which
    it rises as :math:`1/v^2`, and there Hulthen's form is a model, not an approximation of the Yukawa potential, whose
    first resonance is at 0.5953 and not at 0.6079.

    Parameters
    ----------
    alpha : float
        Positive.
    mass, mediator_mass : Quantity [energy]
        m and m_V. Give `Hulthen.scaled` :math:`\epsilon_\phi` instead where only that is known.
    wave : {"s", "p"}
    cap : Quantity [volume/time], optional
        The :math:`(\sigma v)_0` that multiplies S. The s-wave is then kept within unitarity, :math:`(\sigma v)_0 S \leq
        4\pi\hbar^2/(m^2 v_\mathrm{rel})`, with a warning where that cuts.
    """

    alpha: float
    mass: units.Quantity
    mediator_mass: units.Quantity
    wave: str = "s"
    cap: units.Quantity | None = None

    def __post_init__(self):
        alpha = _coupling(self.alpha)
        mass = units.to_internal(self.mass, "energy", "mass")
        mediator = units.to_internal(self.mediator_mass, "energy", "mediator_mass")
        if not alpha > 0:
            raise InputError(f"alpha = {self.alpha}; Hulthen's form here is for an attraction: a positive alpha")
        if np.ndim(mass) or np.ndim(mediator) or not (mass > 0 and mediator > 0):
            raise InputError(
                f"mass = {self.mass}, mediator_mass = {self.mediator_mass} must be one positive energy "
                "each; a massless mediator is Coulomb(alpha)"
            )
        if self.wave not in WAVES:
            raise InputError(f"wave = {self.wave!r}; allowed are {', '.join(WAVES)}")
        ceiling = np.inf
        if self.cap is not None:
            if self.wave != "s":
                raise InputError("cap is the unitarity limit of the s-wave; leave it out for wave = 'p'")
            strength = strip(self.cap, SIGMA_V, "cap")
            if np.ndim(strength) or not strength > 0:
                raise InputError(f"cap = {self.cap}; give the one positive (sigma v)_0 that multiplies S")
            ceiling = 4 * np.pi / mass**2 * _GEV2_CM3_PER_S / strength
        values = {"alpha": alpha, "mass": units.attach(mass, "energy"), "_ceiling": ceiling}
        values |= {"mediator_mass": units.attach(mediator, "energy"), "_b": np.pi**2 * mediator / (alpha * mass) / 6}
        for name, value in values.items():
            object.__setattr__(self, name, value)

    @classmethod
    def scaled(cls, alpha, epsilon_phi, wave="s"):
        r"""From :math:`\alpha` and :math:`\epsilon_\phi = m_V/(\alpha m)`; for m = 1 GeV where a mass matters."""
        return cls(alpha, "1 GeV", units.attach(alpha * epsilon_phi, "energy"), wave)

    @property
    def epsilon_phi(self):
        r"""float : :math:`m_V/(\alpha m)`."""
        return 6 * self._b / np.pi**2

    @property
    def sharp_speeds(self):
        """Speeds [km/s] at which unitarity begins to cut."""
        if not np.isfinite(self._ceiling):
            return ()
        v = np.geomspace(1e-12, 1, 4001)
        over = hulthen_s(v / (2 * self.alpha), self._b) * v > self._ceiling
        return tuple(SPEED_OF_LIGHT * v[1:][np.diff(over)])

    def _of(self, b):
        e = b / (2 * self.alpha)
        s = hulthen_s(e, self._b)
        if self.wave == "p":
            ratio = 4 * (e / self._b) ** 2
            return b * b * s * ((1 / self._b - 1) ** 2 + ratio) / (1 + ratio)
        limit = self._ceiling / b
        if np.any(s > limit):
            warnings.warn(
                f"S exceeds s-wave unitarity at v_rel = {SPEED_OF_LIGHT * np.max(b[s > limit]):.3g} km/s and is cut",
                UserWarning,
                stacklevel=4,
            )
        return np.minimum(s, limit)


def hulthen_s(e, b):
    r"""The s-wave factor for :math:`\epsilon_v` = `e` (any shape, positive) and b = :math:`\pi^2\epsilon_\phi/6`.

    With half angles and exponentials of negative arguments, so that nothing overflows or cancels: for D < 0,
    :math:`a - q = (4\pi^2/b)/(a + q)` with :math:`q = \sqrt{-D}`.
    """
    e = np.asarray(e, dtype=float)
    a = 2 * np.pi * e / b
    square = 4 * np.pi**2 / b - a * a
    root = np.sqrt(np.abs(square))
    bound = np.minimum(a, 60.0)
    # sinh a / (cosh a - cos sqrt D), to which a > 60 adds nothing
    resonant = 0.5 * np.sinh(bound) / (np.sinh(0.5 * bound) ** 2 + np.sin(0.5 * root) ** 2)
    apart = (4 * np.pi**2 / b) / (a + root)
    beyond = -np.expm1(-2 * a) / (np.expm1(-(a + root)) * np.expm1(-apart))
    return np.pi / e * np.where(square > 0, resonant, beyond)


def _coupling(alpha):
    return one_number(alpha, "alpha")
