"""`plan compare`: what changed between two versions."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import click

from signed_plan.commands.anchors import AnchoredCommand, anchor_option
from signed_plan.commands.frame import command, print_json, screen, stage, waiting
from signed_plan.commands.screen import BULLETS
from signed_plan.errors import ExitCode, UsageError
from signed_plan.paths import PlanFolder, as_seen, as_typed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signed_plan.compare.changes import AreaChanges, Change, Comparison, Line
    from signed_plan.compare.text_diff import Piece
    from signed_plan.plan.model import Block
    from signed_plan.plan.source import Version
    from signed_plan.verify.anchor import Anchor

_STYLES = {"same": "", "removed": "red strike", "added": "green"}
_MARKED = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
_NAMES = {"overriding-objective": "overriding objective"}


@command("compare", many=True, as_json=True, kind=AnchoredCommand)
@click.option("--exit-code", is_flag=True, help="Exit with 1 if anything changed, else with 0.")
@click.option("--no-pdf", is_flag=True, help="Leave out redline.pdf, which LibreOffice makes.")
@anchor_option
def compare(
    folder: PlanFolder,
    versions: tuple[str, ...],
    as_json: bool,
    exit_code: bool,
    no_pdf: bool,
    anchor: str | None,
) -> None:
    """Show what changed between two versions.

    One VERSION is compared with the one it supersedes. Without one, the last two are compared.
    The report and the plan with tracked changes go to output/compare/. With --json, it only prints.
    """
    from signed_plan.compare.compare import compare as compare_versions
    from signed_plan.report.json_record import comparison_record

    if anchor is not None and as_json:
        raise UsageError(
            "With --json no report is made, so there is nothing to check the anchor for.",
            "Leave one of the two out, or run: plan verify --anchor RECEIPT.pdf",
        )
    vouching = _read_anchor(anchor) if anchor is not None else None
    old, new = _pair(folder, versions)
    comparison = compare_versions(old, new)
    if as_json:
        print_json(comparison_record(comparison))
    else:
        _show(comparison)
        if old.name == new.name:
            screen.next("plan compare OLDER NEWER, or: plan status")
        else:
            _make(folder, comparison, pdf=not no_pdf, anchor=vouching)
    if exit_code and comparison.changes:
        click.get_current_context().exit(ExitCode.DIFFERENT)


def _read_anchor(given: str) -> Anchor:
    from signed_plan.verify.anchor import read_anchor

    return read_anchor(given)


def _pair(folder: PlanFolder, names: tuple[str, ...]) -> tuple[Version, Version]:
    """The two versions to compare, the older first."""
    from signed_plan.register.chain import read
    from signed_plan.register.issued import KnownVersions

    if len(names) > 2:
        raise UsageError(
            "Only two versions can be compared at a time.", "Name the older one, then the newer."
        )
    known = KnownVersions(folder, read(folder.register))
    found = {version.name: version for version in known.load(names)}
    if len(names) == 2:
        return found[names[0]], found[names[1]]
    newer = found[names[0]] if names else list(found.values())[-1]
    older = next(newer.ancestors(), None)
    if older is None:
        raise UsageError(
            f"Version {newer.name} supersedes no other, so there is nothing to compare it with.",
            "Name two versions: plan compare OLDER NEWER",
        )
    return older, newer


def _make(folder: PlanFolder, comparison: Comparison, *, pdf: bool, anchor: Anchor | None) -> None:
    """Makes the report and the rest; with an anchor, ends as `plan verify` would."""
    from signed_plan.report.outputs import write_papers
    from signed_plan.verify.checks import require_verified

    screen.say()
    paths, verdict = write_papers(folder, comparison, stage, waiting, pdf=pdf, anchor=anchor)
    for path in paths:
        screen.say(f"  {as_seen(path)}")
    if anchor is not None and verdict is not None:
        require_verified(verdict)
        told = screen.standpoint.complete(verdict.sentence)
        screen.say(told, "yellow" if verdict.incomplete else "green")
    report = folder.comparison(comparison.old.name, comparison.new.name) / "report.html"
    screen.next(f"open {as_typed(report)}, or run: plan trace {comparison.new.name}")


def _show(comparison: Comparison) -> None:
    from signed_plan.report.sentences import sentences

    screen.say(f"From {comparison.old.name} to {comparison.new.name}", "bold")
    for sentence in sentences(comparison):
        screen.say(f"  {sentence}")
    for change in comparison.recognised:
        screen.detail(f"  {change.part} {change.old} is {change.new} now: {change.what}")
    _show_listed(comparison.before)
    for area in comparison.areas:
        _show_area(area)
    _show_listed(comparison.after)


def _show_listed(changes: Sequence[Change]) -> None:
    for place, found in groupby(changes, lambda change: change.where.place):
        screen.say()
        screen.say(place, "bold")
        for change in found:
            _show_change(change)


def _show_change(change: Change) -> None:
    name = _NAMES.get(change.value, change.value)
    note = "moved" if change.action == "moved" else _scale(change.scale.words)
    lead = f"{name}: " if change.value not in ("", "text", "order") else ""
    mark = {"added": "+", "removed": "-", "moved": ">"}.get(change.action, "~")
    spans = _spans(change.pieces, whole=mark in "+->")
    screen.item(2, mark, (lead, ""), *spans, (f" ({note})" if note else "", "dim"))


def _show_area(area: AreaChanges) -> None:
    from signed_plan.report.sentences import summary

    style = "dim" if area.status == "unchanged" else "bold"
    screen.say()
    screen.say(f"{area.area.name}: {summary(area)}", style)
    for change in area.changes:
        if change.where.part == "area" and change.value:
            _show_change(change)
    for cell in area.cells:
        changed = [line for line in cell.lines if not line.same]
        if changed:
            screen.say(f"  {cell.heading}")
        for line in changed:
            _show_line(line)


def _show_line(line: Line) -> None:
    block = line.new or line.old
    assert block is not None, "a line has a block"
    mark, spans, notes = _row(line, block)
    note = "".join(f" ({note})" for note in notes if note)
    style = {"+": "green", "-": "red"}.get(mark, "")
    screen.item(4, mark, (BULLETS[block.kind], style), *spans, (note, "dim"))


def _row(line: Line, block: Block) -> tuple[str, list[tuple[str, str]], Sequence[str]]:
    """A line's mark, its words with their styles, and what else is said of it.

    What only moved, or was split or joined, is neither added nor removed, and looks like neither.
    """
    if line.divided:
        return "/", [(block.text, "")], (line.divided, line.moved)
    if line.moved:
        spans = _spans(line.pieces, whole=line.new is None)
        return "<" if line.new is None else ">", spans, (line.moved,)
    if line.old is None or line.new is None:
        return "-" if line.new is None else "+", _spans(line.pieces, whole=True), ()
    notes = (_form(line.old, line.new), _scale(line.scale.words))
    return "~", _spans(line.pieces, whole=False), notes


def _spans(pieces: Sequence[Piece], *, whole: bool) -> list[tuple[str, str]]:
    """The pieces with their styles; without `whole`, marked as `git diff --word-diff` does."""
    texts = [(piece.kind, piece.text.replace("\n", " / ")) for piece in pieces]
    return [(text if whole else _MARKED[kind].format(text), _STYLES[kind]) for kind, text in texts]


def _form(old: Block, new: Block) -> str:
    return f"was a {old.kind}, is a {new.kind}" if old.kind != new.kind else ""


def _scale(words: str) -> str:
    return "" if words == "substantive" else words
