"""What was issued comes back as it was, and what was there instead is kept."""

from __future__ import annotations

import io
import os
import shutil
import zipfile
from collections.abc import Callable
from functools import partial

import pytest
from signed_plan.errors import OutputError, PlanError, UsageError
from signed_plan.evidence.evidence import make_evidence
from signed_plan.extract.restore import Restored, restore
from signed_plan.lifecycle.send import send
from signed_plan.paths import PlanFolder
from signed_plan.verify.verify import verify

from tests.helpers import edit
from tests.lifecycle.helpers import everything, set_settings
from tests.story import CAROLE, JULY, NOVEMBER, elsewhere, prompts

PDF = "output/2017-07/action-plan-2017-07.pdf"

At = Callable[[str], PlanFolder]


def bring_back(folder: PlanFolder, *handed_in: bytes, name: str = JULY) -> Restored:
    return restore(folder, name, handed_in, lambda: None)


def names(folder: PlanFolder, restored: Restored) -> tuple[list[str], list[str], list[str]]:
    groups = (restored.written, restored.kept, restored.missing)
    written, kept, missing = ([folder.relative(path) for path in group] for group in groups)
    return written, kept, missing


def test_changed_sources_come_back_from_the_version_s_own_pdf(at: At) -> None:
    folder = at("july issued")
    people = folder.source / "2017-07/people.yaml"
    before = people.read_bytes()
    edit(people, "Kevin Snow", "Kelvin Frost")
    changed = people.read_bytes()
    (folder.source / "2017-07/more.yaml").write_text("title: Other\n")
    (folder.source / "2017-07/areas.yaml").unlink()
    written, kept, missing = names(folder, bring_back(folder))
    assert written == ["source/2017-07/areas.yaml", "source/2017-07/people.yaml"]
    assert [one[:-8] for one in kept] == [
        "source/2017-07/more.yaml.changed-",
        "source/2017-07/people.yaml.changed-",
    ]
    assert missing == []
    assert people.read_bytes() == before
    assert (folder.root / kept[1]).read_bytes() == changed
    assert verify(folder, (JULY,)).holds


