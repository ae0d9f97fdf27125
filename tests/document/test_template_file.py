"""A template is named for what it is, and reaches for nothing outside of itself."""

from __future__ import annotations

import io
import os
import re
import zipfile
from pathlib import Path

import docx
import pytest
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn
from signed_plan.document.render import render_plan
from signed_plan.document.template_file import open_template
from signed_plan.errors import ExitCode, TemplateError
from signed_plan.plan.source import Version

from tests.document.helpers import (
    PLAN_TEMPLATE,
    RECEIPT_TEMPLATE,
    SIGNOFF_TEMPLATE,
    a_plan,
)
from tests.document.word_parts import add_picture, part_of, rezipped, saved, word_xml

SHIPPED = PLAN_TEMPLATE.read_bytes()
MAIN = "wordprocessingml.document.main+xml"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELS = "word/_rels/document.xml.rels"
OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


@pytest.fixture(scope="module")
def version(tmp_path_factory: pytest.TempPathFactory) -> Version:
    return a_plan(tmp_path_factory.mktemp("plan"))


def refusal(folder: Path, data: bytes, name: str = "plan.docx") -> TemplateError:
    (folder / name).write_bytes(data)
    with pytest.raises(TemplateError) as raised:
        open_template(folder / name)
    assert raised.value.exit_code == ExitCode.TEMPLATE
    assert raised.value.message.startswith(name)
    assert raised.value.remedy
    return raised.value


def retyped(kind: str, data: bytes = SHIPPED) -> bytes:
    """The shipped template under another content type."""
    types = part_of(data, "[Content_Types].xml")
    changed = types.replace(f"application/vnd.openxmlformats-officedocument.{MAIN}", kind)
    assert changed != types
    return rezipped(data, **{"[Content_Types].xml": changed.encode()})


def related(
    kind: str, target: str, mode: str = "", rels: str = RELS, data: bytes = SHIPPED
) -> bytes:
    """The shipped template with one more relationship."""
    mode = f' TargetMode="{mode}"' if mode else ""
    more = f'<Relationship Id="rId{kind}" Type="{OFFICE}/{kind}" Target="{target}"{mode}/>'
    text = part_of(data, rels).replace("</Relationships>", f"{more}</Relationships>")
    return rezipped(data, **{rels: text.encode()})


def strict() -> bytes:
    parts = {
        name: part_of(SHIPPED, name).replace(
            "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
            "http://purl.oclc.org/ooxml/officeDocument/relationships",
        )
        for name in ("_rels/.rels", RELS, "word/document.xml")
    }
    return rezipped(SHIPPED, **{name: text.encode() for name, text in parts.items()})


