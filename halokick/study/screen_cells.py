"""Numbers and columns as text for a terminal."""


def aligned(heads, rows):
    """A table: lines of equal columns, the first to the left and the others to the right.

    Parameters
    ----------
    heads : list of lists of str
        For each column its title, which may take several lines.
    rows : list of lists of str
    """
    lines = [list(line) for line in zip(*heads, strict=True)] + rows
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    text = []
    for line in lines:
        numbers = [cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)]
        text.append("  ".join([line[0].ljust(widths[0]), *numbers]).rstrip())
    return "\n".join(text)


def amount(quantity):
    """A Quantity that was given, with the digits that anybody gives."""
    return f"{quantity.value:.6g} {quantity.unit}"


def number(value):
    """A number or Quantity that was calculated, to four digits."""
    return f"{value:.4g}" if not hasattr(value, "unit") else f"{value.value:.4g} {value.unit}".strip()


def kms(speed):
    """A speed in km/s."""
    return f"{speed.to_value('km/s'):.4g} km/s"


def share(value):
    """A share between 0 and 1."""
    if value == 0:
        return "0"
    return f"{value:.4f}" if value >= 0.01 else f"{value:.1e}"
