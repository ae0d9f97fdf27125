"""`make demo`: the whole story of two versions, in a folder of its own, with specimen identities.

Every line that begins with $ is a command that you could have typed, run as you would run it.

python -m tools.demo [FOLDER] [--offline]     (offline: no timestamp authority, and July alone)
Exit: 0 the story was told to its end; else what the command that failed exited with.
"""

from __future__ import annotations

import argparse
import email
import email.policy
import re
import secrets
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from signed_plan.commands.screen import Screen
from signed_plan.paths import PlanFolder

from tools.authority import Authority
from tools.checkout import REPO, VERSIONS
from tools.specimens import picture_of_handwriting, signed_elsewhere, signed_on_paper

CAROLE, SALLY, ANDY, KEVIN = PEOPLE = (
    "carole-clemens",
    "sally-beardsley",
    "andy-hitchcock",
    "kevin-snow",
)
PASSPHRASES, IN_TRAY = "keys/passphrases", "in-tray"
LETTER = f"output/2017-11/letters/{SALLY}.eml"
PICTURE, RETURNED, SCANNED = (
    f"{IN_TRAY}/{name}"
    for name in ("carole-clemens-handwriting.png", "signed-by-sally.pdf", "signed-by-kevin.jpg")
)
MADE_BY = "SPECIMEN.txt"
ABOUT = """\
SPECIMEN. `make demo` made this folder and will replace it: keep nothing of your own here.
Its keys, certificates and signatures have no value, whatever names they show.

You can go on from where the story ends: run `make install` once in the folder above. Then the
command `plan`, typed in this folder, does all that the story shows. The passphrases that it asks
for are in keys/passphrases/.
"""
SETTINGS = """\
# The settings of the demonstration.

organisation: Bank Road and William Lilley Schools Collaboration
{authority}
people:
{people}"""
ATTESTED = """
# A specimen on this machine, which answers while the story is being told.
timestamp-authority:
  url: {url}
  certificate: source/timestamp-root.pem
"""
NOT_ATTESTED = """
# The timestamp authority that the story had is gone, so nobody attests what is signed from now on.
"""


@dataclass(frozen=True)
class Aside:
    """What somebody does without the command, in a sentence, and how it is done here."""

    what: str
    happen: Callable[[PlanFolder], None]


@dataclass(frozen=True)
class Chapter:
    """A heading, and what happens below it: commands as they are typed, and asides."""

    title: str
    steps: tuple[str | Aside, ...]


class Failed(Exception):
    """A command of the story has failed; it holds the exit code."""


def carole_draws(folder: PlanFolder) -> None:
    (folder.root / PICTURE).write_bytes(picture_of_handwriting("Carole Clemens"))


def sally_signs_elsewhere(folder: PlanFolder) -> None:
    letter = email.message_from_bytes(
        (folder.root / LETTER).read_bytes(), policy=email.policy.default
    )
    pdf = next(letter.iter_attachments()).get_content()
    key = (folder.root / f"keys/people/{SALLY}.p12").read_bytes()
    passphrase = passphrase_file(folder, SALLY).read_bytes().strip()
    signed = signed_elsewhere(pdf, f"november-2017-heads:{SALLY}", key, passphrase)
    (folder.root / RETURNED).write_bytes(signed)


def kevin_signs_on_paper(folder: PlanFolder) -> None:
    pdf = folder.pdf("2017-11").read_bytes()
    page = signed_on_paper(pdf, f"november-2017-jcc:{KEVIN}", "Kevin Snow")
    (folder.root / SCANNED).write_bytes(page)


KEYS = Chapter(
    "The office makes its keys, and gives everybody one of their own",
    ("build", "keys init --specimen", *(f"enrol {person}" for person in PEOPLE)),
)
JULY = Chapter(
    "July 2017: issued, signed by four at the office, sealed",
    (
        "issue 2017-07",
        Aside("Carole Clemens gives the office a picture of her handwriting.", carole_draws),
        f"sign 2017-07 --as {CAROLE} --picture {PICTURE}",
        *(f"sign 2017-07 --as {person}" for person in (SALLY, ANDY, KEVIN)),
        "seal 2017-07",
    ),
)
HEADS = Chapter(
    "November 2017, the head teachers: one signs at the office, one at home",
    (
        "issue 2017-11",
        f"sign 2017-11 --as {CAROLE}",
        "send 2017-11",
        Aside(
            "Sally Beardsley signs the PDF in her letter with another program, and returns it.",
            sally_signs_elsewhere,
        ),
        f"receive {RETURNED}",
    ),
)
JCC = Chapter(
    "November 2017, the JCC: three sign at the office, one on paper; sealed",
    (
        *(f"sign 2017-11 --as {person}" for person in (CAROLE, SALLY, ANDY)),
        Aside("Kevin Snow signs the printed page in ink, and scans it.", kevin_signs_on_paper),
        f"scan 2017-11 --as {KEVIN} {SCANNED}",
        "seal 2017-11",
        "send 2017-11",
    ),
)
CHECKED = Chapter(
    "Anybody checks all of it, years later and without a network",
    ("status", "verify", "verify --anchor output/2017-11/receipt-2017-11.pdf"),
)
LOOK_AT = (
    ("output/2017-07/action-plan-2017-07.pdf", "its last two pages: the seal, four signatures"),
    ("output/2017-11/action-plan-2017-11.pdf", "its last two pages: the seal, five signatures"),
    ("output/2017-11/scans", "the sixth, on paper"),
    ("output/2017-11/receipt-2017-11.pdf", "who signed how and when, on a page to keep elsewhere"),
    ("output/2017-11/letters", "drafts that a mail program opens"),
    ("output/certificates/how-to-trust.txt", "what Adobe Reader has to be told first"),
)
NOISE = re.compile(r"^Next: |^  .* \d+\.\d\d s$")
STEP = re.compile(r"^ *\d+\. ok ")

