"""What a letter says to one person: what they do with the version now, step by step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from signed_plan.document.context import field_name
from signed_plan.line_breaking import wrap_words
from signed_plan.paths import pdf_file
from signed_plan.plan.model import Person, Plan
from signed_plan.plan.names import name_of
from signed_plan.plan.settings import Order
from signed_plan.plan.source import Version
from signed_plan.register.chain import Register
from signed_plan.register.events import EnrolledEvent, ReceiptEvent, SealedEvent, SupersededEvent
from signed_plan.register.signoff_status import Mark, SignoffStatus, enrolment, signoff_statuses
from signed_plan.wording import in_words, isolate, join_names

ROOT_FILE, TRUST_FILE = "office-root.p7b", "how-to-trust.txt"
"""What goes with each letter: the office's root certificate, and how to trust it.

Outlook holds back .crt, .cer and .der. A PKCS#7 file gets through, and Adobe Reader imports it.
"""

_WIDTH = 76
_NAMED = 3  # people; more of them are counted


@dataclass(frozen=True, slots=True)
class Occasion:
    """What is the same in all letters of one version."""

    version: Version
    register: Register
    order: Order
    organisation: str
    """The office, which signs the letter."""
    pages: Mapping[str, int]
    """The page of each signature field, counted from 1, by the field's name."""


@dataclass(frozen=True, slots=True)
class Task:
    """What one person has to do with one review."""

    status: SignoffStatus
    mark: Mark
    before: tuple[Person, ...]
    """Who signs first; nobody where the person may sign now, or has signed."""
    after: Person | None
    """Who waits for this person's signature."""

    @property
    def is_due(self) -> bool:
        return not self.mark.signed and not self.before

    @property
    def title(self) -> str:
        return f'"{isolate(self.status.review.title)}"'


def write_letter(occasion: Occasion, person: Person) -> tuple[str, str]:
    """The subject and the text of the letter to a person, for now."""
    name, register = occasion.version.name, occasion.register
    tasks = _tasks(occasion, person)
    superseded = register.last(SupersededEvent, name)
    if register.last(ReceiptEvent, name) is not None:
        what, parts = "signed and sealed", _sealed(occasion)
    elif superseded is not None:
        what, parts = "for your information", _superseded(occasion, superseded.event.by)
    elif any(task.is_due for task in tasks):
        what, parts = "please sign", _to_sign(occasion, person, tasks)
    elif any(not task.mark.signed for task in tasks):
        what, parts = "not yet your turn to sign", _to_wait(occasion, person, tasks)
    else:
        what, parts = "for your information", _has_signed(occasion, tasks)
    text = "\n\n".join([f"Dear {isolate(person.name)},", *parts, isolate(occasion.organisation)])
    return f"{isolate(occasion.version.plan.full_title)}, version {name}: {what}", f"{text}\n"


def _tasks(occasion: Occasion, person: Person) -> list[Task]:
    """What the person is asked to sign, in the order of the reviews."""
    found = []
    for status in signoff_statuses(occasion.register, occasion.version.plan):
        mark = status.mark(person.id)
        if mark is None:
            continue
        at = status.marks.index(mark)
        is_open = mark.entry is None and occasion.order == "in-order"
        before = [one.person for one in status.marks[:at] if one.entry is None] if is_open else []
        after = [one.person for one in status.marks[at + 1 :] if one.entry is None]
        found.append(Task(status, mark, tuple(before), after[0] if is_open and after else None))
    return found


def _to_sign(occasion: Occasion, person: Person, tasks: Sequence[Task]) -> list[str]:
    due = [task for task in tasks if task.is_due]
    pages = [occasion.pages[field_name(task.status.review, person)] for task in due]
    places = [f"on page {page}, below {task.title}" for page, task in zip(pages, due, strict=True)]
    if len(due) == 1:
        boxes = _paragraph(f"Your box is {places[0]}.")
    else:
        boxes = "\n".join([f"You have {len(due)} boxes:", *_items(places)])
    plan = occasion.version.plan
    return [
        _paragraph(f"it is your turn to sign {_version(occasion)}, which is attached."),
        _paragraph(f"You sign as {_office_of(plan, person)}."),
        boxes,
        *(_paragraph(one) for one in _others(plan, tasks)),
        _paragraph(f"Read the plan first: you sign every word of it. {_fingerprint(occasion)}"),
        "There are these ways to sign. Choose one.",
        _on_screen(occasion, person, due, pages),
        _on_paper(due, pages),
        _at_the_office(enrolment(occasion.register, person.id)),
        *(_paragraph(one) for one in _waiting(plan, due)),
        _paragraph(
            "If you do not agree, reply and tell us why. We then note that you declined, and you "
            "can still sign later."
        ),
        _trust(),
    ]


