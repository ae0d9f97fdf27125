"""Every message about the sources, and what comes of it when its remedy is followed."""

from __future__ import annotations

import ast
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from signed_plan.errors import PlanError, Problem, SourceError
from signed_plan.paths import PlanFolder
from signed_plan.plan.ids import write_ids
from signed_plan.plan.next_version import start_version
from signed_plan.plan.settings import load_settings
from signed_plan.plan.source import load

from tests.helpers import REPO
from tests.plan.helpers import SMALL, SMALL_FILES, real_plan, small_plan

PLAN, PEOPLE, OBJECTIVES, AREAS, REVIEWS = (
    f"{name}.yaml" for name in ("plan", "people", "objectives", "areas", "reviews")
)
KEY = "        paragraph: Share what works"
WORKS = "Share what works"
BULLET = "        bullet: Meet each term"
AGREE = "      - We agree"
SIGN = "      - And we sign"
COLUMNS = SMALL_FILES[PLAN].partition("columns:\n")[2]

Change = tuple[str, str]
"""What stands in the file, and what is written instead."""


@dataclass(frozen=True)
class Case:
    """A mistake, what is said of it, and each way to do what its remedy says."""

    file: str
    mistake: Change
    message: str
    ways: tuple[tuple[Change, str], ...]
    """Each way: how the clerk changes the file now, and a text that the plan then has."""


def case(file: str, old: str, new: str, message: str, *ways: tuple[str, str, str]) -> Case:
    return Case(file, (old, new), message, tuple(((was, now), text) for was, now, text in ways))


def text(written: str, message: str, *ways: tuple[str, str]) -> Case:
    """A mistake in the way a text is written; each way is how it is written now, and what it is."""
    line = f"        paragraph: {written}"
    changes = tuple(((line, f"        paragraph: {now}"), meant) for now, meant in ways)
    return Case(AREAS, (KEY, line), message, changes)


def layout(wrong: str, message: str, *ways: tuple[str, str]) -> Case:
    """A mistake in the lines of a paragraph; each way is the lines now, and the text."""
    return Case(AREAS, (KEY, wrong), message, tuple(((wrong, now), meant) for now, meant in ways))


