"""Columns of a packet: raw sums and first-print state of one contract-cluster. Integers are exact; features are made from these."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PacketColumn:
    """One column of the packets table: name (unit in its name) and meaning."""

    name: str
    description: str


INT_COLUMNS: tuple[PacketColumn, ...] = (
    PacketColumn("packet_number", "order of opening in tape order, from 0 in the day"),
    PacketColumn("contract", "dense contract id"),
    PacketColumn("underlying", "dense underlying id"),
    PacketColumn("family", "condition family code"),
    PacketColumn("start_ts", "time of the first print, ns UTC"),
    PacketColumn("end_ts", "time of the last print, ns UTC"),
    PacketColumn("closed_at", "event time at which nothing more could join, ns UTC"),
    PacketColumn("first_order", "row number of the first print in the sorted day"),
    PacketColumn("print_count", "member prints"),
    PacketColumn("contracts", "sum of sizes"),
    PacketColumn("premium_ticks", "sum of price x size, ticks"),
    PacketColumn("price_first", "price of the first print, ticks"),
    PacketColumn("price_last", "price of the last print, ticks"),
    PacketColumn("price_min", "lowest price, ticks"),
    PacketColumn("price_max", "highest price, ticks"),
    PacketColumn("size_first", "size of the first print"),
    PacketColumn("size_max", "largest print"),
    PacketColumn("size_square_sum", "sum of squared sizes"),
    PacketColumn("same_size_prints", "prints whose size equals the first print's"),
    PacketColumn("small_ticket_prints", "prints of at most ten contracts"),
    PacketColumn("small_ticket_contracts", "contracts in prints of at most ten contracts"),
    PacketColumn("touch", "+1 prints at or above the ask, -1 at or below the bid, 0 neither seen"),
    PacketColumn("venue_mask", "bit per OPRA participant letter, bit 0 = A"),
    PacketColumn("venue_first", "ASCII of the first print's participant letter"),
    PacketColumn("condition_bits", "bit set over the member conditions, see CONDITION_BITS"),
    PacketColumn("iso_contracts", "contracts under an intermarket-sweep code"),
    PacketColumn("signed_contracts", "contracts whose print has a buy probability"),
    PacketColumn("buy_contracts", "signed contracts with buy probability above one half"),
    PacketColumn("sell_contracts", "signed contracts with buy probability below one half"),
    PacketColumn("ask_lift_contracts", "signed contracts at or above the ask and likelier bought"),
    PacketColumn("bid_hit_contracts", "signed contracts at or below the bid and likelier sold"),
    PacketColumn("mid_contracts", "contracts at the exact mid"),
    PacketColumn("inside_contracts", "contracts strictly inside the quote, mid excepted"),
    PacketColumn("outside_contracts", "contracts outside the quote"),
    PacketColumn("quoted_contracts", "contracts with a two-sided quote that is neither locked nor crossed"),
    PacketColumn("locked_contracts", "contracts with bid = ask"),
    PacketColumn("crossed_contracts", "contracts with bid > ask"),
    PacketColumn("one_sided_contracts", "contracts with one side of the quote only"),
    PacketColumn("unquoted_contracts", "contracts without any quote"),
    PacketColumn("stale_contracts", "contracts whose quote was older than the stale limit"),
    PacketColumn("age_known_contracts", "contracts whose quote age is known"),
    PacketColumn("age_us_sum", "sum of contracts x quote age, microseconds"),
    PacketColumn("age_us_max", "greatest quote age, microseconds, -1 unknown"),
    PacketColumn("disagree_contracts", "contracts whose carried quote differs from the quote table"),
    PacketColumn("history_short_contracts", "contracts whose quote history did not reach back 100 ms"),
    PacketColumn("bid_first", "NBBO bid before the first print, ticks, -1 none"),
    PacketColumn("ask_first", "NBBO ask before the first print, ticks, -1 none"),
    PacketColumn("bid_size_first", "size at that bid, -1 none"),
    PacketColumn("ask_size_first", "size at that ask, -1 none"),
    PacketColumn("u_bid_first", "underlying bid before the first print, ticks, -1 none"),
    PacketColumn("u_ask_first", "underlying ask before the first print, ticks, -1 none"),
    PacketColumn("u_age_us_first", "age of that underlying quote, microseconds, -1 unknown"),
    PacketColumn("ref_bid_first", "bid 30 to 60 s before the first print, ticks, -1 none"),
    PacketColumn("ref_ask_first", "ask at that time, ticks, -1 none"),
    PacketColumn("forward_source_first", "0 none, 1 put-call parity, 2 spot"),
    PacketColumn("contract_volume_before", "contracts of this contract earlier in the session"),
    PacketColumn("underlying_volume_before", "option contracts of this underlying earlier in the session"),
    PacketColumn("premium_count_before", "earlier prints of the underlying behind the premium baseline"),
)

FLOAT_COLUMNS: tuple[PacketColumn, ...] = (
    PacketColumn("logit_size_sum", "sum of size x log-odds that the print was bought"),
    PacketColumn("aggressor_size_sum", "sum of size x (2 p_buy - 1)"),
    PacketColumn("stability_size_sum", "sum of size x sign stability over signed contracts"),
    PacketColumn("spread_position_size_sum", "sum of size x (price - bid) / (ask - bid) over quoted contracts"),
    PacketColumn("relative_spread_size_sum", "sum of size x (ask - bid) / mid over quoted contracts"),
    PacketColumn("gap_ms_square_sum", "sum of squared gaps between consecutive prints, ms^2"),
    PacketColumn("chance_log_odds", "sum over joins of ln(gap chance), for the odds against chance"),
    PacketColumn("forward_first", "forward for the expiry before the first print, USD, NaN none"),
    PacketColumn("rate_first", "discount rate used, per year, NaN none"),
    PacketColumn("years_first", "time to expiry on the pricing clock at the first print, years"),
    PacketColumn("ref_mid_u_first", "underlying mid at the reference time, USD, NaN none"),
    PacketColumn("u_return_30s_first", "log return of the underlying over the 30 s before"),
    PacketColumn("u_sigma_1s_first", "trailing deviation of its one-second log returns"),
    PacketColumn("u_return_open_first", "log return since the first mid of the day"),
    PacketColumn("contract_rate_hz_first", "trailing print rate of the contract, per second"),
    PacketColumn("underlying_rate_hz_first", "trailing option print rate of the underlying, per second"),
    PacketColumn("premium_log_mean_first", "trailing mean of ln(premium) of the underlying's prints"),
    PacketColumn("premium_log_var_first", "trailing variance of the same"),
    PacketColumn("size_p99_first", "99th percentile of the underlying's earlier print sizes, contracts, NaN none"),
)

PRICED_COLUMNS: tuple[PacketColumn, ...] = (
    PacketColumn("iv_first", "implied volatility of the mid before the first print, per year, NaN none"),
    PacketColumn("delta_first", "delta per unit of the underlying, NaN none"),
    PacketColumn("gamma_first", "gamma per unit of the underlying, NaN none"),
    PacketColumn("vega_first", "vega per 1.00 of volatility and share, NaN none"),
    PacketColumn("iv_shock_points", "change of implied volatility since the reference, points, NaN none or below the floor"),
    PacketColumn("iv_half_spread_points", "half the quoted spread in volatility points, NaN none"),
)

CONDITION_BITS: dict[str, int] = {
    "iso": 0,
    "late": 1,
    "out_of_sequence": 2,
    "opening": 3,
    "reopen": 4,
    "unknown": 5,
    "versus_single_leg": 6,
    "auction": 7,
    "cross": 8,
    "floor": 9,
    "multi_leg": 10,
    "stock_tied": 11,
    "extended_hours": 12,
    "compression": 13,
    "legacy": 14,
    "minute_bar": 15,
}
"""Bit of each condition mark in `condition_bits`."""

INT_INDEX: dict[str, int] = {column.name: i for i, column in enumerate(INT_COLUMNS)}
FLOAT_INDEX: dict[str, int] = {column.name: i for i, column in enumerate(FLOAT_COLUMNS)}
