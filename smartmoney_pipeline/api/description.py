"""The OpenAPI description: made from the routes, with problems instead of the framework's own errors. Write it with
`python -m smartmoney_pipeline.api.description docs/openapi.json`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from smartmoney_pipeline.api.problems import ProblemDetail

TITLE = "smartmoney_pipeline"
SUMMARY = "Published parent events of US listed options, each consistent with a profile or abstained."
UNUSED = ("HTTPValidationError", "ValidationError")


def describe(app: FastAPI, version: str) -> dict[str, Any]:
    """Return the description of all routes but WebSockets, which OpenAPI has no words for."""
    if app.openapi_schema:
        return app.openapi_schema
    said = get_openapi(title=TITLE, version=version, summary=SUMMARY, routes=app.routes)
    schemas = said.setdefault("components", {}).setdefault("schemas", {})
    schemas["ProblemDetail"] = ProblemDetail.model_json_schema()
    for name in UNUSED:
        schemas.pop(name, None)
    for methods in said["paths"].values():
        for method, operation in methods.items():
            operation["responses"].pop("422", None)
            if method not in {"get", "head"}:
                operation["security"] = [{"key": []}]
    said["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    app.openapi_schema = said
    return said


def text_of(said: dict[str, Any]) -> str:
    """Return the description as it is committed."""
    return json.dumps(said, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def main(target: str) -> None:
    """Write the description of a server over an empty lake."""
    from smartmoney_pipeline.api.app import create_app  # noqa: PLC0415  the app imports this module
    from smartmoney_pipeline.api.settings import Settings  # noqa: PLC0415

    app = create_app(Settings(lake=Path(target).parent))
    Path(target).write_text(text_of(app.openapi()), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
