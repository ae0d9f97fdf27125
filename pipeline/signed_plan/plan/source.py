"""Reads the YAML files of a plan folder into its versions, or finds every problem in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from signed_plan.digest import Digest
from signed_plan.errors import Problem, SourceError
from signed_plan.files import read_file
from signed_plan.paths import PlanFolder, is_plain_name, is_source_name
from signed_plan.plan import text
from signed_plan.plan.model import Plan
from signed_plan.plan.problems import (
    every_problem,
    leads_out,
    leave_out,
    missing_ids,
    read_into,
    structure,
)
from signed_plan.plan.references import find_broken, find_misread, items
from signed_plan.plan.tree import Tree

MAX_FILE_BYTES = 5_000_000
_ENDINGS = (".yaml", ".yml")
_OTHER_ENDING = re.compile(
    r"(?P<name>.+\.ya?ml)\.(?:txt|docx?|odt|rtf)"
    r"|(?P<stem>plan|people|objectives|areas|reviews)\.txt",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One YAML file of a version, byte for byte."""

    name: str
    data: bytes

    @property
    def digest(self) -> Digest:
        return Digest.of_bytes(self.data)


@dataclass(frozen=True, slots=True)
class Predecessor:
    """A version that was superseded, without its sources."""

    name: str
    fingerprint: Digest
    superseded: Predecessor | None


@dataclass(frozen=True, slots=True)
class Version:
    """A plan as it is in the sources, linked to the version that it supersedes."""

    plan: Plan
    files: tuple[SourceFile, ...]
    superseded: Version | Predecessor | None
    fingerprint: Digest
    tree: Tree = field(repr=False, compare=False)
    """Where in the files each value stands."""

    @property
    def name(self) -> str:
        return self.plan.version

    def ancestors(self) -> Iterator[Version]:
        """The versions before this one whose sources are here, the latest first."""
        return (one for one in lineage(self.superseded) if isinstance(one, Version))

    def holding(self, name: str) -> Version | Predecessor:
        """This version or the one of its ancestors that has that name."""
        return next(version for version in lineage(self) if version.name == name)


def lineage(latest: Version | Predecessor | None) -> Iterator[Version | Predecessor]:
    """A version and those before it, the latest first."""
    while latest is not None:
        yield latest
        latest = latest.superseded


@dataclass(slots=True)
class _Read:
    """What the folder of one version held."""

    files: tuple[SourceFile, ...]
    tree: Tree
    plan: Plan | None

    @property
    def superseded_name(self) -> str | None:
        value = self.tree.data.get("supersedes")
        return text.normalise(value) if isinstance(value, str) else None


def version_names(folder: PlanFolder) -> list[str]:
    """The names of the folders in `source/`, in alphabetical order."""
    return sorted(
        entry.name
        for entry in folder.source.iterdir()
        if entry.is_dir() and not entry.name.startswith((".", "_"))
    )


def load(
    folder: PlanFolder, names: Sequence[str] = (), known: Iterable[Version | Predecessor] = ()
) -> list[Version]:
    """The versions of those names, or all, each after the one it supersedes.

    What one of them supersedes is taken from `known`, if it is there, and not read. Raises
    SourceError with every problem of those versions and of the versions they supersede.
    """
    reader = _Loader(folder, known)
    versions = [reader.version(name) for name in names or reader.available]
    if not reader.available:
        reader.report("source", "there is no version here", "Make a folder such as source/2017-07.")
    if reader.problems:
        raise SourceError(reader.problems)
    found = [version for version in versions if version is not None]
    return sorted(found, key=lambda version: (len(list(version.ancestors())), version.name))


def load_one(folder: PlanFolder, name: str) -> Version:
    """The version of that name. Raises SourceError as `load` does."""
    (version,) = load(folder, [name])
    return version


def load_after(folder: PlanFolder, name: str, superseded: Predecessor | None) -> Version:
    """The version of that name, where those before it are not in the folder.

    Raises SourceError as `load` does; also where the sources name another version before them.
    """
    reader = _Loader(folder, [superseded] if superseded is not None else [])
    version = reader.version(name)
    if reader.problems or version is None:
        raise SourceError(reader.problems)
    return version


