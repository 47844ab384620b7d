"""Closed lists of codes. A code that is published is listed here, and nowhere else."""

from enum import IntEnum, StrEnum


class ProfileId(StrEnum):
    """The six participant-style profiles, in the order of every score array; `none` is the background class beside them."""

    INSTITUTIONAL_DIRECTIONAL = "institutional_directional"
    RETAIL_WHALE = "retail_whale"
    EVENT_DRIVEN = "event_driven"
    VOL_SELLER = "vol_seller"
    ARBITRAGE = "arbitrage"
    HEDGE_REACTIVE = "hedge_reactive"


class Direction(StrEnum):
    """Sign of the exposure that the event adds, given its likely aggressor."""

    BULLISH = "bullish"
    BEARISH = "bearish"
    NEUTRAL = "neutral"
    MIXED = "mixed"
    UNKNOWN = "unknown"


class ConfidenceBand(StrEnum):
    """Width class of the interval around a probability."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class EventKind(StrEnum):
    """The two parent paths."""

    SINGLE_LEG = "single_leg_event"
    MULTI_LEG = "multi_leg_event"


class Assembly(StrEnum):
    """How the prints of a parent were joined."""

    FILL = "fill"
    SWEEP = "sweep"
    PACKAGE = "package"
    LEGGED_PACKAGE = "legged_package"
    WORKED = "worked"
    HERD = "herd"


class Structure(StrEnum):
    """The structure catalogue; a direction is not a structure, so each name covers both sides."""

    VERTICAL = "vertical"
    RATIO = "ratio"
    BUTTERFLY = "butterfly"
    BROKEN_WING_BUTTERFLY = "broken_wing_butterfly"
    CONDOR = "condor"
    IRON_CONDOR = "iron_condor"
    IRON_FLY = "iron_fly"
    STRADDLE = "straddle"
    STRANGLE = "strangle"
    GUTS = "guts"
    RISK_REVERSAL = "risk_reversal"
    COLLAR = "collar"
    SYNTHETIC = "synthetic"
    CONVERSION_REVERSAL = "conversion_reversal"
    BOX = "box"
    JELLY_ROLL = "jelly_roll"
    CALENDAR = "calendar"
    DIAGONAL = "diagonal"
    ROLL = "roll"
    COVERED_CALL = "covered_call"
    PROTECTIVE_PUT = "protective_put"
    DIVIDEND_SPREAD = "dividend_spread"
    DELTA_NEUTRAL = "delta_neutral"
    STOCK_TIED = "stock_tied"
    UNMATCHED_LEG = "unmatched_leg"
    CUSTOM = "custom"


class TapeNature(StrEnum):
    """What a row of a tape's prints is. A bar knows no side, number, venue or order of the trades of its minute: it is not graded."""

    PRINTS = "prints"
    MINUTE_BARS = "minute_bars"


class QuarantineReason(StrEnum):
    """Why a row could not be read or trusted."""

    MISSING_VALUE = "missing_value"
    UNREADABLE_VALUE = "unreadable_value"
    TIME_ZONE_MISSING = "time_zone_missing"
    OUTSIDE_SESSION_DAY = "outside_session_day"
    NOT_A_NUMBER = "not_a_number"
    NON_POSITIVE_PRICE = "non_positive_price"
    NEGATIVE_PRICE = "negative_price"
    PRICE_OFF_GRID = "price_off_grid"
    PRICE_OUT_OF_RANGE = "price_out_of_range"
    NON_POSITIVE_SIZE = "non_positive_size"
    NEGATIVE_SIZE = "negative_size"
    SIZE_NOT_WHOLE = "size_not_whole"
    SIZE_OUT_OF_RANGE = "size_out_of_range"
    UNKNOWN_SYMBOL_FORM = "unknown_symbol_form"
    UNDERLYING_MISMATCH = "underlying_mismatch"
    EXPIRED_CONTRACT = "expired_contract"
    EXPIRY_OUT_OF_RANGE = "expiry_out_of_range"
    UNKNOWN_CONDITION = "unknown_condition"
    UNKNOWN_VENUE = "unknown_venue"
    DUPLICATE_PRINT_ID = "duplicate_print_id"
    CANCEL_WITHOUT_PRINT = "cancel_without_print"
    RAGGED_ROW = "ragged_row"
    UNKNOWN_CODE = "unknown_code"
    BEYOND_HISTORY = "beyond_history"


