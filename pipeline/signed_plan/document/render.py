"""A version and a Word template make a Word file: every text exactly as it stands in the plan."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from docx.document import Document
from docx.opc.exceptions import OpcError
from docx.oxml.ns import qn
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined
from lxml.etree import fromstring
from markupsafe import Markup, escape

from signed_plan.document.context import (
    CODE_BORDER,
    Keyed,
    Trail,
    describe,
    make_code,
    plan_context,
    plan_texts,
    qr_text,
    signoff_context,
    signoff_texts,
)
from signed_plan.document.page_fit import fit_to_pages
from signed_plan.document.running_titles import shorten_running_titles
from signed_plan.document.signature_boxes import give_room
from signed_plan.document.template_file import open_template, refuse_damage
from signed_plan.document.template_language import TAG, Budget, TemplateLanguage
from signed_plan.document.template_limits import require_tags
from signed_plan.document.word import (
    ObjectiveLinks,
    pack,
    require_cells,
    require_complete,
    set_properties,
)
from signed_plan.document.word_text import FilledWordFile, read_text, story_roots, with_text
from signed_plan.errors import TemplateError
from signed_plan.libreoffice.word_lists import part_lists
from signed_plan.plan.source import Version
from signed_plan.wording import shorten

QR_PICTURE = "qr.png"

_KEY = re.compile("\ue000([^\ue001]*)\ue001")


def render_plan(version: Version, template: Path) -> FilledWordFile:
    """The plan as a Word file, the same bytes each time.

    Raises TemplateError, naming the template, the tag, and the area and cell it was met at.
    """
    trail = Trail()
    filled = fill(template, plan_context(version, trail), trail)
    require_complete(filled.docx, plan_texts(version), template.name, trail.printed)
    with refuse_damage(template.name):
        shorten_running_titles(filled.docx, version.plan)
        links = ObjectiveLinks(filled.docx)
        part_lists(filled.docx)
        set_properties(filled.docx, describe(version))
        text = read_text(filled.docx, plan_texts(version), template.name)
    return with_text(pack(filled, links), text)


@dataclass(frozen=True, slots=True)
class KeyedPlan:
    """A plan as a Word file that is not yet written, and which of the plan's texts is where."""

    filled: DocxTemplate
    keys: Mapping[Any, tuple[str, ...]]
    """The keys of the texts that each paragraph prints as they are, by its element."""

    @property
    def document(self) -> Document:
        document: Document = self.filled.docx
        return document


def fill_plan(version: Version, template: Path) -> KeyedPlan:
    """The plan as `render_plan` makes it, without the properties, and still open to changes.

    Raises TemplateError as `render_plan` does.
    """
    trail = Trail()
    filled = fill(template, plan_context(version, trail), trail, _with_key)
    keys = _take_keys(filled.docx)
    require_complete(filled.docx, plan_texts(version), template.name, trail.printed)
    with refuse_damage(template.name):
        shorten_running_titles(filled.docx, version.plan)
        ObjectiveLinks(filled.docx).make()
        part_lists(filled.docx)
    return KeyedPlan(filled, keys)


def render_signoff(version: Version, template: Path) -> FilledWordFile:
    """The sign-off pages as a Word file, with the QR code in place of the template's picture."""
    trail = Trail()
    opened = _open(template)
    opened.replace_pic(QR_PICTURE, io.BytesIO(qr_code(version)))
    filled = _fill_opened(opened, template, signoff_context(version), trail, _exactly)
    require_complete(filled.docx, signoff_texts(version), template.name)
    with refuse_damage(template.name):
        give_room(filled.docx, version)
        shorten_running_titles(filled.docx, version.plan)
        description = describe(version)
        set_properties(filled.docx, replace(description, title=f"{description.title}: sign-off"))
        text = read_text(filled.docx, signoff_texts(version), template.name)
    try:
        return with_text(pack(filled), text)
    except ValueError as error:
        raise TemplateError(
            f"{template.name} has no picture named {QR_PICTURE} for the QR code to replace.",
            "Put the shipped template's picture back.",
        ) from error


def qr_code(version: Version) -> bytes:
    """The version's QR code as a PNG."""
    png = io.BytesIO()
    make_code([qr_text(version)]).save(png, kind="png", scale=8, border=CODE_BORDER)
    return png.getvalue()


def fill(
    template: Path,
    context: dict[str, Any],
    trail: Trail,
    printed: Callable[[Any], Any] | None = None,
) -> DocxTemplate:
    """The template with those values in place of its tags, each as `printed` gives it.

    Raises TemplateError, naming the template, the tag, and where the trail had got to.
    """
    return _fill_opened(_open(template), template, context, trail, printed or _exactly)


