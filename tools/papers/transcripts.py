"""The commands that a paper quotes, run as its reader would run them, and what they print.

A paper tells a story, from top to bottom, in a plan folder of its own; another may go on with it.
Its parts are

    ```console            commands, each behind "$ ", and what they print; a command may fail
    <!-- append FILE -->  the fenced block that follows is added to the end of that file
    <!-- replace FILE: OLD -> NEW -->   what the reader does in an editor
    <!-- happens: NAME -->              what somebody does without this program (EVENTS)

What a command prints is shortened where nobody would read it: how long a stage took is left out,
and so are all steps of a proof except the first and the last. Long lines go on in the next one.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from signed_plan.line_breaking import wrap_words
from signed_plan.paths import PlanFolder

from tools.checkout import REPO, copy_plan
from tools.specimens import picture_of_handwriting, signed_elsewhere, signed_on_paper

NEW, REVIEW = "2018-03", "march-2018"
_WIDTH = 100
PASSPHRASE = "meadow copper violin tuesday orange"
IN_TRAY = "in-tray"
MAKE = {"plan": "build", "verify": "verify", "check": "check"}
"""What a target of the Makefile runs, where papers quote it."""
_PART = re.compile(
    r"^<!-- (?P<act>append|replace|happens:) (?P<what>.*?) -->$"
    r"|^```(?P<kind>\w*)\n(?P<block>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_STAGE = re.compile(r"^  .* \d+\.\d\d s$")
_STEP = re.compile(r"^ *\d+\. ok ")
_ALWAYS = ("ca9e 03bb 71c4", "2d69 9e22 2d0b")


class PaperError(Exception):
    """A paper asks for something that cannot be done."""


def rewrite(papers: Sequence[str]) -> list[str]:
    """Papers that tell one story, one after the other, with what each command prints now.

    What differs only in what no two runs have in common (the day, keys, digests) stays as it is.
    """
    with tempfile.TemporaryDirectory(prefix="paper-") as scratch:
        folder = copy_plan(Path(scratch))
        (folder.root / IN_TRAY).mkdir()
        if "make plan" in papers[0]:
            shutil.copy(REPO / "Makefile", folder.root)
        return [_follow(paper, folder) for paper in papers]


def _follow(paper: str, folder: PlanFolder) -> str:
    out: list[str] = []
    at, target = 0, ""
    for part in _PART.finditer(paper):
        out.append(paper[at : part.start()])
        at = part.end()
        text = part[0]
        match part["act"], part["kind"]:
            case "append", _:
                target = part["what"]
            case "replace", _:
                _replace(folder, part["what"])
            case "happens:", _:
                EVENTS[part["what"]](folder)
            case _, "console":
                text = f"```console\n{_run_block(part['block'], folder)}```"
            case _ if target:
                _append(folder, target, part["block"])
                target = ""
            case _:
                pass
        out.append(text)
    return "".join(out) + paper[at:]


def _append(folder: PlanFolder, file: str, text: str) -> None:
    with (folder.root / file).open("a", encoding="utf-8") as end:
        end.write("\n" + text)


def _replace(folder: PlanFolder, what: str) -> None:
    file, _, change = what.partition(": ")
    old, _, new = change.partition(" -> ")
    path = folder.root / file
    text = path.read_text(encoding="utf-8")
    if text.count(old) != 1:
        raise PaperError(f"{old!r} stands {text.count(old)} times in {file}")
    path.write_text(text.replace(old, new), encoding="utf-8")


def _run_block(block: str, folder: PlanFolder) -> str:
    """The commands of a block, each with what it prints."""
    told = re.split(r"^\$ (.*)\n", block, flags=re.MULTILINE)
    out = []
    for command, before in zip(told[1::2], told[2::2], strict=True):
        now = run(command.partition("  #")[0], folder)
        out.append(f"$ {command}\n{before if _is_same(before, now) else now}")
    return "".join(out)


def run(typed: str, folder: PlanFolder) -> str:
    """What a command line prints, shortened; a failure ends with its exit code."""
    words = shlex.split(typed)
    if words[0] == "make":
        typed = f"plan {MAKE[words[1]]}"
    elif words[0] == "plan":
        typed = shlex.join(words) if "|" not in words else typed
        typed = " ".join((typed, *_passphrases(words[1:], folder)))
    done = subprocess.run(
        f'plan() {{ {sys.executable} -m signed_plan.cli "$@"; }}\n{typed}',
        shell=True,
        cwd=folder.root,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    code = [f"(exit code {done.returncode})"] if done.returncode else []
    lines = [*shorten(done.stdout.replace(str(folder.root), "…").splitlines()), *code]
    return "".join(f"{line}\n" for line in lines)


def shorten(lines: list[str]) -> list[str]:
    """Without times, and of the steps that hold only the first and the last."""
    steps = [line for line in lines if _STEP.match(line)]
    hidden = set(steps[1:-1])
    out: list[str] = []
    for line in lines:
        if line in hidden:
            if out[-1] != "  …":
                out.append("  …")
        elif not _STAGE.match(line):
            out += _fold(line)
    return out


def _fold(line: str) -> list[str]:
    """A line as a terminal of a usual width shows it."""
    indent = line[: len(line) - len(line.lstrip())]
    return wrap_words(line, _WIDTH, rest=indent) or [line]


def _passphrases(words: list[str], folder: PlanFolder) -> list[str]:
    """The options for what the reader types when asked; here everybody's is the same."""
    file = folder.root / "passphrase.txt"
    file.write_text(PASSPHRASE, encoding="ascii")
    options: tuple[str, ...] = ()
    match words:
        case ["enrol" | "sign", *_]:
            options = ("--passphrase-file", "--person-passphrase-file")
        case ["keys" | "issue" | "receive" | "scan" | "decline" | "seal" | "send" | "revoke", *_]:
            options = ("--passphrase-file",)
    return [word for option in options for word in (option, str(file))]


