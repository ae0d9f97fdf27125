"""How large a template may be: as a file, unpacked, and in its tags.

What reads a Word file (zipfile, lxml, python-docx, docxtpl's regular expressions) takes time that
grows with some of these, or with their squares. Within these limits it is at most a few seconds.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable
from html import unescape
from pathlib import Path

from signed_plan.errors import TemplateError
from signed_plan.files import open_file
from signed_plan.wording import shorten

_MEGABYTE = 1_000_000
_FILE = 20 * _MEGABYTE
_UNPACKED = 50 * _MEGABYTE
_XML = _MEGABYTE  # each part; shipped templates have 22,000 bytes
_ALL_XML = 8 * _MEGABYTE
_PARTS = 1_000
_READ_BY_WORD = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_COUNTS = {b"sectPr": (200, "sections"), b"styleId=": (1_000, "styles"), b":num ": (500, "lists")}

_TAGS = 2_000
_TAG = 500  # characters

_MARKUP = re.compile(r"<[^>]*>")
_BRACES = re.compile(r"\{[{%#]|[}%#]\}")
_ENDS = {"{{": "}}", "{%": "%}", "{#": "#}"}
_OF_DOCXTPL = re.compile(r"\{%-?\s*(colspan|cellbg|[vh]m)\b")
_STANDS_FOR = re.compile(r"\{[{%#](tr|tc|p|r)\s")


def require_size(template: Path) -> None:
    """Makes sure that a template may be opened at all. Raises TemplateError where it is too large.

    Raises OSError and BadZipFile where it is no file, or no zip file.
    """
    size = template.stat().st_size
    if size > _FILE:
        raise _too_large(template, f"{size // _MEGABYTE} MB")
    xml = 0
    with open_file(template) as file, zipfile.ZipFile(file) as parts:
        entries = parts.infolist()
        # zipfile gives no more bytes than the size that is read here
        unpacked = sum(entry.file_size for entry in entries)
        if len(entries) > _PARTS:
            raise _too_large(template, f"{len(entries):,} parts")
        if unpacked > _UNPACKED:
            raise _too_large(template, f"{unpacked // _MEGABYTE:,} MB when it is unpacked")
        for entry in entries:
            if entry.flag_bits & 1 or entry.compress_type not in _READ_BY_WORD:
                raise zipfile.BadZipFile(f"{entry.filename} is encrypted or packed oddly")
            with parts.open(entry) as part:
                data = part.read(_XML + 1) if _is_xml(part.read(64)) else b""
            xml += len(data)
            if len(data) > _XML or xml > _ALL_XML:
                raise _too_large(template, f"{entry.file_size:,} bytes of XML in {entry.filename}")
            for mark, (most, what) in _COUNTS.items():
                if data.count(mark) > most:
                    raise _too_large(template, f"more than {most:,} {what}")


def require_tags(parts: Iterable[str], template: str) -> None:
    """Makes sure that docxtpl can read the tags in the XML of these parts, and in time that does
    not grow with the square of it.

    Raises TemplateError, which names the tag, or the paragraph of one that does not end.
    """
    count = 0
    for xml in parts:
        # As docxtpl finds them: Word parts a tag wherever it likes.
        joined = re.sub(r"(?<=\{)(<[^>]*>)+(?=[{%#])|(?<=[}%#])(<[^>]*>)+(?=\})", "", xml)
        at = 0
        while (found := _BRACES.search(joined, at)) is not None:
            start, at = found.start(), joined.find(_ENDS.get(found.group(), "\0"), found.end()) + 2
            tag = _MARKUP.sub("", joined[start:at])
            if at < 2 or at - start > 20 * _TAG or _BRACES.search(tag, 2, len(tag) - 2):
                raise _unfinished(template, joined, start)
            count += 1
            fault = _fault(tag, joined, at)
            if fault or count > _TAGS:
                raise _bad_tag(template, tag, fault or f"there are more than {_TAGS:,} tags")


def _fault(tag: str, xml: str, after: int) -> str:
    """What is wrong with a tag that ends there in that XML; "" if nothing is."""
    if len(tag) > _TAG:
        return f"it is longer than {_TAG} characters"
    if _OF_DOCXTPL.match(tag):
        return "there is no such tag"
    place = _STANDS_FOR.match(tag)
    if place is not None and xml.find(f"</w:{place.group(1)}>", after) < 0:
        return "it is not in a paragraph or row of its own"
    return ""


def _is_xml(start: bytes) -> bool:
    return start.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n").startswith(b"<")


def _too_large(template: Path, what: str) -> TemplateError:
    return TemplateError(
        f"{template.name} is too large for a template: it has {what}.",
        "Start again from the shipped template, and put smaller pictures into it.",
    )


def _unfinished(template: str, xml: str, at: int) -> TemplateError:
    start = max(xml.rfind("<w:p>", 0, at), xml.rfind("<w:p ", 0, at))
    around = unescape(
        _MARKUP.sub("", xml[start if start >= 0 else at : at + 20 * _TAG].partition("</w:p>")[0])
    )
    return TemplateError(
        f'{template} has an unfinished tag in the paragraph "{shorten(around)}".',
        "Tags end as they begin, in the same paragraph: {{ … }} or {% … %}.",
    )


def _bad_tag(template: str, tag: str, why: str) -> TemplateError:
    return TemplateError(
        f"{template}, tag {shorten(tag)}: {why}.",
        "Take it out, or write it as in the shipped template; templates/README.md lists every tag.",
    )
