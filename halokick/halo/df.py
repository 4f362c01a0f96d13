"""The isotropic distribution function of a halo, by Eddington's inversion."""

import numpy as np
from scipy.interpolate import make_interp_spline

from halokick import units
from halokick.errors import ConvergenceError, InputError, NegativeDistributionError
from halokick.halo.potential import Halo
from halokick.halo.sampling import sample_parents
from halokick.kernels import bits
from halokick.kernels.distribution import DistributionTable, eddington
from halokick.kernels.field import log_radii_of_energies
from halokick.kernels.parents import parent_moments

_PREFACTOR = 1 / (np.sqrt(8) * np.pi**2)
_T_STEP, _T_MAX = 0.05, 6.6
"""Trapezoid in t with r = r_e exp(t^2): halving the step changes f by less than 1e-11 for smooth profiles."""
_ENERGY_NODES = tuple(0.5 * part for part in np.polynomial.legendre.leggauss(200))
_ENERGY_NODES = (0.5 + _ENERGY_NODES[0], _ENERGY_NODES[1])
_CHECKED, _CHECKS = (1e-6, 1e2), 60
"""Radii at which the table of f is checked, in units of the scale radius."""
_LARGEST_ERROR, _NO_MASS = 1e-3, 1e-8
"""Of the density from the table; radii whose shells hold less than this share of the heaviest do not count."""
_SMALLEST = 1e-280
"""f below this share of its largest value counts as no particles: truncated haloes end there."""


