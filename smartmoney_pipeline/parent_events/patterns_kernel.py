"""The structure catalogue as tests on signed leg ratios. Belongs here: shapes; prices and likelihoods belong to the readings.

Legs come sorted by expiry, strike, right (call first); `q` is the signed number of contracts a unit. The codes repeat the order of
`schemas.codes.Structure`, which a test compares: a kernel's constants stand in its own file.
"""

from math import gcd

from numba import njit

from smartmoney_pipeline.market.arrays import I64

(VERTICAL, RATIO, BUTTERFLY, BROKEN_WING_BUTTERFLY, CONDOR, IRON_CONDOR, IRON_FLY, STRADDLE, STRANGLE, GUTS, RISK_REVERSAL, COLLAR,
 SYNTHETIC, CONVERSION_REVERSAL, BOX, JELLY_ROLL, CALENDAR, DIAGONAL, ROLL, COVERED_CALL, PROTECTIVE_PUT, DIVIDEND_SPREAD,
 DELTA_NEUTRAL, STOCK_TIED, UNMATCHED_LEG, CUSTOM) = range(26)  # fmt: skip

RANK, EXPIRY, STRIKE, CALL, SIZE = range(5)
FACTS = 5
MAX_LEGS = 16
NAMED_LEGS = 4
"""The catalogue ends at four option legs; what has more is custom."""
MAX_RATIO = 3
"""Exchange rules define a complex order by ratios of 1:3 to 3:1 (OPTIONS-REGULATION)."""
UNNAMED, NO_SHAPE = -1, -2


@njit(cache=True, nogil=True)
def _one_right(legs: I64, q: I64) -> int:
    same_time, equal = legs[0, EXPIRY] == legs[1, EXPIRY], abs(q[0]) == abs(q[1])
    if q[0] * q[1] > 0 or not (equal or same_time):
        return CUSTOM
    if max(abs(q[0]), abs(q[1])) > MAX_RATIO or (same_time and legs[0, STRIKE] == legs[1, STRIKE]):
        return CUSTOM
    if same_time:
        return VERTICAL if equal else RATIO
    return CALENDAR if legs[0, STRIKE] == legs[1, STRIKE] else DIAGONAL


@njit(cache=True, nogil=True)
def _call_and_put(legs: I64, q: I64) -> int:
    """Legs are sorted, so the first one has the lower strike; at one strike it is the call."""
    if legs[0, EXPIRY] != legs[1, EXPIRY] or abs(q[0]) != abs(q[1]):
        return CUSTOM
    opposite = q[0] * q[1] < 0
    if legs[0, STRIKE] == legs[1, STRIKE]:
        return SYNTHETIC if opposite else STRADDLE
    if legs[0, CALL] == 0:
        return RISK_REVERSAL if opposite else STRANGLE
    return CUSTOM if opposite else GUTS


@njit(cache=True, nogil=True)
def _three_legs(legs: I64, q: I64) -> int:
    one_slice = legs[0, EXPIRY] == legs[2, EXPIRY] and legs[0, CALL] == legs[1, CALL] == legs[2, CALL]
    apart = legs[0, STRIKE] < legs[1, STRIKE] < legs[2, STRIKE]
    if not one_slice or not apart or q[1] != -2 * q[0] or q[2] != q[0]:
        return CUSTOM
    return BUTTERFLY if legs[1, STRIKE] - legs[0, STRIKE] == legs[2, STRIKE] - legs[1, STRIKE] else BROKEN_WING_BUTTERFLY


@njit(cache=True, nogil=True)
def _two_rights(legs: I64, q: I64) -> int:
    """Two calls and two puts of one expiry: `c` and `p` are the places of the lower and the upper one."""
    c0 = c1 = p0 = p1 = -1
    for i in range(4):
        if legs[i, CALL] == 1:
            c0, c1 = (i, c1) if c0 < 0 else (c0, i)
        else:
            p0, p1 = (i, p1) if p0 < 0 else (p0, i)
    if q[c0] != -q[c1] or q[p0] != -q[p1]:
        return CUSTOM
    if legs[c0, STRIKE] == legs[p0, STRIKE] and legs[c1, STRIKE] == legs[p1, STRIKE]:
        return BOX if q[c0] == -q[p0] else CUSTOM
    if legs[p1, STRIKE] > legs[c0, STRIKE] or q[p0] != q[c1]:
        return CUSTOM
    return IRON_FLY if legs[p1, STRIKE] == legs[c0, STRIKE] else IRON_CONDOR


