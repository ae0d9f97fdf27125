"""A school's own look, as a clerk gives it to a template in Word: a logo, words, another paper."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import docx
from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm
from PIL import Image, ImageDraw
from signed_plan.paths import shipped_templates

MOTTO = "Bank Road and William Lilley: together for children"
ADDRESS = "12 Bank Road, Littletown. Telephone 01234 567890."
PARAGRAPH = "Both governing boards look at this plan three times a year."
HEAD = "Bank Road Infant and Nursery School"
LOGO = "Logo of Bank Road School: a blue disc beside a red bar"
TEMPLATES = ("plan.docx", "signoff.docx", "receipt.docx")


def logo(kind: str) -> io.BytesIO:
    """A picture that is transparent where that kind can be."""
    picture = Image.new("RGBA", (400, 160), (255, 255, 255, 0))
    pen = ImageDraw.Draw(picture)
    pen.ellipse((10, 10, 150, 150), fill=(20, 90, 160))
    pen.rectangle((180, 40, 390, 120), fill=(200, 60, 40))
    written = io.BytesIO()
    (picture if kind == "png" else picture.convert("RGB")).save(written, kind)
    written.seek(0)
    return written


def put_logo(paragraph: Any, kind: str, width: int) -> Any:
    """Puts the logo at the end of a paragraph, in line with its text; `width` in mm."""
    run = paragraph.add_run()
    run.add_picture(logo(kind), width=Mm(width))
    next(run._r.iter(qn("wp:docPr"))).set("descr", LOGO)
    return run


def let_float(run: Any) -> None:
    """Lets the text flow around a run's picture (Wrap Text > Square), 14 cm from the margin."""
    inline = next(run._r.iter(qn("wp:inline")))
    anchor = parse_xml(
        f'<wp:anchor {nsdecls("wp")} distT="0" distB="0" distL="114300" distR="114300" '
        'simplePos="0" relativeHeight="251658240" behindDoc="0" locked="0" layoutInCell="1" '
        'allowOverlap="1"><wp:simplePos x="0" y="0"/><wp:positionH relativeFrom="column">'
        '<wp:posOffset>5040000</wp:posOffset></wp:positionH><wp:positionV relativeFrom="paragraph">'
        '<wp:posOffset>0</wp:posOffset></wp:positionV><wp:effectExtent l="0" t="0" r="0" b="0"/>'
        '<wp:wrapSquare wrapText="bothSides"/></wp:anchor>'
    )
    extent, *rest = inline
    anchor.insert(3, extent)
    anchor.extend(rest)
    inline.getparent().replace(inline, anchor)


def give_own_look(document: Document, *, floating: bool = False) -> None:
    """A logo and the school's name in the header, a logo and an address above the text, a paragraph
    below it, and a motto above the page's number.
    """
    section = document.sections[0]
    head = section.header.paragraphs[0]
    if head.text:  # the sign-off pages' own, beside the QR code
        head = head.insert_paragraph_before()
    else:
        section.top_margin = Mm(30)
    run = put_logo(head, "png", 30)
    head.add_run(f" {HEAD}")
    if floating:
        let_float(run)
    first = document.paragraphs[0]
    put_logo(first.insert_paragraph_before(), "jpeg", 40)
    first.insert_paragraph_before(ADDRESS)
    document.add_paragraph(PARAGRAPH)
    section.footer.paragraphs[0].insert_paragraph_before(MOTTO)


def turn(document: Document) -> None:
    """Gives a document A4 paper in portrait."""
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)


def write_templates(folder: Path, *, floating: bool = False, portrait: bool = False) -> None:
    """The shipped templates with that look, in a folder."""
    folder.mkdir(parents=True)
    for name in TEMPLATES:
        document = docx.Document(str(shipped_templates() / name))
        give_own_look(document, floating=floating)
        if portrait:
            turn(document)
        document.save(str(folder / name))


if __name__ == "__main__":
    write_templates(Path(sys.argv[1]), portrait=sys.argv[2] == "portrait")
