from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from pydantic import ValidationError
from signed_plan.errors import Problem, SourceError
from signed_plan.paths import SETTINGS_FILE, SETTINGS_SCHEMA_FILE, PlanFolder
from signed_plan.plan.schema import settings_schema
from signed_plan.plan.settings import MAX_FILE_BYTES, Settings, load_settings
from signed_plan.plan.source import load, version_names

from tests.helpers import REPO, VERSIONS
from tests.plan.helpers import SMALL, SMALL_FILES, real_plan, small_plan, write_version

FULL = """\
organisation: North and South
keys: ~/plan-keys
order: any
timestamp-authority:
  url: https://tsa.example/tsr
  certificate: source/root.pem
  seconds: 7.5
mail:
  server: mail.school.example
  port: 2525
  security: starttls
  user: office
  sender: Büro <office@school.example>
people:
  ann:
    email: ann@north.example
"""


@pytest.fixture
def folder(tmp_path: Path) -> PlanFolder:
    return small_plan(tmp_path)


def write(folder: PlanFolder, text: str) -> None:
    (folder.source / SETTINGS_FILE).write_text(text, encoding="utf-8", newline="")


def load_text(folder: PlanFolder, text: str) -> Settings:
    write(folder, text)
    return load_settings(folder)


def problems(folder: PlanFolder, text: str | None = None) -> tuple[Problem, ...]:
    """What loading complains of; it must complain."""
    if text is not None:
        write(folder, text)
    with pytest.raises(SourceError) as caught:
        load_settings(folder)
    return caught.value.problems


def only(folder: PlanFolder, text: str | None = None) -> tuple[str, str, str]:
    """Place, message and remedy of the one thing that loading complains of."""
    (found,) = problems(folder, text)
    return found.place, found.message, found.remedy


# What is read


def test_without_a_file_everything_is_at_its_default(folder: PlanFolder) -> None:
    settings = load_settings(folder)

    assert settings == Settings()
    assert (settings.organisation, settings.keys, settings.order) == (None, "keys", "in-order")
    assert (settings.timestamp_authority, settings.mail, settings.people) == (None, None, {})


@pytest.mark.parametrize("text", ["", "\n", "# only a comment\n", "\ufeff"])
def test_an_empty_file_is_all_defaults(folder: PlanFolder, text: str) -> None:
    assert load_text(folder, text) == Settings()


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_every_setting_is_read(folder: PlanFolder, line_end: str) -> None:
    (folder.source / "root.pem").write_text("a certificate")
    settings = load_text(folder, FULL.replace("\n", line_end))

    assert settings.organisation == "North and South"
    assert settings.order == "any"
    authority, mail = settings.timestamp_authority, settings.mail
    assert authority is not None
    assert mail is not None
    assert (authority.url, authority.seconds) == ("https://tsa.example/tsr", 7.5)
    assert authority.certificate_file(folder) == folder.source / "root.pem"
    assert (mail.server, mail.port, mail.security) == ("mail.school.example", 2525, "starttls")
    assert (mail.user, mail.sender) == ("office", "Büro <office@school.example>")
    assert settings.email("ann") == "ann@north.example"
    assert settings.email("bob") is None


def test_an_authority_has_twenty_seconds_to_answer_by_default(
    folder: PlanFolder,
) -> None:
    (folder.source / "root.pem").write_text("a certificate")
    authority = load_text(folder, FULL.replace("  seconds: 7.5\n", "")).timestamp_authority

    assert authority is not None
    assert authority.seconds == 20


@pytest.mark.parametrize(
    ("security", "port"), [("", 587), ("  security: starttls\n", 587), ("  security: tls\n", 465)]
)
def test_a_port_that_is_not_given_is_the_usual_one(
    folder: PlanFolder, security: str, port: int
) -> None:
    mail = load_text(folder, f"mail:\n  server: a.example\n  sender: o@a.example\n{security}").mail

    assert mail is not None
    assert mail.port == port


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings().keys = "other"  # type: ignore[misc]


def test_settings_are_no_version_and_no_part_of_one(folder: PlanFolder) -> None:
    (before,) = load(folder)
    write(folder, "organisation: [not, right\n")

    assert version_names(folder) == [SMALL]
    assert load(folder)[0].fingerprint == before.fingerprint


