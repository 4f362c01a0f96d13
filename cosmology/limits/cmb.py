r"""Energy injected into the gas at z of 600: :math:`P f_\mathrm{eff} \langle\sigma v\rangle < p_\mathrm{ann} m`."""

from dataclasses import dataclass
from typing import ClassVar

from cosmology import units
from cosmology.errors import InputError
from cosmology.limits.base import SELF_CONJUGATE, Limit, OutsideValidity, fraction, measure, positive
from cosmology.limits.energy_deposition import f_eff as deposited_share
from cosmology.limits.expansion import cosmic_age
from cosmology.limits.pairs import pair_factor_at
from cosmology.units import Quantity


@dataclass(frozen=True, kw_only=True)
class CmbEnergyInjection(Limit):
    r"""Limit on annihilation from the CMB, :math:`\sigma_\mathrm{max} = p_\mathrm{ann} m / (f_\mathrm{eff} P)`.

    The pair factor is taken at the redshift where the CMB is most sensitive, z = 600 (Finkbeiner et al. 2012,
    arXiv:1109.6322), 3.1e13 s after the beginning: for slow decays it is about Gamma t(600)/2. An s-wave cross-section
    is assumed, the same then as at any other time.

    Attributes
    ----------
    p_ann : Quantity [cm^3/s/GeV]
        Upper limit at 95 per cent.
    z_eff : float
    """

    p_ann: Quantity
    z_eff: float = 600.0

    observable: ClassVar[str] = "<sigma v>"

    def bound(self, *, mass, pair_factor, channel=None, f_eff=None, width=None):
        """Largest <sigma v>.

        Parameters
        ----------
        mass : Quantity [mass]
        pair_factor : float or callable
            P at `z_eff`, or a function of Gamma t such as `cosmology.limits.pairs.PairBuildUp` (then `width` too).
        channel : str, optional
            See `cosmology.limits.energy_deposition.f_eff`; or give
        f_eff : float, optional
            the share of the energy itself.
        width : Quantity [width], optional

        Returns
        -------
        Quantity [sigma_v]

        Raises
        ------
        OutsideValidity
            Where f_eff of the channel is not known, there are no pairs, or neither `channel` nor `f_eff` is given.
        InputError
            If both of `channel` and `f_eff` are given.
        """
        if channel is None and f_eff is None:
            raise OutsideValidity("needs channel or f_eff, which are not given")
        if channel is not None and f_eff is not None:
            raise InputError("give either channel or f_eff, one of the two")
        share = deposited_share(channel, mass) if f_eff is None else fraction(f_eff, "f_eff")
        pairs = pair_factor_at(pair_factor, width, cosmic_age(self.z_eff))
        gev = positive(units.to_internal(mass, "mass", "mass"), "mass")
        p_ann = measure(self.p_ann, "cm3 / (s GeV)", "p_ann", "3.2e-28 cm3 s-1 GeV-1")
        return Quantity(p_ann * gev / (share * pairs), "cm3 / s")

    def check(self, *, sigma_v, mass, pair_factor, channel=None, f_eff=None, width=None):
        """Answer for a cross-section; see `bound` for the rest.

        Returns
        -------
        LimitResult
        """
        value = units.attach(units.to_internal(sigma_v, "sigma_v", "sigma_v"), "sigma_v")
        point = {"mass": mass, "pair_factor": pair_factor, "channel": channel, "f_eff": f_eff, "width": width}
        return self._judge(value, lambda: self.bound(**point))


def _cmb_limit(name, source, p_ann):
    return CmbEnergyInjection(
        name=name,
        source=source,
        validity="s-wave annihilation; masses for which f_eff of the channel is known",
        applies_to="annihilation between recombination and reionisation, z of about 600",
        convention=SELF_CONJUGATE,
        p_ann=Quantity(p_ann, "cm3 / (s GeV)"),
    )


_PLANCK = "Planck 2018 VI (arXiv:1807.06209), Sect. 7.5, 95%"

# 0.66e-6 m^3/s/kg
CMB_2013 = _cmb_limit("CMB 2013", "Madhavacheril, Sehgal & Slatyer 2014 (arXiv:1310.3815), 95%", 1.18e-27)
"""CmbEnergyInjection : the state of 2013, Planck with WMAP, ACT and SPT; the one of Hardy, Lasenby & Unwin (2014)."""

PLANCK_2018 = _cmb_limit("Planck 2018", f"{_PLANCK}, TT,TE,EE+lowE+lensing+BAO", 3.2e-28)
"""CmbEnergyInjection : Planck 2018 with lensing and baryon acoustic oscillations."""

PLANCK_2018_NO_BAO = _cmb_limit("Planck 2018 without BAO", f"{_PLANCK}, TT,TE,EE+lowE+lensing", 3.3e-28)
"""CmbEnergyInjection : Planck 2018 with lensing only."""

PLANCK_2018_CMB_ONLY = _cmb_limit("Planck 2018, CMB spectra only", f"{_PLANCK}, TT,TE,EE+lowE", 3.5e-28)
"""CmbEnergyInjection : Planck 2018 without lensing."""
