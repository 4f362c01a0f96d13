"""By what a result was made: versions of the packages and the commit of the source tree."""

import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("halokick", "numpy", "scipy", "numba", "astropy", "galpy", "h5py", "pydantic")
_PACKAGE = Path(__file__).resolve().parent.parent


def versions():
    """Versions of the packages whose numbers are in a result, of Python, and the platform: dict of str."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found | {"python": platform.python_version(), "platform": platform.platform()}


def commit():
    """Commit of the source tree this package runs from, ``+changes`` added if it differs; empty without a tree."""
    top = _git("rev-parse", "--show-toplevel")
    # a package installed inside some other repository must not carry that one's commit
    if not top or Path(top).resolve() != _PACKAGE.parent:
        return ""
    name = _git("rev-parse", "--verify", "HEAD")
    changed = _git("status", "--porcelain", "--", _PACKAGE.name)
    return name + ("+changes" if name and changed else "")


def now():
    """The present moment, UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _git(*arguments):
    try:
        answer = subprocess.run(
            ["git", "-C", str(_PACKAGE.parent), *arguments], capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""
