"""The receipt as it is printed, heard, kept, and read back by a program."""

from __future__ import annotations

import io
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader, PdfWriter
from signed_plan.digest import Digest
from signed_plan.document.receipt import (
    RECORD,
    Receipt,
    finish_receipt,
    make_receipt,
    read_record,
    receipt_context,
    render_receipt,
)
from signed_plan.errors import MissingError, TemplateError, UsageError
from signed_plan.libreoffice.converter import find_libreoffice
from signed_plan.wording import in_words

from tests.document.helpers import (
    RECEIPT_TEMPLATE,
    Papers,
    a_receipt,
    changed_template,
    convert,
    element_text,
    elements,
    kids,
    opened,
    operations,
    pages_of,
    paragraphs_of,
    piece_texts,
    run,
    standard_kind,
    text_of,
    tree_root,
    words,
)

slow = pytest.mark.slow("prints and reads many pages")

ODD = "{{ evil }} & <b> {% x %} ]]>"
JSON = b'{"version":"2017-11"}\r\n\x00\xff%PDF'


def _long_names(receipt: Receipt) -> Receipt:
    """The same signatures by people, and in schools and reviews, with names that need room."""
    signatures = tuple(
        replace(
            signature,
            review="14th November 2017, Joint Collaboration Committee",
            name="Wilhelmina Featherstonehaugh-Cholmondeley",
            role="Chair of the Joint Governing Board",
            school="St Bartholomew’s Infant and Nursery School",
            evidence=f"certificate {Digest.of_bytes(b'certificate').hex[:40]}",
        )
        for signature in receipt.signatures
    )
    return replace(receipt, signatures=signatures)


def _odd(receipt: Receipt) -> Receipt:
    """Every text of a receipt has something in it that a template engine or XML could take up."""
    names = ("review", "name", "role", "school", "how", "when", "evidence")
    first, *rest = receipt.signatures
    return replace(
        receipt,
        title=f"title {ODD}",
        version=f"version {ODD}",
        superseded=(f"older {ODD}", receipt.fingerprint),
        schools=(f"a school {ODD}", f"another {ODD}"),
        incomplete=f"reason {ODD}",
        missing=(f"missing {ODD}",),
        signatures=(replace(first, **{name: f"{name} {ODD}" for name in names}), *rest),
        files=(replace(receipt.files[0], name=f"file {ODD}", what=f"what {ODD}"),),
    )


RECEIPTS = {
    "complete": a_receipt(),
    "long names": _long_names(a_receipt()),
    "incomplete": a_receipt(
        superseded=None,
        incomplete="Mr Snow has left the board",
        missing=("Kevin Snow, for 14th November 2017, JCC", "Andy Hitchcock, for the same"),
        signatures=a_receipt().signatures[:4],
    ),
    "nobody": a_receipt(incomplete="Nobody came", signatures=()),
    "many": a_receipt(signatures=a_receipt().signatures * 4),
    "odd": _odd(a_receipt()),
}


@dataclass(frozen=True)
class Page:
    """A receipt and everything made of it."""

    receipt: Receipt
    docx: bytes
    raw: bytes
    """What LibreOffice made of the Word file."""
    pdf: bytes
    path: Path

    @property
    def reader(self) -> PdfReader:
        return PdfReader(io.BytesIO(self.pdf))

    @property
    def text(self) -> str:
        """What the page says, its line breaks made spaces."""
        return " ".join(run("pdftotext", "-raw", self.path, "-").split())


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Page]:
    """Every receipt of RECEIPTS, converted in one start of LibreOffice."""
    folder = tmp_path_factory.mktemp("receipts")
    documents = [render_receipt(receipt, RECEIPT_TEMPLATE).data for receipt in RECEIPTS.values()]
    converted = convert(find_libreoffice(), [(document,) for document in documents])
    made = {}
    for (name, receipt), docx, (raw,) in zip(RECEIPTS.items(), documents, converted, strict=True):
        pdf = finish_receipt(raw, receipt, JSON)
        path = folder / f"{name}.pdf"
        path.write_bytes(pdf)
        made[name] = Page(receipt, docx, raw, pdf, path)
    return made


@pytest.fixture(scope="module")
def page(pages: dict[str, Page]) -> Page:
    return pages["complete"]


# What it says


@pytest.mark.parametrize("name", ["complete", "incomplete", "nobody", "many"])
def test_everything_that_is_given_stands_on_the_page(pages: dict[str, Page], name: str) -> None:
    receipt, text = pages[name].receipt, pages[name].text
    given = [receipt.title, receipt.version, *receipt.schools, in_words(receipt.sealed)]
    digests = [receipt.fingerprint, receipt.head, receipt.register_key, receipt.root]
    for signature in receipt.signatures:
        given += [getattr(signature, name) for name in signature.__slots__]
    for file in receipt.files:
        given += [file.name, file.what]
        digests.append(file.digest)
    if receipt.superseded:
        given.append(receipt.superseded[0])
        digests.append(receipt.superseded[1])
    given += [receipt.incomplete, *receipt.missing, f"{receipt.entries};"]
    for expected in (*given, *(digest.spaced for digest in digests)):
        assert expected in text, expected