def _others(plan: Plan, tasks: Sequence[Task]) -> Iterable[str]:
    """What else there is to know about the person's reviews."""
    for task in tasks:
        if task.mark.entry is not None and task.mark.declined:
            yield (
                f"You declined to sign {task.title} on {in_words(task.mark.entry.at)}. You can "
                "think again until the version is sealed."
            )
        elif task.mark.entry is not None:
            yield f"You signed {task.title} on {in_words(task.mark.entry.at)}."
        elif task.before:
            yield (
                f"You will be asked to sign {task.title} too, once "
                f"{_people(plan, task.before)} signed it."
            )


def _waiting(plan: Plan, due: Sequence[Task]) -> Iterable[str]:
    for person in dict.fromkeys(task.after for task in due):
        if person is not None:
            yield (
                f"Please sign soon: {isolate(name_of(plan, person))} signs after you, and waits "
                "for the file with your signature."
            )


def _on_screen(
    occasion: Occasion, person: Person, due: Sequence[Task], pages: Sequence[int]
) -> str:
    enrolled = enrolment(occasion.register, person.id)
    if enrolled is None:
        return _paragraph(
            "ON SCREEN you cannot sign yet, for we have no certificate of yours. If you would like "
            "to, ask us for one."
        )
    file = pdf_file(occasion.version.name).rpartition("/")[2]
    if enrolled.issuer == "office":
        head = f"ON SCREEN, with the key file that you got from us, {person.id}.p12"
        choose = (
            "Once on each computer, Reader has to learn your key. If it shows no digital ID with "
            "your name, choose Configure New Digital ID, then Use a Digital ID from a file, then "
            f"Browse. Open {person.id}.p12 and type its passphrase, which you chose at the office; "
            "nobody else knows it."
        )
    else:
        head = "ON SCREEN, with your own certificate, which you showed us"
        choose = (
            "Choose the certificate that you showed us and no other. Its SHA-256 begins with "
            f"{enrolled.certificate[:12]}."
        )
    steps = [
        f"Save the attached file {file}, and open it in Adobe Acrobat Reader: not in a browser, "
        "and not inside the e-mail program.",
        f'Go to page {pages[0]} and click the empty box beside "{isolate(person.name)}", below '
        f"{due[0].title}.",
        choose,
        "Choose the digital ID with your name, then Continue. Type the passphrase, then choose "
        "Sign.",
        "Save the file where Reader asks you to. Do not print it to PDF, and do not save it with "
        "another program: that would lose the signatures in it.",
    ]
    if len(due) > 1:
        steps.append(
            "Sign in this one box only. When we have the file back, we send it to you again for "
            "your next box."
        )
    steps.append("Reply to this e-mail, and attach the file that you saved.")
    return _numbered(head, steps)


def _on_paper(due: Sequence[Task], pages: Sequence[int]) -> str:
    which = " and ".join(f"{page}" for page in dict.fromkeys(pages))
    noun = "pages" if len(set(pages)) > 1 else "page"
    where = "your box" if len(due) == 1 else "each of your boxes"
    return _numbered(
        "ON PAPER",
        [
            f"Print {noun} {which} of the attached file.",
            f"Sign in {where} with a pen, and write the date beside it.",
            "Scan or photograph the whole page, with the square code in its corner, and reply to "
            "this e-mail with it. Or send us the page.",
        ],
    )


def _at_the_office(enrolled: EnrolledEvent | None) -> str:
    bring = {
        None: "We make you a certificate, and you sign on our computer.",
        "office": "You sign on our computer. You need nothing but your passphrase.",
        "own": "You sign on our computer. Bring the file with your key, and its passphrase.",
    }[enrolled.issuer if enrolled is not None else None]
    return _paragraph(f"AT OUR OFFICE. {bring}")


