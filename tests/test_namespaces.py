"""A process gives up its network where the kernel allows that, and works on where it does not."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from signed_plan.namespaces import leave_network

WITHOUT_NAMESPACES = (
    *("unshare", "--user", "--map-root-user", "sh", "-c"),
    *(
        "cd /proc/sys/user && echo 0 >max_user_namespaces && echo 0 >max_net_namespaces && "
        'cd - >/dev/null && exec "$0" "$@"',
    ),
)
"""Runs a command in a place where the kernel gives no name spaces, as in some containers."""

_CONNECT = """
import os, socket, sys
from signed_plan.namespaces import leave_network
left = leave_network()
with socket.socket() as one:
    reached = one.connect_ex(("127.0.0.1", int(sys.argv[1]))) == 0
print(left, reached, os.getuid(), os.access(sys.argv[2], os.W_OK))
"""


def connecting(before: tuple[str, ...], folder: Path) -> list[str]:
    """Whether that process may leave and reaches the network; its user; whether it may write."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        done = subprocess.run(
            [*before, sys.executable, "-c", _CONNECT, str(server.getsockname()[1]), str(folder)],
            capture_output=True,
            text=True,
            check=True,
        )
    return done.stdout.split()


def test_a_process_that_has_left_the_network_keeps_its_user_and_its_files(tmp_path: Path) -> None:
    left, reached, user, writes = connecting((), tmp_path)
    assert (left == "True") != (reached == "True")
    assert (user, writes) == (str(os.getuid()), "True")


@pytest.mark.skipif(sys.platform != "linux", reason="it has no name spaces")
def test_where_the_kernel_allows_none_the_process_keeps_its_network(tmp_path: Path) -> None:
    assert connecting(WITHOUT_NAMESPACES, tmp_path) == ["False", "True", "0", "True"]


def test_it_is_not_tried_on_another_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert leave_network() is False
