"""A tape played by the server: the engine behind the stream is told what its rows are, and events have the ids of the published session."""

import asyncio
import json

import pyarrow.parquet as pq

from smartmoney_pipeline.api.live_feed import LiveFeed, LiveTape
from smartmoney_pipeline.engine.context import day_context
from smartmoney_pipeline.engine.ingest import import_day
from smartmoney_pipeline.engine.score_day import score_day

PRINTED = 1_736_951_460 * 10**9
"""2025-01-15 14:31 UTC."""
COLUMNS = "print_id,ts,seq,option_symbol,underlying,price,size,exchange,condition,nbbo_bid,nbbo_ask,underlying_bid,underlying_ask"
ROW = "{},2025-01-15T14:31:00Z,{},AAPL250117C00240000,AAPL,2.1,50,N,?,2.0,2.1,239.99,240.01"
REPORT = {"vendor": "lean", "nature": "minute_bars", "not_graded": [], "missing": [], "totals": {}}


def played(folder) -> list[dict]:
    """Events that the stream says of the tape, in order."""

    async def play() -> list[dict]:
        feed = LiveFeed(LiveTape(folder, None))
        feed.read()
        feed.start(asyncio.get_running_loop())
        while feed.state()["state"] in {"not begun", "playing"}:
            await asyncio.sleep(0.02)
        await feed.close()
        assert feed.state()["state"] == "finished"
        assert feed.hub.ended
        times = [one.message.said_ns for one in feed.hub.after(0, 100)]
        # The prints are of 14:31: what is said of them is said after that, and never after the time up to which the feed has come.
        assert PRINTED <= times[0] <= times[-1] <= feed.hub.time_ns
        return [json.loads(one.message.body) for one in feed.hub.after(0, 100) if one.message.kind == "event"]

    return asyncio.run(asyncio.wait_for(play(), 120))


def test_bars_are_not_graded_in_a_stream(tmp_path):
    (tmp_path / "option_prints.csv").write_text("\n".join([COLUMNS, ROW.format("a", 1), ROW.format("b", 2), ""]))
    as_prints = played(tmp_path)
    assert ["a", "b"] in [event["member_print_ids"] for event in as_prints]  # two prints of one instant are one order
    (tmp_path / "import.json").write_text(json.dumps(REPORT))
    events = played(tmp_path)
    assert {tuple(event["member_print_ids"]) for event in events} == {("a",), ("b",)}
    assert {tuple(event["abstention_reasons"]) for event in events} == {("minute_bars",)}


def test_an_event_has_the_id_that_the_published_session_gives_it(tmp_path):
    """The same members give the same id, live or published: alerts and links of the day lead to the published event."""
    tape = tmp_path / "tape"
    tape.mkdir()
    (tape / "option_prints.csv").write_text("\n".join([COLUMNS, ROW.format("a", 1), ROW.format("b", 2), ""]))
    out = score_day(day_context(import_day(tape, tmp_path / "day", source="tape")), tmp_path / "out")
    published = pq.read_table(out.folder / "smart_money_events.parquet")
    said = {tuple(event["member_print_ids"]): event["event_id"] for event in played(tape)}
    ids = {tuple(row["member_print_ids"]): row["event_id"] for row in published.to_pylist()}
    assert len(ids) > 0
    assert ids.items() <= said.items()
