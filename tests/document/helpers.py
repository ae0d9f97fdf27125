"""What the tests of the document wing share: plans, papers made of them, and ways to read those."""

from __future__ import annotations

import io
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import docx
import yaml
from docx.oxml.ns import qn
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    ContentStream,
    DictionaryObject,
    NumberObject,
    TextStringObject,
)
from signed_plan.digest import Digest
from signed_plan.document.context import describe
from signed_plan.document.pdfa import EmbeddedFile, archive, archive_plan
from signed_plan.document.receipt import FileLine, Receipt, SignatureLine
from signed_plan.document.render import render_plan, render_signoff
from signed_plan.document.signoff import append_signoff
from signed_plan.document.version_record import version_record
from signed_plan.libreoffice.converter import LibreOffice, find_libreoffice, start_converter
from signed_plan.libreoffice.word_file import WordFile
from signed_plan.paths import RECORD, PlanFolder, shipped_templates
from signed_plan.plan.model import CELLS
from signed_plan.plan.source import Version, load
from signed_plan.wording import in_words

from tests.helpers import REPO

PLAN_TEMPLATE = shipped_templates() / "plan.docx"
SIGNOFF_TEMPLATE = shipped_templates() / "signoff.docx"
RECEIPT_TEMPLATE = shipped_templates() / "receipt.docx"


# Plans


def real_versions() -> list[Version]:
    return load(PlanFolder(REPO))


def an_area(number: int = 1, **given: Any) -> dict[str, Any]:
    """A row of a made-up plan as a clerk would write it; texts given to a cell become bullets."""
    area: dict[str, Any] = {"id": f"area-{number}", "name": f"Area {number}", "links": [1]}
    for cell in CELLS:
        texts = given.pop(cell, [f"The {cell} of area {number}"])
        area[cell] = [
            text if isinstance(text, dict) else {"id": f"area-{number}-{cell}-{at}", "bullet": text}
            for at, text in enumerate(texts)
        ]
    return area | given


def a_plan(folder: Path, *areas: dict[str, Any], **changes: Any) -> Version:
    """A made-up plan, written as YAML into the folder and read back."""
    data: dict[str, Any] = {
        "version": "2020-01",
        "title": "A Plan",
        "period": "2020",
        "columns": {"reference": "Reference"} | {cell: f"Column {cell}" for cell in CELLS},
        "overriding-objective": "To do well:",
        "objectives": [{"number": 1, "text": "Do well."}, {"number": 2, "text": "Do better."}],
        "schools": [{"id": "a-school", "name": "A School"}],
        "people": [
            {"id": "ann", "name": "Ann Ames", "role": "Head", "school": "a-school"},
            {"id": "ben", "name": "Ben Bates", "role": "Chair", "school": "a-school"},
        ],
        "reviews": [
            {
                "id": "spring",
                "title": "Spring review",
                "version": "2020-01",
                "date": "2020-03-02",
                "statements": ["It was reviewed."],
                "signatories": ["ann", "ben"],
            }
        ],
        "areas": list(areas) or [an_area()],
    }
    data |= {name.replace("_", "-"): value for name, value in changes.items()}
    source = folder / "source" / data["version"]
    source.mkdir(parents=True)
    text = yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=10**9)
    (source / "plan.yaml").write_text(text, encoding="utf-8")
    return load(PlanFolder(folder))[0]


def _lists(folder: Path) -> Version:
    """Every order in which the kinds of blocks can follow each other."""
    kinds = ("paragraph", "heading", "bullet", "sub-bullet")
    orders = [(one, other, third) for one in kinds for other in kinds for third in kinds]
    areas = []
    for number, order in enumerate(orders, 1):
        blocks = [
            {"id": f"b{number}-{at}", kind: f"{kind} {number}.{at}"}
            for at, kind in enumerate(order)
        ]
        areas.append(an_area(number, actions=blocks))
    return a_plan(folder, *areas)


def _heights(folder: Path) -> Version:
    """Rows of one to eighteen bullets, in an order that leaves every kind of rest on a page."""
    counts = [(7 * number) % 18 + 1 for number in range(40)]
    areas = [
        an_area(number, links=[], actions=[f"Point {at} of row {number}" for at in range(count)])
        for number, count in enumerate(counts, 1)
    ]
    return a_plan(folder, *areas)


