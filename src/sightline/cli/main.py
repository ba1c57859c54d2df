"""The entry point of the ``sightline`` program."""

from __future__ import annotations

import signal


def run() -> None:
    """Loads the program, and runs it."""
    interrupt = signal.getsignal(signal.SIGINT)
    if interrupt is signal.default_int_handler:
        # Ctrl-C while modules are loaded ends it at once: nothing has to be tidied up, and a traceback helps nobody.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from sightline.cli import program

    signal.signal(signal.SIGINT, interrupt)
    program.run()
