"""A PDF to read while the plan is being written. It is marked DRAFT and cannot be signed."""

from __future__ import annotations

import io
import math

from pypdf import PageObject, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    IndirectObject,
    NameObject,
    NullObject,
    NumberObject,
    StreamObject,
)

from signed_plan.document.claims import require_accessibility
from signed_plan.document.context import describe
from signed_plan.document.pdfa import CREATOR, PRODUCER
from signed_plan.libreoffice.pdf_objects import as_array, as_dictionary
from signed_plan.plan.source import Version

_READ_ONLY = 1  # field flag "ReadOnly"; ISO 32000-2, table 227

# The letters are drawn: as text, they would stand between the words that a reader copies. Each is
# a way of the pen in a box one unit high, with how far it is to the next.
_LETTERS = (
    ("0 0 m 0 1 l .28 1 l .52 1 .62 .78 .62 .5 c .62 .22 .52 0 .28 0 c h", 0.86),
    ("0 0 m 0 1 l .34 1 l .52 1 .6 .9 .6 .74 c .6 .58 .52 .48 .34 .48 c 0 .48 l", 0.0),
    (".32 .48 m .62 0 l", 0.84),
    ("0 0 m .33 1 l .66 0 l .11 .33 m .55 .33 l", 0.9),
    ("0 0 m 0 1 l .56 1 l 0 .5 m .46 .5 l", 0.74),
    ("0 1 m .64 1 l .32 1 m .32 0 l", 0.64),
)
_LENGTH = sum(advance for _, advance in _LETTERS)
_PEN = 0.13
_OF_THE_DIAGONAL = 0.58


def draft_pdf(writer: PdfWriter, version: Version) -> bytes:
    """The plan with its sign-off pages, as `append_signoff` gives it, with DRAFT across each page.

    Its signature fields are read-only, and it does not claim to be fit for an archive.

    Raises ConversionError if it is not accessible: the version would be refused, too.
    """
    # Multiplied, so that black text stays as black as it was.
    look = writer._add_object(
        DictionaryObject(
            {
                NameObject("/Type"): NameObject("/ExtGState"),
                NameObject("/BM"): NameObject("/Multiply"),
                NameObject("/CA"): FloatObject(0.5),
            }
        )
    )
    before = writer._add_object(_stream("q\n"))
    for page in writer.pages:
        resources = as_dictionary(page.get("/Resources"))
        states = as_dictionary(resources.setdefault(NameObject("/ExtGState"), DictionaryObject()))
        states[NameObject("/Draft")] = look
        content = page.get("/Contents")
        whole = content.get_object() if content is not None else None
        inner = whole if isinstance(whole, ArrayObject) else [page.raw_get("/Contents")]
        behind = writer._add_object(_stream(f"\nQ\n{_watermark(page)}"))
        page[NameObject("/Contents")] = ArrayObject([before, *inner, behind])
    for field in as_array(as_dictionary(writer.root_object["/AcroForm"])["/Fields"]):
        as_dictionary(field)[NameObject("/Ff")] = NumberObject(_READ_ONLY)
    return _write(writer, version)


def _watermark(page: PageObject) -> str:
    """DRAFT from corner to corner of what is seen of the page, whichever way up it is shown."""
    box = page.cropbox
    width, height = float(box.width), float(box.height)
    turned = page.rotation % 360
    seen = (height, width) if turned in (90, 270) else (width, height)
    angle = math.atan2(seen[1], seen[0]) + math.radians(turned)
    scale = _OF_THE_DIAGONAL * math.hypot(width, height) / _LENGTH
    along, across = scale * math.cos(angle), scale * math.sin(angle)
    x = float(box.left) + width / 2 - along * _LENGTH / 2 + across / 2
    y = float(box.bottom) + height / 2 - across * _LENGTH / 2 - along / 2
    lines = [
        "/Artifact <</Type /Pagination /Subtype /Watermark>> BDC",  # ISO 32000-2, 14.8.2.2
        "q /Draft gs .74 G 1 J 1 j [] 0 d",
        f"{along:.4f} {across:.4f} {-across:.4f} {along:.4f} {x:.4f} {y:.4f} cm {_PEN} w",
        # One path, so that no crossing of two strokes is darker than the rest.
        *_pen_ways(),
        "S Q",
        "EMC\n",
    ]
    return "\n".join(lines)


def _pen_ways() -> list[str]:
    ways, at = [], 0.0
    for way, advance in _LETTERS:
        moved, is_x = [], True
        for word in way.split():
            if word.isalpha():
                moved.append(word)
            else:
                moved.append(f"{float(word) + at:.3f}" if is_x else word)
                is_x = not is_x
        ways.append(" ".join(moved))
        at += advance
    return ways


def _stream(text: str) -> StreamObject:
    stream = StreamObject()
    stream.set_data(text.encode("ascii"))
    return stream


def _write(writer: PdfWriter, version: Version) -> bytes:
    """The file, with a title that says DRAFT in place of the claim to be PDF/A."""
    description = describe(version)
    for claim in ("/Metadata", "/OutputIntents"):
        if claim in writer.root_object:
            reference = writer.root_object.raw_get(claim)
            if isinstance(reference, IndirectObject):
                writer._replace_object(reference, NullObject())
            del writer.root_object[claim]
    writer.metadata = None
    writer.add_metadata(
        {
            "/Title": f"DRAFT: {description.title}",
            "/Author": description.author,
            "/Creator": CREATOR,
            "/Producer": PRODUCER,
        }
    )
    require_accessibility(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
