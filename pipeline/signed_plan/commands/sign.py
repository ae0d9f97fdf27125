"""The commands of the sign-off: issue, sign, receive, scan, decline, seal, send."""

from __future__ import annotations

from pathlib import Path

import click

from signed_plan.commands.frame import command, read_handed_in, screen, stage
from signed_plan.commands.passphrases import Passphrases, passphrase_options
from signed_plan.errors import UsageError
from signed_plan.paths import PlanFolder

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_ITSELF = "Name the PDF or the scan itself."
_version = click.argument("version", metavar="VERSION")
_person = click.option(
    "--as", "person", metavar="PERSON", required=True, help="Who signs: the person's id."
)
_review = click.option(
    "--review", metavar="REVIEW", help="Which review (default: the one that is due)."
)


@command("issue")
@_version
@passphrase_options("office")
def issue(folder: PlanFolder, version: str, passphrases: Passphrases) -> None:
    """Certify a version and freeze it.

    The office's seal goes into the PDF. From then on, the version can only be signed.
    """
    from signed_plan.lifecycle.issue import issue as issue_version

    issued = issue_version(folder, version, passphrases.prompts())
    screen.say(f"{version}  issued      {issued.event.summary}", "green")
    screen.say(f"  {folder.relative(folder.pdf(version))}")
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
    screen.say(
        f"{version}  signed      by {person} for {signed.event.review}, PAdES {signed.event.level}",
        "green",
    )
    screen.say(f"  {folder.relative(folder.pdf(version))}")
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
    version = signed.version
    screen.say(
        f"{version}  signed      by {signed.event.person} for {signed.event.review}, received",
        "green",
    )
    screen.say(f"  {folder.relative(folder.pdf(version))}")
    screen.next("plan status")


@command("scan")
@_version
@_person
@_review
@click.argument("file", metavar="FILE", type=_FILE)
@passphrase_options("office")
def scan(
    folder: PlanFolder,
    *,
    version: str,
    person: str,
    review: str | None,
    file: Path,
    passphrases: Passphrases,
) -> None:
    """Take a scanned sign-off page, signed in ink.

    The code on the page must be that of this version. Check yourself that the ink is there.
    """
    from signed_plan.lifecycle.scan import scan as scan_page
    from signed_plan.lifecycle.sign import Signing

    signing = Signing(version, person, review)
    signed = scan_page(folder, signing, read_handed_in(file, _ITSELF), passphrases.prompts())
    screen.say(f"{version}  signed      by {person} for {signed.event.review}, on paper", "green")
    screen.say(f"  {folder.relative(folder.output / signed.event.files.scan.file)}")
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
    screen.say(f"{version}  declined    by {person} for {declined.event.review}", "yellow")
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
    lacking = f", incomplete: {sealed.event.incomplete}" if sealed.event.incomplete else ""
    screen.say(f"{version}  sealed      PAdES {sealed.event.level}{lacking}", "green")
    screen.say(f"  {folder.relative(folder.pdf(version))}")
    screen.say(f"  {folder.relative(folder.receipt(version))}")
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

    sending = send_version(folder, version, passphrases.prompts())
    for person in sending.to:
        done = "sent to" if sending.way == "smtp" else "draft for"
        screen.say(f"{version}  {done} {person.name}", "green")
    for path in sending.drafts:
        screen.say(f"  {folder.relative(path)}")
    for person in sending.without_address:
        screen.say(
            f"{person.name} has no address in source/settings.yaml, so nothing is sent", "yellow"
        )
    screen.next("plan status" if sending.way == "smtp" else "open each draft and send it")
