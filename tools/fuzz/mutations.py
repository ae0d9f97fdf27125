"""What Hypothesis draws: a file that is right, and a few edits that make it wrong."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st
from signed_plan.digest import Digest, canonical
from signed_plan.register.chain import START

MOST_EDITS = 4
EDGES = (
    b"",
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\r",
    b"\n",
    b" " * 99,
    b"9" * 30,
    b"-1",
    b"A" * 9999,
)
"""What readers of any kind trip over."""

YAML = (
    *(b"&a [*a]", b"<<: *x", b"!!python/object:os.system x", b"---\n", b"? ", b"|+\n", b"{", b"["),
    *(b"\t", b"#", b": ", b"- ", b"'", b'"', b"\xe2\x80\xae", b"\x85", b"%TAG ! x\n", b"id: a\n"),
)
PDF = (
    *(b"obj", b"endobj", b"stream\n", b"endstream", b"xref\n", b"trailer", b"startxref\n", b"<<"),
    *(b">>", b"[", b"]", b"(", b")", b"/Type /Catalog", b"/Prev 0", b"/XRefStm 0", b"/Size 99999"),
    *(b"/Length 99999999999", b"/Filter [/FlateDecode /FlateDecode]", b"/ByteRange [0 1 2 3]"),
    *(b"%%EOF\n", b"0 0 R", b"1 0 R", b"/Kids [1 0 R]", b"/Encrypt 1 0 R", b"/OpenAction <<"),
)
WORD = (
    *(b"{{", b"}}", b"{%", b"%}", b"{%p for a in areas %}", b"{%tr endfor %}", b"{{ title }}"),
    *(
        b"<w:p>",
        b"</w:p>",
        b"<w:tbl>",
        b"<w:tc/>",
        b"<w:sdt>",
        b'w:val="-1"',
        b"<!DOCTYPE a [",
        b"]]>",
    ),
    *(
        b"<w:br/>",
        b'<w:fldSimple w:instr="DATE"/>',
        b"<w:ins/>",
        b'r:id="rId999"',
        b"&amp;",
        b"&x;",
    ),
)
XMP = (
    *(
        b"<!DOCTYPE a [<!ENTITY b 'c'>]>",
        b"&b;",
        b"<!-- -->",
        b"<?x ?>",
        b"</rdf:RDF>",
        b"<rdf:li>",
    ),
    *(b"xmp:ModifyDate", b"2017-07-11T10:00:00Z", b"<dc:title>", b"text", b"rdf:about=''", b" "),
)
JSON = (
    *(b"{", b"}", b"[", b"]", b",", b":", b'"', b"null", b"1e999", b"-0", b"NaN", b"\\u0000"),
    *(
        b"\\ud800",
        b'"../../x"',
        b'"/etc/passwd"',
        b"true",
        b"\n",
        b'"event":"sealed"',
        b'"files":{}',
    ),
)

Edit = tuple[str, int, int, bytes]


def edits(tokens: Sequence[bytes]) -> st.SearchStrategy[list[Edit]]:
    """Some edits; their places are parts of a million of the file's length."""
    place = st.integers(0, 1_000_000)
    words = st.one_of(st.sampled_from([*tokens, *EDGES]), st.binary(max_size=8))
    edit = st.tuples(st.sampled_from(["put", "over", "cut", "copy", "flip"]), place, place, words)
    return st.lists(edit, min_size=1, max_size=MOST_EDITS)


def edited(data: bytes, changes: Sequence[Edit], start: int = 0) -> bytes:
    """The bytes after those edits, none of which is before `start`."""
    for kind, at, other, words in changes:
        size = len(data) - start
        one = start + at * size // 1_000_001
        # Mostly near: what is far apart has seldom to do with each other.
        length = other % 64 if other % 4 else other * size // 1_000_001
        if kind == "put":
            data = data[:one] + words + data[one:]
        elif kind == "over":
            data = data[:one] + words + data[one + len(words) :]
        elif kind == "cut":
            data = data[:one] + data[one + length :]
        elif kind == "copy":
            data = data[:one] + data[one : one + length][:100_000] * 2 + data[one + length :]
        elif one < len(data):
            data = data[:one] + bytes([data[one] ^ (1 << other % 8)]) + data[one + 1 :]
    return data


def edited_part(data: bytes, part: str, changes: Sequence[Edit]) -> bytes:
    """A zip file in which one part was edited, and packed again; "" edits the zip itself."""
    if not part:
        return edited(data, changes)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            inner = old.read(name)
            new.writestr(name, edited(inner, changes) if name == part else inner)
    return out.getvalue()


JSON_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**60), 2**60),
        st.floats(allow_nan=False),
        st.text(max_size=12),
        st.sampled_from(["", "../../x", "/etc/passwd", "a" * 5000, "2017-07", "\x1b[2J", "0" * 64]),
    ),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


def with_value(line: bytes, at: int, value: Any) -> bytes:
    """A line of JSON in which the value at that place, counted from the outside, is another."""
    record = json.loads(line)
    places = list(_places(record))
    holder, key = places[at % len(places)]
    holder[key] = value
    return _line(record)


def values(lines: Sequence[bytes]) -> list[Any]:
    """Every value that stands in these lines of JSON; those of one take their place elsewhere."""
    found = [holder[key] for line in lines for holder, key in _places(json.loads(line))]
    return list({json.dumps(value): value for value in found}.values())


def chained(lines: Sequence[bytes]) -> list[bytes]:
    """Lines of a register with the numbers and digests that they have in this order."""
    made: list[bytes] = []
    for line in lines:
        record = json.loads(line)
        record["seq"] = len(made) + 1
        record["prev"] = Digest.of_bytes(made[-1]).hex if made else START
        made.append(_line(record))
    return made


def _line(record: Any) -> bytes:
    try:
        return canonical(record)
    except ValueError:  # what RFC 8785 has no spelling for
        return json.dumps(record).encode()


def _places(value: Any) -> Any:
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in list(pairs):
        yield value, key
        if isinstance(inner, dict | list):
            yield from _places(inner)