HASH = "what follows # would be left out"
SIGN_FIRST = "a text cannot begin with this sign"
JOINED = "this line is joined to the text above it"
SPACE = "this is a special space, as from Word"
BEHIND = "words stand behind > or |"
BLOCK_TEXT = f">-\n          {WORKS}"
TEXTS = (
    text('"Share" #5 May', f'{HASH}: "5 May"', ('"Share #5 May"', "Share #5 May")),
    text('"Share"  # later', HASH, ('"Share"\n        # later', "Share")),
    text("'Share'#5", HASH, ("'Share#5'", "Share#5")),
    text(
        ">- #5 May\n          Share",
        HASH,
        (">-\n          #5 May\n          Share", "#5 May Share"),
    ),
    text("| # a note\n          Share", HASH, ("|\n          Share\n        # a note", "Share")),
    text("Share\t# what", HASH, ('"Share # what"', "Share # what")),
    text("Share #5", HASH, ('"Share #5"', "Share #5"), ("Share\n        # 5", "Share")),
    text("#5 May", HASH, ('"#5 May"', "#5 May")),
    text("#5 May\n          Share", HASH, ('"#5 May Share"', "#5 May Share")),
    text("“Share #5”", HASH, ('"“Share #5”"', "“Share #5”")),
    case(
        REVIEWS,
        AGREE,
        "      - #1 We agree",
        HASH,
        ("- #1 We agree", '- "#1 We agree"', "#1 We agree"),
    ),
    case(
        REVIEWS,
        AGREE,
        "      - #1\n        We agree",
        HASH,
        ("- #1\n        We", '- "#1 We agree"\n#', "#1 We agree"),
    ),
    case(
        REVIEWS,
        SIGN,
        f"  {SIGN}",
        JOINED,
        (f"  {SIGN}", SIGN, "And we sign"),
        (f"We agree\n  {SIGN}", "We agree - And we sign", "We agree - And we sign"),
    ),
    case(
        AREAS,
        BULLET,
        f"{BULLET}\n          - and to report",
        JOINED,
        ("term\n          -", "term -", "Meet each term - and to report"),
    ),
    case(
        AREAS,
        BULLET,
        f"{BULLET}\n          • and to report",
        JOINED,
        ("          • and", "      - id: new\n        bullet: and", "and to report"),
    ),
    text(
        f"{BLOCK_TEXT}\n          - bullet: Meet",
        JOINED,
        (
            f"{WORKS}\n        id: a\n      - id: b\n        bullet: Meet".replace(
                "        id: a\n", ""
            ),
            "Meet",
        ),
    ),
    text(
        '"Share\n          bullet: Meet"',
        "the quotation mark that is opened here is closed only in line 8",
        ('"Share"\n      - id: b\n        bullet: "Meet"', "Share"),
    ),
    text(
        "Share\n\n          works",
        "the text runs over a line break",
        (">-\n          Share\n          works", "Share works"),
        ("Share\n      - id: b\n        paragraph: works", "works"),
    ),
    text(
        "|\n          Share\n          works",
        "the text runs over a line break",
        (">-\n          Share\n          works", "Share works"),
    ),
    text(
        ">-\n          Share\n            works",
        "the text runs over a line break",
        (">-\n          Share\n          works", "Share works"),
    ),
    text(
        '"C:\\new"',
        "a backslash and an n in double quotation marks",
        ("'C:\\new'", "C:\\new"),
        ('"C:"\n      - id: b\n        paragraph: ew', "ew"),
    ),
    text(
        '"C:\\dir"', "there is a backslash inside double quotation marks", ("'C:\\dir'", "C:\\dir")
    ),
    text('" Share"', "the text begins or ends with a space", ('"Share"', "Share")),
    text("\u00a0Share", "the text begins or ends with a space", ("Share", "Share")),
    text('"Sha\\tre"', "there is a control character", ('"Share"', "Share")),
    text("Sha\u200bre", "there is an invisible formatting character", ("Share", "Share")),
    text("Sha\x07re", "there is a control character (U+0007) here", ("Share", "Share")),
    text("", "there is no text here", ("Share", "Share")),
)
UNREADABLE = (
    text(f">- {WORKS}", BEHIND, (BLOCK_TEXT, WORKS)),
    text(
        ">- Share\n          what works",
        BEHIND,
        (">-\n          Share\n          what works", WORKS),
    ),
    text("> 5 pupils", BEHIND, ('"> 5 pupils"', "> 5 pupils")),
    text("| x |", BEHIND, ('"| x |"', "| x |")),
    text(
        "[Draft] Share", "a text cannot begin with a bracket", ('"[Draft] Share"', "[Draft] Share")
    ),
    text(
        "{Draft} Share", "a text cannot begin with a bracket", ('"{Draft} Share"', "{Draft} Share")
    ),
    text(
        "[Draft]",
        '"paragraph" takes one text, not a list or further keys',
        ('"[Draft]"', "[Draft]"),
    ),
    text("[Draft", "a bracket is opened here", ('"[Draft"', "[Draft")),
    text("{{ Draft }}", "a key has to be a plain word", ('"{{ Draft }}"', "{{ Draft }}")),
    text(
        "\n          - Share\n          - works",
        '"paragraph" takes one text',
        ("Share\n      - id: b\n        paragraph: works", "works"),
    ),
    text(
        "\n          Note: share",
        '"paragraph" takes one text',
        ('\n          "Note: share"', "Note: share"),
    ),
    text("- share", "a text cannot begin with a hyphen and a space", ('"- share"', "- share")),
    text("* share", SIGN_FIRST, ('"* share"', "* share")),
    text("@home", SIGN_FIRST, ('"@home"', "@home")),
    text("`x`", SIGN_FIRST, ('"`x`"', "`x`")),
    text("%5", SIGN_FIRST, ('"%5"', "%5")),
    text(", x", SIGN_FIRST, ('", x"', ", x")),
    text("? why", SIGN_FIRST, ('"? why"', "? why")),
    text("!! Share", SIGN_FIRST, ('"!! Share"', "!! Share")),
    text("] x", SIGN_FIRST, ('"] x"', "] x")),
    text("!Share", "! at the start of a text is a YAML tag", ('"!Share"', "!Share")),
    text("&more x", "& at the start of a text is a YAML reference", ('"&more x"', "&more x")),
    text("*more", "* at the start of a text is a YAML reference", ('"*more"', "*more")),
    text(
        "Note: share",
        "there is a colon and a space inside a text",
        ('"Note: share"', "Note: share"),
        (">-\n          Note: share", "Note: share"),
    ),
    text("“Note: share”", "curly quotation marks, as from Word", ('"Note: share"', "Note: share")),
    text(
        "'the school's plan'",
        "this apostrophe ends the text",
        ('"the school\'s plan"', "the school's plan"),
    ),
    text(
        '"Big" plan', "the quotation marks are around only a part", ("'\"Big\" plan'", '"Big" plan')
    ),
    text('"Share', "a quotation mark is opened here and never closed", ('"Share"', "Share")),
    layout(
        f"        {KEY.strip().replace(' ', '', 1)}",
        "there is no space after the colon",
        (KEY, WORKS),
    ),
    layout(
        "        paragraph Share",
        "there is no colon after the key",
        ("        paragraph: Share", "Share"),
    ),
    layout(
        "        paragraph：Share",
        "there is another sign where the key's colon belongs",
        ("        paragraph: Share", "Share"),
    ),
    layout(f"\t{KEY}", "this line is indented with a tab", (KEY, WORKS)),
    layout("\u00a0" * 8 + KEY.strip(), SPACE, (KEY, WORKS)),
    layout(KEY.replace(": ", ":\u00a0"), SPACE, (KEY, WORKS)),
    layout(KEY.replace("    p", " \u00a0p"), SPACE, (KEY, WORKS)),
    layout(
        KEY.replace("para", "\u200bpara"), "there is a special space, or a character", (KEY, WORKS)
    ),
    layout(KEY.replace("p", "P", 1), 'the key "Paragraph" is not known here', (KEY, WORKS)),
    layout(f" {KEY}", JOINED, (KEY, WORKS)),
    case(
        AREAS,
        "    links: [1, 2]",
        "      links: [1, 2]",
        "this line is read as part of the text above",
        ("      links", "    links", WORKS),
    ),
    layout(KEY[1:], "this key does not begin exactly below the keys", (KEY, WORKS)),
    layout(
        "        paragraph: >-\n        Share",
        "the text below the sign > or | is not indented",
        ("        paragraph: >-\n          Share", "Share"),
    ),
    layout(
        "        paragraph: Share\n# a note\n          works",
        "this line, which begins with #, ends the text above",
        ("        # a note\n        paragraph: Share\n          works", "Share works"),
    ),
    layout(
        f"{KEY}\n----",
        "this line has no key",
        (KEY, WORKS),
        (f"{KEY}\n          ----", f"{WORKS} ----"),
    ),
    layout(
        f"{KEY}\n% of all",
        "a line cannot begin with this sign",
        (f"{KEY} % of all", f"{WORKS} % of all"),
        (KEY, WORKS),
    ),
    layout(
        f"{KEY}\n...",
        "three dots on a line of their own end the file",
        (KEY, WORKS),
        (f"{KEY} ...", f"{WORKS} ..."),
    ),
    layout(f"{KEY}\n---", "a second document begins here", (KEY, WORKS)),
    layout(
        f"{KEY}\n        : x",
        "this line does not fit the lines above it",
        (f"{KEY}\n      - id: b\n        bullet: x", "x"),
    ),
    layout(
        f"{KEY}\n        bullet: Meet",
        "a block is exactly one of",
        (f"{KEY}\n      - id: b\n        bullet: Meet", "Meet"),
    ),
    layout(
        f"{KEY}\n      - Meet",
        "this entry takes keys and values, not a bare text",
        (f"{KEY}\n      - bullet: Meet\n        id: b", "Meet"),
    ),
    layout(
        f"{KEY}\n      - bullet:Meet",
        "there is no space after the colon",
        (f"{KEY}\n      - bullet: Meet\n        id: b", "Meet"),
    ),
    layout(f"{KEY}\n        owner: Ann", 'the key "owner" is not known here', (KEY, WORKS)),
    layout(f"{KEY}\n        title: Ann", 'the key "title" is not known here', (KEY, WORKS)),
    case(
        AREAS,
        "      - id: staff-meet\n  ",
        "        - id: staff-meet\n    ",
        "this entry does not begin exactly below",
        ("        - id: staff-meet\n    ", "      - id: staff-meet\n  ", "Meet each term"),
    ),
    case(
        AREAS,
        BULLET,
        f"{BULLET}\n      • id: new\n        bullet: More",
        "an entry of a list does not begin with this sign",
        ("• id", "- id", "More"),
    ),
    case(
        REVIEWS,
        SIGN,
        "      -And we sign",
        "there is no space after the hyphen",
        ("-And", "- And", "And we sign"),
    ),
    case(
        REVIEWS,
        SIGN,
        "      -\tAnd we sign",
        "there is a tab behind the hyphen",
        ("-\tAnd", "- And", "And we sign"),
    ),
    case(
        REVIEWS,
        SIGN,
        "      – And we sign",
        "an entry of a list does not begin with this sign",
        ("– And", "- And", "And we sign"),
    ),
    case(
        REVIEWS,
        AGREE,
        "      – We agree",
        "an entry of a list does not begin with this sign",
        ("– We", "- We", "We agree"),
    ),
    case(
        REVIEWS,
        AGREE,
        "      We agree",
        "this line does not begin with a hyphen",
        ("      We", "      - We", "We agree"),
    ),
    case(REVIEWS, AGREE, "      -\u00a0We agree", SPACE, ("\u00a0", " ", "We agree")),
    case(
        REVIEWS,
        f"\n{AGREE}\n{SIGN}",
        " We agree",
        '"statements" takes a list',
        (" We agree", "\n      - We agree", "We agree"),
    ),
    case(
        REVIEWS,
        f"{AGREE}\n{SIGN}",
        "      []",
        '"statements" has no entry',
        ("      []", AGREE, "We agree"),
    ),
    case(PLAN, "version:", "--- version:", "nothing can stand behind ---", ("--- ", "", "A Plan")),
    case(
        PEOPLE,
        "schools:\n",
        "",
        "this is not a list of keys and values",
        ("  - id: north", "schools:\n  - id: north", "North School"),
    ),
    case(
        AREAS,
        "links: [1, 2]",
        "links: [1, 2]]",
        "there is one closing bracket too many",
        ("]]", "]", WORKS),
    ),
    case(
        AREAS,
        "links: [1, 2]",
        "links: [1, 2",
        "a bracket is opened here",
        ("[1, 2", "[1, 2]", WORKS),
    ),
    case(
        AREAS,
        "links: [1, 2]",
        "links: " + "[" * 30,
        "the entries are nested more than 20 deep",
        ("[" * 30, "[1, 2]", WORKS),
    ),
    case(
        AREAS,
        BULLET,
        BULLET.replace("Meet", '"Meet'),
        "a quotation mark is opened here and never closed",
        ("each term", 'each term"', "Meet each term"),
    ),
)
ENTRIES = (
    case(
        AREAS,
        "id: staff-share",
        "id: Staff",
        '"Staff" cannot be an id',
        ("id: Staff", "id: staff-1", WORKS),
    ),
    case(
        AREAS,
        "id: staff-share",
        "id:",
        "there is no id here",
        ("id:\n        para", "id: staff-1\n        para", WORKS),
    ),
    case(
        AREAS,
        "id: staff-share",
        "id: “staff-share”",
        "the curly quotation marks",
        ("“staff-share”", "staff-share", WORKS),
    ),
    case(
        REVIEWS,
        '"2018-03-20"',
        "“2018-03-20”",
        "the curly quotation marks",
        ("“2018-03-20”", "2018-03-20", "We agree"),
    ),
    case(
        REVIEWS,
        '"2018-03-20"',
        "20 March 2018",
        '"20 March 2018" is not a date',
        ("20 March 2018", "2018-03-20", "We agree"),
    ),
    case(
        REVIEWS,
        'version: "2018-03"',
        "version: 2017",
        "this review belongs to version 2017",
        ("2017", SMALL, "We agree"),
    ),
    case(
        REVIEWS,
        "- bob",
        "- eve",
        'there is no person with the id "eve"',
        ("- eve", "- bob", "We agree"),
    ),
    case(
        REVIEWS,
        "- bob",
        "- ann",
        'the signatory "ann" is given a second time',
        ("      - ann\n      - ann", "      - ann", "We agree"),
    ),
    case(
        AREAS,
        BULLET,
        f"{BULLET}\n        bullet: More",
        'the key "bullet" stands here a second time',
        (f"{BULLET}\n        bullet: More", BULLET, "Meet each term"),
        ("        bullet: More", "      - bullet: More\n        id: more", "More"),
    ),
    case(
        AREAS,
        "id: staff-meet",
        "id: staff-autumn",
        'the id "staff-autumn" is given a second time',
        ("staff-autumn\n        bullet", "staff-2\n        bullet", "Meet each term"),
    ),
    case(
        AREAS,
        "links: [1, 2]",
        "links: [1, 7]",
        "there is no objective number 7",
        ("[1, 7]", "[1, 2]", WORKS),
    ),
    case(
        AREAS,
        "links: [1, 2]",
        "links: [1, 1]",
        "objective 1 is linked twice",
        ("[1, 1]", "[1]", WORKS),
    ),
    case(
        AREAS,
        "links: [1, 2]",
        "links: 1, 2",
        '"links" takes a list',
        ("1, 2", "[1, 2]", WORKS),
        ("1, 2", "[]", WORKS),
    ),
    case(
        AREAS,
        "links: [1, 2]",
        "links:",
        '"links" takes a list',
        ("links:\n    key", "links: []\n    key", WORKS),
    ),
    case(
        AREAS,
        "links: [1, 2]",
        "links: [1 2]",
        '"1 2" is not an objective\'s number',
        ("1 2", "1, 2", WORKS),
    ),
    case(
        AREAS,
        "links: [1, 2]",
        "links: [01, 2]",
        '"01" is not an objective\'s number',
        ("01", "1", WORKS),
    ),
    case(
        OBJECTIVES,
        "number: 2",
        "number: two",
        '"two" is not an objective\'s number',
        ("two", "2", "Teaching"),
    ),
    case(
        OBJECTIVES,
        "number: 2",
        "number: 3",
        "objective number 3 stands where number 2 belongs",
        ("number: 3", "number: 2", "Teaching"),
    ),
    case(
        OBJECTIVES,
        "number: 2",
        "number: 1",
        "objective number 1 stands where number 2 belongs",
        ("number: 1\n    text: Teaching", "number: 2\n    text: Teaching", "Teaching"),
    ),
    case(
        AREAS,
        "actions: []",
        "actions:",
        '"actions" takes a list',
        ("actions:\n    outcome", "actions: []\n    outcome", WORKS),
        (
            "actions:\n    outcome",
            "actions:\n      - id: b\n        bullet: Meet\n    outcome",
            "Meet",
        ),
    ),
    case(
        AREAS,
        "    actions: []\n",
        "",
        'the key "actions" is missing here',
        ("    outcome: []", "    actions: []\n    outcome: []", WORKS),
    ),
    case(
        AREAS,
        "    name: Staff\n",
        "",
        'the key "name" is missing here',
        ("    links: [1, 2]", "    name: Staff\n    links: [1, 2]", "Staff"),
    ),
    case(
        PLAN,
        "  key: Key\n",
        "",
        'the key "key" is missing here',
        ("  actions:", "  key: Key\n  actions:", "Key"),
    ),
    case(
        PLAN,
        COLUMNS,
        "",
        "this entry takes keys and values",
        ("columns:\n", f"columns:\n{COLUMNS}", "Key"),
    ),
    case(
        PLAN,
        f"\n{COLUMNS}",
        " Reference, Key\n",
        "this entry takes keys and values",
        (" Reference, Key\n", f"\n{COLUMNS}", "Key"),
    ),
    case(
        PLAN,
        COLUMNS,
        COLUMNS.replace("  ", "  - "),
        "this entry takes keys and values",
        (COLUMNS.replace("  ", "  - "), COLUMNS, "Key"),
    ),
    case(
        PLAN,
        COLUMNS,
        COLUMNS.replace("  ", ""),
        "this entry takes keys and values",
        (COLUMNS.replace("  ", ""), COLUMNS, "Key"),
    ),
    case(
        PLAN,
        f"columns:\n{COLUMNS}",
        "",
        'the key "columns" is missing in every file',
        ('"2018"\n', f'"2018"\ncolumns:\n{COLUMNS}', "Key"),
    ),
    case(
        PLAN,
        "title: A Plan\n",
        "",
        'the key "title" is missing in every file',
        ("period:", "title: A Plan\nperiod:", "A Plan"),
    ),
    case(
        PLAN,
        "title: A Plan",
        "title: A Plan\ntitle: B",
        'the key "title" stands here a second time',
        ("\ntitle: B", "", "A Plan"),
    ),
    case(
        PLAN,
        "  impact: Impact",
        "  impact: Impact\n  amendment: Of May",
        'the key "amendment" is not known here',
        ("  amendment", "amendment", "Of May"),
    ),
    case(
        PLAN,
        "title: A Plan",
        "title: A Plan\nrole: Head",
        'the key "role" is not known here',
        ("\nrole: Head", "", "A Plan"),
    ),
    case(
        PLAN,
        "title: A Plan",
        "title: A Plan\n-amendment: May",
        'the key "-amendment" is not known',
        ("-amendment", "amendment", "May"),
    ),
    case(
        PLAN,
        'version: "2018-03"',
        "version: 2018-3",
        'the version is called "2018-3" here',
        ("2018-3", SMALL, "A Plan"),
    ),
    case(
        PLAN,
        "title:",
        "supersedes: 2017\ntitle:",
        'there is no version "2017" to supersede',
        ("supersedes: 2017\n", "", "A Plan"),
    ),
    case(
        PLAN,
        "title:",
        f"supersedes: {SMALL}\ntitle:",
        f"version {SMALL} would supersede itself",
        (f"supersedes: {SMALL}\n", "", "A Plan"),
    ),
)
CASES = (*TEXTS, *UNREADABLE, *ENTRIES)


