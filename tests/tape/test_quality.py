"""Counts by eye on the tiny day."""

from tape_tables import day, option_prints

from smartmoney_pipeline.tape.ingest import read_frames


def test_counts_of_prints():
    carried = option_prints().assign(nbbo_bid=[2.0, 0.0, None, 2.2], nbbo_ask=[2.1, 11.5, None, 2.1])
    prints = read_frames({**day(), "option_prints": carried}).quality["prints"]
    assert prints["by_family"] == {"single": 3, "unknown": 1}
    assert (prints["current"], prints["removed"], prints["corrections"], prints["late"]) == (4, 0, 0, 0)
    assert prints["condition_unknown"] == 1
    assert prints["carried_nbbo_share"] == 0.75
    assert prints["carried_nbbo"] == {"crossed": 1, "locked": 0, "one_sided": 1, "zero": 1}
    assert prints["carried_underlying_share"] == 0.0


def test_counts_of_rows():
    tables = day()
    tables["option_prints"].loc[1:2, "price"] = [-1.0, 2.00001]
    assert read_frames(tables).quality["tables"]["option_prints"] == {
        "rows": 4,
        "read": 2,
        "quarantined": 2,
        "by_reason": {"non_positive_price": 1, "price_off_grid": 1},
    }