def _open(template: Path) -> DocxTemplate:
    opened = DocxTemplate(io.BytesIO(open_template(template)))
    opened.patch_xml = _patch_xml
    opened.render_footnotes = _leave_footnotes
    opened.resolve_listing = _resolve_listing
    with refuse_damage(template.name, OpcError, AttributeError, KeyError):
        opened.init_docx()
        require_tags(_parts_with_tags(opened), template.name)
        _clear_properties(opened.docx)
        for section in list(opened.docx.sections)[:1]:  # as in every Word file made so far
            section.header.is_linked_to_previous = False
            section.footer.is_linked_to_previous = False
        fit_to_pages(opened.docx)
    return opened


def _fill_opened(
    opened: DocxTemplate,
    template: Path,
    context: dict[str, Any],
    trail: Trail,
    printed: Callable[[Any], Any],
) -> DocxTemplate:
    budget = Budget(context)
    environment = TemplateLanguage(trail, printed, budget)
    try:
        opened.render(context, environment)
        budget.require_rows(sum(1 for _ in opened.docx.element.body.iter(qn("w:tr"))))
    except Exception as error:  # a template is a program: there is nothing it cannot raise
        raise _mistake(template, trail, environment.failed_tag(error), error) from error
    require_cells(opened.docx, template.name)
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


def _with_key(value: Any) -> Any:
    """The same, behind the text's key between two characters that no text of a plan may hold."""
    printed = _exactly(value)
    return Markup(f"\ue000{value.key}\ue001{printed}") if isinstance(value, Keyed) else printed


def _take_keys(document: Document) -> dict[Any, tuple[str, ...]]:
    """Takes the keys out of the document again; gives those of each paragraph's own texts."""
    keys: dict[Any, tuple[str, ...]] = {}
    for root in story_roots(document):
        for text in root.xpath(".//*[not(*)][contains(., '\ue000')]"):
            paragraph = next(text.iterancestors(qn("w:p")), root)
            keys[paragraph] = keys.get(paragraph, ()) + tuple(_KEY.findall(text.text))
            text.text = _KEY.sub("", text.text)
        for value in root.xpath(".//@*[contains(., '\ue000')]"):
            value.getparent().set(value.attrname, _KEY.sub("", value))
    return keys


def _parts_with_tags(opened: DocxTemplate) -> Iterator[str]:
    """The XML of each part that docxtpl looks for tags in."""
    yield opened.get_xml()
    for kind in (opened.HEADER_URI, opened.FOOTER_URI):
        for _, part in opened.get_headers_footers(kind):
            yield opened.get_part_xml(part)


def _leave_footnotes(context: dict[str, Any], environment: Any) -> None:
    """In the place of docxtpl's own, which fills in each footnote once for every section."""


def _resolve_listing(xml: str) -> str:
    """Filled-in XML with its tabs and line breaks as Word has them, as docxtpl does it.

    Raises XMLSyntaxError where an element has no end, for which docxtpl would look again and again.
    """
    if re.search("[\t\n\a\f]", xml) is None:
        return xml
    fromstring(xml)
    resolved: str = DocxTemplate("").resolve_listing(xml)
    return resolved


@lru_cache(maxsize=64)
def _patch_xml(xml: str) -> str:
    """A template's XML with whole tags in it, as docxtpl makes it; once for all plans."""
    patched: str = DocxTemplate("").patch_xml(xml)
    return patched


def _mistake(template: Path, trail: Trail, tag: str, error: Exception) -> TemplateError:
    said = str(error)
    name = re.search(r"(?:no attribute|has no element) '([^']+)'|'([^']+)' is undefined", said)
    if name is not None:
        said = f"there is no value named {name.group(1) or name.group(2)}"
    if isinstance(error, (RecursionError, SyntaxError)):
        said = "its tags are nested too deeply"
    said = said.removesuffix(".")
    tags = TAG.findall("\n".join(_paragraph_texts(_open(template))))
    written = next((written for written in tags if _bare(written) == _bare(tag)), tag)
    where = f", tag {shorten(written)}" if written else ""
    return TemplateError(
        f"{template.name}{where}: {said}{trail}.",
        "templates/README.md lists every tag there is.",
    )


def _clear_properties(document: Document) -> None:
    """Empties the properties that docxtpl would fill in, and fail at where a title is long."""
    properties = document.core_properties
    for name in ("author", "comments", "identifier", "language", "subject", "title"):
        setattr(properties, name, "")


def _bare(tag: str) -> str:
    """A tag without its spaces and without the p or tr that says what it stands for in Word."""
    return re.sub(r"\s", "", re.sub(r"^(\{[{%#])(?:tr|tc|p|r)\s", r"\1", tag))


def _paragraph_texts(opened: DocxTemplate) -> Iterator[str]:
    """The paragraphs of a template as a clerk sees them, however Word has split them."""
    roots = [opened.docx.element.body]
    for section in opened.docx.sections:
        roots += [section.header._element, section.footer._element]
    for root in roots:
        for paragraph in root.iter(qn("w:p")):
            yield "".join(text.text or "" for text in paragraph.iter(qn("w:t")))
