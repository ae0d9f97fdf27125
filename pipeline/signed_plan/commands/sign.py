"""The commands of the sign-off: issue, sign, receive, scan, decline, withdraw, seal, send."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from signed_plan.commands.frame import command, read_handed_in, screen, stage
from signed_plan.commands.passphrases import Passphrases, passphrase_options
from signed_plan.errors import UsageError
from signed_plan.paths import SETTINGS_FILE, PlanFolder, as_seen

if TYPE_CHECKING:
    from signed_plan.register.chain import RegisterEntry
    from signed_plan.register.events import Event

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_ITSELF = "Name the PDF or the scan itself."
_version = click.argument("version", metavar="VERSION")
_person = click.option(
    "--as", "person", metavar="PERSON", required=True, help="Who signs: the person's id."
)
_review = click.option(
    "--review", metavar="REVIEW", help="Which review (default: the one that is due)."
)


def _say_done(entry: RegisterEntry[Event], folder: PlanFolder, style: str = "green") -> None:
    """Says what was entered, with the names that people read."""
    from signed_plan.register.chain import read
    from signed_plan.register.issued import readable_names

    names = readable_names(folder, read(folder.register), entry.version)
    told = entry.event.summary(names)
    screen.row(f"{entry.version} ", f"{entry.event.kind:<11}", told, style=style)


@command("issue")
@_version
@passphrase_options("office")
def issue(folder: PlanFolder, version: str, passphrases: Passphrases) -> None:
    """Certify a version and freeze it.

    The office's seal goes into the PDF. From then on, the version can only be signed.
    """
    from signed_plan.lifecycle.issue import issue as issue_version

    issued = issue_version(folder, version, passphrases.prompts())
    _say_done(issued, folder)
    screen.say(f"  {as_seen(folder.pdf(version))}")
    screen.next(f"plan send {version}, or: plan sign {version} --as PERSON")


@command("sign")
@_version
@_person
@_review
@click.option(
    "--key", metavar="FILE", type=_FILE, help="The person's key file (.p12), if it is elsewhere."
)
@click.option(
    "--picture", metavar="FILE", type=_FILE, help="A picture of the signature by hand (PNG, JPEG)."
)
@passphrase_options("office", "person")
def sign(
    folder: PlanFolder,
    *,
    version: str,
    person: str,
    review: str | None,
    key: Path | None,
    picture: Path | None,
    passphrases: Passphrases,
) -> None:
    """Sign at the office, in the person's own box."""
    from signed_plan.lifecycle.sign import Signing
    from signed_plan.lifecycle.sign import sign as sign_version

    drawn = read_handed_in(picture, "Name the picture itself.") if picture is not None else None
    signing = Signing(version, person, review, key, drawn)
    signed = sign_version(folder, signing, passphrases.prompts())
    _say_done(signed, folder)
    screen.say(f"  {as_seen(folder.pdf(version))}")
    screen.next("plan status")


@command("receive")
@click.argument("file", metavar="FILE", type=_FILE)
@passphrase_options("office")
def receive(folder: PlanFolder, file: Path, passphrases: Passphrases) -> None:
    """Take back a PDF that was signed elsewhere.

    It is taken only if it adds one good signature, in a box that is due, and changes nothing else.
    """
    from signed_plan.lifecycle.receive import receive as receive_file

    signed = receive_file(folder, read_handed_in(file, _ITSELF), passphrases.prompts())
    _say_done(signed, folder)
    screen.say(f"  {as_seen(folder.pdf(signed.version))}")
    if signed.event.reason:
        screen.say(
            f"  It counts as signed, whatever its reason says: {signed.event.reason}", "yellow"
        )
    if signed.event.unfit:
        screen.say(
            "  Its signatures are good; only an archive that insists on PDF/A may refuse the file.",
            "yellow",
        )
    screen.next("plan status")


@command("scan")
@_version
@_person
@_review
@click.argument("file", metavar="FILE", type=_FILE)
@click.option("--ink-seen", is_flag=True, help="Do not ask: you saw the ink in the person's box.")
@passphrase_options("office")
def scan(
    folder: PlanFolder,
    *,
    version: str,
    person: str,
    review: str | None,
    file: Path,
    ink_seen: bool,
    passphrases: Passphrases,
) -> None:
    """Take a scanned sign-off page, signed in ink.

    It must be a page of this version with the person's box. You are asked if that box seems
    empty. Look yourself whose signature it is.
    """
    from signed_plan.lifecycle.scan import scan as scan_page
    from signed_plan.lifecycle.sign import Signing

    signing = Signing(version, person, review)
    data = read_handed_in(file, _ITSELF)
    taken = scan_page(folder, signing, data, passphrases.prompts(), ink_seen=ink_seen)
    _say_done(taken.entry, folder)
    screen.say(f"  {as_seen(folder.output / taken.entry.event.files.scan.file)}")
    if taken.ink == "unknown" and not ink_seen:
        told = "Whether the box is signed could not be told from that scan: look yourself."
        screen.say(told, "yellow")
    screen.next("plan status")


