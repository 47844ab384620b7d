"""The page `docs/market-check.md`, made from the published table."""

from __future__ import annotations

from itertools import groupby

from smartmoney_pipeline.citations import SOURCES
from smartmoney_pipeline.evaluation.market_check.published import TABLE, Published

_INTRODUCTION = """# Market check

All figures of accuracy and calibration rest on generated days. This check asks whether such a day looks like a market: it
measures the tape, knowing the customer's side of every print, and holds each statistic against a published figure.

    smartmoney market-check --seed 7 --days 5 --session 2026-03-18

prints the table and exits with 3 if any statistic lies outside its band; `--json` gives the same as one document. A statistic
with too few cases is shown as `few` and is neither right nor wrong. Bands are stated before a day is measured and follow from the
sources; where no figure was found the source is `SEED`, and the band is judgement and nothing more.

This page is generated from `smartmoney_pipeline/evaluation/market_check/published.py`; a test fails where the two differ.

## How it is measured

* The quote of a print is the last one strictly before it. Cancels, late reports and trades of the extended session count only in
  their own shares. *Single-contract prints* are electronic and auction prints without legs, crosses or floor.
* Location is counted in quotes at least five cents wide: the published sample is of contracts whose quotes leave room inside.
* The trade-size rule compares a print with the size that its venue shows while it sets that side of the NBBO; the stack is trade
  size, then quote, then depth at the middle. An undecided print counts half, as in the source.
* Volatility is inverted from mids with Black's formula on the forward that put-call parity gives, on trading time (252 days); the
  check shares no code with what scores or with what generates.
* Parity pairs a call with the put of its strike whose quote changed at most a tenth of a second before; European contracts must
  lie within the half-spreads of a line in spot and strike fitted per expiry, American ones within the two bounds.
* Runs for the impact are prints of one contract and side at most five seconds apart; the move is that of the mid to one second
  after the last print, less delta times the move of the underlying, as a relative change of volatility; size is the run's share of
  the vega that the underlying traded. Runs weigh by the inverse square of their half-spread.
* The branching ratio is 1 - sqrt(mean / variance) of arrivals in two minutes, within half-hours.
* A ticker is an index if it settles in cash, a single name if it has earnings in the calendar, else a fund.
"""

_SUBJECTS = {
    "location": "Location in the quote",
    "size": "Sizes and prices",
    "condition": "Conditions and venues",
    "spread": "Spreads and auctions",
    "quote": "Quotes",
    "sign": "The customer's side",
    "arrival": "Arrivals",
    "spot": "Spot and volatility premium",
    "impact": "Impact",
    "smile": "Implied volatility",
    "parity": "Put-call parity",
}


def render() -> str:
    """Return the whole page."""
    parts = [_INTRODUCTION, *(_subject(name, list(rows)) for name, rows in groupby(TABLE, key=lambda row: row.subject)), _sources()]
    return "\n".join(parts)


def _subject(name: str, rows: list[Published]) -> str:
    head = "| statistic | passes in | published | how the band follows | source |\n| --- | --- | --- | --- | --- |"
    return f"## {_SUBJECTS[name]}\n\n{head}\n" + "\n".join(_row(row) for row in rows) + "\n"


def _row(row: Published) -> str:
    return f"| {row.title} | {band(row)} | {row.published} | {row.tolerance} | {row.source} |"


def band(row: Published) -> str:
    """Return the band in the unit of the statistic."""
    if row.unit == "share":
        return f"{100 * row.low:.6g} to {100 * row.high:.6g} %"
    unit = "" if row.unit in ("ratio", "corr", "slope", "volatility") else f" {row.unit}"
    return f"{row.low:g} to {row.high:g}{unit}"


def _sources() -> str:
    lines = [
        f"* **{key}**: {SOURCES[key].title}; {SOURCES[key].where} ({SOURCES[key].checked})" for key in sorted({r.source for r in TABLE})
    ]
    return "## Sources\n\nIn brackets how far each could be checked.\n\n" + "\n".join(lines) + "\n"
