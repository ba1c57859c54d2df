"""``sightline``: the terminal's side. Commands hold no use case of their own; they call `sightline.service`.

Exit status: 0 pass or warn, 1 at least one check failed, 2 wrong use, 3 a file could not be analysed, 130 interrupted,
143 terminated.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
from types import FrameType

import typer

from sightline.cli import about, accounts, bundles, files, judging, models, operations, serving
from sightline.cli.state import LANGUAGE, complain, one_line, say
from sightline.engine.defects import place_of, typed
from sightline.errors import Cancelled, SightlineError, TemplateInvalid
from sightline.text import words

WRONG_USE, NOT_ANALYSED, INTERRUPTED = 2, 3, 130
AGAIN_S = 0.2

app = typer.Typer(
    name="sightline",
    help=say("help"),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.callback()(about.version)
app.command("analyze", help=say("analyze.help"))(judging.analyze)
app.command("judge", help=say("judge.help"))(judging.judge)
app.command("report", help=say("report.help"))(bundles.report)
app.command("probe", help=say("probe.help"))(files.probe)
app.command("cut", help=say("cut.help"))(files.cut)
app.command("proxy", help=say("proxy.help"))(files.proxy)
app.command("templates", help=say("templates.help"))(about.templates)
app.command("demo", help=say("demo.help"))(judging.demo)
app.command("bench", help=say("bench.help"))(about.bench)
app.command("serve", help=say("serve.help"))(serving.serve)
app.add_typer(serving.library, name="library")
app.add_typer(serving.jobs, name="jobs")
app.add_typer(accounts.user, name="user")
app.add_typer(accounts.token, name="token")
app.add_typer(models.models, name="models")
app.command("logs", help=words("operations.cli.logs", LANGUAGE))(operations.logs)
app.add_typer(operations.config, name="config")
app.command("backup", help=words("operations.cli.backup", LANGUAGE))(operations.backup)
app.command("restore", help=words("operations.cli.restore", LANGUAGE))(operations.restore)
app.command("doctor", help=say("doctor.help"))(about.doctor)


def run() -> None:
    """The whole program: reads the command line, does what it says, and exits."""
    _mend_streams()
    _listen()
    log = logging.StreamHandler(sys.stderr)
    log.setFormatter(_OneLine("%(levelname)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[log])
    try:
        app()
    except (KeyboardInterrupt, Cancelled):
        complain(say("interrupted"))
        sys.exit(INTERRUPTED)
    except SystemExit as ended:
        # Typer turns Ctrl-C inside a command into this status, without a word.
        if ended.code == INTERRUPTED or ended.code in _ENDED:
            complain(say("interrupted"))
        _flush()
        raise
    except SightlineError as error:
        complain(error.message.render(LANGUAGE))
        sys.exit(WRONG_USE if isinstance(error, TemplateInvalid) else NOT_ANALYSED)
    except BrokenPipeError:
        # The reader of our output has gone: nobody to tell.
        _silence_output()
        sys.exit(NOT_ANALYSED)
    except Exception as error:  # noqa: BLE001  (the edge of the program: a bug of ours ends in a sentence as well)
        if isinstance(error, OSError):
            _silence_output()
        complain(typed(error).message.render(LANGUAGE))
        sys.exit(NOT_ANALYSED)


_ENDED = (128 + signal.SIGTERM, 128 + getattr(signal, "SIGHUP", signal.SIGTERM))


def _listen() -> None:
    """Whoever ends the program from outside gets the same tidying up as Ctrl-C, and is never unheard."""
    for number in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _ended)
    sys.unraisablehook = _again


def _ended(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def _again(lost: sys.UnraisableHookArgs) -> None:
    """A signal that comes inside a finaliser or a callback of the interpreter is dropped there. It is sent once more,
    when that is over."""
    match lost.exc_value:
        case KeyboardInterrupt():
            number = int(signal.SIGINT)
        case SystemExit(code=int(code)) if code in _ENDED:
            number = code - 128
        case _:
            sys.__unraisablehook__(lost)
            return
    # Not from a thread: starting one waits for it, and the signal would be lost in here again.
    signal.signal(signal.SIGALRM, lambda *_: signal.raise_signal(number))
    signal.setitimer(signal.ITIMER_REAL, AGAIN_S)


class _OneLine(logging.Formatter):
    """A log line without traceback: where it happened is enough for a report."""

    def format(self, record: logging.LogRecord) -> str:
        error = record.exc_info[1] if record.exc_info else None
        text = f"{record.levelname} {record.getMessage()}"
        return one_line(text if error is None else f"{text}: {type(error).__name__}: {error} ({place_of(error)})")


def _mend_streams() -> None:
    """Makes standard output and error safe to write to.

    Where the caller closed one, the next file we open would get its number, and FFmpeg's messages would go into it.
    """
    for number, mode in ((0, os.O_RDONLY), (1, os.O_WRONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, mode)
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115  (as long as the program)
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115  (as long as the program)
    for stream in (sys.stdout, sys.stderr):
        # Korean on a terminal that only knows Latin is no reason to stop.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _flush() -> None:
    """What is still to be written goes now, where a full disk can be told of; at exit it would be a traceback."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _silence_output()
    except OSError as error:
        _silence_output()
        complain(typed(error).message.render(LANGUAGE))
        sys.exit(NOT_ANALYSED)


def _silence_output() -> None:
    """Writing again at exit would complain once more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
