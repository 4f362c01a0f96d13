"""healpy, loaded when it is first needed: it is an extra, for lists of pixels and their order."""

from halokick.errors import InputError


def healpy():
    """The module ``healpy``.

    Raises
    ------
    InputError
        It is not installed.
    """
    try:
        import healpy as module  # here alone, and late: it is an extra
    except ImportError as error:
        raise InputError(
            "HEALPix maps need healpy, which is not installed here; pip install 'halokick[maps]', or make a map on a "
            "WCS grid (wcs_map)"
        ) from error
    return module
