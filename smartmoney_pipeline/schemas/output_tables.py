"""Every table that scoring writes: columns, closed lists and row rules, the one definition that checks, docs and lineage use.

Times are UTC nanoseconds. Null means unknown. Prints, quotes and other inputs: input_tables; tables of events: event_tables.
"""

from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa

from smartmoney_pipeline.schemas.codes import RetractionReason
from smartmoney_pipeline.schemas.event_tables import ParentEvents, ProfileScores, SmartMoneyEvents
from smartmoney_pipeline.schemas.generated_tables import NULL_BELOW_ZERO, EventFeaturesTable, Packets
from smartmoney_pipeline.schemas.input_tables import Flag, Price, Quarantine, Text, Timestamp, Whole
from smartmoney_pipeline.schemas.table_fields import (
    SCORED_CLASSES,
    SIGN_LAYERS,
    Listed,
    StrictTable,
    listed,
    rule,
    texts,
    values,
)

__all__ = [
    "NULL_BELOW_ZERO",
    "OUTPUT_TABLES",
    "SCORED_CLASSES",
    "SIGN_LAYERS",
    "EventEvidence",
    "EventFeaturesTable",
    "EventLegs",
    "EventLinks",
    "Packets",
    "ParentEventMembers",
    "ParentEvents",
    "ProfileScores",
    "QuotedPrints",
    "Retractions",
    "SmartMoneyEvents",
]

UNSIGNED_LAYERS = ("none", "package", "excluded")
"""Layers that leave a print unsigned: nothing decided, its package decides, or its condition excludes it."""


class QuotedPrints(StrictTable):
    """One row per print of the current view, with the market before it and its signing. Prices in USD per share."""

    print_id: Text = pa.Field(unique=True, description="the print")
    ts: Timestamp = pa.Field(description="time of the print at the SIP")
    option_symbol: Listed = listed("compact OSI symbol")
    price_usd: Price = pa.Field(gt=0, description="option premium, USD per share")
    size: Whole = pa.Field(gt=0, description="contracts")
    exchange: Listed = listed("OPRA participant letter; null unknown", nullable=True)
    condition: Listed = listed("OPRA sale condition; blank = regular, ? = unknown")
    bid: Price = pa.Field(gt=0, nullable=True, description="NBBO bid strictly before the print; null where there is none")
    ask: Price = pa.Field(gt=0, nullable=True, description="NBBO ask strictly before the print; null where there is none")
    quote_age_ms: Price = pa.Field(ge=0, nullable=True, description="ts less the time of that NBBO; null where unknown")
    spread_position: Price = pa.Field(nullable=True, description="(price - bid) / (ask - bid): 0 at the bid, 1 at the ask")
    is_locked: bool = pa.Field(description="bid = ask")
    is_crossed: bool = pa.Field(description="bid > ask")
    is_one_sided: bool = pa.Field(description="a bid or an ask, not both")
    is_stale: Flag = pa.Field(
        nullable=True, coerce=True, description="the NBBO is older than the stale limit; null where its age is unknown"
    )
    underlying_bid: Price = pa.Field(gt=0, nullable=True, description="bid of the underlying strictly before the print")
    underlying_ask: Price = pa.Field(gt=0, nullable=True, description="ask of the underlying strictly before the print")
    p_buy: Price = pa.Field(ge=0, le=1, nullable=True, description="probability that the customer bought; null where unsigned")
    sign_layer: Listed = listed("rule that decided the sign", SIGN_LAYERS)
    sign_stability: Price = pa.Field(ge=0, le=1, nullable=True, description="agreement of the sign over quotes 1, 10 and 100 ms older")
    packet_number: Whole = pa.Field(ge=0, description="packet that the print belongs to, by order of opening in the day; see packets")

    @rule("is_locked, is_crossed and is_one_sided say what bid and ask say")
    @classmethod
    def _flags_match_quotes(cls, frame: pd.DataFrame) -> pd.Series:
        bid, ask = frame["bid"], frame["ask"]
        one_sided = frame["is_one_sided"] == (bid.isna() != ask.isna())
        return one_sided & (frame["is_locked"] == (bid == ask)) & (frame["is_crossed"] == (bid > ask))

    @rule("p_buy is null exactly where no layer signed the print")
    @classmethod
    def _unsigned_is_null(cls, frame: pd.DataFrame) -> pd.Series:
        return frame["p_buy"].isna() == frame["sign_layer"].isin(UNSIGNED_LAYERS)