@njit(cache=True, nogil=True)
def _four_legs(legs: I64, q: I64) -> int:
    if not abs(q[0]) == abs(q[1]) == abs(q[2]) == abs(q[3]):
        return CUSTOM
    calls = legs[0, CALL] + legs[1, CALL] + legs[2, CALL] + legs[3, CALL]
    if legs[0, EXPIRY] == legs[3, EXPIRY]:
        if calls == 2:
            return _two_rights(legs, q)
        return CONDOR if calls % 4 == 0 and q[0] == -q[1] and q[1] == q[2] and q[3] == q[0] else CUSTOM
    pairs = legs[0, EXPIRY] == legs[1, EXPIRY] and legs[2, EXPIRY] == legs[3, EXPIRY]
    one_strike = legs[0, STRIKE] == legs[1, STRIKE] == legs[2, STRIKE] == legs[3, STRIKE]
    if pairs and one_strike and q[0] == -q[1] and q[2] == -q[3] and q[0] == -q[2]:
        return JELLY_ROLL
    return CUSTOM


@njit(cache=True, nogil=True)
def pattern(legs: I64, q: I64, n: int) -> int:
    """Name of `n` option legs with signed ratios `q`, in either orientation: code of the structure, `CUSTOM` where none fits."""
    if n == 2:
        return _one_right(legs, q) if legs[0, CALL] == legs[1, CALL] else _call_and_put(legs, q)
    if n == 3:
        return _three_legs(legs, q)
    return _four_legs(legs, q) if n == NAMED_LEGS else CUSTOM


@njit(cache=True, nogil=True)
def is_grid(legs: I64, n: int) -> bool:
    """Whether four sorted legs of one size are the same two strikes and rights in two expiries: one position against its later self."""
    if n != NAMED_LEGS or legs[0, EXPIRY] != legs[1, EXPIRY] or legs[2, EXPIRY] != legs[3, EXPIRY] or legs[1, EXPIRY] == legs[2, EXPIRY]:
        return False
    for i in range(2):
        if legs[i, STRIKE] != legs[i + 2, STRIKE] or legs[i, CALL] != legs[i + 2, CALL]:
            return False
    return bool(legs[0, SIZE] == legs[1, SIZE] == legs[2, SIZE] == legs[3, SIZE])


@njit(cache=True, nogil=True)
def merge_legs(facts: I64, members: I64, m: int, legs: I64) -> int:
    """Legs of the packets `members[:m]`, sorted, sizes of one contract added up; their number, `MAX_LEGS + 1` where too many."""
    n = 0
    for a in range(m):
        row = members[a]
        at = 0
        while at < n and legs[at, RANK] < facts[row, RANK]:
            at += 1
        if at < n and legs[at, RANK] == facts[row, RANK]:
            legs[at, SIZE] += facts[row, SIZE]
            continue
        if n == MAX_LEGS:
            return MAX_LEGS + 1
        for b in range(n, at, -1):
            legs[b] = legs[b - 1]
        for column in range(FACTS):
            legs[at, column] = facts[row, column]
        n += 1
    return n


@njit(cache=True, nogil=True)
def reduce_ratio(legs: I64, n: int, ratio: I64) -> bool:
    """Fill `ratio` with the sizes over their greatest common divisor; whether none is above `MAX_RATIO`."""
    divisor = legs[0, SIZE]
    for i in range(1, n):
        divisor = gcd(divisor, legs[i, SIZE])
    small = True
    for i in range(n):
        ratio[i] = legs[i, SIZE] // divisor
        small = small and ratio[i] <= MAX_RATIO
    return small


@njit(cache=True, nogil=True)
def set_signs(ratio: I64, n: int, mask: int, q: I64) -> None:
    """Signed ratios of the reading `mask`: leg 0 bought, bit i - 1 set where leg i is sold."""
    q[0] = ratio[0]
    for i in range(1, n):
        q[i] = -ratio[i] if (mask >> (i - 1)) & 1 else ratio[i]


@njit(cache=True, nogil=True)
def shape(facts: I64, members: I64, m: int, legs: I64, ratio: I64, q: I64) -> int:
    """Whether some choice of signs makes a catalogue structure of these packets: its code; `UNNAMED` where the ratios are small
    but no name fits; `NO_SHAPE` where they are not, or where fewer than two or too many legs are there."""
    n = merge_legs(facts, members, m, legs)
    if n < 2 or n > MAX_LEGS or not reduce_ratio(legs, n, ratio):
        return NO_SHAPE
    if n <= NAMED_LEGS:
        for mask in range(1 << (n - 1)):
            set_signs(ratio, n, mask, q)
            code = pattern(legs, q, n)
            if code != CUSTOM:
                return code
    return UNNAMED
