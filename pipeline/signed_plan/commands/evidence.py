"""`plan evidence`: everything that proves what was agreed, in one zip."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from signed_plan.commands.frame import command, screen, stage, waiting
from signed_plan.digest import Digest
from signed_plan.paths import PlanFolder, as_seen
from signed_plan.wording import pluralise

if TYPE_CHECKING:
    from signed_plan.evidence.evidence import EvidenceZip


@command("evidence")
def evidence(folder: PlanFolder) -> None:
    """Pack everything that proves what was agreed.

    It makes one zip that anybody can check, with or without this program. The zip has the PDFs,
    receipts and scans of every issued version, the signed register, certificates, sources and
    comparisons.
    """
    from signed_plan.evidence.evidence import make_evidence, save_evidence
    from signed_plan.register.publish import lock_folder, recover
    from signed_plan.report.outputs import papers_of_the_issued

    with lock_folder(folder, waiting):
        recover(folder)
        made = make_evidence(folder, papers_of_the_issued(folder, stage))
        path = save_evidence(folder, made)
    size = path.stat().st_size / 1_000_000
    screen.say(f"{as_seen(path)}  {size:.1f} MB, {_contents(made)}", "green")
    for name in made.drafts:
        screen.say(f"  without {name}, which was never issued", "yellow")
    entries = len(made.register.entries)
    screen.say(f"The register's head, after {entries} entries, is")
    screen.say(f"  {Digest(made.register.head).spaced}")
    screen.say("To check it on any computer, without this program: unpack it, and type there")
    screen.say("  sh check.sh")
    screen.next("keep it outside the office, and a receipt or the register's head in another place")


def _contents(made: EvidenceZip) -> str:
    """Such as "2 versions: 2 PDFs, 2 receipts, 1 scan and 27 other files"."""
    inside = [Path(name) for name in made.files]
    counts = {
        "PDF": sum(
            path.name.startswith("action-plan-") and path.suffix == ".pdf" for path in inside
        ),
        "receipt": sum(path.name.startswith("receipt-") for path in inside),
        "scan": sum(path.parent.name == "scans" for path in inside),
    }
    told = ", ".join(pluralise(count, noun) for noun, count in counts.items() if count)
    others = pluralise(len(inside) - sum(counts.values()), "other file")
    return f"{pluralise(len(made.versions), 'version')}: {told} and {others}"
