"""Verification: drafts and every honest state hold; the first thing that differs is named."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pypdf import PdfReader
from signed_plan.paths import RECORD, PlanFolder
from signed_plan.plan.source import load_one
from signed_plan.register.chain import read
from signed_plan.register.publish import file_record
from signed_plan.verify.anchor import read_anchor
from signed_plan.verify.verify import verify, verify_file

from tests.document.helpers import carried_by, carrying
from tests.helpers import REPO, VERSIONS, edit
from tests.register.sample_events import Fields, chained, records
from tests.story import JULY, NOVEMBER, SEALED, STEPS, Story

slow = pytest.mark.slow("validates every signature of a plan many times")


def differs(folder: PlanFolder) -> str:
    verdict = verify(folder)
    assert not verdict.holds
    assert [step.number for step in verdict.steps if step.difference] == [len(verdict.steps)]
    assert verdict.kind == "differs"
    return f"{verdict.steps[-1].version}: {verdict.steps[-1].difference}"


def test_a_plan_as_it_was_built_holds_in_every_step(built_once: PlanFolder) -> None:
    verdict = verify(built_once)
    assert verdict.holds
    assert [step.number for step in verdict.steps] == list(range(1, len(verdict.steps) + 1))
    assert {step.version for step in verdict.steps} == {"", *VERSIONS}
    assert verdict.sentence.startswith("VERIFIED: 2017-07, 2017-11")
    assert verdict.head == read(built_once.register).head


def test_one_version_can_be_verified_alone(built_once: PlanFolder) -> None:
    verdict = verify(built_once, ("2017-07",))
    assert {step.version for step in verdict.steps} == {"", "2017-07"}


def change_pdf(folder: PlanFolder, change: Callable[[bytes], bytes]) -> None:
    path = folder.pdf("2017-11")
    path.write_bytes(change(path.read_bytes()))


def rewrite(folder: PlanFolder, change: Callable[[dict[str, object]], object]) -> None:
    """Forges a register that is canonical and chained, but does not say what was built."""
    entries = records(read(folder.register))
    for entry in entries:
        change(entry)
    folder.register.write_bytes(chained(entries))


FORGERIES: dict[str, tuple[Callable[[PlanFolder], object], str]] = {
    "a changed word in a source": (
        lambda f: edit(f.source / "2017-11/areas.yaml", "Fair: the context", "Fair: The context"),
        "2017-11: the source areas.yaml was changed since the build",
    ),
    "a comment in a source": (
        lambda f: edit(f.source / "2017-07/plan.yaml", "columns:", "columns:  # five"),
        "2017-07: the source plan.yaml was changed since the build",
    ),
    "a source that cannot be read": (
        lambda f: (f.source / "2017-07/plan.yaml").write_text("title: [\n"),
        "2017-07: source/2017-07/plan.yaml:1:8: ",
    ),
    "a version folder that is gone": (
        lambda f: (f.source / "2017-11").rename(f.root / "away"),
        '2017-11: source/2017-11:1:1: there is no version "2017-11"',
    ),
    "one byte flipped in the PDF": (
        lambda f: change_pdf(f, lambda data: data[:5000] + bytes([data[5000] ^ 1]) + data[5001:]),
        "2017-11: action-plan-2017-11.pdf has the right length, but its bytes were changed",
    ),
    "a byte added to the PDF": (
        lambda f: change_pdf(f, lambda data: data + b"\n"),
        ", with something added behind it",
    ),
    "July's PDF handed in as November's": (
        lambda f: f.pdf("2017-11").write_bytes(f.pdf("2017-07").read_bytes()),
        "2017-11: action-plan-2017-11.pdf has ",
    ),
    "the Word file gone": (
        lambda f: f.docx("2017-07").unlink(),
        "2017-07: action-plan-2017-07.docx is not there",
    ),
    "a register that is gone": (lambda f: f.register.unlink(), ": there is no entry in it"),
    "a register entry that was edited": (
        lambda f: f.register.write_bytes(f.register.read_bytes().replace(b'"seq":2', b'"seq":3')),
        ": The register was changed at entry 2",
    ),
    "a register rewritten with another fingerprint": (
        lambda f: rewrite(f, lambda event: event.update(fingerprint="0" * 64)),
        "2017-07: it was 0000 0000 0000 when built and is now ",
    ),
    "a register rewritten with another area digest": (
        lambda f: rewrite(f, lambda event: event["areas"].update(staff="0" * 64)),  # type: ignore[attr-defined]
        "2017-07: the area staff was changed since the build",
    ),
    "the last entry cut off": (
        lambda f: f.register.write_bytes(f.register.read_bytes().splitlines(keepends=True)[0]),
        ": output/2017-11 is there, but no entry says that it was built",
    ),
    "an entry that says nothing of its files": (
        lambda f: rewrite(f, lambda event: event.pop("outputs")),
        ': The register was changed at entry 1: it lacks "outputs"',
    ),
    "a register rewritten with another page count": (
        lambda f: rewrite(f, lambda event: event["outputs"]["pdf"].update(pages=9)),  # type: ignore[index]
        "2017-07: it has 7 pages instead of 9",
    ),
    "a register rewritten without the version superseded": (
        lambda f: rewrite(f, lambda event: event.update(supersedes=None)),
        "2017-11: the version it supersedes was changed",
    ),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_the_first_thing_that_differs_is_named(built_plan: PlanFolder, name: str) -> None:
    change, expected = FORGERIES[name]
    change(built_plan)
    assert expected in differs(built_plan)


def test_where_nothing_was_built_one_is_told_to_build_or_to_look_at_the_file_alone(
    built_plan: PlanFolder,
) -> None:
    pdf = built_plan.pdf(JULY).read_bytes()
    built_plan.register.unlink()
    assert verify(built_plan).remedy == "Bring the file back from a copy."
    shutil.rmtree(built_plan.output)
    (built_plan.output / "compare").mkdir(parents=True)
    assert "since nothing was built here" in verify(built_plan).sentence
    assert verify(built_plan).remedy == "Run: plan build"
    alone = verify_file(built_plan, Path("any.pdf"), pdf)
    assert alone.remedy.endswith("What the file alone proves: plan extract FILE")


def enter_pdf(folder: PlanFolder, data: bytes) -> None:
    """Puts another PDF in November's place, and makes the register agree with it."""
    path = folder.pdf(NOVEMBER)
    path.write_bytes(data)
    pages = len(PdfReader(path).pages)

    def agree(event: Fields) -> None:
        if event["version"] == NOVEMBER:
            event["outputs"]["pdf"] = {
                **file_record(folder, path, data).model_dump(),
                "pages": pages,
            }

    rewrite(folder, agree)


