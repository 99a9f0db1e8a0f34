"""The JSON Schema of the config, for editors."""

import ast
import inspect
from itertools import pairwise
from typing import Any

from pydantic import BaseModel

from ontui.config import action_entry, entry, file_entry, notify_entry, sli_entry, source_entry
from ontui.config.file_entry import File


def schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of a config file, with a description for every key."""
    found = File.model_json_schema(by_alias=True)
    described = _descriptions()
    for name, part in {**found.get("$defs", {}), "File": found}.items():
        for key, text in described.get(name, {}).items():
            if key in part["properties"]:
                part["properties"][key]["description"] = text
    found["properties"]["version"] |= {"const": 1}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found, "title": "ontui config"}


def _descriptions() -> dict[str, dict[str, str]]:
    """The strings under the fields, by class and key; read from the source only when they are asked for."""
    found: dict[str, dict[str, str]] = {}
    for module in (entry, source_entry, sli_entry, action_entry, notify_entry, file_entry):
        for item in ast.parse(inspect.getsource(module)).body:
            if isinstance(item, ast.ClassDef):
                found[item.name] = _of_class(item, getattr(module, item.name), found)
    return found


def _of_class(item: ast.ClassDef, model: type[BaseModel], found: dict[str, dict[str, str]]) -> dict[str, str]:
    own: dict[str, str] = {}
    for base in item.bases:
        own |= found.get(base.id, {}) if isinstance(base, ast.Name) else {}
    for field, text in pairwise(item.body):
        match field, text:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(words))):
                own[model.model_fields[name].alias or name] = words
    return own
