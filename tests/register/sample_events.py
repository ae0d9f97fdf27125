"""One event of every kind as it might be written, for tests that are about a few of its fields."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from signed_plan.digest import Digest, canonical
from signed_plan.paths import docx_file, pdf_file, receipt_file
from signed_plan.register.chain import START, Register
from signed_plan.register.event_kinds import read_event
from signed_plan.register.events import Event
from signed_plan.register.shapes import KEYS_FILES

Fields = dict[str, Any]

OFFICE = ("keys", "enrolled", "revoked")
"""The kinds that concern the office and no version."""


def digest(text: str) -> str:
    return Digest.of_bytes(text.encode()).hex


def file(name: str, data: bytes = b"data") -> Fields:
    return {"file": name, "sha256": Digest.of_bytes(data).hex, "size": len(data)}


def grown(version: str, data: bytes = b"data") -> Fields:
    return {"pdf": file(pdf_file(version), data)}


def sample_fields(kind: str, version: str = "v1") -> Fields:
    """What such an event says, as it stands in the register's file, without what is around it.

    "signed" is the one at the office; see also "signed elsewhere" and "signed on paper".
    """
    person = {"person": "carole-clemens", "name": "Carole Clemens"}
    act = {"review": "heads", "person": "carole-clemens"}
    certificate = {"certificate": digest("certificate"), "serial": "7d8a", "issuer": "office"}
    samples: dict[str, Fields] = {
        "built": {
            "fingerprint": digest("words"),
            "supersedes": {"version": "v0", "fingerprint": digest("older words")},
            "areas": {"staff": digest("staff")},
            "sources": {"plan.yaml": digest("source")},
            "templates": {"plan.docx": digest("template"), "signoff.docx": digest("sign-off")},
            "outputs": {
                "docx": file(docx_file(version)),
                "pdf": {**file(pdf_file(version)), "pages": 7},
            },
            "tools": {"python": "3.11.7", "fonts": {"Carlito": digest("font")}},
        },
        "keys": {
            "organisation": "Two schools",
            "mark": "SPECIMEN",
            "root": digest("root"),
            "seal": digest("seal"),
            "register_key": digest("key"),
            "files": {name: file(f"certificates/{name}") for name in KEYS_FILES},
        },
        "enrolled": {
            **person,
            **certificate,
            "subject": "CN=Carole Clemens",
            "not_before": "2026-11-28",
            "not_after": "2031-11-27",
            "files": {"certificate": file("certificates/carole-clemens-1.crt")},
        },
        "revoked": {
            **person,
            **certificate,
            "files": {"revocations": file("certificates/office.crl")},
        },
        "issued": {
            "fingerprint": digest("words"),
            "head": digest("head"),
            "certificate": digest("seal"),
            "level": "B-LT",
            "files": {**grown(version), "crt": file("certificates/authority-1.crt")},
        },
        "sent": {"to": ["carole-clemens"], "way": "drafts", "pdf": digest("pdf")},
        "signed": {
            **act,
            "how": "here",
            "certificate": digest("certificate"),
            "level": "B-LT",
            "files": grown(version),
        },
        "signed elsewhere": {
            **act,
            "how": "elsewhere",
            "certificate": digest("certificate"),
            "level": "",
            "files": grown(version),
        },
        "signed on paper": {
            **act,
            "how": "on paper",
            "files": {"scan": file(f"{version}/scans/heads-carole-1.jpg")},
        },
        "declined": {**act, "reason": "The library bid is missing."},
        "withdrawn": {**act, "reason": "The wrong page was scanned."},
        "sealed": {
            "fingerprint": digest("words"),
            "level": "B-LTA",
            "incomplete": "The term ends.",
            "missing": ["Kevin Snow (JCC)"],
            "files": grown(version),
        },
        "receipt": {"head": digest("head"), "files": {"receipt": file(receipt_file(version))}},
        "superseded": {"by": "v2"},
    }
    return samples[kind]


SAMPLES = (
    *("built", "keys", "enrolled", "revoked", "issued", "sent", "signed", "signed elsewhere"),
    *("signed on paper", "declined", "withdrawn", "sealed", "receipt", "superseded"),
)


def sample(kind: str, version: str = "v1", **fields: Any) -> Event:
    """Such an event with these fields and ordinary ones besides."""
    if kind == "signed" and fields.get("how", "here") != "here":
        kind = f"signed {fields['how']}"
    return read_event(kind.partition(" ")[0], {**sample_fields(kind, version), **fields})


def enter(register: Register, kind: str, version: str = "", **fields: Any) -> Register:
    """The register with such an event of that version (of the office, whatever is given).

    It leaves the version's PDF as the register has it, unless `files` says otherwise.
    """
    version = "" if kind in OFFICE else version
    states = register.states(pdf_file(version))
    if states and kind in ("issued", "signed", "sealed") and fields.get("how") != "on paper":
        pdf = states[-1].record.model_dump(exclude={"pages"})
        fields = {"files": {"pdf": pdf}, **fields}
    return register.add(version, sample(kind, version, **fields))


def records(register: Register, version: str | None = None) -> list[Fields]:
    """Every entry, or those of one version, as they stand in the file."""
    found = [json.loads(line) for line in register.data.splitlines()]
    return [one for one in found if version in (None, one["version"])]


def last_record(register: Register, kind: str, version: str = "") -> Fields | None:
    """The last entry of that kind and version, as it stands in the file."""
    found = [one for one in records(register, version) if one["event"] == kind]
    return found[-1] if found else None


def chained(entries: Iterable[Fields]) -> bytes:
    """These entries as a register's file that is canonical and chained, whatever they say."""
    data, head = b"", START
    for number, entry in enumerate(entries, 1):
        line = canonical({**entry, "seq": number, "prev": head})
        head = Digest.of_bytes(line).hex
        data += line + b"\n"
    return data
