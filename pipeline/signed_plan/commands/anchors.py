"""The option --anchor: a receipt, or a register's head as it is printed, in groups of digits."""

from __future__ import annotations

import re
from collections.abc import Sequence

import click

from signed_plan.commands.help import ListedCommand

_ANCHOR = "--anchor"
_GROUP = re.compile(r"[0-9A-Fa-f]{8}")
_GROUPS = 8
"""So many groups of eight digits are a head."""

anchor_option = click.option(
    _ANCHOR,
    metavar="RECEIPT.pdf|HEAD",
    help="Check the register against this: a receipt kept elsewhere, or the head on it.",
)


class AnchoredCommand(ListedCommand):
    """A command that takes a head after --anchor with blanks in it, without quotation marks."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, join_groups(args))


def join_groups(words: Sequence[str]) -> list[str]:
    """The words of a command, the groups of digits after --anchor as one word."""
    joined: list[str] = []
    left = 0
    for at, word in enumerate(words):
        if left and _GROUP.fullmatch(word):
            joined[-1] += f" {word}"
            left -= 1
            continue
        joined.append(word)
        follows = at > 0 and words[at - 1] == _ANCHOR
        value = word.removeprefix(f"{_ANCHOR}=") if not follows else word
        begins = (follows or value != word) and _GROUP.fullmatch(value)
        left = _GROUPS - 1 if begins else 0
    return joined