def test_another_pdf_entered_in_a_rewritten_register_is_told_by_what_it_prints(
    built_plan: PlanFolder,
) -> None:
    enter_pdf(built_plan, built_plan.pdf(JULY).read_bytes())
    assert differs(built_plan).startswith("2017-11: the attached file ")


Files = dict[str, bytes]
ATTACHED: dict[str, tuple[Callable[[Files], Files], str]] = {
    "a source changed": (
        lambda files: files | {"people.yaml": files["people.yaml"] + b"# x"},
        "the attached file people.yaml was changed since the build",
    ),
    "a file more": (
        lambda files: files | {"more.yaml": b"# x"},
        "the attached file more.yaml is new since the build",
    ),
    "no record": (
        lambda files: {name: data for name, data in files.items() if name != RECORD},
        "the attached file version.json is gone since the build",
    ),
    "a record of another version before it": (
        lambda files: files | {RECORD: files[RECORD].replace(b"2017-07", b"2016-07")},
        "the attached file version.json was changed since the build",
    ),
}


@slow
@pytest.mark.parametrize("name", ATTACHED)
def test_a_pdf_has_to_carry_the_sources_and_their_record_and_nothing_else(
    built_plan: PlanFolder, name: str
) -> None:
    change, expected = ATTACHED[name]
    version = load_one(built_plan, NOVEMBER)
    genuine = built_plan.pdf(NOVEMBER).read_bytes()
    enter_pdf(built_plan, carrying(genuine, version, change(carried_by(version))))
    assert differs(built_plan) == f"2017-11: {expected}"


def test_a_version_that_was_never_built_is_said_to_be_so(built_plan: PlanFolder) -> None:
    assert "no entry that says 2018-03 was built" in verify(built_plan, ("2018-03",)).sentence


# ---- every honest state along the way

