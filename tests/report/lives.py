"""Registers as a life would have left them, with a fixed clock and without keys or LibreOffice; and
reports made of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from signed_plan.compare.changes import Comparison
from signed_plan.compare.compare import compare
from signed_plan.digest import Digest
from signed_plan.paths import PlanFolder, docx_file
from signed_plan.plan.source import Version, load
from signed_plan.register.chain import Register, read
from signed_plan.register.signoff_status import signoff_statuses, tally
from signed_plan.report.facts import Proof, gather
from signed_plan.report.report import make_report
from signed_plan.report.trace import trace
from signed_plan.verify.checks import Step, Verdict

from tests.compare.random_plans import a_version
from tests.plan.helpers import real_plan
from tests.register.sample_events import enter, file, last_record, records

Data = dict[str, Any]

CAROLE, SALLY, ANDY, KEVIN = "carole-clemens", "sally-beardsley", "andy-hitchcock", "kevin-snow"
REVIEW, HEADS, JCC = "july-2017", "november-2017-heads", "november-2017-jcc"
HERE, ELSEWHERE, PAPER = "here", "elsewhere", "on paper"
FOLDER = PlanFolder(Path("/nowhere"))
"""No file of it is ever read."""

JULY, NOVEMBER = load(real_plan())
NAMES = (JULY.name, NOVEMBER.name)


@dataclass
class Clock:
    """A clock that is set by hand, and goes on by a day whenever it is asked."""

    at: datetime = datetime(2017, 7, 3, 9, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.at += timedelta(days=1, minutes=7)
        return self.at


class Life:
    """A register in the making."""

    def __init__(self) -> None:
        empty = read(Path("/nowhere/register.jsonl"))
        self.register = replace(empty, clock=Clock())

    def built(self, *versions: Version) -> Life:
        for version in versions:
            pdf = {**self._file(version), "pages": 8}
            docx = file(docx_file(version.name))
            body = {
                "fingerprint": version.fingerprint.hex,
                "outputs": {"docx": docx, "pdf": pdf},
            }
            self.enter("built", version.name, body)
        return self

    def issued(self, version: Version) -> Life:
        self._grown("issued", version, {})
        if version.superseded is not None:
            self.enter("superseded", version.superseded.name, {"by": version.name})
        return self

    def signed(self, version: Version, review: str, *people: str, how: str = HERE) -> Life:
        for person in people:
            body = {"review": review, "person": person, "how": how}
            if how == PAPER:
                scan = {"file": f"{version.name}/scans/{person}.jpg", "sha256": "0" * 64, "size": 9}
                self.enter("signed", version.name, {**body, "files": {"scan": scan}})
            else:
                self._grown("signed", version, body)
        return self

    def declined(self, version: Version, review: str, person: str, reason: str) -> Life:
        body = {"review": review, "person": person, "reason": reason}
        return self.enter("declined", version.name, body)

    def withdrawn(self, version: Version, review: str, person: str, reason: str) -> Life:
        body = {"review": review, "person": person, "reason": reason}
        return self.enter("withdrawn", version.name, body)

    def sealed(self, version: Version, incomplete: str = "") -> Life:
        self._grown("sealed", version, {"incomplete": incomplete})
        return self

    def enter(self, event: str, version: str, body: Data) -> Life:
        self.register = enter(self.register, event, version, **body)
        return self

    def _grown(self, event: str, version: Version, body: Data) -> None:
        self.enter(event, version.name, {**body, "files": {"pdf": self._file(version)}})

    def _file(self, version: Version) -> Data:
        """What the PDF would be after as many entries."""
        state = f"{version.name} after {len(records(self.register))} entries"
        return {
            "file": FOLDER.below_output(FOLDER.pdf(version.name)),
            "sha256": Digest.of_bytes(state.encode()).hex,
            "size": 200_000 + 40_000 * len(records(self.register)),
        }


def drafts(old: Version = JULY, new: Version = NOVEMBER) -> Register:
    """Both versions are built, and that is all."""
    return Life().built(old, new).register


def july_signed(old: Version = JULY, new: Version = NOVEMBER) -> Life:
    """July has been signed by all, once on paper, and sealed; November is built."""
    life = Life().built(old).issued(old).signed(old, REVIEW, CAROLE)
    life.signed(old, REVIEW, SALLY, how=ELSEWHERE).signed(old, REVIEW, ANDY, how=PAPER)
    return life.signed(old, REVIEW, KEVIN).sealed(old).built(new)


def half_signed(old: Version = JULY, new: Version = NOVEMBER) -> Life:
    """Of November, one has declined, and two have yet to sign."""
    life = july_signed(old, new).issued(new).signed(new, HEADS, CAROLE, SALLY)
    life.signed(new, JCC, CAROLE)
    return life.declined(new, JCC, SALLY, "The library bid is missing.")


def sealed_incomplete() -> Register:
    """November has been sealed as it was: one had declined, two had not signed."""
    return half_signed().sealed(NOVEMBER, "The term ends.").register


def sealed() -> Register:
    """Both are signed by all and sealed; Kevin has signed November on paper."""
    life = july_signed().issued(NOVEMBER).signed(NOVEMBER, HEADS, CAROLE, SALLY)
    life.signed(NOVEMBER, JCC, CAROLE, SALLY, ANDY)
    return life.signed(NOVEMBER, JCC, KEVIN, how=PAPER).sealed(NOVEMBER).register


def verdict(register: Register, versions: Iterable[Version] = (JULY, NOVEMBER)) -> Verdict:
    """What verifying would come to, if the files were there."""
    issued = [version for version in versions if last_record(register, "issued", version.name)]
    marks = {one.name: signoff_statuses(register, one.plan) for one in issued}
    lacking = tuple(
        f"{person.name} ({one.review.title}, {name})"
        for name, standing in marks.items()
        for one in standing
        for person in one.missing
    )
    words = ", ".join(filter(None, ("VERIFIED", "INCOMPLETE" * bool(lacking), "NOT ANCHORED")))
    told = "; ".join(
        f"{name} is signed by {signed} of {asked}"
        for name, standing in marks.items()
        for signed, asked in [tally(standing)]
    )
    sentence = f"{words}: {told}." if issued else "VERIFIED: all is as it was built."
    steps = [("", "the register's entries are whole and chained")]
    steps += [(version.name, "its PDF, byte for byte") for version in versions]
    return Verdict(
        tuple(Step(at, *step, "") for at, step in enumerate(steps, 1)),
        sentence,
        "",
        "verified",
        register.head,
        incomplete=lacking,
    )


def refuted(register: Register) -> Verdict:
    """What verifying comes to where a byte of November's PDF was changed."""
    difference = "byte 4711 was changed"
    return Verdict(
        (
            Step(1, "", "the register's entries are whole and chained", ""),
            Step(2, NOVEMBER.name, "its PDF, byte for byte", difference),
        ),
        "NOT VERIFIED at step 2 (version 2017-11, its PDF, byte for byte): byte 4711 was changed",
        "Bring the file back from a copy.",
        "differs",
        register.head,
    )


