"""The kinds of events: each reads what it writes, in its order, in its place, and nothing else."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
from signed_plan.plan.names import NamesById
from signed_plan.register.shapes import KEYS_FILES

from tests.register.sample_events import OFFICE, SAMPLES, Fields, file, sample, sample_fields


@pytest.mark.parametrize("kind", SAMPLES)
def test_what_is_written_is_what_was_read(kind: str) -> None:
    assert sample(kind).model_dump(mode="json") == sample_fields(kind)


@pytest.mark.parametrize("kind", SAMPLES)
def test_an_event_cannot_be_changed(kind: str) -> None:
    event = sample(kind)
    with pytest.raises(ValidationError):
        setattr(event, next(iter(sample_fields(kind))), "x")


PLACES: dict[str, tuple[str, Fields]] = {
    "another version's PDF": ("issued", {"files": {"pdf": file("v2/action-plan-v2.pdf")}}),
    "the Word file for the PDF": ("issued", {"files": {"pdf": file("v1/action-plan-v1.docx")}}),
    "a scan in another version": ("signed on paper", {"files": {"scan": file("v2/scans/1.jpg")}}),
    "a receipt of another name": ("receipt", {"files": {"receipt": file("v1/receipt-v2.pdf")}}),
    "a public key of another name": (
        "keys",
        {
            "files": {
                name: file(f"certificates/{name.replace('key', 'lock')}") for name in KEYS_FILES
            }
        },
    ),
    "a revocation list of another name": (
        "revoked",
        {"files": {"revocations": file("certificates/other.crl")}},
    ),
    "the PDF for both": (
        "built",
        {
            "outputs": {
                "docx": file("v1/action-plan-v1.pdf"),
                "pdf": {**file("v1/action-plan-v1.pdf"), "pages": 1},
            }
        },
    ),
}


@pytest.mark.parametrize("name", PLACES)
def test_a_file_belongs_where_its_version_s_files_are(name: str) -> None:
    kind, fields = PLACES[name]
    version = "" if kind in OFFICE else "v1"
    assert sample(kind).is_in_place(version)
    assert not sample(kind, **fields).is_in_place(version)


# Rules 1 to 6 of the module, as what came before and what may follow.
RULES = [
    ([], "built", True),
    ([], "issued", False),
    (["built"], "built", True),
    (["built"], "issued", True),
    (["built", "issued"], "built", False),
    (["built", "issued"], "issued", False),
    *(
        (before, kind, may)
        for kind in ("signed", "declined", "withdrawn", "sealed", "sent")
        for before, may in ((["built"], False), (["built", "issued"], True))
    ),
    *(
        (["built", "issued", "sealed"], kind, may)
        for kind, may in (
            *(("signed", False), ("declined", False), ("withdrawn", False), ("sealed", False)),
            ("sent", True),
        )
    ),
    *(
        (["built", "issued", "superseded"], kind, may)
        for kind, may in (("signed", False), ("declined", False), ("sealed", True), ("sent", True))
    ),
    (["built"], "superseded", False),
    (["built", "issued"], "superseded", True),
    (["built", "issued", "sealed"], "superseded", True),
    (["built", "issued"], "receipt", False),
    (["built", "issued", "sealed"], "receipt", True),
    ([], "keys", True),
    (["keys"], "keys", False),
    (["keys", "enrolled"], "keys", False),
]


@pytest.mark.parametrize(("before", "kind", "may"), RULES)
def test_an_event_follows_only_what_it_may(before: list[str], kind: str, may: bool) -> None:
    assert sample(kind).may_follow(set(before)) is may


def test_only_what_was_built_may_wait_for_the_office_s_signature() -> None:
    waiting = [kind for kind in SAMPLES if not sample(kind).is_signed_by_office]
    assert waiting == ["built"]


@pytest.mark.parametrize("kind", SAMPLES)
def test_every_event_is_summed_up_in_one_line(kind: str) -> None:
    assert sample(kind).summary(NamesById())
    assert "\n" not in sample(kind).summary(NamesById())