def change(folder: PlanFolder, file: str, done: Change) -> None:
    path = folder.source / SMALL / file
    text = path.read_text(encoding="utf-8")
    old, new = done
    assert old in text, f"{old!r} is not in {text}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="")


def complaint(folder: PlanFolder) -> Problem:
    """The one thing that is wrong in the folder."""
    with pytest.raises(SourceError) as caught:
        load(folder)
    assert [(one.place, one.message) for one in caught.value.problems[1:]] == []
    return caught.value.problems[0]


@pytest.mark.parametrize("case", CASES, ids=lambda case: ascii(case.mistake[1].strip())[:60])
def test_each_remedy_leads_to_the_plan_that_was_meant(case: Case, tmp_path: Path) -> None:
    assert case.ways
    for number, (way, meant) in enumerate(case.ways):
        folder = small_plan(tmp_path / str(number))
        change(folder, case.file, case.mistake)
        problem = complaint(folder)
        assert problem.message.startswith(case.message)
        change(folder, case.file, way)
        (version,) = load(folder)
        assert meant in list(version.plan.texts())


# Files and folders

Deed = Callable[[Path], object]
"""Something done in the folder of the version."""


def recode(file: str, encoding: str) -> Deed:
    """Saves a file in an encoding, whatever it was in."""

    def save(place: Path) -> None:
        (place / file).write_bytes((SMALL_FILES[file] + "# é\n").encode(encoding))

    return save


