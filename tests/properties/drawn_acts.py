"""Acts of a drawn tape and what they put on it: orders, fills in parts, sweeps, packages, clips, herds, odd quotes, cancels."""

from collections.abc import Callable
from dataclasses import dataclass

from drawn_market import FIRST, MS, SECOND, Row, quote, symbol

ORDER_CODES = " ISJabcdeBDFHKTXuv?"
"""Codes of single orders of every family: electronic, auction, cross, floor, late, compression, extended hours, unknown."""

PACKAGE_CODES = "fghijlmtLMQknop"
VENUES = "ABCEHIMNPQTWXZ"
CANCEL_CODES = "ACEG"
PLACES = {"below": -5, "bid": 0, "inside": 3, "mid": 5, "over_mid": 7, "ask": 10, "above": 15}
"""Where a print lies: cents above the bid of a market ten cents wide."""

STRUCTURES = {
    "vertical": ((0, 1), (2, 1)), "ratio": ((0, 1), (2, 2)), "straddle": ((4, 1), (5, 1)), "butterfly": ((2, 1), (4, 2), (6, 1)),
    "risk_reversal": ((3, 1), (6, 1)), "condor": ((1, 1), (3, 1), (6, 1), (8, 1)), "box": ((2, 1), (3, 1), (6, 1), (7, 1)),
    "calendar": ((4, 1), (14, 1)), "roll": ((5, 1), (13, 1)), "odd": ((0, 1), (3, 5), (17, 2)),
}  # fmt: skip
"""Contracts of an underlying and contracts a unit, by name."""

QUOTE_STATES = {
    "locked": (5, 5), "crossed": (10, 0), "no_bid": (None, 10), "no_ask": (0, None), "none": (None, None), "up": (10, 20),
    "wide": (0, 60), "back": (0, 10),
}  # fmt: skip
"""Bid and ask in cents above the usual bid; None stands for no quote on that side."""

HERD_MS = (0, 1300, 2100, 6500, 7200, 15_800, 16_100, 24_900, 33_300, 34_000, 41_500, 55_000)


@dataclass(frozen=True)
class Act:
    """One thing that happens: its kind, when (ms after the first instant), in which contract, and how."""

    kind: str
    ms: int
    ticker: str
    number: int
    size: int
    place: str
    venue: str
    code: str
    shape: str
    count: int


def price_at(number: int, place: str) -> float:
    """Price of a contract at a place of its usual market, USD."""
    return (quote(number)[0] + PLACES[place]) / 100


def print_row(act: Act, number: int, name: str, after_ns: int = 0, **changes: object) -> Row:
    """One print of an act in a contract of its underlying, `after_ns` after its time, as the act says unless changed."""
    row = {
        "print_id": name, "ts": FIRST + act.ms * MS + after_ns, "option_symbol": symbol(act.ticker, number), "underlying": act.ticker,
        "price": price_at(number, act.place), "size": act.size, "exchange": act.venue, "condition": act.code,
    }  # fmt: skip
    return row | changes


def _order(act: Act, names: list[str]) -> list[Row]:
    return [print_row(act, act.number, names[0])]


def _fill(act: Act, names: list[str]) -> list[Row]:
    """Some prints of one instant, venue, price and code."""
    return [print_row(act, act.number, name) for name in names[: act.count]]


