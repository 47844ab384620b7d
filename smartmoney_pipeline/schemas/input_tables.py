"""Every input table of the canonical tape, with quarantine and corrections: the one definition that readers, checks and docs use.

Times are UTC nanoseconds, prices US dollars per share, sizes contracts (options) or shares (underlying).
Null means unknown. A column typed `| None` may be absent; a nullable one may hold nulls.
"""

from typing import Annotated

import pandas as pd
import pandera.pandas as pa
from pandera.engines.pandas_engine import Date
from pandera.typing import Series

from smartmoney_pipeline.schemas.codes import CorrectionRule, QuarantineReason

Timestamp = Series[Annotated[pd.DatetimeTZDtype, "ns", "UTC"]]
Text = Series[str]
Price = Series[float]
Whole = Series[int]
NullableWhole = Series[pd.Int64Dtype]
Flag = Series[pd.BooleanDtype]
Day = Series[Date]

EVENT_TYPES = ("earnings", "dividend", "m_and_a", "corporate_action", "fda", "macro", "other")
EVENT_TIMES = ("bmo", "amc", "during", "unknown")
SETTLEMENTS = ("am", "pm")
EXERCISES = ("american", "european")


class OptionPrints(pa.DataFrameModel):
    """One row per last-sale report. Order inside the table is (ts, seq)."""

    print_id: Text = pa.Field(unique=True, description="unique in the day; stable between deliveries of the same tape")
    ts: Timestamp = pa.Field(description="time of the print at the SIP")
    seq: Whole = pa.Field(description="feed sequence number; breaks ties of ts")
    option_symbol: Text = pa.Field(description="compact OSI symbol: root, yymmdd, C or P, strike in thousandths")
    underlying: Text = pa.Field(description="ticker of the underlying")
    price: Price = pa.Field(gt=0, description="option premium, USD per share")
    size: Whole = pa.Field(gt=0, description="contracts")
    exchange: Text = pa.Field(description="OPRA participant letter")
    condition: Text = pa.Field(description="OPRA sale condition, one character; blank = regular, ? = unknown")
    ts_recv: Timestamp | None = pa.Field(nullable=True, description="time of receipt; default ts")
    cancels_print_id: Text | None = pa.Field(nullable=True, description="the print that this cancel removes")
    nbbo_bid: Price | None = pa.Field(ge=0, nullable=True, description="NBBO bid carried on the print, USD")
    nbbo_ask: Price | None = pa.Field(ge=0, nullable=True, description="NBBO ask carried on the print, USD")
    nbbo_bid_size: NullableWhole | None = pa.Field(ge=0, nullable=True, description="contracts at the NBBO bid")
    nbbo_ask_size: NullableWhole | None = pa.Field(ge=0, nullable=True, description="contracts at the NBBO ask")
    underlying_bid: Price | None = pa.Field(ge=0, nullable=True, description="bid of the underlying, USD")
    underlying_ask: Price | None = pa.Field(ge=0, nullable=True, description="ask of the underlying, USD")
    venue_bid: Price | None = pa.Field(ge=0, nullable=True, description="bid of the printing venue, USD")
    venue_ask: Price | None = pa.Field(ge=0, nullable=True, description="ask of the printing venue, USD")
    venue_bid_size: NullableWhole | None = pa.Field(ge=0, nullable=True, description="contracts at the venue bid")
    venue_ask_size: NullableWhole | None = pa.Field(ge=0, nullable=True, description="contracts at the venue ask")


class OptionQuotes(pa.DataFrameModel):
    """NBBO of each contract, one row per change."""

    ts: Timestamp = pa.Field(description="time of the quote at the SIP")
    seq: Whole = pa.Field(description="feed sequence number; breaks ties of ts")
    option_symbol: Text = pa.Field(description="compact OSI symbol")
    bid: Price = pa.Field(ge=0, description="best bid, USD per share; 0 = no bid")
    ask: Price = pa.Field(ge=0, description="best ask, USD per share; 0 = no ask")
    bid_size: Whole = pa.Field(ge=0, description="contracts at the bid")
    ask_size: Whole = pa.Field(ge=0, description="contracts at the ask")
    bid_exchange: Text | None = pa.Field(nullable=True, description="OPRA letter of the venue of the best bid")
    ask_exchange: Text | None = pa.Field(nullable=True, description="OPRA letter of the venue of the best ask")


class UnderlyingQuotes(pa.DataFrameModel):
    """NBBO of each underlying, one row per change; an index has its value as bid and ask."""

    ts: Timestamp = pa.Field(description="time of the quote at the SIP")
    seq: Whole = pa.Field(description="feed sequence number; breaks ties of ts")
    underlying: Text = pa.Field(description="ticker of the underlying")
    bid: Price = pa.Field(ge=0, description="best bid, USD per share; 0 = no bid")
    ask: Price = pa.Field(ge=0, description="best ask, USD per share; 0 = no ask")
    bid_size: Whole = pa.Field(ge=0, description="shares at the bid")
    ask_size: Whole = pa.Field(ge=0, description="shares at the ask")


