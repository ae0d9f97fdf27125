"""A version and a Word template make a Word file: every text exactly as it stands in the plan."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.exceptions import OpcError
from docx.oxml.ns import qn
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment
from lxml.etree import XMLSyntaxError
from markupsafe import Markup, escape

from signed_plan.document.context import (
    Keyed,
    Trail,
    describe,
    plan_context,
    plan_texts,
    qr_text,
    signoff_context,
    signoff_texts,
)
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

QR_PICTURE = "qr.png"

_KEY = re.compile("\ue000([^\ue001]*)\ue001")
_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}")
_BRACES = re.compile(r"\{[{%#]|[}%#]\}|\{ *[a-z_.]+ *\}")


def render_plan(version: Version, template: Path) -> FilledWordFile:
    """The plan as a Word file, the same bytes each time.

    Raises TemplateError, naming the template, the tag, and the area and cell it was met at.
    """
    trail = Trail()
    filled = fill(template, plan_context(version, trail), trail)
    require_complete(filled.docx, plan_texts(version), template.name, trail.printed)
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
    """The QR code (ISO/IEC 18004) as a PNG, in modules so large that a scan of 100 dpi is enough.

    So error correction M (a seventh may be smudged) and not more, and one module of white around
    it: the page's own white is the rest of the four that are asked for.
    """
    import segno

    png = io.BytesIO()
    segno.make(qr_text(version), error="m", micro=False, boost_error=False).save(
        png, kind="png", scale=8, border=1
    )
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
    try:
        opened = DocxTemplate(template)
        opened.patch_xml = _patch_xml
        opened.init_docx()
        _drop_unknown_properties(opened.docx)
        _clear_properties(opened.docx)
        paragraphs = list(_paragraph_texts(opened))
    except (
        *(OpcError, zipfile.BadZipFile, XMLSyntaxError),
        *(AttributeError, KeyError, ValueError, OSError),
    ) as error:
        raise TemplateError(
            f"{template.name} is not a Word file that can be opened.",
            "Save it from Word as .docx, or delete it to use the shipped one.",
        ) from error
    for text in paragraphs:
        if _BRACES.search(_TAG.sub("", text)):  # docxtpl would drop the paragraph in silence
            raise TemplateError(
                f'{template.name} has an unfinished tag in the paragraph "{text}".',
                "Tags end as they begin, in the same paragraph: {{ … }} or {% … %}.",
            )
    return opened


def _fill_opened(
    opened: DocxTemplate,
    template: Path,
    context: dict[str, Any],
    trail: Trail,
    printed: Callable[[Any], Any],
) -> DocxTemplate:
    environment = _Sandbox(trail, printed)
    try:
        opened.render(context, environment)
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


@lru_cache(maxsize=64)
def _patch_xml(xml: str) -> str:
    """A template's XML with whole tags in it, as docxtpl makes it; once for all plans."""
    patched: str = DocxTemplate("").patch_xml(xml)
    return patched


class _Sandbox(ImmutableSandboxedEnvironment):
    """An environment for templates of any origin, which can tell what tag a mistake is in."""

    _lines: Sequence[str] = ()

    def __init__(self, trail: Trail, printed: Callable[[Any], Any]) -> None:
        super().__init__(
            autoescape=True,
            undefined=StrictUndefined,
            finalize=lambda value: printed(trail.note(value)),
        )
        self._printed = printed

    def from_string(self, source: Any, *args: Any, **more: Any) -> Template:
        # With a line break inside it, each tag has its own line number.
        numbered = re.sub(r"\{[{%][-+]?", r"\g<0>\n", source)
        self._lines = numbered.split("\n")
        return super().from_string(numbered, *args, **more)

    def compile(self, source: Any, *args: Any, **more: Any) -> Any:
        return _compile(source, self._printed)

    def failed_tag(self, error: Exception) -> str:
        """The tag of the template last read that the error was raised at, or nothing."""
        at = getattr(error, "lineno", None)
        trace = error.__traceback__
        while trace is not None:
            # Jinja's own mark of a frame that stands for a line of a template
            if "__jinja_exception__" in trace.tb_frame.f_globals:
                at = trace.tb_lineno
            trace = trace.tb_next
        if not isinstance(at, int) or at < 2:
            return ""
        before, line = self._lines[at - 2 : at]
        found = _TAG.match(re.sub(r"^.*(?=\{[{%][-+]?$)", "", before) + line)
        return found.group() if found else ""


@lru_cache(maxsize=64)
def _compile(source: str, printed: Callable[[Any], Any]) -> Any:
    """The code of a template. Plans by the hundred have the same templates, and compiling them
    takes as long as filling them in.
    """
    return ImmutableSandboxedEnvironment.compile(_Sandbox(Trail(), printed), source)


def _mistake(template: Path, trail: Trail, tag: str, error: Exception) -> TemplateError:
    said = str(error)
    name = re.search(r"(?:no attribute|has no element) '([^']+)'|'([^']+)' is undefined", said)
    if name is not None:
        said = f"there is no value named {name.group(1) or name.group(2)}"
    tags = _TAG.findall("\n".join(_paragraph_texts(_open(template))))
    written = next((written for written in tags if _bare(written) == _bare(tag)), tag)
    where = f", tag {written}" if written else ""
    return TemplateError(
        f"{template.name}{where}: {said}{trail}.",
        "templates/README.md lists every tag there is.",
    )


def _drop_unknown_properties(document: Document) -> None:
    """Takes out a properties part that python-docx would not recognise and would write twice.

    Some programs give its relationship another type than Word does.
    """
    package = document.part.package
    for key, relationship in list(package.rels.items()):
        kind = relationship.reltype
        if kind.endswith("/core-properties") and kind != RELATIONSHIP_TYPE.CORE_PROPERTIES:
            del package.rels[key]


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
