"""A signature that was made in another program, and what it says beside being good.

Registers of older versions of the program have no reason, no time and no fault there.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from signed_plan.plan.names import NamesById
from signed_plan.register.events import GrowingEvent, SignedEvent
from signed_plan.register.shapes import ClaimedTime, GivenReason, Sha256, is_empty
from signed_plan.wording import in_words, shorten


class SignedElsewhere(SignedEvent, GrowingEvent):
    """Signed in another program, and taken back with `plan receive`."""

    words = "signed with their own certificate, in another program"

    how: Literal["elsewhere"] = "elsewhere"
    certificate: Sha256
    level: Literal[""] = ""
    """Left open: it is for the other program to say."""
    reason: GivenReason = Field(default="", exclude_if=is_empty)
    """What the signature gives as its reason; "" for none, or what `plan sign` writes."""
    signed_at: ClaimedTime = Field(default="", exclude_if=is_empty)
    """When it says that it was made, where its certificate had ended before it was received."""
    unfit: GivenReason = Field(default="", exclude_if=is_empty)
    """Why the PDF is no PDF/A-3b or PDF/UA-1 any more, by what that program put in its box."""

    @property
    def remark(self) -> str:
        given = f"; reason given: {self.reason}" if self.reason else ""
        return f"{self._made()}{given}"

    def _made(self) -> str:
        """What shows only by their own clock."""
        if not self.signed_at:
            return ""
        moment = in_words(datetime.fromisoformat(self.signed_at))
        return f"; by their own clock on {moment}, before their certificate ended"

    def summary(self, names: NamesById) -> str:
        given = f"; reason given: {shorten(self.reason)}" if self.reason else ""
        by = f"by {names.person(self.person)} for {names.review(self.review)}"
        unfit = f"; no longer PDF/A or PDF/UA: {self.unfit}" if self.unfit else ""
        return f"{by}, received{self._made()}{given}{unfit}"
