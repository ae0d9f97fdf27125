"""When a signature is judged: as it was entered, or, where its certificate had ended by then, when
its own program says that it was made.

Nothing but the signer's clock shows that time, since no authority attests it. So it counts only
between the version's issue and the day on which the signature came back, and only where the entry
says so.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from signed_plan.register.chain import RegisterEntry
from signed_plan.register.events import Event
from signed_plan.register.returned import SignedElsewhere
from signed_plan.signing.validation import Signature
from signed_plan.wording import with_zone

CLOCKS_DIFFER = timedelta(minutes=10)
"""By how much the clock of another computer may differ."""


def judged_at(entry: RegisterEntry[Event]) -> datetime:
    """The time at which the signature of an entry is judged, if an authority attests none."""
    event = entry.event
    if isinstance(event, SignedElsewhere) and event.signed_at:
        return datetime.fromisoformat(event.signed_at)
    return entry.at


def may_be_judged(claimed: datetime, issued: datetime, received: datetime) -> bool:
    """Whether a signature may be judged at the time that it says: it was issued, and not back."""
    return issued - CLOCKS_DIFFER <= claimed <= received


def time_fault(
    entry: RegisterEntry[SignedElsewhere], signature: Signature, issued: datetime
) -> str:
    """Why the time in an entry is not that of its signature, as a clause; "" if it is, or if the
    entry says none."""
    if not entry.event.signed_at:
        return ""
    said = signature.moment
    if signature.stamped or said is None or with_zone(said) != judged_at(entry):
        return "it says another time than the register does: the register was rewritten"
    if not may_be_judged(judged_at(entry), issued, entry.at):
        return "its certificate ended before it was received, and it was not made in between"
    return ""