def rename(old: str, new: str) -> Deed:
    return lambda place: (place / old).rename(place / new)


def remove(file: str) -> Deed:
    return lambda place: (place / file).unlink()


def write(file: str, text: str) -> Deed:
    return lambda place: (place / file).write_bytes(text.encode())


def link(file: str, target: str) -> Deed:
    def put_aside(place: Path) -> None:
        (place / file).rename(place.parent.parent / file)
        (place / file).symlink_to(target)

    return put_aside


def bring_back(file: str) -> Deed:
    def move(place: Path) -> None:
        (place / file).unlink()
        (place.parent.parent / file).rename(place / file)

    return move


def put_folder_aside(place: Path) -> None:
    place.rename(place.parent.parent / "aside")
    place.symlink_to(place.parent.parent / "aside")


def bring_folder_back(place: Path) -> None:
    place.unlink()
    (place.parent.parent / "aside").rename(place)


FILES: tuple[tuple[Deed, str, Deed], ...] = (
    (recode(AREAS, "utf-16"), "this file is UTF-16 text", recode(AREAS, "utf-8")),
    (recode(AREAS, "utf-16-be"), "this file is UTF-16 text", recode(AREAS, "utf-8-sig")),
    (recode(AREAS, "cp1252"), "this line is not UTF-8 text", recode(AREAS, "utf-8")),
    (
        write(AREAS, SMALL_FILES[AREAS].replace("\n", "\r")),
        "the lines of this file end as on very old computers",
        write(AREAS, SMALL_FILES[AREAS].replace("\n", "\r\n")),
    ),
    (write(AREAS, ""), "this file is empty", write(AREAS, SMALL_FILES[AREAS])),
    (write("more.yaml", "\ufeff\n \n"), "this file is empty", remove("more.yaml")),
    (write(AREAS, "# gone\n"), 'the key "areas" is missing', write(AREAS, SMALL_FILES[AREAS])),
    (write("more.yaml", "#" * 5_000_001), "this file is larger", write("more.yaml", "# less")),
    (rename(REVIEWS, "reviews.yaml.txt"), "not read, since", rename("reviews.yaml.txt", REVIEWS)),
    (rename(REVIEWS, "Reviews.TXT"), "not read, since", rename("Reviews.TXT", REVIEWS)),
    (write("areas.yaml.txt", "areas: []"), "not read, since", remove("areas.yaml.txt")),
    (
        rename(AREAS, "areas.yaml.docx"),
        "not read, since",
        lambda place: (remove("areas.yaml.docx")(place), recode(AREAS, "utf-8")(place)),
    ),
    (rename(AREAS, "a\\b.yaml"), "file's name has", rename("a\\b.yaml", AREAS)),
    (rename(AREAS, 'a"b.yml'), "file's name has", rename('a"b.yml', AREAS)),
    (rename(AREAS, "a\nb.YAML"), "file's name has", rename("a\nb.YAML", AREAS)),
    (rename(AREAS, "\u202ea.yaml"), "file's name has", rename("\u202ea.yaml", AREAS)),
    (link(AREAS, f"../../{AREAS}"), "this is a link out of source/", bring_back(AREAS)),
    (link(AREAS, "nowhere"), "this is not a file", bring_back(AREAS)),
    (put_folder_aside, "this folder is a link out of source/", bring_folder_back),
    (
        lambda place: (place.parent / "more").mkdir(),
        "there is no .yaml file here",
        lambda place: (place.parent / "more").rmdir(),
    ),
    (
        lambda place: (place.parent / "my plan").mkdir(),
        '"my plan" cannot be the name of a version',
        lambda place: (place.parent / "my plan").rmdir(),
    ),
    (
        lambda place: place.rename(place.parent.parent / "aside"),
        "there is no version here",
        lambda place: (place.parent.parent / "aside").rename(place),
    ),
)