screen = Screen()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.demo")
    parser.add_argument("folder", type=Path, nargs="?", default=REPO / "demo", metavar="FOLDER")
    parser.add_argument(
        "--offline", action="store_true", help="no timestamp authority, and July alone"
    )
    given = parser.parse_args()
    folder = PlanFolder(given.folder.resolve())
    began = time.perf_counter()
    try:
        make_folder(folder)
        if given.offline:
            tell_offline(folder)
        else:
            tell(folder)
            tell_where_to_look(folder, time.perf_counter() - began)
    except Failed as failed:
        code: int = failed.args[0]
        return code
    return 0


def tell(folder: PlanFolder) -> None:
    """The whole story. At its end the signatures are checked without the timestamp authority."""
    with Authority() as authority:
        shutil.copy(authority.root, folder.source / "timestamp-root.pem")
        write_settings(folder, ATTESTED.format(url=authority.url))
        for chapter in (KEYS, JULY, HEADS, JCC):
            run_chapter(folder, chapter)
    write_settings(folder, NOT_ATTESTED)
    run_chapter(folder, CHECKED)


def tell_offline(folder: PlanFolder) -> None:
    """July, without a timestamp authority."""
    write_settings(folder, "")
    for chapter in (KEYS, JULY):
        run_chapter(folder, chapter)


def make_folder(folder: PlanFolder) -> None:
    """A new folder with the two versions' sources and a passphrase for everybody.

    An older one is replaced, if it is one that was made here.
    """
    root = folder.root
    if root.exists() and any(root.iterdir()):
        if not (root / MADE_BY).is_file():
            screen.failure(
                f"{root} was not made by make demo, so it stays as it is.",
                "Move it, or name another: python -m tools.demo FOLDER",
            )
            raise Failed(2)
        shutil.rmtree(root)
    for name in VERSIONS:
        shutil.copytree(REPO / "source" / name, folder.source / name)
    (root / MADE_BY).write_text(ABOUT, encoding="utf-8")
    (root / IN_TRAY).mkdir()
    (root / "keys").mkdir(mode=0o700)
    (root / PASSPHRASES).mkdir(mode=0o700)
    for who in ("office", *PEOPLE):
        path = passphrase_file(folder, who)
        path.touch(mode=0o600)
        path.write_text(f"{secrets.token_urlsafe(12)}\n", encoding="ascii")


def passphrase_file(folder: PlanFolder, who: str) -> Path:
    return folder.root / PASSPHRASES / f"{who}.txt"


def write_settings(folder: PlanFolder, authority: str) -> None:
    people = "".join(f"  {person}:\n    email: {person}@school.example\n" for person in PEOPLE)
    path = folder.source / "settings.yaml"
    path.write_text(SETTINGS.format(authority=authority, people=people), encoding="utf-8")


def run_chapter(folder: PlanFolder, chapter: Chapter) -> None:
    screen.say(f"\n{chapter.title}\n", "bold")
    for step in chapter.steps:
        if isinstance(step, Aside):
            screen.say(f"  {step.what}", "italic")
            step.happen(folder)
        else:
            run_command(folder, step)


def run_command(folder: PlanFolder, typed: str) -> None:
    """Runs `plan` in the folder, and shows what it says."""
    screen.say(f"  $ plan {typed}", "cyan")
    words = shlex.split(typed)
    done = subprocess.run(
        [sys.executable, "-m", "signed_plan.cli", *words, *passphrases_for(words)],
        cwd=folder.root,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    for line in worth_showing(done.stdout.splitlines(), again="--anchor" in words):
        screen.say(f"    {line}", "dim")
    if done.returncode:
        print(done.stderr, end="", file=sys.stderr)
        raise Failed(done.returncode)


def worth_showing(said: list[str], *, again: bool) -> list[str]:
    """Without times and hints; of a proof that is shown again, only its end."""
    steps = [line for line in said if again and STEP.search(line)]
    told = [f"({len(steps)} steps, and each is ok)"] if steps else []
    return told + [line for line in said if line not in steps and not NOISE.search(line)]


def passphrases_for(words: list[str]) -> list[str]:
    """The options that name the files of passphrases, where somebody would type them."""
    match words:
        case ["enrol", person] | ["sign", _, "--as", person, *_]:
            who = {"--passphrase-file": "office", "--person-passphrase-file": person}
        case ["keys" | "issue" | "receive" | "scan" | "seal" | "send", *_]:
            who = {"--passphrase-file": "office"}
        case _:
            who = {}
    return [word for option, name in who.items() for word in (option, f"{PASSPHRASES}/{name}.txt")]


def tell_where_to_look(folder: PlanFolder, took: float) -> None:
    here = Path.cwd()
    root = folder.root.relative_to(here) if folder.root.is_relative_to(here) else folder.root
    screen.say(f"\nTold in {took:.0f} seconds. Now look at\n", "bold")
    wide = max(len(path) for path, _ in LOOK_AT)
    for path, what in LOOK_AT:
        screen.say(f"  {root}/{path:<{wide}}  {what}")
    screen.say(
        f"\nAll of it is a specimen, of no value. {root}/{MADE_BY} says how to go on from here."
    )


if __name__ == "__main__":
    sys.exit(main())
