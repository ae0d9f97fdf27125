"""What vouches for the register from outside the folder: a receipt, or a head somebody kept."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from signed_plan.errors import UsageError
from signed_plan.files import read_file
from signed_plan.register.chain import Register
from signed_plan.register.events import KeysEvent
from signed_plan.sandbox import SandboxError, run_in_sandbox
from signed_plan.verify.checks import Differs

MAX_BYTES = 20_000_000


@dataclass(frozen=True, slots=True)
class Anchor:
    """The head of the register at some time, and, from a receipt, what else it names."""

    head: str
    entries: int | None = None
    register_key: str | None = None
    root: str | None = None


def read_anchor(given: str) -> Anchor:
    """The anchor in a receipt's PDF, or in a head typed in, with or without spaces.

    Raises UsageError for anything else. A receipt comes from outside: it is opened in the sandbox.
    """
    typed = re.sub(r"\s", "", given).lower()
    if re.fullmatch(r"[0-9a-f]{64}", typed):
        return Anchor(typed)
    path = Path(given)
    if not path.is_file():
        raise UsageError(
            f'"{given[:80]}" is neither a receipt nor a register\'s head.',
            "Give the PDF of a receipt, or the 64 digits of the head that it prints.",
        )
    if path.stat().st_size <= MAX_BYTES:
        try:
            record = run_in_sandbox("signed_plan.verify.anchor", read_file(path))
        except SandboxError:
            record = None
        if isinstance(record, dict):
            return Anchor(**record)
    raise UsageError(
        f"{path.name} is not a receipt of a sealed plan.",
        "Give the receipt's PDF as the office made it, or type the head that it prints.",
    )


def sandbox_main(data: bytes) -> dict[str, object] | None:
    """In the sandbox: what the record in a receipt says; None where it holds none."""
    from signed_plan.document.receipt import read_record

    try:
        record = json.loads(read_record(data) or b"")
        found = {name: record[name] for name in Anchor.__slots__}
    except (ValueError, TypeError, KeyError):
        return None
    texts = (found["head"], found["register_key"], found["root"])
    right = all(isinstance(text, str) and re.fullmatch("[0-9a-f]{64}", text) for text in texts)
    return found if right and isinstance(found["entries"], int) else None


def require_anchor(register: Register, anchor: Anchor) -> None:
    """Raises Differs, saying how, where the register is not the one that the anchor vouches for."""
    keys = register.last(KeysEvent)
    if anchor.register_key not in (None, keys and keys.event.register_key):
        raise Differs(
            "the register is signed with another key than the one the receipt names: it was "
            "rewritten"
        )
    if anchor.root not in (None, keys and keys.event.root):
        raise Differs("the office's root certificate is another than the one the receipt names")
    if anchor.head in register.heads:
        return
    count = len(register.entries)
    if anchor.entries is not None and anchor.entries > count:
        raise Differs(
            f"the register was shortened: it has {count} entries, and had {anchor.entries} when "
            "the receipt was made"
        )
    if anchor.entries is not None:
        raise Differs(
            f"the register was rewritten: entry {anchor.entries} or one before is another"
        )
    raise Differs(
        "the register was shortened or rewritten: it has no entry with that head",
        "First compare the 64 digits that you typed with those that are printed. If they are the "
        "same, do not rely on this folder before the office has explained it.",
    )
