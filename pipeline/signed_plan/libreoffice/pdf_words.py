"""The words of marked content in LibreOffice's PDF (ISO 32000-2, 9.10 and 14.6).

It writes strings in hexadecimal, and every font has a table of what its codes mean.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pypdf import PageObject
from pypdf.generic import DictionaryObject, NullObject, StreamObject

from signed_plan.libreoffice.pdf_objects import as_dictionary

_TOKEN = re.compile(
    rb"/(?P<font>[^\s/<>\[\]()]+)\s+[\d.]+\s+Tf|/MCID\s+(?P<piece>\d+)|(?P<begin>BDC|BMC)"
    rb"|(?P<end>EMC)|/ActualText\s*<FEFF(?P<instead>[0-9A-Fa-f]*)>|/\w+\s*<[0-9A-Fa-f]*>"
    rb"|<(?P<shown>[0-9A-Fa-f]+)>"
)
_LIST = re.compile(r"beginbfchar(.*?)endbfchar", re.DOTALL)
_PAIR = re.compile(r"<(\w+)>\s*<(\w+)>")


def read_pieces(page: PageObject) -> dict[int, str]:
    """The words of each piece of marked content on a page, by its id."""
    contents = page["/Contents"].get_object()
    assert isinstance(contents, StreamObject)
    fonts = as_dictionary(as_dictionary(page["/Resources"]).get("/Font", DictionaryObject()))
    reader = _PieceReader(
        {name[1:]: _Letters.of(as_dictionary(font)) for name, font in fonts.items()}
    )
    for token in _TOKEN.finditer(contents.get_data()):
        if token.lastgroup is not None:
            reader.take(token.lastgroup, token[token.lastgroup].decode("latin-1"))
    return reader.words


class _PieceReader:
    """Goes through a page's content, one token after the other."""

    def __init__(self, fonts: Mapping[str, _Letters]) -> None:
        self.words: dict[int, str] = {}
        self._fonts = fonts
        self._font = _Letters({})
        self._inside: list[int | None] = []
        """The piece that each level of marked content belongs to."""
        self._next: int | None = None
        """The piece whose content is about to begin."""
        self._replaced = 0
        """The level that has other words than its letters; 0 outside of one."""

    def take(self, kind: str, value: str) -> None:
        if kind == "font":
            self._font = self._fonts.get(value, _Letters({}))
        elif kind == "piece":
            self._next = int(value)
        elif kind == "begin":
            self._inside.append(self._piece)
            self._next = None
        elif kind == "end":
            if self._replaced == len(self._inside):
                self._replaced = 0
            del self._inside[-1:]
        elif kind == "instead":
            self._replaced = len(self._inside) + 1
            self._add(_text(value))
        elif not self._replaced:
            self._add(self._font.decode(value))

    @property
    def _piece(self) -> int | None:
        """The piece that begins here, or the one that this is in."""
        inside = self._inside[-1] if self._inside else None
        return inside if self._next is None else self._next

    def _add(self, words: str) -> None:
        if self._piece is not None:
            self.words[self._piece] = self.words.get(self._piece, "") + words


@dataclass(frozen=True, slots=True)
class _Letters:
    """What the codes of a font mean, by its ToUnicode map."""

    codes: dict[str, str]
    """In hexadecimal, all equally long."""

    @classmethod
    def of(cls, font: DictionaryObject) -> _Letters:
        table = font.get("/ToUnicode", NullObject()).get_object()
        listed = table.get_data().decode("latin-1") if isinstance(table, StreamObject) else ""
        pairs = (_PAIR.findall(part) for part in _LIST.findall(listed))
        return cls({code.upper(): _text(words) for part in pairs for code, words in part})

    def decode(self, shown: str) -> str:
        size = len(next(iter(self.codes), "00"))
        codes = (shown[at : at + size].upper() for at in range(0, len(shown), size))
        return "".join(self.codes.get(code, "") for code in codes)


def _text(words: str) -> str:
    return bytes.fromhex(words).decode("utf-16-be", "replace")
