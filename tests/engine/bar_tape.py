"""A tape of minute bars written by hand as the import of a vendor leaves it; no test is here."""

from __future__ import annotations

import json
from pathlib import Path

SESSION = "2025-01-15"
COLUMNS = "print_id,ts,seq,option_symbol,underlying,price,size,exchange,condition,nbbo_bid,nbbo_ask,underlying_bid,underlying_ask"
CALL, HIGHER, PUT = "AAPL250117C00240000", "AAPL250117C00245000", "AAPL250117P00240000"
REPORT = {"vendor": "lean", "nature": "minute_bars", "not_graded": ["side"], "missing": [], "totals": {}}


def rows() -> list[str]:
    """Rows that group if they are prints: one contract twice at one instant, two legs of one code, one contract every minute at the ask."""
    bars = [
        ("a", "14:31:00", CALL, 2.1, 50, "N", "?"),
        ("b", "14:31:00", CALL, 2.1, 30, "N", "?"),
        ("c", "14:32:00", CALL, 2.0, 40, "C", "f"),
        ("d", "14:32:00", HIGHER, 1.0, 40, "C", "f"),
        *((f"w{minute}", f"14:{minute}:00", PUT, 2.1, 60, "N", "?") for minute in range(40, 46)),
    ]
    return [
        f"{name},{SESSION}T{clock}Z,{seq},{symbol},AAPL,{price},{size},{venue},{code},{price - 0.1:.2f},{price},239.99,240.01"
        for seq, (name, clock, symbol, price, size, venue, code) in enumerate(bars)
    ]


def write_tape(folder: Path, nature: str | None = "minute_bars") -> Path:
    """The tape in `folder`; without a nature it has no report of an import."""
    folder.mkdir(parents=True)
    (folder / "option_prints.csv").write_text("\n".join([COLUMNS, *rows(), ""]))
    if nature is not None:
        (folder / "import.json").write_text(json.dumps(REPORT | {"nature": nature}))
    return folder
