"""The JSON Schema of the config, for editors."""

import ast
import inspect
from typing import Any

from ontui.config import models
from ontui.config.models import File


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
    tree = ast.parse(inspect.getsource(models))
    found: dict[str, dict[str, str]] = {}
    for item in tree.body:
        if not isinstance(item, ast.ClassDef):
            continue
        model = getattr(models, item.name)
        own: dict[str, str] = {}
        for base in item.bases:
            own |= found.get(base.id, {}) if isinstance(base, ast.Name) else {}
        for field, text in zip(item.body, item.body[1:], strict=False):
            match field, text:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(words))):
                    own[model.model_fields[name].alias or name] = words
        found[item.name] = own
    return found