# The folder of the keys


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("keys", "{root}/keys"),
        ("office/keys", "{root}/office/keys"),
        ("../keys", "{root}/../keys"),
        ("~/plan-keys", "{home}/plan-keys"),
        ("/srv/keys", "/srv/keys"),
    ],
)
def test_keys_lie_relative_to_the_plan_folder_or_to_one_s_home(
    folder: PlanFolder, monkeypatch: pytest.MonkeyPatch, written: str, found: str
) -> None:
    monkeypatch.setenv("HOME", "/home/clerk")
    settings = load_text(folder, f"keys: {written}\n")

    assert settings.keys_folder(folder) == Path(found.format(root=folder.root, home="/home/clerk"))


@pytest.mark.parametrize("inside", ["source", "templates", "output"])
@pytest.mark.parametrize(
    "way", ["{}", "{}/keys", "./{}/keys", "keys/../{}/keys", "{root}/{}/keys", "{upper}/keys"]
)
def test_keys_must_not_be_in_what_is_handed_out(folder: PlanFolder, inside: str, way: str) -> None:
    written = way.format(inside, root=folder.root, upper=inside.capitalize())

    assert only(folder, f"order: any\nkeys: {written}\n") == (
        "source/settings.yaml:2:7",
        f"the keys must not be in {inside}/, which is handed out",
        "Name a folder only for them, such as keys or ~/plan-keys.",
    )


def test_keys_must_not_be_in_what_is_handed_out_by_way_of_a_link(folder: PlanFolder) -> None:
    (folder.root / "output").mkdir()
    (folder.root / "keys").symlink_to(folder.root / "output")

    assert "output/" in only(folder, "keys: keys\n")[1]