class ErgodicDF:
    r"""Distribution function f(E) of the parents: steady, isotropic, depending on the energy alone.

    Eddington's formula (Hardy, Lasenby & Unwin 2014, Eq. (C.8); Binney & Tremaine 2008, Eq. 4.46),

    .. math:: f(\varepsilon) = \frac{1}{\sqrt 8\pi^2}\frac{d}{d\varepsilon}
              \int_0^\varepsilon \frac{d\rho}{d\psi}\frac{d\psi}{\sqrt{\varepsilon-\psi}}.

    The integral before the derivative is the cumulative :math:`F(\varepsilon) = \int_0^\varepsilon f`, which the kick
    needs, so both are tabulated. The derivative is taken under the integral, analytically; with
    :math:`r = r_e e^{t^2}` the integrands are even and analytic in t and the trapezoid converges exponentially.

    Parameters
    ----------
    halo : Halo

    Raises
    ------
    NegativeDistributionError
        f < 0 somewhere: no isotropic equilibrium has this density in this potential. Never clipped.
    ConvergenceError
        f is not finite.
    """

    def __init__(self, halo):
        if not isinstance(halo, Halo):
            raise InputError(f"halo = {halo!r}; give a Halo: ErgodicDF(Halo(profile))")
        self.halo = halo
        self.profile = halo.profile
        edges = halo._edges
        f, cumulative = eddington(halo._field, halo._tracer, edges[:-1], _T_STEP, _T_MAX)
        f *= _PREFACTOR
        cumulative *= _PREFACTOR
        last = _check(halo, edges, f, cumulative)
        self._log_edges = edges[: last + 1]
        # nearly straight lines in ln r_e at both ends, so the splines keep their relative accuracy
        self._log_f = make_interp_spline(self._log_edges, np.log(f[: last + 1]), k=5)
        self._log_cumulative = make_interp_spline(self._log_edges, np.log(cumulative[: last + 1]), k=5)
        # outermost zero-velocity radius of any parent
        self._log_outermost = float(min(halo._log_cut, self._log_edges[-1]))
        self._table = self._build_table()
        self._check_table()

    def _build_table(self):
        field = self.halo._field
        l_last = self._log_edges[-1]
        binding_last = self.halo._look_up(field.psi, l_last)
        half = 0.5 * field.psi0
        first_depth, depth_edges = bits.cell_edges(field.phi[0, 0], half)
        first_binding, binding_edges = bits.cell_edges(max(binding_last, 1e-300), half)
        depth = bits.fit_nodes(depth_edges)
        binding = bits.fit_nodes(binding_edges)
        l_depth = log_radii_of_energies(field, depth.ravel(), field.psi0 - depth.ravel())
        l_binding = log_radii_of_energies(field, field.psi0 - binding.ravel(), binding.ravel())
        cut = self.halo._log_cut
        binding_cut = 0.0
        depth_cut = float(field.psi0)
        offset = 0.0
        if self.halo.energy_cut is not None:
            if cut >= l_last:
                raise InputError(f"energy_cut = {self.halo.energy_cut} lies outside all particles; leave it out")
            binding_cut = float(self.halo._look_up(field.psi, cut))
            depth_cut = float(self.halo._look_up(field.phi, cut))
            offset = float(np.exp(self._log_cumulative(cut)))

        def values(spline, log_r, shape):
            inside = np.clip(log_r, self._log_edges[0], l_last)
            return bits.fit(np.exp(spline(inside)).reshape(shape))

        return DistributionTable(
            first_depth=first_depth,
            f_depth=values(self._log_f, l_depth, depth.shape),
            cumulative_depth=values(self._log_cumulative, l_depth, depth.shape),
            first_binding=first_binding,
            f_binding=values(self._log_f, l_binding, binding.shape),
            cumulative_binding=values(self._log_cumulative, l_binding, binding.shape),
            psi0=float(field.psi0),
            depth_cut=depth_cut,
            binding_cut=binding_cut,
            offset=offset,
        )

    def _check_table(self):
        """Refuse tables in E that do not hold what the spline in r_e holds: cells are a thirtieth of the depth.

        A mass so compact that the halo is shallow beside it takes their places; judged by the density they give.
        """
        scale = self.profile._scale_radius
        log_r = np.log(scale) + np.linspace(*np.log(_CHECKED), _CHECKS)
        log_r = log_r[log_r < self._log_outermost - 1e-6]
        field, halo = self.halo._field, self.halo
        x, weight = _ENERGY_NODES
        reach = np.sqrt(self._log_outermost - log_r)[:, None]
        w = reach * x
        log_e = log_r[:, None] + w * w
        # on the side of the tables that keeps its digits
        by_depth = halo._look_up(field.phi, log_e) - halo._look_up(field.phi, log_r)[:, None]
        by_binding = halo._look_up(field.psi, log_r)[:, None] - halo._look_up(field.psi, log_e)
        kinetic = np.where(log_r[:, None] < np.log(field.radius[field.half]), by_depth, by_binding)
        speed = np.sqrt(np.maximum(2 * kinetic, 0.0))
        f = np.exp(self._log_f(np.clip(log_e, self._log_edges[0], self._log_edges[-1])))
        shells = 8 * np.pi * f * speed * halo._look_up(field.vc2, log_e) * w * reach
        spline, table = shells @ weight, self._density(log_r)
        mass = spline * np.exp(3 * log_r)
        off = np.where(mass > _NO_MASS * np.max(mass), np.abs(table / spline - 1), 0.0)
        if np.max(off) > _LARGEST_ERROR:
            where = np.exp(log_r[np.argmax(off)])
            raise ConvergenceError(
                f"{self.halo!r}: f(E) changes too quickly with E for its table, which misses {np.max(off):.2g} of the "
                f"density at {where:.3g} kpc. A very compact mass in a halo does this, a black hole for example: "
                "soften it more (4e6 Msun: by 1 pc), or leave it out"
            )

    def f(self, energy):
        r"""Phase-space mass density at relative energy :math:`\varepsilon = \psi - v^2/2`.

        Parameters
        ----------
        energy : Quantity [km2/s2], any shape
            Between 0 (unbound) and psi(0).

        Returns
        -------
        Quantity [Msun kpc^-3 (km/s)^-3], shape of `energy`; zero for unbound energies and beyond an energy cut.

        Raises
        ------
        InputError
            An energy deeper than the centre of the halo.
        """
        return units.attach(self._density_of_energy(self._log_f, energy, 0.0), "phase_space_density")

    def cumulative(self, energy):
        r"""F(E), the integral of f from the least bound particle to E: Quantity [phase-space density times km2/s2]."""
        values = self._density_of_energy(self._log_cumulative, energy, self._table.offset)
        unit = units.attach(1.0, "phase_space_density") * units.attach(1.0, "potential")
        return values * unit

    def _density_of_energy(self, spline, energy, offset):
        binding = np.asarray(units.to_internal(energy, "potential", "energy"))
        psi0 = self._table.psi0
        if np.any(binding >= psi0):
            raise InputError(f"energy = {energy} is deeper than the centre of this halo, psi(0) = {psi0:.6g} km2/s2")
        bound = binding > self._table.binding_cut
        inside = np.where(bound, binding, 0.5 * psi0)
        l_e = log_radii_of_energies(self.halo._field, psi0 - inside.ravel(), inside.ravel()).reshape(binding.shape)
        reached = bound & (l_e < self._log_edges[-1])
        return np.where(reached, np.exp(spline(np.clip(l_e, self._log_edges[0], self._log_edges[-1]))) - offset, 0.0)

    def density(self, r):
        r"""Density rebuilt from f.

        .. math:: \rho = 4\pi\int_0^\psi f(\varepsilon)\sqrt{2(\psi-\varepsilon)}\,d\varepsilon

        Equal to the profile's own density (to about 1e-9) unless an energy cut has taken particles away.

        Parameters
        ----------
        r : Quantity [length], any shape

        Returns
        -------
        Quantity [density], shape of `r`
        """
        log_r = np.asarray(self.halo._log_radius(r))
        return units.attach(self._density(log_r.ravel()).reshape(log_r.shape), "density")

    def _density(self, log_r):
        return parent_moments(self.halo._field, self._table, log_r, self._log_outermost, *_ENERGY_NODES)[0]

    def velocity_dispersion(self, r):
        """One-dimensional dispersion of the particles that f describes: Quantity [speed], shape of `r`."""
        log_r = np.asarray(self.halo._log_radius(r))
        density, square = parent_moments(
            self.halo._field, self._table, log_r.ravel(), self._log_outermost, *_ENERGY_NODES
        )
        return units.attach(np.sqrt(square / density / 3).reshape(log_r.shape), "speed")

    def speed_distribution(self, r, speed):
        r"""Speeds of the parents, and of every L' that was never kicked, at one radius: :math:`4\pi v^2 f/\rho`.

        Parameters
        ----------
        r : Quantity [length], scalar
        speed : Quantity [speed], any shape

        Returns
        -------
        Quantity [1/speed], shape of `speed`; integrates to one over the bound speeds.
        """
        v = np.asarray(units.to_internal(speed, "speed", "speed"))
        log_r = self.halo._log_radius(r)
        if np.ndim(log_r) != 0:
            raise InputError(f"r has shape {np.shape(log_r)}; give one radius, and as many speeds as you like")
        psi = self.halo._look_up(self.halo._field.psi, log_r)
        f = self._density_of_energy(self._log_f, units.attach(psi - 0.5 * v * v, "potential"), 0.0)
        rho = self._density(np.atleast_1d(self.halo._log_radius(r)))[0]
        return (4 * np.pi * v * v * f / rho) / units.attach(1.0, "speed")

    def sample(self, n, seed, within=None):
        r"""Draw particles: positions and velocities of the parents, exactly from f.

        The radius is the inverse of the parents' cumulative mass, solved in each draw; the speed is drawn from
        :math:`v^2 f(\psi - v^2/2)` by rejection under a bound measured from f itself. No table of probabilities is
        inverted on a grid, so no moment is biased. Particle i of a seed is the same, to the bit, whatever `n` and the
        number of threads.

        Parameters
        ----------
        n : int
        seed : int or numpy.random.SeedSequence
        within : Quantity [length], optional
            Draw particles inside this radius only. May be left out where the total mass is finite.

        Returns
        -------
        PhaseSpaceSample

        Raises
        ------
        InputError
            `n` or `seed` is not a number of that kind, or the mass is infinite and `within` is missing.
        ConvergenceError
            f has a spike that its table does not resolve.
        """
        return sample_parents(self, n, seed, within)

    def __repr__(self):
        return f"ErgodicDF({self.halo!r})"


def _check(halo, edges, f, cumulative):
    """Index of the last energy that holds particles; refuse a distribution that is no distribution."""
    if not (np.all(np.isfinite(f)) and np.all(np.isfinite(cumulative))):
        where = np.exp(edges[np.argmax(~np.isfinite(f) | ~np.isfinite(cumulative))])
        raise ConvergenceError(f"{halo!r}: f(E) is not finite at zero-velocity radius {where:.4g} kpc")
    populated = np.abs(f) > _SMALLEST * np.max(np.abs(f))
    last = len(f) - 1 - int(np.argmax(populated[::-1]))
    bad = (f[: last + 1] <= 0) | (cumulative[: last + 1] <= 0)
    if np.any(bad):
        where = float(np.exp(edges[np.argmax(bad)]))
        raise NegativeDistributionError(
            f"{halo!r}: Eddington's inversion gives f(E) < 0 at zero-velocity radius {where:.4g} kpc, so no isotropic "
            "equilibrium has this density in this potential. A core inside a deeper cusp does this, and so does a "
            "density that steepens too abruptly: change the profile, or the stars and gas, there",
            radius_kpc=where,
        )
    return last