def zipped(**parts: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as target:
        for name, data in parts.items():
            target.writestr(name, data)
    return made.getvalue()


FOREIGN = {
    "nothing": (b"", "it is empty", "use the shipped one"),
    "text": (b"not a Word file", "of some other kind", "use the shipped one"),
    "half of one": (SHIPPED[:5000], "only a part of it is there", "whole copy"),
    "rtf": (b"{\\rtf1 words}", "it is an RTF file", "Word Document (*.docx)"),
    "pdf": (b"%PDF-1.7", "it is a PDF", "use the shipped one"),
    "a web page": (b"\xef\xbb\xbf\r\n<html>", "a web page or XML file", "Word Document (*.docx)"),
    "doc": (
        OLD + "WordDocument".encode("utf-16-le"),
        "a Word 97-2003 document (.doc)",
        "Word Document (*.docx)",
    ),
    "locked": (
        OLD + "EncryptedPackage".encode("utf-16-le"),
        "it is locked with a password",
        "Encrypt with Password",
    ),
    "old": (OLD, "a file of an older Office", "Open it in Word"),
    "odt": (
        zipped(mimetype=b"application/vnd.oasis.opendocument.text"),
        "an OpenDocument text (.odt)",
        "Word Document (*.docx)",
    ),
    "zip": (zipped(letter=b"words"), "a zip file of another kind", "Open it in Word"),
    "strict": (strict(), "saved as Strict Open XML Document", "without the word Strict"),
    "docm": (
        retyped("application/vnd.ms-word.document.macroEnabled.main+xml"),
        "of a kind that may have macros (.docm)",
        "Word Document (*.docx). That leaves them out",
    ),
    "xlsx": (
        retyped("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"),
        "an Excel or PowerPoint file",
        "Open it in Word",
    ),
    "no main part": (rezipped(SHIPPED, **{"word/document.xml": None}), "damaged", "again"),
    "no styles": (rezipped(SHIPPED, **{"word/styles.xml": None}), "damaged", "again"),
    "no footer": (rezipped(SHIPPED, **{"word/footer1.xml": None}), "damaged", "again"),
    "broken XML": (rezipped(SHIPPED, **{"word/document.xml": b"<w:x"}), "damaged", "again"),
    "entities": (
        rezipped(SHIPPED, **{"word/settings.xml": b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'}),
        "damaged",
        "again",
    ),
}


@pytest.mark.parametrize(("data", "why", "remedy"), FOREIGN.values(), ids=FOREIGN)
def test_a_file_of_another_kind_is_named_for_what_it_is(
    data: bytes, why: str, remedy: str, tmp_path: Path
) -> None:
    error = refusal(tmp_path, data)
    assert error.message.startswith("plan.docx is not a Word file that can be opened: ")
    assert why in error.message
    assert remedy in error.remedy


def test_a_template_that_is_gone_or_a_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="can be opened: No such file or directory"):
        open_template(tmp_path / "plan.docx")
    (tmp_path / "plan.docx").mkdir()
    with pytest.raises(TemplateError, match="can be opened: it is a folder, not a file"):
        open_template(tmp_path / "plan.docx")


HARMLESS = {
    "a Word template (.dotx)": retyped(
        "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml"
    ),
    "a picture that is nowhere": related("image", "NULL"),
    "a link to a place in the file": related("hyperlink", "#_top"),
    "a thumbnail that is not there": related("thumbnail", "docProps/t.jpeg", rels="_rels/.rels"),
    "a theme that is not there": rezipped(SHIPPED, **{"word/theme/theme1.xml": None}),
    "properties of another type": related("core-properties", "docProps/c.xml", rels="_rels/.rels"),
    "a web address": related("hyperlink", "https://example.org/", "External"),
    "a mailbox": related("hyperlink", "mailto:office@example.org", "External"),
}


def test_a_pipe_in_the_place_of_a_template_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "plan.docx")
    with pytest.raises(TemplateError, match="is a pipe"):
        open_template(tmp_path / "plan.docx")


@pytest.mark.parametrize("at", [60, 200, 700])
def test_a_part_whose_bytes_have_changed_on_a_disk_makes_a_damaged_template(
    at: int, tmp_path: Path
) -> None:
    with zipfile.ZipFile(io.BytesIO(SHIPPED)) as parts:
        body = parts.getinfo("word/document.xml")
    start = body.header_offset + 30 + len(body.filename) + at
    error = refusal(tmp_path, SHIPPED[:start] + b"\xff" * 8 + SHIPPED[start + 8 :])
    assert "it is damaged, or only a part of it is there" in error.message


LACKING = {
    "a body": ("word/document.xml", "w:body", "w:bodyless"),
    "the type of its styles": ("[Content_Types].xml", "/word/styles.xml", "/word/x.xml"),
    "the type of its lists": ("[Content_Types].xml", "/word/numbering.xml", "/word/x.xml"),
    "a type": ("[Content_Types].xml", ' ContentType="', ' x="'),
    "the id of a relationship": ("_rels/.rels", ' Id="', ' x="'),
    "the target of a relationship": ("_rels/.rels", ' Target="', ' x="'),
    "the type of a relationship": (RELS, ' Type="', ' x="'),
    "the footer that it names": ("word/document.xml", "<w:footerReference ", None),
    "the name of a style": ("word/document.xml", '<w:pStyle w:val="', '<w:pStyle w:x="'),
}


@pytest.mark.parametrize("part, old, new", LACKING.values(), ids=LACKING)
def test_a_template_that_lacks_what_every_word_file_has_is_damaged(
    part: str, old: str, new: str | None, version: Version, tmp_path: Path
) -> None:
    text = part_of(SHIPPED, part)
    assert old in text
    changed = text.replace(old, new) if new else re.sub(rf'({old}[^>]*r:id=")', r"\1x", text)
    (tmp_path / "plan.docx").write_bytes(rezipped(SHIPPED, **{part: changed.encode()}))
    with pytest.raises(TemplateError, match=r"plan\.docx is not .*: it is damaged"):
        render_plan(version, tmp_path / "plan.docx")


@pytest.mark.parametrize(
    "data", [b"", b"<", b"<?", b"<!DOCTYPE x [", b"<w:tc/>", b"words", b"\xff"]
)
def test_a_part_that_is_no_xml_makes_a_damaged_template_whoever_reads_it(
    data: bytes, version: Version, tmp_path: Path
) -> None:
    """As the properties, which the gate does not look at but python-docx does."""
    (tmp_path / "plan.docx").write_bytes(rezipped(SHIPPED, **{"docProps/core.xml": data}))
    with pytest.raises(TemplateError, match=r"plan\.docx is not .*: it is damaged"):
        render_plan(version, tmp_path / "plan.docx")


@pytest.mark.parametrize("flag", [0x20, 0x40], ids=["a patch", "strong encryption"])
def test_a_part_packed_in_a_way_that_word_does_not_know_makes_a_damaged_template(
    flag: int, tmp_path: Path
) -> None:
    entry = SHIPPED.index(b"PK\x01\x02")
    data = bytearray(SHIPPED)
    data[entry + 8] |= flag
    assert "it is damaged" in refusal(tmp_path, bytes(data)).message


@pytest.mark.parametrize("data", HARMLESS.values(), ids=HARMLESS)
def test_what_is_broken_but_shows_on_no_page_is_taken(
    data: bytes, version: Version, tmp_path: Path
) -> None:
    (tmp_path / "plan.docx").write_bytes(data)
    made = render_plan(version, tmp_path / "plan.docx").data
    shipped = render_plan(version, PLAN_TEMPLATE).data
    assert part_of(made, "word/document.xml") == part_of(shipped, "word/document.xml")
    types = part_of(made, "[Content_Types].xml")
    assert types.count(MAIN) == 1
    assert types.count("core-properties") == 1


OUTSIDE = {
    "linked picture": ("image", "http://example.org/x.png", "a linked picture", "Pictures"),
    "picture on the disk": ("image", "file:///c:/x.png", "a linked picture", "Pictures"),
    "linked object": ("oleObject", "file:///c:/x.xlsx", "a linked object", "Break Link"),
    "file": ("hyperlink", "file:///c:/x.docx", "a link to a file", "Remove Hyperlink"),
    "relative file": ("hyperlink", "other.docx", "a link to a file", "Remove Hyperlink"),
    "script": ("hyperlink", "javascript:x()", "a link to a file", "Remove Hyperlink"),
    "film": ("video", "https://example.org/x.mp4", "something outside", "Break Link"),
    "frame": ("frame", "http://example.org/", "something outside", "Break Link"),
    "mail merge": ("mailMergeSource", "file:///c:/x.csv", "a mail merge", "Normal Word Document"),
}


@pytest.mark.slow("tries many made-up templates")
@pytest.mark.parametrize(("kind", "target", "what", "remedy"), OUTSIDE.values(), ids=OUTSIDE)
@pytest.mark.parametrize("template", [PLAN_TEMPLATE, SIGNOFF_TEMPLATE, RECEIPT_TEMPLATE])
def test_whatever_leads_out_of_a_template_is_refused_by_name(
    template: Path, kind: str, target: str, what: str, remedy: str, tmp_path: Path
) -> None:
    data = related(kind, target, "External", data=template.read_bytes())
    error = refusal(tmp_path, data, template.name)
    assert what in error.message
    assert f'"{target}"' in error.message
    assert remedy in error.remedy


def test_a_linked_picture_in_a_header_is_refused_too(tmp_path: Path) -> None:
    document = docx.Document(str(PLAN_TEMPLATE))
    header = document.sections[0].header
    header.part.relate_to("http://example.org/x.png", RELATIONSHIP_TYPE.IMAGE, is_external=True)
    assert "a linked picture" in refusal(tmp_path, saved(document)).message


INSIDE = {
    "altChunk": ("aFChunk", "another file that Word has not taken in"),
    "subdocument": ("subDocument", "a subdocument"),
    "macros": ("vbaProject", "macros"),
    "control": ("control", "an ActiveX control"),
}


@pytest.mark.parametrize(("kind", "what"), INSIDE.values(), ids=INSIDE)
def test_other_files_and_programs_inside_a_template_are_refused_by_name(
    kind: str, what: str, tmp_path: Path
) -> None:
    data = rezipped(related(kind, "inside.bin"), **{"word/inside.bin": b"words"})
    assert f"plan.docx has {what}" in refusal(tmp_path, data).message


def test_a_picture_that_is_shown_but_not_there_is_named(tmp_path: Path) -> None:
    document = docx.Document(str(PLAN_TEMPLATE))
    add_picture(document.paragraphs[0], descr="A logo")
    data = rezipped(saved(document), **{"word/media/image1.png": None})
    error = refusal(tmp_path, data)
    assert 'shows a picture that is not in the file: "media/image1.png"' in error.message


def test_the_template_that_a_template_was_made_from_leaves_no_trace(
    version: Version, tmp_path: Path
) -> None:
    rels = "word/_rels/settings.xml.rels"
    settings = part_of(SHIPPED, "word/settings.xml")
    attached = f'<w:attachedTemplate xmlns:r="{OFFICE}" r:id="rIdattachedTemplate"/>'
    at = settings.index(">", settings.index("<w:settings")) + 1
    empty = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    data = rezipped(
        SHIPPED,
        **{
            "word/settings.xml": (settings[:at] + attached + settings[at:]).encode(),
            rels: f"{empty}</Relationships>".encode(),
        },
    )
    data = related("attachedTemplate", "file:///c:/School.dotx", "External", rels, data)
    (tmp_path / "plan.docx").write_bytes(data)
    made = render_plan(version, tmp_path / "plan.docx").data
    assert made == render_plan(version, PLAN_TEMPLATE).data


def test_comments_with_all_that_belongs_to_them_leave_no_trace(
    version: Version, tmp_path: Path
) -> None:
    document = docx.Document(str(PLAN_TEMPLATE))
    document.add_comment(document.paragraphs[0].runs, "Is that so?", "Clerk", "C")
    data = saved(document)
    for kind in ("commentsExtended", "commentsIds", "commentsExtensible", "people"):
        name = f"word/{kind}.xml"
        data = rezipped(related(kind, f"{kind}.xml", data=data), **{name: b"<x/>"})
    (tmp_path / "plan.docx").write_bytes(data)
    made = render_plan(version, tmp_path / "plan.docx").data
    assert made == render_plan(version, PLAN_TEMPLATE).data


@pytest.mark.parametrize("template", [PLAN_TEMPLATE, SIGNOFF_TEMPLATE, RECEIPT_TEMPLATE])
def test_a_sound_template_is_taken_as_it_is_to_the_byte(template: Path) -> None:
    assert open_template(template) == template.read_bytes()


def test_the_body_of_a_cleaned_template_keeps_its_name_and_its_words(tmp_path: Path) -> None:
    document = docx.Document(str(PLAN_TEMPLATE))
    document.paragraphs[0]._p.append(word_xml("<w:bookmarkStart w:id='1' w:name='_GoBack'/>"))
    document.paragraphs[0]._p.append(word_xml("<w:bookmarkEnd w:id='1'/>"))
    (tmp_path / "plan.docx").write_bytes(saved(document))
    cleaned = docx.Document(io.BytesIO(open_template(tmp_path / "plan.docx")))
    assert cleaned.paragraphs[0].text == "{{ title }}"
    assert next(cleaned.element.body.iter(qn("w:bookmarkStart")), None) is None
