"""LibreOffice's PDF of one Word file, made fit for the archive and for screen readers."""

from __future__ import annotations

from collections.abc import Sequence

from pypdf import PageObject
from pypdf.generic import ArrayObject, NameObject, TextStringObject

from signed_plan.document.context import Description
from signed_plan.document.objects import as_array, as_dictionary
from signed_plan.document.pdfa import Attachment, archive
from signed_plan.document.tags import TagTree, mark_loose_content
from signed_plan.libreoffice.pdf_output import open_pdf


def finish(pdf: bytes, description: Description, attachments: Sequence[Attachment] = ()) -> bytes:
    """The PDF as PDF/A-3b (ISO 19005-3) and PDF/UA-1 (ISO 14289-1); the same bytes each time.

    Raises ConversionError where LibreOffice made something else than it was asked for.
    """
    writer = open_pdf(pdf)
    tags = TagTree(writer)
    tags.mend_lists()
    tags.head_rows()
    tags.close()
    for page in writer.pages:
        mark_loose_content(page)
        _describe_links(page)
        page[NameObject("/Tabs")] = NameObject("/S")
    return archive(writer, description, attachments)


def _describe_links(page: PageObject) -> None:
    """Says of each link that LibreOffice says nothing of what it is: its words are tracked as
    removed. PDF/UA wants every link described (ISO 14289-1, 7.18.5).
    """
    for annotation in map(as_dictionary, as_array(page.get("/Annots", ArrayObject()))):
        if annotation.get("/Subtype") == "/Link" and not annotation.get("/Contents"):
            annotation[NameObject("/Contents")] = TextStringObject("Removed link")
