"""The fonts that a document needs: found on this machine, or named before anything is converted.

LibreOffice replaces a missing font by another one without a message, and the pages change.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import unicodedata
import zipfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from signed_plan.digest import Digest
from signed_plan.errors import MissingError, TemplateError
from signed_plan.wording import shorten

# Fonts with the same metrics: every line breaks where it would with the first.
STAND_INS = {
    "Calibri": "Carlito",
    "Cambria": "Caladea",
    "Arial": "Liberation Sans",
    "Times New Roman": "Liberation Serif",
    "Courier New": "Liberation Mono",
}
PACKAGES = {"Carlito": "fonts-crosextra-carlito", "Caladea": "fonts-crosextra-caladea"}
_MOST_FAMILIES = 100
_STYLES = ("regular", "bold", "italic", "bold:italic")


def families(template: Path) -> set[str]:
    """The font families that a Word file names, its theme's included where it uses them.

    Raises TemplateError where there are too many to look for.
    """
    with zipfile.ZipFile(template) as parts:
        xml = {
            name: parts.read(name).decode("utf-8", errors="replace")
            for name in parts.namelist()
            if name.startswith("word/") and name.endswith(".xml")
        }
    used = "".join(
        text for name, text in xml.items() if re.search(r"document|styles|numb|er\d", name)
    )
    found = set(re.findall(r'<w:rFonts[^>]*?\bw:(?:ascii|hAnsi|cs)="([^"]+)"', used))
    if re.search(r"w:(?:ascii|hAnsi)Theme=", used):
        theme = xml.get("word/theme/theme1.xml", "")
        found.update(re.findall(r'<a:latin typeface="([^"+]+)"', theme))
    if len(found) > _MOST_FAMILIES:
        raise TemplateError(
            f"{template.name} names more than {_MOST_FAMILIES} fonts.",
            "Start again from the shipped template.",
        )
    return found


def find_fonts(wanted: Iterable[str]) -> dict[str, Digest]:
    """The font files of the families, by file name.

    Raises MissingError where fontconfig would put some other family in a family's place.
    """
    files: dict[str, Digest] = {}
    for family in sorted(wanted):
        for style in _STYLES:
            found, _, file = _ask(
                "fc-match", "-f", "%{family[0]}\t%{file}", f"{family}:{style}"
            ).partition("\t")
            if found.casefold() not in (family.casefold(), STAND_INS.get(family, "").casefold()):
                wanted_font = STAND_INS.get(family, family)
                package = PACKAGES.get(wanted_font)
                ask_fontconfig.cache_clear()  # for after it was installed
                install = f"Install {package}" if package else f"Install {wanted_font}"
                raise MissingError(
                    f"The font {family} is not installed; {found} would silently stand in for it.",
                    f"{install}, or choose another font in the template.",
                )
            files[Path(file).name] = _digest(Path(file))
    return files


def require_coverage(texts: Iterable[str]) -> None:
    """Makes sure that some installed font has every character.

    Raises MissingError with the first that none has, and the text it stands in: it would print
    as an empty box, and the PDF would be no PDF/A (ISO 19005-3, 6.2.11.8).
    """
    unusual = {character: text for text in texts for character in text if ord(character) > 0x17F}
    if not unusual:
        return
    covered = _installed_characters()
    for character, text in sorted(unusual.items()):
        if not any(first <= ord(character) <= last for first, last in covered):
            ask_fontconfig.cache_clear()
            name = unicodedata.name(character, "unnamed")
            raise MissingError(
                f'No installed font can show "{character}" (U+{ord(character):04X} {name}), '
                f'which stands in "{shorten(text)}".',
                "Write it another way, or install a font that has it.",
            )


def _installed_characters() -> list[tuple[int, int]]:
    return _ranges(_ask("fc-list", "--format", "%{charset}\n", ":scalable=true"))


@cache
def _ranges(listing: str) -> list[tuple[int, int]]:
    ranges: set[tuple[int, int]] = set()
    for listed in set(listing.splitlines()):
        for part in listed.split():
            first, _, last = part.partition("-")
            ranges.add((int(first, 16), int(last or first, 16)))
    return sorted(ranges)


def _ask(program: str, *arguments: str) -> str:
    if shutil.which(program) is None:
        raise MissingError(
            f"The program {program} is not installed, so that fonts cannot be found.",
            "Run `make setup`, which installs it, or install fontconfig yourself.",
        )
    return ask_fontconfig(program, *arguments)


@cache
def ask_fontconfig(program: str, *arguments: str) -> str:
    """What fontconfig answers. It is asked once: a warm converter, too, knows only the fonts that
    were there when it started.
    """
    done = subprocess.run(
        [program, *arguments], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout


@cache
def _digest(file: Path) -> Digest:
    return Digest.of_file(file)
