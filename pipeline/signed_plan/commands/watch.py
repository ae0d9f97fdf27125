"""`plan watch`: a new draft at every save, until Ctrl-C."""

from __future__ import annotations

import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from signed_plan.commands.frame import Interrupted, command, screen
from signed_plan.errors import PlanError, SourceError, explain_os_error
from signed_plan.paths import PlanFolder, as_seen, is_utf8
from signed_plan.processes import start_session

if TYPE_CHECKING:
    from signed_plan.lifecycle.drafts import Draft, Drafts

_KINDS = (".yaml", ".yml", ".docx")
_QUIET = 15
"""Milliseconds without a change, after which a save counts as finished."""
_LOOK = 400
"""Milliseconds after which it looks for changes itself, if the system reports none."""

FileStates = dict[str, tuple[int, ...]]
"""Each file with its inode, size and time, so that a save shows."""


@command("watch")
@click.argument("version", required=False, metavar="[VERSION]")
@click.option("--open", "opened", is_flag=True, help="Open the draft in the system's viewer.")
def watch(folder: PlanFolder, version: str | None, opened: bool) -> None:
    """Make a draft PDF at every save.

    It runs until Ctrl-C, shows mistakes while they are there, and enters nothing in the register.
    Without a VERSION, it watches the latest one.
    """
    from signed_plan.libreoffice.converter import Converter, find_libreoffice

    name = _to_watch(folder, version)
    try:
        with Converter(find_libreoffice()) as converter:
            converter.start()
            from signed_plan.lifecycle.drafts import Drafts  # while LibreOffice is starting

            try:
                _Page(folder, name, opened).show(Drafts(folder, name, converter))
            finally:  # an impatient second Ctrl-C would leave LibreOffice behind
                signal.signal(signal.SIGINT, signal.SIG_IGN)
    except BaseException:
        if not Interrupted.came:  # whatever a library may have made of it on the way here
            raise
    draft = folder.draft(name)
    screen.say()
    stays = f" The last draft stays in {as_seen(draft)}." if draft.is_file() else ""
    screen.say(f"Ended.{stays}")


def _to_watch(folder: PlanFolder, named: str | None) -> str:
    """The version's name. Raises SourceError where there is no such version, or none at all."""
    from signed_plan.plan.source import load, version_names

    names = version_names(folder)
    if named is not None and named in names:
        return named
    try:
        return load(folder, [named] if named else [])[-1].name
    except SourceError:
        if named is not None or not names:
            raise
        return names[-1]


class _Page:
    """The screen: on a terminal drawn again in place, elsewhere line after line."""

    def __init__(self, folder: PlanFolder, name: str, opened: bool) -> None:
        self._folder = folder
        self._name = name
        self._to_open = opened
        self._last = ""

    def show(self, drafts: Drafts) -> None:
        """Makes a draft, and another one at each save, until Ctrl-C."""
        self._head()
        screen.say("The first draft takes a little longer …", "dim")
        for _ in _saves(self._folder):
            show = self._try(drafts)
            if Interrupted.came:  # in a callback, where Python drops exceptions
                return
            if screen.draws:
                click.clear()
                self._head()
            show()

    def _head(self) -> None:
        screen.say(f"Watching {self._name} in {as_seen(self._folder.root)}  (Ctrl-C ends)", "bold")
        screen.say()

    def _try(self, drafts: Drafts) -> Callable[[], None]:
        """Makes a draft; gives a function that shows how that went."""
        try:
            draft = drafts.make()
        except SourceError as error:
            problems, message = error.problems, error.message
            return lambda: self._fail(lambda: screen.problems(problems), message)
        except PlanError as error:
            said, remedy = error.message, error.remedy
            return lambda: self._fail(lambda: _explain(said, remedy), "No draft could be made")
        except OSError as error:
            said = explain_os_error(error)
            return lambda: self._fail(lambda: _explain(said, ""), "No draft could be made")
        return lambda: self._succeed(draft)

    def _fail(self, explain: Callable[[], None], message: str) -> None:
        explain()
        screen.say()
        stays = f". The {self._last} stays" if self._last else ""
        screen.say(f"{_now()}  {message}{stays}.", "red")

    def _succeed(self, draft: Draft) -> None:
        from signed_plan.plan.advice import advise

        screen.advice(advise(draft.version))
        screen.say(f"No mistakes in {self._name}.", "green")
        path = as_seen(draft.path)
        self._last = f"draft of {_now()}, {path}"
        screen.say(
            f"{_now()}  draft of {self._name}  {draft.pages} pages  {draft.seconds:.2f} s  {path}",
            "green",
        )
        if self._to_open:
            self._to_open = False
            _open(draft.path)


def _explain(message: str, remedy: str) -> None:
    screen.say(message, "bold")
    if remedy:
        screen.say(f"    {remedy}")


def _now() -> str:
    return time.strftime("%H:%M:%S")


def _open(path: Path) -> None:
    """Has the system's viewer show the file, and does not wait for it."""
    viewer = shutil.which("open" if sys.platform == "darwin" else "xdg-open")
    if viewer is None:
        screen.say("No PDF viewer was found. Open the draft yourself.", "yellow")
        return
    start_session([viewer, str(path)])  # which Ctrl-C does not end


def _saves(folder: PlanFolder) -> Iterator[None]:
    """Once at the beginning, and then whenever a file was saved, came or went.

    The system's report only wakes it. Then it compares the files themselves, so that no save is
    missed, and so that editors' own files do not count.
    """
    from watchfiles import watch as changes

    seen: FileStates | None = None
    while not Interrupted.came:
        places = _places(folder)
        events: Iterator[object] = (
            changes(
                *places,
                watch_filter=None,
                debounce=50,
                step=_QUIET,
                rust_timeout=_LOOK,
                yield_on_timeout=True,
                raise_interrupt=False,
            )
            if all(map(is_utf8, places))  # it takes no other names
            else iter(lambda: time.sleep(_LOOK / 1000), ...)
        )
        for _ in [None] if seen is None else events:
            now = _file_states(places)
            if now != seen:
                seen = now
                yield
            if Interrupted.came or _places(folder) != places:
                break


def _places(folder: PlanFolder) -> dict[Path, int]:
    """The folders to watch, with their inodes: one may be deleted and made again."""
    found = (folder.source, folder.root / "templates")
    return {place: place.stat().st_ino for place in found if place.is_dir()}


def _file_states(places: dict[Path, int]) -> FileStates:
    found: FileStates = {}
    for place in places:
        for path in place.rglob("*"):
            if path.suffix.lower() in _KINDS and not path.name.startswith((".", "~$")):
                try:
                    state = path.stat()
                except OSError:  # gone between two looks, or a link to nowhere
                    found[str(path)] = ()
                else:
                    found[str(path)] = (state.st_ino, state.st_size, state.st_mtime_ns)
    return found
