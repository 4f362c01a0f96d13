"""Everything that can go wrong, by name. Each message says what was given, what is allowed, what to do."""


class HaloKickError(Exception):
    """Base of every error this package raises on purpose."""


class InputError(HaloKickError, ValueError):
    """A value that has no physical meaning here, or lies outside the range in which the answer is known."""


class UnitError(HaloKickError, TypeError):
    """A bare number, or a quantity of another dimension, where a dimensional argument is needed."""


class NegativeDistributionError(HaloKickError, ArithmeticError):
    """The Eddington inversion gave f(E) < 0: no isotropic equilibrium has this density in this potential.

    Attributes
    ----------
    radius_kpc : float
        Zero-velocity radius of the first energy at which f is negative [kpc].
    """

    def __init__(self, message, radius_kpc):
        super().__init__(message)
        self.radius_kpc = radius_kpc


class ConvergenceError(HaloKickError, ArithmeticError):
    """A numerical solution did not reach the accuracy that its result would claim."""


class StorageError(HaloKickError, OSError):
    """A result file is truncated, foreign, of another version, or in use by another process."""


class BatchError(HaloKickError, RuntimeError):
    """A batch cannot go on as it was asked to: its scheduler is gone, a package is missing, or tasks failed."""
