"""Small PDFs, drawn by hand for these tests."""

from __future__ import annotations

import io

from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    IndirectObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

WIDTH, HEIGHT = 300, 200


def words(text: str, x: float = 20, y: float = 100, *, before: str = "", mark: str = "") -> str:
    """A text in 12 points, with operators before it; a mark makes it a piece of the document."""
    shown = f"BT /F1 12 Tf {before} {x} {y} Td ({text}) Tj ET"
    return f"/P <</MCID {mark}>> BDC {shown} EMC" if mark else shown


def draw(
    *content: str,
    field: tuple[float, float, float, float] | None = None,
    crop: tuple[float, float, float, float] | None = None,
    turned: int = 0,
) -> bytes:
    """A PDF with such a page each.

    `/Grey` is a dark picture, `/Form` a group that says Grouped; `/Faint` draws all but unseen, and
    `/Layer` is a layer that is switched off.
    """
    writer = PdfWriter()
    layer = _add_layer(writer)
    for one in content:
        page = writer.add_blank_page(WIDTH, HEIGHT)
        font = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Font"),
                NameObject("/Subtype"): NameObject("/Type1"),
                NameObject("/BaseFont"): NameObject("/Helvetica"),
            }
        )
        fonts = DictionaryObject({NameObject("/F1"): writer._add_object(font)})
        picture, group = DecodedStreamObject(), DecodedStreamObject()
        picture.set_data(bytes([60]) * 16)
        picture.update(
            {
                NameObject("/Type"): NameObject("/XObject"),
                NameObject("/Subtype"): NameObject("/Image"),
                NameObject("/Width"): NumberObject(4),
                NameObject("/Height"): NumberObject(4),
                NameObject("/BitsPerComponent"): NumberObject(8),
                NameObject("/ColorSpace"): NameObject("/DeviceGray"),
            }
        )
        group.set_data(words("Grouped").encode())
        group.update(
            {
                NameObject("/Type"): NameObject("/XObject"),
                NameObject("/Subtype"): NameObject("/Form"),
                NameObject("/BBox"): ArrayObject(map(FloatObject, (0, 0, WIDTH, HEIGHT))),
                NameObject("/Resources"): DictionaryObject({NameObject("/Font"): fonts}),
            }
        )
        objects = {
            NameObject("/Grey"): writer._add_object(picture),
            NameObject("/Form"): writer._add_object(group),
        }
        faint = DictionaryObject({NameObject("/ca"): FloatObject(0.02)})
        page[NameObject("/Resources")] = DictionaryObject(
            {
                NameObject("/ExtGState"): DictionaryObject({NameObject("/Faint"): faint}),
                NameObject("/Properties"): DictionaryObject({NameObject("/Layer"): layer}),
                NameObject("/Font"): fonts,
                NameObject("/XObject"): DictionaryObject(objects),
            }
        )
        if crop is not None:
            page[NameObject("/CropBox")] = ArrayObject(map(FloatObject, crop))
        page[NameObject("/Rotate")] = NumberObject(turned)
        stream = DecodedStreamObject()
        stream.set_data(one.encode())
        page[NameObject("/Contents")] = writer._add_object(stream)
        if field is not None:
            widget = DictionaryObject(
                {
                    NameObject("/Type"): NameObject("/Annot"),
                    NameObject("/Subtype"): NameObject("/Widget"),
                    NameObject("/FT"): NameObject("/Sig"),
                    NameObject("/Rect"): ArrayObject(map(FloatObject, field)),
                }
            )
            page[NameObject("/Annots")] = ArrayObject([writer._add_object(widget)])
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _add_layer(writer: PdfWriter) -> IndirectObject:
    """A layer that is switched off (ISO 32000-2, 8.11)."""
    layer = writer._add_object(
        DictionaryObject(
            {
                NameObject("/Type"): NameObject("/OCG"),
                NameObject("/Name"): TextStringObject("Unseen"),
            }
        )
    )
    off = DictionaryObject({NameObject("/OFF"): ArrayObject([layer])})
    writer.root_object[NameObject("/OCProperties")] = DictionaryObject(
        {NameObject("/OCGs"): ArrayObject([layer]), NameObject("/D"): off}
    )
    return layer
