"""LibreOffice's PDF of one Word file, made fit for the archive and for screen readers."""

from __future__ import annotations

import io
from collections.abc import Sequence

from pypdf import PdfWriter
from pypdf.generic import NameObject

from pipeline.document.archive import Attachment, archive
from pipeline.document.context import Description
from pipeline.document.tags import TagTree, mark_loose_content


def finish(pdf: bytes, description: Description, attachments: Sequence[Attachment] = ()) -> bytes:
    """The PDF as PDF/A-3b (ISO 19005-3) and PDF/UA-1 (ISO 14289-1); the same bytes each time.

    Raises ConversionError where LibreOffice made something else than it was asked for.
    """
    writer = PdfWriter(clone_from=io.BytesIO(pdf))
    tags = TagTree(writer)
    tags.mend_lists()
    tags.head_rows()
    tags.close()
    for page in writer.pages:
        mark_loose_content(page)
        page[NameObject("/Tabs")] = NameObject("/S")
    return archive(writer, description, attachments)