@pytest.mark.parametrize(("mistake", "message", "follow"), FILES, ids=[one[1] for one in FILES])
def test_each_remedy_for_files_leads_to_the_plan(
    mistake: Deed, message: str, follow: Deed, tmp_path: Path
) -> None:
    folder = small_plan(tmp_path)
    mistake(folder.source / SMALL)
    assert message in complaint(folder).message
    follow(folder.source / SMALL)
    (version,) = load(folder)
    assert WORKS in list(version.plan.texts())


@pytest.mark.parametrize(
    "name", ["~$areas.yaml", "._areas.yaml", ".areas.yaml.swp", "#areas.yaml#"]
)
def test_what_editors_leave_beside_their_files_is_no_source(name: str, tmp_path: Path) -> None:
    folder = small_plan(tmp_path)
    (folder.source / SMALL / name).write_bytes(b"\0\xff")
    assert load(folder)


@pytest.mark.parametrize("name", ["areas.yml", "Areas.yaml", "AREAS.YAML", "my areas (1).yaml"])
def test_a_yaml_file_may_have_any_name(name: str, tmp_path: Path) -> None:
    folder = small_plan(tmp_path)
    rename(AREAS, name)(folder.source / SMALL)
    assert WORKS in list(load(folder)[0].plan.texts())


