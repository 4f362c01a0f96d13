"""The halo: a dark-matter density in a spherical potential, its own or with stars and gas added."""

import numpy as np
from scipy.interpolate import CubicSpline

from halokick import constants, units
from halokick.errors import InputError
from halokick.halo.field_tables import INNER, OUTER, build_field, build_tracer, grid, spherical_velocity_dispersion
from halokick.halo.galpy_mass import GalpyMass
from halokick.halo.named_potential import as_potential
from halokick.halo.profiles import as_profile


class Halo:
    r"""A spherical, steady dark-matter halo in its own gravity, or in a given one.

    The relative potential is :math:`\psi = -\Phi`, zero at infinity (or at the energy cut, for the escape speed), with
    :math:`d\psi/d\ln r = -G M(<r)/r`.

    Parameters
    ----------
    profile : DensityProfile, or anything with ``density(r)``
        Dark-matter density before any decay.
    potential : galpy potential or list, or str, optional
        Total potential in which the dark matter moves. Left out, the halo gravitates itself. One of galpy's potentials
        of the Milky Way can be given by its name (``"MWPotential2014"``, ``"McMillan17"``, ...): tables of it are kept
        on disk, and a later process does without the import of galpy.
    baryons : galpy potential or list, or str, optional
        Stars and gas, added to the halo's own gravity. Disks enter by their spherical average. By name:
        ``"MWPotential2014"``, its bulge and disk.
    energy_cut : Quantity [length], optional
        Tidal edge: particles whose zero-velocity radius lies outside are absent, parents and daughters alike.
    ro, vo : Quantity, optional
        galpy's scales, where the potentials do not carry them; 8 kpc and 220 km/s for ``"MWPotential2014"``.

    Raises
    ------
    InputError
        A name that is not known, infinite mass at the centre, an infinite escape speed without `energy_cut`, both
        `potential` and `baryons`, or a galpy potential without physical scales.
    UnitError
        A bare number where a length or speed belongs.
    """

    def __init__(self, profile, potential=None, baryons=None, energy_cut=None, *, ro=None, vo=None):
        if potential is not None and baryons is not None:
            raise InputError("give either potential (the total) or baryons (added to the halo's own), not both")
        self.profile = as_profile(profile)
        self.potential = as_potential(potential, "potential", ro, vo)
        self.baryons = as_potential(baryons, "baryons", ro, vo, stars_only=True)
        outside = self.baryons if potential is None else self.potential
        self._extra_mass = GalpyMass(outside, ro, vo) if outside is not None else None
        self._edges = grid(self.profile)
        own = self.profile if potential is None else None
        self._field, mass_slope = build_field(self._edges, own, self._extra_mass)
        self._tracer = build_tracer(self._edges, self.profile, mass_slope)
        self.energy_cut = None
        self._log_cut = float(self._edges[-1])
        if energy_cut is not None:
            cut = units.to_internal(energy_cut, "length", "energy_cut")
            low, high = self._range
            if np.ndim(cut) != 0 or not low < cut < high:
                raise InputError(f"energy_cut = {energy_cut}; one radius between {low:.3g} and {high:.3g} kpc is due")
            self.energy_cut = units.attach(cut, "length")
            self._log_cut = float(np.log(cut))
        self._check_depth(mass_slope)

    def _check_depth(self, mass_slope):
        inner = self.profile._inner_slope
        if inner > 2:
            raise InputError(
                f"{self.profile!r}: rho rises as r^-{inner:.3g} towards the centre, where the potential is then "
                "infinitely deep; the inner slope must not exceed 2"
            )
        if mass_slope[-1] > 0.98 and self.energy_cut is None:
            raise InputError(
                f"{self!r}: the mass grows as r^{mass_slope[-1]:.2f} without end, so no orbit escapes and nothing is "
                "bound to a finite halo; wrap the profile in TruncatedProfile(profile, r_t=...) or give energy_cut=..."
            )

    @property
    def _range(self):
        scale = self.profile._scale_radius
        return scale * INNER, scale * OUTER

    def _log_radius(self, r, name="r"):
        values = units.to_internal(r, "length", name)
        low, high = self._range
        outside = np.extract((np.asarray(values) < low) | (np.asarray(values) > high), values)
        if outside.size:
            given = r if np.ndim(values) == 0 else f"{outside[0]:.6g} kpc"
            raise InputError(f"{name} = {given} lies outside {low:.3g} to {high:.3g} kpc, where this halo is tabulated")
        return np.log(values)

    def _look_up(self, rows, log_r):
        x = (np.asarray(log_r) - self._field.l0) / self._field.step
        i = np.clip(np.floor(x).astype(int), 0, len(rows) - 1)
        t = x - i
        row = rows[i]
        return sum(row[..., j] * t**j for j in range(6))

    def relative_potential(self, r):
        r"""Relative potential :math:`\psi(r) = \int_r^\infty G M(<r')/r'^2\,dr'`.

        Parameters
        ----------
        r : Quantity [length], any shape

        Returns
        -------
        Quantity [km2/s2], shape of `r`
        """
        return units.attach(self._look_up(self._field.psi, self._log_radius(r)), "potential")

    def enclosed_mass(self, r):
        """All gravitating mass within `r`: Quantity [mass], shape of `r`."""
        log_r = self._log_radius(r)
        return units.attach(self._look_up(self._field.vc2, log_r) * np.exp(log_r) / constants.G, "mass")

    def circular_speed(self, r):
        r"""Circular speed :math:`\sqrt{G M(<r)/r}`: Quantity [speed], shape of `r`."""
        return units.attach(np.sqrt(self._look_up(self._field.vc2, self._log_radius(r))), "speed")

    def escape_speed(self, r):
        r"""Speed that just reaches infinity, or the energy cut: :math:`\sqrt{2[\psi(r) - \psi(r_\mathrm{cut})]}`.

        Zero outside the cut. Quantity [speed], shape of `r`.
        """
        psi = self._look_up(self._field.psi, self._log_radius(r))
        if self.energy_cut is not None:
            psi = np.maximum(psi - self._look_up(self._field.psi, self._log_cut), 0.0)
        return units.attach(np.sqrt(2 * psi), "speed")

    def velocity_dispersion(self, r):
        r"""Isotropic one-dimensional dispersion from the Jeans equation.

        :math:`\rho\sigma^2 = \int_r^\infty \rho\, G M(<r')/r'^2\, dr'` (Binney & Tremaine 2008, Eq. 4.216 with
        beta = 0), for the density before any energy cut.

        Parameters
        ----------
        r : Quantity [length], any shape

        Returns
        -------
        Quantity [speed], shape of `r`
        """
        sigma2 = spherical_velocity_dispersion(self._field, self._tracer, self._edges)
        log_r = self._log_radius(r)
        return units.attach(np.sqrt(np.exp(CubicSpline(self._edges, np.log(sigma2))(log_r))), "speed")

    @property
    def v0(self):
        r"""Speed scale :math:`V_0 = \sqrt{4\pi G\rho_s}\,r_s` of a profile that has ``rho_s`` and ``r_s``.

        Haloes of one shape differ by :math:`r_s` and :math:`V_0` alone.

        Raises
        ------
        InputError
            The profile has no such scales (a table, a truncated shape).
        """
        if not (hasattr(self.profile, "rho_s") and hasattr(self.profile, "r_s")):
            raise InputError(f"{self.profile!r} has no rho_s and r_s, so no V0; take escape_speed at a radius instead")
        rho_s = units.to_internal(self.profile.rho_s, "density", "rho_s")
        return units.attach(np.sqrt(4 * np.pi * constants.G * rho_s) * self.profile._scale_radius, "speed")

    def __repr__(self):
        parts = [repr(self.profile)]
        if self.potential is not None:
            parts.append(f"potential={self._extra_mass!r}")
        if self.baryons is not None:
            parts.append(f"baryons={self._extra_mass!r}")
        if self.energy_cut is not None:
            parts.append(f"energy_cut={self.energy_cut}")
        return f"Halo({', '.join(parts)})"
