"""Alert rules that were put over HTTP: kept in the lake, and in force for as long as the file of rules is the one that they replaced."""

from __future__ import annotations

import hashlib
import logging
import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from smartmoney_pipeline.api.alert_delivery import FOLDER
from smartmoney_pipeline.api.alert_rules import AlertBook, AlertFileError, AlertRule
from smartmoney_pipeline.store.atomic import replacing

LOG = logging.getLogger(__name__)
FILE = "rules.json"


class _Kept(BaseModel):
    """Rules that were put, and the book whose rules they stand for."""

    model_config = ConfigDict(extra="forbid")

    instead_of: str
    rules: tuple[AlertRule, ...]


class PutRules:
    """The rules of a file of alerts, or those that were put in their place. Channels are always those of the file."""

    def __init__(self, lake: Path, book: AlertBook) -> None:
        self._path, self._book = lake / FOLDER / FILE, book
        self._of = hashlib.sha256(book.model_dump_json().encode()).hexdigest()

    def book(self) -> AlertBook:
        """Return what is in force. A file that was changed since wins over rules that were put before."""
        try:
            kept = _Kept.model_validate_json(self._path.read_bytes())
            return self._with(kept.rules) if kept.instead_of == self._of else self._book
        except FileNotFoundError:
            return self._book
        except (OSError, ValidationError, AlertFileError):
            LOG.warning("the alert rules that were put cannot be read; those of the file are in force")
            return self._book

    def keep(self, rules: tuple[AlertRule, ...]) -> AlertBook:
        """Write rules and return the book with them. Raises `AlertFileError` for an unknown channel or a name that comes twice."""
        book = self._with(rules)
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with replacing(self._path) as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(_Kept(instead_of=self._of, rules=rules).model_dump_json(indent=1).encode() + b"\n")
        return book

    def _with(self, rules: tuple[AlertRule, ...]) -> AlertBook:
        try:
            return AlertBook(rules=rules, channels=self._book.channels)
        except ValidationError as error:
            raise AlertFileError("; ".join(one["msg"] for one in error.errors())) from error
