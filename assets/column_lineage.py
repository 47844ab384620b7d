"""Which columns each column of a table is made from, in one declared table; features and scores state theirs in the library itself.

A column stands under the values that it is made from. Keys that only say which rows belong together, and the order of prints, are not
listed. Quotes and underlyings of the tape lie in files of their own beside its prints: what is looked up there stands under the time and
the contract of the print that asks.
"""

from functools import cache

import dagster as dg

from assets import stated_lineage
from resources.lake import COLUMN_LINEAGE

LOOKED_UP = "tape.ts tape.contract_id"
SIGNED = f"{LOOKED_UP} tape.price tape.size tape.venue tape.condition"
READ_AS = f"{LOOKED_UP} tape.price tape.size tape.condition"
"""What the side of a print, and the reading of a package, come from."""

DECLARED: dict[str, dict[str, str]] = {
    "tape": {
        "ts": "scenario_tape.ts",
        "seq": "scenario_tape.seq",
        "contract_id": "scenario_tape.option_symbol",
        "price": "scenario_tape.price",
        "size": "scenario_tape.size",
        "venue": "scenario_tape.exchange",
        "condition": "scenario_tape.condition",
        "print_id": "scenario_tape.print_id",
    },
    "quoted_prints": {
        "print_id": "tape.print_id",
        "ts": "tape.ts",
        "option_symbol": "tape.contract_id",
        "price_usd": "tape.price",
        "size": "tape.size",
        "exchange": "tape.venue",
        "condition": "tape.condition",
        "bid ask quote_age_ms is_locked is_crossed is_one_sided is_stale underlying_bid underlying_ask": LOOKED_UP,
        "spread_position": f"{LOOKED_UP} tape.price",
        "p_buy sign_layer sign_stability": SIGNED,
        "packet_number": f"{LOOKED_UP} tape.price tape.venue tape.condition",
    },
    "packets": {
        "packet_id event_id": "tape.print_id",
        "option_symbol contract underlying": "tape.contract_id",
        "packet_number start_ts end_ts closed_at first_order gap_ms_square_sum chance_log_odds": "tape.ts",
        "print_count": "tape.print_id",
        "contracts size_first size_max size_square_sum same_size_prints small_ticket_prints small_ticket_contracts": "tape.size",
        "price_first price_last price_min price_max": "tape.price",
        "premium_ticks": "tape.price tape.size",
        "premium_log_mean_first premium_log_var_first": "tape.contract_id tape.price tape.size",
        "premium_count_before": "tape.contract_id",
        "size_p99_first contract_volume_before underlying_volume_before": "tape.contract_id tape.size",
        "contract_rate_hz_first underlying_rate_hz_first": LOOKED_UP,
        "venue_mask venue_first": "tape.venue",
        "family condition_bits": "tape.condition",
        "iso_contracts": "tape.condition tape.size",
        "touch": f"{LOOKED_UP} tape.price",
        "mid_contracts inside_contracts outside_contracts spread_position_size_sum": f"{LOOKED_UP} tape.price tape.size",
        "quoted_contracts locked_contracts crossed_contracts one_sided_contracts unquoted_contracts stale_contracts age_known_contracts "
        "age_us_sum disagree_contracts history_short_contracts relative_spread_size_sum": f"{LOOKED_UP} tape.size",
        "signed_contracts buy_contracts sell_contracts ask_lift_contracts bid_hit_contracts logit_size_sum aggressor_size_sum "
        "stability_size_sum": SIGNED,
        "age_us_max bid_first ask_first bid_size_first ask_size_first u_bid_first u_ask_first u_age_us_first ref_bid_first ref_ask_first "
        "forward_source_first forward_first rate_first years_first ref_mid_u_first u_return_30s_first u_sigma_1s_first "
        "u_return_open_first iv_first delta_first gamma_first vega_first iv_shock_points iv_half_spread_points": LOOKED_UP,
        "leg leg_sign leg_ratio": READ_AS,
    },
    "parent_events": {
        "event_id packet_ids member_print_ids print_count": "tape.print_id",
        "underlying_id": "tape.contract_id",
        "event_kind assembly structure runner_up structure_margin package_buy_probability net_price_position parity_residual_half_spreads "
        "reconstruction_confidence quality_flags": READ_AS,
        "start_ts end_ts event_window_ms closed_at first_order": "tape.ts",
        "stock_tied": "tape.condition",
    },
    "parent_event_members": {"event_id print_id": "tape.print_id", "leg": READ_AS},
    "event_legs": {
        "event_id": "tape.print_id",
        "option_symbol": "tape.contract_id",
        "leg leg_sign leg_ratio": READ_AS,
        "contracts": "tape.size",
        "premium_usd": "tape.contract_id tape.price tape.size",
    },
    "event_links": {"event_id linked_event_id": "tape.print_id", "kind": READ_AS, "gap_ms": "tape.ts"},
    "flow_packets": {
        "source_ts": "packets.start_ts",
        "ingest_ts": "packets.end_ts",
        "seq": "packets.first_order",
        "trace_id id": "packets.packet_id",
        "members": "quoted_prints.print_id",
        "features": "packets.option_symbol packets.print_count packets.contracts packets.premium_ticks packets.price_first "
        "packets.price_last packets.start_ts packets.end_ts packets.bid_size_first packets.ask_size_first packets.u_bid_first "
        "packets.u_ask_first packets.u_age_us_first quoted_prints.price_usd quoted_prints.bid quoted_prints.ask "
        "quoted_prints.quote_age_ms parent_events.event_kind parent_events.structure",
        "join_quality": "quoted_prints.ask quoted_prints.quote_age_ms packets.u_ask_first packets.u_age_us_first",
        "event_id": "packets.event_id",
    },
    "classifier_hits": {
        "source_ts": "smart_money_events.start_ts",
        "ingest_ts": "smart_money_events.end_ts",
        "seq": "parent_events.first_order",
        "trace_id": "smart_money_events.profile_scores smart_money_events.packet_ids",
        "classifier_id": "smart_money_events.profile_scores smart_money_events.primary_profile_id",
        "confidence direction": "smart_money_events.profile_scores",
        "explanations": "smart_money_events.profile_scores smart_money_events.suppressed_reasons",
        "event_id": "smart_money_events.event_id",
    },
    "alerts": {
        "source_ts": "smart_money_events.start_ts",
        "ingest_ts": "smart_money_events.end_ts",
        "seq": "parent_events.first_order",
        "trace_id event_id": "smart_money_events.event_id",
        "score severity": "smart_money_events.features smart_money_events.profile_scores smart_money_events.primary_profile_id",
        "hits": "smart_money_events.profile_scores smart_money_events.primary_profile_id smart_money_events.suppressed_reasons",
        "evidence_refs": "smart_money_events.event_id smart_money_events.packet_ids smart_money_events.member_print_ids",
        "primary_profile_id": "smart_money_events.primary_profile_id",
        "profile_scores": "smart_money_events.profile_scores",
    },
    "evaluation_metrics": {
        "value n": "smart_money_events.underlying_id smart_money_events.features smart_money_events.profile_scores "
        "smart_money_events.none_probability smart_money_events.primary_profile_id smart_money_events.primary_direction "
        "smart_money_events.abstained smart_money_events.abstention_reasons parent_event_members.print_id",
    },
}
"""Columns of a table, and the columns of the tables before it that they are made from."""

