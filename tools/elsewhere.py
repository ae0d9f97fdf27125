"""Signing in another program than this one: bare pyHanko, as a stand-in for Adobe Reader."""

from __future__ import annotations

import io
import subprocess
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.font.opentype import GlyphAccumulatorFactory
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.pdf_utils.text import TextBoxStyle
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.stamp import TextStamp, TextStampStyle
from pyhanko_certvalidator import ValidationContext

FONT = "Noto Sans"


class _Stamp(TextStamp):
    """pyHanko's stamp, in the bounds that the field has, as Adobe Reader keeps them.

    pyHanko would write them as whole numbers, and that is a change that EU DSS remarks upon.
    """

    def apply_appearance(self, annot_dict: generic.DictionaryObject) -> None:
        left, bottom, right, top = map(float, annot_dict["/Rect"])
        bounds = (0, 0, right - left, top - bottom)
        super().apply_appearance(annot_dict)
        annot_dict["/AP"]["/N"]["/BBox"] = generic.ArrayObject(map(generic.FloatObject, bounds))


class _Style(TextStampStyle):
    def create_stamp(
        self, writer: BasePdfFileWriter, box: BoxConstraints, text_params: dict[str, Any]
    ) -> TextStamp:
        return _Stamp(writer, self, text_params, box)


def signed_elsewhere(
    pdf: bytes,
    field: str,
    key: bytes,
    passphrase: bytes,
    evidence: ValidationContext | None = None,
) -> bytes:
    """The PDF as that program saves it after its user has signed in the field (PAdES B-B).

    With pyHanko's own stamp, in an embedded font, since without one it would be no PDF/A; and with
    what it takes to validate the signature, if that is given.
    """
    signer = SimpleSigner.load_pkcs12_data(key, [], passphrase)
    assert signer is not None
    font: Any = GlyphAccumulatorFactory(_font_file())
    style = _Style(
        stamp_text="%(signer)s\nSigned %(ts)s",
        text_box_style=TextBoxStyle(font=font, font_size=9),
        border_width=0,
    )
    metadata = PdfSignatureMetadata(
        field_name=field,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        embed_validation_info=evidence is not None,
        validation_context=evidence,
    )
    out = io.BytesIO()
    PdfSigner(metadata, signer, stamp_style=style).sign_pdf(
        IncrementalPdfFileWriter(io.BytesIO(pdf)), existing_fields_only=True, output=out
    )
    return out.getvalue()


def _font_file() -> str:
    asked = ["fc-match", "-f", "%{file}", FONT]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout
