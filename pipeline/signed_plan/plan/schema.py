"""The JSON Schemas in `source/`, by which editors complete and check what a clerk types."""

from __future__ import annotations

import json

from signed_plan.files import write_atomically
from signed_plan.paths import SCHEMA_FILE, SETTINGS_SCHEMA_FILE, PlanFolder
from signed_plan.plan.model import json_schema
from signed_plan.plan.settings import settings_schema


def write_schemas(folder: PlanFolder) -> None:
    """Writes the schemas of the sources and of the settings; leaves alone what is up to date."""
    for name, schema in ((SCHEMA_FILE, json_schema()), (SETTINGS_SCHEMA_FILE, settings_schema())):
        path = folder.source / name
        text = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            write_atomically(path, text.encode("utf-8"))