def test_the_page_says_what_it_is_for(page: Page) -> None:
    assert "Keep this page outside the office." in page.text
    assert "plan verify --anchor with this file, or with the register’s head below" in page.text


def test_a_complete_receipt_says_so_and_an_incomplete_one_why_not(pages: dict[str, Page]) -> None:
    complete, incomplete = pages["complete"].text, pages["incomplete"].text
    assert "17:53 UTC, complete: everyone who was asked to sign has signed" in complete
    assert "incomplete" not in complete
    assert "Not signed by" not in complete
    assert "17:53 UTC, sealed incomplete: Mr Snow has left the board" in incomplete
    assert "Not signed by Kevin Snow, for 14th November 2017, JCC" in incomplete
    assert "Not signed by Andy Hitchcock, for the same" in incomplete
    assert "complete: everyone" not in incomplete


def test_the_version_before_is_named_where_there_is_one(pages: dict[str, Page]) -> None:
    older = RECEIPTS["complete"].superseded
    assert older is not None
    assert f"Supersedes {older[0]}, {older[1].spaced}" in pages["complete"].text
    assert "Supersedes no earlier version" in pages["incomplete"].text


def test_a_version_that_nobody_signed_has_no_table_of_signatures(pages: dict[str, Page]) -> None:
    assert "Nobody has signed." in pages["nobody"].text
    assert "Signatory" not in pages["nobody"].text


def test_odd_text_arrives_exactly(pages: dict[str, Page]) -> None:
    odd = pages["odd"]
    lines = [text_of(paragraph) for paragraph in paragraphs_of(opened(odd.docx))]
    for name in ("review", "name", "role", "school", "how", "when", "evidence", "file", "what"):
        assert f"{name} {ODD}" in lines
    for expected in (
        f"title {ODD}, version version {ODD}",
        f"Schoolsa school {ODD} and another {ODD}",
        f"Not signed bymissing {ODD}",
        f"Receipt of version version {ODD}Fingerprint {odd.receipt.fingerprint.short}  ·  "
        "Page 1 of 1",
    ):
        assert expected in lines
    assert odd.text.count(ODD) >= len(odd.receipt.signatures[0].__slots__)
    info = odd.reader.metadata
    assert info is not None
    assert info.title == f"title {ODD}, version version {ODD}: receipt"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("two\nlines", "runs over a line break"),
        ("a bell\x07", "a control character"),
        ("turned \u202e round", "an invisible formatting character"),
    ],
)
def test_text_that_could_not_be_printed_as_it_is_is_refused(text: str, said: str) -> None:
    with pytest.raises(UsageError, match="The receipt cannot print") as raised:
        render_receipt(a_receipt(incomplete=text), RECEIPT_TEMPLATE)
    assert said in raised.value.message
    assert raised.value.remedy


def test_a_character_that_no_font_has_is_named_before_anything_is_converted() -> None:
    with pytest.raises(MissingError, match="No installed font can show"):
        make_receipt(a_receipt(incomplete="\U0001f9a9"), JSON, RECEIPT_TEMPLATE)


def test_times_are_printed_in_utc_whatever_zone_they_come_in() -> None:
    assert in_words(datetime(2026, 11, 3, 7, 5, tzinfo=UTC)) == "3 November 2026, 07:05 UTC"
    summer = timezone(timedelta(hours=1))
    assert in_words(datetime(2026, 7, 1, 0, 30, tzinfo=summer)) == "30 June 2026, 23:30 UTC"


# How it looks


@pytest.mark.parametrize("name", ["complete", "long names", "incomplete", "nobody"])
def test_six_signatures_fit_on_one_a4_page(pages: dict[str, Page], name: str) -> None:
    (only,) = pages[name].reader.pages
    assert float(only.mediabox.width) == pytest.approx(595.3, abs=0.5)
    assert float(only.mediabox.height) == pytest.approx(841.9, abs=0.5)


@pytest.mark.parametrize("name", ["complete", "long names"])
def test_every_digest_stands_on_one_line_within_the_margins(
    pages: dict[str, Page], name: str
) -> None:
    receipt = pages[name].receipt
    found = words(pages[name].path)
    texts = [word.text for word in found]
    assert all(word.left > 40 and word.right < 595.3 - 40 for word in found)
    for digest in (receipt.fingerprint, receipt.head, *(file.digest for file in receipt.files)):
        groups = digest.spaced.split()
        at = next(at for at in range(len(texts)) if texts[at : at + len(groups)] == groups)
        assert len({word.top for word in found[at : at + len(groups)]}) == 1