def _is_same(one: str, other: str) -> bool:
    """Whether two prints differ in nothing but the day, keys and digests."""
    return _mask(one) == _mask(other)


def _mask(text: str) -> str:
    # A sentence that holds any of these may be wrapped elsewhere.
    text = re.sub(r"\s+", " ", text)
    for at, fixed in enumerate(_ALWAYS):
        text = text.replace(fixed, f"<fixed {at}>")
    text = re.sub(r"\d{4}-\d\d-\d\d( \d\d:\d\d(:\d\d)?)?", "<day>", text)
    text = re.sub(r"\d{1,2} [A-Z][a-z]+ 20\d\d(, \d\d:\d\d)?", "<day>", text)
    text = re.sub(r"(?:[0-9A-F]{2}:){31}[0-9A-F]{2}", "<digest>", text)
    text = re.sub(r"\d+\.\d MB", "<size>", text)
    text = re.sub(r"(?<!\w)[0-9a-f]{8,64}(?!\w)", "<digest>", text)
    return re.sub(r"(?<!\w)[0-9a-f]{4} [0-9a-f]{4} [0-9a-f]{4}(?!\w)", "<digest>", text)


def _carole_draws(folder: PlanFolder) -> None:
    (folder.root / IN_TRAY / "carole.png").write_bytes(picture_of_handwriting("Carole Clemens"))


def _sally_signs(folder: PlanFolder) -> None:
    key = (folder.root / "keys/people/sally-beardsley.p12").read_bytes()
    pdf = folder.pdf(NEW).read_bytes()
    signed = signed_elsewhere(pdf, f"{REVIEW}:sally-beardsley", key, PASSPHRASE.encode())
    (folder.root / IN_TRAY / "from-sally.pdf").write_bytes(signed)


def _kevin_signs(folder: PlanFolder) -> None:
    page = signed_on_paper(folder.pdf(NEW).read_bytes(), f"{REVIEW}:kevin-snow", "Kevin Snow")
    (folder.root / IN_TRAY / "from-kevin.jpg").write_bytes(page)


EVENTS: dict[str, Callable[[PlanFolder], None]] = {
    "Carole draws her name": _carole_draws,
    "Sally signs in another program": _sally_signs,
    "Kevin signs on paper": _kevin_signs,
}
