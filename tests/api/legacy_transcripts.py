"""The requests whose answers are frozen, and where the answers lie. Write them anew with `python tests/api/legacy_transcripts.py`,
and read the difference: a change there is a change of the frozen surface.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "legacy"
REQUESTS = {
    "health": "/health",
    "prints_options": "/prints/options",
    "prints_options_raw": "/prints/options?view=raw&limit=3",
    "prints_options_filtered": "/prints/options?view=raw&side=A,AA&type=call&min_notional=20000&security=stock",
    "prints_options_bad_limit": "/prints/options?limit=0",
    "prints_options_bad_side": "/prints/options?side=X",
    "nbbo_options": "/nbbo/options",
    "prints_equities": "/prints/equities",
    "prints_equities_range": "/prints/equities/range?underlying_id=AAPL&start_ts=2&end_ts=1",
    "prints_equities_range_bad": "/prints/equities/range",
    "quotes_equities": "/quotes/equities",
    "joins_equities": "/joins/equities",
    "flow_packets": "/flow/packets",
    "flow_packet": "/flow/packets/a-k1",
    "flow_packet_unknown": "/flow/packets/nothing",
    "flow_smart_money": "/flow/smart-money",
    "flow_classifier_hits": "/flow/classifier-hits",
    "flow_alerts": "/flow/alerts",
    "option_prints_by_trace": "/option-prints/by-trace?trace_id=a-p1&trace_id=b-p5",
    "option_prints_by_no_trace": "/option-prints/by-trace",
    "equity_joins_by_id": "/equity-joins/by-id?id=x",
    "history_options_page_1": "/history/options?view=raw&before_ts=1737124200900&before_seq=4&limit=2",
    "history_options_page_2": "/history/options?view=raw&before_ts=1737124200500&before_seq=2&limit=2",
    "history_options_of_one": "/history/options?view=raw&before_ts=9999999999999&before_seq=0&underlying_ids=spy"
    "&option_contract_id=SPY-2025-01-17-590-P",
    "history_options_bad": "/history/options?before_ts=1",
    "history_alerts_page_1": "/history/alerts?before_ts=9999999999999&before_seq=0&limit=1",
    "history_alerts_page_2": "/history/alerts?before_ts=1737383400000&before_seq=0&limit=1",
    "history_alerts_empty_marks": "/history/alerts?before_ts=&before_seq=",
    "history_alerts_no_marks": "/history/alerts",
    "history_nbbo": "/history/nbbo?before_ts=1&before_seq=1",
    "history_equities": "/history/equities?before_ts=1&before_seq=1",
    "history_equity_quotes": "/history/equity-quotes?before_ts=1&before_seq=1",
    "history_equity_joins": "/history/equity-joins?before_ts=1&before_seq=1",
    "history_flow": "/history/flow?before_ts=1737124200900&before_seq=4&limit=2",
    "history_smart_money": "/history/smart-money?before_ts=1737124200900&before_seq=4",
    "history_classifier_hits": "/history/classifier-hits?before_ts=1737383400000&before_seq=0",
    "replay_options": "/replay/options?view=raw&limit=2",
    "replay_nbbo": "/replay/nbbo",
    "replay_equities": "/replay/equities",
    "replay_equity_quotes": "/replay/equity-quotes",
    "replay_equity_joins": "/replay/equity-joins",
    "replay_flow": "/replay/flow?after_ts=1737124200500&after_seq=2&limit=1",
    "replay_smart_money_page_1": "/replay/smart-money?limit=2",
    "replay_smart_money_page_2": "/replay/smart-money?after_ts=1737124200500&after_seq=2&limit=2",
    "replay_classifier_hits": "/replay/classifier-hits?limit=1",
    "replay_alerts": "/replay/alerts?after_ts=1737124200000&after_seq=0",
    "replay_bad": "/replay/alerts?after_ts=x",
    "unknown_path": "/flow/nothing",
    "candles": "/candles/equities?underlying_id=AAPL&interval_ms=60000",
}
SUBSCRIBE = {
    "op": "subscribe",
    "subscriptions": [{"channel": "alerts"}, {"channel": "smart-money"}, {"channel": "nbbo"}, {"channel": "inferred-dark"}],
}
LIVE_ANSWERS = 5
"""`/ws/live`: ready, then one answer a subscription."""


def transcript(client) -> dict[str, bytes]:
    """Status line and body of every request, and what `/ws/live` says to SUBSCRIBE and a ping."""
    found = {}
    for name, path in REQUESTS.items():
        answer = client.get(path)
        found[f"{name}.json"] = f"{answer.status_code}\n".encode() + answer.content + b"\n"
    with client.websocket_connect("ws://127.0.0.1:8000/ws/live") as socket:
        socket.send_text(json.dumps(SUBSCRIBE))
        said = [socket.receive_text() for _ in range(LIVE_ANSWERS)]
        socket.send_text('{"op":"ping"}')
        said.append(socket.receive_text())
        socket.send_text('{"op":"subscribe","subscriptions":[]}')
        said.append(socket.receive_text())
    found["ws_live.txt"] = ("\n".join(said) + "\n").encode()
    return found


def main() -> None:
    """Write the answers of this checkout."""
    sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).resolve().parents[1] / "bridge")]
    from api_helpers import BASE, WIDE, HandClock
    from starlette.testclient import TestClient
    from tiny_lake import build_lake

    from smartmoney_pipeline.api.app import create_app
    from smartmoney_pipeline.api.settings import Settings

    GOLDEN.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(build_lake(Path(folder) / "lake"), limits=WIDE, clock=HandClock().clock(), secret=b"tests"))
        with TestClient(app, base_url=BASE) as client:
            for name, content in transcript(client).items():
                (GOLDEN / name).write_bytes(content)


if __name__ == "__main__":
    main()
