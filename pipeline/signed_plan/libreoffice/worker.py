"""The process that holds LibreOfficeKit, LibreOffice's own C API, warm.

It reaches no network. It prints "ready". Then, for each line that it reads, it runs the macro once
and prints "done" with the KiB of memory that it has now. When its standard input ends, the process
that started it has ended or been killed. Then it deletes its folder and ends.

It needs only the standard library, so that it starts at once. It is a separate program, because a
process that has loaded LibreOffice cannot be forked, and may crash.

It follows LibreOfficeKit.h and LibreOfficeKitInit.h of LibreOffice 7.4.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import queue
import resource
import shutil
import signal
import sys
import threading
from pathlib import Path

from signed_plan.namespaces import leave_network

RUN_MACRO = 10
"""The place of runMacro among the functions of LibreOfficeKitClass, since LibreOffice 6.0."""

FATAL = (
    *(signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGQUIT),
    *(signal.SIGSEGV, signal.SIGSYS, signal.SIGTERM, signal.SIGTRAP),
)
_TRIES = 100
"""LibreOffice may write into its folder while that is deleted, and so keep it."""


class _Class(ctypes.Structure):
    _fields_ = (("size", ctypes.c_size_t), ("functions", ctypes.c_void_p * (RUN_MACRO + 1)))


class _Kit(ctypes.Structure):
    _fields_ = (("kind", ctypes.POINTER(_Class)),)


def main(library: str, profile: str, macro: str) -> None:
    """Runs until standard input ends. Exits with 1 if the library cannot be used."""
    leave_network()
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="ascii")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # LibreOffice may print anything
    orders: queue.SimpleQueue[str] = queue.SimpleQueue()
    listener = threading.Thread(target=_listen, args=(orders,), daemon=True)
    listener.start()
    kit, run_macro = _load(library, profile)
    for fatal in FATAL:  # LibreOffice's own handlers may wait for locks for ever
        signal.signal(fatal, signal.SIG_DFL)
    with contextlib.suppress(BrokenPipeError):  # the starter has ended
        print("ready", file=answers, flush=True)
        while True:
            orders.get()
            run_macro(kit, macro.encode())
            print("done", _memory(), file=answers, flush=True)
    listener.join()  # Python's own end would stop it before it has ended everything


def _listen(orders: queue.SimpleQueue[str]) -> None:
    for line in sys.stdin:
        orders.put(line)
    folder = Path.cwd()
    for _ in range(_TRIES):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            break
    os.killpg(0, signal.SIGKILL)


def _load(library: str, profile: str) -> tuple[ctypes.c_void_p, ctypes._FuncPointer]:
    hook = ctypes.CDLL(library).libreofficekit_hook_2
    hook.argtypes = (ctypes.c_char_p, ctypes.c_char_p)
    hook.restype = ctypes.POINTER(_Kit)
    kit = hook(str(Path(library).parent).encode(), profile.encode())
    if not kit or kit.contents.kind.contents.size < ctypes.sizeof(_Class):
        sys.exit("LibreOfficeKit of this LibreOffice cannot be used")
    prototype = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p)
    run_macro = prototype(kit.contents.kind.contents.functions[RUN_MACRO])
    return ctypes.cast(kit, ctypes.c_void_p), run_macro


def _memory() -> int:
    with contextlib.suppress(OSError, ValueError):
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
        return pages * resource.getpagesize() // 1024
    return 0
