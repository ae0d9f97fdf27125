"""A version and a Word template make a Word file: every text exactly as it stands in the plan."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.exceptions import OpcError
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined
from jinja2 import TemplateError as JinjaError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from lxml.etree import XMLSyntaxError
from markupsafe import Markup, escape

from pipeline.document.context import Trail, plan_context, signoff_context
from pipeline.errors import TemplateError
from pipeline.plan.source import Version

OBJECTIVE_STYLE = "List Number"
LINK_STYLE = "Objective Link"
HYPERLINK_STYLE = "Hyperlink"
QR_PICTURE = "qr.png"

_TAG = re.compile(r"\{[{%#].*?[}%#]\}")
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


def render_plan(version: Version, template: Path) -> bytes:
    """The plan as a Word file, the same bytes each time.

    Raises TemplateError, naming the template, the tag, and the area and cell it was met at.
    """
    trail = Trail()
    filled = _fill(template, plan_context(version, trail), trail)
    _link_objectives(filled.docx)
    _set_properties(filled.docx, version, version.plan.full_title)
    return _same_bytes(filled)


def render_signoff(version: Version, template: Path) -> bytes:
    """The sign-off pages as a Word file, with the QR code in place of the template's picture."""
    trail = Trail()
    opened = _open(template)
    opened.replace_pic(QR_PICTURE, io.BytesIO(qr_code(version)))
    filled = _fill_opened(opened, template, signoff_context(version), trail)
    _set_properties(filled.docx, version, f"{version.plan.full_title}: sign-off")
    try:
        return _same_bytes(filled)
    except ValueError as error:
        raise TemplateError(
            f"{template.name} has no picture named {QR_PICTURE} for the QR code to replace.",
            "Put the shipped template's picture back.",
        ) from error


def qr_text(version: Version) -> str:
    """What the QR code on every sign-off page says."""
    return f"signed-plan:{version.name}:{version.fingerprint}"


def qr_code(version: Version) -> bytes:
    """The QR code (ISO/IEC 18004, error correction Q: a quarter may be smudged) as a PNG."""
    import segno

    png = io.BytesIO()
    segno.make(qr_text(version), error="q", micro=False).save(png, kind="png", scale=8, border=4)
    return png.getvalue()


def _fill(template: Path, context: dict[str, Any], trail: Trail) -> DocxTemplate:
    return _fill_opened(_open(template), template, context, trail)


def _open(template: Path) -> DocxTemplate:
    try:
        opened = DocxTemplate(template)
        opened.init_docx()
    except (OpcError, zipfile.BadZipFile, XMLSyntaxError, KeyError, ValueError, OSError) as error:
        raise TemplateError(
            f"{template.name} is not a Word file that can be opened.",
            "Save it from Word as .docx, or delete it to use the shipped one.",
        ) from error
    return opened


def _fill_opened(
    opened: DocxTemplate, template: Path, context: dict[str, Any], trail: Trail
) -> DocxTemplate:
    environment = ImmutableSandboxedEnvironment(
        autoescape=True, undefined=StrictUndefined, finalize=_exactly
    )
    try:
        opened.render(context, environment)
    except JinjaError as error:
        raise _mistake(opened, template, trail, error) from error
    except (XMLSyntaxError, TypeError, ValueError, ZeroDivisionError) as error:
        raise TemplateError(
            f"{template.name} cannot be filled in: {error}{trail}.",
            "Compare its tags with templates/README.md.",
        ) from error
    _check_cells(opened.docx, template)
    return opened


def _exactly(value: Any) -> Any:
    """A text as XML that neither Jinja nor docxtpl finds anything in to change."""
    if isinstance(value, (str, int)) and not isinstance(value, bool):
        escaped = str(escape(value))
        for character in "{}%":
            escaped = escaped.replace(character, f"&#{ord(character)};")
        return Markup(escaped)
    if isinstance(value, StrictUndefined):
        return value
    raise TypeError("a tag prints a whole list or group instead of one of its parts")