class VenueQuotes(pa.DataFrameModel):
    """Best quote of one venue in one contract, one row per change."""

    ts: Timestamp = pa.Field(description="time of the quote at the SIP")
    seq: Whole = pa.Field(description="feed sequence number; breaks ties of ts")
    option_symbol: Text = pa.Field(description="compact OSI symbol")
    exchange: Text = pa.Field(description="OPRA participant letter")
    bid: Price = pa.Field(ge=0, description="bid of the venue, USD per share; 0 = no bid")
    ask: Price = pa.Field(ge=0, description="ask of the venue, USD per share; 0 = no ask")
    bid_size: Whole = pa.Field(ge=0, description="contracts at the bid")
    ask_size: Whole = pa.Field(ge=0, description="contracts at the ask")


class UnderlyingPrints(pa.DataFrameModel):
    """Sales of the underlying."""

    ts: Timestamp = pa.Field(description="time of the print at the SIP")
    seq: Whole = pa.Field(description="feed sequence number; breaks ties of ts")
    underlying: Text = pa.Field(description="ticker of the underlying")
    price: Price = pa.Field(gt=0, description="USD per share")
    size: Whole = pa.Field(gt=0, description="shares")
    exchange: Text = pa.Field(description="letter of the stock exchange")


class EventCalendar(pa.DataFrameModel):
    """Corporate and macro events, each with the time from which it was public."""

    underlying: Text = pa.Field(description="ticker of the underlying")
    event_type: Text = pa.Field(isin=EVENT_TYPES, description="kind of event")
    event_date: Day = pa.Field(description="date of the event in New York")
    event_time: Text = pa.Field(isin=EVENT_TIMES, description="before the open, after the close, during, unknown")
    known_at: Timestamp = pa.Field(description="when the entry became public; nothing uses it before")
    amount: Price | None = pa.Field(nullable=True, description="dividend, USD per share; else null")
    source: Text = pa.Field(description="where the entry comes from")


class OpenInterest(pa.DataFrameModel):
    """Open interest at the start of the day, known before the open."""

    option_symbol: Text = pa.Field(description="compact OSI symbol")
    open_interest: Whole = pa.Field(ge=0, description="contracts")


class Rates(pa.DataFrameModel):
    """Risk-free curve of the day."""

    tenor_days: Whole = pa.Field(ge=0, description="calendar days")
    rate: Price = pa.Field(description="continuously compounded rate per year, as a fraction")


class History(pa.DataFrameModel):
    """One row per underlying and session before this one. What is absent was not observed."""

    underlying: Text = pa.Field(description="ticker of the underlying")
    session_date: Day = pa.Field(description="session that the row describes")
    close: Price | None = pa.Field(gt=0, nullable=True, description="closing price, USD per share")
    realised_volatility: Price | None = pa.Field(ge=0, nullable=True, description="per year, as a fraction")
    option_volume: NullableWhole | None = pa.Field(ge=0, nullable=True, description="contracts of all options")
    iv30: Price | None = pa.Field(ge=0, nullable=True, description="30-day implied volatility per year, a fraction")


class Contracts(pa.DataFrameModel):
    """Contracts that differ from the standard of their root."""

    option_symbol: Text = pa.Field(unique=True, description="compact OSI symbol")
    multiplier: NullableWhole | None = pa.Field(gt=0, nullable=True, description="shares per contract; default 100")
    settlement: Text | None = pa.Field(isin=SETTLEMENTS, nullable=True, description="default by root")
    exercise: Text | None = pa.Field(isin=EXERCISES, nullable=True, description="default by root")
    adjusted: Flag | None = pa.Field(nullable=True, description="default: the root ends in a digit")


class Quarantine(pa.DataFrameModel):
    """Rows that could not be read or trusted. Read + quarantined = rows in the file."""

    table: Text = pa.Field(description="table that the row belongs to")
    row: Whole = pa.Field(ge=0, description="row in the file, from 0, header not counted")
    reason: Text = pa.Field(isin=[reason.value for reason in QuarantineReason], description="first fault of the row")
    value: Text = pa.Field(nullable=True, description="the value at fault, as text")
    source_file: Text = pa.Field(description="name of the file")
    column: Text | None = pa.Field(nullable=True, description="column at fault, as the file names it, or `whole row`")


class Corrections(pa.DataFrameModel):
    """Prints that left the current view, and the cancels that removed them."""

    cancel_print_id: Text = pa.Field(nullable=True, description="the cancel; null where the vendor only flagged the print")
    cancelled_print_id: Text = pa.Field(unique=True, description="the print that was removed")
    ts: Timestamp = pa.Field(description="time of the cancel; of the print where there is none")
    rule: Text = pa.Field(isin=[rule.value for rule in CorrectionRule], description="how the print was found")


INPUT_TABLES: dict[str, type[pa.DataFrameModel]] = {
    "option_prints": OptionPrints,
    "option_quotes": OptionQuotes,
    "underlying_quotes": UnderlyingQuotes,
    "venue_quotes": VenueQuotes,
    "underlying_prints": UnderlyingPrints,
    "event_calendar": EventCalendar,
    "open_interest": OpenInterest,
    "rates": Rates,
    "history": History,
    "contracts": Contracts,
}
"""Table name (also the file name) to its model."""
