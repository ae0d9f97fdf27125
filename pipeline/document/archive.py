"""The last hand on the PDF: what makes it PDF/A-3b (ISO 19005-3) and PDF/UA-1 (ISO 14289-1),
the sources it carries, and the same bytes every time.
"""

from __future__ import annotations

import hashlib
import io
from datetime import UTC, date, datetime
from xml.sax.saxutils import escape

from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)

from pipeline.document.objects import as_array, as_dictionary
from pipeline.errors import ConversionError
from pipeline.plan.source import SourceFile, Version

PRODUCER = "LibreOffice, pypdf"
CREATOR = "Signed Plan"

_ICC_DATE = slice(24, 36)  # ICC.1:2010, 7.2.1
_NO_DATE = bytes(12)

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
   <dc:identifier>{fingerprint}</dc:identifier>
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


def archive(writer: PdfWriter, version: Version) -> bytes:
    """The finished PDF: metadata, attached sources, nothing in it that depends on when or where.

    Raises ConversionError where LibreOffice left out something the standards ask for.
    """
    _check(writer)
    _attach_sources(writer, version)
    _describe(writer, version)
    _undate_colour_profiles(writer)
    writer.compress_identical_objects(remove_duplicates=False, remove_unreferenced=True)
    writer.pdf_header = "%PDF-1.7"
    writer._ID = _file_id(writer)
    return _written(writer)


def _check(writer: PdfWriter) -> None:
    catalog = writer.root_object
    for key, what in (
        ("/StructTreeRoot", "tags"),
        ("/Lang", "a language"),
        ("/OutputIntents", "a colour profile"),
        ("/Outlines", "an outline"),
    ):
        if key not in catalog:
            raise ConversionError(
                f"LibreOffice made a PDF without {what}.",
                "Use headings in the template, and a current LibreOffice.",
            )


def _attach_sources(writer: PdfWriter, version: Version) -> None:
    """Embeds the YAML files as associated files, relationship Source (ISO 32000-2, 14.13)."""
    specifications = ArrayObject(
        writer._add_object(_file_specification(writer, file, version)) for file in version.files
    )
    names = ArrayObject()
    for file, specification in zip(version.files, specifications, strict=True):
        names.extend((TextStringObject(file.name), specification))
    catalog = writer.root_object
    catalog[NameObject("/AF")] = specifications
    catalog[NameObject("/Names")] = DictionaryObject(
        {NameObject("/EmbeddedFiles"): DictionaryObject({NameObject("/Names"): names})}
    )


def _file_specification(writer: PdfWriter, file: SourceFile, version: Version) -> DictionaryObject:
    stream = StreamObject()
    stream.set_data(file.data)
    embedded = stream.flate_encode()
    embedded[NameObject("/Type")] = NameObject("/EmbeddedFile")
    embedded[NameObject("/Subtype")] = NameObject("/application/yaml")  # RFC 9512
    embedded[NameObject("/Params")] = DictionaryObject(
        {
            NameObject("/Size"): NumberObject(len(file.data)),
            NameObject("/ModDate"): TextStringObject(_pdf_date(version.plan.dated)),
            NameObject("/CheckSum"): ByteStringObject(
                hashlib.md5(file.data, usedforsecurity=False).digest()
            ),
        }
    )
    reference = writer._add_object(embedded)
    return DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Filespec"),
            NameObject("/F"): TextStringObject(file.name),
            NameObject("/UF"): TextStringObject(file.name),
            NameObject("/Desc"): TextStringObject(f"Source of version {version.name}: {file.name}"),
            NameObject("/AFRelationship"): NameObject("/Source"),
            NameObject("/EF"): DictionaryObject(
                {NameObject("/F"): reference, NameObject("/UF"): reference}
            ),
        }
    )


def _describe(writer: PdfWriter, version: Version) -> None:
    """Title, version and fingerprint, once in XMP and, saying the same, in the Info dictionary."""
    plan = version.plan
    author = " and ".join(school.name for school in plan.schools)
    subject = f"Version {plan.version}"
    xmp = _XMP.format(
        title=escape(plan.full_title),
        author=escape(author),
        subject=escape(subject),
        fingerprint=f"urn:sha256:{version.fingerprint}",
        version=escape(plan.version),
        creator=CREATOR,
        producer=PRODUCER,
        day=plan.dated.isoformat(),
    )
    metadata = StreamObject()
    metadata.set_data(xmp.encode("utf-8"))
    metadata[NameObject("/Type")] = NameObject("/Metadata")
    metadata[NameObject("/Subtype")] = NameObject("/XML")
    writer.root_object[NameObject("/Metadata")] = writer._add_object(metadata)
    day = _pdf_date(plan.dated)
    writer.metadata = None
    writer.add_metadata(
        {
            "/Title": plan.full_title,
            "/Author": author,
            "/Subject": subject,
            "/Creator": CREATOR,
            "/Producer": PRODUCER,
            "/CreationDate": day,
            "/ModDate": day,
        }
    )


def _undate_colour_profiles(writer: PdfWriter) -> None:
    for intent in as_array(writer.root_object["/OutputIntents"]):
        reference = as_dictionary(intent).raw_get("/DestOutputProfile")
        profile = reference.get_object()
        data = bytearray(profile.get_data())
        data[_ICC_DATE] = _NO_DATE
        stream = StreamObject()
        stream.set_data(bytes(data))
        undated = stream.flate_encode()
        undated[NameObject("/N")] = profile["/N"]
        writer._replace_object(reference, undated)


def _file_id(writer: PdfWriter) -> ArrayObject:
    """A file identifier (ISO 32000-2, 14.4) made of the content instead of the clock."""
    writer._ID = None
    content = hashlib.sha256(_written(writer)).digest()[:16]
    return ArrayObject([ByteStringObject(content), ByteStringObject(content)])


def _written(writer: PdfWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _pdf_date(day: date) -> str:
    return datetime(day.year, day.month, day.day, tzinfo=UTC).strftime("D:%Y%m%d000000Z")
