"""LibreOffice's settings: whole, and nobody else's."""

from __future__ import annotations

from pathlib import Path

from lxml import etree
from signed_plan.libreoffice.profile import lay_out_profile


def _macro(profile: Path) -> str:
    module = etree.parse(profile / "user/basic/Standard/Numbered.xba").getroot()
    return str(module.text)


def test_every_file_of_a_profile_is_well_formed(tmp_path: Path) -> None:
    lay_out_profile(tmp_path)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 4
    for path in files:
        etree.parse(path)


def test_the_macro_arrives_as_it_is_written(tmp_path: Path) -> None:
    lay_out_profile(tmp_path)
    source = Path(__file__).parents[2] / "pipeline/signed_plan/libreoffice/numbered.bas"
    assert _macro(tmp_path) == source.read_text("utf-8")
    lay_out_profile(tmp_path, 'Sub Main\n  a = "<&>"\nEnd Sub')
    assert _macro(tmp_path) == 'Sub Main\n  a = "<&>"\nEnd Sub'