_ONE = "2017-11 and the register are as they were built"
HONEST: dict[str, str] = {
    "built": f"VERIFIED: 2017-07, {_ONE}.",
    "keys": f"VERIFIED: 2017-07, {_ONE}.",
    "enrolled": f"VERIFIED: 2017-07, {_ONE}.",
    "july issued": "VERIFIED, INCOMPLETE, NOT ANCHORED: 2017-07 is signed by 0 of 4",
    "july, Carole": "VERIFIED, INCOMPLETE, NOT ANCHORED: 2017-07 is signed by 1 of 4",
    "july, Sally": "VERIFIED, INCOMPLETE, NOT ANCHORED: 2017-07 is signed by 2 of 4",
    "july, Andy": "VERIFIED, INCOMPLETE, NOT ANCHORED: 2017-07 is signed by 3 of 4",
    "july, Kevin": "VERIFIED, NOT ANCHORED: 2017-07 is signed by 4 of 4 (1 on paper)",
    "july sealed": (
        f"VERIFIED, NOT ANCHORED: 2017-07 is signed by 4 of 4 (1 on paper) and sealed; {_ONE}."
    ),
    "november issued": "VERIFIED, INCOMPLETE, NOT ANCHORED: 2017-11 is signed by 0 of 6.",
    "heads, Carole": "VERIFIED, INCOMPLETE, NOT ANCHORED: 2017-11 is signed by 1 of 6.",
    "heads, Sally": "VERIFIED, INCOMPLETE, NOT ANCHORED: 2017-11 is signed by 2 of 6.",
    "jcc, Carole": "VERIFIED, INCOMPLETE, NOT ANCHORED: 2017-11 is signed by 3 of 6.",
    "jcc, Sally declined": "VERIFIED, INCOMPLETE, NOT ANCHORED: 2017-11 is signed by 3 of 6.",
    "jcc, Sally": "VERIFIED, INCOMPLETE, NOT ANCHORED: 2017-11 is signed by 4 of 6.",
    "jcc, Andy": "VERIFIED, INCOMPLETE, NOT ANCHORED: 2017-11 is signed by 5 of 6.",
    "jcc, Kevin": "VERIFIED, NOT ANCHORED: 2017-11 is signed by 6 of 6 (1 on paper).",
    "november sealed": (
        "VERIFIED, NOT ANCHORED: 2017-07 is signed by 4 of 4 (1 on paper) and sealed; 2017-11 "
        "is signed by 6 of 6 (1 on paper) and sealed."
    ),
}


def test_every_step_of_the_story_is_among_the_honest_states() -> None:
    assert tuple(HONEST) == STEPS


@slow
@pytest.mark.parametrize("step", HONEST)
def test_every_honest_state_holds(story: Story, step: str) -> None:
    names = ("2017-11",) if STEPS.index("july sealed") < STEPS.index(step) < len(STEPS) - 1 else ()
    verdict = verify(story.at(step), names)
    assert verdict.sentence.startswith(HONEST[step])
    assert verdict.holds
    assert bool(verdict.incomplete) == ("INCOMPLETE" in HONEST[step])
    assert verdict.head == read(story.at(step).register).head


@slow
def test_who_is_missing_is_named_and_whoever_declined_is_among_them(story: Story) -> None:
    assert verify(story.at("jcc, Sally declined"), (NOVEMBER,)).incomplete == (
        "Sally Beardsley (14th November 2017, JCC, 2017-11)",
        "Andy Hitchcock (14th November 2017, JCC, 2017-11)",
        "Kevin Snow (14th November 2017, JCC, 2017-11)",
    )


@slow
def test_a_version_sealed_incomplete_with_timestamps_holds_and_is_said_to_be_incomplete(
    stamped: PlanFolder,
) -> None:
    said = (
        "VERIFIED, INCOMPLETE, ANCHORED: 2017-07 is signed by 1 of 4 and sealed; the anchor covers"
    )
    anchor = read_anchor(str(stamped.receipt(JULY)))
    assert verify(stamped, (JULY,), anchor).sentence.startswith(said)


def kinds_of(folder: PlanFolder) -> dict[str, tuple[Path, str]]:
    """Files of every kind, and what their verdict begins with."""
    (scanned,) = (folder.output / NOVEMBER / "scans").iterdir()
    root = folder.certificates / "office-root.crt"
    how_far = "; the register says that 2017-11 is signed by 6 of 6 (1 on paper) and sealed."
    signed = "; 2017-11 is signed by 6 of 6 (1 on paper, says the register) and sealed."
    return {
        "plan": (folder.pdf(NOVEMBER), signed),
        "receipt": (folder.receipt(NOVEMBER), how_far),
        "word": (folder.docx(NOVEMBER), how_far),
        "scan": (scanned, how_far),
        "certificate": (root, "."),
    }


