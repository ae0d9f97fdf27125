"""The command `plan`: where it starts, and where errors become sentences and exit codes."""

from __future__ import annotations

import gc
import logging
import os
import signal
import sys

import click

from signed_plan.commands import (
    batch,
    build,
    compare,
    evidence,
    extract,
    keys,
    log,
    restore,
    sign,
    sources,
    status,
    trace,
    verify,
    watch,
)
from signed_plan.commands.frame import Interrupted, plan, screen
from signed_plan.commands.streams import open_streams
from signed_plan.errors import ExitCode, PlanError, explain_os_error, explain_unexpected

ROOMS = (
    *(sources, build, watch, batch),
    *(keys, sign),
    *(status, log, verify),
    *(compare, trace, evidence, extract, restore),
)
"""Where the commands are. Importing them adds them to `plan`."""


def main() -> None:
    """Runs the command, and exits with its code."""
    # A command is over soon. To collect garbage as often as Python does costs a tenth of its time.
    gc.set_threshold(100_000)
    logging.disable()  # what libraries log is not for a clerk
    # Or else Pydantic looks for plug-ins in every installed package, each time.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(ending) != signal.SIG_IGN:  # as under nohup
            signal.signal(ending, _interrupt)
    sys.unraisablehook = _drop_interruption
    out, _ = open_streams()
    code = run(sys.argv[1:])
    if out.failure:
        screen.failure(f"What it had to say could not be written: {out.failure}.", "")
        code = code or ExitCode.FAILED
    sys.exit(code)


def run(words: list[str]) -> int:
    """Runs the command with these words; gives its exit code. It never raises."""
    try:
        done = plan.main(words, prog_name="plan", standalone_mode=False)
    except (Exception, Interrupted) as error:
        code = _explain(error)
        if "-v" in words or "--verbose" in words:
            screen.traceback(error)
        return code
    asked_for_a_code = isinstance(done, int)  # by Context.exit
    return done if asked_for_a_code else ExitCode.OK


def _explain(error: BaseException) -> int:
    """Shows an error as a sentence; gives its exit code."""
    if Interrupted.came:  # a library may have made another exception of it
        screen.failure("Interrupted.", "Nothing is half done. Run the same command again.")
        return ExitCode.INTERRUPTED
    if isinstance(error, PlanError):
        screen.error(error)
        return error.exit_code
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message())
        return error.exit_code
    if isinstance(error, click.ClickException):
        screen.failure(error.format_message(), "plan --help lists every command.")
        return error.exit_code
    if isinstance(error, OSError):
        screen.failure(
            explain_os_error(error),
            "Check that it is what it should be, and that you are allowed to open it.",
        )
        return ExitCode.FAILED
    screen.failure(
        explain_unexpected(error),
        "Run it again with -v, and send what it prints to the maintainers.",
    )
    return ExitCode.FAILED


def _interrupt(number: int, frame: object) -> None:
    Interrupted.came = True
    raise Interrupted


def _drop_interruption(dropped: sys.UnraisableHookArgs) -> None:
    """Python drops what is raised in a callback, and prints it; `Interrupted.came` tells of it."""
    if not isinstance(dropped.exc_value, Interrupted):
        sys.__unraisablehook__(dropped)


if __name__ == "__main__":
    main()
