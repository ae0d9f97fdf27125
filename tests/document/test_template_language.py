"""A template's tags print, repeat and choose. Nothing that they say makes much of a plan."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import docx
import pytest
from jinja2 import TemplateError as JinjaError
from signed_plan.document import template_language
from signed_plan.document.context import Trail
from signed_plan.document.receipt import render_receipt
from signed_plan.document.render import render_plan, render_signoff
from signed_plan.document.template_language import TAG, Budget, TemplateLanguage, TooMuchError
from signed_plan.errors import ExitCode, TemplateError

from tests.document.helpers import (
    PLAN_TEMPLATE,
    RECEIPT_TEMPLATE,
    SIGNOFF_TEMPLATE,
    a_plan,
    a_receipt,
)

VALUES: dict[str, Any] = {
    "title": "A Plan",
    "areas": [{"name": "Staff", "links": [1, 2]}, {"name": "Pupils", "links": []}],
}


def fill(source: str, **values: Any) -> str:
    values = VALUES | values
    language = TemplateLanguage(Trail(), str, Budget(values))
    try:
        return language.from_string(source).render(values)
    except Exception as error:
        error.add_note(language.failed_tag(error))
        raise


@pytest.mark.parametrize(
    ("source", "made"),
    [
        ("{{ title|upper }} {{ title|length }}", "A PLAN 6"),
        ("{% for a in areas %}{{ loop.index }}/{{ loop.length }} {% endfor %}", "1/2 2/2 "),
        ("{% for area in areas if area.links %}{{ area.name }}{% endfor %}", "Staff"),
        ("{% for area in areas %}{{ area.name }}{{ ', ' if not loop.last }}{% endfor %}",
         "Staff, Pupils"),
        ("{% if areas[0].name in ['Staff', 'Head'] and title is defined %}yes{% endif %}", "yes"),
        ("{{ areas[0].links|join(' and ') }}", "1 and 2"),
        ("{{ title ~ ' ' ~ (1 + 2) }}{# a note #}", "A Plan 3"),
        ("{% for area in areas %}{% else %}none{% endfor %}", ""),
        ("{% for one in areas[1].links %}{% else %}none{% endfor %}", "none"),
    ],
)  # fmt: skip
def test_a_tag_can_print_repeat_and_choose(source: str, made: str) -> None:
    assert fill(source) == made


@pytest.mark.parametrize(
    "tag",
    [
        "{{ 'x' * 10**9 }}",
        "{{ 2**10**8 }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ 1 // 2 }}",
        "{{ title.ljust(1000000000) }}",
        "{{ '{:>1000000000}'.format(1) }}",
        "{{ lipsum(n=1000000) }}",
        "{{ cycler(1, 2).next() }}",
        "{{ title[:3] }}",
        "{{ {'a': 1} }}",
        "{{ -title }}",
        "{% for i in range(100000) %}",
        "{% set x = 'x' %}",
        "{% set x %}",
        "{% with x = 'x' %}",
        "{% macro m(n) %}",
        "{% call m() %}",
        "{% filter upper %}",
        "{% block b %}",
        "{% autoescape false %}",
        "{% include '/etc/passwd' %}",
        "{% import 'x' as y %}",
        "{% extends 'x' %}",
    ],
)
def test_what_else_a_tag_can_say_in_jinja_is_refused_before_it_is_done(tag: str) -> None:
    word = tag.removeprefix("{% ").split()[0]
    ends = {name: f"x{{% end{name} %}}" for name in "set with macro call filter block for".split()}
    ends |= {"autoescape": "x{% endautoescape %}"}
    end = ends.get(word, "") if tag != "{% set x = 'x' %}" else ""
    with pytest.raises(JinjaError, match="and nothing else") as raised:
        fill("{% if not title %}" + tag + end + "{% endif %}")
    assert raised.value.__notes__ == [tag]


@pytest.mark.parametrize(
    "name", ["attr", "center", "format", "indent", "list", "map", "replace", "safe", "wordwrap"]
)
def test_only_a_few_filters_are_known(name: str) -> None:
    with pytest.raises(JinjaError, match=f"No filter named '{name}'"):
        fill(f"{{{{ title|{name} }}}}")


def test_only_a_list_can_be_joined() -> None:
    with pytest.raises(TypeError, match="only a list"):
        fill("{{ areas[0].links|join('xxxxxxxx')|join('xxxxxxxx') }}")


@pytest.mark.parametrize("inside", ["", "x"], ids=["nothing is printed", "something is printed"])
def test_loops_in_loops_end(inside: str) -> None:
    deep = "{% for a in areas %}" * 18 + inside + "{% endfor %}" * 18
    with pytest.raises(TooMuchError, match=r"loops go round more than 1,220 times") as raised:
        fill(deep)
    assert raised.value.__notes__ == ["{% for a in areas %}"]


def test_what_is_printed_is_bounded_by_what_there_is_to_print() -> None:
    much = "{% for a in areas %}" * 9 + "{{ title }}" + "x" * 100_000 + "{% endfor %}" * 9
    with pytest.raises(TooMuchError, match=r"makes more than 1,0\d\d,\d\d\d characters") as raised:
        fill(much)
    assert raised.value.__notes__ == ["{{ title }}"]


def test_a_plan_of_any_length_may_be_printed() -> None:
    areas = [{"name": "x" * 500, "links": []} for _ in range(500)]
    source = "{% for a in areas %}" + "x" * 2_000 + "{{ a.name }}{% endfor %}"
    assert len(fill(source * 2, areas=areas)) == 2 * 500 * 2_500


@pytest.mark.parametrize("loop", ["{% for a in areas %}{% endfor %}", "x{{ title }}"])
def test_the_time_of_the_processor_is_bounded(loop: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(template_language, "_SECONDS", -1)
    with pytest.raises(TooMuchError, match="takes longer than"):
        fill(loop)


def test_the_parts_of_a_template_have_one_budget() -> None:
    language = TemplateLanguage(Trail(), str, Budget(VALUES))
    half = language.from_string("{% for a in areas %}" * 9 + "{% endfor %}" * 9)
    half.render(VALUES)
    with pytest.raises(TooMuchError):
        half.render(VALUES)


@pytest.mark.parametrize("template", [PLAN_TEMPLATE, SIGNOFF_TEMPLATE, RECEIPT_TEMPLATE])
def test_every_template_is_bounded_and_refused_by_name_and_tag(
    template: Path, tmp_path: Path
) -> None:
    tag = "{%p for letter in title %}"
    document = docx.Document(str(template))
    first = document.paragraphs[0]
    for text in [*[tag] * 15, "x", *["{%p endfor %}"] * 15]:
        first.insert_paragraph_before(text)
    document.save(str(tmp_path / template.name))
    with pytest.raises(TemplateError, match="loops go round more than") as raised:
        if template == RECEIPT_TEMPLATE:
            render_receipt(a_receipt(), tmp_path / template.name)
        else:
            render = render_plan if template == PLAN_TEMPLATE else render_signoff
            render(a_plan(tmp_path), tmp_path / template.name)
    assert raised.value.exit_code == ExitCode.TEMPLATE
    assert raised.value.message.startswith(f"{template.name}, tag {tag}: ")


@pytest.mark.parametrize("text", ["{{p " * 100_000, "{" * 200_000 + " ", "{% x " * 100_000 + "}}"])
def test_a_tag_without_an_end_is_looked_for_once(text: str) -> None:
    assert TAG.findall(f"{text}{{{{ title }}}}") == ["{{ title }}"]