def test_the_headings_of_the_table_are_repeated_on_a_second_page(pages: dict[str, Page]) -> None:
    first, second, *_ = run("pdftotext", "-raw", pages["many"].path, "-").split("\f")
    for text in (first, second):
        assert "Signatory Review How and when Evidence" in text
    assert "Page 2 of 2" in second


# How it is heard


def test_titles_are_headings_and_stand_in_the_outline(page: Page) -> None:
    reader = page.reader
    pieces = piece_texts(reader)
    headings = [
        (standard_kind(reader, element), element_text(element, pieces).strip())
        for element in elements(tree_root(reader))
        if re.fullmatch(r"/H\d", standard_kind(reader, element))
    ]
    assert headings == [
        ("/H1", "Receipt"),
        ("/H2", "Signatures"),
        ("/H2", "Files"),
        ("/H2", "Register"),
    ]
    outline: Sequence[Any] = reader.outline
    assert outline[0]["/Title"] == "Receipt"
    assert [item["/Title"] for item in outline[1]] == ["Signatures", "Files", "Register"]


def test_each_table_begins_with_a_row_of_column_headers(page: Page) -> None:
    reader = page.reader
    pieces = piece_texts(reader)
    heard = []
    for table in elements(tree_root(reader)):
        if standard_kind(reader, table) == "/Table":
            first, *rest = (row for row in elements(table) if row["/S"] == "/TR")
            assert all(cell["/S"] == "/TH" for cell in kids(first))
            assert all(cell["/S"] == "/TD" for row in rest for cell in kids(row))
            heard.append([element_text(cell, pieces).strip() for cell in kids(first)])
    assert heard == [["Signatory", "Review", "How and when", "Evidence"], ["File", "SHA-256"]]


def test_tabs_follow_the_tags_on_every_page(pages: dict[str, Page]) -> None:
    for page in pages_of(pages["many"].reader):
        assert page["/Tabs"] == "/S"


@slow
def test_nothing_is_painted_outside_tags_and_artifacts(pages: dict[str, Page]) -> None:
    for page in pages_of(pages["many"].reader):
        depth = 0
        for operands, operator in operations(page):
            depth += (operator in ("BDC", "BMC")) - (operator == "EMC")
            assert depth or operator not in {"Tj", "TJ", "Do", "S", "f", "f*"}, operands


# What it carries


def test_the_record_comes_back_byte_for_byte(pages: dict[str, Page]) -> None:
    for page in pages.values():
        assert read_record(page.pdf) == JSON


def test_the_record_is_associated_as_data_of_its_type(page: Page) -> None:
    catalog: Any = page.reader.root_object
    (specification,) = [one.get_object() for one in catalog["/AF"]]
    assert specification["/UF"] == RECORD == "receipt.json"
    assert specification["/AFRelationship"] == "/Data"
    assert specification["/EF"]["/F"]["/Subtype"] == "/application/json"
    assert page.receipt.version in specification["/Desc"]


def test_the_file_names_itself_by_its_record(page: Page) -> None:
    catalog: Any = page.reader.root_object
    xmp = catalog["/Metadata"].get_data().decode()
    assert f"<dc:identifier>urn:sha256:{Digest.of_bytes(JSON)}</dc:identifier>" in xmp
    assert "<pdfaid:part>3</pdfaid:part>" in xmp
    assert "<pdfuaid:part>1</pdfuaid:part>" in xmp
    assert catalog["/Lang"] == "en-GB"


def test_what_is_no_receipt_has_no_record(november: Papers, page: Page) -> None:
    assert read_record(november.pdf) is None
    for data in (b"", b"receipt.json", b"%PDF-1.7\n%%EOF\n", page.docx, page.pdf[:5000]):
        assert read_record(data) is None


def test_a_file_with_two_records_has_none(page: Page) -> None:
    writer = PdfWriter(clone_from=io.BytesIO(page.pdf))
    writer.add_attachment(RECORD, b"{}")
    out = io.BytesIO()
    writer.write(out)
    assert read_record(out.getvalue()) is None


def test_a_damaged_receipt_gives_the_record_or_none_but_no_crash(page: Page) -> None:
    for at in range(0, len(page.pdf), 499):
        damaged = page.pdf[:at] + bytes([page.pdf[at] ^ 0x55]) + page.pdf[at + 1 :]
        found = read_record(damaged)
        assert found is None or isinstance(found, bytes)


# Same bytes, and nothing of when and where