class Sources:
    """The versions of a folder, each read at most once, when it is first asked for."""

    def __init__(self, folder: PlanFolder, at_hand: Iterable[Version] = ()) -> None:
        """Versions at hand, and those before them, are not read again."""
        self._folder = folder
        self._loader = _Loader(folder)
        self._at_hand = {
            one.name: one for version in at_hand for one in (version, *version.ancestors())
        }

    def version(self, name: str) -> Version:
        """The version of that name. Raises SourceError as `load_one` does."""
        if name in self._at_hand:
            return self._at_hand[name]
        version = self._loader.version(name)
        if version is None or self._loader.problems:
            problems, self._loader = self._loader.problems, _Loader(self._folder)
            raise SourceError(problems)
        return version


class _Loader:
    """Reads each version once, with the chain of those that it supersedes.

    `known` are versions that are not to be read where others supersede them.
    """

    def __init__(self, folder: PlanFolder, known: Iterable[Version | Predecessor] = ()) -> None:
        self.folder = folder
        self.known = {version.name: version for version in known}
        self.available = version_names(folder)
        self._mistakes: list[Problem] = []
        self._without_ids: list[Problem] = []
        self.done: dict[str, Version | None] = {}
        self.reads: dict[str, _Read] = {}

    @property
    def problems(self) -> list[Problem]:
        """The mistakes, and after them what `plan ids` mends."""
        return [*self._mistakes, *self._without_ids]

    def report(self, file: str, message: str, remedy: str) -> None:
        self._mistakes.append(Problem(file, 1, 1, message, remedy))

    def version(self, name: str, successors: tuple[str, ...] = ()) -> Version | None:
        if name not in self.done:
            self.done[name] = None
            self.done[name] = self._load(name, successors)
        return self.done[name]

    def _load(self, name: str, successors: tuple[str, ...]) -> Version | None:
        if not self._is_version(name):
            return None
        before = len(self.problems)
        read = self.reads[name] = self._read(name)
        superseded = self._older_version(name, read, (*successors, name))
        self._check_reviews(name, read)
        if read.plan is None or len(self.problems) > before:
            return None
        fingerprint = read.plan.fingerprint(superseded.fingerprint if superseded else None)
        return Version(read.plan, read.files, superseded, fingerprint, read.tree)

    def _is_version(self, name: str) -> bool:
        if not is_plain_name(name):
            self.report(
                f"source/{name}",
                f'"{name}" cannot be the name of a version',
                "Use letters, digits, dots and hyphens, such as 2018-03, or move the folder away.",
            )
        elif name not in self.available:
            choice = ", ".join(self.available) or "none so far"
            self.report(
                f"source/{name}",
                f'there is no version "{name}"',
                f"The versions are: {choice}.",
            )
        else:
            return True
        return False

    def _older_version(
        self, name: str, read: _Read, chain: tuple[str, ...]
    ) -> Version | Predecessor | None:
        older = read.superseded_name
        if older is None:
            return None
        if older in self.known:
            return self.known[older]
        place = read.tree.place(("supersedes",))
        if older in chain:
            self._mistakes.append(
                place.problem(
                    f"version {older} would supersede itself",
                    "Name the version that was agreed before this one.",
                )
            )
            return None
        if older not in self.available:
            choice = ", ".join(other for other in self.available if other != name) or "none so far"
            self._mistakes.append(
                place.problem(
                    f'there is no version "{older}" to supersede', f"The versions are: {choice}."
                )
            )
            return None
        return self.version(older, chain)

    def _check_reviews(self, name: str, read: _Read) -> None:
        """Whether each review belongs to this version or to one before it."""
        known = self._chain(name)
        if known is None:
            return
        for path, review in items(read.tree.data, "reviews"):
            said = review.get("version")
            if isinstance(said, str) and text.normalise(said) not in known:
                self._mistakes.append(
                    read.tree.place((*path, "version")).problem(
                        f"this review belongs to version {said}, which is neither this "
                        "version nor one it supersedes",
                        f"The choice is: {', '.join(sorted(known))}.",
                    )
                )

    def _chain(self, name: str) -> set[str] | None:
        """The names of a version and of those before it; None where the sources do not say."""
        chain: set[str] = set()
        at: str | None = name
        while at is not None:
            if at in self.known and chain:
                return chain | {version.name for version in lineage(self.known[at])}
            if at in chain or at not in self.reads or self.reads[at].tree.incomplete:
                return None
            chain.add(at)
            at = self.reads[at].superseded_name
        return chain

    def _read(self, name: str) -> _Read:
        files, tree = _read_files(self.folder, name)
        problems: list[Problem] = []
        plan: Plan | None = None
        try:
            plan = Plan.model_validate(tree.data)
        except ValidationError as error:
            problems.extend(structure(tree, error, Plan, f"source/{name}"))
            self._without_ids.extend(missing_ids(tree, error))
        problems.extend(
            tree.place(at).problem(*rest)
            for at, *rest in find_broken(tree.data)
            if at not in tree.unfinished
        )
        problems.extend(_wrong_name(tree, name))
        tree.problems.extend(find_misread(tree))
        self._mistakes.extend(every_problem(tree, problems))
        return _Read(files, tree, plan)


