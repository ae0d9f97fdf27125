"""Which Word files LibreOffice reads faster without their links to objectives.

LibreOffice keeps something of each link until it has read the whole table, and goes through all of
that for each paragraph: the time grows with the square of a table's rows. So it opens a file that
does not have these links yet, and `numbered.bas` makes them. The PDF is the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

LINK_STYLE = "Objective Link"
"""The style whose paragraphs lead to the objective that they name."""

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def makes_same_links(paragraphs: Iterable[Any]) -> bool:
    """Whether `numbered.bas` makes the links that these paragraphs are to get.

    They are all the paragraphs in the style Objective Link. The macro makes the whole paragraph a
    link to the objective whose number it ends with. So there may be nothing but runs in it.
    """
    return all(map(_is_plain, paragraphs))


def _is_plain(paragraph: Any) -> bool:
    text = "".join(part.text or "" for part in paragraph.iter(_W + "t"))
    return re.search(r"(?<!\d)[0-9]+$", text) is not None and all(
        kid.tag == _W + "r" for kid in paragraph if kid.tag != _W + "pPr"
    )
