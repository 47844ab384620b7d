"""Reading the declarative files of `scenario_data`; a wrong key or value is an error that names the file and the key."""

from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from smartmoney_pipeline.scenarios.errors import ScenarioError

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Declared(BaseModel):
    """Base of every declarative record: frozen, and unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Model = TypeVar("Model", bound=BaseModel)


@cache
def read_text(name: str) -> str:
    """Return the text of a data file, such as `packs/demo.yaml`. Raises `ScenarioError` if there is none."""
    try:
        return files("scenario_data").joinpath(name).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ScenarioError(f"scenario_data/{name}: no such file") from None


def data_names(folder: str) -> list[str]:
    """Return the sorted stems of the YAML files of one data folder."""
    entries = files("scenario_data").joinpath(folder).iterdir()
    return sorted(entry.name.removesuffix(".yaml") for entry in entries if entry.name.endswith(".yaml"))


def parse(model: type[Model], text: str, name: str) -> Model:
    """Return `text` (YAML) as `model`. Raises `ScenarioError` with file and key for anything the model does not know."""
    data = _load(text, name)
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise ScenarioError(_explain(error, name, data)) from None


def _load(text: str, name: str) -> Any:
    try:
        return yaml.load(text, Loader=_LOADER)  # noqa: S506  a safe loader, in C where PyYAML has it
    except (yaml.YAMLError, ValueError) as error:
        raise ScenarioError(f"scenario_data/{name}: not readable as YAML: {error}") from None


def _explain(error: ValidationError, name: str, data: Any) -> str:
    lines = (f"  {_place(item['loc'], data) or '(top)'}: {_reason(item['type'], item['msg'])}" for item in error.errors())
    return "\n".join([f"scenario_data/{name} is not valid:", *lines])


def _place(parts: tuple[int | str, ...], data: Any) -> str:
    # An entry of a list goes by its name where it has one.
    words = []
    for part in parts:
        inside = isinstance(data, dict) or (isinstance(data, list) and isinstance(part, int) and part < len(data))
        data = (data.get(part) if isinstance(data, dict) else data[int(part)]) if inside else None
        named = isinstance(part, int) and isinstance(data, dict) and "name" in data
        words.append(str(data["name"]) if named and isinstance(data, dict) else str(part))
    return ".".join(words)


def _reason(kind: str, message: str) -> str:
    return "unknown key" if kind == "extra_forbidden" else message