def _tall(folder: Path) -> Version:
    """A row that is taller than two pages, between two that are not."""
    many = [f"Point {at} of the tall row" for at in range(90)]
    return a_plan(folder, an_area(1), an_area(2, actions=many), an_area(3))


def _crowd(folder: Path) -> Version:
    """A review of so many that its signatures go over several pages."""
    people = [
        {"id": f"p{at}", "name": f"Person{at} Example", "role": "Governor", "school": "a-school"}
        for at in range(25)
    ]
    review = {
        "id": "all",
        "title": "Everyone's review",
        "version": "2020-01",
        "date": "2020-03-02",
        "statements": ["It was reviewed."],
        "signatories": [person["id"] for person in people],
    }
    return a_plan(folder, people=people, reviews=[review])


def _scripts(folder: Path) -> Version:
    """Writing that goes the other way, joins, stacks, or comes from other fonts."""
    return a_plan(folder, an_area(key=SCRIPTS, outcome=["office, fluffy affairs: ﬁ ﬀ"]))


SCRIPTS = [
    "Шкільний план 2017, «лапки»",
    "Σχέδιο δράσης· ἀρχή",
    "שלום עולם",
    "مرحبا بالعالم",
    "ŵ ȳ q̃ x̂ ạ̈",
    "∑ ∞ ≤ ½ ² √ → ⇒ ∀x ∈ ℝ",
    "€ £ ¥ ₤ ₴ ₽",
    "☺ ✓ ✗ ★ ♪",
]

MADE_UP = {
    "scripts": _scripts,
    "lists": _lists,
    "heights": _heights,
    "tall": _tall,
    "crowd": _crowd,
}


# Papers


@dataclass(frozen=True)
class Papers:
    """A version, and everything made of it on the way to its finished PDF."""

    version: Version
    plan_word: WordFile
    signoff_word: WordFile
    plan_pdf: bytes
    signoff_pdf: bytes
    pdf: bytes
    path: Path
    """Where the finished PDF lies, for programs that want a file."""

    @property
    def plan_docx(self) -> bytes:
        return self.plan_word.data

    @property
    def signoff_docx(self) -> bytes:
        return self.signoff_word.data

    @property
    def reader(self) -> PdfReader:
        return PdfReader(io.BytesIO(self.pdf))

    @property
    def plan_pages(self) -> int:
        return len(PdfReader(io.BytesIO(self.plan_pdf)).pages)


def convert(
    office: LibreOffice, sets: Sequence[Sequence[bytes]], seconds: float | None = None
) -> list[list[bytes]]:
    """Turns Word files into PDFs in a LibreOffice that is started for them alone."""
    with start_converter(office) as running:
        return running.convert([[*map(WordFile, files)] for files in sets], seconds)


def make_papers(versions: Sequence[Version], folder: Path) -> list[Papers]:
    """Renders, converts (in one start of LibreOffice) and finishes the versions."""
    documents = [
        (render_plan(version, PLAN_TEMPLATE), render_signoff(version, SIGNOFF_TEMPLATE))
        for version in versions
    ]
    made: list[Papers] = []
    with start_converter(find_libreoffice()) as running:
        converted = running.convert(documents)
    for version, (plan, signoff), (plan_pdf, signoff_pdf) in zip(
        versions, documents, converted, strict=True
    ):
        pdf = archive_plan(append_signoff((plan_pdf, signoff_pdf), version), version)
        path = folder / f"{version.name}-{len(made)}.pdf"
        path.write_bytes(pdf)
        made.append(Papers(version, plan, signoff, plan_pdf, signoff_pdf, pdf, path))
    return made


def carried_by(version: Version) -> dict[str, bytes]:
    """The files that a version's PDF has to carry."""
    sources = {file.name: file.data for file in version.files}
    return {**sources, RECORD: version_record(version)}


def carrying(pdf: bytes, version: Version, files: dict[str, bytes]) -> bytes:
    """That PDF, finished once more as the version's, with these files and no others attached."""
    attached = [
        EmbeddedFile(name, data, "application/yaml", "Source", "") for name, data in files.items()
    ]
    return archive(PdfWriter(clone_from=io.BytesIO(pdf)), describe(version), attached)


