"""A process gives up its network, where the kernel allows that.

On Linux it gets a network of its own with nothing in it, and keeps its user (namespaces(7)). Some
systems and containers do not allow that.
"""

from __future__ import annotations

import contextlib
import os
import sys

_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000  # CLONE_NEWUSER, CLONE_NEWNET of sched.h


def leave_network() -> bool:
    """Gives this process, which may have one thread only, a network with nothing in it.

    Returns whether that is allowed here.
    """
    if sys.platform != "linux":
        return False
    import ctypes  # only here: it takes time to load

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
