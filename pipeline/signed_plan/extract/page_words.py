"""Whether anybody's PDF shows the words that its own sources have."""

from __future__ import annotations

import json
from dataclasses import astuple
from typing import TYPE_CHECKING

from signed_plan.errors import VerificationError
from signed_plan.sandbox import SandboxError, run_in_sandbox

if TYPE_CHECKING:
    from signed_plan.plan.source import Version


def missing_words(data: bytes, version: Version) -> str:
    """How the pages fail to show a text of the version; "" if all are there to be seen, in order.

    The file is read in the sandbox. Raises VerificationError where it cannot be read to its end.
    """
    from signed_plan.document.shown import version_texts

    texts = json.dumps([astuple(one) for one in version_texts(version)]).encode()
    try:
        return str(run_in_sandbox(__name__, texts + data, str(len(texts))))
    except SandboxError as error:
        raise VerificationError(f"Its pages cannot be read: {error.reason}.") from error


def sandbox_main(data: bytes, size: str) -> str:
    """In the sandbox: reads the texts, which have so many bytes, and then the PDF."""
    from signed_plan.document.shown import missing_text
    from signed_plan.pages.proof import PageText

    texts = [PageText(*one) for one in json.loads(data[: int(size)])]
    return missing_text(data[int(size) :], texts)
