"""Everything that can go wrong, by name. Each message says what was given, what is allowed, what to do."""


class CosmologyError(Exception):
    """Base of every error this package raises on purpose."""


class InputError(CosmologyError, ValueError):
    """A value that has no physical meaning here, or lies outside the range in which the answer is known."""


class UnitError(CosmologyError, TypeError):
    """A bare number, or a quantity of another dimension, where a dimensional argument is needed."""


class ConvergenceError(CosmologyError, ArithmeticError):
    """A numerical solution did not reach the accuracy that its result would claim."""