# Missing ids


def without_ids(folder: PlanFolder) -> None:
    """Takes away every id of a block."""
    path = folder.source / SMALL / AREAS
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"- id: \w+-\w+\n +", "- ", text), encoding="utf-8")


def test_missing_ids_are_one_problem_which_plan_ids_mends(tmp_path: Path) -> None:
    folder = small_plan(tmp_path)
    without_ids(folder)
    problem = complaint(folder)
    assert problem.place == f"source/{SMALL}/areas.yaml:6:9"
    assert problem.message == "this entry and 7 more have no id"
    assert "`plan ids`" in problem.remedy
    write_ids(folder)
    assert WORKS in list(load(folder)[0].plan.texts())


def test_missing_ids_come_after_every_mistake(tmp_path: Path) -> None:
    folder = small_plan(tmp_path)
    without_ids(folder)
    change(folder, REVIEWS, ("- bob", "- eve"))
    shutil.copytree(folder.source / SMALL, folder.source / "2019")
    with pytest.raises(SourceError) as caught:
        load(folder)
    said = [one.message for one in caught.value.problems]
    assert [message for message in said[-2:] if "no id" in message] == said[-2:]
    assert not any("no id" in message for message in said[:-2])


# What follows from a mistake is not told


def test_what_lines_that_cannot_be_read_leave_open_is_no_mistake(tmp_path: Path) -> None:
    folder = small_plan(tmp_path)
    change(folder, AREAS, (KEY, "\u00a0" * 8 + KEY.strip()))
    assert complaint(folder).message == SPACE