@slow
def test_making_it_again_gives_the_same_bytes(page: Page, tmp_path: Path) -> None:
    again = make_receipt(page.receipt, JSON, RECEIPT_TEMPLATE, tmp_path / "scratch")
    assert again == page.pdf
    assert render_receipt(page.receipt, RECEIPT_TEMPLATE).data == page.docx
    assert list((tmp_path / "scratch").iterdir()) == []


def test_every_date_in_the_file_is_the_day_of_sealing(page: Page) -> None:
    laid_open = subprocess.run(
        ["qpdf", "--qdf", "--object-streams=disable", str(page.path), "-"],
        capture_output=True,
        check=True,
    ).stdout
    assert set(re.findall(rb"D:(\d{8})", laid_open)) == {b"20171123"}
    properties = opened(page.docx).core_properties
    assert properties.created == properties.modified == datetime(2017, 11, 23, tzinfo=UTC)
    assert properties.title == "Collaboration Action Plan 2017, version 2017-11: receipt"
    assert page.receipt.fingerprint.hex in properties.comments


def test_a_time_of_another_zone_gives_the_same_file(page: Page) -> None:
    east = page.receipt.sealed.astimezone(timezone(timedelta(hours=13)))
    assert east.day == 24
    elsewhere = replace(page.receipt, sealed=east)
    assert render_receipt(elsewhere, RECEIPT_TEMPLATE).data == page.docx
    assert finish_receipt(page.raw, elsewhere, JSON) == page.pdf


# Templates of one's own


def test_a_mistake_in_the_template_names_file_and_tag(tmp_path: Path) -> None:
    template = changed_template(tmp_path, RECEIPT_TEMPLATE, "signature.when", "signature.wen")
    with pytest.raises(TemplateError) as raised:
        render_receipt(a_receipt(), template)
    assert raised.value.message == (
        "receipt.docx, tag {{ signature.wen }}: there is no value named wen."
    )


@pytest.mark.parametrize(
    ("tag", "missing"),
    [
        ("{{ register.head }}", a_receipt().head.spaced),
        ("{{ file.sha256 }}", a_receipt().files[0].digest.spaced),
        ("{{ signature.evidence }}", a_receipt().signatures[0].evidence),
        ("{{ root }}", a_receipt().root.spaced),
    ],
)
def test_a_template_that_leaves_something_out_is_refused(
    tmp_path: Path, tag: str, missing: str
) -> None:
    template = changed_template(tmp_path, RECEIPT_TEMPLATE, tag, "")
    with pytest.raises(TemplateError) as raised:
        render_receipt(a_receipt(), template)
    assert raised.value.message.startswith(f'receipt.docx leaves out "{missing[:50]}')


@slow
def test_headings_and_bullets_of_a_clerk_s_own_are_tagged_as_such(tmp_path: Path) -> None:
    document = opened(RECEIPT_TEMPLATE.read_bytes())
    for paragraph in paragraphs_of(document):
        for tag, style in (
            ("signature.name", "Heading 3"),
            ("signature.evidence", "List Bullet 2"),
        ):
            if tag in text_of(paragraph):
                paragraph.get_or_add_pPr().style = document.styles[style].style_id
    template = tmp_path / "receipt.docx"
    document.save(str(template))
    receipt = RECEIPTS["incomplete"]
    reader = PdfReader(io.BytesIO(make_receipt(receipt, JSON, template)))
    found = list(elements(tree_root(reader)))
    rows = [kids(row)[0]["/S"] for row in found if row["/S"] == "/TR"]
    assert rows[: 1 + len(receipt.signatures)] == ["/TH"] * (1 + len(receipt.signatures))
    items = [element for element in found if element["/S"] == "/LI"]
    assert len(items) == len(receipt.signatures)
    assert {item["/P"].get_object()["/S"] for item in items} == {"/L"}


def test_a_font_that_is_not_here_is_named(tmp_path: Path) -> None:
    document = opened(RECEIPT_TEMPLATE.read_bytes())
    document.styles["Heading 1"].font.name = "Optima Unheard"
    document.save(str(tmp_path / "receipt.docx"))
    with pytest.raises(MissingError, match="The font Optima Unheard is not installed"):
        make_receipt(a_receipt(), JSON, tmp_path / "receipt.docx")


def test_every_value_that_templates_can_say_is_said_by_the_shipped_one() -> None:
    document = opened(RECEIPT_TEMPLATE.read_bytes())
    said = " ".join(map(text_of, paragraphs_of(document)))
    for name, value in receipt_context(a_receipt()).items():
        inner = value if isinstance(value, dict) else {}
        for wanted in [f"{name}.{key}" for key in inner] or [name]:
            assert re.search(rf"\b{re.escape(wanted)}\b", said), wanted