def proof_of(register: Register, comparison: Comparison, found: Verdict | None = None) -> Proof:
    versions = (comparison.old, comparison.new)
    return gather(FOLDER, register, comparison, found or verdict(register, versions))


def report_of(
    register: Register,
    comparison: Comparison,
    found: Verdict | None = None,
    *,
    never_built: bool = False,
) -> str:
    """The page, as text."""
    proof = proof_of(register, comparison, found)
    if never_built:
        proof = replace(proof, verdict=None)
    traced = trace(comparison.new, register)
    return make_report(comparison, proof, traced, register).decode()


def real() -> Comparison:
    """July and November as they are."""
    return compare(JULY, NOVEMBER)


def edited(*acts: Callable[[Data], object], of: Version = NOVEMBER) -> Comparison:
    """November, and what becomes of it."""
    data = of.plan.content()
    for act in acts:
        act(data)
    return compare(of, a_version({**data, "version": "2018-03", "supersedes": "2017-11"}))


def short(version: Version) -> Version:
    """The version with a few areas only, for what takes its time with each."""
    kept = ("staff", "cpd", "parents", "moderation-assessment", "governors")
    data = version.plan.content()
    data["areas"] = [area for area in data["areas"] if area["id"] in kept]
    older = version.superseded
    superseded = short(older) if isinstance(older, Version) else None
    return replace(a_version(data), superseded=superseded)


def much_edited(of: Version = NOVEMBER) -> Comparison:
    """November with something of everything: removed, moved, changed, renamed and added."""

    def act(data: Data) -> None:
        areas = {area["id"]: area for area in data["areas"]}
        staff, cpd, parents = areas["staff"], areas["cpd"], areas["parents"]
        staff["actions"][4]["bullet"] = "SENCOs to meet in the hall (7 December 2017)"
        staff["actions"][5]["bullet"] = "EYFS leads – to meet (date TBC)."
        staff["actions"][1] = {"id": staff["actions"][1]["id"], "paragraph": "Compile reports"}
        cpd["actions"].append(staff["actions"].pop())
        cpd["actions"].reverse()
        cpd["impact"].pop(0)
        parents["name"] = "Parents and carers"
        parents["links"] = [1, 2, 7, 10]
        data["areas"].remove(areas["moderation-assessment"])
        data["objectives"][2]["text"] = "Enhancing teaching, and all else."
        data["people"][3]["role"] = "Vice-Chair of Governing Board"
        data["columns"]["impact"] = "Impact to date (November 2017)"
        data["title"] = "Collaboration <Action> & Plan"
        del data["amendment"]
        data["reviews"].append(
            {
                "id": "march-2018",
                "title": "March 2018",
                "version": "2018-03",
                "date": "2018-03",
                "statements": ["Reviewed."],
                "signatories": [CAROLE],
            }
        )

    return edited(act, of=of)
