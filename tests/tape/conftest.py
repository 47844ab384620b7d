"""Tables that a tape may have besides the required ones, one good row each."""

from datetime import date

import pandas as pd
import pytest
from tape_tables import CALL, times


@pytest.fixture
def optional_tables() -> dict[str, pd.DataFrame]:
    quote = {"ts": times(["15:00:00"]), "seq": [1]}
    sides = {"bid": [2.0], "ask": [2.1], "bid_size": [1], "ask_size": [1]}
    return {
        "event_calendar": pd.DataFrame(
            {
                "underlying": ["AAPL"],
                "event_type": ["earnings"],
                "event_date": [date(2025, 2, 20)],
                "event_time": ["amc"],
                "known_at": times(["00:00:00"]),
                "amount": pd.Series([None], dtype="float64"),
                "source": ["static"],
            }
        ),
        "open_interest": pd.DataFrame({"option_symbol": [CALL], "open_interest": [10]}),
        "venue_quotes": pd.DataFrame({**quote, "option_symbol": [CALL], "exchange": ["C"], **sides}),
        "underlying_prints": pd.DataFrame({**quote, "underlying": ["AAPL"], "price": [244.51], "size": [100], "exchange": ["Q"]}),
        "rates": pd.DataFrame({"tenor_days": [30], "rate": [0.043]}),
        "history": pd.DataFrame(
            {
                "underlying": ["AAPL"],
                "session_date": [date(2025, 2, 13)],
                "close": [241.53],
                "realised_volatility": [0.22],
                "option_volume": pd.Series([900_000], dtype="Int64"),
                "iv30": [0.25],
            }
        ),
        "contracts": pd.DataFrame(
            {
                "option_symbol": [CALL],
                "multiplier": pd.Series([10], dtype="Int64"),
                "settlement": ["am"],
                "exercise": ["european"],
                "adjusted": pd.Series([True], dtype="boolean"),
            }
        ),
    }
