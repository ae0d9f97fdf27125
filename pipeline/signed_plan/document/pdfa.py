"""The last step to the PDF: what makes it PDF/A-3b (ISO 19005-3) and PDF/UA-1 (ISO 14289-1), the
files that it carries, and the same bytes every time.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from xml.sax.saxutils import escape

from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    ByteStringObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)

from signed_plan.document.claims import require_claims
from signed_plan.document.context import Description, describe
from signed_plan.document.version_record import version_record
from signed_plan.libreoffice.pdf_mending import undate_colour_profiles
from signed_plan.paths import RECORD
from signed_plan.plan.source import Version

PRODUCER = "LibreOffice, pypdf"
CREATOR = "Signed Plan"

_ID_ENTRY = re.compile(rb"/ID \[[^]]*\]\n?")

_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/"
    xmlns:pdf="http://ns.adobe.com/pdf/1.3/"
    xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"
    xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"
    xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
    xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
    xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
   <dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
   <dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
   <dc:description>
    <rdf:Alt><rdf:li xml:lang="x-default">{subject}</rdf:li></rdf:Alt>
   </dc:description>
   <dc:identifier>{identifier}</dc:identifier>
   <dc:language><rdf:Bag><rdf:li>en-GB</rdf:li></rdf:Bag></dc:language>
   <dc:format>application/pdf</dc:format>
   <xmpMM:VersionID>{version}</xmpMM:VersionID>
   <xmp:CreatorTool>{creator}</xmp:CreatorTool>
   <xmp:CreateDate>{day}T00:00:00Z</xmp:CreateDate>
   <xmp:ModifyDate>{day}T00:00:00Z</xmp:ModifyDate>
   <pdf:Producer>{producer}</pdf:Producer>
   <pdfaid:part>3</pdfaid:part>
   <pdfaid:conformance>B</pdfaid:conformance>
   <pdfuaid:part>1</pdfuaid:part>
   <pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
    <pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
    <pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
    <pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
    <pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
     <pdfaProperty:name>part</pdfaProperty:name>
     <pdfaProperty:valueType>Integer</pdfaProperty:valueType>
     <pdfaProperty:category>internal</pdfaProperty:category>
     <pdfaProperty:description>Part of ISO 14289 conformed to</pdfaProperty:description>
    </rdf:li></rdf:Seq></pdfaSchema:property>
   </rdf:li></rdf:Bag></pdfaExtension:schemas>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>
"""


@dataclass(frozen=True, slots=True)
class EmbeddedFile:
    """A file that a PDF carries, as an associated file (ISO 32000-2, 14.13)."""

    name: str
    data: bytes
    mime: str
    relationship: str
    """What it is to the document: "Source", "Data"; ISO 32000-2, table 43."""
    description: str


def archive_plan(writer: PdfWriter, version: Version) -> bytes:
    """The finished PDF of a plan's version, which carries the sources it was made of, and a record.

    So the fingerprint that it prints can be computed from the PDF alone.
    """
    attached = [
        EmbeddedFile(
            name=file.name,
            data=file.data,
            mime="application/yaml",  # RFC 9512
            relationship="Source",
            description=f"Source of version {version.name}: {file.name}",
        )
        for file in version.files
    ]
    record = EmbeddedFile(
        name=RECORD,
        data=version_record(version),
        mime="application/json",
        relationship="Data",
        description=f"Fingerprints of version {version.name} and of the versions before it",
    )
    return archive(writer, describe(version), [*attached, record])


def archive(
    writer: PdfWriter, description: Description, attachments: Iterable[EmbeddedFile]
) -> bytes:
    """The finished PDF: metadata, attachments, nothing in it that depends on when or where.

    Raises ConversionError if the PDF is not what its metadata claim.
    """
    carried = sorted(attachments, key=lambda one: one.name)
    if carried:
        _attach(writer, carried, description.day)
    _describe(writer, description)
    undate_colour_profiles(writer)
    _drop_unnamed(writer)
    writer.pdf_header = "%PDF-1.7"
    require_claims(writer)
    return _write(writer)


def _attach(writer: PdfWriter, attachments: Sequence[EmbeddedFile], day: date) -> None:
    """Embeds the files, in the order of their names, as a name tree wants them."""
    specifications = ArrayObject(
        writer._add_object(_file_specification(writer, one, day)) for one in attachments
    )
    names = ArrayObject()
    for one, specification in zip(attachments, specifications, strict=True):
        names.extend((TextStringObject(one.name), specification))
    catalog = writer.root_object
    catalog[NameObject("/AF")] = specifications
    catalog[NameObject("/Names")] = DictionaryObject(
        {NameObject("/EmbeddedFiles"): DictionaryObject({NameObject("/Names"): names})}
    )