MOST_NAMED = 12

MADE_HERE: dict[str, str] = {
    "event_features": "days_from_monthly_expiry",
    "profile_scores": "ruleset_version calibration_version",
    "event_evidence": "profile_id code",
    "smart_money_events": "revision provisional",
    "evaluation_metrics": "metric profile",
}
"""Columns that no column before them went into: names of what was asked, versions, marks of a batch run."""


@cache
def lineage_of(table: str) -> dict[str, list[str]]:
    """Return the `table.column`s that each column of a table is made from; none for a column of `MADE_HERE`, {} for an unknown table."""
    computed = {
        "event_features": stated_lineage.features,
        "profile_scores": stated_lineage.scores,
        "event_evidence": stated_lineage.evidence,
        "smart_money_events": stated_lineage.events,
    }
    stated = computed[table]() if table in computed else DECLARED.get(table, {})
    return {column: words.split() for columns, words in stated.items() for column in columns.split() if words}


def column_lineage(table: str) -> dict[str, dg.TableColumnLineage]:
    """Return the metadata entry of a table, nothing where no column of it comes from another table."""
    deps = {column: [_dep(name) for name in names] for column, names in lineage_of(table).items()}
    return {COLUMN_LINEAGE: dg.TableColumnLineage(deps_by_column=deps)} if deps else {}


def in_words(table: str, column: str) -> str:
    """Return what a column is made from as a sentence, which the columns panel shows; empty for none. Many of one table are counted."""
    found: dict[str, list[str]] = {}
    for name in lineage_of(table).get(column, []):
        before, _, held = name.partition(".")
        found.setdefault(before, []).append(held)
    said = [f"{before}: {', '.join(held) if len(held) <= MOST_NAMED else f'{len(held)} columns'}" for before, held in found.items()]
    return f"Made from {'; '.join(said)}." if said else ""


def _dep(name: str) -> dg.TableColumnDep:
    table, _, column = name.partition(".")
    return dg.TableColumnDep(asset_key=dg.AssetKey(table), column_name=column)
