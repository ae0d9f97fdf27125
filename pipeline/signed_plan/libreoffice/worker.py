"""The process that holds LibreOfficeKit, LibreOffice's own C API, warm; run as a program.

    python -I -S worker.py LIBRARY PROFILE-URL MACRO

It says "ready" on standard output. Then for each line that it reads it runs the macro once, and
says "done" with the KiB of memory that it has by then. It ends, its folder gone, when standard
input does: whoever has started it has then ended or been killed.

It needs nothing but the standard library, so that it starts at once; and it is a program of its
own, since a process that has loaded LibreOffice can neither be forked nor trusted to survive.

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

RUN_MACRO = 10
"""The place of runMacro among the functions of LibreOfficeKitClass, since LibreOffice 6.0."""

FATAL = (
    *(signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGQUIT),
    *(signal.SIGSEGV, signal.SIGSYS, signal.SIGTERM, signal.SIGTRAP),
)


class _Class(ctypes.Structure):
    _fields_ = (("size", ctypes.c_size_t), ("functions", ctypes.c_void_p * (RUN_MACRO + 1)))


class _Kit(ctypes.Structure):
    _fields_ = (("kind", ctypes.POINTER(_Class)),)


def main(library: str, profile: str, macro: str) -> None:
    """Serves until standard input ends. Exits with 1 where the library is not to be used."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="ascii")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # LibreOffice may print what it likes
    orders: queue.SimpleQueue[str] = queue.SimpleQueue()
    listener = threading.Thread(target=_listen, args=(orders,), daemon=True)
    listener.start()
    kit, run_macro = _opened(library, profile)
    for fatal in FATAL:  # LibreOffice's own handlers may wait for locks that a crash has left
        signal.signal(fatal, signal.SIG_DFL)
    with contextlib.suppress(BrokenPipeError):  # whoever has started it has gone
        print("ready", file=answers, flush=True)
        while True:
            orders.get()
            run_macro(kit, macro.encode())
            print("done", _resident(), file=answers, flush=True)
    listener.join()  # Python's own end would stop it before it has ended everything


def _listen(orders: queue.SimpleQueue[str]) -> None:
    for line in sys.stdin:
        orders.put(line)
    shutil.rmtree(Path.cwd(), ignore_errors=True)
    os.killpg(0, signal.SIGKILL)


def _opened(library: str, profile: str) -> tuple[ctypes.c_void_p, ctypes._FuncPointer]:
    hook = ctypes.CDLL(library).libreofficekit_hook_2
    hook.argtypes = (ctypes.c_char_p, ctypes.c_char_p)
    hook.restype = ctypes.POINTER(_Kit)
    kit = hook(str(Path(library).parent).encode(), profile.encode())
    if not kit or kit.contents.kind.contents.size < ctypes.sizeof(_Class):
        sys.exit("LibreOfficeKit of this LibreOffice is not to be used")
    prototype = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p)
    run_macro = prototype(kit.contents.kind.contents.functions[RUN_MACRO])
    return ctypes.cast(kit, ctypes.c_void_p), run_macro


def _resident() -> int:
    with contextlib.suppress(OSError, ValueError):
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
        return pages * resource.getpagesize() // 1024
    return 0


if __name__ == "__main__":
    main(*sys.argv[1:])
