"""The commands for whoever comes later, with or without this software: evidence, extract."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from signed_plan.commands.frame import command, handed_in, print_json, screen, stage, waiting
from signed_plan.paths import PlanFolder

if TYPE_CHECKING:
    from signed_plan.evidence.evidence import Evidence
    from signed_plan.extract.extract import Extract
    from signed_plan.plan.source import Version


@command("evidence")
def evidence(folder: PlanFolder) -> None:
    """Pack everything that proves what was agreed.

    Into one zip that anybody can check, with or without this program: the PDFs, receipts and scans
    of every version that was issued, the signed register, certificates, sources, comparisons.
    """
    from signed_plan.evidence.evidence import make_evidence, save_evidence
    from signed_plan.register.publish import lock_folder, recover
    from signed_plan.report.outputs import papers_of_the_issued

    with lock_folder(folder, waiting):
        recover(folder)
        made = make_evidence(folder, papers_of_the_issued(folder, stage))
        path = save_evidence(folder, made)
    size = path.stat().st_size / 1_000_000
    screen.say(f"{folder.relative(path)}  {size:.1f} MB, {_contents(made)}", "green")
    for name in made.drafts:
        screen.say(f"  without {name}, which was never issued", "yellow")
    entries = len(made.register.events)
    screen.say(f"The register's head is {made.register.head}, after {entries} entries.")
    screen.say("To check it, anywhere, without this program: unpack it, and type there")
    screen.say("  sh check.sh")
    screen.next("keep it outside the office; in another place, a receipt, or the register's head")


def _contents(made: Evidence) -> str:
    """Such as "2 versions: 2 PDFs, 2 receipts, 1 scan and 27 other files"."""
    inside = [Path(name) for name in made.files]
    counts = {
        "PDF": sum(
            path.name.startswith("action-plan-") and path.suffix == ".pdf" for path in inside
        ),
        "receipt": sum(path.name.startswith("receipt-") for path in inside),
        "scan": sum(path.parent.name == "scans" for path in inside),
    }
    told = ", ".join(_counted(count, noun) for noun, count in counts.items() if count)
    others = _counted(len(inside) - sum(counts.values()), "other file")
    return f"{_counted(len(made.versions), 'version')}: {told} and {others}"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


@command("extract", as_json=True, anywhere=True)
@click.argument(
    "file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--output",
    metavar="FOLDER",
    type=click.Path(file_okay=False, path_type=Path),
    default="extracted",
    show_default=True,
    help="Where the sources go, to source/VERSION.",
)
@click.option(
    "--rebuild",
    is_flag=True,
    help="Build it again, by the plan folder's templates if there is one, and compare the text.",
)
def extract(
    folder: PlanFolder | None, file: Path, output: Path, rebuild: bool, as_json: bool
) -> None:
    """Take the sources out of a version's PDF.

    Says in numbered steps whether their fingerprint is the one printed and signed. Needs the PDF
    alone and no plan folder. Nothing is overwritten, and what differs is not written.
    """
    from signed_plan.extract.extract import extract as taken_out
    from signed_plan.extract.rebuild import rebuild as built_again
    from signed_plan.extract.sources import write_sources
    from signed_plan.verify.checks import require_verified

    def build(version: Version) -> bytes:
        with nullcontext() if as_json else stage("Build it again"):
            return built_again(version, folder)

    data = handed_in(file, "Name the PDF of a version.", ": it is no plan")
    found = taken_out(data, build if rebuild else None)
    if not as_json:
        for step in found.verdict.steps:
            mark = "differs" if step.difference else "holds"
            screen.say(f"{step.number:>3}. {mark:<7}  {step.what}")
    elif not found.verdict.holds:
        print_json(_extracted(found, None))
    require_verified(found.verdict)
    assert found.version is not None, "the first step that holds gives it"
    if as_json:
        print_json(_extracted(found, write_sources(found.version, output)))
        return
    screen.say(found.verdict.sentence, "green" if found.signatures else "yellow")
    screen.say(f"Its fingerprint in full is {found.version.fingerprint.spaced}.")
    screen.say(f"Its sources are in {write_sources(found.version, output)}.")
    screen.say("A PDF alone proves no more than that it is of one piece. Whose certificates these")
    screen.say("are, and whether anything came later, is told in the plan's folder.")
    screen.next(f"plan verify {file}, in the plan's folder")


def _extracted(found: Extract, place: Path | None) -> dict[str, Any]:
    version = found.version
    return {
        "holds": found.verdict.holds,
        "sentence": found.verdict.sentence,
        "remedy": found.verdict.remedy,
        "steps": [
            {"number": step.number, "what": step.what, "difference": step.difference}
            for step in found.verdict.steps
        ],
        "version": version.name if version else None,
        "fingerprint": version.fingerprint.hex if version else None,
        "sources": {file.name: file.digest.hex for file in version.files} if version else {},
        "written": str(place) if place else None,
        "signatures": [
            {
                "field": one.field,
                "kind": one.kind,
                "name": one.signer,
                "at": one.moment.isoformat() if one.moment else None,
                "attested": one.stamped,
                "fault": one.fault,
            }
            for one in found.signatures
        ],
    }