class ParentEventMembers(StrictTable):
    """Which print belongs to which event; a print belongs to at most one."""

    event_id: Listed = listed("the parent event")
    print_id: Text = pa.Field(unique=True, description="the member print")
    leg: np.int16 = pa.Field(ge=0, coerce=True, description="leg of its contract in the event, by expiry, strike, right")


class EventLegs(StrictTable):
    """One row per event and contract: which options an event traded, on which side as far as that is said, and how many."""

    event_id: Listed = listed("the parent event")
    leg: np.int16 = pa.Field(ge=0, coerce=True, description="leg of the contract in the event, by expiry, strike, right")
    option_symbol: Listed = listed("compact OSI symbol")
    leg_sign: np.int8 = pa.Field(isin=[-1, 0, 1], coerce=True, description="+1 bought, -1 sold as a leg of a package, 0 not enumerated")
    leg_ratio: np.int16 = pa.Field(ge=0, coerce=True, description="contracts of the leg per unit of the structure")
    contracts: Whole = pa.Field(gt=0, description="contracts of the leg")
    premium_usd: Price = pa.Field(gt=0, description="price x size x multiplier of the leg, USD")


class EventEvidence(StrictTable):
    """Why a notable event has its scores: one row per event, profile and piece of evidence, its prior among them.

    Contributions of one event and profile add up to its log-odds. Events whose profiles all stay near their prior are left out; `explain`
    works them out from their features.
    """

    event_id: Listed = listed("the parent event")
    profile_id: Listed = listed("the profile, or none", SCORED_CLASSES)
    code: Listed = listed("evidence, guard or prior in the rule table")
    observed: bool = pa.Field(description="the inputs were there; what was not observed neither speaks for nor against")
    value: Price = pa.Field(nullable=True, description="the feature's value; null where not observed or without a number")
    contribution: Price = pa.Field(description="nats added to the raw score; 0 where not observed")

    @rule("what was not observed has no value and adds nothing")
    @classmethod
    def _unobserved_is_silent(cls, frame: pd.DataFrame) -> pd.Series:
        return frame["observed"] | (frame["value"].isna() & (frame["contribution"] == 0.0))


class EventLinks(StrictTable):
    """Parents of one underlying that may belong to one campaign; a link never merges them."""

    event_id: Text = pa.Field(description="the later event")
    linked_event_id: Text = pa.Field(description="the earlier event")
    kind: Text = pa.Field(description="rule that linked them")
    gap_ms: Whole = pa.Field(ge=0, description="time between the end of the earlier and the start of the later event, 0 where they overlap")

    @rule("an event is not linked to itself")
    @classmethod
    def _links_two_events(cls, frame: pd.DataFrame) -> pd.Series:
        return frame["event_id"] != frame["linked_event_id"]


class Retractions(StrictTable):
    """Events that were said and withdrawn, with what replaced them."""

    event_id: Text = pa.Field(description="the withdrawn event")
    retracted_at: Timestamp = pa.Field(description="event time of the withdrawal")
    reason: Text = pa.Field(isin=values(RetractionReason), description="why it was withdrawn")
    replaced_by: Any = texts("events that took its prints; empty where none did")


OUTPUT_TABLES: dict[str, type[pa.DataFrameModel]] = {
    "quoted_prints": QuotedPrints,
    "packets": Packets,
    "parent_events": ParentEvents,
    "parent_event_members": ParentEventMembers,
    "event_legs": EventLegs,
    "event_features": EventFeaturesTable,
    "profile_scores": ProfileScores,
    "smart_money_events": SmartMoneyEvents,
    "event_evidence": EventEvidence,
    "event_links": EventLinks,
    "retractions": Retractions,
    "quarantine": Quarantine,
}
"""Table name (also the file name) to its model."""