class CorrectionRule(StrEnum):
    """How a cancel found the print that it removes; `flagged` is a print whose vendor says so without a cancel row."""

    BY_ID = "by_id"
    LAST = "last"
    FIRST = "first"
    ONLY = "only"
    LATEST = "latest"
    FLAGGED = "flagged"


class AbstentionReason(StrEnum):
    """Why no profile was published."""

    NO_PROFILE = "no_profile"
    LOW_PROBABILITY = "low_probability"
    LOW_MARGIN = "low_margin"
    WIDE_BAND = "wide_band"
    VETOED = "vetoed"
    TOO_LITTLE_OBSERVED = "too_little_observed"
    STALE_QUOTES = "stale_quotes"
    NO_QUOTES = "no_quotes"
    CROSSED_OR_LOCKED_QUOTES = "crossed_or_locked_quotes"
    WIDE_MARKET = "wide_market"
    LATE_PRINTS = "late_prints"
    NONSTANDARD_DELIVERABLE = "nonstandard_deliverable"
    AMBIGUOUS_STRUCTURE = "ambiguous_structure"
    PRE_EVENT_TIE = "pre_event_tie"
    MINUTE_BARS = "minute_bars"


class QualityFlag(StrEnum):
    """What is remarkable about the prints and quotes of an event; a flag never removes a row."""

    QUOTE_MISSING = "quote_missing"
    QUOTE_STALE = "quote_stale"
    QUOTE_LOCKED = "quote_locked"
    QUOTE_CROSSED = "quote_crossed"
    QUOTE_ONE_SIDED = "quote_one_sided"
    QUOTE_AGE_UNKNOWN = "quote_age_unknown"
    QUOTE_DISAGREES = "quote_disagrees"
    QUOTE_HISTORY_SHORT = "quote_history_short"
    UNDERLYING_MISSING = "underlying_missing"
    FORWARD_MISSING = "forward_missing"
    OUTSIDE_NBBO = "outside_nbbo"
    LATE = "late"
    OUT_OF_SEQUENCE = "out_of_sequence"
    OPENING = "opening"
    AUCTION = "auction"
    CROSS = "cross"
    FLOOR = "floor"
    COMPLEX = "complex"
    STOCK_TIED = "stock_tied"
    EXTENDED_HOURS = "extended_hours"
    COMPRESSION = "compression"
    CONDITION_UNKNOWN = "condition_unknown"
    ADJUSTED_CONTRACT = "adjusted_contract"
    CHANCE_JOIN = "chance_join"
    MINUTE_BAR = "minute_bar"


class RetractionReason(StrEnum):
    """Why a published event was withdrawn."""

    PRINT_CANCELLED = "print_cancelled"
    PRINT_ARRIVED_LATE = "print_arrived_late"
    JOINED = "joined"


class ConditionFamily(IntEnum):
    """Families of sale conditions; prints of different families never join, but for tickets of a herd, in the book and in auctions.

    BAR is no condition: every row of a tape of minute bars has it, and nothing joins.
    """

    SINGLE = 0
    SINGLE_AUCTION = 1
    SINGLE_CROSS = 2
    FLOOR = 3
    MULTI_AUTO = 4
    MULTI_AUCTION = 5
    MULTI_CROSS = 6
    MULTI_FLOOR = 7
    STOCK_OPTION = 8
    COMPRESSION = 9
    EXTENDED = 10
    LATE = 11
    UNKNOWN = 12
    OTHER = 13
    CANCEL = 14
    BAR = 15


class SignLayer(IntEnum):
    """Which rule decided the sign of a print."""

    NONE = 0
    TRADE_SIZE = 1
    NBBO_QUOTE = 2
    VENUE_QUOTE = 3
    DEPTH = 4
    CAUSAL_TICK = 5
    PACKAGE = 6
    EXCLUDED = 7