@command("decline")
@_version
@_person
@_review
@click.option("--reason", required=True, help="Why, in a few words.")
@passphrase_options("office")
def decline(
    folder: PlanFolder,
    *,
    version: str,
    person: str,
    review: str | None,
    reason: str,
    passphrases: Passphrases,
) -> None:
    """Record that somebody will not sign."""
    from signed_plan.lifecycle.sign import Signing
    from signed_plan.lifecycle.sign import decline as decline_review

    signing = Signing(version, person, review)
    declined = decline_review(folder, signing, reason, passphrases.prompts())
    _say_done(declined, folder, style="yellow")
    screen.next("plan status")


@command("withdraw")
@_version
@click.option(
    "--as", "person", metavar="PERSON", required=True, help="Whose it is: the person's id."
)
@click.option(
    "--review",
    metavar="REVIEW",
    help="Which review (default: that of their last scan or decline).",
)
@click.option("--reason", required=True, help="Why it was a mistake, in a few words.")
@passphrase_options("office")
def withdraw(
    folder: PlanFolder,
    *,
    version: str,
    person: str,
    review: str | None,
    reason: str,
    passphrases: Passphrases,
) -> None:
    """Take back a mistaken scan or decline.

    The register keeps both: what was entered, and that it was a mistake. What was entered for them
    before it stands again. A signature in the PDF itself cannot be taken back.
    """
    from signed_plan.lifecycle.sign import Signing
    from signed_plan.lifecycle.withdraw import withdraw as withdraw_act

    withdrawn = withdraw_act(
        folder, Signing(version, person, review), reason, passphrases.prompts()
    )
    _say_done(withdrawn, folder)
    screen.next("plan status")


@command("seal")
@_version
@click.option("--incomplete", is_flag=True, help="Seal it although somebody has not signed.")
@click.option("--reason", help="Why it is sealed incomplete.")
@passphrase_options("office")
def seal(
    folder: PlanFolder,
    version: str,
    incomplete: bool,
    reason: str | None,
    passphrases: Passphrases,
) -> None:
    """Close a version that everybody has signed.

    It adds the archive timestamp, if settings.yaml names an authority, and makes the receipt.
    """
    from signed_plan.lifecycle.seal import seal as seal_version

    if incomplete != bool(reason and reason.split()):
        raise UsageError(
            "Sealing an incomplete version takes both: --incomplete and --reason.",
            f'plan seal {version} --incomplete --reason "…"',
        )
    with stage("Seal it and make the receipt"):
        sealed = seal_version(folder, version, reason, passphrases.prompts())
    _say_done(sealed, folder)
    screen.say(f"  {as_seen(folder.pdf(version))}")
    screen.say(f"  {as_seen(folder.receipt(version))}")
    screen.next(f"plan send {version}, and keep the receipt outside the office")


@command("send")
@_version
@passphrase_options("office", "mail")
def send(folder: PlanFolder, version: str, passphrases: Passphrases) -> None:
    """Send a version to everybody who signs.

    Each letter has the PDF and, once the version is sealed, the receipt. It goes through the mail
    server in settings.yaml. Without one, you get drafts that you open in a mail program.
    """
    from signed_plan.lifecycle.send import send as send_version
    from signed_plan.register.chain import read
    from signed_plan.register.issued import readable_names

    sending = send_version(folder, version, passphrases.prompts())
    names = readable_names(folder, read(folder.register), version)
    for person in sending.to:
        done = "sent to" if sending.way == "smtp" else "draft for"
        screen.say(f"{version}  {done} {names.person(person.id)}", "green")
    for path in sending.drafts:
        screen.say(f"  {as_seen(path)}")
    settings = as_seen(folder.source / SETTINGS_FILE)
    for person in sending.without_address:
        told = names.person(person.id)
        screen.say(f"{told} has no address in {settings}, so nothing is sent", "yellow")
    screen.next("plan status" if sending.way == "smtp" else "open each draft and send it")