def read_tree(folder: PlanFolder, name: str) -> Tree:
    """The data of a version's files and the problems of reading them. It need not be a plan."""
    return _read_files(folder, name)[1]


def source_files(folder: PlanFolder, name: str) -> list[Path]:
    """The YAML files in the folder of a version, in alphabetical order."""
    return [path for path in _in_sight(folder, name) if path.suffix.lower() in _ENDINGS]


def read_source_files(folder: PlanFolder, name: str) -> list[SourceFile]:
    """Those files as they are now, whatever is in them; none where the folder is gone."""
    found = []
    for path in source_files(folder, name) if (folder.source / name).is_dir() else ():
        with suppress(OSError):  # a pipe, say, is no source: the others are told all the same
            found.append(SourceFile(path.name, read_file(path)))
    return found


def _in_sight(folder: PlanFolder, name: str) -> list[Path]:
    """What stands in the folder of a version, but for what programs leave beside their files."""
    every = sorted((folder.source / name).iterdir())
    return [path for path in every if not path.name.startswith((".", "~$"))]


def _misnamed(folder: PlanFolder, name: str) -> Iterator[Problem]:
    """The files that are not read, though they seem to be sources, and those of an unfit name.

    On Windows, an editor adds an ending, as in reviews.yaml.txt, and the file manager hides it.
    """
    for path in _in_sight(folder, name):
        if path.suffix.lower() in _ENDINGS and not is_source_name(path.name):
            message = "this file's name has a backslash, a quotation mark or an unseen sign"
            remedy = "Rename it, with letters, digits, spaces and hyphens only."
            yield Problem(folder.relative(path), 1, 1, message, remedy)
        found = _OTHER_ENDING.fullmatch(path.name)
        if found is None:
            continue
        meant = found["name"] or f"{found['stem']}.yaml"
        if (path.parent / meant).exists():
            remedy = f"There is {meant} too. Keep the right one, under that name; move this away."
        elif path.suffix.lower() == ".txt":
            remedy = f"Rename it to {meant}."
        else:
            remedy = f"Save it as plain text (UTF-8) under the name {meant}, and move this away."
        message = f"this file is not read, since its name ends in {path.suffix}"
        yield Problem(folder.relative(path), 1, 1, message, remedy)


def _read_files(folder: PlanFolder, name: str) -> tuple[tuple[SourceFile, ...], Tree]:
    tree = Tree()
    files = []
    paths: list[Path] = []
    if leads_out(folder, folder.source / name):
        refused = ("this folder is a link out of source/", "Put the folder itself here.")
        leave_out(tree, Problem(f"source/{name}", 1, 1, *refused))
    else:
        paths = source_files(folder, name)
        for misnamed in _misnamed(folder, name):
            leave_out(tree, misnamed)
        if not paths and not tree.problems:
            empty = (
                "there is no .yaml file here",
                "Put the sources here, or move the folder away.",
            )
            leave_out(tree, Problem(f"source/{name}", 1, 1, *empty))
    for path in paths:
        data = read_into(tree, folder, path, MAX_FILE_BYTES, "the text of the plan")
        if data is not None:
            files.append(SourceFile(path.name, data))
            if not data.strip(b"\xef\xbb\xbf \t\r\n"):
                empty = ("this file is empty", "Write its part of the plan into it, or delete it.")
                leave_out(tree, Problem(folder.relative(path), 1, 1, *empty))
    return tuple(files), tree


def _wrong_name(tree: Tree, name: str) -> Iterable[Problem]:
    said = tree.data.get("version")
    if isinstance(said, str) and text.normalise(said) not in (name, ""):
        yield tree.place(("version",)).problem(
            f'the version is called "{text.normalise(said)}" here, but its folder is called {name}',
            "Give both the same name. To start a new version, use: plan new NAME",
        )
