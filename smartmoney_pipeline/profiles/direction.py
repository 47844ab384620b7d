"""Direction of an event, apart from its profile: the sign of the exposure that it adds, given its likely side.

Unknown where the side or the exposure is unknown, or hardly surer than a coin; mixed where bought and sold amounts are alike, or a
package keeps a little delta beside a position in volatility; neutral where net delta is next to nothing. It is not a forecast.
"""

import numpy as np
from numpy.typing import NDArray

from smartmoney_pipeline.profiles.inputs import Floats, ScoreInputs, columns
from smartmoney_pipeline.schemas.codes import Direction, ProfileId, Structure

MIN_CERTAINTY = 0.1
"""|2 p - 1| below which a side is not told: p within 0.45 to 0.55. Source SEED."""

FLAT_DELTA_RATIO = 0.15
CLEAR_DELTA_RATIO = 0.30
"""Net over gross delta up to which a package is flat, and from which it is directional. Source SEED on LMP."""

MATERIAL_VEGA_RATIO = 0.30
"""Net over gross vega from which a package is a position in volatility: then a little delta beside it is mixed. Source SEED on FS2010."""

TWO_SIDED = 0.5
"""Smaller over larger of bought and sold contracts from which the flow is two-sided. Source SEED."""

BY_SIGN_OF_DELTA = (Structure.VERTICAL, Structure.RISK_REVERSAL, Structure.SYNTHETIC, Structure.DIAGONAL)
"""Structures made for direction: their sign counts however small net delta is beside gross delta."""

FLAT_BY_DESIGN = (
    Structure.BOX,
    Structure.JELLY_ROLL,
    Structure.CONVERSION_REVERSAL,
    Structure.DIVIDEND_SPREAD,
    Structure.DELTA_NEUTRAL,
    Structure.ROLL,
)
NOT_SEEN_WHOLE = (
    Structure.STOCK_TIED,
    Structure.COVERED_CALL,
    Structure.PROTECTIVE_PUT,
    Structure.COLLAR,
    Structure.UNMATCHED_LEG,
    Structure.CUSTOM,
)
"""Traded with stock or legs that the options tape does not show: the delta seen is not the delta taken."""

DIRECTIONS = tuple(Direction)
READ = ("structure", "net_delta_ratio", "abs_net_vega_ratio", "side_certainty", "two_sidedness")


def directions(inputs: ScoreInputs) -> NDArray[np.int8]:
    """Return the direction of each event, int8[n], positions in `Direction`."""
    read = columns(inputs, READ)
    structure, delta = read["structure"], read["net_delta_ratio"]
    size = np.abs(delta)
    by_sign = _is(structure, BY_SIGN_OF_DELTA) & (size > 0)
    clear = by_sign | (size >= CLEAR_DELTA_RATIO) | (read["abs_net_vega_ratio"] < MATERIAL_VEGA_RATIO)
    result = np.where(delta > 0, _code(Direction.BULLISH), _code(Direction.BEARISH))
    result = np.where(clear, result, _code(Direction.MIXED))
    result = np.where(~by_sign & (size <= FLAT_DELTA_RATIO), _code(Direction.NEUTRAL), result)
    # Legs of a spread are bought and sold alike by design: that says nothing of two sides.
    result = np.where(~by_sign & (read["two_sidedness"] >= TWO_SIDED), _code(Direction.MIXED), result)
    result = np.where(_unknown(delta, read["side_certainty"]), _code(Direction.UNKNOWN), result)
    result = np.where(_is(structure, FLAT_BY_DESIGN), _code(Direction.NEUTRAL), result)
    return np.where(_is(structure, NOT_SEEN_WHOLE), _code(Direction.UNKNOWN), result).astype(np.int8)


def profile_directions(of_events: NDArray[np.int8]) -> NDArray[np.int8]:
    """Return the direction beside each profile score, int8[n, 6]: that of the event, and neutral for arbitrage."""
    per_profile = np.repeat(of_events[:, None], len(ProfileId), axis=1)
    per_profile[:, list(ProfileId).index(ProfileId.ARBITRAGE)] = _code(Direction.NEUTRAL)
    return per_profile


def _unknown(delta: Floats, certainty: Floats) -> NDArray[np.bool_]:
    return np.isnan(delta) | ~(certainty >= MIN_CERTAINTY)


def _is(structure: Floats, chosen: tuple[Structure, ...]) -> NDArray[np.bool_]:
    return np.isin(structure, [list(Structure).index(code) for code in chosen])


def _code(direction: Direction) -> int:
    return DIRECTIONS.index(direction)
