"""Vocabulary of the output tables: field kinds, closed lists and the strict base. No table is defined here."""

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any

import pandas as pd
import pandera.pandas as pa

from smartmoney_pipeline.schemas.arrow import TEXTS
from smartmoney_pipeline.schemas.codes import ProfileId, SignLayer

Listed = pd.CategoricalDtype
"""Text with few distinct values, dictionary-encoded."""

NONE_CLASS = "none"
"""The background class beside the six profiles."""

SCORED_CLASSES: tuple[str, ...] = (*(profile.value for profile in ProfileId), NONE_CLASS)
"""The six profiles in the order of every score array, then the background class."""

SIGN_LAYERS: tuple[str, ...] = tuple(layer.name.lower() for layer in SignLayer)
"""Names of the signing layers, by code."""

FAILURES_SHOWN = 10
"""Rows that a failed rule lists; a bad day would else be copied into its own report."""


class StrictTable(pa.DataFrameModel):
    """Base of the output tables: no column beside the model's."""

    class Config:
        """An unknown column is an error."""

        strict = True


def values(codes: Iterable[StrEnum]) -> list[str]:
    """Texts of a closed list, in its order."""
    return [code.value for code in codes]


def listed(description: str, allowed: Iterable[str] | None = None, nullable: bool = False) -> Any:
    """Field of a dictionary-encoded text column, held against a closed list where one is given."""
    return pa.Field(coerce=True, nullable=nullable, description=description, isin=None if allowed is None else list(allowed))


def texts(description: str, allowed: Iterable[str] | None = None) -> Any:
    """Field of a list<string> column; `allowed` names the closed list of its items for readers, rules enforce it."""
    metadata = {"arrow": TEXTS} | ({} if allowed is None else {"items": list(allowed)})
    return pa.Field(description=description, metadata=metadata)


def rule(sentence: str) -> Callable[..., Any]:
    """Decorator of a row rule of a table; `sentence` is what holds, and the message where it does not."""
    return pa.dataframe_check(error=sentence, n_failure_cases=FAILURES_SHOWN)
