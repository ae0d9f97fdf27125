"""The settings of a plan folder: how its office signs, gets timestamps, and sends letters.

They are not part of any plan: nothing of them is printed, or goes into a fingerprint. No key takes
a password, and none turns encryption off.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ValidationError, WithJsonSchema, model_validator

from signed_plan.errors import Problem, SourceError
from signed_plan.paths import SETTINGS_FILE, PlanFolder
from signed_plan.plan import text
from signed_plan.plan.addresses import Email, Port, Sender, Server, Url, quote, scalar
from signed_plan.plan.model import Record, Text, refuse
from signed_plan.plan.problems import every_problem, read_into, structure
from signed_plan.plan.references import items
from signed_plan.plan.source import read_tree, version_names
from signed_plan.plan.tree import Tree

MAX_FILE_BYTES = 1_000_000
NOT_FOR_KEYS = ("source", "templates", "output")


def _seconds(value: Any) -> float:
    written = str(value) if isinstance(value, int | float) else scalar(value)
    if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]+)?", written) or not 1 <= float(written) <= 120:
        raise refuse(
            f"{quote(written)} is not a number from 1 to 120", "Write a number such as 20."
        )
    return float(written)


def _order(value: Any) -> str:
    order = scalar(value)
    if order not in ("in-order", "any"):
        raise refuse(f"{quote(order)} is not an order to sign in", "The choice is: in-order, any.")
    return order


def _security(value: Any) -> str:
    way = scalar(value)
    if way not in ("starttls", "tls"):
        raise refuse(
            f"{quote(way)} is not a way to encrypt letters",
            "The choice is: starttls, tls. Letters are never sent unencrypted.",
        )
    return way


Seconds = Annotated[
    float,
    BeforeValidator(_seconds),
    WithJsonSchema({"type": "number", "minimum": 1, "maximum": 120}),
]
Order = Annotated[Literal["in-order", "any"], BeforeValidator(_order)]
Security = Annotated[Literal["starttls", "tls"], BeforeValidator(_security)]


class TimestampAuthority(Record):
    """Who confirms when something was signed."""

    url: Url
    """Where the authority takes requests (RFC 3161): a web address, http or https."""
    certificate: Text
    """The file of the root certificate that the authority's timestamps must lead to, relative to
    the plan folder."""
    seconds: Seconds = 20
    """How long to wait for an answer: 1 to 120 seconds."""

    def certificate_file(self, folder: PlanFolder) -> Path:
        return _in(folder, self.certificate)


class Mail(Record):
    """The server that sends letters to the signatories, always encrypted."""

    server: Server
    """The server's name, such as mail.school.example; its certificate must be for this name."""
    security: Security = "starttls"
    """How letters are encrypted: starttls (usually port 587) or tls (usually port 465)."""
    port: Port = 587
    """The server's port. Default: 587, or 465 where security is tls."""
    user: Text | None = None
    """The name to log in with. Without it, there is no log-in. Never write the password here."""
    sender: Sender
    """Who the letters are from, such as Office <office@school.example>."""

    @model_validator(mode="before")
    @classmethod
    def _usual_port(cls, given: Any) -> Any:
        if isinstance(given, dict) and given.get("security") == "tls":
            return {"port": 465, **given}
        return given


class Contact(Record):
    """How to reach one person."""

    email: Email
    """The person's e-mail address."""


class Settings(Record):
    """Everything that can be set for a plan folder."""

    organisation: Text | None = None
    """The office's name in its certificates. Default: the names of the schools."""
    keys: Text = "keys"
    """The folder of the office's keys, relative to the plan folder (~ is your home folder). It must
    not be in source, templates or output."""
    order: Order = "in-order"
    """Whether people sign in the order of the review (in-order) or in any order (any)."""
    timestamp_authority: TimestampAuthority | None = None
    """Who confirms when something was signed. Without it, nobody does."""
    mail: Mail | None = None
    """The server for letters to the signatories. Without it, you get drafts to send yourself."""
    people: Mapping[str, Contact] = {}
    """The e-mail addresses of the people who sign, each under the person's id."""

    def keys_folder(self, folder: PlanFolder) -> Path:
        return _in(folder, self.keys)

    def email(self, person_id: str) -> str | None:
        contact = self.people.get(person_id)
        return None if contact is None else contact.email