def _mistake(
    opened: DocxTemplate, template: Path, trail: Trail, error: JinjaError
) -> TemplateError:
    said = str(error.message or error)
    name = re.search(r"(?:no attribute|has no element) '([^']+)'|'([^']+)' is undefined", said)
    tag = ""
    if name is not None:
        wanted = name.group(1) or name.group(2)
        tag = next((tag for tag in _tags(opened) if re.search(rf"\b{wanted}\b", tag)), "")
        said = f"there is no value named {wanted}"
    elif hasattr(error, "docx_context"):
        tag = " ".join(_TAG.findall(" ".join(error.docx_context)))
    where = f", tag {tag}" if tag else ""
    return TemplateError(
        f"{template.name}{where}: {said}{trail}.",
        "templates/README.md lists every tag there is.",
    )


def _tags(opened: DocxTemplate) -> Iterable[str]:
    """The tags of the template as a clerk sees them, wherever Word has split them."""
    document = DocxTemplate(opened.template_file)
    document.init_docx()
    roots = [document.docx.element.body]
    for section in document.docx.sections:
        roots += [section.header._element, section.footer._element]
    for root in roots:
        for paragraph in root.iter(qn("w:p")):
            yield from _TAG.findall("".join(text.text or "" for text in paragraph.iter(qn("w:t"))))


def _check_cells(document: Document, template: Path) -> None:
    """Word calls a file corrupt in which a table cell does not end with a paragraph."""
    for cell in document.element.body.iter(qn("w:tc")):
        if cell[-1].tag != qn("w:p"):
            raise TemplateError(
                f"{template.name} leaves a table cell without a paragraph where a list is empty.",
                "Give the list an {%p else %} with an empty paragraph below it.",
            )


def _link_objectives(document: Document) -> None:
    """Makes each paragraph in the style Objective Link lead to the objective whose number it names.

    Targets are the paragraphs in the style List Number, in order. Done here and by style, because
    Word forgets tags inside the address of a link as soon as the template is restyled.
    """
    names = {style.style_id: style.name for style in document.styles}
    if HYPERLINK_STYLE not in names.values():
        document.styles.add_style(HYPERLINK_STYLE, WD_STYLE_TYPE.CHARACTER)
    look = document.styles[HYPERLINK_STYLE].style_id
    objectives = 0
    for paragraph in document.element.body.iter(qn("w:p")):
        style = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
        name = names.get(style.get(qn("w:val"))) if style is not None else None
        if name == OBJECTIVE_STYLE:
            objectives += 1
            _bookmark(paragraph, objectives)
        elif name == LINK_STYLE:
            text = "".join(part.text or "" for part in paragraph.iter(qn("w:t")))
            number = re.search(r"(\d+)\D*$", text)
            if number is not None:
                _link(paragraph, f"objective{number.group(1)}", look)


def _bookmark(paragraph: Any, number: int) -> None:
    start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    for mark in (start, end):
        mark.set(qn("w:id"), str(number))
    start.set(qn("w:name"), f"objective{number}")
    paragraph.insert(1, start)
    paragraph.append(end)


def _link(paragraph: Any, target: str, look: str) -> None:
    link = OxmlElement("w:hyperlink")
    link.set(qn("w:anchor"), target)
    link.set(qn("w:history"), "1")
    for run in paragraph.findall(qn("w:r")):
        # LibreOffice leaves a link out of the PDF unless its runs have a character style.
        style = OxmlElement("w:rStyle")
        style.set(qn("w:val"), look)
        run.get_or_add_rPr().insert(0, style)
        link.append(run)
    paragraph.append(link)


def _set_properties(document: Document, version: Version, title: str) -> None:
    properties = document.core_properties
    plan = version.plan
    properties.title = title
    properties.subject = f"Version {plan.version}"
    properties.author = " and ".join(school.name for school in plan.schools)
    properties.comments = f"Fingerprint {version.fingerprint}"
    properties.last_modified_by = ""
    properties.language = "en-GB"
    properties.revision = 1
    day = datetime(plan.dated.year, plan.dated.month, plan.dated.day, tzinfo=UTC)
    properties.created = properties.modified = day


def _same_bytes(filled: DocxTemplate) -> bytes:
    """The Word file with everything taken out of its zip that differs from run to run."""
    written = io.BytesIO()
    filled.save(written)
    result = io.BytesIO()
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(result, "w") as target:
        for name in sorted(
            source.namelist(), key=lambda name: (name != "[Content_Types].xml", name)
        ):
            info = zipfile.ZipInfo(name, _ZIP_DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            target.writestr(info, source.read(name), compresslevel=6)
    return result.getvalue()