def test_ends_of_lines_are_mended_and_nothing_is_kept_of_them(at: At) -> None:
    folder = at("july issued")
    before = everything(folder)
    for path in (folder.source / "2017-07").glob("*.yaml"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    written, kept, _ = names(folder, bring_back(folder))
    assert (len(written), kept) == (5, [])
    assert everything(folder) == before


def test_where_all_is_as_it_was_nothing_is_touched(at: At) -> None:
    folder = at("july issued")
    before = everything(folder)
    assert bring_back(folder) == Restored((), (), ())
    assert everything(folder) == before


@pytest.mark.slow("builds, signs, or starts a process")
@pytest.mark.parametrize("source", ["evidence", "letter", "the files"])
def test_everything_comes_back_from_what_was_handed_out(at: At, source: str) -> None:
    folder = at("july sealed")
    set_settings(folder, "people:", f"  {CAROLE}:", "    email: carole@school.example")
    if source == "evidence":
        handed_in = [make_evidence(folder, {}).pack()]
    elif source == "letter":
        (draft,) = send(folder, JULY, prompts()).drafts
        handed_in = [draft.read_bytes(), folder.docx(JULY).read_bytes()]
        handed_in += [path.read_bytes() for path in (folder.output / "2017-07/scans").iterdir()]
    else:
        handed_in = [one.read_bytes() for one in (folder.output / JULY).rglob("*.*")]
    before = everything(folder)
    shutil.rmtree(folder.source / "2017-07")
    for path in (folder.pdf(JULY), folder.docx(JULY), folder.receipt(JULY)):
        path.unlink()
    shutil.rmtree(folder.output / "2017-07/scans")
    restored = bring_back(folder, *handed_in)
    assert restored.missing == ()
    assert everything(folder) == before
    assert verify(folder, (JULY,)).holds


def test_what_nobody_has_is_named_and_the_rest_comes_back(at: At) -> None:
    folder = at("july issued")
    shutil.rmtree(folder.source / "2017-07")
    folder.docx(JULY).unlink()
    written, _, missing = names(folder, bring_back(folder, b"no letter, and no zip"))
    assert len(written) == 5
    assert missing == ["output/2017-07/action-plan-2017-07.docx"]
    folder.pdf(JULY).unlink()
    shutil.rmtree(folder.source / "2017-07")
    _, _, missing = names(folder, bring_back(folder))
    assert missing[-1] == "source/2017-07"


def test_only_bytes_that_the_register_knows_are_taken(at: At) -> None:
    folder = at("july issued")
    pdf = folder.pdf(JULY).read_bytes()
    other = pdf.replace(b"/Type", b"/TYPE", 1)
    folder.pdf(JULY).write_bytes(b"%PDF-1.7 mine")
    _, kept, missing = names(folder, bring_back(folder, other, folder.pdf(NOVEMBER).read_bytes()))
    assert (kept, missing) == ([], ["output/2017-07/action-plan-2017-07.pdf"])
    _, kept, missing = names(folder, bring_back(folder, pdf))
    assert (len(kept), missing) == (1, [])
    assert (folder.root / kept[0]).read_bytes() == b"%PDF-1.7 mine"
    assert folder.pdf(JULY).read_bytes() == pdf


def test_a_pdf_that_was_signed_in_its_place_is_left_as_it_is(at: At) -> None:
    folder = at("july issued")
    before = folder.pdf(JULY).read_bytes()
    grown = before + b"1 0 obj null endobj\n%%EOF\n"
    folder.pdf(JULY).write_bytes(grown)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as letter:
        letter.writestr("plan.pdf", before)
    for handed_in in ((), (packed.getvalue(),)):
        assert bring_back(folder, *handed_in) == Restored((), (), (), (folder.pdf(JULY),))
        assert folder.pdf(JULY).read_bytes() == grown


def test_what_was_added_to_a_pdf_is_moved_aside_where_that_pdf_is_handed_in(at: At) -> None:
    folder = at("july issued")
    before = folder.pdf(JULY).read_bytes()
    folder.pdf(JULY).write_bytes(before + b"x")
    written, kept, missing = names(folder, bring_back(folder, before + b"x"))
    assert (written, missing) == (["output/2017-07/action-plan-2017-07.pdf"], [])
    assert folder.pdf(JULY).read_bytes() == before
    assert (folder.root / kept[0]).read_bytes() == before + b"x"
    assert bring_back(folder) == Restored((), (), ())


def test_a_pdf_comes_back_from_one_that_somebody_has_signed_since(at: At) -> None:
    folder = at("july issued")
    issued = folder.pdf(JULY).read_bytes()
    folder.pdf(JULY).unlink()
    returned = elsewhere(folder, JULY, CAROLE, pdf=issued)
    assert bring_back(folder, returned).missing == ()
    assert folder.pdf(JULY).read_bytes() == issued


def test_one_lost_source_comes_back_alone_where_the_pdf_is_lost_too(at: At) -> None:
    folder = at("july issued")
    people = folder.source / "2017-07/people.yaml"
    before = people.read_bytes()
    folder.pdf(JULY).unlink()
    people.write_text("people: []\n")
    more = folder.source / "2017-07/more.yaml"
    more.write_text("title: Other\n")
    written, kept, missing = names(folder, bring_back(folder, b"neither"))
    assert (written, kept) == ([], [])
    pdf = "output/2017-07/action-plan-2017-07.pdf"
    assert missing == [pdf, "source/2017-07/people.yaml"]
    assert more.exists()
    written, kept, missing = names(folder, bring_back(folder, before.replace(b"\n", b"\r\n")))
    assert (written, len(kept), missing) == (["source/2017-07/people.yaml"], 2, [pdf])
    assert people.read_bytes() == before


@pytest.mark.parametrize("what", ["a file", "a folder", "a pipe", "a link to nothing"])
@pytest.mark.parametrize("place", ["source/2017-07", "source/2017-07/people.yaml", PDF])
def test_whatever_stands_in_the_way_is_kept_under_another_name(
    at: At, place: str, what: str
) -> None:
    folder = at("july issued")
    pdf = folder.pdf(JULY).read_bytes()
    way = folder.root / place
    before = everything(folder)
    shutil.rmtree(way) if way.is_dir() else way.unlink()
    make: dict[str, Callable[[], object]] = {
        "a file": lambda: way.write_text("mine"),
        "a folder": partial((way / "mine").mkdir, parents=True),
        "a pipe": lambda: os.mkfifo(way),
        "a link to nothing": lambda: way.symlink_to("nothing"),
    }
    make[what]()
    restored = bring_back(folder, pdf)
    assert restored.missing == ()
    if (place, what) != ("source/2017-07", "a folder"):  # which may hold other files
        (kept,) = restored.kept
        assert os.path.lexists(kept)
    assert before.items() <= everything(folder).items()


def test_what_was_kept_before_is_never_written_over(at: At) -> None:
    folder = at("july issued")
    people = folder.source / "2017-07/people.yaml"
    people.write_text("people: []\n")
    (first,) = bring_back(folder).kept
    first.write_text("what the clerk made of it\n")
    people.write_text("people: []\n")
    (second,) = bring_back(folder).kept
    assert (first.read_text(), second.read_text()) == (
        "what the clerk made of it\n",
        "people: []\n",
    )


def test_nothing_is_written_into_another_version_s_folder(at: At) -> None:
    folder = at("july issued")
    shutil.rmtree(folder.source / JULY)
    (folder.source / JULY).symlink_to(NOVEMBER)
    before = everything(folder)
    with pytest.raises(OutputError, match="source/2017-07 is a link to source/2017-11"):
        bring_back(folder)
    assert everything(folder) == before


def test_a_draft_is_nobody_s_to_bring_back(at: At) -> None:
    folder = at("july issued")
    with pytest.raises(UsageError, match="never issued") as caught:
        bring_back(folder, name=NOVEMBER)
    assert "plan extract FILE" in caught.value.remedy


@pytest.mark.parametrize("handed_in", [b"PK\x03\x04 and no more", b"PK" + bytes(99)])
def test_a_damaged_zip_is_refused_in_a_sentence(at: At, handed_in: bytes) -> None:
    with pytest.raises(PlanError, match="zip cannot be read"):
        bring_back(at("july issued"), handed_in)
