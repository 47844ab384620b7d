"""Parses plain CSV rows of numbers, small codes and words straight from bytes; whatever is not plain is left to the slower reader."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

SKIP, WHOLE, NUMBER, CODE, WORD = 0, 1, 2, 3, 4
"""Kinds of a field: left out, a whole number, a decimal, an id below `CODES`, a word that often repeats from row to row."""

CODES = 4096
_MAX_DIGITS = 15
"""A double holds so many digits exactly, so that digits divided by a power of ten is the nearest double."""

_WHOLE_DIGITS = 19
"""Nanoseconds since 1970 have so many; a larger number of 19 digits turns negative and is seen."""

_COMMA, _LINE_END, _RETURN, _MINUS, _DOT, _ZERO, _QUOTE, _BLANK = 44, 10, 13, 45, 46, 48, 34, 32
_STEP, _DIGIT_ZERO, _NINE = np.uint64(1), np.uint8(_ZERO), np.uint8(9)
"""Unsigned: an index that cannot be negative is not looked at for wrapping around, and a byte below `0` becomes one above nine."""

_POWERS = np.array([10.0**power for power in range(_MAX_DIGITS + 1)])


@njit(cache=True, nogil=True)
def _same_word(data: NDArray[np.uint8], first: int, second: int, length: int) -> bool:
    """Whether two words of the same length are equal, compared from the end, where symbols differ."""
    one, other, left = np.uint64(first), np.uint64(second), np.uint64(length)
    while left > 0:
        left -= _STEP
        if data[one + left] != data[other + left]:
            return False
    return True


@njit(cache=True, nogil=True)
def _past_digits(data: NDArray[np.uint8], place: int, value: int) -> tuple[int, int]:
    """The place behind a row of digits, and `value` with these digits appended."""
    at, total = np.uint64(place), np.int64(value)
    digit = np.uint8(data[at] - _DIGIT_ZERO)
    while digit <= _NINE:
        total = total * 10 + np.int64(digit)
        at += _STEP
        digit = np.uint8(data[at] - _DIGIT_ZERO)
    return np.int64(at), total  # type: ignore[return-value]


@njit(cache=True, nogil=True)
def _field_end(data: NDArray[np.uint8], place: int) -> int:
    """The place of the comma or line end that closes a field of any content; a return before a line end closes it too."""
    at = np.uint64(place)
    while data[at] != _COMMA and data[at] != _LINE_END and (data[at] != _RETURN or data[at + _STEP] != _LINE_END):
        at += _STEP
    return np.int64(at)  # type: ignore[return-value]


@njit(cache=True, nogil=True)
def parse_rows(  # noqa: PLR0911, PLR0912, PLR0915  one pass over the bytes, all of its state in locals
    data: NDArray[np.uint8],
    kinds: NDArray[np.uint8],
    places: NDArray[np.int64],
    whole: NDArray[np.int64],
    number: NDArray[np.float64],
    code: NDArray[np.int16],
    null: NDArray[np.bool_],
    runs: NDArray[np.int32],
    bounds: NDArray[np.int64],
    index_of: NDArray[np.int16],
) -> tuple[int, int]:
    """Parse lines of `data` (u8[n], ends with a line end); return (rows, runs of the word column), or (-1, 0) where a line is not plain.

    `kinds` (u8[k]) says what each field is and `places` (i64[k]) at which row of `whole` (i64[a, m]), `number` (f64[b, m]) or
    `code` (i16[c, m]) it goes; `null` (bool[k, m], false before) marks empty fields. Ids are numbered as they appear: `index_of`
    (i16[c, CODES], -1 before) holds the number of each. One column may be a word: `runs` (i32[m]) numbers its runs of equal words,
    `bounds` (i64[m, 2]) says where each begins and ends.
    """
    fields, size = len(kinds), len(data)
    used = np.zeros(len(index_of), np.int16)
    row, run, place, run_start, run_length = 0, -1, 0, 0, 0
    while place < size:
        if data[place] == _LINE_END or (data[place] == _RETURN and data[place + 1] == _LINE_END):
            place += 1
            continue
        for column in range(fields):
            kind, slot, start = kinds[column], places[column], place
            if kind == WORD:
                place = start + run_length
                again = run >= 0 and place < size and _same_word(data, run_start, start, run_length)
                if not again or (data[place] != _COMMA and data[place] != _LINE_END):
                    place = _field_end(data, start)
                    if place == start or data[start] == _QUOTE or data[start] == _BLANK or data[place - 1] == _BLANK:
                        return -1, 0
                    run += 1
                    run_start, run_length = start, place - start
                    bounds[run, 0], bounds[run, 1] = start, place
                runs[row] = run
            elif kind == SKIP:
                place = _field_end(data, start)
            else:
                negative = data[start] == _MINUS
                first = start + negative
                place, value = _past_digits(data, first, 0)
                digits = place - first
                if place == start:
                    null[column, row] = True
                elif digits > _WHOLE_DIGITS or value < 0:
                    return -1, 0
                if kind == NUMBER:
                    behind = 0
                    if data[place] == _DOT:
                        null[column, row] = False
                        dot = place
                        place, value = _past_digits(data, dot + 1, value)
                        behind = place - dot - 1
                        digits += behind
                    if digits > _MAX_DIGITS or (digits == 0 and place > start):
                        return -1, 0
                    number[slot, row] = (-value if negative else value) / _POWERS[behind]
                elif digits == 0 and negative:
                    return -1, 0
                elif kind == WHOLE:
                    whole[slot, row] = -value if negative else value
                else:
                    if negative or value >= CODES or (digits > 1 and data[start] == _ZERO):
                        return -1, 0
                    if digits and index_of[slot, value] < 0:
                        index_of[slot, value] = used[slot]
                        used[slot] += 1
                    code[slot, row] = index_of[slot, value] if digits else 0
            if data[place] == _RETURN and data[place + 1] == _LINE_END:
                place += 1
            if data[place] != (_LINE_END if column == fields - 1 else _COMMA):
                return -1, 0
            place += 1
        row += 1
    return row, run + 1