@slow
@pytest.mark.parametrize("kind", ["plan", "receipt", "word", "scan", "certificate"])
def test_a_file_that_the_register_knows_holds_under_any_name(story: Story, kind: str) -> None:
    folder = story.at(SEALED)
    path, how_far = kinds_of(folder)[kind]
    verdict = verify_file(folder, Path("/away/copy of it"), path.read_bytes())
    file = path.relative_to(folder.root).as_posix()
    assert verdict.sentence == f"VERIFIED, NOT ANCHORED: the file is {file}{how_far}"
    assert verdict.holds


@slow
def test_a_file_can_be_anchored(story: Story) -> None:
    folder = story.at(SEALED)
    anchor = read_anchor(str(folder.receipt(NOVEMBER)))
    verdict = verify_file(folder, Path("a.docx"), folder.docx(JULY).read_bytes(), anchor)
    assert verdict.sentence.startswith("VERIFIED, ANCHORED: the file is output/2017-07/")
    wrong = verify_file(folder, Path("a"), folder.docx(JULY).read_bytes(), read_anchor("1" * 64))
    assert wrong.steps[-1].what == "what vouches for it from outside"


def test_a_file_is_judged_by_a_register_that_holds_and_by_no_other(
    at: Callable[[str], PlanFolder],
) -> None:
    folder = at(SEALED)
    folder.signature.unlink()
    verdict = verify_file(folder, Path("a.pdf"), folder.pdf(NOVEMBER).read_bytes())
    assert verdict.steps[-1].what == "the office's signature on the register"
    assert not verdict.holds


def test_a_file_of_a_version_whose_sources_are_gone_gets_a_sentence(
    at: Callable[[str], PlanFolder],
) -> None:
    folder = at("july sealed")
    data = folder.pdf(JULY).read_bytes()
    (folder.source / JULY).rename(folder.root / "away")
    verdict = verify_file(folder, Path("a.pdf"), data)
    assert (verdict.steps[-1].what, verdict.holds) == ("its sources can be read", False)


COUNTING = """
import collections, os, sys
from pathlib import Path
from signed_plan.paths import PlanFolder
from signed_plan.verify import verify

root = Path(sys.argv[1])
opened = collections.Counter()

def count(event, given):
    if event == "open" and isinstance(given[0], (str, os.PathLike)):
        path = Path(given[0])
        if path.is_relative_to(root):
            opened[path.relative_to(root).as_posix()] += 1

sys.addaudithook(count)
verdict = verify.verify(PlanFolder(root))
assert verdict.holds, verdict.sentence
for name, times in sorted(opened.items()):
    print(times, name)
"""


@slow
def test_the_register_and_every_source_are_read_once(story: Story) -> None:
    folder = story.at(SEALED)
    done = subprocess.run(
        [sys.executable, "-c", COUNTING, str(folder.root)],
        capture_output=True,
        text=True,
        check=True,
        cwd=REPO,
    )
    opened = {name: int(times) for times, name in map(str.split, done.stdout.splitlines())}
    sources = [folder.relative(path) for path in sorted(folder.source.rglob("*.y*ml"))]
    once = [one for one in sources if "settings" not in one]
    assert len(once) == 10
    assert {one: opened[one] for one in [*once, "output/register.jsonl"]} == dict.fromkeys(
        [*once, "output/register.jsonl"], 1
    )


@slow
def test_what_was_entered_behind_the_anchor_is_named(story: Story) -> None:
    folder = story.at("july, Carole")
    register = read(folder.register)
    issued = next(entry for entry in register.entries if entry.event.kind == "issued")
    anchor = read_anchor(register.heads[issued.number - 1])
    sentence = verify(folder, (JULY,), anchor).sentence
    covered = f"the anchor covers entries 1 to {issued.number} of {len(register.entries)}"
    assert sentence.endswith(f"{covered}, and not what came later: {JULY} signed.")
    whole = verify(folder, (JULY,), read_anchor(register.head)).sentence
    assert "the anchor covers" not in whole
