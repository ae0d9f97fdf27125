"""Passphrases come from a file, from standard input or from a prompt, and are never shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from signed_plan.commands.passphrases import Passphrases
from signed_plan.errors import ExitCode, UsageError
from signed_plan.lifecycle.prompts import Prompt
from signed_plan.paths import PlanFolder

from tests.commands.helpers import files, process
from tests.commands.terminal import terminal
from tests.commands.test_frame import EVERY
from tests.lifecycle.helpers import WRONG, demand_registered, everything
from tests.story import (
    ANDY,
    CAROLE,
    JULY,
    OFFICE,
    SECRETS,
    Story,
    elsewhere,
    field_of,
    phrase,
    scanned,
)

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


@pytest.mark.parametrize(
    "data",
    ["lamp orange kitten".encode("utf-16-le"), b"lamp\0orange kitten\n", b"lamp" + bytes(20_000)],
)
def test_a_file_with_nul_bytes_is_reported_without_a_byte_of_it(
    tmp_path: Path, data: bytes
) -> None:
    (tmp_path / "file").write_bytes(data)
    with pytest.raises(UsageError, match="is not text in UTF-8") as caught:
        asked(tmp_path / "file")
    assert "lamp" not in caught.value.message
    assert "\0" not in caught.value.message


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


@slow
def test_without_a_terminal_or_a_file_it_says_what_to_give(story: Story) -> None:
    done = process(story.at("enrolled"), "issue", JULY)
    assert done.returncode == ExitCode.USAGE
    assert done.stderr.startswith(
        "plan: There is nobody to ask for the passphrase of the office's keys.\n"
    )
    assert "--passphrase-file FILE" in done.stderr


# --------------------------------------------------------------------------------- a terminal


OFFICES = ("Passphrase of the office's keys: ", OFFICE)
CAROLES = ("Passphrase of the key of Carole Clemens: ", phrase(CAROLE))
NEW_KEYS = (("Passphrase of the office's new keys: ", OFFICE), ("Once more: ", OFFICE))
NEW_KEY = (
    ("Passphrase of the new key of Carole Clemens: ", phrase(CAROLE)),
    ("Once more: ", phrase(CAROLE)),
)

Asked = tuple[tuple[str, str], ...]
"""Questions and their answers."""

ASKING: dict[str, tuple[str, str, Asked]] = {
    "keys init": ("built", "", NEW_KEYS),
    "enrol": ("keys", CAROLE, (OFFICES, *NEW_KEY)),
    "revoke": ("enrolled", CAROLE, (OFFICES,)),
    "issue": ("enrolled", JULY, (OFFICES,)),
    "sign": ("july issued", f"{JULY} --as {CAROLE}", (CAROLES, OFFICES)),
    "receive": ("july issued", "signed.pdf", (OFFICES,)),
    "scan": ("july issued", f"{JULY} --as {CAROLE} page.jpg", (OFFICES,)),
    "decline": ("july issued", f"{JULY} --as {CAROLE} --reason Late", (OFFICES,)),
    "withdraw": ("july, Andy", f"{JULY} --as {ANDY} --reason Wrong", (OFFICES,)),
    "seal": ("july, Kevin", JULY, (OFFICES,)),
    "send": ("july issued", JULY, (OFFICES,)),
}
"""For each command that asks: after which step, with which words, and what it asks."""
BEFORE = {
    "keys init": (
        "from now on, for good. Is that its full and right name? (yes/no) ",
        "yes",
    )
}
"""What is asked before any passphrase, and can be seen as it is typed: its last line."""
SETTINGS = f"people:\n  {CAROLE}:\n    email: carole@example.org\n"


def ready(folder: PlanFolder, command: str) -> list[str]:
    """The words of a command, for which all is laid ready in the folder."""
    if command == "receive":
        (folder.root / "signed.pdf").write_bytes(elsewhere(folder, JULY, CAROLE))
    if command == "scan":
        page = scanned(folder.pdf(JULY).read_bytes(), field_of(CAROLE))
        (folder.root / "page.jpg").write_bytes(page)
    if command == "send":
        (folder.source / "settings.yaml").write_text(SETTINGS)
    return [*command.split(), *ASKING[command][1].split()]


def test_every_command_that_asks_for_a_passphrase_is_tried_here() -> None:
    asking = {
        name
        for name, one in EVERY.items()
        for parameter in one.params
        if "--passphrase-file" in parameter.opts
    }
    assert asking == set(ASKING)


@slow
@pytest.mark.parametrize("command", ASKING)
def test_a_question_can_be_seen_and_what_is_typed_cannot(at: At, command: str) -> None:
    step, _, asked = ASKING[command]
    folder = at(step)
    seen = (BEFORE[command],) if command in BEFORE else ()
    with terminal(*ready(folder, command), cwd=folder.root) as screen:
        for question, answer in (*seen, *asked):
            screen.is_asked(question)
            screen.type(answer + "\n")
        assert screen.end() == 0, screen.shown
    assert not [secret for secret in SECRETS if secret in screen.shown]
    assert any(line.startswith("Next: ") for line in screen.lines[-2:])
    demand_registered(folder)


@slow
@pytest.mark.parametrize("command", ASKING)
def test_ctrl_c_at_a_question_ends_with_130_and_changes_nothing(at: At, command: str) -> None:
    step, _, asked = ASKING[command]
    folder = at(step)
    words = ready(folder, command)
    before = everything(folder)
    with terminal(*words, cwd=folder.root) as screen:
        if command in BEFORE:
            screen.is_asked(BEFORE[command][0])
            screen.type(BEFORE[command][1] + "\n")
        screen.is_asked(asked[0][0])
        screen.type("half a passphrase\x03")
        assert screen.end() == 130, screen.shown
        assert screen.echoes(), "what is typed next is shown again"
    assert "plan: Interrupted." in screen.lines, "it begins a line of its own"
    assert "half a" not in screen.shown
    assert everything(folder) == before


@slow
def test_the_password_of_the_mail_server_is_asked_where_it_can_be_seen(at: At) -> None:
    folder = at("july issued")
    mail = "mail:\n  server: localhost\n  sender: office@example.org\n  user: clerk\n"
    (folder.source / "settings.yaml").write_text(SETTINGS + mail)
    before = everything(folder)
    with terminal("send", JULY, cwd=folder.root) as screen:
        screen.is_asked(OFFICES[0])
        screen.type(OFFICE + "\n")
        screen.is_asked("Passphrase of clerk at localhost: ")
        screen.type("\x03")
        assert screen.end() == 130, screen.shown
    assert everything(folder) == before


@slow
def test_typed_twice_differently_makes_no_keys(at: At) -> None:
    folder = at("built")
    before = everything(folder)
    with terminal("keys", "init", cwd=folder.root) as screen:
        screen.is_asked(BEFORE["keys init"][0])
        screen.type("yes\n")
        screen.is_asked("Passphrase of the office's new keys: ")
        screen.type(OFFICE + "\n")
        screen.is_asked("Once more: ")
        screen.type(WRONG + "\n")
        assert screen.end() == 2
    assert "plan: The two passphrases are not the same." in screen.shown
    assert OFFICE not in screen.shown
    assert WRONG not in screen.shown
    assert everything(folder) == before


@slow
def test_the_end_of_input_at_a_prompt_is_a_sentence(story: Story) -> None:
    with terminal("issue", JULY, cwd=story.at("enrolled").root) as screen:
        screen.wait_for("Passphrase of the office's keys: ")
        screen.type("\x04")
        assert screen.end() == 2
    assert "plan: The passphrase of the office's keys was not typed." in screen.lines


@slow
def test_no_passphrase_stands_among_the_arguments_that_ps_shows(at: At) -> None:
    folder = at("july issued")
    given = files(folder)
    words = ["sign", JULY, "--as", CAROLE, "--person-passphrase-file", given[CAROLE]]
    with terminal(*words, cwd=folder.root) as screen:
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
