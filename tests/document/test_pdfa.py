"""The finished file: what it says of itself, what it carries, and nothing of when and where."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from pypdf import PdfWriter
from pypdf.generic import NameObject
from signed_plan.document.pdfa import archive_plan
from signed_plan.document.signoff import append_signoff
from signed_plan.document.version_record import version_record
from signed_plan.errors import ConversionError, ExitCode
from signed_plan.paths import RECORD

from tests.document.helpers import Papers, a_plan, make_papers, run
from tests.helpers import REPO

slow = pytest.mark.slow("prints and reads many pages")

_SOURCE = ("/Source", "/application/yaml")
NAMES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "xmpMM": "http://ns.adobe.com/xap/1.0/mm/",
    "pdf": "http://ns.adobe.com/pdf/1.3/",
    "pdfaid": "http://www.aiim.org/pdfa/ns/id/",
    "pdfuaid": "http://www.aiim.org/pdfua/ns/id/",
}


def _catalog(papers: Papers) -> Any:
    return papers.reader.root_object


def _xmp(papers: Papers, path: str) -> str:
    tree = ElementTree.fromstring(_catalog(papers)["/Metadata"].get_data())
    found = tree.findall(f".//rdf:Description/{path}", NAMES)
    assert len(found) == 1
    return "".join(found[0].itertext()).strip()


def test_xmp_says_what_the_file_is(papers: Papers) -> None:
    version = papers.version
    assert _xmp(papers, "dc:title") == "Collaboration Action Plan 2017"
    assert _xmp(papers, "xmpMM:VersionID") == version.name
    assert _xmp(papers, "dc:identifier") == f"urn:sha256:{version.fingerprint.hex}"
    assert _xmp(papers, "dc:language") == "en-GB"
    assert _xmp(papers, "pdfaid:part") == "3"
    assert _xmp(papers, "pdfaid:conformance") == "B"
    assert _xmp(papers, "pdfuaid:part") == "1"
    assert _xmp(papers, "xmp:CreateDate") == f"{version.plan.last_day.isoformat()}T00:00:00Z"


def test_info_says_the_same_as_xmp(papers: Papers) -> None:
    info: Any = papers.reader.metadata
    assert info["/Title"] == _xmp(papers, "dc:title")
    assert info["/Author"] == _xmp(papers, "dc:creator")
    assert info["/Subject"] == _xmp(papers, "dc:description")
    assert info["/Creator"] == _xmp(papers, "xmp:CreatorTool")
    assert info["/Producer"] == _xmp(papers, "pdf:Producer")
    for key, name in (("/CreationDate", "xmp:CreateDate"), ("/ModDate", "xmp:ModifyDate")):
        digits = re.sub(r"\D", "", _xmp(papers, name))
        assert info[key] == f"D:{digits}Z"


def test_the_sources_are_attached_byte_for_byte_and_a_record_with_them(papers: Papers) -> None:
    folder = REPO / "source" / papers.version.name
    expected = {path.name: path.read_bytes() for path in folder.glob("*.yaml")}
    attached = papers.reader.attachments
    record = {RECORD: version_record(papers.version)}
    assert {name: data for name, (data,) in attached.items()} == expected | record


def test_every_attachment_is_an_associated_file_of_its_type(papers: Papers) -> None:
    specifications = [one.get_object() for one in _catalog(papers)["/AF"]]
    names = [file.name for file in papers.version.files]
    assert [one["/UF"] for one in specifications] == [*names, RECORD]
    named = _catalog(papers)["/Names"]["/EmbeddedFiles"]["/Names"]
    assert [one.get_object()["/UF"] for one in named[1::2]] == named[::2]
    assert [one.idnum for one in named[1::2]] == [one.idnum for one in _catalog(papers)["/AF"]]
    assert named[::2] == sorted(named[::2])
    for one in specifications:
        kind = ("/Data", "/application/json") if one["/F"] == RECORD else _SOURCE
        assert (one["/AFRelationship"], one["/EF"]["/F"]["/Subtype"]) == kind
        assert one["/F"] == one["/UF"]
        assert one["/EF"]["/F"]["/Params"]["/Size"] == len(one["/EF"]["/F"].get_data())
        assert papers.version.name in one["/Desc"]


def test_the_catalog_names_language_and_shows_the_title(papers: Papers) -> None:
    catalog = _catalog(papers)
    assert catalog["/Lang"] == "en-GB"
    assert catalog["/ViewerPreferences"]["/DisplayDocTitle"].value is True
    assert catalog["/MarkInfo"]["/Marked"].value is True
    (intent,) = catalog["/OutputIntents"]
    assert intent.get_object()["/S"] == "/GTS_PDFA1"
    assert "/JavaScript" not in catalog["/Names"]
    assert "/AA" not in catalog


def test_every_page_is_a4_landscape(papers: Papers) -> None:
    for page in papers.reader.pages:
        assert float(page.mediabox.width) == pytest.approx(841.9, abs=0.5)
        assert float(page.mediabox.height) == pytest.approx(595.3, abs=0.5)


def test_every_font_is_embedded_as_a_subset_with_its_unicode(papers: Papers) -> None:
    lines = run("pdffonts", papers.path).splitlines()[2:]
    assert lines
    for line in lines:
        *_, embedded, subset, unicode, _, _ = line.split()
        assert (embedded, subset, unicode) == ("yes", "yes", "yes")


def test_no_number_of_an_object_is_left_free(papers: Papers) -> None:
    """poppler takes a free number when it signs, and then others do not know what was signed."""
    data = papers.path.read_bytes()
    table = data[data.rindex(b"xref\n0 ") :]
    assert re.findall(rb"^(\d{10}) \d{5} f", table, re.MULTILINE) == [b"0" * 10]
    assert re.findall(rb"/Size (\d+)", table) == [b"%d" % (table.count(b" n \n") + 1)]


def test_qpdf_finds_nothing_wrong(papers: Papers) -> None:
    done = subprocess.run(
        ["qpdf", "--check", str(papers.path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WARNING" not in done.stdout + done.stderr


def test_the_file_begins_and_ends_as_an_archive_wants_it(papers: Papers) -> None:
    first, second = papers.pdf.split(b"\n")[:2]
    assert first.strip() == b"%PDF-1.7"
    assert second[:1] == b"%"
    assert all(byte >= 128 for byte in second.strip()[1:5])
    assert papers.pdf.count(b"%%EOF") == 1
    assert papers.pdf.rstrip(b"\n").endswith(b"%%EOF")


def _everything_in(papers: Papers) -> bytes:
    """The file with all its streams laid open."""
    laid_open = subprocess.run(
        ["qpdf", "--qdf", "--object-streams=disable", str(papers.path), "-"],
        capture_output=True,
        check=True,
    )
    return papers.pdf + laid_open.stdout


def test_the_file_tells_of_no_clock_and_no_folder(papers: Papers) -> None:
    data = _everything_in(papers)
    day = papers.version.plan.last_day
    for date in re.findall(rb"D:(\d{8})", data):
        assert date.decode() == day.strftime("%Y%m%d")
    assert b"/tmp" not in data
    assert b"file://" not in data
    assert str(REPO).encode() not in data
    assert b"DocChecksum" not in data


_MAKE = """
import sys
from pathlib import Path
from tests.document.helpers import make_papers, real_versions
for papers in make_papers(real_versions(), Path(sys.argv[1])):
    Path(sys.argv[1], papers.version.name).write_bytes(papers.pdf)
