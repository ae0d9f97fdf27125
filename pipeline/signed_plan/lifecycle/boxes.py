"""What signature boxes have to show is looked at before anything is frozen: names, roles, schools.

A signature is drawn long after its version was built and issued. What its font lacks could then
only be mended in the next version; in the office's own name, never.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from signed_plan.box_layout import BoxText
from signed_plan.errors import Problem, SourceError
from signed_plan.files import read_file
from signed_plan.paths import SETTINGS_FILE, PlanFolder
from signed_plan.plan.source import Version, load
from signed_plan.plan.tree import KeyPath, Place, Tree

if TYPE_CHECKING:
    from signed_plan.signing.appearance import Look

_IN_EVERY_FONT = 0x17F
"""The last letter of Latin Extended-A. To look further, the font has to be opened."""
_LETTERS = "in letters that this font has, such as Latin, Greek or Cyrillic ones"


def find_unshowable(version: Version) -> Iterator[Problem]:
    """Every name, role and school of those who sign the version that no box could show."""
    plan = version.plan
    signing = {person for review in plan.open_reviews for person in review.signatories}
    ways: dict[KeyPath, str] = {}
    for at, person in enumerate(plan.people):
        if person.id in signing:
            school = next(n for n, one in enumerate(plan.schools) if one.id == person.school)
            ways["people", at, "name"] = person.name
            ways["people", at, "role"] = person.role
            ways["schools", school, "name"] = plan.schools[school].name
    for way, text in ways.items():
        yield from _problem(version.tree.place(way), text, f"Write it {_LETTERS}.")


def require_showable(versions: Iterable[Version]) -> None:
    """Raises SourceError with everything in the versions that no signature's box could show."""
    found = [problem for version in versions for problem in find_unshowable(version)]
    if found:
        raise SourceError(found)


def box_look(mark: str, text: BoxText, picture: bytes | None = None) -> Look:
    """How a box looks; before a name that is worth nothing stands its mark."""
    from signed_plan.signing.appearance import Look

    return Look(f"{mark} {text.name}".strip(), text.lines, picture)


def require_boxes(version: Version, organisation: str, mark: str, pdf: bytes) -> None:
    """Makes sure that every box of the version's PDF has room for what will stand in it.

    Raises SigningError with the first that has not: a signature in letters that nobody can read
    could only be mended in the next version.
    """
    from signed_plan.document.signature_boxes import LONGEST_MOMENT, box_texts
    from signed_plan.document.signoff import field_edges
    from signed_plan.signing.appearance import require_room

    edges = field_edges(pdf)
    for name, text in box_texts(version, organisation, LONGEST_MOMENT).items():
        left, bottom, right, top = edges[name]
        require_room(box_look(mark, text), right - left, top - bottom)


def office_name(folder: PlanFolder, said: str | None) -> str:
    """The name of the office: that in the settings, or those of the latest version's schools.

    Raises SourceError if the box of the office's seal could not show it.
    """
    remedy = f"Write it {_LETTERS}."
    if said is not None:
        name, tree, way = said, _settings(folder), ("organisation",)
    else:
        latest = load(folder)[-1]
        name = " and ".join(school.name for school in latest.plan.schools)
        tree, way = latest.tree, ("schools",)
        remedy = f"Write a line organisation: in source/{SETTINGS_FILE}, {_LETTERS}."
    found = list(_problem(tree.place(way), name, remedy))
    if found:
        raise SourceError(found)
    return name


def _settings(folder: PlanFolder) -> Tree:
    path = folder.source / SETTINGS_FILE
    tree = Tree()
    tree.add(folder.relative(path), read_file(path).decode("utf-8-sig"))
    return tree


def _problem(place: Place, text: str, remedy: str) -> Iterator[Problem]:
    if not any(ord(character) > _IN_EVERY_FONT for character in text):
        return
    from signed_plan.signing.appearance import FAMILY, find_lacking

    lacking = find_lacking(text)
    if lacking:
        yield place.problem(
            f'no signature\'s box can show "{lacking}": the font {FAMILY} lacks it', remedy
        )
