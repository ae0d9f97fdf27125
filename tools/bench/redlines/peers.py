"""Other programs that make redlines, in an environment of their own: none is a part of the product.

As a program it answers each line PROGRAM<tab>OLD<tab>NEW<tab>REDLINE with the
seconds it took, or with what went wrong. So it runs in that environment, and imports nothing of
ours.
"""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, Self

PINNED = (
    "python-redlines==2.0.0",
    "python-redlines-docxodus==2.0.0",
    "python-redlines-ooxmlpowertools==2.0.0",
    "jubarte-redlines==0.14.0",
    "docx-trackdiff==1.0.0",
    "openxml-audit==0.8.0",
)
NAMES = {
    "docxodus": "Docxodus, by python-redlines 2.0.0",
    "powertools": "Open-Xml-PowerTools, by python-redlines 2.0.0",
    "jubarte": "jubarte-redlines 0.14.0",
    "trackdiff": "docx-trackdiff 1.0.0",
}
AUDIT = "audit"
"""The name of the one that makes no redline, and says what is wrong with a file."""
AUTHOR = "A review"


def set_up(folder: Path) -> Path:
    """Makes the environment where it is missing, and gives its Python."""
    python, done = folder / "bin" / "python", folder / "done"
    if not done.exists() or done.read_text("utf-8") != "\n".join(PINNED):
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", *PINNED], check=True)
        done.write_text("\n".join(PINNED), encoding="utf-8")
    return python


class Peers:
    """The environment's process, which answers as long as `with` lasts."""

    def __init__(self, python: Path, work: Path) -> None:
        self._python, self._work = python, work
        self._number = 0

    def __enter__(self) -> Self:
        words = [str(self._python), str(Path(__file__))]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(words, stdin=pipe, stdout=pipe, text=True)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def run(self, program: str, old: bytes, new: bytes = b"") -> tuple[bytes | None, float]:
        """What a program makes of two Word files, or None, and the seconds it took."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._number += 1
        paths = [self._work / f"{self._number}-{name}.docx" for name in ("old", "new", "made")]
        for path, data in zip(paths, (old, new), strict=False):
            path.write_bytes(data)
        print(program, *paths, sep="\t", file=self._process.stdin, flush=True)
        answer = json.loads(self._process.stdout.readline())
        if "error" in answer:
            print(f"{program}: {answer['error']}")
            return None, 0
        return paths[-1].read_bytes(), answer["seconds"]


def _place(engine: str) -> str:
    """Where python-redlines unpacks an engine: in the environment, and not in the user's cache."""
    return str(Path(sys.prefix) / engine)


def _docxodus() -> Callable[[Path, Path], bytes]:
    engine = import_module("python_redlines.engines").DocxodusEngine(_place("docxodus"))
    return lambda old, new: bytes(engine.run_redline(AUTHOR, old, new)[0])


def _powertools() -> Callable[[Path, Path], bytes]:
    warnings.simplefilter("ignore", DeprecationWarning)  # nobody looks after this one any more
    engine = import_module("python_redlines.engines").XmlPowerToolsEngine(_place("powertools"))
    return lambda old, new: bytes(engine.run_redline(AUTHOR, old, new)[0])


def _jubarte() -> Callable[[Path, Path], bytes]:
    redline = import_module("jubarte_redlines").compare_documents
    return lambda old, new: bytes(redline(old.read_bytes(), new.read_bytes(), author=AUTHOR))


def _trackdiff() -> Callable[[Path, Path], bytes]:
    compare = import_module("docx_trackdiff.compare")

    def run(old: Path, new: Path) -> bytes:
        target = new.with_suffix(".trackdiff.docx")
        sys.argv = ["docx-trackdiff", str(old), str(new), str(target), "--author", AUTHOR]
        compare.main()
        return target.read_bytes()

    return run


def _audit() -> Callable[[Path, Path], bytes]:
    """Not a redline: what is wrong with the file, by the schemas of Microsoft's Open XML SDK."""
    validator = import_module("openxml_audit").OpenXmlValidator()

    def run(docx: Path, _: Path) -> bytes:
        found = validator.validate(str(docx))
        return "\n".join(sorted({one.description for one in found.errors})).encode()

    return run


_MADE: dict[str, Callable[[], Callable[[Path, Path], bytes]]] = {
    "docxodus": _docxodus,
    "powertools": _powertools,
    "jubarte": _jubarte,
    "trackdiff": _trackdiff,
    "audit": _audit,
}


def main() -> None:
    ready: dict[str, Any] = {}
    for line in sys.stdin:
        name, old, new, target = line.rstrip("\n").split("\t")
        answer: dict[str, Any]
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                run = ready.get(name) or ready.setdefault(name, _MADE[name]())
                start = time.perf_counter()
                data = run(Path(old), Path(new))
            answer = {"seconds": time.perf_counter() - start}
            Path(target).write_bytes(data)
        except (Exception, SystemExit) as error:  # whatever it is, it is the program's own
            answer = {"error": f"{type(error).__name__}: {error}"[:400]}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
