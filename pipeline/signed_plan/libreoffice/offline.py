"""A program is started so that it reaches no network, where the kernel allows that.

Where it does not, the program starts all the same, and LibreOffice still follows no links, since
its profile forbids it.

Only the standard library, and little of that, so that it starts at once.
"""

from __future__ import annotations

import os
import sys

from signed_plan.namespaces import leave_network

NOT_STARTED = 127
"""How `main` exits where the program cannot be started."""


def main(program: str, *arguments: str) -> None:
    """Takes the network away and becomes the program. Exits with NOT_STARTED if it cannot."""
    leave_network()
    try:
        os.execv(program, [program, *arguments])
    except OSError as error:
        print(error.strerror, file=sys.stderr)
        sys.exit(NOT_STARTED)