def test_the_links_to_a_misnumbered_objective_are_no_mistakes(tmp_path: Path) -> None:
    folder = small_plan(tmp_path)
    change(folder, OBJECTIVES, ("number: 2", "number: 02"))
    assert complaint(folder).message == '"02" is not an objective\'s number'


# Settings

SERVER = "mail:\n  server: mail.school.example\n  sender: office@school.example\n"
TSA = "timestamp-authority:\n  url: https://tsa.example\n  certificate: tsa.pem\n"
SETTINGS = (
    ("organisation: North #1\n", HASH, 'organisation: "North #1"\n'),
    ("keys: output/keys\n", "the keys must not be in output/", "keys: keys\n"),
    ("keys: ..\n", "the keys need their own folder", "keys: ~/plan-keys\n"),
    ("keys: ~nobody-here/keys\n", "there is no home folder for", "keys: ~/keys\n"),
    ("order: none\n", '"none" is not an order to sign in', "order: any\n"),
    ("mail:\n", "this entry takes keys and values", "# mail:\n"),
    ("mail:\n", "this entry takes keys and values", SERVER),
    (f"{SERVER}  security: none\n", '"none" is not a way to encrypt', f"{SERVER}  security: tls\n"),
    (f"{SERVER}  port: none\n", '"none" is not a port', f"{SERVER}  port: 587\n"),
    (SERVER.replace("mail.", "smtp://mail."), "is not the name of a server", SERVER),
    (SERVER.replace("office@", "office at "), "is not a sender of letters", SERVER),
    (f"{TSA}  seconds: soon\n", '"soon" is not a number from 1 to 120', f"{TSA}  seconds: 20\n"),
    (TSA.replace("https", "ftp"), "is not a web address", TSA),
    (TSA.replace("tsa.ex", "ann@tsa.ex"), "this web address holds a user's name", TSA),
    (TSA.replace("tsa.pem", "no.pem"), 'there is no file "no.pem"', TSA),
    (
        "people:\n  ann:\n    email: ann\n",
        '"ann" is not an e-mail',
        "people: {ann: {email: a@b.c}}\n",
    ),
    (
        "people: {eve: {email: a@b.c}}\n",
        "no version of the plan names",
        "people: {ann: {email: a@b.c}}\n",
    ),
)


