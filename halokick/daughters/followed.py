"""Daughters found by following orbits through any potential: their profile, beside that of parents left unkicked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from halokick.daughters.result import Daughters


@dataclass(frozen=True, eq=False)
class FollowedDaughters(Daughters):
    r"""`Daughters` whose orbits were integrated, with all that tells how far to trust them.

    The parents' distribution function knows the spherical average of the potential only, so in another potential
    parents are not quite in equilibrium, and drift. The same parents are therefore followed without a kick as well:
    what the kick does is the ratio of the two, in which the drift cancels; the control alone shows the drift.

    Attributes
    ----------
    control : Quantity [density], shape (n,), or None
        Density of the parents left unkicked, after the same time.
    control_error : Quantity [density], shape (n,), or None
        Its standard error.
    kick_ratio, kick_ratio_error : ndarray, shape (n,), or None
        Daughters over control, and its standard error; that of the difference of like draws, so smaller than the
        errors of either would have it.
    energy_error : mapping
        ``"median"``, ``"p99"`` and ``"worst"`` of :math:`|\Delta E / E|` of the daughters, the ``"tolerance"`` they
        were held to, and how many were ``"followed"`` and ``"repeated"`` with smaller steps. ``"judged_by"`` says what
        :math:`\Delta E` is: the change between birth and end of the ``"energy"``, or of the ``"jacobi"`` integral in a
        turning potential. Where the potential changes, nothing is conserved, and by ``"smaller steps"`` it is the
        difference of the energies today when the first batch, ``"judged"`` in number, is followed again with a
        twentieth of the tolerance of a step.
    failed : mapping of str to tuple of int
        Decays left out, by reason.
    force_field : dict
        How the potential was represented, and the errors of its tables: see `ForceField.to_dict`.
    grid, control_grid : DensityGrid or None
        The same densities on rings or in boxes, if asked for.
    """

    control: object = None
    control_error: object = None
    kick_ratio: np.ndarray | None = None
    kick_ratio_error: np.ndarray | None = None
    energy_error: Mapping = field(default_factory=dict)
    failed: Mapping = field(default_factory=dict)
    force_field: Mapping = field(default_factory=dict)
    grid: object = None
    control_grid: object = None

    def __post_init__(self):
        super().__post_init__()
        for name in ("energy_error", "failed", "force_field"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))
        for array in (self.control, self.control_error, self.kick_ratio, self.kick_ratio_error):
            if array is not None:
                array.setflags(write=False)

    def report(self):
        """Lines of text: errors of energy, what was left out, and by how much the unkicked parents drifted."""
        errors = self.energy_error
        moved = "changed" if errors["judged_by"] == "smaller steps" else "drift"
        what = {
            "energy": "energy after the whole time",
            "jacobi": "Jacobi's integral after the whole time",
            "smaller steps": f"energy today, beside that with smaller steps for {errors['judged']} daughters",
        }[errors["judged_by"]]
        lines = [
            f"{what}: off by {errors['median']:.1e} (median), {errors['p99']:.1e} (99 %), "
            f"{errors['worst']:.1e} (worst); {errors['repeated']} of {errors['followed']} were followed again"
        ]
        lines += [f"left out, {reason}: {len(which)}" for reason, which in self.failed.items() if which]
        if self.control is not None:
            drift = np.asarray(self.control / self.parent.density(self.radius)) - 1
            error = np.asarray(self.control_error / self.control)
            worst = int(np.argmax(np.abs(drift) / np.maximum(error, 1e-12)))
            lines.append(
                f"parents without a kick {moved} by {np.median(np.abs(drift)):.1%} (median over radii), "
                f"most clearly by {drift[worst]:+.1%} +- {error[worst]:.1%} at {self.radius[worst]:.3g}"
            )
        return lines
