"""Table models made from another definition: features from EventFeatures, packets from the packet columns. No hand-written column."""

import re
from types import NoneType
from typing import Any, get_args

import numpy as np
import pandas as pd
import pandera.pandas as pa
from pydantic.fields import FieldInfo

from smartmoney_pipeline.schemas.event_features import EventFeatures
from smartmoney_pipeline.schemas.input_tables import NullableWhole, Price, Text, Timestamp, Whole
from smartmoney_pipeline.schemas.packet_columns import FLOAT_COLUMNS, INT_COLUMNS, PRICED_COLUMNS, PacketColumn
from smartmoney_pipeline.schemas.table_fields import StrictTable, rule

_TYPES: dict[type, Any] = {int: pd.Int64Dtype, float: float, bool: pd.BooleanDtype}
_BOUNDS = ("ge", "gt", "le", "lt")
_TIMES = ("start_ts", "end_ts", "closed_at")
_MARKED = re.compile(r",? *-1 (none|unknown)|,? *NaN none")


class _Generated(StrictTable):
    """Base of generated tables."""

    class Config:
        """Whole numbers that pandas read back as floats become whole again."""

        coerce = True

    @rule("numbers are finite; unknown is null")
    @classmethod
    def _numbers_are_finite(cls, frame: pd.DataFrame) -> pd.Series:
        numbers = frame.select_dtypes("float64").to_numpy()
        return pd.Series(~np.isinf(numbers).any(axis=1), index=frame.index)


def _model(name: str, doc: str, columns: dict[str, tuple[Any, Any]]) -> type[pa.DataFrameModel]:
    """Model class with one attribute a column: name to (type, field)."""
    fields = {column: field for column, (_, field) in columns.items()}
    annotations = {column: kind for column, (kind, _) in columns.items()}
    return type(name, (_Generated,), {"__doc__": doc, "__module__": __name__, "__annotations__": annotations, **fields})


def _feature(field: FieldInfo) -> tuple[Any, Any]:
    """Type and bounds of one feature as a nullable column."""
    kind = next(member for member in get_args(field.annotation) if member is not NoneType)
    bounds = {bound: getattr(mark, bound) for mark in field.metadata for bound in _BOUNDS if hasattr(mark, bound)}
    extra = field.json_schema_extra
    unit = {"unit": extra["unit"]} if isinstance(extra, dict) else {}
    return _TYPES[kind], pa.Field(nullable=True, description=field.description, metadata=unit, **bounds)


def _packet(column: PacketColumn, whole: bool) -> tuple[Any, Any]:
    """Type of one packet column; a mark for nothing inside kernels is null in the table."""
    described = _MARKED.sub(", null unknown", column.description)
    if column.name in _TIMES:
        return Timestamp, pa.Field(description=described.replace(", ns UTC", ""))
    if whole and described == column.description:
        return Whole, pa.Field(description=described)
    return (NullableWhole if whole else Price), pa.Field(nullable=True, description=described)


def _key(description: str, **constraints: Any) -> tuple[Any, Any]:
    return Text, pa.Field(description=description, **constraints)


def _packet_columns() -> dict[str, tuple[Any, Any]]:
    """Keys, integer sums, real sums, priced columns and the place in the parent event."""
    return {
        "packet_id": _key("the packet: one contract, one burst, one condition family", unique=True),
        "event_id": _key("parent event that the packet belongs to"),
        "option_symbol": _key("compact OSI symbol"),
        **{column.name: _packet(column, whole=True) for column in INT_COLUMNS},
        **{column.name: _packet(column, whole=False) for column in FLOAT_COLUMNS + PRICED_COLUMNS},
        "leg": (Whole, pa.Field(ge=0, description="leg of its contract in the event, by expiry, strike, right")),
        "leg_sign": (Whole, pa.Field(isin=[-1, 0, 1], description="+1 bought, -1 sold as a leg of a package, 0 not enumerated")),
        "leg_ratio": (Whole, pa.Field(ge=0, description="contracts of the leg per unit of the structure")),
    }


NULL_BELOW_ZERO: tuple[str, ...] = tuple(column.name for column in INT_COLUMNS if _MARKED.search(column.description))
"""Whole packet columns whose -1 inside kernels becomes null in the table."""

EventFeaturesTable = _model(
    "EventFeaturesTable",
    "Features of each parent event, one column a field of EventFeatures. Null means unknown.",
    {"event_id": _key("parent event", unique=True), **{name: _feature(field) for name, field in EventFeatures.model_fields.items()}},
)

Packets = _model(
    "Packets",
    "One row per packet: raw sums and the market before its first print, the form that features are made from. Prices in 0.0001 USD.",
    _packet_columns(),
)