@pytest.mark.parametrize(("wrong", "message", "right"), SETTINGS)
def test_each_remedy_for_the_settings_leads_to_settings(
    wrong: str, message: str, right: str, tmp_path: Path
) -> None:
    folder = small_plan(tmp_path)
    (tmp_path / "tsa.pem").write_text("a certificate")
    path = folder.source / "settings.yaml"
    path.write_text(wrong, encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        load_settings(folder)
    (problem,) = caught.value.problems
    assert message in problem.message
    path.write_text(right, encoding="utf-8")
    assert load_settings(folder)


# The table is complete

NOT_FOLLOWED = {
    "Compare it with another entry.": "for a rule of the models that has no words yet; none is",
    "Change its permissions.": "root, who runs the tests on some machines, may read every file",
}
ELSEWHERE = ("schema.py", "advice.py", "ids.py", "next_version.py")
"""Rooms without remedies, and two whose tests follow what they say."""


def remedies_in_the_code() -> Iterator[str]:
    """The beginnings of all remedies in the rooms of the plan: sentences with a capital letter."""
    for room in sorted((REPO / "pipeline/signed_plan/plan").glob("*.py")):
        if room.name in ELSEWHERE:
            continue
        tree = ast.parse(room.read_text(encoding="utf-8"))
        papers = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            text = node.value if isinstance(node, ast.Constant) else None
            if isinstance(text, str) and re.match(r"[A-Z][a-z]+ ", text) and id(node) not in papers:
                yield text


@pytest.mark.slow("makes every mistake of the table once more")
def test_every_remedy_in_the_code_is_in_the_table(tmp_path: Path) -> None:
    given = []
    for number, one in enumerate(CASES):
        folder = small_plan(tmp_path / f"case-{number}")
        change(folder, one.file, one.mistake)
        given.append(complaint(folder).remedy)
    for number, (mistake, _, _) in enumerate(FILES):
        folder = small_plan(tmp_path / f"file-{number}")
        mistake(folder.source / SMALL)
        given.append(complaint(folder).remedy)
    folder = small_plan(tmp_path / "settings")
    (folder.root / "tsa.pem").write_text("a certificate")
    for wrong, _, _ in SETTINGS:
        (folder.source / "settings.yaml").write_text(wrong, encoding="utf-8")
        with pytest.raises(SourceError) as caught:
            load_settings(folder)
        given.append(caught.value.problems[0].remedy)
    without_ids(folder)
    given.append(complaint(folder).remedy)
    missing = [
        start
        for start in remedies_in_the_code()
        if start not in NOT_FOLLOWED and not any(start in remedy for remedy in given)
    ]
    assert missing == []


# The commands that change the sources


def test_the_remedies_of_new_lead_to_a_version(tmp_path: Path) -> None:
    folder = small_plan(tmp_path)
    for name in ("my plan", SMALL):
        with pytest.raises(PlanError):
            start_version(folder, name, None)
    assert start_version(folder, "2018-09", None) == SMALL


def test_the_shipped_sources_have_no_line_that_might_be_misread() -> None:
    for version in load(real_plan()):
        assert version.tree.misread == {}
