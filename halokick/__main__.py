"""``python -m halokick``: the same as the command ``halokick``."""

from halokick.cli import app

app(prog_name="halokick")