def load_settings(folder: PlanFolder) -> Settings:
    """The settings of a plan folder, or the defaults where it has no file of them.

    Raises SourceError with every problem in the file at once.
    """
    path = folder.source / SETTINGS_FILE
    if not path.exists() and not path.is_symlink():
        return Settings()
    tree = Tree()
    read_into(tree, folder, path, MAX_FILE_BYTES, "the settings")
    found: list[Problem] = []
    settings = Settings()
    try:
        settings = Settings.model_validate(tree.data)
    except ValidationError as error:
        remedy = "Write its keys below it, indented; or put # before this line too."
        found.extend(structure(tree, error, Settings, folder.relative(path), remedy))
    texts = (("organisation",), ("keys",), ("mail", "user"))
    tree.problems.extend(tree.misread[way] for way in texts if way in tree.misread)
    found.extend(_wrong_keys_folder(folder, tree))
    found.extend(_missing_certificate(folder, tree))
    found.extend(_unknown_people(folder, tree))
    problems = every_problem(tree, found)
    if problems:
        raise SourceError(problems)
    return settings


def _in(folder: PlanFolder, name: str) -> Path:
    try:
        return folder.root / Path(name).expanduser()
    except RuntimeError:  # it starts with the name of a user who is not on this computer
        return folder.root / name


def _wrong_keys_folder(folder: PlanFolder, tree: Tree) -> Iterator[Problem]:
    """Keys must not be handed out with the plan, nor be mixed up with its files."""
    said = tree.data.get("keys")
    if not isinstance(said, str) or text.flaw(text.normalise(said)):
        return
    place = tree.place(("keys",))
    keys = _in(folder, text.normalise(said))
    if said.startswith("~") and keys == folder.root / text.normalise(said):
        yield place.problem(
            f"there is no home folder for {quote(said)}",
            "Start it with ~/ for your own home folder.",
        )
    real, root = _real(keys), _real(folder.root)
    inside = [name for name in NOT_FOR_KEYS if real.is_relative_to(_real(folder.root / name))]
    if inside:
        yield place.problem(
            f"the keys must not be in {inside[0]}/, which is handed out",
            "Name a folder only for them, such as keys or ~/plan-keys.",
        )
    elif root.is_relative_to(real):
        yield place.problem(
            "the keys need their own folder, not one that the whole plan is in",
            "Name one such as keys or ~/plan-keys.",
        )


def _real(path: Path) -> Path:
    """Where a path leads, in small letters, since on some disks Output is output."""
    return Path(os.path.realpath(path).casefold())


def _missing_certificate(folder: PlanFolder, tree: Tree) -> Iterator[Problem]:
    authority = tree.data.get("timestamp-authority")
    said = authority.get("certificate") if isinstance(authority, dict) else None
    if not isinstance(said, str) or text.flaw(text.normalise(said)):
        return
    # Unlike Path.is_file, this takes a name that is too long for one that is not there.
    if not os.path.isfile(_in(folder, text.normalise(said))):  # noqa: PTH113
        yield tree.place(("timestamp-authority", "certificate")).problem(
            f"there is no file {quote(said)}",
            "Put the authority's root certificate there, or name its file.",
        )


def _unknown_people(folder: PlanFolder, tree: Tree) -> Iterator[Problem]:
    """The ids that no version has for a person; none where a version cannot be read to its end."""
    people = tree.data.get("people")
    if not isinstance(people, dict) or not people:
        return
    versions = [read_tree(folder, name) for name in version_names(folder)]
    if not versions or any(version.incomplete for version in versions):
        return
    known = {
        entry["id"]: None
        for version in versions
        for _, entry in items(version.data, "people")
        if isinstance(entry.get("id"), str)
    }
    for person in people:
        if person not in known:
            yield tree.keys[("people", person)].problem(
                f'no version of the plan names a person with the id "{person}"',
                f"The ids are: {', '.join(known) or 'none so far'}.",
            )
