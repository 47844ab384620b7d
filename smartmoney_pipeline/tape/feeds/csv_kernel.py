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
_POWERS = np.array([10.0**power for power in range(_MAX_DIGITS + 1)])


@njit(cache=True, nogil=True)
def _same_word(data: NDArray[np.uint8], first: int, second: int, length: int) -> bool:
    """Whether two words of the same length are equal, compared from the end, where symbols differ."""
    for offset in range(length - 1, -1, -1):  # noqa: SIM110  kernels know no generators
        if data[first + offset] != data[second + offset]:
            return False
    return True


@njit(cache=True, nogil=True)
def _is_plain(kind: int, count: int, behind: int, leading_zero: bool, negative: bool, value: int) -> bool:
    """Whether the digits of a field make a value of its kind."""
    if kind == NUMBER:
        return count <= _MAX_DIGITS
    if behind >= 0 or count > _WHOLE_DIGITS or value < 0:
        return False
    return kind == WHOLE or not (negative or (leading_zero and count > 1) or value >= CODES)


@njit(cache=True, nogil=True)
def parse_rows(  # noqa: PLR0912, PLR0915  one pass over the bytes, all of its state in locals
    data: NDArray[np.uint8],
    kinds: NDArray[np.uint8],
    places: NDArray[np.int64],
    whole: NDArray[np.int64],
    number: NDArray[np.float64],
    null: NDArray[np.bool_],
    runs: NDArray[np.int32],
    bounds: NDArray[np.int64],
) -> tuple[int, int]:
    """Parse lines of `data` (u8[n], ends with a line end); return (rows, runs of the word column), or (-1, 0) where a line is not plain.

    `kinds` (u8[k]) says what each field is and `places` (i64[k]) at which row of `whole` (i64[a, m]), `number` (f64[b, m]) and
    `null` (bool[a + b, m]: wholes first) it goes. One column may be a word: `runs` (i32[m]) numbers its runs of equal words,
    `bounds` (i64[m, 2]) says where each begins and ends.
    """
    fields, wholes = len(kinds), len(whole)
    row, run, column, start = 0, -1, 0, 0
    value, count, behind, zero, negative, odd = 0, 0, -1, False, False, False
    run_start, run_end = 0, 0
    for place in range(len(data)):
        byte = data[place]
        digit = int(byte) - _ZERO
        if 0 <= digit <= 9:
            zero = zero or (count == 0 and digit == 0)
            count += 1
            if count <= _WHOLE_DIGITS:
                value = value * 10 + digit
            if behind >= 0:
                behind += 1
            continue
        if byte == _DOT:
            odd = odd or behind >= 0
            behind = max(behind, 0)
            continue
        if byte != _COMMA and byte != _LINE_END:  # noqa: PLR1714  a tuple costs in a kernel
            if byte == _MINUS and place == start:
                negative = True
            elif byte != _RETURN or data[place + 1] != _LINE_END:
                odd = True
            continue
        end = place - 1 if byte == _LINE_END and place > start and data[place - 1] == _RETURN else place
        kind = kinds[column]
        if byte == _LINE_END and column == 0 and end == start:
            start = place + 1
            continue
        if (column == fields - 1) != (byte == _LINE_END):
            return -1, 0
        if kind == WORD:
            if start == end or data[start] == _QUOTE or data[start] == _BLANK or data[end - 1] == _BLANK:
                return -1, 0
            if run < 0 or end - start != run_end - run_start or not _same_word(data, run_start, start, end - start):
                run += 1
                run_start, run_end = start, end
                bounds[run, 0], bounds[run, 1] = start, end
            runs[row] = run
        elif kind != SKIP:
            slot = places[column]
            if end == start:
                null[slot + wholes if kind == NUMBER else slot, row] = True
            elif odd or count == 0 or not _is_plain(kind, count, behind, zero, negative, value):
                return -1, 0
            elif kind == NUMBER:
                number[slot, row] = (-value if negative else value) / _POWERS[max(behind, 0)]
            else:
                whole[slot, row] = -value if negative else value
        value, count, behind, zero, negative, odd = 0, 0, -1, False, False, False
        start = place + 1
        column = 0 if byte == _LINE_END else column + 1
        row += byte == _LINE_END
    return (row, run + 1) if column == 0 else (-1, 0)
