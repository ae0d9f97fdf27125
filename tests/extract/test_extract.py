"""A PDF alone: what agrees in it holds, and each way in which it may not is named."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DecodedStreamObject, DictionaryObject, NameObject
from signed_plan.digest import Digest, canonical
from signed_plan.document.pdfa import archive_plan
from signed_plan.document.render import render_plan, render_signoff
from signed_plan.document.signoff import append_signoff
from signed_plan.document.version_record import version_record
from signed_plan.errors import ConversionError, UsageError, VerificationError
from signed_plan.extract.embedded import load_answer, sandbox_main
from signed_plan.extract.extract import Extract, extract, judge
from signed_plan.libreoffice.converter import find_libreoffice
from signed_plan.paths import RECORD, PlanFolder
from signed_plan.plan.source import Predecessor, Version, load

from tests.document.helpers import (
    PLAN_TEMPLATE,
    SIGNOFF_TEMPLATE,
    a_plan,
    an_area,
    carried_by,
    carrying,
    changed_template,
    convert,
)
from tests.helpers import REPO, edit
from tests.report.signed_files import JULY, NOVEMBER, SignedFiles
from tests.signing.helpers import CAROLE
from tests.signing.test_revision_diff import (
    attachment_added,
    attachment_changed,
    revised,
    signed,
)
from tests.verify.signed_plan import flipped

pytestmark = pytest.mark.usefixtures("quiet")
slow = pytest.mark.slow("signs files and takes them apart many times")

OTHER = Digest.of_bytes(b"another")


@pytest.fixture(scope="session")
def july(built_once: PlanFolder) -> bytes:
    return built_once.pdf(JULY).read_bytes()


@dataclass(frozen=True)
class Drafts:
    """Made-up versions, each superseding the one before, and their PDFs."""

    versions: list[Version]
    pdfs: list[bytes]
    forged: dict[str, bytes]
    """The third, but for what its pages print."""


@pytest.fixture(scope="session")
def drafts(tmp_path_factory: pytest.TempPathFactory) -> Drafts:
    """Three versions in a chain. The first prints numbers that its text quotes, and no footers."""
    folder = tmp_path_factory.mktemp("chain")
    years = ("2016", "2017", "2018")
    key, actions, outcome = ([{"id": f"year-{year}", "paragraph": year}] for year in years)
    quoting = an_area(1, actions=[f"See {OTHER.spaced}", f"Or {OTHER.short}"])
    a_plan(folder, quoting, an_area(2, key=key, actions=actions, outcome=outcome))
    for name, older in (("2020-05", "2020-01"), ("2020-09", "2020-05")):
        a_plan(folder, an_area(actions=[f"What {name} brings"]), version=name, supersedes=older)
    first, second, third = versions = load(PlanFolder(folder))
    beside = replace(third, superseded=Predecessor(second.name, OTHER, _known(first)))
    none = changed(folder, PLAN_TEMPLATE, "{{ short_fingerprint }}", "")
    other = changed(folder, PLAN_TEMPLATE, "{{ short_fingerprint }}", f"{OTHER.short} ")
    more = changed(folder, SIGNOFF_TEMPLATE, "For the office", f"For {OTHER.spaced}")
    printed = {
        "1": (first, none, SIGNOFF_TEMPLATE),
        "2": (second, PLAN_TEMPLATE, SIGNOFF_TEMPLATE),
        "3": (third, PLAN_TEMPLATE, SIGNOFF_TEMPLATE),
        "another footer": (third, other, SIGNOFF_TEMPLATE),
        "another besides": (third, PLAN_TEMPLATE, more),
        "another version before": (beside, PLAN_TEMPLATE, SIGNOFF_TEMPLATE),
    }
    converted = convert(
        find_libreoffice(),
        [
            (render_plan(version, plan).data, render_signoff(version, signoff).data)
            for version, plan, signoff in printed.values()
        ],
    )
    writers = {
        name: append_signoff(pdfs, printed[name][0])
        for name, pdfs in zip(printed, converted, strict=True)
    }
    archived = [archive_plan(writers[str(at)], version) for at, version in enumerate(versions, 1)]
    writers["another version"] = append_signoff(converted[1], second)
    forged = {name: archive_plan(writers[name], third) for name in writers if len(name) > 1}
    return Drafts(versions, archived, forged)


def changed(folder: Path, template: Path, old: str, new: str) -> Path:
    place = folder / f"{template.stem}-{len(new)}"
    place.mkdir()
    return changed_template(place, template, old, new)


def _known(version: Version) -> Predecessor:
    return Predecessor(version.name, version.fingerprint, None)


def judged(data: bytes, build: Callable[[Version], bytes] | None = None) -> Extract:
    """The verdict on a file, read outside the sandbox: it is our own, and that is faster."""
    return judge(data, load_answer(sandbox_main(data)), build)


def differs(data: bytes) -> str:
    """What differs, and at which step."""
    verdict = judged(data).verdict
    assert not verdict.holds
    assert verdict.sentence.startswith(f"NOT VERIFIED at step {len(verdict.steps)} (version ")
    return f"{verdict.steps[-1].what}: {verdict.steps[-1].difference}"


NOT_LOOKED_FOR = "Other words that its pages may show were not looked for: --rebuild does."

# What agrees


def test_a_draft_that_supersedes_nothing_holds(july: bytes, built_once: PlanFolder) -> None:
    found = judged(july)
    assert found.verdict.sentence == (
        "SOURCES AGREE, NOT SIGNED: version 2017-07, fingerprint ca9e 03bb 71c4: "
        f"5 source files and 7 pages. {NOT_LOOKED_FOR}"
    )
    assert [step.what for step in found.verdict.steps] == [
        "5 attached source files",
        "the fingerprint computed from them, ca9e 03bb 71c4",
        "the fingerprint that its pages print",
        "every word of the sources, on its pages",
    ]
    assert found.version is not None
    assert found.version == load(built_once, [JULY])[0]


def test_a_draft_that_supersedes_another_holds_without_that_one(files: SignedFiles) -> None:
    found = judged(files.draft)
    assert found.verdict.holds
    assert found.version is not None
    assert found.version.fingerprint == files.version.fingerprint
    assert version_record(found.version) == version_record(files.version)


@slow
def test_a_signed_file_holds_and_tells_the_names_in_its_certificates(files: SignedFiles) -> None:
    found = extract(files.signed)
    assert found.verdict.sentence == (
        "SOURCES AGREE: version 2017-11, fingerprint 2d69 9e22 2d0b: 5 source files, 8 pages and "
        f"3 signatures, whose owners a PDF alone cannot prove. {NOT_LOOKED_FOR}"
    )
    steps = [step.what for step in found.verdict.steps]
    assert steps[4] == "nothing but signatures behind the first one"
    for step, start in zip(
        steps[5:],
        (
            "certification in the name of The office, ",
            "signature in the name of Carole Clemens, ",
            "signature in the name of Sally Beardsley, ",
        ),
        strict=True,
    ):
        assert step.startswith(start)
        assert step.endswith(" UTC")


@slow
def test_the_last_of_three_versions_holds_without_the_two_before(drafts: Drafts) -> None:
    for version, pdf in zip(drafts.versions, drafts.pdfs, strict=True):
        found = judged(pdf)
        assert found.verdict.holds, found.verdict.sentence
        assert found.version is not None
        assert version_record(found.version) == version_record(version)


# What does not

Files = dict[str, bytes]
COMPUTED = "the fingerprint computed from them, "
PRINTED = "the fingerprint that its pages print: "
BEHIND = "nothing but signatures behind the first one: something else was changed: "


def rewritten(files: Files, name: str, old: bytes, new: bytes) -> Files:
    assert files[name].count(old) == 1
    return files | {name: files[name].replace(old, new)}


def recorded(files: Files, **changes: Any) -> Files:
    """The files, with a record that says something else."""
    return files | {RECORD: canonical({**json.loads(files[RECORD]), **changes})}


ATTACHED: dict[str, tuple[Callable[[Files], Files], str]] = {
    "a word changed in a source": (
        lambda files: rewritten(files, "areas.yaml", b"Fair: the", b"Fair: a"),
        f"{COMPUTED}XXXX: version.json has 2d69 9e22 2d0b",
    ),
    "a source gone": (
        lambda files: {name: files[name] for name in files if name != "people.yaml"},
        "4 attached source files: source/2017-11:1:1: the key ",
    ),
    "a source that is no YAML": (
        lambda files: files | {"people.yaml": b"people: [\n"},
        "5 attached source files: source/2017-11/people.yaml:1:9: a bracket is opened here, but",
    ),
    "a source more": (
        lambda files: files | {"more.yml": b"title: Another\n"},
        "6 attached source files: source/2017-11/plan.yaml:",
    ),
    "a record of another fingerprint": (
        lambda files: recorded(files, fingerprint=OTHER.hex),
        f"{COMPUTED}2d69 9e22 2d0b: version.json has {OTHER.short}",
    ),
    "a record of another version": (
        lambda files: recorded(files, version="2018-01"),
        "5 attached source files: source/2018-01/plan.yaml:",
    ),
    "a record of another fingerprint before": (
        lambda files: recorded(files, supersedes=[{"version": JULY, "fingerprint": OTHER.hex}]),
        f"{COMPUTED}XXXX: version.json has 2d69 9e22 2d0b",
    ),
    "a record of another version before": (
        lambda files: recorded(
            files, supersedes=[{"version": "2016-07", "fingerprint": OTHER.hex}]
        ),
        "5 attached source files: source/2017-11/plan.yaml:",
    ),
    "a record of no version before": (
        lambda files: recorded(files, supersedes=[]),
        "5 attached source files: source/2017-11/plan.yaml:",
    ),
}


@slow
@pytest.mark.parametrize("name", ATTACHED)
def test_attached_files_that_do_not_belong_together_are_told(files: SignedFiles, name: str) -> None:
    change, expected = ATTACHED[name]
    data = carrying(files.draft, files.version, change(carried_by(files.version)))
    said = re.sub(rf"(?<={COMPUTED})(?!2d69)[0-9a-f ]{{14}}", "XXXX", differs(data))
    assert said.startswith(expected)


def test_a_record_of_a_version_before_where_the_sources_know_none_is_told(
    july: bytes, built_once: PlanFolder
) -> None:
    version = load(built_once, [JULY])[0]
    older = [{"version": "2016-07", "fingerprint": OTHER.hex}]
    data = carrying(july, version, recorded(carried_by(version), supersedes=older))
    said = "version.json names a version before it, and the sources name none"
    assert differs(data) == f"{COMPUTED}ca9e 03bb 71c4: {said}"


@slow
def test_a_record_that_was_made_to_fit_other_words_does_not_fit_the_print(
    files: SignedFiles, built_once: PlanFolder, tmp_path: Path
) -> None:
    folder = PlanFolder(tmp_path)
    shutil.copytree(built_once.source, folder.source)
    edit(folder.source / "2017-11/areas.yaml", "Fair: the context", "Fair: a context")
    other = load(folder, [NOVEMBER])[0]
    data = carrying(files.draft, other, carried_by(other))
    assert differs(data) == f"{PRINTED}its last page does not print it"


@slow
def test_metadata_of_another_version_are_told(files: SignedFiles, built_once: PlanFolder) -> None:
    july = load(built_once, [JULY])[0]
    data = carrying(files.draft, july, carried_by(files.version))
    assert differs(data) == f"{COMPUTED}2d69 9e22 2d0b: its metadata name another"


FORGED = {
    "another version": "its last page does not print it",
    "another footer": f"page 1 prints another in short, {OTHER.short}",
    "another besides": f"page 3 prints another, {OTHER.short}",
    "another version before": "it does not print that of 2020-05, the version before",
}


@pytest.mark.parametrize("name", FORGED)
def test_pages_that_print_another_fingerprint_are_told(drafts: Drafts, name: str) -> None:
    assert differs(drafts.forged[name]) == f"{PRINTED}{FORGED[name]}"


SIGNED: dict[str, tuple[Callable[[SignedFiles], bytes], str]] = {
    "an attached file replaced": (
        lambda one: revised(one.signed, attachment_changed),
        f"{BEHIND}an attached file, in revision 7",
    ),
    "an attached file added": (
        lambda one: revised(one.certified, attachment_added),
        f"{BEHIND}an attached file (added), in revision 4, and more (2)",
    ),
    "an attached file replaced under the next signature": (
        lambda one: signed(one.certified, one.people, CAROLE, attachment_changed),
        f"{BEHIND}an attached file, in revision 4",
    ),
    "a byte changed": (
        lambda one: flipped(one.certified, one.draft.index(b"/MediaBox") + len(b"/MediaBox [ ")),
        "certification in the name of The office, ",
    ),
    "signed, and not certified": (
        lambda one: one.sign(one.draft),
        "signature in the name of Carole Clemens, ",
    ),
    "certified for another fingerprint": (
        lambda one: one.certify(one.draft, f"Version 2017-11, fingerprint {OTHER}"),
        "certification in the name of The office, ",
    ),
    "certified for nothing": (
        lambda one: one.certify(one.draft, "It looks fine."),
        "certification in the name of The office, ",
    ),
}
SAID = {
    "a byte changed": "what it signed was changed afterwards (field office-seal)",
    "signed, and not certified": "it was signed before anybody had certified it, as an office does",
    "certified for another fingerprint": f"it names another fingerprint, {OTHER.short}",
    "certified for nothing": "it does not name the fingerprint that it certifies",
}


@slow
@pytest.mark.parametrize("name", SIGNED)
def test_signatures_that_do_not_vouch_for_what_is_there_are_told(
    files: SignedFiles, name: str
) -> None:
    make, expected = SIGNED[name]
    said = differs(make(files))
    assert said.startswith(expected)
    assert said.endswith(SAID.get(name, ""))


@slow
def test_what_was_replaced_after_signing_is_not_taken_out(files: SignedFiles) -> None:
    found = judged(revised(files.certified, attachment_changed))
    assert found.version is not None
    assert found.version.files == files.version.files


# Built again


@slow
def test_built_again_the_same_bytes_are_said_to_be_the_same(files: SignedFiles) -> None:
    draft = judged(files.draft, lambda version: files.draft).verdict
    assert draft.sentence.endswith(
        ". Built again, the text is the same on 8 pages, and so is every byte of the file."
    )
    certified = judged(files.certified, lambda version: files.draft).verdict
    assert certified.sentence.endswith("8 pages, and the file begins with exactly these bytes.")
    assert certified.steps[-1].what == "its text, built again"


@slow
def test_built_again_with_other_bytes_the_text_may_be_the_same(files: SignedFiles) -> None:
    again = carrying(files.draft, files.version, {"another.yaml": b""})
    verdict = judged(files.certified, lambda version: again).verdict
    assert verdict.sentence.endswith(
        "but not every byte of the file: other programs or fonts have made it."
    )


@slow
def test_built_again_with_other_words_the_page_is_named(files: SignedFiles, july: bytes) -> None:
    verdict = judged(files.draft, lambda version: july).verdict
    assert verdict.sentence.startswith(
        'NOT VERIFIED at step 5 (version 2017-11, its text, built again): page 1 says "'
    )
    assert "templates" in verdict.remedy


@slow
def test_what_differs_is_not_built_and_what_building_raises_is_raised(files: SignedFiles) -> None:
    def build(version: Version) -> bytes:
        raise ConversionError("LibreOffice broke.")

    with pytest.raises(ConversionError):
        judged(files.draft, build)
    other = carrying(files.draft, files.version, recorded(carried_by(files.version), version="x"))
    assert not judged(other, build).verdict.holds


# Anybody's file


ALONE = """
import sys
from pathlib import Path
from signed_plan.extract.extract import extract
print(extract(Path(sys.argv[1]).read_bytes()).verdict.sentence)
print([name for name in ("pypdf", "pyhanko", "pypdfium2", "lxml") if name in sys.modules])
"""


@slow
def test_no_library_that_reads_pdfs_is_loaded_outside_the_sandbox(built_once: PlanFolder) -> None:
    words = [sys.executable, "-c", ALONE, str(built_once.pdf(JULY))]
    done = subprocess.run(words, cwd=REPO, capture_output=True, text=True, check=True)
    sentence, loaded = done.stdout.splitlines()
    assert sentence.startswith("SOURCES AGREE, NOT SIGNED: version 2017-07")
    assert loaded == "[]"


def resaved(data: bytes) -> bytes:
    """The file as another program writes it anew, with everything in it."""
    out = io.BytesIO()
    PdfWriter(clone_from=io.BytesIO(data)).write(out)
    return out.getvalue()


@slow
def test_a_signed_file_that_was_saved_again_is_called_that(files: SignedFiles) -> None:
    assert differs(resaved(files.signed)) == (
        "nothing but signatures behind the first one: it was saved again by another program after "
        "it was signed: its signatures no longer hold"
    )


@slow
def test_a_signed_file_that_was_changed_in_place_is_not_said_to_be_saved_again(
    files: SignedFiles,
) -> None:
    at = files.signed.index(b"/ByteRange") - 2000
    changed = files.signed[:at] + bytes([files.signed[at] ^ 1]) + files.signed[at + 1 :]
    try:
        said = differs(changed)
    except VerificationError as error:
        said = error.message
    assert "saved again" not in said


def test_pages_without_the_files_behind_them_are_called_that(july: bytes) -> None:
    """As Ghostscript, mutool and whatever prints to PDF leave them."""
    pages, out = PdfWriter(), io.BytesIO()
    pages.append(io.BytesIO(july))
    pages.write(out)
    with pytest.raises(VerificationError, match="the files behind it are gone: another program"):
        judged(out.getvalue())


@slow
def test_words_painted_on_a_page_are_not_said_to_agree_unless_they_were_looked_for(
    july: bytes,
) -> None:
    writer = PdfWriter(clone_from=io.BytesIO(july))
    stream = DecodedStreamObject()
    stream.set_data(b"BT /F1 24 Tf 90 90 Td (NOT AGREED) Tj ET")
    page: Any = writer.pages[0]
    fonts = page["/Resources"].get_object()["/Font"].get_object()
    font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
    fonts[NameObject("/F1")] = DictionaryObject(
        {NameObject(key): NameObject(value) for key, value in font.items()}
    )
    contents = page["/Contents"]
    page[NameObject("/Contents")] = ArrayObject(
        [contents.indirect_reference, writer._add_object(stream)]
    )
    out = io.BytesIO()
    writer.write(out)
    painted = out.getvalue()
    found = judged(painted).verdict
    assert not found.holds or found.sentence.startswith("SOURCES AGREE, NOT SIGNED: ")
    assert "EVERYTHING" not in found.sentence
    assert not judged(painted, lambda version: july).verdict.holds


@slow
def test_what_cannot_be_read_is_refused(files: SignedFiles) -> None:
    with pytest.raises(VerificationError, match="cannot be read to its end"):
        extract(files.draft[:5000])
    with pytest.raises(UsageError, match="not a PDF"):
        extract(b"no")
