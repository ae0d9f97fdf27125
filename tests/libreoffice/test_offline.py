"""LibreOffice reaches no network, and follows no link out of a file."""

from __future__ import annotations

import http.server
import subprocess
import sys
import threading
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import docx
import pytest
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn
from pypdf import PdfReader
from signed_plan.libreoffice import offline
from signed_plan.libreoffice.converter import Converter, find_libreoffice
from signed_plan.libreoffice.engines import Kit, Soffice, python_command
from signed_plan.libreoffice.word_file import WordFile

from tests.document.helpers import SIGNOFF_TEMPLATE
from tests.helpers import REPO
from tests.test_namespaces import WITHOUT_NAMESPACES


class _Server(http.server.ThreadingHTTPServer):
    """Gives a picture to whoever asks, and remembers what was asked for."""

    def __init__(self, picture: bytes) -> None:
        self.picture = picture
        self.asked: list[str] = []
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(http.server.BaseHTTPRequestHandler):
    server: _Server

    def answer(self) -> None:
        self.server.asked.append(f"{self.command} {self.path}")
        self.send_response(200)
        self.send_header("Content-Type", "image/png")
        self.send_header("Content-Length", str(len(self.server.picture)))
        self.end_headers()
        self.wfile.write(self.server.picture)

    do_GET = do_HEAD = do_OPTIONS = do_PROPFIND = answer  # noqa: N815

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def picture() -> bytes:
    template = docx.Document(str(SIGNOFF_TEMPLATE))
    blob = template.sections[0].header.part.related_parts["rId1"].blob
    assert isinstance(blob, bytes)
    return blob


@pytest.fixture
def server(picture: bytes) -> Iterator[_Server]:
    with _Server(picture) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def linking_to(target: str, picture: bytes) -> WordFile:
    """A Word file with a picture that is only linked to."""
    document = docx.Document()
    document.add_paragraph("A page")
    document.add_picture(BytesIO(picture))
    (blip,) = document.element.body.iter(qn("a:blip"))
    del blip.attrib[qn("r:embed")]
    linked = document.part.relate_to(target, RELATIONSHIP_TYPE.IMAGE, is_external=True)
    blip.set(qn("r:link"), linked)
    data = BytesIO()
    document.save(data)
    return WordFile(data.getvalue())


def pictures(pdf: bytes) -> int:
    return sum(len(page.images) for page in PdfReader(BytesIO(pdf)).pages)


@pytest.mark.slow("starts LibreOffice for each engine")
@pytest.mark.parametrize("engine", [Kit.name, Soffice.name])
def test_a_picture_that_a_word_file_links_to_is_neither_fetched_nor_put_in(
    engine: str, server: _Server, picture: bytes, tmp_path: Path
) -> None:
    (tmp_path / "own.png").write_bytes(picture)
    targets = (
        f"http://127.0.0.1:{server.server_port}/linked.png",
        (tmp_path / "own.png").as_uri(),
    )
    files = [linking_to(target, picture) for target in targets]
    with Converter(find_libreoffice()) as converter:
        if engine == Kit.name:
            (made,) = converter.convert([files])
        else:
            (made,) = converter.with_soffice([files], None)
        assert converter.engine == engine
    assert list(map(pictures, made)) == [0, 0]
    assert server.asked == []


@pytest.mark.slow("starts LibreOffice for each engine")
@pytest.mark.parametrize("engine", [Kit.name, Soffice.name])
def test_libreoffice_works_where_the_kernel_keeps_the_network(engine: str) -> None:
    code = f"""
import sys
sys.path.append({str(REPO / "pipeline")!r})
from signed_plan.libreoffice.converter import Converter, find_libreoffice
from signed_plan.namespaces import leave_network
assert not leave_network()
from signed_plan.libreoffice.word_file import WordFile
files = [WordFile(open({str(SIGNOFF_TEMPLATE)!r}, "rb").read())]
with Converter(find_libreoffice()) as converter:
    kit = {engine!r} == "LibreOfficeKit"
    made = converter.convert([files]) if kit else converter.with_soffice([files], None)
    print(converter.engine, made[0][0][:5])
"""
    done = subprocess.run(
        [*WITHOUT_NAMESPACES, sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == f"{engine} b'%PDF-'\n", done.stderr


def _network(process: int | str) -> str:
    return str(Path(f"/proc/{process}/ns/net").readlink())


def test_a_program_is_started_without_a_network() -> None:
    may_leave = subprocess.run(["unshare", "-Un", "true"], check=False).returncode == 0
    done = subprocess.run(
        python_command(offline, "/bin/readlink", "/proc/self/ns/net"),
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout.strip() != _network("self")) == may_leave


def test_a_program_that_cannot_be_started_says_why(tmp_path: Path) -> None:
    done = subprocess.run(
        python_command(offline, str(tmp_path / "nothing")),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (offline.NOT_STARTED, "No such file or directory\n")
