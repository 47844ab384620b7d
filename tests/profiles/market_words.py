"""Tables of events in market words: a base event by name, and changes as `name=value; name=value` with yes, no and unknown."""

import csv
from pathlib import Path

from flows import BOX, CONVERSION, EVENT, GAMMA, HERD, OVERWRITE, PACKAGE, PLAIN, SHORT_STRADDLE, SWEEP, flow

from smartmoney_pipeline.profiles.calibration import IDENTITY, load
from smartmoney_pipeline.profiles.explain import Explanation, explain
from smartmoney_pipeline.schemas.codes import Assembly, QualityFlag, Structure

ANSWERS = Path(__file__).parents[1] / "answers"
WORDS = {"yes": True, "no": False, "unknown": None}

BASES: dict[str, dict[str, object]] = {
    "five calls at the ask": PLAIN,
    "sweep": SWEEP,
    "herd": HERD,
    "event sweep": EVENT,
    "overwrite": OVERWRITE,
    "short straddle": SHORT_STRADDLE,
    "box": BOX,
    "conversion": CONVERSION,
    "expiring index calls": GAMMA,
    "vertical": PACKAGE | {
        "contracts": 3_000, "premium_usd": 500_000.0, "delta_notional_usd": 30_000_000.0, "largest_print_contracts": 800, "dte_days": 60,
        "abs_delta": 0.45, "net_delta_ratio": 0.28, "net_vega_ratio": 0.2, "open_interest_share": 1.2, "buy_probability": 0.95,
        "net_price_position": 0.9, "venue_count": 1, "strike_count": 2, "net_delta_per_unit": 0.32, "contracts_over_own_p99": 20.0,
    },
    "small call before earnings": EVENT | {
        "contracts": 200, "print_count": 3, "delta_notional_usd": 700_000.0, "dte_days": 5, "abs_delta": 0.25, "iso_share": 0.0,
        "venue_count": 1, "aggressor_mix": 0.44,
    },
    "index put after a fall": SWEEP | {
        "call_share": 0.0, "net_delta_ratio": -1.0, "index_or_etf": True, "abs_delta": 0.25, "day_return_sigmas": -1.4,
    },
    "deep calls": SWEEP | {"abs_delta": 0.95, "dte_days": 18},
    "straddle before earnings": SHORT_STRADDLE | {
        "net_vega_ratio": 1.0, "net_premium_usd": 640_000.0, "dte_days": 9, "iv_shock_half_spreads": 1.5, "spread_widening": 0.4,
        "trading_days_to_event": 3, "expiry_days_after_event": 4, "expiry_brackets_event": True, "pre_event_concentration": 1.0,
        "scheduled_earnings": True, "attention_z": 2.5,
    },
    "roll": PACKAGE | {
        "contracts": 300, "premium_usd": 60_000.0, "delta_notional_usd": 2e6, "net_delta_ratio": 0.05, "net_vega_ratio": 0.3,
    },
}  # fmt: skip
"""Base events; what each is stands beside its features in `flows.py`."""


def table(name: str) -> list[dict[str, str]]:
    """Return the rows of one table of answers."""
    with (ANSWERS / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def explained(base: str, *changes: str) -> Explanation:
    """Return the explanation of a base event with changes, later ones over earlier ones."""
    given = dict(pair.split("=") for text in changes for pair in text.replace(" ", "").split(";") if pair)
    structure, assembly, flag = (given.pop(name, None) for name in ("structure", "assembly", "flag"))
    values = {name: WORDS[value] if value in WORDS else float(value) for name, value in given.items()}
    return explain(
        flow(
            BASES[base],
            Structure(structure) if structure not in {None, "none"} else None,
            Assembly(assembly) if assembly else Assembly.HERD if base == "herd" else None,
            (QualityFlag(flag),) if flag else (),
            **values,
        ),
        load(IDENTITY),
    )