def a_receipt(**changes: Any) -> Receipt:
    """A receipt such as the real November version could get, with one signature on paper."""
    (version,) = load(PlanFolder(REPO), ["2017-11"])
    plan, older = version.plan, version.superseded
    assert older is not None
    signatures = []
    for review in plan.open_reviews:
        for day, person in enumerate(map(plan.person, review.signatories), 14):
            paper = person.id == "kevin-snow"
            number = Digest.of_bytes(person.id.encode()).short
            signatures.append(
                SignatureLine(
                    review=review.title,
                    name=person.name,
                    role=person.role,
                    school=plan.school(person.school).name,
                    how="on paper" if paper else "with a certificate of their own",
                    when=in_words(datetime(2017, 11, day, day, 3 * day, tzinfo=UTC)),
                    evidence="scan-kevin-snow.pdf" if paper else f"certificate {number}",
                )
            )
    files = {
        "action-plan-2017-11.pdf": "the plan, signed and sealed",
        "action-plan-2017-11.docx": "the plan as a Word file",
        "scan-kevin-snow.pdf": "scan of the page signed on paper",
    }
    receipt = Receipt(
        title=plan.full_title,
        version=version.name,
        fingerprint=version.fingerprint,
        superseded=(older.name, older.fingerprint),
        schools=tuple(school.name for school in plan.schools),
        sealed=datetime(2017, 11, 23, 17, 53, tzinfo=UTC),
        incomplete="",
        missing=(),
        signatures=tuple(signatures),
        files=tuple(
            FileLine(name, Digest.of_bytes(name.encode()), what) for name, what in files.items()
        ),
        entries=27,
        head=Digest.of_bytes(b"the last entry"),
        register_key=Digest.of_bytes(b"a key"),
        root=Digest.of_bytes(b"a certificate"),
    )
    return replace(receipt, **changes)


# Word files


def opened(data: bytes) -> Any:
    return docx.Document(io.BytesIO(data))


def cell_texts(data: bytes, row: int, column: int) -> list[str]:
    """The paragraphs of a cell of the plan's table; row 0 is its header."""
    return [paragraph.text for paragraph in opened(data).tables[0].cell(row, column).paragraphs]


def paragraphs_of(document: Any) -> Iterator[Any]:
    """Every paragraph element: of the body, its tables, and the headers and footers."""
    roots = [document.element.body]
    for section in document.sections:
        roots += [section.header._element, section.footer._element]
    for root in roots:
        yield from root.iter(qn("w:p"))


def text_of(paragraph: Any) -> str:
    return "".join(part.text or "" for part in paragraph.iter(qn("w:t")))


def changed_template(folder: Path, template: Path, old: str, new: str, nth: int = 0) -> Path:
    """A copy of a template in whose nth paragraph that says `old` it says `new` instead."""
    document = docx.Document(str(template))
    found = [one for one in paragraphs_of(document) if old in text_of(one)][nth]
    texts = list(found.iter(qn("w:t")))
    texts[0].text = text_of(found).replace(old, new)
    for rest in texts[1:]:
        rest.text = ""
    target = folder / template.name
    document.save(str(target))
    return target


# PDF files, by other programs than the ones that write them


def run(*words: str | Path) -> str:
    done = subprocess.run(
        [str(word) for word in words], capture_output=True, text=True, check=True, timeout=120
    )
    return done.stdout


def page_texts(path: Path) -> list[str]:
    """The text of each page, in reading order."""
    return run("pdftotext", "-raw", path, "-").split("\f")[:-1]


@dataclass(frozen=True)
class Word:
    """A printed word, in points from the page's upper left corner."""

    page: int
    text: str
    left: float
    top: float
    right: float
    bottom: float


_WORD = re.compile(r'<word xMin="(.*?)" yMin="(.*?)" xMax="(.*?)" yMax="(.*?)">(.*?)</word>')


def words(path: Path) -> list[Word]:
    """Every word, with the page it stands on (from 0) and its box."""
    found = []
    for page, text in enumerate(run("pdftotext", "-bbox", path, "-").split("<page ")[1:]):
        for match in _WORD.finditer(text):
            left, top, right, bottom = map(float, match.groups()[:4])
            found.append(Word(page, unescape(match[5]), left, top, right, bottom))
    return found


def pages_of(reader: PdfReader) -> list[Any]:
    return list(reader.pages)


def kids(element: Any) -> list[Any]:
    """The kids of a structure element: elements, content references, or bare content ids."""
    found = element.get("/K")
    found = None if found is None else found.get_object()
    if found is None:
        return []
    return [kid.get_object() for kid in found] if isinstance(found, ArrayObject) else [found]


