"""Worked examples of size: contracts, premium, shares of volume. All answers by hand."""

from math import log

from worked_example import example

CALL_PUT = ({"contract": 1, "contracts": 30}, {"contract": 2, "contracts": 10, "is_call": False})

EXAMPLES = [
    example("contracts", 40, 2, "counting packets", *CALL_PUT),
    example("print_count", 5, 2, "counting packets", {"print_count": 3}, {"print_count": 2}),
    example(
        "premium_usd", 1_100, 2_000, "a multiplier of 100 for all", {"premium_ticks": 100_000}, {"premium_ticks": 100_000, "multiplier": 10}
    ),
    example("delta_notional_usd", 80_000, 20_000, "the net of call and put", {"delta_first": 0.5}, {"delta_first": -0.3, "contract": 2}),
    example("largest_print_contracts", 25, 40, "the largest packet", {"contracts": 40, "size_max": 25}, {"contracts": 10, "size_max": 10}),
    example(
        "premium_z",
        2.0,
        1.0,
        "dividing by the variance",
        {"premium_ticks": 100_000, "premium_log_mean_first": log(1_000) - 4, "premium_log_var_first": 4.0, "premium_count_before": 20},
    ),
    example(
        "contracts_over_own_p99",
        2.0,
        0.8,
        "state from within the event",
        {"contract": 1, "contracts": 30, "size_p99_first": 20.0},
        {"contract": 2, "contracts": 10, "size_p99_first": 50.0},
    ),
    example(
        "participation_share",
        0.5,
        1 / 7,
        "the volume since the open",
        {"contract": 1, "underlying_volume_before": 100},
        {"contract": 1, "underlying_volume_before": 130},
    ),
    example("contract_volume_share", 0.25, 1 / 3, "leaving this event out of the volume", {"contract_volume_before": 30}),
    example(
        "underlying_volume_share",
        0.2,
        0.3,
        "adding the volume before each packet",
        {"contract": 1, "underlying_volume_before": 80},
        {"contract": 2, "underlying_volume_before": 90},
    ),
    example(
        "open_interest_share",
        0.4,
        0.8,
        "counting a contract's open interest once a packet",
        {"contract": 1, "open_interest": 50.0},
        {"contract": 1, "open_interest": 50.0},
    ),
    example(
        "small_ticket_share",
        0.1,
        0.5,
        "the share of prints",
        {"contracts": 100, "small_ticket_contracts": 10, "small_ticket_prints": 1, "print_count": 2},
    ),
    example(
        "same_size_share",
        0.75,
        0.5,
        "the mean of packet shares",
        {"print_count": 3, "same_size_prints": 3},
        {"print_count": 1, "same_size_prints": 0},
    ),
    example("size_variation", 0.5, 0.5 * 2**0.5, "dividing by n - 1", {"contracts": 20, "print_count": 2, "size_square_sum": 5**2 + 15**2}),
]
