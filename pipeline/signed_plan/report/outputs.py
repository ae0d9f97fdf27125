"""Everything that says what changed, as files: for a governor, for Word, and for programs."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from signed_plan.beneath import open_beneath
from signed_plan.compare.changes import Comparison
from signed_plan.compare.compare import compare
from signed_plan.errors import write_error
from signed_plan.files import write_in
from signed_plan.paths import PlanFolder
from signed_plan.plan.source import Version
from signed_plan.processes import die_with_parent
from signed_plan.progress import Progress
from signed_plan.register.chain import read
from signed_plan.register.events import IssuedEvent
from signed_plan.register.issued import is_as_issued, known_version
from signed_plan.register.publish import lock_folder, recover, scratch
from signed_plan.report.json_record import comparison_record
from signed_plan.verify.anchor import Anchor
from signed_plan.verify.checks import Verdict

PDF = "redline.pdf"


@dataclass(frozen=True, slots=True)
class ComparisonPapers:
    """The files that show a comparison, and what verifying the folder came to."""

    files: dict[str, bytes]
    """By name; `report.html` is for people, `redline.docx` has native tracked changes,
    `changes.json` is for programs; there may also be `redline.pdf`."""
    verdict: Verdict | None
    """None where nothing was ever built in the folder."""


def make_papers(
    folder: PlanFolder,
    comparison: Comparison,
    progress: Progress,
    *,
    pdf: bool = True,
    anchor: Anchor | None = None,
) -> ComparisonPapers:
    """What shows a comparison; the same bytes for the same folder. With `pdf` also `redline.pdf`.

    The report says whether the folder verifies, with the `anchor` that vouches for it, if any.

    Raises TemplateError, MissingError or ConversionError, each with its remedy.
    """
    template = folder.template("plan.docx")
    # Half of the work is to verify, and it needs nothing of the other half.
    with ProcessPoolExecutor(1, get_context("fork"), _prepare, (os.getpid(),)) as aside:
        verdict = aside.submit(_verify, folder, comparison.old, comparison.new, anchor)
        with progress("Track the changes in Word"):
            from signed_plan.redline.redline import make_redline

            made = {"redline.docx": make_redline(comparison, template)}
        if pdf:
            with progress("Convert to PDF with LibreOffice"):
                from signed_plan.redline.redline_pdf import make_redline_pdf

                made[PDF] = make_redline_pdf(made["redline.docx"], comparison, scratch(folder))
        with progress("Verify both versions, write the report"):
            from signed_plan.report.facts import gather
            from signed_plan.report.report import make_report, page_template
            from signed_plan.report.trace import trace

            register = read(folder.register)
            traced = trace(comparison.new, register, [comparison])
            page_template()  # compiled before the wait for the verdict, not after it
            proof = gather(folder, register, comparison, verdict.result())
            made["report.html"] = make_report(comparison, proof, traced, register)
    record = json.dumps(comparison_record(comparison), indent=2, ensure_ascii=False)
    made["changes.json"] = f"{record}\n".encode()
    return ComparisonPapers(made, proof.verdict)


def _verify(
    folder: PlanFolder, old: Version, new: Version, anchor: Anchor | None
) -> Verdict | None:
    """The verdict on those of both versions that were built, or on all where neither was."""
    from signed_plan.verify.verify import verify

    register = read(folder.register)
    if anchor is None and not register.entries and not _has_outputs(folder, old, new):
        return None
    built = set(register.built_versions)
    names = tuple(one.name for one in (old, new) if one.name in built)
    # What was taken from a PDF, since the sources were changed, is no proof of those.
    as_issued = [one for one in (old, new) if is_as_issued(folder, register, one)]
    return verify(folder, names, anchor, at_hand=as_issued)


def _has_outputs(folder: PlanFolder, *versions: Version) -> bool:
    return any(folder.pdf(one.name).parent.exists() for one in versions)


def _prepare(parent: int) -> None:
    """Ctrl-C is for the process that was started by hand: it answers for both, and ends both."""
    die_with_parent(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def papers_of_the_issued(folder: PlanFolder, progress: Progress) -> dict[str, bytes]:
    """What changed in the version that was issued last, by paths below `output/compare/`.

    Nothing, where the one that it supersedes was not issued. Raises what `make_papers` raises.
    """
    register = read(folder.register)
    issued = [entry.version for entry in register.entries if isinstance(entry.event, IssuedEvent)]
    new = known_version(folder, register, issued[-1]) if issued else None
    old = next(new.ancestors(), None) if new is not None else None
    if new is None or old is None or old.name not in issued:
        return {}
    place = folder.comparison(old.name, new.name).name
    made = make_papers(folder, compare(old, new), progress)
    return {f"{place}/{name}": data for name, data in made.files.items()}


def write_papers(
    folder: PlanFolder,
    comparison: Comparison,
    progress: Progress,
    waiting: Callable[[], None],
    *,
    pdf: bool,
    anchor: Anchor | None = None,
) -> tuple[list[Path], Verdict | None]:
    """Writes those files where they belong, in place of older ones; gives their paths, and what
    verifying the folder came to.

    Raises OutputError where the folder cannot be written to, and what `make_papers` raises.
    """
    target = folder.comparison(comparison.old.name, comparison.new.name)
    with lock_folder(folder, waiting):
        recover(folder)
        made = make_papers(folder, comparison, progress, pdf=pdf, anchor=anchor)
        try:
            with open_beneath(folder.output, target, make=True) as handle:
                # An older one would show other changes than the files beside it.
                with suppress(FileNotFoundError):
                    os.unlink(PDF, dir_fd=handle)
                for name, data in made.files.items():
                    write_in(handle, name, data)
        except OSError as error:
            raise write_error(target, error) from error
    return [target / name for name in sorted(made.files)], made.verdict
