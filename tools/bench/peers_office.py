"""What `make bench` compares building with: docxtpl, and each usual way of LibreOffice to a PDF.

python -m tools.bench.peers_office soffice FOLDER... --output OUT   a process a document
python -m tools.bench.peers_office uno FOLDER... --output OUT       one server for all
python -m tools.bench.peers_office kit     reads lines of IN<tab>OUT, answers each with its seconds

They make the plan's own pages, with the export options that `numbered.bas` sets, and neither
sign-off pages nor a register.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import importlib.util
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import yaml
from docxtpl import DocxTemplate
from signed_plan.document.context import Trail, plan_context
from signed_plan.libreoffice.converter import find_libreoffice
from signed_plan.paths import PlanFolder
from signed_plan.plan.model import Plan
from signed_plan.plan.source import Version
from signed_plan.plan.tree import Tree
from signed_plan.processes import end_session, start_session

from tools.checkout import REPO

PLAN_TEMPLATE = REPO / "templates" / "plan.docx"
SECONDS = 120
FILTER = "writer_pdf_Export"
OPTIONS: dict[str, bool | int] = {
    "UseTaggedPDF": True,
    "PDFUACompliance": True,
    "ExportBookmarks": True,
    "DisplayPDFDocumentTitle": True,
    "ExportBookmarksToPDFDestination": True,
    "UseLosslessCompression": True,
    "SelectPdfVersion": 3,
    "OpenBookmarkLevels": 2,
    "ExportFormFields": False,
}
SYSTEM_PYTHON = Path("/usr/bin/python3")
"""The Python that Debian's python3-uno is made for."""


