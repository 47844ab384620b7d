"""Calibration: versioned files that map raw log-odds to calibrated ones, their reader and writer. Fits: `fitting` and `design`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smartmoney_pipeline.profiles.vocabulary import CLASSES, Family

IDENTITY = "identity-1"
IN_USE = "simulated-2"
"""The packaged calibration that scoring uses. It must have been made for the packaged rule set; the identity fits any."""

NONE_SHARE = "none_share"
"""Name of the figure that says which share of ordinary flow a calibration was fitted under."""

ANY_RULESET = "any"


class CalibrationError(ValueError):
    """A calibration file is missing, incomplete, or made for another rule set."""


@dataclass(frozen=True)
class Calibration:
    """Temperature, class biases and family slopes, and what they were fitted on."""

    version: str
    ruleset: str
    temperature: float
    biases: tuple[float, ...]
    """One a class, in class order, nats."""
    slopes: tuple[float, ...]
    """One a family, in family order, not negative."""
    basis: str
    n: int
    metrics: tuple[tuple[str, float], ...] = ()
    data_hash: str = ""
    """Of the tapes and labels that it was fitted on."""
    sources: tuple[str, ...] = ()
    """Packs with their seeds, and sessions: `calibration-3 2026-03-18`."""

    @property
    def is_identity(self) -> bool:
        """Nothing is changed: temperature and slopes 1, biases 0."""
        return self.temperature == 1.0 and not any(self.biases) and all(slope == 1.0 for slope in self.slopes)


def load(version: str = IN_USE, ruleset: str = ANY_RULESET) -> Calibration:
    """Return the packaged calibration `version`, checked against the rule set that it will be used with.

    Raises `CalibrationError` where the file is missing or incomplete, or was made for another rule set.
    """
    path = resources.files(__package__).joinpath(f"{version}.json")
    if not path.is_file():
        raise CalibrationError(f"there is no calibration {version!r}")
    return checked(parse(json.loads(path.read_text(encoding="utf-8")), version), ruleset)


def read(path: Path, ruleset: str = ANY_RULESET) -> Calibration:
    """Return the calibration in a file, checked against the rule set that it will be used with.

    Raises `CalibrationError` that names the file where it is missing, no JSON object, incomplete, or made for another rule set.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CalibrationError(f"{path}: cannot be read as a calibration: {error}") from error
    if not isinstance(content, dict):
        raise CalibrationError(f"{path}: cannot be read as a calibration: an object was expected")
    calibration = parse(content, str(path))
    try:
        return checked(calibration, ruleset)
    except CalibrationError as error:
        raise CalibrationError(f"{path}: {error}") from error


def content_of(calibration: Calibration) -> dict[str, Any]:
    """Return the content of the file that `parse` reads back as an equal calibration."""
    return {
        "version": calibration.version,
        "ruleset": calibration.ruleset,
        "basis": calibration.basis,
        "n": calibration.n,
        "sources": list(calibration.sources),
        "data_hash": calibration.data_hash,
        "temperature": calibration.temperature,
        "biases": dict(zip(CLASSES, calibration.biases, strict=True)),
        "slopes": dict(zip((str(family) for family in Family), calibration.slopes, strict=True)),
        "metrics": dict(calibration.metrics),
    }


def parse(content: Mapping[str, Any], name: str = "calibration") -> Calibration:
    """Return the calibration in a decoded file. Raises `CalibrationError` that names `name` and the field."""
    try:
        calibration = _read(content)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CalibrationError(f"{name}: field {error} is missing or cannot be read") from error
    if not calibration.temperature > 0 or min(calibration.slopes) < 0:
        raise CalibrationError(f"{name}: the temperature must be positive and slopes must not be negative")
    return calibration


def _read(content: Mapping[str, Any]) -> Calibration:
    return Calibration(
        str(content["version"]),
        str(content["ruleset"]),
        float(content["temperature"]),
        _numbers(content, "biases", list(CLASSES)),
        _numbers(content, "slopes", [str(family) for family in Family]),
        str(content["basis"]),
        int(content["n"]),
        tuple(sorted((str(key), float(value)) for key, value in content.get("metrics", {}).items())),
        str(content.get("data_hash", "")),
        tuple(str(name) for name in content.get("sources", ())),
    )


def _numbers(content: Mapping[str, Any], field: str, keys: list[str]) -> tuple[float, ...]:
    table = content[field]
    if set(table) != set(keys):
        raise KeyError(field)
    return tuple(float(table[key]) for key in keys)


def checked(calibration: Calibration, ruleset: str) -> Calibration:
    """Return `calibration` if it may be used with `ruleset`. Raises `CalibrationError` otherwise."""
    if calibration.ruleset == ANY_RULESET and not calibration.is_identity:
        raise CalibrationError(f"{calibration.version}: only the identity may be used with any rule set")
    if calibration.ruleset != ANY_RULESET and ruleset not in {ANY_RULESET, calibration.ruleset}:
        made_for = f"{calibration.version} was made for rule set {calibration.ruleset}, not for {ruleset}"
        raise CalibrationError(f"{made_for}: fit a new one under {IDENTITY}")
    return calibration


def apply(calibration: Calibration, log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return calibrated log-odds, float64[n, 7]: (log_odds - biases) / temperature. Family slopes act earlier, in the sums."""
    return (log_odds - np.array(calibration.biases)) / calibration.temperature
