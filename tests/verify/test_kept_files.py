"""Every other file that the register names is looked at: keys, certificates, letters."""

from __future__ import annotations

import email
import email.policy
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from signed_plan.errors import PlanError, VerificationError
from signed_plan.lifecycle.send import send
from signed_plan.paths import PlanFolder
from signed_plan.register.chain import read
from signed_plan.verify.checks import Differs
from signed_plan.verify.kept_files import letter_checks, office_checks

from tests.lifecycle.helpers import set_settings
from tests.story import CAROLE, JULY, KEVIN, SEALED, Story, prompts
from tests.verify.signed_plan import enter, flipped

At = Callable[[str], PlanFolder]


def told(folder: PlanFolder, version: str = "") -> str:
    """What the checks of the office, or of a version's letters, find."""
    register = read(folder.register)
    checks = (
        letter_checks(folder, register, version) if version else office_checks(folder, register)
    )
    try:
        for _, _, check in checks:
            check()
    except (Differs, PlanError) as found:
        return str(found)
    return ""


@pytest.mark.parametrize(
    "name", ["register-key.pem", "how-to-trust.txt", "office.crl", "office-root.crt"]
)
def test_a_file_of_the_office_that_was_changed_or_is_gone_is_named(at: At, name: str) -> None:
    folder = at("enrolled")
    assert told(folder) == ""
    path = folder.certificates / name
    good = path.read_bytes()
    path.write_bytes(flipped(good, 40))
    assert told(folder) == f"{name} has the right length, but its bytes were changed"
    path.write_bytes(good + b"\n")
    assert told(folder).endswith(", with something added behind it")
    path.unlink()
    assert told(folder) == f"{name} is not there"


def test_a_person_s_certificate_that_was_changed_is_named(at: At) -> None:
    folder = at("enrolled")
    (path,) = folder.certificates.glob(f"{KEVIN}-*.crt")
    path.write_bytes(b"")
    assert told(folder).startswith(f"{path.name} has 0 bytes instead of ")


@pytest.fixture
def sent(at: At) -> PlanFolder:
    folder = at("july sealed")
    set_settings(folder, "people:", f"  {CAROLE}:", f"    email: {CAROLE}@school.example")
    send(folder, JULY, prompts())
    return folder


def test_a_draft_of_a_letter_brings_only_files_of_the_office(sent: PlanFolder) -> None:
    assert told(sent, JULY) == ""
    path = sent.output / JULY / f"letters/{CAROLE}.eml"
    good = path.read_bytes()
    for number in range(4):
        letter = email.message_from_bytes(good, policy=email.policy.default)
        part = [*letter.iter_attachments()][number]
        was = part.get_content()
        name = part.get_filename()
        swapped = f"{was} {'00 ' * 32}" if isinstance(was, str) else flipped(was, len(was) // 2)
        if isinstance(swapped, str):
            part.set_content(swapped, filename=name)
        else:
            part.set_content(swapped, "application", "pdf", filename=name)
        path.write_bytes(letter.as_bytes())
        expected = f"the draft letters/{CAROLE}.eml brings {name}, which is no file of the office's"
        assert told(sent, JULY) == expected


def test_a_draft_that_is_no_letter_is_said_to_be_so_or_brings_nothing(sent: PlanFolder) -> None:
    path = sent.output / JULY / f"letters/{CAROLE}.eml"
    for data in (
        b"",
        b"\x00" * 5000,
        b"Content-Type: multipart/mixed\n\n--x",
        b"\xff: \xfe\n\n\xff",
    ):
        path.write_bytes(data)
        assert told(sent, JULY) in ("", f"the draft letters/{CAROLE}.eml cannot be read")
    path.unlink()
    assert told(sent, JULY) == ""


def test_a_pdf_that_was_sent_and_is_none_of_the_version_s_is_told(at: At) -> None:
    folder = at("july sealed")
    enter(folder, "sent", JULY, {"pdf": "0" * 64})
    assert told(folder, JULY).endswith(" says that a PDF was sent that was none of its own")


def test_a_receipt_or_a_root_that_was_swapped_is_not_mailed(story: Story, tmp_path: Path) -> None:
    for number, name in enumerate((f"{JULY}/receipt-{JULY}.pdf", "certificates/office-root.crt")):
        folder = PlanFolder(tmp_path / str(number))
        shutil.copytree(story.at(SEALED).root, folder.root)
        set_settings(folder, "people:", f"  {CAROLE}:", f"    email: {CAROLE}@school.example")
        path = folder.output / name
        path.write_bytes(flipped(path.read_bytes(), 60))
        before = folder.register.read_bytes()
        with pytest.raises(VerificationError, match=path.name):
            send(folder, JULY, prompts())
        assert folder.register.read_bytes() == before
        assert not (folder.output / JULY / "letters").exists()