def is_element(kid: Any) -> bool:
    return isinstance(kid, DictionaryObject) and "/S" in kid


def elements(element: Any) -> Iterator[Any]:
    """All structure elements below this one, in reading order."""
    for kid in kids(element):
        if is_element(kid):
            yield kid
            yield from elements(kid)


def tree_root(reader: PdfReader) -> Any:
    root = reader.root_object["/StructTreeRoot"].get_object()
    assert isinstance(root, DictionaryObject)
    return root


def kind(element: Any) -> str:
    return str(element["/S"])


def standard_kind(reader: PdfReader, element: Any) -> str:
    """The standard type that the element's own stands for."""
    roles = tree_root(reader).get("/RoleMap", DictionaryObject()).get_object()
    found = kind(element)
    while found in roles:
        found = str(roles[found])
    return found


def content_ids(element: Any) -> list[int]:
    """The ids of the marked content that belongs to the element itself."""
    found = []
    for kid in kids(element):
        if isinstance(kid, NumberObject):
            found.append(int(kid))
        elif kid.get("/Type") == "/MCR":
            found.append(int(kid["/MCID"]))
    return found


def operations(page: Any) -> list[tuple[list[Any], str]]:
    stream = ContentStream(page["/Contents"].get_object(), page.indirect_reference.pdf)
    return [
        (list(operands), operator.decode("latin-1")) for operands, operator in stream.operations
    ]


def object_id(found: Any) -> int:
    return int(found.indirect_reference.idnum)


def piece_texts(reader: PdfReader) -> dict[tuple[int, int], str]:
    """The text of every piece of marked content, by the number of its page object and its id."""
    texts: dict[tuple[int, int], str] = {}
    for page in pages_of(reader):
        fonts = page["/Resources"]["/Font"].get_object()
        codes = {name: _characters(fonts[name]) for name in fonts}
        current: dict[bytes, str] = {}
        inside: list[tuple[int, int] | None] = []
        replaced = 0
        for operands, operator in operations(page):
            if operator == "Tf":
                current = codes[operands[0]]
            elif operator in ("BDC", "BMC"):
                properties = operands[1] if operator == "BDC" else {}
                piece = inside[-1] if inside else None
                if "/MCID" in properties:
                    piece = object_id(page), int(properties["/MCID"])
                    texts[piece] = ""
                if "/ActualText" in properties:
                    replaced = len(inside) + 1
                    if piece is not None:
                        texts[piece] += properties["/ActualText"]
                inside.append(piece)
            elif operator == "EMC":
                if replaced == len(inside):
                    replaced = 0
                inside.pop()
            elif operator in ("Tj", "TJ") and inside and inside[-1] is not None and not replaced:
                shown = operands if operator == "Tj" else operands[0]
                texts[inside[-1]] += "".join(_decoded(one, current) for one in shown)
    return texts


def _characters(font: Any) -> dict[bytes, str]:
    """What the codes of a font mean, by its ToUnicode map (ISO 32000-1, 9.10.3)."""
    cmap = font["/ToUnicode"].get_object().get_data().decode("ascii")
    found: dict[bytes, str] = {}
    for part in re.findall(r"beginbfchar(.*?)endbfchar", cmap, re.DOTALL):
        for code, text in re.findall(r"<(\w+)>\s*<(\w+)>", part):
            found[bytes.fromhex(code)] = bytes.fromhex(text).decode("utf-16-be")
    assert found
    return found


def _decoded(shown: Any, codes: dict[bytes, str]) -> str:
    if not isinstance(shown, TextStringObject | ByteStringObject):
        return ""
    data, size = shown.original_bytes, len(next(iter(codes)))
    return "".join(codes[data[at : at + size]] for at in range(0, len(data), size))


def element_text(element: Any, pieces: dict[tuple[int, int], str]) -> str:
    """The text of a structure element, with that of all elements below it."""
    found = []
    for kid in kids(element):
        if is_element(kid):
            found.append(element_text(kid, pieces))
        elif isinstance(kid, NumberObject):
            found.append(pieces[object_id(element["/Pg"].get_object()), int(kid)])
        elif kid.get("/Type") == "/MCR":
            page = kid.get("/Pg", element.get("/Pg")).get_object()
            found.append(pieces[object_id(page), int(kid["/MCID"])])
    return "".join(found)
