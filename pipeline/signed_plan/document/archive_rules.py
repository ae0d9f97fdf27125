"""What PDF/A-3b (ISO 19005-3) asks of a PDF, a rule to a function: a file that lasts.

These are the rules in which converters differ, or which a template can break; beside them, those
that `pdfa` is there for. veraPDF is the judge of all of them, in the tests.
"""

from __future__ import annotations

import re

from pypdf.generic import DictionaryObject, NullObject, StreamObject

from signed_plan.document.tagged_pdf import OTHER_PROGRAM, TaggedPdf, array_of, dictionary_of
from signed_plan.errors import ConversionError

_PRINTED, _UNSEEN = 4, 1 | 2 | 32 | 256  # ISO 32000-1, table 165: Print; Invisible, Hidden, NoView
_FILMS = ("/3D", "/Sound", "/Screen", "/Movie")
_ACTIONS = ("/GoTo", "/GoToR", "/GoToE", "/Thread", "/URI", "/Named")
_BY_ITSELF = ("/AA", "/JavaScript", "/XFA")
_MIME = re.compile(r"/[-\w+.]+/[-\w+.]+")
_CMYK = re.compile(rb"[kK](?<=[\s\])>]k|[\s\])>]K)\s")
_DEVICES = (b"mntr", b"prtr")
_PDFA = "{http://www.aiim.org/pdfa/ns/id/}"

_LONGEST_NAME = 127
_SHORTER = "Give the style a shorter name in the template."
_RGB = "In the template, use pictures and colours in RGB."
_FILM = "Take films, sounds and models out of the template."
_LINKS = "Let the links of the template lead to pages on the web or places in the document."


def require_colour_profile(pdf: TaggedPdf) -> None:
    """The colours are those of one profile for a screen or printer: ISO 19005-3, 6.2.3."""
    intents = array_of(pdf.catalog.get("/OutputIntents"))
    if not any(_is_profile(dictionary_of(intent)) for intent in intents):
        raise _fault("6.2.3", "it has no colour profile")


def require_plain_colours(pdf: TaggedPdf) -> None:
    """Nothing is in CMYK, which the profile does not explain: ISO 19005-3, 6.2.4.3."""
    for at, content in enumerate(pdf.contents, 1):
        if _CMYK.search(content):
            raise _fault("6.2.4.3", f"something on page {at} has colours in CMYK", _RGB)
    for at, picture in pdf.pictures:
        space = picture.get("/ColorSpace", NullObject()).get_object()
        if "/DeviceCMYK" in (space if isinstance(space, list) else [space]):
            raise _fault("6.2.4.3", f"a picture on page {at} has colours in CMYK", _RGB)


def require_lasting_annotations(pdf: TaggedPdf) -> None:
    """There are no films and the like, and all else is printed: ISO 19005-3, 6.3.1 and 6.3.2."""
    for page, annotation in pdf.annotations:
        if annotation.get("/Subtype") in _FILMS:
            raise _fault("6.3.1", f"there is a film or the like on page {page}", _FILM)
        flags = int(annotation.get("/F", 0))
        if flags & _PRINTED == 0 or flags & _UNSEEN:
            raise _fault("6.3.2", f"a link or a field on page {page} would not be printed")


def require_appearances(pdf: TaggedPdf) -> None:
    """Each field has one look, which is stored with it: ISO 19005-3, 6.3.3."""
    for page, annotation in pdf.annotations:
        if annotation.get("/Subtype") == "/Widget" and [*dictionary_of(annotation.get("/AP"))] != [
            "/N"
        ]:
            raise _fault("6.3.3", f"a field on page {page} has no look, or several")


def require_no_actions(pdf: TaggedPdf) -> None:
    """Nothing happens but that a link leads somewhere: ISO 19005-3, 6.4 and 6.5."""
    parts = (pdf.catalog, dictionary_of(pdf.catalog.get("/Names")), *pdf.pages)
    form = dictionary_of(pdf.catalog.get("/AcroForm"))
    annotations = [one for _, one in pdf.annotations]
    if any(key in one for one in (*parts, form, *annotations) for key in _BY_ITSELF):
        raise _fault("6.5.2", "it would do something by itself")
    opening = pdf.catalog.get("/OpenAction", NullObject()).get_object()
    starts = [(1, opening)] if isinstance(opening, DictionaryObject) else []
    links = [(page, dictionary_of(one["/A"])) for page, one in pdf.annotations if "/A" in one]
    for page, action in (*starts, *links):
        if action.get("/S") not in _ACTIONS:
            raise _fault("6.5.1", f"a link on page {page} would start a program", _LINKS)


def require_explained_attachments(pdf: TaggedPdf) -> None:
    """Each attachment says what it is and what of: ISO 19005-3, 6.8."""
    names = dictionary_of(dictionary_of(pdf.catalog.get("/Names")).get("/EmbeddedFiles"))
    attached = array_of(names.get("/Names"))[1::2]
    associated = [one.get_object() for one in array_of(pdf.catalog.get("/AF"))]
    for one in map(dictionary_of, attached):
        stream = dictionary_of(dictionary_of(one.get("/EF")).get("/F"))
        if (
            not (one.get("/F") and one.get("/UF") and one.get("/AFRelationship"))
            or not _MIME.fullmatch(str(stream.get("/Subtype")))
            or not any(other is one for other in associated)
        ):
            raise _fault("6.8", f"the attachment {one.get('/UF', '')} does not say what it is")


def require_identity(pdf: TaggedPdf) -> None:
    """Its metadata can be read, and say that it is PDF/A-3b: ISO 19005-3, 6.6.2.1 and 6.6.4."""
    if not pdf.metadata:
        raise _fault("6.6.2.1", "its metadata cannot be read")
    if (pdf.metadata.get(f"{_PDFA}part"), pdf.metadata.get(f"{_PDFA}conformance")) != ("3", "B"):
        raise _fault("6.6.4", "its metadata do not say so")


def require_short_names(pdf: TaggedPdf) -> None:
    """No element's type, which is a style's name, has more than 127 bytes: ISO 19005-3, 6.1.13."""
    for name in {*pdf.roles, *(str(tag.element["/S"])[1:] for tag in pdf.tags)}:
        if len(name.encode()) > _LONGEST_NAME:
            raise _fault("6.1.13", f'the name of the style "{name[:20]}…" is too long', _SHORTER)


RULES = (
    *(require_colour_profile, require_plain_colours, require_lasting_annotations),
    *(require_appearances, require_no_actions, require_explained_attachments, require_identity),
    require_short_names,
)


def _is_profile(intent: DictionaryObject) -> bool:
    """Whether it is the profile of a screen or printer in red, green and blue (ICC.1:2010, 7.2)."""
    profile = intent.get("/DestOutputProfile", NullObject()).get_object()
    if intent.get("/S") != "/GTS_PDFA1" or not isinstance(profile, StreamObject):
        return False
    head = profile.get_data()[:20]
    return head[8:9] < b"\x05" and head[12:16] in _DEVICES and head[16:20] == b"RGB "


def _fault(clause: str, what: str, remedy: str = OTHER_PROGRAM) -> ConversionError:
    return ConversionError(
        f"The PDF cannot be called fit for an archive: {what} (PDF/A-3b, ISO 19005-3, {clause}).",
        remedy,
    )