"""


@slow
def test_another_folder_home_time_zone_and_language_give_the_same_bytes(
    tmp_path: Path, both: dict[str, Papers]
) -> None:
    for name in ("répertoire", "home", "temporary"):
        (tmp_path / name).mkdir()
    env = os.environ | {
        "TZ": "Pacific/Auckland",
        "LANG": "de_DE.UTF-8",
        "LC_ALL": "tr_TR.UTF-8",
        "HOME": str(tmp_path / "home"),
        "TMPDIR": str(tmp_path / "temporary"),
        "USER": "someone-else",
        "PYTHONHASHSEED": "3",
        "PYTHONPATH": f"{REPO}:{REPO / 'pipeline'}",
    }
    folder = tmp_path / "répertoire"
    subprocess.run([sys.executable, "-c", _MAKE, str(folder)], check=True, env=env, cwd=folder)
    for name, papers in both.items():
        assert (folder / name).read_bytes() == papers.pdf


def test_finishing_twice_gives_the_same_bytes(papers: Papers) -> None:
    again = append_signoff((papers.plan_pdf, papers.signoff_pdf), papers.version)
    assert archive_plan(again, papers.version) == papers.pdf


def test_the_file_id_follows_the_content(both: dict[str, Papers]) -> None:
    ids: dict[str, Any] = {name: papers.reader.trailer["/ID"] for name, papers in both.items()}
    assert ids["2017-07"] != ids["2017-11"]
    for first, second in ids.values():
        assert first == second


@slow
def test_markup_in_a_title_stays_text(tmp_path: Path) -> None:
    version = a_plan(tmp_path, title="Fish & <b> {x} \"q\" 'ż'", period="%s ]]>")
    (papers,) = make_papers([version], tmp_path)
    assert _xmp(papers, "dc:title") == "Fish & <b> {x} \"q\" 'ż' %s ]]>"
    info = papers.reader.metadata
    assert info is not None
    assert info.title == _xmp(papers, "dc:title")


def test_a_pdf_whose_claim_would_be_false_is_not_written(july: Papers) -> None:
    writer = PdfWriter(clone_from=io.BytesIO(july.pdf))
    del writer.root_object[NameObject("/Lang")]
    with pytest.raises(ConversionError, match="it names no language") as raised:
        archive_plan(writer, july.version)
    assert raised.value.exit_code == ExitCode.CONVERSION
