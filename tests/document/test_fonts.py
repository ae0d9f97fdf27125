from __future__ import annotations

import zipfile
from pathlib import Path

import docx
import pytest
from docx.oxml.ns import qn
from signed_plan.digest import Digest
from signed_plan.document.fonts import ask_fontconfig, families, find_fonts, require_coverage
from signed_plan.errors import ExitCode, MissingError

from tests.document.helpers import PLAN_TEMPLATE, SIGNOFF_TEMPLATE, real_versions, run


@pytest.mark.parametrize("template", [PLAN_TEMPLATE, SIGNOFF_TEMPLATE], ids=lambda one: one.name)
def test_the_shipped_templates_use_calibri_alone(template: Path) -> None:
    assert families(template) == {"Calibri"}


def test_calibri_is_satisfied_by_carlito_in_four_styles() -> None:
    found = find_fonts({"Calibri"})
    assert sorted(found) == [
        "Carlito-Bold.ttf",
        "Carlito-BoldItalic.ttf",
        "Carlito-Italic.ttf",
        "Carlito-Regular.ttf",
    ]
    for name, digest in found.items():
        (path,) = {
            line
            for line in run("fc-list", "--format", "%{file}\n").splitlines()
            if line.endswith(f"/{name}")
        }
        assert digest == Digest.of_file(Path(path))


def test_no_families_need_no_fonts() -> None:
    assert find_fonts([]) == {}


def test_a_font_that_is_not_installed_is_refused_by_name() -> None:
    with pytest.raises(MissingError, match="The font Comic Helvetica is not installed") as raised:
        find_fonts({"Calibri", "Comic Helvetica"})
    assert raised.value.exit_code == ExitCode.MISSING
    assert "Install Comic Helvetica" in raised.value.remedy


def test_the_package_of_a_stand_in_is_named_where_it_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "fonts.conf").write_text(
        '<?xml version="1.0"?><fontconfig><dir>/usr/share/fonts/truetype/dejavu</dir>'
        f"<cachedir>{tmp_path}</cachedir></fontconfig>"
    )
    monkeypatch.setenv("FONTCONFIG_FILE", str(tmp_path / "fonts.conf"))
    ask_fontconfig.cache_clear()
    with pytest.raises(MissingError, match="The font Calibri is not installed") as raised:
        find_fonts({"Calibri"})
    assert "fonts-crosextra-carlito" in raised.value.remedy


def test_a_font_set_on_a_single_word_is_found(tmp_path: Path) -> None:
    document = docx.Document(str(PLAN_TEMPLATE))
    document.paragraphs[0].runs[0].font.name = "Papyrus"
    document.sections[0].footer.paragraphs[0].runs[0].font.name = "Impact"
    document.save(str(tmp_path / "plan.docx"))
    assert families(tmp_path / "plan.docx") == {"Calibri", "Papyrus", "Impact"}


def test_a_font_of_the_theme_is_found_where_a_style_uses_it(tmp_path: Path) -> None:
    document = docx.Document(str(PLAN_TEMPLATE))
    fonts = document.styles["Heading 1"].element.get_or_add_rPr().get_or_add_rFonts()
    for name in list(fonts.attrib):
        del fonts.attrib[name]
    fonts.set(qn("w:asciiTheme"), "majorHAnsi")
    document.save(str(tmp_path / "themed.docx"))
    with (
        zipfile.ZipFile(tmp_path / "themed.docx") as source,
        zipfile.ZipFile(tmp_path / "plan.docx", "w") as target,
    ):
        for name in source.namelist():
            data = source.read(name)
            if name == "word/theme/theme1.xml":
                assert b'<a:latin typeface="Calibri"' in data
                data = data.replace(b'typeface="Calibri"', b'typeface="Optima"')
            target.writestr(name, data)
    assert families(tmp_path / "plan.docx") == {"Calibri", "Optima"}


def test_every_character_of_the_real_plans_has_a_font() -> None:
    for version in real_versions():
        require_coverage(version.plan.texts())


@pytest.mark.parametrize(
    ("character", "name"),
    [
        ("\U0001f9a9", "U+1F9A9 FLAMINGO"),
        ("\U0001f9ab", "U+1F9AB BEAVER"),
        ("\U0001f9ad", "U+1F9AD SEAL"),
    ],
)
def test_a_character_that_no_font_has_is_refused_with_its_name_and_text(
    character: str, name: str
) -> None:
    with pytest.raises(MissingError) as raised:
        require_coverage(["A fine text", f"Look at the {character} there"])
    assert f'"{character}" ({name})' in raised.value.message
    assert f'"Look at the {character} there"' in raised.value.message
    assert raised.value.exit_code == ExitCode.MISSING


def test_a_long_text_is_shortened_in_the_message() -> None:
    with pytest.raises(MissingError) as raised:
        require_coverage([f"\U0001f9ab{'long ' * 100}"])
    assert len(raised.value.message) < 200


@pytest.mark.parametrize("text", ["żółw", "Ψυχή", "план", "שלום", "“–…”", "€ ½ ∑ ✓", "q\u0303"])
def test_characters_that_a_font_has_pass(text: str) -> None:
    require_coverage([text])


def test_a_missing_fontconfig_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingError, match="fc-match is not installed") as raised:
        find_fonts({"Calibri"})
    assert raised.value.exit_code == ExitCode.MISSING
