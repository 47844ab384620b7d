"""Turns one column as a file holds it into its kind, column-wise. Faults come back as masks: one bad cell loses one row."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from smartmoney_pipeline.schemas.codes import QuarantineReason
from smartmoney_pipeline.tape.tables import ColumnSpec, Kind

_NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?$"
_NOT_FINITE = r"^(?i:[+-]?(nan|inf|infinity))$"
_WHOLE = r"^[+-]?([0-9]{1,18}|[1-8][0-9]{18})$"
CLOCK = r"^(?:19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?"
"""Date and time of day without zone, of years that nanoseconds can hold."""
_ZONE = r"(Z|[+-][0-9]{2}(:?[0-9]{2})?)$"
_MAX_EXACT = 2.0**53


class WrongTypeError(ValueError):
    """A whole column has a type that cannot hold its kind."""


@dataclass(frozen=True, slots=True)
class Converted:
    """Cells of the right type (null where a cell could not be read) and the masks of the cells at fault."""

    cells: pa.Array
    faults: tuple[tuple[np.ndarray, QuarantineReason], ...] = ()


def convert(values: pa.Array, spec: ColumnSpec, *, is_text: bool) -> Converted:
    """Convert one column to the kind of `spec`; `is_text` says that the file format knows text only.

    Raises `WrongTypeError` when the column's type cannot serve, with what was expected and what was found.
    """
    if pa.types.is_null(values.type):
        return Converted(values.cast(spec.kind.value))
    if is_text and spec.kind is not Kind.TEXT:
        return _PARSERS[spec.kind](pc.utf8_trim_whitespace(values), spec)
    return _TYPED[spec.kind](values, spec)


def _bools(mask: pa.Array) -> np.ndarray:
    return pc.fill_null(mask, False).to_numpy(zero_copy_only=False)


def _wrong(values: pa.Array, expected: str) -> WrongTypeError:
    return WrongTypeError(f"expected {expected}, found {values.type}")


def _finite(values: pa.Array, spec: ColumnSpec) -> Converted:
    """Not-a-number is a fault, or no value where the column may be empty; infinity is a fault."""
    number = values.to_numpy(zero_copy_only=False)
    odd = ~np.isfinite(number) & values.is_valid().to_numpy(zero_copy_only=False)
    if not odd.any():
        return Converted(values)
    kept = pc.if_else(pa.array(~odd), values, pa.scalar(None, pa.float64()))
    fault = np.isinf(number) if spec.nullable else odd
    return Converted(kept, ((fault & odd, QuarantineReason.NOT_A_NUMBER),))


def _typed_number(values: pa.Array, spec: ColumnSpec) -> Converted:
    kind = values.type
    if pa.types.is_float64(kind) or pa.types.is_decimal(kind) or pa.types.is_integer(kind):
        return _finite(values.cast(pa.float64(), safe=False), spec)
    # 32-bit floats cannot hold a price grid of 0.0001 USD.
    raise _wrong(values, "a number (double, decimal or integer)")


def _whole_from_number(values: pa.Array, spec: ColumnSpec) -> Converted:
    number = values.to_numpy(zero_copy_only=False)
    seen = values.is_valid().to_numpy(zero_copy_only=False)
    is_size = spec.name.endswith("size")
    huge = seen & (np.abs(number) >= _MAX_EXACT)
    fraction = seen & ~huge & (number != np.rint(number))
    out = pa.array(np.where(seen & ~huge, number, 0).astype(np.int64), mask=~seen | huge | fraction)
    faults = (
        (huge, QuarantineReason.SIZE_OUT_OF_RANGE if is_size else QuarantineReason.UNREADABLE_VALUE),
        (fraction, QuarantineReason.SIZE_NOT_WHOLE if is_size else QuarantineReason.UNREADABLE_VALUE),
    )
    return Converted(out, faults)


def _typed_whole(values: pa.Array, spec: ColumnSpec) -> Converted:
    if pa.types.is_integer(values.type):
        return Converted(values.cast(pa.int64(), safe=False))
    if not (pa.types.is_floating(values.type) or pa.types.is_decimal(values.type)):
        raise _wrong(values, "a whole number")
    finite = _finite(values.cast(pa.float64(), safe=False), spec)
    whole = _whole_from_number(finite.cells, spec)
    return Converted(whole.cells, finite.faults + whole.faults)


def _typed_text(values: pa.Array, spec: ColumnSpec) -> Converted:
    kind = values.type
    if pa.types.is_dictionary(kind):
        if pa.types.is_string(kind.value_type) or pa.types.is_large_string(kind.value_type):
            return Converted(values)
        raise _wrong(values, "text")
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return Converted(values.cast(pa.string()))
    raise _wrong(values, "text")


def _typed_time(values: pa.Array, spec: ColumnSpec) -> Converted:
    if not pa.types.is_timestamp(values.type):
        raise _wrong(values, "a timestamp with time zone")
    if values.type.tz is None:
        raise WrongTypeError("the timestamps have no time zone; expected UTC")
    if values.type == Kind.TIME.value:
        return Converted(values)
    count = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[values.type.unit]
    raw = values.cast(pa.int64())
    limit = 9_200_000_000 * count
    far = _bools(pc.greater(pc.abs_checked(pc.max_element_wise(raw, -limit - 1)), limit))
    near = pc.if_else(pa.array(~far), values, pa.scalar(None, values.type))
    return Converted(near.cast(Kind.TIME.value), ((far, QuarantineReason.UNREADABLE_VALUE),))


def _typed_date(values: pa.Array, spec: ColumnSpec) -> Converted:
    if pa.types.is_date(values.type):
        return Converted(values.cast(pa.date32()))
    if pa.types.is_timestamp(values.type) and values.type.tz is None:
        return Converted(values.cast(pa.date32(), safe=False))
    raise _wrong(values, "a date")


def _typed_flag(values: pa.Array, spec: ColumnSpec) -> Converted:
    if pa.types.is_boolean(values.type):
        return Converted(values)
    raise _wrong(values, "true or false")


def _parse_number(text: pa.Array, spec: ColumnSpec) -> Converted:
    odd = _bools(pc.match_substring_regex(text, _NOT_FINITE))
    formed = pc.match_substring_regex(text, _NUMBER)
    unreadable = _bools(pc.invert(formed)) & ~odd
    number = pc.if_else(formed, text, pa.scalar(None, pa.string())).cast(pa.float64())
    finite = _finite(number, spec)
    nan_fault = () if spec.nullable else ((odd, QuarantineReason.NOT_A_NUMBER),)
    return Converted(finite.cells, (*nan_fault, (unreadable, QuarantineReason.UNREADABLE_VALUE), *finite.faults))


def _parse_whole(text: pa.Array, spec: ColumnSpec) -> Converted:
    formed = pc.match_substring_regex(text, _WHOLE)
    # Arrow reads no leading plus sign in an integer.
    plain = pc.replace_substring_regex(text, r"^\+", "")
    exact = pc.if_else(formed, plain, pa.scalar(None, pa.string())).cast(pa.int64())
    rest = pc.if_else(formed, pa.scalar(None, pa.string()), text)
    if rest.null_count == len(rest):
        return Converted(exact)
    number = _parse_number(rest, spec)
    whole = _whole_from_number(number.cells, spec)
    return Converted(pc.coalesce(exact, whole.cells), number.faults + whole.faults)


def _parse_time(text: pa.Array, spec: ColumnSpec) -> Converted:
    zoned = pc.match_substring_regex(text, CLOCK + _ZONE)
    naive = _bools(pc.match_substring_regex(text, CLOCK + "$"))
    kept = pc.if_else(zoned, text, pa.scalar(None, pa.string()))
    try:
        times = kept.cast(Kind.TIME.value)
    except pa.ArrowInvalid:
        # A date that does not exist fails the whole cast; the slower reader drops that cell alone.
        parsed = pd.to_datetime(kept.to_pandas(), format="ISO8601", utc=True, errors="coerce").dt.as_unit("ns")
        times = pa.array(parsed, Kind.TIME.value, from_pandas=True)
    unreadable = _bools(pc.and_(text.is_valid(), pc.invert(times.is_valid()))) & ~naive
    return Converted(times, ((naive, QuarantineReason.TIME_ZONE_MISSING), (unreadable, QuarantineReason.UNREADABLE_VALUE)))


def _parse_date(text: pa.Array, spec: ColumnSpec) -> Converted:
    days = pd.to_datetime(text.to_pandas(), format="%Y-%m-%d", errors="coerce").dt.as_unit("s")
    dates = pa.array(days, pa.timestamp("s"), from_pandas=True).cast(pa.date32())
    return Converted(dates, ((_bools(pc.and_(text.is_valid(), dates.is_null())), QuarantineReason.UNREADABLE_VALUE),))


def _parse_flag(text: pa.Array, spec: ColumnSpec) -> Converted:
    low = pc.utf8_lower(text)
    yes, no = (pc.is_in(low, pa.array(words)) for words in (["true", "1"], ["false", "0"]))
    flags = pc.if_else(pc.or_(yes, no), yes, pa.scalar(None, pa.bool_()))
    unreadable = _bools(pc.and_(text.is_valid(), flags.is_null()))
    return Converted(flags, ((unreadable, QuarantineReason.UNREADABLE_VALUE),))


_TYPED = {
    Kind.NUMBER: _typed_number,
    Kind.WHOLE: _typed_whole,
    Kind.TEXT: _typed_text,
    Kind.TIME: _typed_time,
    Kind.DATE: _typed_date,
    Kind.FLAG: _typed_flag,
}
_PARSERS = {
    Kind.NUMBER: _parse_number,
    Kind.WHOLE: _parse_whole,
    Kind.TIME: _parse_time,
    Kind.DATE: _parse_date,
    Kind.FLAG: _parse_flag,
}
