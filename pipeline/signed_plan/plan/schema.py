"""The JSON Schemas in `source/`, by which editors complete and check what a clerk types."""

from __future__ import annotations

import ast
import inspect
import json
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from signed_plan.files import read_if_there, write_atomically
from signed_plan.paths import SCHEMA_FILE, SETTINGS_SCHEMA_FILE, PlanFolder
from signed_plan.plan.model import Plan
from signed_plan.plan.settings import Settings

_DRAFT = "https://json-schema.org/draft/2020-12/schema"


def write_schemas(folder: PlanFolder) -> None:
    """Writes the schemas of the sources and of the settings; leaves alone what is up to date."""
    for name, schema in ((SCHEMA_FILE, json_schema()), (SETTINGS_SCHEMA_FILE, settings_schema())):
        path = folder.source / name
        text = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        if read_if_there(path) != text.encode("utf-8"):
            write_atomically(path, text.encode("utf-8"))


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) that editors check a source file with.

    A version has several files, so no key is required in each of them.
    """
    schema = _schema_of(Plan)
    del schema["required"]
    return {
        "$schema": _DRAFT,
        **schema,
        "title": "A file of an action plan's sources",
        "description": "The keys of a version may be spread over any number of files.",
    }


def settings_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) that editors check the settings with."""
    return {
        "$schema": _DRAFT,
        **_schema_of(Settings),
        "title": "The settings of a plan folder",
        "description": "Everything may be left out.",
    }


def _schema_of(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema(by_alias=True, schema_generator=_WithDocstrings)


class _WithDocstrings(GenerateJsonSchema):
    """Describes each key by the docstring below its field; an editor shows it where one types.

    Pydantic would read the docstrings from the source each time a command starts.
    """

    def model_schema(self, schema: Any) -> dict[str, Any]:
        described = super().model_schema(schema)
        model: type[BaseModel] = schema["cls"]
        for name, text in _docstrings(model):
            key = model.model_fields[name].alias or name
            described["properties"][key]["description"] = text
        return described


def _docstrings(model: type[BaseModel]) -> Iterator[tuple[str, str]]:
    """Each field of the class that has a docstring, and that docstring."""
    body = ast.parse(inspect.getsource(model)).body[0]
    assert isinstance(body, ast.ClassDef), "a model is a class"
    for field, below in zip(body.body, body.body[1:], strict=False):
        match field, below:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                yield name, inspect.cleandoc(text)