class Peer(ABC):
    """A way from Word to PDF, made ready by `with`: its own profile, and one conversion done."""

    work: Path
    """The folder that everything is in which the peer leaves; gone with it."""
    _process: subprocess.Popen[bytes] | None = None
    """What runs now, if anything does."""

    def __enter__(self) -> Self:
        # What has begun is ended again where the rest of getting ready fails.
        with contextlib.ExitStack() as stack:
            folder = tempfile.TemporaryDirectory(prefix="signed-plan-peer-")
            self.work = Path(stack.enter_context(folder))
            stack.callback(self._end)
            self._start()
            # The template has the fonts and the tables that a first conversion waits for.
            self.convert(PLAN_TEMPLATE, self.work / "first.pdf")
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @abstractmethod
    def convert(self, docx: Path, pdf: Path) -> None: ...

    @abstractmethod
    def _start(self) -> None: ...

    def _run(
        self, *words: str, talks: bool = False, env: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """Starts a program in a new session. It writes only into the folder.

        Its environment is the one that the pipeline gives LibreOffice.
        """
        kept = {name: value for name, value in os.environ.items() if not name.startswith("LC_")}
        ours = {
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "SAL_USE_VCLPLUGIN": "svp",
            "TMPDIR": str(self.work),
        }
        with (self.work / "output").open("ab") as printed:
            self._process = start_session(
                words,
                talks=talks,
                printed=printed,
                cwd=REPO,
                env=kept | ours | dict(env or {}),
            )
        return self._process

    def _end(self) -> None:
        """Ends the process group: what was started is often only the parent of LibreOffice."""
        process, self._process = self._process, None
        if process is not None:
            end_session(process)

    @property
    def _profile(self) -> str:
        return (self.work / "profile").as_uri()

    def _failure(self, message: str) -> RuntimeError:
        said = (self.work / "output").read_text("utf-8", errors="replace")[-2000:]
        return RuntimeError(f"{message}: {said}")


class Soffice(Peer):
    """`soffice --headless --convert-to pdf`, a process a document, with a warm profile."""

    def _start(self) -> None:
        """Each conversion starts its own."""

    def convert(self, docx: Path, pdf: Path) -> None:
        made = self.work / "made" / f"{docx.stem}.pdf"
        made.unlink(missing_ok=True)
        process = self._run(
            *(
                str(find_libreoffice().program),
                f"-env:UserInstallation={self._profile}",
                "--headless",
            ),
            *("--convert-to", f"pdf:{FILTER}:{_json_options()}"),
            *("--outdir", str(made.parent), str(docx)),
        )
        try:
            process.wait(SECONDS)
        finally:
            self._end()
        if not made.is_file():
            raise self._failure(f"soffice made no PDF of {docx}")
        shutil.move(made, pdf)


class Uno(Peer):
    """A warm unoserver, asked over XML-RPC as its own `unoconvert` asks it."""

    def _start(self) -> None:
        found = importlib.util.find_spec("unoserver")
        if found is None or not found.origin or not has_uno():
            raise RuntimeError("unoserver or python3-uno is missing: run tools/set-up bench")
        self._port, uno_port = _free_ports(2)
        process = self._run(
            *(str(SYSTEM_PYTHON), "-m", "unoserver.server"),
            *("--interface", "127.0.0.1", "--port", str(self._port)),
            *("--uno-interface", "127.0.0.1", "--uno-port", str(uno_port)),
            *("--executable", str(find_libreoffice().program)),
            *("--user-installation", str(self.work / "profile")),
            *("--temp-dir", str(self.work), "--quiet"),
            env={"PYTHONPATH": str(Path(found.origin).parent.parent)},
        )
        give_up = time.monotonic() + SECONDS
        while not _listens(self._port):
            if process.poll() is not None or time.monotonic() > give_up:
                raise self._failure("unoserver did not start")
            time.sleep(0.1)

    def convert(self, docx: Path, pdf: Path) -> None:
        from unoserver.client import UnoClient

        UnoClient("127.0.0.1", str(self._port)).convert(
            inpath=str(docx),
            outpath=str(pdf),
            convert_to="pdf",
            filtername=FILTER,
            filter_options=[f"{name}={_word(value)}" for name, value in OPTIONS.items()],
            update_index=False,  # a plan has none, and the update lays the document out again
        )


class Kit(Peer):
    """A warm LibreOfficeKit in a separate process: the bare conversion, and nothing around it."""

    def _start(self) -> None:
        module = "tools.bench.peers_office"
        self._run(sys.executable, "-m", module, "kit", "--profile", self._profile, talks=True)

    def convert(self, docx: Path, pdf: Path) -> None:
        self.seconds(docx, pdf)

    def seconds(self, docx: Path, pdf: Path) -> float:
        """Converts; gives how long it took inside that process."""
        process = self._process
        assert process is not None and process.stdin is not None and process.stdout is not None
        process.stdin.write(f"{docx.resolve()}\t{pdf.resolve()}\n".encode())
        process.stdin.flush()
        said = process.stdout.readline()
        if not said:
            raise self._failure("LibreOfficeKit ended")
        answer = json.loads(said)
        if "error" in answer:
            raise RuntimeError(f"LibreOfficeKit: {answer['error']}")
        return float(answer["seconds"])


def load_bare(folder: PlanFolder) -> Version:
    """The last version as PyYAML reads it, with none of the loader's checks."""
    home = max(path for path in folder.source.iterdir() if path.is_dir())
    data: dict[str, Any] = {}
    for path in sorted(home.glob("*.yaml")):
        data |= yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    plan = Plan.model_validate(data)
    return Version(plan, (), None, plan.fingerprint(None), Tree())


def render_bare(version: Version, target: Path) -> None:
    """The shipped template filled in by docxtpl alone."""
    template = DocxTemplate(PLAN_TEMPLATE)
    template.render(plan_context(version, Trail()), autoescape=True)
    template.save(target)


def has_uno() -> bool:
    """Whether Debian's python3-uno is installed."""
    words = [str(SYSTEM_PYTHON), "-c", "import uno"]
    return (
        SYSTEM_PYTHON.exists()
        and subprocess.run(words, stderr=subprocess.DEVNULL, check=False).returncode == 0
    )


def _json_options() -> str:
    """The options as the command line and LibreOfficeKit take them."""
    return json.dumps(
        {
            name: {"type": "boolean" if isinstance(value, bool) else "long", "value": _word(value)}
            for name, value in OPTIONS.items()
        }
    )


def _word(value: bool | int) -> str:
    return str(value).lower()


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def _listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


# LibreOfficeKit.h: each function is a pointer in a table, which the object's first field points to.
_KIT = ("nSize", "destroy", "documentLoad", "getError", "documentLoadWithOptions")
_DOCUMENT = ("nSize", "destroy", "saveAs")


def _function(thing: int, table: tuple[str, ...], name: str, gives: Any, *takes: Any) -> Any:
    pointers = ctypes.cast(thing, ctypes.POINTER(ctypes.POINTER(ctypes.c_void_p))).contents
    return ctypes.CFUNCTYPE(gives, ctypes.c_void_p, *takes)(pointers[table.index(name)])


def _serve_kit(profile: str) -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # so that what LibreOffice may print is no answer
    program = find_libreoffice().program.resolve().parent
    hook = ctypes.CDLL(str(program / "libmergedlo.so")).libreofficekit_hook_2
    hook.restype, hook.argtypes = ctypes.c_void_p, [ctypes.c_char_p] * 2
    kit = hook(os.fsencode(program), profile.encode())
    word = ctypes.c_char_p
    load = _function(kit, _KIT, "documentLoadWithOptions", ctypes.c_void_p, word, word)
    error = _function(kit, _KIT, "getError", word)
    options = _json_options().encode()
    for line in sys.stdin:
        source, target = (Path(path).as_uri().encode() for path in line.rstrip("\n").split("\t"))
        start = time.perf_counter()
        document = load(kit, source, b"")
        saved = False
        if document:
            save = _function(document, _DOCUMENT, "saveAs", ctypes.c_int, word, word, word)
            saved = bool(save(document, target, b"pdf", options))
            _function(document, _DOCUMENT, "destroy", None)(document)
        took = time.perf_counter() - start
        answer = {"seconds": took} if saved else {"error": (error(kit) or b"").decode()}
        print(json.dumps(answer), file=answers, flush=True)


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("peer", choices=("soffice", "uno", "kit"))
    words.add_argument("folders", nargs="*", type=Path)
    words.add_argument("--output", type=Path, default=Path())
    words.add_argument("--profile", default="")
    asked = words.parse_args()
    if asked.peer == "kit":
        with tempfile.TemporaryDirectory(prefix="signed-plan-peer-") as name:
            _serve_kit(asked.profile or (Path(name) / "profile").as_uri())
        os._exit(0)  # LibreOffice's own clean-up may crash at the end
    asked.output.mkdir(parents=True, exist_ok=True)
    with Soffice() if asked.peer == "soffice" else Uno() as peer:
        for root in asked.folders:
            docx = asked.output / f"{root.resolve().name}.docx"
            render_bare(load_bare(PlanFolder(root)), docx)
            peer.convert(docx, docx.with_suffix(".pdf"))


if __name__ == "__main__":
    main()
