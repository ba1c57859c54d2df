"""``python -m sightline``: the terminal program."""

from sightline.cli.main import run

run()