def _to_wait(occasion: Occasion, person: Person, tasks: Sequence[Task]) -> list[str]:
    plan = occasion.version.plan
    waits = [task for task in tasks if task.before]
    return [
        _paragraph(f"attached is {_version(occasion)}. You need not do anything yet."),
        *(
            _paragraph(
                f"You will be asked to sign {task.title}, as {_office_of(plan, person)}. Before "
                f"you, {_people(plan, task.before)} to sign."
            )
            for task in waits
        ),
        *(_paragraph(one) for one in _others(plan, [one for one in tasks if one not in waits])),
        _paragraph(
            "Please wait, and do not sign the attached file. When it is your turn we send you the "
            "file that has the signatures before yours."
        ),
        _paragraph(f"You can read the plan now. {_fingerprint(occasion)}"),
        _trust(),
    ]


def _has_signed(occasion: Occasion, tasks: Sequence[Task]) -> list[str]:
    plan = occasion.version.plan
    return [
        _paragraph(
            f"attached is {_version(occasion)}, as it is now. You have signed it, and need not do "
            "anything more."
        ),
        *(_paragraph(one) for one in _others(plan, tasks)),
        _paragraph(_fingerprint(occasion)),
        _trust(),
    ]


def _superseded(occasion: Occasion, by: str) -> list[str]:
    return [
        _paragraph(
            f"attached is {_version(occasion)}. Version {by} has taken its place, so it can no "
            "longer be signed, and you need not do anything."
        ),
        _paragraph(_fingerprint(occasion)),
        _trust(),
    ]


def _sealed(occasion: Occasion) -> list[str]:
    name = occasion.version.name
    sealed = occasion.register.last(SealedEvent, name)
    missing = sealed is not None and sealed.event.incomplete
    how = "sealed without every signature" if missing else "signed and sealed"
    return [
        _paragraph(f"attached is {_version(occasion)}, {how}, and its receipt."),
        _numbered(
            "What to do now",
            [
                f"Keep the receipt, receipt-{name}.pdf, in a place of your own: print it, or save "
                "it where the office cannot change it. With it anybody can check later that "
                "neither the plan nor our record of it was changed.",
                f"Save the plan, {pdf_file(name).rpartition('/')[2]}, as it is.",
            ],
        ),
        _paragraph(_fingerprint(occasion)),
        _trust(),
    ]


def _office_of(plan: Plan, person: Person) -> str:
    return f"{isolate(person.role)}, {isolate(plan.school(person.school).name)}"


def _people(plan: Plan, people: Sequence[Person]) -> str:
    """Some people with the verb behind them, such as "Ann Ames and 4 others have"."""
    names = [isolate(name_of(plan, one)) for one in people]
    if len(names) > _NAMED:
        names = [names[0], f"{len(names) - 1} others"]
    return f"{join_names(names)} {'has' if len(names) == 1 else 'have'}"


def _version(occasion: Occasion) -> str:
    return f"version {occasion.version.name} of the {isolate(occasion.version.plan.full_title)}"


def _fingerprint(occasion: Occasion) -> str:
    return (
        f"Its fingerprint is {occasion.version.fingerprint.short}; every page says so, on screen "
        "and on paper."
    )


def _trust() -> str:
    return _paragraph(
        "If Adobe Acrobat Reader says that at least one signature has problems, it does not know "
        f"our certificate yet. {TRUST_FILE}, which is attached with the certificate {ROOT_FILE}, "
        "says what to do, once on each computer."
    )


def _numbered(head: str, steps: Iterable[str]) -> str:
    return "\n".join(
        [_paragraph(head), *(_fill(one, f" {at}. ") for at, one in enumerate(steps, 1))]
    )


def _items(texts: Iterable[str]) -> list[str]:
    return [_fill(text, " -  ") for text in texts]


def _paragraph(text: str) -> str:
    return _fill(text, "")


def _fill(text: str, mark: str) -> str:
    return "\n".join(wrap_words(text, _WIDTH, mark, " " * len(mark)))