@pytest.mark.parametrize("written", [".", "..", "/", "~"])
def test_keys_need_a_folder_of_their_own(
    folder: PlanFolder, monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    monkeypatch.setenv("HOME", str(folder.root.parent))

    assert "their own folder" in only(folder, f"keys: {written}\n")[1]


def test_a_folder_whose_name_only_begins_like_output_may_hold_keys(folder: PlanFolder) -> None:
    assert load_text(folder, "keys: output-keys\n").keys == "output-keys"


def test_a_home_that_is_not_there_is_refused(folder: PlanFolder) -> None:
    place, message, _ = only(folder, "keys: ~nobody-of-that-name/keys\n")

    assert place == "source/settings.yaml:1:7"
    assert message == 'there is no home folder for "~nobody-of-that-name/keys"'


# What is refused, each at its place


@pytest.mark.parametrize(
    ("old", "new", "place", "message"),
    [
        ("order: any", "ordre: any", "3:1", 'the key "ordre" is not known here'),
        ("  port: 2525", "  prot: 25", "10:3", 'the key "prot" is not known here'),
        ("order: any", "order: some", "3:8", '"some" is not an order to sign in'),
        ("order: any", "order: [any]", "3:8", '"order" takes one text, not a list or further keys'),
        ("order: any", "order:", "3:7", '"" is not an order to sign in'),
        ("North and South", "''", "1:15", "there is no text here"),
        ("North and South", "North #1", "1:21", "what follows # would be left out"),
        ("https://tsa", "ftp://tsa", "5:8", '"ftp://tsa.example/tsr" is not a web address (http'),
        ("7.5", "0.5", "7:12", '"0.5" is not a number from 1 to 120'),
        ("7.5", "121", "7:12", '"121" is not a number from 1 to 120'),
        ("7.5", "nan", "7:12", '"nan" is not a number from 1 to 120'),
        ("7.5", "soon", "7:12", '"soon" is not a number from 1 to 120'),
        ("source/root.pem", "source/no.pem", "6:16", 'there is no file "source/no.pem"'),
        ("source/root.pem", "source", "6:16", 'there is no file "source"'),
        ("source/root.pem", "r" * 300, "6:16", 'there is no file "rrrr'),
        ("mail.school", "smtp://mail.school", "9:11", "is not the name of a server"),
        ("2525", "65536", "10:9", '"65536" is not a port'),
        ("2525", "0", "10:9", '"0" is not a port'),
        ("2525", "{a: b}", "10:9", '"port" takes one text, not a list or further keys'),
        ("starttls", "none", "11:13", '"none" is not a way to encrypt letters'),
        ("  sender: B", "  #", "8:1", 'the key "sender" is missing here'),
        ("<office@", "<office", "13:11", "is not a sender of letters"),
        ("ann@north.example", "ann.north", "16:12", '"ann.north" is not an e-mail address'),
        ("ann:", "anne:", "15:3", 'no version of the plan names a person with the id "anne"'),
        ("email: ann", "phone: ann", "16:5", 'the key "phone" is not known here'),
    ],
)
def test_a_mistake_is_shown_at_its_place_with_a_remedy(
    folder: PlanFolder, old: str, new: str, place: str, message: str
) -> None:
    (folder.source / "root.pem").write_text("a certificate")
    assert FULL.count(old) == 1

    found = problems(folder, FULL.replace(old, new))

    line = next(one for one in found if message in one.message)
    assert line.file == "source/settings.yaml"
    if "missing" not in message:
        assert line.place == f"source/settings.yaml:{place}"
        assert line.text == FULL.replace(old, new).splitlines()[line.line - 1]
    assert line.remedy.endswith((".", ">"))
    assert len(found) == (2 if "phone" in message else 1)


def test_all_mistakes_are_shown_at_once_in_the_order_of_the_file(folder: PlanFolder) -> None:
    lines = (
        "ordre: any\nkeys: output\npeople:\n  eve:\n    email: eve\nmail:\n  port: x\n  server: .\n"
    )
    found = problems(folder, lines)

    assert [one.place.removeprefix("source/settings.yaml:") for one in found] == [
        *("1:1", "2:7", "4:3", "5:12", "7:9", "7:3", "8:11"),
    ]


@pytest.mark.parametrize("break_", ["\\n", "\\r\\n", "\\r", "\\u2028", "\\0"])
@pytest.mark.parametrize(
    "line",
    [
        'people: {{ann: {{email: "ann@north.example{}Bcc: eve@evil.example"}}}}',
        'mail: {{server: a.example, sender: "Office{}Bcc: e@v.example <o@a.example>"}}',
        'mail: {{server: a.example, sender: "Office <o@a.example{}Bcc: e@v.example>"}}',
        'mail: {{server: "a.example{}QUIT", sender: o@a.example}}',
        'mail: {{server: a.example, user: "me{}you", sender: o@a.example}}',
        'organisation: "North{}South"',
    ],
)
def test_no_line_break_gets_into_a_header(folder: PlanFolder, line: str, break_: str) -> None:
    (found,) = problems(folder, line.format(break_) + "\n")

    assert found.message.isprintable()


@pytest.mark.parametrize("key", ["mail", "people", "timestamp-authority"])
@pytest.mark.parametrize("value", ["", " words", " [a, list]"])
def test_a_key_without_keys_below_it_has_its_own_remedy(
    folder: PlanFolder, key: str, value: str
) -> None:
    place, message, remedy = only(folder, f"{key}:{value}\n")

    assert place.startswith("source/settings.yaml:1:")
    assert message == "this entry takes keys and values, not a bare text"
    assert remedy == "Write its keys below it, indented; or put # before this line too."


def test_a_key_that_stands_twice_is_refused(folder: PlanFolder) -> None:
    place, message, _ = only(folder, "order: any\nkeys: a\norder: in-order\n")

    assert place == "source/settings.yaml:3:1"
    assert "stands here a second time" in message


def test_what_is_no_yaml_is_refused_at_its_place(folder: PlanFolder) -> None:
    place, message, _ = only(folder, "order: any\norganisation: a: b\n")

    assert place == "source/settings.yaml:2:16"
    assert "a colon and a space" in message


def test_a_file_that_is_not_utf8_is_refused(folder: PlanFolder) -> None:
    (folder.source / SETTINGS_FILE).write_bytes("order: any\n# Büro\n".encode("latin-1"))

    assert only(folder)[:2] == ("source/settings.yaml:2:4", "this line is not UTF-8 text")


@pytest.mark.parametrize(("more", "refused"), [(0, False), (1, True)])
def test_a_file_that_is_too_large_is_refused(folder: PlanFolder, more: int, refused: bool) -> None:
    text = "#" * (MAX_FILE_BYTES + more)
    if refused:
        assert only(folder, text)[1:] == (
            "this file is larger than 1 MB",
            "Put only the settings in it.",
        )
    else:
        assert load_text(folder, text) == Settings()


def test_a_link_out_of_the_sources_is_refused(folder: PlanFolder) -> None:
    outside = folder.root / "settings.yaml"
    outside.write_text("order: any\n")
    (folder.source / SETTINGS_FILE).symlink_to(outside)

    assert only(folder)[1] == "this is a link out of source/"


def test_a_link_that_leads_nowhere_is_not_taken_for_no_settings(folder: PlanFolder) -> None:
    (folder.source / SETTINGS_FILE).symlink_to(folder.source / "nowhere.yaml")

    assert only(folder)[1] == "this is not a file"


def test_a_folder_in_the_place_of_the_file_is_refused(folder: PlanFolder) -> None:
    (folder.source / SETTINGS_FILE).mkdir()

    assert only(folder)[1] == "this is not a file"


# People


def test_a_person_of_an_older_version_keeps_an_address(folder: PlanFolder) -> None:
    newer = {
        name: text.replace("ann", "eve").replace(f'"{SMALL}"', '"2018-09"')
        for name, text in SMALL_FILES.items()
    }
    write_version(folder, "2018-09", newer)
    text = "people:\n  ann: {email: ann@a.example}\n  eve: {email: eve@a.example}\n"

    assert load_text(folder, text).email("eve") == "eve@a.example"
    place, _, remedy = only(folder, text + "  joe: {email: joe@a.example}\n")
    assert place == "source/settings.yaml:4:3"
    assert remedy == "The ids are: ann, bob, eve."


def test_nobody_is_called_a_stranger_while_a_version_cannot_be_read(folder: PlanFolder) -> None:
    write_version(folder, "2018-09", {"people.yaml": "people: [\n"})

    assert load_text(folder, "people:\n  joe: {email: joe@a.example}\n").email("joe")


# The JSON Schema, and the settings of this repository


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return settings_schema()


def accepts(schema: dict[str, Any], text: str) -> bool:
    return bool(jsonschema.Draft202012Validator(schema).is_valid(yaml.safe_load(text)))


def test_the_schema_is_valid_in_the_draft_it_names(schema: dict[str, Any]) -> None:
    assert schema["$schema"] == jsonschema.Draft202012Validator.META_SCHEMA["$id"]
    jsonschema.Draft202012Validator.check_schema(schema)


def test_the_schema_accepts_every_setting_as_an_editor_reads_it(schema: dict[str, Any]) -> None:
    assert accepts(schema, FULL)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("order: any", "order: some"),
        ("order: any", "ordre: any"),
        ("2525", "65536"),
        ("7.5", "0"),
        ("https:", "ftp:"),
        ("starttls", "none"),
        ("    email: ann@north.example", "    {}"),
    ],
)
def test_the_schema_refuses_what_loading_refuses(
    schema: dict[str, Any], old: str, new: str
) -> None:
    assert FULL.count(old) == 1
    assert not accepts(schema, FULL.replace(old, new))


