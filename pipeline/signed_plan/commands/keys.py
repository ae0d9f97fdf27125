"""The commands for keys: keys init, enrol, revoke."""

from __future__ import annotations

from pathlib import Path

import click

from signed_plan.commands.frame import command, plan, read_handed_in, screen
from signed_plan.commands.passphrases import Passphrases, passphrase_options
from signed_plan.digest import Digest
from signed_plan.paths import PlanFolder, as_seen


@plan.group("keys")
def keys() -> None:
    """Make the office's keys, once."""


@command("init", group=keys)
@passphrase_options("office")
@click.option(
    "--specimen", is_flag=True, help="Mark every certificate as a SPECIMEN without value."
)
def init(folder: PlanFolder, specimen: bool, passphrases: Passphrases) -> None:
    """Make the office's keys, with one passphrase.

    They are a certificate authority, the office's seal, and the key that signs the register.
    Nobody can recover a forgotten passphrase.
    """
    from signed_plan.lifecycle.keys import make_keys
    from signed_plan.signing.subject import SPECIMEN

    office, where = make_keys(folder, passphrases.prompts(), SPECIMEN if specimen else "")
    screen.say(f"The office is called {office}.")
    screen.say(f"The office's keys are in {as_seen(where)}. Keep a copy elsewhere.", "green")
    screen.say("What others need to check signatures, and how to trust it, is in")
    screen.say(f"  {as_seen(folder.certificates)}")
    screen.next("plan enrol PERSON, for everybody who signs")


@command("enrol")
@click.argument("person", metavar="PERSON")
@passphrase_options("office", "person")
@click.option(
    "--certificate",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A certificate that the person already has (.cer, .crt, .pem).",
)
def enrol(
    folder: PlanFolder, person: str, certificate: Path | None, passphrases: Passphrases
) -> None:
    """Bind a person's name to a certificate.

    PERSON is an id from people.yaml. Without --certificate, the person gets a new key. Only they
    should know its passphrase, so let them type it.
    """
    from signed_plan.lifecycle.keys import enrol as enrol_person

    remedy = "Name the certificate itself."
    data = read_handed_in(certificate, remedy) if certificate is not None else None
    digest, handed = enrol_person(folder, person, passphrases.prompts(), data)
    told = _name(folder, person)
    screen.say(f"{told} is enrolled with the certificate {Digest(digest).short}.", "green")
    if handed is not None:
        screen.say(f"Their key, to hand over: {as_seen(handed)}")
    screen.next("plan issue VERSION, once everybody is enrolled")


@command("revoke")
@click.argument("person", metavar="PERSON")
@passphrase_options("office")
def revoke(folder: PlanFolder, person: str, passphrases: Passphrases) -> None:
    """End the use of a person's certificate.

    From now on, nothing can be signed with it. What was signed before stays signed.
    """
    from signed_plan.lifecycle.keys import revoke as revoke_person

    digest = revoke_person(folder, person, passphrases.prompts())
    told = _name(folder, person)
    screen.say(f"The certificate {Digest(digest).short} of {told} is revoked.", "green")
    screen.next(f"plan enrol {person}, if they will sign with another")


def _name(folder: PlanFolder, person: str) -> str:
    """The person's name, as it stands in the latest version that knows them."""
    from signed_plan.plan.names import names_of
    from signed_plan.plan.source import load

    known = [names_of(version.plan).people for version in load(folder)]
    return next((names[person] for names in reversed(known) if person in names), person)
