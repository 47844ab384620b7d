"""Physical types: the Arrow schema of every table and nested column, derived from its model. No values are computed here."""

from functools import cache
from types import NoneType
from typing import Any, get_args, get_origin

import numpy as np
import pandas as pd
import pandera.pandas as pan
import pyarrow as pa
from pandera.engines.pandas_engine import Date
from pydantic import BaseModel

TIMESTAMP = pa.timestamp("ns", tz="UTC")
TEXTS = pa.list_(pa.string())
CATEGORY = pa.dictionary(pa.int32(), pa.string())

_SCALARS: dict[type, pa.DataType] = {bool: pa.bool_(), int: pa.int64(), float: pa.float64(), pd.Timestamp: TIMESTAMP}


def arrow_type(annotation: Any) -> pa.DataType:
    """Arrow type of a contract's annotation: scalars, `X | None`, `tuple[X, ...]` and nested contracts; every other class is text."""
    members = [member for member in get_args(annotation) if member not in (NoneType, Ellipsis)]
    if get_origin(annotation) is tuple:
        return pa.list_(arrow_type(members[0]))
    if members:
        return arrow_type(members[0])
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return struct_type(annotation)
    return _SCALARS.get(annotation, pa.string())


def struct_type(contract: type[BaseModel]) -> pa.StructType:
    """Arrow struct with the fields of a pydantic contract, in their order."""
    return pa.struct([pa.field(name, arrow_type(field.annotation)) for name, field in contract.model_fields.items()])


@cache
def arrow_schema(model: type[pan.DataFrameModel]) -> pa.Schema:
    """Arrow schema of a table model, columns in the order of the model; `nullable` as the model says."""
    columns = model.to_schema().columns
    return pa.schema([pa.field(name, _column_type(column), nullable=column.nullable) for name, column in columns.items()])


def metadata(column: pan.Column) -> dict[str, Any]:
    """What a column states beside its type: `arrow` type, `label` of that type, `items` of a list, `unit`."""
    return dict(column.metadata or {})


def _column_type(column: pan.Column) -> pa.DataType:
    """Type of one column: stated in its metadata (nested columns), else from its pandas type."""
    stated = metadata(column).get("arrow")
    if stated is not None:
        return stated
    if isinstance(column.dtype, Date):
        return pa.date32()
    return _from_pandas(column.dtype.type)


def _from_pandas(dtype: Any) -> pa.DataType:
    """Arrow type of a pandas or NumPy column type. Raises `TypeError` for a type that no table uses."""
    if isinstance(dtype, pd.DatetimeTZDtype):
        return pa.timestamp(dtype.unit, tz=str(dtype.tz))
    if isinstance(dtype, pd.CategoricalDtype):
        return CATEGORY
    if isinstance(dtype, pd.StringDtype):
        return pa.string()
    plain = getattr(dtype, "numpy_dtype", dtype)
    if isinstance(plain, np.dtype) and plain.kind in "biuf":
        return pa.from_numpy_dtype(plain)
    raise TypeError(f"no Arrow type for {dtype!r}")


def empty_table(model: type[pan.DataFrameModel]) -> pa.Table:
    """Table without rows that has every column and type of the model."""
    return arrow_schema(model).empty_table()


def conform(table: pa.Table, model: type[pan.DataFrameModel]) -> pa.Table:
    """Columns of the model in its order and types.

    Raises `KeyError` that names a missing column, and `pyarrow.ArrowInvalid` where a value does not fit its type.
    """
    schema = arrow_schema(model)
    missing = [name for name in schema.names if name not in table.column_names]
    if missing:
        raise KeyError(f"{model.__name__} lacks {', '.join(missing)}")
    return table.select(schema.names).cast(schema)


def to_frame(table: pa.Table) -> pd.DataFrame:
    """Pandas frame of a table whose lists and structs stay Arrow columns: no Python object a row, so that checks stay cheap."""
    return table.to_pandas(types_mapper=lambda kind: pd.ArrowDtype(kind) if pa.types.is_nested(kind) else None)


def column_array(column: pd.Series, kind: pa.DataType) -> pa.Array:
    """One Arrow array of a pandas column that holds Arrow values or Python lists and dicts.

    Raises `pyarrow.ArrowInvalid` or `pyarrow.ArrowTypeError` where the values are not of that type.
    """
    values = (
        pa.array(column) if isinstance(column.dtype, pd.ArrowDtype) else pa.array(column.to_numpy(dtype=object), kind, from_pandas=True)
    )
    if isinstance(values, pa.ChunkedArray):
        values = pa.concat_arrays(values.chunks) if values.num_chunks else pa.array([], values.type)
    return values.cast(kind)
