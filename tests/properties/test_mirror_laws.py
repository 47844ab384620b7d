"""Mirrors of a tape: bought for sold, calls for puts, and contracts of another multiplier."""

from dataclasses import replace
from typing import Any

import pyarrow as pa
from comparing import Event, by_members
from drawn_market import CONTRACTS, STRIKES, TICKERS, Row, quote, symbol
from drawn_tapes import Tape, tapes
from engine_runs import Run, batch
from laws import law

from smartmoney_pipeline.parent_events.packet_params import PacketParams
from smartmoney_pipeline.parent_events.parent_params import TICKET_USD
from smartmoney_pipeline.tape.conditions import condition

KINDS = ("order", "fill", "sweep", "package", "legged", "clips", "ladder", "herd")
TURNED = {"bullish": "bearish", "bearish": "bullish", "neutral": "neutral", "mixed": "mixed", "unknown": "unknown"}
NUMBERS = {symbol(ticker, number): number for ticker in TICKERS for number in range(CONTRACTS)}
SKELETON = ("underlying_id", "event_kind", "assembly", "start_ts", "end_ts", "closed_at", "reconstruction_confidence")


def skeleton(run: Run, *more: str) -> dict[tuple[str, ...], Event]:
    """What grouping says of every event, under its prints."""
    return {members: {name: row[name] for name in (*SKELETON, *more)} for members, row in by_members(run.rows(), ()).items()}


def sold_for_bought(tape: Tape) -> Tape:
    """Every price turned about the middle of the usual market, which never moves here, and the sides of every quote's size."""

    def turned(row: Row) -> Row:
        bid, ask = quote(NUMBERS[row["option_symbol"]])
        return row | {"price": (bid + ask - round(100 * row["price"])) / 100}

    swap = {"bid_size": "ask_size", "ask_size": "bid_size", "bid_exchange": "ask_exchange", "ask_exchange": "bid_exchange"}
    quotes = [row | {name: row[other] for name, other in swap.items()} for row in tape.quotes]
    return replace(tape, prints=[turned(row) for row in tape.prints], quotes=quotes)


def close(one: float | None, other: float | None) -> bool:
    """Equal but for the rounding of floats; null only beside null."""
    return one == other if one is None or other is None else abs(one - other) <= 1e-9 * max(1.0, abs(one))


def in_dollars(row: Row) -> float:
    """What a print costs, USD."""
    return row["price"] * row["size"] * 100


def has_the_same_tickets(tape: Tape) -> bool:
    """Whether whatever may be one packet costs less than a ticket's limit on both sides of the middle, or on neither.

    An exchange counts orders of up to 5,000 USD as retail (NYSE-RETAIL-2023), and at the ask an order costs more than at the bid.
    """
    pairs = zip(tape.prints, sold_for_bought(tape).prints, strict=True)
    runs: dict[Any, list[tuple[int, float, float]]] = {}
    for row, other in sorted(pairs, key=lambda pair: pair[0]["ts"]):
        run = runs.setdefault((row["option_symbol"], condition(row["condition"]).family), [])
        run.append((row["ts"], in_dollars(row), in_dollars(other)))
    return all(
        (sum(one for _, one, _ in run[i:j]) <= TICKET_USD.value) == (sum(other for *_, other in run[i:j]) <= TICKET_USD.value)
        for run in runs.values()
        for i in range(len(run))
        for j in range(i + 1, len(run) + 1)
        if run[j - 1][0] - run[i][0] <= PacketParams().span_ns
    )


@law(tape=tapes(KINDS).filter(has_the_same_tickets))
def test_bought_for_sold_turns_the_side_and_nothing_else(tape: Tape) -> None:
    """Direction and structure are compared where no stock is tied: a put bought with stock protects, and one sold does not."""
    straight, mirror = batch(tape.tables()), batch(sold_for_bought(tape).tables())
    assert skeleton(mirror) == skeleton(straight)
    turned = by_members(mirror.rows(), ())
    for members, event in by_members(straight.rows(), ()).items():
        one, other = event["features"], turned[members]["features"]
        assert close(one["aggressor_mix"], None if other["aggressor_mix"] is None else -other["aggressor_mix"])
        assert close(one["ask_lift_share"], other["bid_hit_share"])
        assert close(one["bid_hit_share"], other["ask_lift_share"])
        if event["event_kind"] == "single_leg_event":
            assert close(one["buy_probability"], None if other["buy_probability"] is None else 1 - other["buy_probability"])
        if not one["stock_tied_share"]:
            assert turned[members]["structure"] == event["structure"]
            assert turned[members]["primary_direction"] == TURNED[event["primary_direction"]]


def puts_for_calls(tape: Tape) -> Tape:
    """Every contract becomes the one of the other right as far on the other side of the money, where Bachelier's price is the same."""

    def other(name: str) -> str:
        number = NUMBERS[name]
        expiry, strike, right = number // (2 * len(STRIKES)), number // 2 % len(STRIKES), number % 2
        ticker = next(t for t in TICKERS if symbol(t, number) == name)
        return symbol(ticker, 2 * (expiry * len(STRIKES) + len(STRIKES) - 1 - strike) + 1 - right)

    prints, quotes = ([row | {"option_symbol": other(row["option_symbol"])} for row in rows] for rows in (tape.prints, tape.quotes))
    stock = [row | {"bid": round(200 - row["ask"], 2), "ask": round(200 - row["bid"], 2)} for row in tape.underlyings]
    return replace(tape, prints=prints, quotes=quotes, underlyings=stock)


@law(tape=tapes(KINDS))
def test_puts_for_calls_turn_the_direction(tape: Tape) -> None:
    """Grouping is the same whatever the contracts. Directions turn where a delta is known on both sides: the mirror is arithmetic and
    pricing is not, so a price close to its intrinsic value may have a volatility on one side alone."""
    straight, mirror = batch(tape.tables()), batch(puts_for_calls(tape).tables())
    assert skeleton(mirror) == skeleton(straight)
    turned = by_members(mirror.rows(), ())
    for members, event in by_members(straight.rows(), ()).items():
        known = all(row["features"]["net_delta_ratio"] is not None for row in (event, turned[members]))
        if event["event_kind"] == "single_leg_event" and known:
            assert turned[members]["primary_direction"] == TURNED[event["primary_direction"]]


MONEY = (
    "premium_usd",
    "delta_notional_usd",
    "vega_notional_usd",
    "dollar_gamma_1pct",
    "net_delta_shares",
    "net_vega_usd",
    "net_premium_usd",
)


@law(tape=tapes())
def test_the_multiplier_scales_money_and_nothing_else(tape: Tape) -> None:
    """A tenth of the shares a contract: the same events, sides and shares, a tenth of every amount."""
    tables = tape.tables()
    terms = pa.table({"option_symbol": sorted(NUMBERS), "multiplier": [10] * len(NUMBERS)})
    straight, tenth = batch(tables), batch({**tables, "contracts": terms})
    assert skeleton(tenth, "event_id", "structure", "primary_direction") == skeleton(straight, "event_id", "structure", "primary_direction")
    for one, other in zip(straight.rows(), tenth.rows(), strict=True):
        for name, value in one["features"].items():
            expected: Any = value / 10 if name in MONEY and value is not None else value
            assert close(expected, other["features"][name]), name