def _sweep(act: Act, names: list[str]) -> list[Row]:
    """Intermarket sweeps over some venues, 0.2 ms apart."""
    venues = [VENUES[(VENUES.index(act.venue) + k) % len(VENUES)] for k in range(act.count)]
    return [print_row(act, act.number, names[k], k * MS // 5, exchange=venue, condition="S") for k, venue in enumerate(venues)]


def _package(act: Act, names: list[str]) -> list[Row]:
    """A structure under a package code, at one instant and venue."""
    code = PACKAGE_CODES[ord(act.code) % len(PACKAGE_CODES)]
    return [
        print_row(act, number, name, size=units * act.size, condition=code)
        for name, (number, units) in zip(names, STRUCTURES[act.shape], strict=False)
    ]


def _legged(act: Act, names: list[str]) -> list[Row]:
    """Two legs of one size, at the bid and at the ask, 5 ms apart and without a package code."""
    legs = zip(names, STRUCTURES[act.shape][:2], (("bid", 0), ("ask", 5 * MS)), strict=False)
    return [
        print_row(act, number, name, after, price=price_at(number, place), size=act.size + 9) for name, (number, _), (place, after) in legs
    ]


def _clips(act: Act, names: list[str]) -> list[Row]:
    """Clips of one size, seven seconds apart."""
    return [print_row(act, act.number, names[k], 7 * SECOND * k, condition="I") for k in range(act.count + 2)]


def _ladder(act: Act, names: list[str]) -> list[Row]:
    """Clips of one size, eight seconds apart, that alternate between neighbouring strikes of one right and expiry."""
    first = act.number if act.number % 10 < 8 else act.number - 2
    sizes = {"size": act.size + 9, "condition": "I"}
    return [
        print_row(act, first + 2 * (k % 2), names[k], 8 * SECOND * k, **sizes, price=price_at(first + 2 * (k % 2), "ask")) for k in range(6)
    ]


def _herd(act: Act, names: list[str]) -> list[Row]:
    """Twelve small tickets at the ask of five strikes of one right, within a minute."""
    rows = []
    for k, (name, ms) in enumerate(zip(names, HERD_MS, strict=False)):
        number = 2 * (k % 5) + act.number % 2
        rows.append(print_row(act, number, name, ms * MS, size=1 + k * k % 7, condition="I", price=price_at(number, "ask")))
    return rows


_PRINTED: dict[str, Callable[[Act, list[str]], list[Row]]] = {
    "order": _order, "fill": _fill, "sweep": _sweep, "package": _package, "legged": _legged, "clips": _clips, "ladder": _ladder,
    "herd": _herd,
}  # fmt: skip
KINDS = (*_PRINTED, "order", "quote")
"""What a tape is drawn from; single orders twice as often as the rest."""


def prints_of(act: Act, name: str) -> list[Row]:
    """The prints of an act, named after it; none of an act that only quotes or cancels."""
    return _PRINTED[act.kind](act, [f"{name}.{k:02d}" for k in range(12)]) if act.kind in _PRINTED else []


def quotes_of(act: Act) -> list[Row]:
    """The quote that an act of the kind `quote` sets, half a millisecond before its time."""
    return [quote_row(FIRST + act.ms * MS - MS // 2, act.ticker, act.number, *QUOTE_STATES[act.shape])] if act.kind == "quote" else []


def quote_row(ts: int, ticker: str, number: int, over: int | None, above: int | None) -> Row:
    """One NBBO row; bid and ask in cents above the usual bid, None for no quote on that side."""
    bid, ask = (0 if cents is None else (quote(number)[0] + cents) / 100 for cents in (over, above))
    venues = {"bid_exchange": VENUES[number % 5], "ask_exchange": VENUES[number % 7]}
    sizes = {"bid_size": 40 * bool(bid), "ask_size": 25 * bool(ask)}
    return {"ts": ts, "option_symbol": symbol(ticker, number), "bid": bid, "ask": ask} | sizes | venues


def cancel_of(prints: list[Row], act: Act, name: str) -> list[Row]:
    """A cancel of one of the prints, by id or by its looks, up to 80 seconds after it."""
    if not prints:
        return []
    target = prints[(act.ms + act.number) % len(prints)]
    named = {"cancels_print_id": target["print_id"]} if act.count % 2 else {}
    code = CANCEL_CODES[act.number % len(CANCEL_CODES)]
    return [target | named | {"print_id": f"{name}.x", "ts": target["ts"] + act.size * 200 * MS + 1, "condition": code}]
