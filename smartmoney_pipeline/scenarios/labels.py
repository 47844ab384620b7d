"""The labels: which print belongs to which planned event, and what is right to say of it. For evaluation alone, never on the tape."""

import numpy as np
import pandas as pd
import pyarrow as pa

from smartmoney_pipeline.scenarios.agents.instances import Instance
from smartmoney_pipeline.scenarios.orders import ALONE
from smartmoney_pipeline.scenarios.underlying_day import UnderlyingDay
from smartmoney_pipeline.schemas.units import NS_PER_SECOND

LABEL_COLUMNS = (
    "label_id",
    "parent_id",
    "print_id",
    "profile",
    "template",
    "variant",
    "direction",
    "event_start",
    "event_end",
    "difficulty",
    "family",
    "expected",
    "guards",
)
"""`label_id` names the whole event, `parent_id` the part of it that is one parent (design decision D5): an order, a package, the legs of a
clip, or what a worked order or a crowd does within a minute. `profile` is what made the event (or `none`), `expected` what a scorer
should say: that profile, another, `none` or `abstain`."""

_TIME = pa.timestamp("ns", tz="UTC")
_KINDS = {"event_start": _TIME, "event_end": _TIME, "guards": pa.list_(pa.string())}
LABEL_SCHEMA = pa.schema([(name, _KINDS.get(name, pa.string())) for name in LABEL_COLUMNS])
PARENT_WINDOW_NS = 60 * NS_PER_SECOND
"""Longest time from the first to the last print of a worked order's or a crowd's parent; what goes on longer is a campaign."""
SIDE_KINDS = {"print_id": pa.string(), "side": pa.int8(), "order_id": pa.string()}
SIDE_COLUMNS = tuple(SIDE_KINDS)


def surviving(prints: pd.DataFrame) -> pd.DataFrame:
    """Return the prints that stand at the end of the day, each once: no cancels, nothing cancelled, no second reports of one print."""
    live = prints[(prints["cancels"] < 0) & ~prints["cancelled"]]
    return live.drop_duplicates("print_id")


def labels_table(prints: pd.DataFrame, days: list[UnderlyingDay]) -> pd.DataFrame:
    """Return one row per surviving print of a planned event (columns `LABEL_COLUMNS`); times UTC.

    An event whose prints were all cancelled has no rows.
    """
    live = surviving(prints)
    live = live[live["event"] >= 0]
    parts = [_labels_of(live[live["underlying"] == day.ticker], day) for day in days]
    return pd.concat(parts, ignore_index=True)[list(LABEL_COLUMNS)]


def sides_table(prints: pd.DataFrame) -> pd.DataFrame:
    """Return side (+1 the customer bought) and order of every print (columns `SIDE_COLUMNS`), each print once.

    `order_id` names the customer's order or package that the print filled, background included: where orders are pieces of a larger one
    (or parts of one decision), that.
    """
    once = prints.drop_duplicates("print_id").reset_index(drop=True)
    whole = once["event"].astype(str) + "/whole " + once["unit"].astype(str)
    order = whole.where(once["unit"] != ALONE, once["order"].astype(str))
    return once.assign(order_id=once["underlying"] + "/" + order)[list(SIDE_COLUMNS)]


def sides_arrow(sides: pd.DataFrame) -> pa.Table:
    """Return the sides and orders as they are written."""
    return pa.table({name: pa.array(sides[name], kind) for name, kind in SIDE_KINDS.items()})


def _about(instance: Instance) -> dict[str, object]:
    return {
        "profile": instance.profile,
        "template": instance.template,
        "variant": instance.variant.name,
        "direction": str(instance.direction),
        "difficulty": str(instance.difficulty),
        "family": str(instance.family),
        "expected": instance.expected,
        "guards": list(instance.guards),
    }


def parents_of(prints: pd.DataFrame) -> np.ndarray:
    """Number of the parent within the event of each print, from 0 in order of their first prints.

    Orders that stand alone are a parent each; those of one unit share one for a minute from its first print.
    """
    alone = (prints["unit"] == ALONE).to_numpy()
    group = prints.assign(order=np.where(alone, prints["order"], 0)).groupby(["event", "unit", "order"], sort=False).ngroup().to_numpy()
    first = _window_starts(group, prints["executed"].to_numpy(), PARENT_WINDOW_NS)
    keys = pd.DataFrame({"event": prints["event"].to_numpy(), "first": first, "group": group})
    ranked = keys.drop_duplicates().sort_values(["event", "first", "group"])
    ranked["number"] = ranked.groupby("event").cumcount()
    return keys.merge(ranked, on=["event", "first", "group"], how="left")["number"].to_numpy()


def _window_starts(group: np.ndarray, ts: np.ndarray, length: int) -> np.ndarray:
    """Start of the window that each row lies in: windows of a group open at its first row and again at the first row after one."""
    starts = np.full(len(ts), -1, dtype=np.int64)
    left = np.arange(len(ts))
    while len(left):
        first = pd.Series(ts[left]).groupby(group[left]).transform("min").to_numpy()
        inside = ts[left] <= first + length
        starts[left[inside]] = first[inside]
        left = left[~inside]
    return starts


def _labels_of(prints: pd.DataFrame, day: UnderlyingDay) -> pd.DataFrame:
    event = prints["event"].to_numpy()
    columns = [name for name in LABEL_COLUMNS if name not in {"label_id", "parent_id", "print_id", "event_start", "event_end"}]
    about = pd.DataFrame([_about(instance) for instance in day.instances], columns=columns, dtype=object)
    span = prints.groupby("event")["ts"].agg(["min", "max"]).reindex(event)
    rows = about.iloc[event].reset_index(drop=True)
    label = np.char.add(f"{day.ticker}-", np.char.zfill(event.astype(str), 4)) if len(event) else np.empty(0, "U1")
    part = np.char.add(".", np.char.zfill(parents_of(prints).astype(str), 3)) if len(event) else np.empty(0, "U1")
    return rows.assign(
        label_id=label,
        parent_id=np.char.add(label, part),
        print_id=prints["print_id"].to_numpy(),
        event_start=pd.to_datetime(span["min"].to_numpy(np.int64), utc=True).astype("datetime64[ns, UTC]"),
        event_end=pd.to_datetime(span["max"].to_numpy(np.int64), utc=True).astype("datetime64[ns, UTC]"),
    )