def _file_specification(writer: PdfWriter, attachment: EmbeddedFile, day: date) -> DictionaryObject:
    stream = StreamObject()
    stream.set_data(attachment.data)
    embedded = stream.flate_encode()
    embedded[NameObject("/Type")] = NameObject("/EmbeddedFile")
    embedded[NameObject("/Subtype")] = NameObject(f"/{attachment.mime}")
    embedded[NameObject("/Params")] = DictionaryObject(
        {
            NameObject("/Size"): NumberObject(len(attachment.data)),
            NameObject("/ModDate"): TextStringObject(_pdf_date(day)),
            NameObject("/CheckSum"): ByteStringObject(
                hashlib.md5(attachment.data, usedforsecurity=False).digest()
            ),
        }
    )
    reference = writer._add_object(embedded)
    return DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Filespec"),
            NameObject("/F"): TextStringObject(attachment.name),
            NameObject("/UF"): TextStringObject(attachment.name),
            NameObject("/Desc"): TextStringObject(attachment.description),
            NameObject("/AFRelationship"): NameObject(f"/{attachment.relationship}"),
            NameObject("/EF"): DictionaryObject(
                {NameObject("/F"): reference, NameObject("/UF"): reference}
            ),
        }
    )


def _describe(writer: PdfWriter, description: Description) -> None:
    """Title, version and identifier, once in XMP and, saying the same, in the Info dictionary.

    The title is to be shown in place of the file's name.
    """
    xmp = _XMP.format(
        title=escape(description.title),
        author=escape(description.author),
        subject=escape(description.subject),
        identifier=escape(description.identifier),
        version=escape(description.version),
        creator=CREATOR,
        producer=PRODUCER,
        day=description.day.isoformat(),
    )
    metadata = StreamObject()
    metadata.set_data(xmp.encode("utf-8"))
    metadata[NameObject("/Type")] = NameObject("/Metadata")
    metadata[NameObject("/Subtype")] = NameObject("/XML")
    writer.root_object[NameObject("/Metadata")] = writer._add_object(metadata)
    # LibreOffice has it only where the Word file has a title.
    preferences = writer.root_object.setdefault(
        NameObject("/ViewerPreferences"), DictionaryObject()
    )
    preferences.get_object()[NameObject("/DisplayDocTitle")] = BooleanObject(True)
    day = _pdf_date(description.day)
    writer.metadata = None
    writer.add_metadata(
        {
            "/Title": description.title,
            "/Author": description.author,
            "/Subject": description.subject,
            "/Creator": CREATOR,
            "/Producer": PRODUCER,
            "/CreationDate": day,
            "/ModDate": day,
        }
    )


def _drop_unnamed(writer: PdfWriter) -> None:
    """Drops the objects that no other object leads to, and numbers the others without a gap. pypdf
    can drop them too, in four times the time, since it looks for equal objects as well.

    Some programs take a number that was left free for an object of their own when they sign, and
    then other programs no longer see what they signed.
    """
    info = writer._info_obj
    roots = [one.indirect_reference for one in (writer.root_object, info) if one is not None]
    holders: list[Any] = [*writer._objects, roots]
    named: dict[int, IndirectObject] = {}
    while holders:
        holder = holders.pop()
        parts = holder.values() if isinstance(holder, dict) else holder
        for part in parts if isinstance(holder, dict | list) else ():
            if isinstance(part, IndirectObject):
                named[id(part)] = part
            elif isinstance(part, dict | list):
                holders.append(part)
    used = {reference.idnum for reference in named.values()}
    kept = [(at, one) for at, one in enumerate(writer._objects, 1) if at in used]
    numbers = {at: number for number, (at, _) in enumerate(kept, 1)}
    for _, one in kept:
        if one is not None and one.indirect_reference is not None:
            named[id(one.indirect_reference)] = one.indirect_reference
    for reference in named.values():
        reference.idnum = numbers[reference.idnum]
    writer._objects[:] = [one for _, one in kept]


def _write(writer: PdfWriter) -> bytes:
    """The written file, with an identifier (ISO 32000-2, 14.4) made of the rest of its content
    instead of the clock; written once, since that takes longest.
    """
    place = ByteStringObject(bytes(16))
    writer._ID = ArrayObject([place, place])
    out = io.BytesIO()
    writer.write(out)
    data = out.getvalue()
    trailer = data.rindex(b"trailer")
    entry = _ID_ENTRY.search(data, trailer)
    assert entry is not None, "pypdf writes it into the trailer"
    content = hashlib.sha256(data[: entry.start()] + data[entry.end() :]).digest()[:16]
    named = entry.group().replace(b"00" * 16, content.hex().encode())
    return data[: entry.start()] + named + data[entry.end() :]


def _pdf_date(day: date) -> str:
    return day.strftime("D:%Y%m%d000000Z")
