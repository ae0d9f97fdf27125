"""A program is started so that it reaches no network, where the kernel allows that.

On Linux the process gets a network of its own with nothing in it, and keeps its user
(namespaces(7)). Some systems and containers do not allow that. Then the program starts all the
same, and LibreOffice still follows no links, since its profile forbids it.

Only the standard library, and little of that, so that it starts at once.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys

NOT_STARTED = 127
"""How `main` exits where the program cannot be started."""

_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000  # CLONE_NEWUSER, CLONE_NEWNET of sched.h


def main(program: str, *arguments: str) -> None:
    """Takes the network away and becomes the program. Exits with NOT_STARTED if it cannot."""
    leave_network()
    try:
        os.execv(program, [program, *arguments])
    except OSError as error:
        print(error.strerror, file=sys.stderr)
        sys.exit(NOT_STARTED)


def leave_network() -> bool:
    """Gives this process, which may have one thread only, a network with nothing in it.

    Returns whether that is allowed here.
    """
    if sys.platform != "linux":
        return False
    unshare = ctypes.CDLL(None).unshare
    if unshare(_NEW_NETWORK) == 0:  # only an administrator may do this alone
        return True
    user, group = os.getuid(), os.getgid()
    if unshare(_NEW_USER | _NEW_NETWORK) != 0:
        return False
    _write("setgroups", "deny")
    _write("uid_map", f"{user} {user} 1")
    _write("gid_map", f"{group} {group} 1")
    return True


def _write(name: str, text: str) -> None:
    # Where this fails, the process works on as a user without a name.
    with contextlib.suppress(OSError), open(f"/proc/self/{name}", "w") as file:  # noqa: PTH123
        file.write(text)
