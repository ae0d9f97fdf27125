"""The parts of events: as strict as what the commands write, and not stricter."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError
from signed_plan.register import shapes
from signed_plan.register.shapes import CertificateFile, FileRecord, GrownPdf, ScanFile

from tests.register.sample_events import file, grown

DIGEST = "0123456789abcdef" * 4


def fits(shape: Any, value: object) -> bool:
    try:
        TypeAdapter(shape).validate_python(value)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    "path",
    [
        "2017-07/action-plan-2017-07.pdf",
        "2017-07/scans/november-2017-jcc-kevin-snow-0fd4ca4c.jpg",
        "certificates/how-to-trust.txt",
        "certificates/office.crl",
    ],
)
def test_a_file_below_output_is_named_from_there(path: str) -> None:
    assert fits(shapes.OutputPath, path)


@pytest.mark.parametrize(
    "path",
    [
        *("", "/etc/passwd", "../plan.pdf", "v1/../../plan.pdf", "v1/./plan.pdf", "./v1/plan.pdf"),
        *("v1//plan.pdf", "v1/", "v1\\plan.pdf", "..\\plan.pdf", "C:/plan.pdf", "//host/plan.pdf"),
        *("v1/plan.pdf\n", "v1/\x00plan.pdf", "v1/.hidden", "register.jsonl", "v1/plan\u202e.pdf"),
    ],
)
def test_a_path_that_leads_anywhere_else_is_refused(path: str) -> None:
    assert not fits(shapes.OutputPath, path)


@pytest.mark.parametrize(
    "digest", ["", DIGEST[1:], DIGEST + "0", DIGEST.upper(), DIGEST + "\n", "g" * 64, 0, None]
)
def test_a_digest_is_64_lower_case_hexadecimal_digits(digest: object) -> None:
    assert fits(shapes.Sha256, DIGEST)
    assert not fits(shapes.Sha256, digest)


@pytest.mark.parametrize(
    ("name", "right"),
    [
        *((name, True) for name in ("plan.yaml", "areas.yml", "Ä ö.yaml", "a\\b.yaml", "A.YAML")),
        *((name, False) for name in ("../plan.yaml", "a/b.yaml", ".plan.yaml", "plan.txt", "..")),
    ],
)
def test_a_source_file_is_a_name_in_its_version_s_folder(name: str, right: bool) -> None:
    assert fits(shapes.SourceName, name) is right


@pytest.mark.parametrize(
    ("day", "right"),
    [("2026-02-28", True), ("2026-02-30", False), ("2026-2-3", False), ("20260203", False)],
)
def test_a_day_is_a_date_in_the_one_form(day: str, right: bool) -> None:
    assert fits(shapes.Day, day) is right


@pytest.mark.parametrize(
    "change",
    [{"size": -1}, {"size": "9"}, {"size": 9.0}, {"size": True}, {"pages": 7}, {"file": ["x"]}],
)
def test_a_file_record_has_a_path_a_digest_and_a_length(change: dict[str, object]) -> None:
    right = file("v1/plan.pdf")
    assert fits(FileRecord, right)
    assert not fits(FileRecord, {**right, **change})
    for name in right:
        assert not fits(FileRecord, {key: value for key, value in right.items() if key != name})


def test_an_authority_s_certificate_is_there_or_not_named_at_all() -> None:
    alone = grown("v1")
    both = {**alone, "crt": file("certificates/authority-1.crt")}
    for right in (alone, both):
        assert GrownPdf.model_validate(right).model_dump(mode="json") == right
    assert not fits(GrownPdf, {**alone, "crt": None})


@pytest.mark.parametrize(
    ("place", "right"),
    [
        ("certificates/carole-clemens-1.crt", True),
        *((f"certificates/{name}", False) for name in ("office-root.crt", "office.crl", "a/b.crt")),
        ("v1/action-plan-v1.docx", False),
        ("v1/carole-clemens-1.crt", False),
    ],
)
def test_a_certificate_never_takes_the_place_of_another_file(place: str, right: bool) -> None:
    assert fits(CertificateFile, {"certificate": file(place)}) is right
    assert fits(GrownPdf, {**grown("v1"), "crt": file(place)}) is right


@pytest.mark.parametrize("place", ["v1/action-plan-v1.pdf", "scans/1.jpg", "v1/scans/a/1.jpg"])
def test_a_scan_never_takes_the_place_of_another_file(place: str) -> None:
    assert fits(ScanFile, {"scan": file("v1/scans/1.jpg")})
    assert not fits(ScanFile, {"scan": file(place)})
