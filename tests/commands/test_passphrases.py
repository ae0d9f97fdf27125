"""Passphrases come from a file, from standard input or from a prompt, and are never shown."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from signed_plan.commands.passphrases import Passphrases
from signed_plan.errors import ExitCode, UsageError
from signed_plan.lifecycle.prompts import Prompt
from signed_plan.paths import PlanFolder

from tests.commands.helpers import files, process
from tests.helpers import REPO
from tests.lifecycle.helpers import WRONG, demand_registered, events, everything
from tests.story import CAROLE, JULY, OFFICE, SECRETS, Story, phrase

slow = pytest.mark.slow("runs commands that build or sign, each in a process")

At = Callable[[str], PlanFolder]
Capture = pytest.CaptureFixture[str]
WANTED = Prompt("office", "the office's keys")


def asked(path: Path) -> bytes:
    return Passphrases({"office": str(path)}).ask(WANTED).reveal()


# --------------------------------------------------------------------------------------- files


@pytest.mark.parametrize(
    "data",
    [
        b"lamp orange kitten",
        b"lamp orange kitten\n",
        b"lamp orange kitten\r\n",
        b"lamp orange kitten\nand another line\n",
        b"\xef\xbb\xbflamp orange kitten\r\n",
    ],
    ids=["bare", "Unix", "Windows", "more lines", "Windows editor"],
)
def test_the_first_line_of_a_file_is_the_passphrase(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "file").write_bytes(data)
    assert asked(tmp_path / "file") == b"lamp orange kitten"


def test_letters_spaces_and_signs_are_kept_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes("  Füße 漢 \t\n".encode())
    assert asked(tmp_path / "file") == "  Füße 漢 \t".encode()


@pytest.mark.parametrize("data", [b"", b"\n", b"\r\nlamp orange kitten"])
def test_a_file_without_a_passphrase_is_named(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "file").write_bytes(data)
    told = f"There is no passphrase of the office's keys in {tmp_path / 'file'}"
    with pytest.raises(UsageError, match=told):
        asked(tmp_path / "file")


def test_a_file_that_is_not_utf8_is_reported_without_a_byte_of_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes("pass-wörd lamp orange".encode("latin-1"))
    with pytest.raises(UsageError, match="is not text in UTF-8") as caught:
        asked(tmp_path / "file")
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert "f6" not in caught.value.message
    assert "lamp" not in caught.value.message


@pytest.mark.parametrize("name", ["nowhere", "."])
def test_a_file_that_cannot_be_read_is_a_usage_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="cannot be read from"):
        asked(tmp_path / name)


def test_what_was_read_once_is_not_read_again(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"lamp orange kitten\n")
    passphrases = Passphrases({"office": str(tmp_path / "file")})
    first = passphrases.prompts().ask(WANTED)
    (tmp_path / "file").unlink()
    assert passphrases.prompts().ask(WANTED) is first
    assert "lamp" not in repr(passphrases)


@slow
def test_a_key_file_made_under_one_line_end_opens_under_the_other(at: At, tmp_path: Path) -> None:
    folder = at("enrolled")
    (tmp_path / "office").write_bytes(OFFICE.encode() + b"\r\n")
    done = process(folder, "issue", JULY, "--passphrase-file", str(tmp_path / "office"))
    assert (done.returncode, done.stderr) == (0, "")


# ------------------------------------------------------------------------------ standard input


@slow
def test_both_passphrases_come_on_successive_lines_in_the_order_they_are_asked(at: At) -> None:
    """Enrolling asks for the office's first, signing for the person's."""
    folder = at("keys")
    from_stdin = ["--passphrase-file", "-", "--person-passphrase-file", "-"]
    own = phrase(CAROLE)
    done = process(folder, "enrol", CAROLE, *from_stdin, given=f"{OFFICE}\n{own}\n".encode())
    assert (done.returncode, done.stderr) == (0, "")
    done = process(folder, "issue", JULY, "--passphrase-file", "-", given=OFFICE.encode())
    assert (done.returncode, done.stderr) == (0, "")
    words = ["sign", JULY, "--as", CAROLE, *from_stdin]
    done = process(folder, *words, given=f"{OFFICE}\r\n{own}\r\n".encode())
    assert done.returncode == ExitCode.SIGNING
    done = process(folder, *words, given=f"{own}\r\n{OFFICE}\r\n".encode())
    assert (done.returncode, done.stderr) == (0, "")
    demand_registered(folder)


@slow
def test_nothing_on_standard_input_is_a_sentence(story: Story) -> None:
    folder = story.at("enrolled")
    for given, told in ((b"", "There is no passphrase"), (b"\xff\xfe\n", "is not text in UTF-8")):
        done = process(folder, "issue", JULY, "-v", "--passphrase-file", "-", given=given)
        assert done.returncode == ExitCode.USAGE
        assert done.stderr.startswith(f"plan: {told}" if given == b"" else "plan: The passphrase")
        assert told in done.stderr
        assert "UnicodeDecodeError" not in done.stderr


def test_without_a_terminal_or_a_file_it_says_what_to_give(story: Story) -> None:
    done = process(story.at("enrolled"), "issue", JULY)
    assert done.returncode == ExitCode.USAGE
    assert done.stderr.startswith(
        "plan: There is nobody to ask for the passphrase of the office's keys.\n"
    )
    assert "--passphrase-file FILE" in done.stderr


# --------------------------------------------------------------------------------- a terminal


PATIENCE = 60  # seconds until a silent command counts as hanging


class Terminal:
    """A real terminal with the command in it, and somebody who types."""

    def __init__(self, master: int, child: subprocess.Popen[bytes]) -> None:
        self._master = master
        self.child = child
        self.shown = ""

    def wait_for(self, text: str) -> None:
        """Until the text has been shown and the command sleeps, waiting to be answered.

        A signal sent any earlier may come just before the read, which then begins all the same
        and never hears of it; whoever sits at a real keyboard presses again.
        """
        end = time.monotonic() + PATIENCE
        before = len(self.shown)
        while text not in self.shown[before:]:
            assert self._read(end), self.shown
        while self._state() != "S":
            assert time.monotonic() < end, self.shown
            time.sleep(0.01)

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def end(self) -> int:
        end = time.monotonic() + PATIENCE
        while self._read(end):
            pass
        return self.child.wait(PATIENCE)

    def _read(self, end: float) -> bool:
        """Whether more was shown; not so when nobody is at the other side any more."""
        ready, _, _ = select.select([self._master], [], [], max(0, end - time.monotonic()))
        assert ready, f"nothing more was shown after {self.shown!r}"
        try:
            data = os.read(self._master, 4096)
        except OSError:  # how Linux tells it
            return False
        self.shown += data.decode()
        return bool(data)

    def _state(self) -> str:
        stat = Path(f"/proc/{self.child.pid}/stat").read_text()
        return stat.rpartition(")")[2].split()[0]


@contextmanager
def terminal(folder: PlanFolder, *words: str) -> Iterator[Terminal]:
    master, slave = os.openpty()
    child = subprocess.Popen(
        [sys.executable, "-m", "signed_plan.cli", *words, "-C", str(folder.root)],
        cwd=REPO,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
        # The first terminal that a session opens becomes its own.
        preexec_fn=lambda: os.close(os.open(os.ttyname(0), os.O_RDWR)),  # noqa: PLW1509
    )
    os.close(slave)
    try:
        yield Terminal(master, child)
    finally:
        child.kill()
        child.wait()
        os.close(master)


@slow
def test_a_prompt_says_what_for_and_does_not_show_what_is_typed(at: At) -> None:
    folder = at("july issued")
    with terminal(folder, "sign", JULY, "--as", CAROLE) as screen:
        screen.wait_for("Passphrase of the key of Carole Clemens: ")
        screen.type(phrase(CAROLE) + "\n")
        screen.wait_for("Passphrase of the office's keys: ")
        screen.type(OFFICE + "\n")
        assert screen.end() == 0, screen.shown
    assert "signed      by carole-clemens" in screen.shown
    assert not [secret for secret in SECRETS if secret in screen.shown]
    assert events(folder)[-1] == "signed"


@slow
def test_a_new_passphrase_is_typed_twice(at: At) -> None:
    folder = at("built")
    with terminal(folder, "keys", "init") as screen:
        screen.wait_for("Passphrase of the office's new keys: ")
        screen.type(OFFICE + "\n")
        screen.wait_for("Once more: ")
        screen.type(OFFICE + "\n")
        assert screen.end() == 0, screen.shown
    assert OFFICE not in screen.shown
    assert events(folder, "") == ["keys"]


def test_typed_twice_differently_makes_no_keys(at: At) -> None:
    folder = at("built")
    before = everything(folder)
    with terminal(folder, "keys", "init") as screen:
        screen.wait_for("Passphrase of the office's new keys: ")
        screen.type(OFFICE + "\n")
        screen.wait_for("Once more: ")
        screen.type(WRONG + "\n")
        assert screen.end() == 2
    assert "plan: The two passphrases are not the same." in screen.shown
    assert OFFICE not in screen.shown
    assert WRONG not in screen.shown
    assert everything(folder) == before


def test_the_end_of_input_at_a_prompt_is_a_sentence(story: Story) -> None:
    with terminal(story.at("enrolled"), "issue", JULY) as screen:
        screen.wait_for("Passphrase of the office's keys: ")
        screen.type("\x04")
        assert screen.end() == 2
    assert "plan: The passphrase of the office's keys was not typed." in screen.shown


@slow
def test_interrupted_at_a_prompt_it_ends_with_130_and_shows_typing_again(story: Story) -> None:
    with terminal(story.at("enrolled"), "issue", JULY) as screen:
        screen.wait_for("Passphrase of the office's keys: ")
        screen.child.send_signal(signal.SIGINT)
        assert screen.end() == 130
    assert "plan: Interrupted." in screen.shown


@slow
def test_no_passphrase_stands_among_the_arguments_that_ps_shows(at: At) -> None:
    folder = at("july issued")
    given = files(folder)
    with terminal(
        folder, "sign", JULY, "--as", CAROLE, "--person-passphrase-file", given[CAROLE]
    ) as screen:
        screen.wait_for("Passphrase of the office's keys: ")
        shown = Path(f"/proc/{screen.child.pid}/cmdline").read_bytes()
        environment = Path(f"/proc/{screen.child.pid}/environ").read_bytes()
        screen.type(OFFICE + "\n")
        assert screen.end() == 0, screen.shown
    assert given[CAROLE].encode() in shown
    for secret in SECRETS:
        assert secret.encode() not in shown + environment


@slow
@pytest.mark.parametrize("verbose", [[], ["-v"]])
def test_a_wrong_passphrase_is_not_repeated_even_in_a_traceback(
    story: Story, tmp_path: Path, verbose: list[str]
) -> None:
    (tmp_path / "wrong").write_text(WRONG)
    words = ["issue", JULY, "--passphrase-file", str(tmp_path / "wrong"), *verbose]
    done = process(story.at("enrolled"), *words)
    assert done.returncode == ExitCode.SIGNING
    assert ("Traceback" in done.stderr) is bool(verbose)
    assert WRONG not in done.stdout + done.stderr
    assert done.stderr.startswith("plan: That passphrase does not open the key of the office.\n")