def test_the_schema_tells_what_each_setting_is_for(schema: dict[str, Any]) -> None:
    for record in (schema, *schema["$defs"].values()):
        for key, about in record["properties"].items():
            assert about.get("description"), key
            assert "_" not in key


def test_the_real_settings_name_the_schema_and_have_no_mistake() -> None:
    text = (REPO / "source" / SETTINGS_FILE).read_text(encoding="utf-8")

    assert text.splitlines()[0] == f"# yaml-language-server: $schema={SETTINGS_SCHEMA_FILE}"
    assert load_settings(real_plan()).organisation
    assert version_names(real_plan()) == list(VERSIONS)


def test_every_setting_shown_in_the_real_file_works_once_its_hash_is_taken_away(
    tmp_path: Path, schema: dict[str, Any]
) -> None:
    shutil.copytree(REPO / "source", tmp_path / "source")
    folder = PlanFolder(tmp_path)
    (folder.source / "timestamp-root.pem").write_text("a certificate")
    text = (folder.source / SETTINGS_FILE).read_text(encoding="utf-8")
    switched_on = re.sub(r"^# (?!yaml-)(?= *[a-z-]+:(?: |$))", "", text, flags=re.MULTILINE)

    settings = load_text(folder, switched_on)

    assert accepts(schema, switched_on)
    assert set(schema["properties"]) == set(yaml.safe_load(switched_on))
    assert set(schema["$defs"]["Mail"]["properties"]) == set(yaml.safe_load(switched_on)["mail"])
    assert settings.email("carole-clemens")
