"""What vouches for the register from outside: a receipt, or a head; and what it then tells."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from signed_plan.digest import Digest
from signed_plan.errors import UsageError
from signed_plan.paths import PlanFolder
from signed_plan.register.chain import read
from signed_plan.verify.anchor import Anchor, read_anchor, require_anchor
from signed_plan.verify.checks import Differs
from signed_plan.verify.verify import verify

from tests.register.sample_events import last_record
from tests.story import JULY, NOVEMBER, SEALED, Story
from tests.verify.signed_plan import enter, forge

slow = pytest.mark.slow("validates every signature of a plan many times")


@pytest.fixture(scope="module")
def receipt(story: Story) -> Anchor:
    return read_anchor(str(story.at(SEALED).receipt(NOVEMBER)))


def differs(folder: PlanFolder, anchor: Anchor) -> str:
    with pytest.raises(Differs) as caught:
        require_anchor(read(folder.register), anchor)
    return str(caught.value)


def test_a_receipt_names_the_head_of_the_entry_that_sealed_and_the_offices_keys(
    story: Story, receipt: Anchor
) -> None:
    register = read(story.at(SEALED).register)
    sealed = last_record(register, "sealed", NOVEMBER)
    keys = last_record(register, "keys", "")
    assert sealed is not None
    assert keys is not None
    at = sealed["seq"]
    expected = Anchor(register.heads[at - 1], at, keys["register_key"], keys["root"])
    assert receipt == expected


def test_a_head_may_be_typed_with_spaces_and_in_capitals() -> None:
    digits = Digest.of_bytes(b"a line").hex
    assert read_anchor(f" {Digest(digits).spaced.upper()}\n") == Anchor(digits)


@pytest.mark.parametrize("form", ["plain", "spaced", "capitals"])
def test_a_plan_is_anchored_by_a_head(story: Story, form: str) -> None:
    folder = story.at("built")
    head = read(folder.register).head
    shown = {"plain": head, "spaced": Digest(head).spaced, "capitals": head.upper()}[form]
    verdict = verify(folder, (JULY,), read_anchor(shown))
    assert verdict.anchored
    assert verdict.sentence.startswith("VERIFIED, ANCHORED: ")


@slow
def test_an_older_receipt_says_how_far_it_reaches(story: Story) -> None:
    folder = story.at("november issued")
    verdict = verify(folder, (JULY,), read_anchor(str(folder.receipt(JULY))))
    assert verdict.sentence == (
        "VERIFIED, ANCHORED: 2017-07 is signed by 4 of 4 (1 on paper) and sealed; the "
        "anchor covers entries 1 to 13 of 16, and not what came later: 2017-11 issued; 2017-07 "
        "superseded."
    )


NO_RECEIPTS: dict[str, Callable[[PlanFolder], bytes]] = {
    "a plan": lambda f: f.pdf(NOVEMBER).read_bytes(),
    "a Word file": lambda f: f.docx(NOVEMBER).read_bytes(),
    "words": lambda f: b"hello",
    "nothing": lambda f: b"",
    "a receipt cut off": lambda f: f.receipt(NOVEMBER).read_bytes()[:9000],
    "too many bytes": lambda f: f.receipt(NOVEMBER).read_bytes() + b"\n" * 20_000_000,
}


@slow
@pytest.mark.parametrize("name", NO_RECEIPTS)
def test_what_is_no_receipt_is_refused(story: Story, tmp_path: Path, name: str) -> None:
    file = tmp_path / "given.pdf"
    file.write_bytes(NO_RECEIPTS[name](story.at(SEALED)))
    with pytest.raises(UsageError) as caught:
        read_anchor(str(file))
    assert caught.value.message == "given.pdf is not a receipt of a sealed plan."


@pytest.mark.parametrize("given", ["", "abc", "0" * 63, "g" * 64, "no-such-file.pdf", "/"])
def test_what_is_neither_a_file_nor_a_head_is_refused(given: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_anchor(given)
    assert caught.value.message == f'"{given}" is neither a receipt nor a register\'s head.'


def test_wrong_digits_anchor_nothing(story: Story) -> None:
    folder = story.at(SEALED)
    for digits in ("0" * 64, "1" * 64):
        said = "the register was shortened or rewritten: it has no entry with that head"
        assert differs(folder, read_anchor(digits)) == said
        assert verify(folder, (), read_anchor(digits)).remedy.startswith("First compare the 64")


@slow
def test_everything_rolled_back_is_told_by_an_anchor_alone(story: Story, receipt: Anchor) -> None:
    rolled = story.at("heads, Sally")
    assert verify(rolled, (NOVEMBER,)).holds
    head = Anchor(read(story.at(SEALED).register).head)
    assert differs(rolled, head).startswith("the register was shortened or rewritten")
    verdict = verify(rolled, (), receipt)
    assert verdict.steps[-1].what == "what vouches for it from outside"
    assert verdict.steps[-1].difference == (
        "the register was shortened: it has 18 entries, and had 24 when the receipt was made"
    )


@slow
def test_everything_made_anew_by_an_office_of_the_same_name_is_told_by_an_anchor_alone(
    story: Story, anew: PlanFolder, receipt: Anchor
) -> None:
    assert verify(anew, (JULY,)).holds
    said = (
        "the register is signed with another key than the one the receipt names: it was rewritten"
    )
    assert differs(anew, receipt) == said
    head = Anchor(read(story.at(SEALED).register).head)
    assert differs(anew, head).startswith("the register was shortened or rewritten")


def test_a_receipt_of_another_office_anchors_nothing(
    story: Story, stamped: PlanFolder, anew: PlanFolder
) -> None:
    foreign = read_anchor(str(stamped.receipt(JULY)))
    assert differs(anew, foreign).startswith("the register is signed with another key")
    of_another_life = differs(story.at("july sealed"), foreign)  # the same office's, in fact
    assert of_another_life == "the register was rewritten: entry 10 or one before is another"


def test_another_root_is_told_where_the_key_is_the_same(story: Story, receipt: Anchor) -> None:
    other = Anchor(receipt.head, receipt.entries, receipt.register_key, "0" * 64)
    said = "the office's root certificate is another than the one the receipt names"
    assert differs(story.at(SEALED), other) == said


def test_a_rewritten_and_signed_register_is_told_by_a_receipt_and_by_a_head(
    story: Story, at: Callable[[str], PlanFolder], receipt: Anchor
) -> None:
    folder = at(SEALED)
    forge(folder, lambda event: None, Ed25519PrivateKey.generate())
    shutil.rmtree(folder.root / "keys")
    assert differs(folder, receipt).startswith("the register is signed with another key")
    assert differs(folder, Anchor(receipt.head)).startswith("the register was shortened or rew")


def test_entries_behind_an_anchor_may_come_and_go(
    at: Callable[[str], PlanFolder], receipt: Anchor
) -> None:
    folder = at(SEALED)
    enter(folder, "sent", NOVEMBER, {"way": "drafts"})
    require_anchor(read(folder.register), receipt)
