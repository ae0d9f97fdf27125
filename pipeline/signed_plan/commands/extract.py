"""`plan extract`: the sources of a plan, taken out of its PDF."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from signed_plan.commands.frame import command, print_json, read_handed_in, screen, stage
from signed_plan.paths import PlanFolder, as_seen, as_typed
from signed_plan.progress import silent

if TYPE_CHECKING:
    from signed_plan.extract.extract import Extract
    from signed_plan.plan.source import Version


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
    help="Where the sources go: FOLDER/source/VERSION.",
)
@click.option(
    "--rebuild",
    is_flag=True,
    help="Build it again and compare the text. It uses the plan folder's templates, if any.",
)
def extract(
    folder: PlanFolder | None, file: Path, output: Path, rebuild: bool, as_json: bool
) -> None:
    """Take the sources out of a version's PDF.

    It says in numbered steps whether their fingerprint is the one that is printed and signed. It
    needs only the PDF, no plan folder. It overwrites nothing, and writes nothing that differs.
    """
    from signed_plan.extract.extract import extract as extract_sources
    from signed_plan.extract.rebuild import rebuild as rebuild_pdf
    from signed_plan.extract.sources import write_sources
    from signed_plan.verify.checks import require_verified

    def build(version: Version) -> bytes:
        with (silent if as_json else stage)("Build it again"):
            return rebuild_pdf(version, folder)

    data = read_handed_in(file, "Name the PDF of a version.", ", so it is no plan")
    found = extract_sources(data, build if rebuild else None)
    if not as_json:
        for step in found.verdict.steps:
            mark = "differs" if step.difference else "ok"
            screen.row(f"{step.number:>3}.", f"{mark:<8}", step.what)
    elif not found.verdict.holds:
        print_json(_record(found, None))
    require_verified(found.verdict)
    assert found.version is not None, "the first step that holds gives it"
    if as_json:
        print_json(_record(found, write_sources(found.version, output)))
        return
    screen.say(found.verdict.sentence, "green" if found.signatures else "yellow")
    screen.say(f"Its fingerprint in full is {found.version.fingerprint.spaced}.")
    screen.say(f"Its sources are in {as_seen(write_sources(found.version, output))}.")
    screen.say(
        "A PDF alone cannot prove whose certificates these are: anybody can make one in the "
        "office's name. The plan's folder shows that, and whether anything came later."
    )
    where = "" if folder is not None else "-C FOLDER "
    screen.next(f"plan verify {where}{as_typed(file)}")


def _record(found: Extract, place: Path | None) -> dict[str, Any]:
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
