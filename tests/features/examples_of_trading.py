"""Worked examples of how it was traded: aggressor, quotes, route. All answers by hand."""

from math import exp

from tiny_inputs import OPEN_NS, SECOND
from worked_example import example

from smartmoney_pipeline.schemas.codes import ConditionFamily as F

MS = 1_000_000
MINUTE = 60 * SECOND
FAMILIES = ({"contracts": 30, "family": int(F.SINGLE)}, {"contracts": 10, "contract": 2})

AGGRESSOR = [
    example("aggressor_mix", 0.6, 0.15, "dividing by all contracts", {"contracts": 40, "signed_contracts": 10, "aggressor_size_sum": 6.0}),
    example(
        "buy_probability",
        1 / (1 + exp(-1.3)),
        1 / (1 + exp(-2.0)),
        "children counted as independent",
        {"contracts": 10, "print_count": 2, "signed_contracts": 10, "logit_size_sum": 10.0},
    ),
    example("ask_lift_share", 0.5, 0.25, "dividing by all contracts", {"contracts": 20, "signed_contracts": 10, "ask_lift_contracts": 5}),
    example("bid_hit_share", 0.4, 0.2, "dividing by all contracts", {"contracts": 20, "signed_contracts": 10, "bid_hit_contracts": 4}),
    example(
        "inside_share",
        0.5,
        0.3,
        "leaving out the mid",
        {"contracts": 10, "quoted_contracts": 10, "inside_contracts": 3, "mid_contracts": 2},
    ),
    example(
        "outside_share",
        0.2,
        0.5,
        "all that is not inside",
        {"contracts": 10, "quoted_contracts": 10, "outside_contracts": 2, "inside_contracts": 5},
    ),
    example(
        "spread_position",
        0.9,
        0.45,
        "dividing by all contracts",
        {"contracts": 20, "quoted_contracts": 10, "spread_position_size_sum": 9.0},
    ),
    example(
        "sign_stability",
        0.8,
        0.4,
        "dividing by all contracts",
        {"contracts": 20, "signed_contracts": 10, "stability_size_sum": 8.0, "aggressor_size_sum": 4.0},
    ),
    example(
        "two_sidedness",
        0.5,
        0.25,
        "the smaller packet ratio",
        {"buy_contracts": 8, "sell_contracts": 2},
        {"buy_contracts": 0, "sell_contracts": 2},
    ),
]
QUOTES = [
    example(
        "quoted_share",
        0.25,
        0.5,
        "the share of packets",
        {"contracts": 10, "quoted_contracts": 10},
        {"contracts": 30, "quoted_contracts": 0},
    ),
    example("quote_age_ms", 4.0, 2.0, "dividing by all contracts", {"contracts": 20, "age_known_contracts": 10, "age_us_sum": 40_000}),
    example("quote_age_ms_max", 7.0, -0.001, "reading -1 as an age", {"age_us_max": 7_000}, {"age_us_max": -1}),
    example("stale_share", 0.5, 0.25, "dividing by all contracts", {"contracts": 20, "age_known_contracts": 10, "stale_contracts": 5}),
    example("crossed_or_locked_share", 0.3, 0.1, "crossed only", {"contracts": 10, "locked_contracts": 2, "crossed_contracts": 1}),
    example(
        "relative_spread",
        0.1,
        0.05,
        "dividing by all contracts",
        {"contracts": 20, "quoted_contracts": 10, "relative_spread_size_sum": 1.0},
    ),
    example(
        "quote_drift_half_spreads",
        2.0,
        1.0,
        "in whole spreads",
        {
            "bid_first": 19_000,
            "ask_first": 21_000,
            "ref_bid_first": 19_000,
            "ref_ask_first": 21_000,
            "ref_mid_u_first": 99.6,
            "delta_first": 0.5,
        },
    ),
    example(
        "quote_age_move_half_spreads",
        0.5,
        5.0,
        "the age for its root",
        {
            "bid_first": 19_000,
            "ask_first": 21_000,
            "u_sigma_1s_first": 1e-4,
            "delta_first": 0.5,
            "age_us_sum": 10 * 100_000_000,
            "age_known_contracts": 10,
        },
    ),
    example(
        "largest_print_over_depth",
        0.5,
        5.0,
        "the other side of the quote",
        {"size_max": 25, "ask_size_first": 50, "bid_size_first": 5, "signed_contracts": 10, "aggressor_size_sum": 4.0},
    ),
    example(
        "spread_widening",
        0.5,
        -1 / 3,
        "the ratio upside down",
        {"bid_first": 10_000, "ask_first": 13_000, "ref_bid_first": 10_000, "ref_ask_first": 12_000},
        {"bid_first": 10_000, "ask_first": 20_000, "ref_bid_first": 10_000, "ref_ask_first": 12_000},
    ),
]
ROUTE = [
    example("venue_count", 3, 4, "adding the packets' venues", {"venue_mask": 0b0101}, {"venue_mask": 0b0110}),
    example("iso_share", 0.25, 0.5, "the share of packets", {"contracts": 30, "iso_contracts": 0}, {"contracts": 10, "iso_contracts": 10}),
    example(
        "auction_share",
        0.25,
        0.5,
        "counting multi-leg auctions",
        FAMILIES[0] | {"contracts": 20},
        FAMILIES[1] | {"family": int(F.SINGLE_AUCTION)},
        {"contracts": 10, "family": int(F.MULTI_AUCTION), "condition_bits": 1 << 7},
    ),
    example(
        "small_auction_share",
        0.25,
        0.5,
        "small tickets of any family",
        {"contracts": 30, "small_ticket_contracts": 10},
        {"contracts": 10, "small_ticket_contracts": 10, "family": int(F.SINGLE_AUCTION)},
    ),
    example(
        "cross_share",
        0.5,
        0.25,
        "single-leg crosses only",
        {"contracts": 20},
        {"contracts": 10, "family": int(F.SINGLE_CROSS)},
        {"contracts": 10, "family": int(F.MULTI_CROSS)},
    ),
    example(
        "floor_share",
        0.5,
        0.25,
        "single-leg floor prints only",
        {"contracts": 20},
        {"contracts": 10, "family": int(F.FLOOR)},
        {"contracts": 10, "family": int(F.MULTI_FLOOR)},
    ),
    example(
        "complex_share",
        0.75,
        0.25,
        "leaving out multi-leg prints against single legs",
        {"contracts": 10},
        {"contracts": 10, "family": int(F.MULTI_AUTO)},
        {"contracts": 20, "condition_bits": 1 << 10},
    ),
    example("stock_tied_share", 0.25, 0.5, "the share of packets", {"contracts": 30}, {"contracts": 10, "family": int(F.STOCK_OPTION)}),
    example(
        "late_share",
        0.5,
        0.25,
        "late without out of sequence",
        {"contracts": 20},
        {"contracts": 10, "condition_bits": 1 << 1},
        {"contracts": 10, "condition_bits": 1 << 2},
    ),
    example("extended_hours_share", 0.25, 0.5, "the share of packets", {"contracts": 30}, {"contracts": 10, "family": int(F.EXTENDED)}),
    example(
        "inter_fill_ms", 5.0, 10 / 3, "dividing by the number of prints", {"print_count": 3, "end_ts": OPEN_NS + 60 * SECOND + 10 * MS}
    ),
    example(
        "inter_fill_variation",
        0.5,
        0.5 * 2**0.5,
        "dividing by n - 1",
        {"start_ts": OPEN_NS},
        {"start_ts": OPEN_NS + 1 * MS},
        {"start_ts": OPEN_NS + 4 * MS},
    ),
    example("minutes_since_open", 5.0, 6.0, "from the last print", {"start_ts": OPEN_NS + 5 * MINUTE, "end_ts": OPEN_NS + 6 * MINUTE}),
    example("minutes_to_close", 385.0, 384.0, "from the last print", {"start_ts": OPEN_NS + 5 * MINUTE, "end_ts": OPEN_NS + 6 * MINUTE}),
]

EXAMPLES = [*AGGRESSOR, *QUOTES, *ROUTE]
