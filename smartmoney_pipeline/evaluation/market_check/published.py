"""The published figures that a generated day is held against: one row per statistic, each with its source and how its band follows."""

from __future__ import annotations

from dataclasses import dataclass

from smartmoney_pipeline.citations import source


@dataclass(frozen=True, slots=True)
class Published:
    """One statistic: key, subject, what it is, its unit, the band that passes, the source, the published figure, and how the band follows.

    With `SEED` as its source there is no published figure: the band is judgement and `published` says so.
    """

    key: str
    subject: str
    title: str
    unit: str
    low: float
    high: float
    source: str
    published: str
    tolerance: str
    least: int = 200
    """Fewest cases; below it the statistic is neither right nor wrong."""


_SEED = "no figure known"

# Figures of BILZ-THESIS are of customer trades at ISE and Cboe, 2005 to 2017: tables of accuracy, coverage and quantiles, each sample
# apart. Shares by location follow from its tables of accuracy by location: twelve equations in five shares, solved with a residual
# below 1e-6 for ISE. That sample is of contracts with little trading and quotes 19 cents wide in the middle.
# fmt: off
TABLE: tuple[Published, ...] = (
    # where prints lie: single-contract electronic and auction prints, quotes at least five cents wide unless said otherwise
    Published("at_bid", "location", "prints at the bid", "share", 0.05, 0.25, "BILZ-THESIS", "between 5 % and 25 %: 5 % and 25 % quantiles",
        "as published: proximity to the NBBO, 5 % and 25 % quantiles"),
    Published("at_ask", "location", "prints at the ask", "share", 0.05, 0.25, "BILZ-THESIS",
        "between 5 % and 25 %: 75 % and 95 % quantiles", "as published: proximity to the NBBO, 75 % and 95 % quantiles"),
    Published("at_mid", "location", "prints at the middle", "share", 0.05, 0.13, "BILZ-THESIS",
        "10.1 % (ISE), 9.8 % (Cboe); quote rule decides 91-92 %", "3 points above; below half, as the share rises over the years"),
    Published("inside", "location", "prints inside, not at the middle", "share", 0.45, 0.80, "BILZ-THESIS", "69.8 % (ISE), 76.8 % (Cboe)",
        "3 points above; 25 below, as over 2005-17 half of the prints were at the NBBO"),
    Published("outside", "location", "prints outside the quote", "share", 0.001, 0.10, "BILZ-THESIS",
        "below 2 % (Cboe); 2 to 10 % (ISE test)", "as published: 1 %, 5 %, 95 % and 99 % quantiles"),
    Published("at_quotes_any_width", "location", "prints at bid or ask, any width", "share", 0.25, 0.70, "SEED", _SEED,
        "judgement: quotes of a tick or two leave nothing between"),
    # sizes and prices: electronic and auction prints, single or leg
    Published("size_p25", "size", "trade size, 25 % quantile", "contracts", 1, 2, "BILZ-THESIS", "1 (ISE), 1 to 2 (Cboe)", "as published"),
    Published("size_p50", "size", "trade size, median", "contracts", 2, 6, "BILZ-THESIS", "3 to 5 by sample", "one contract either way"),
    Published("size_p75", "size", "trade size, 75 % quantile", "contracts", 8, 12, "BILZ-THESIS", "10 in every sample", "20 %"),
    Published("size_p90", "size", "trade size, 90 % quantile", "contracts", 10, 50, "BILZ-THESIS", "between 10 (75 %) and 38-50 (95 %)",
        "as published"),
    Published("size_p95", "size", "trade size, 95 % quantile", "contracts", 30, 60, "BILZ-THESIS", "38 (ISE test), 50 (other samples)",
        "20 %"),
    Published("size_p99", "size", "trade size, 99 % quantile", "contracts", 105, 240, "BILZ-THESIS", "131 (ISE test) to 200 (Cboe)",
        "20 %"),
    Published("size_mean", "size", "trade size, mean", "contracts", 9.1, 21.8, "BILZ-THESIS", "11.4 (ISE test) to 18.1 (Cboe)", "20 %"),
    Published("one_lots", "size", "prints of one contract", "share", 0.25, 0.50, "BILZ-THESIS", "25 to 50 %: quartile 1, median 3",
        "as published"),
    Published("equal_size_chance", "size", "two prints have one size", "share", 0.124, 0.194, "SIZE-LAW", "0.155 for a size law like ISE's",
        "25 %"),
    Published("cleared_size_equity", "size", "mean size of all trades, equity and fund options", "contracts", 8.8, 20.6, "OCC-2016",
        "14.7 per cleared trade (2016)", "40 %: a figure of ten years ago and falling"),
    Published("cleared_size_index", "size", "mean size of all trades, index options", "contracts", 15.0, 35.0, "OCC-2016",
        "25.0 per cleared trade (2016)", "40 %: a figure of ten years ago and falling"),
    Published("price_p25", "size", "trade price without indexes, 25 % quantile", "USD", 0.22, 0.64, "BILZ-THESIS", "0.31 to 0.46 by sample",
        "30 to 40 %: depends on the names"),
    Published("price_p50", "size", "trade price without indexes, median", "USD", 0.75, 2.15, "BILZ-THESIS", "1.05 to 1.54 by sample",
        "30 to 40 %: depends on the names"),
    Published("price_p75", "size", "trade price without indexes, 75 % quantile", "USD", 2.10, 6.00, "BILZ-THESIS", "2.97 to 4.30 by sample",
        "30 to 40 %: depends on the names"),
    Published("quote_size_p50", "size", "bid size at prints, median", "contracts", 24, 100, "BILZ-THESIS",
        "30 (ISE test) to 78 (Cboe), one venue's quote", "25 %"),
    Published("quote_size_tail", "size", "bid size at prints, 95 % quantile over median", "ratio", 8.0, 25.0, "BILZ-THESIS",
        "15 to 20 by sample", "half to five quarters: best of several venues has a thinner tail"),
    # conditions: shares of all trades
    Published("electronic_volume", "condition", "electronic, volume", "share", 0.50, 0.63, "NYSE-2020", "54.9 to 58 %", "5 points"),
    Published("auction_volume", "condition", "auctions, volume", "share", 0.14, 0.27, "NYSE-2020", "17.1 to 24 %", "3 points"),
    Published("complex_electronic_volume", "condition", "complex on the electronic book, volume", "share", 0.09, 0.16, "NYSE-2020",
        "12 to 13 %", "3 points"),
    Published("floor_volume", "condition", "floor, volume", "share", 0.01, 0.11, "NYSE-2020", "9.5 % with floors open, 0 when shut",
        "1.5 points above"),
    Published("cross_volume", "condition", "crosses, volume", "share", 0.025, 0.065, "NYSE-2020", "4.0 to 4.7 %", "1.5 to 2 points"),
    Published("stock_tied_volume", "condition", "tied to stock, volume", "share", 0.003, 0.020, "NYSE-2020", "0.7 to 1.0 %",
        "half to double"),
    Published("complex_volume", "condition", "complex orders of all kinds, volume", "share", 0.25, 0.40, "LMP", "above 30 %",
        "5 points below, 10 above"),
    Published("floor_complex_volume", "condition", "complex share of the floor, volume", "share", 0.66, 0.96, "NYSE-2020", "81 % (Arca)",
        "15 points: few prints", 50),
    Published("floor_complex_prints", "condition", "complex share of the floor, prints", "share", 0.53, 0.83, "NYSE-2020", "68 % (Arca)",
        "15 points: few prints", 50),
    Published("electronic_prints", "condition", "electronic, prints", "share", 0.40, 0.70, "SEED", _SEED, "judgement"),
    Published("auction_prints", "condition", "auctions, prints", "share", 0.10, 0.35, "SEED", _SEED, "judgement"),
    Published("complex_prints", "condition", "complex orders of all kinds, prints", "share", 0.20, 0.42, "SEED", _SEED,
        "judgement: two to four prints an order"),
    Published("floor_prints", "condition", "floor, prints", "share", 0.002, 0.04, "SEED", _SEED, "judgement: few and large"),
    Published("cross_prints", "condition", "crosses, prints", "share", 0.0002, 0.01, "SEED", _SEED, "judgement: few and large"),
    Published("sweep_volume", "condition", "intermarket sweeps in electronic volume", "share", 0.05, 0.20, "SEED", _SEED, "judgement"),
    Published("cancels", "condition", "cancels in all messages", "share", 0.0005, 0.0035, "SEED", _SEED, "judgement: 0.1 to 0.3 %"),
    Published("late_reports", "condition", "late or out of sequence in all messages", "share", 0.0003, 0.003, "SEED", _SEED,
        "judgement: about 0.1 %"),
    Published("retail_volume", "condition", "small-ticket volume by NYSE's rule, no index", "share", 0.35, 0.60, "NYSE-RETAIL-2023",
        "45 % (2023), 48 % (2022)", "10 points below, 12 above; BPS2023 has above 60 % by another rule"),
    Published("zero_day_spx_volume", "condition", "SPX volume that expires today", "share", 0.45, 0.66, "CBOE-0DTE-2025",
        "50 % (2023), 61 % (2025)", "5 points"),
    Published("miax_volume", "condition", "MIAX group, equity and fund volume", "share", 0.112, 0.172, "MIAX-2024",
        "14.2 % (September 2024)", "3 points"),
    # spreads, at single-contract prints
    Published("half_spread_share", "spread", "half-spread of single names over mid, mean", "share", 0.05, 0.13, "MP2020",
        "8.6 % (S&P 500 names, 2004-15)", "4 points: other names"),
    Published("half_spread_usd", "spread", "half-spread of single names, mean", "USD", 0.06, 0.20, "MP2020",
        "13 cents (S&P 500 names, 2004-15)", "half to one and a half"),
    Published("effective_to_quoted", "spread", "effective over quoted half-spread, single names", "ratio", 0.65, 0.90, "MP2020",
        "0.77 in USD, 0.79 relative", "0.12"),
    Published("customer_cost_to_effective", "spread", "cost on the true side over cost on the quote rule's", "ratio", 0.05, 0.45,
        "BILZ-THESIS", "0.23 (ISE), 0.18 (Cboe), relative", "half to double; 0.03 to 0.10 in USD"),
    Published("weekly_small_spread", "spread", "spread over mid, at most 10 lots and 8 days, no index", "share", 0.06, 0.20, "BPS2023",
        "12.6 % (retail trades)", "half to one and a half"),
    Published("fund_spread_usd", "spread", "spread of fund options, median", "USD", 0.01, 0.04, "NASDAQ-QQQ", "about 2 cents (QQQ)",
        "half to double"),
    Published("otm_spread_ratio", "spread", "spread over mid, out of over at the money", "ratio", 1.2, 20.0, "MP2020",
        "wider in percent out of the money", "above 1 by a fifth"),
    Published("itm_spread_ratio", "spread", "spread in USD, in over at the money", "ratio", 1.1, 10.0, "MP2020",
        "wider in USD in the money", "above 1 by a tenth"),
    Published("cheap_spread_ratio", "spread", "spread over mid, below $0.50 over above $3", "ratio", 2.0, 50.0, "SEED", _SEED,
        "judgement: a tick weighs more"),
    Published("dear_spread_ratio", "spread", "spread in USD, above $3 over below $0.50", "ratio", 1.5, 50.0, "OIC-TICKS",
        "tick of 5 cents from $3, 1 cent below", "at least half as much again"),
    Published("auctions_improved", "spread", "auction prints better than the touch", "share", 0.30, 0.70, "HKR2025",
        "many auctions have one bidder; figures are judgement", "30 to 70 %"),
    Published("auction_improvement", "spread", "improvement where there is one, of the half-spread", "share", 0.10, 0.40, "HKR2025",
        "figures are judgement", "10 to 40 %"),
    # quotes
    Published("updates_per_print", "quote", "NBBO changes per print, whole tape", "changes", 10, 1000, "SEED",
        "quotes are 95-96 % of exchange events (SEC on CAT)", "judgement: a thinned tape"),
    Published("updates_per_print_active", "quote", "NBBO changes per print, median active contract", "changes", 100, 1000, "SEED",
        "quotes are 95-96 % of exchange events (SEC on CAT)", "judgement: 10^2 to 10^3 for active strikes", 30),
    Published("locked", "quote", "quotes locked", "share", 1e-4, 0.02, "SEED", _SEED, "judgement: seldom and short"),
    Published("crossed", "quote", "quotes crossed", "share", 1e-5, 0.01, "SEED", _SEED, "judgement: seldom and short"),
    Published("zero_bid_at_prints", "quote", "prints with no bid before them", "share", 0.01, 0.10, "BILZ-THESIS",
        "1 % quantile 0 in all, 5 % quantile 0 to 0.02 USD", "10 % above: 5 % is at the edge"),
    Published("zero_bid_far", "quote", "quotes offered at 5 cents or less without a bid", "share", 0.10, 0.95, "SEED", _SEED, "judgement"),
    Published("nickel_grid", "quote", "bids from $3 on the five-cent grid, no funds", "share", 1.0, 1.0, "OIC-TICKS", "five cents from $3",
        "none: a rule"),
    # signs: customer's side of single-contract prints; an undecided print counts half
    Published("quote_rule", "sign", "quote rule right", "share", 0.58, 0.66, "BILZ-THESIS",
        "63.7 % / 59.6 % (ISE all / test), 60.8 % / 59.8 % (Cboe)", "1.5 to 2 points"),
    Published("quote_rule_at_quotes", "sign", "quote rule right at bid or ask", "share", 0.35, 0.68, "BILZ-THESIS",
        "60.0 % (ISE), 38.2 % (Cboe)", "3 points below, 8 above: ISE had 64 % over all years"),
    Published("quote_rule_inside", "sign", "quote rule right inside", "share", 0.58, 0.70, "BILZ-THESIS", "60.4 % (ISE), 65.8 % (Cboe)",
        "2 to 4 points"),
    Published("trade_size_rule", "sign", "trade-size rule right where it decides", "share", 0.72, 0.85, "GSU2023",
        "79.9 % (ISE), 85 % (Cboe); 72-78 % at quotes 2015-17", "as published"),
    Published("trade_size_share", "sign", "prints that the trade-size rule decides", "share", 0.11, 0.27, "GSU2023",
        "22.3 % (ISE, own quotes)", "5 points above; half below, as the NBBO shows one venue's size"),
    Published("size_stack", "sign", "size, quote, depth right", "share", 0.64, 0.76, "BILZ-THESIS",
        "75.5 % / 67.6 % (ISE all / test), 71.9 % / 66.5 % (Cboe)", "2.5 points below"),
    Published("stack_at_quotes", "sign", "size, quote, depth right at bid or ask", "share", 0.68, 0.82, "BILZ-THESIS",
        "78.2 % (ISE), 72.3 % (Cboe)", "4 points"),
    Published("depth_at_mid", "sign", "depth rule right at the middle", "share", 0.53, 0.68, "GSU2023",
        "adds 0.8 to 1.2 points on the tenth of prints at the middle: 58 to 62 %", "5 to 6 points", 100),
    Published("buys", "sign", "customer buys in prints", "share", 0.42, 0.52, "BILZ-THESIS", "48.6 % (ISE), 46.1 % (Cboe)",
        "3 to 4 points"),
    Published("sign_persistence_1", "sign", "autocorrelation of sides, lag 1", "corr", 0.05, 0.50, "LMF2005",
        "long memory; positive to lag 50", "judgement"),
    Published("sign_persistence_5", "sign", "autocorrelation of sides, lag 5", "corr", 0.02, 0.40, "LMF2005",
        "long memory; positive to lag 50", "judgement"),
    Published("sign_persistence_10", "sign", "autocorrelation of sides, lag 10", "corr", 0.01, 0.35, "LMF2005",
        "long memory; positive to lag 50", "judgement"),
    Published("sign_persistence_20", "sign", "autocorrelation of sides, lag 20", "corr", 0.005, 0.30, "LMF2005",
        "long memory; positive to lag 50", "judgement"),
    Published("sign_persistence_50", "sign", "autocorrelation of sides, lag 50", "corr", 0.002, 0.25, "LMF2005",
        "long memory; positive to lag 50", "judgement"),
    # arrivals, spot and impact
    Published("first_half_hour", "arrival", "trades in the first half-hour (flat: 7.7 %)", "share", 0.10, 0.22, "SEED", _SEED,
        "judgement: U-shape"),
    Published("last_half_hour", "arrival", "trades in the last half-hour (flat: 7.7 %)", "share", 0.08, 0.18, "SEED", _SEED,
        "judgement: U-shape"),
    Published("midday", "arrival", "trades from 12:00 to 13:30 (flat: 23.1 %)", "share", 0.10, 0.20, "SEED", _SEED, "judgement: U-shape"),
    Published("fano_1s", "arrival", "variance over mean of prints a second", "ratio", 1.5, 50.0, "SEED", _SEED,
        "judgement: far from Poisson's 1"),
    Published("branching", "arrival", "branching ratio implied by counts in two minutes", "ratio", 0.50, 0.90, "HBB2013",
        "near 1 for index futures; 0.6 to 0.8 for a short kernel", "0.1"),
    Published("open_variance", "spot", "variance of the first half-hour over midday", "ratio", 1.7, 3.6, "AB1997", "about 2.5",
        "0.8 to 1.1: one day of few names", 60),
    Published("close_variance", "spot", "variance of the last half-hour over midday", "ratio", 1.0, 2.2, "AB1997", "about 1.5",
        "0.5 to 0.7: one day of few names", 60),
    Published("premium_index", "spot", "implied less realised volatility, indexes and funds", "volatility", 0.01, 0.05, "BTZ2009",
        "2 to 4 points", "1 point", 20),
    Published("premium_single", "spot", "implied less realised volatility, single names", "volatility", -0.03, 0.05, "BTZ2009",
        "0 to 2 points", "3 points: two standard errors of four names", 20),
    Published("impact_exponent", "impact", "exponent of volatility in vega volume of a run", "slope", 0.3, 0.7, "TOTH2016", "0.5", "0.2"),
    Published("impact_of_large", "impact", "rise of volatility with the largest eighth of runs", "share", 0.0001, 0.02,
        "MURAVYEV2016", "customers' buying lifts option prices", "above 0; judgement on its size", 50),
    # implied volatility and parity
    Published("skew_index", "smile", "slope of ln volatility per deviation, indexes and funds", "slope", -0.45, -0.10, "GJ2014",
        "form only; -0.35 for rho -0.7 and eta 1", "judgement", 6),
    Published("skew_single", "smile", "slope of ln volatility per deviation, single names", "slope", -0.25, 0.12, "GJ2014",
        "form only; -0.15 for rho -0.3 and eta 1", "judgement", 6),
    Published("skew_gap", "smile", "slope of single names less that of indexes", "slope", 0.05, 0.50, "BW2004",
        "index volatility is led by puts, that of stocks by calls", "above 0 by a margin", 12),
    Published("term_index", "smile", "volatility at 90 less at 20 days, indexes and funds", "volatility", 0.0, 0.06, "SEED", _SEED,
        "judgement: upwards on a calm day", 6),
    Published("event_move", "smile", "move implied for earnings within 45 days", "volatility", 0.02, 0.15, "DJKS2019", "median about 5 %",
        "judgement: 2 to 15 %", 3),
    Published("event_premium", "smile", "volatility over earnings, over that before", "ratio", 1.2, 10.0, "DJKS2019",
        "variance of the event adds to the first expiry after it", "above 1 by a fifth", 3),
    Published("event_term", "smile", "last less first volatility after earnings", "volatility", -0.60, -0.005, "DJKS2019",
        "falls with time to expiry", "below 0", 3),
    Published("leverage_index", "smile", "correlation of returns and volatility, indexes and funds", "corr", -0.95, -0.45, "BERGOMI",
        "about -0.75", "0.2 to 0.3: noise of quotes weakens it", 40),
    Published("leverage_single", "smile", "correlation of returns and volatility, single names", "corr", -0.65, -0.05, "BERGOMI",
        "about -0.35", "0.3: noise of quotes weakens it", 40),
    Published("calendar_order", "smile", "total variance does not fall with time", "share", 0.97, 1.0, "GJ2014",
        "always, without arbitrage", "3 %: fits of noisy mids", 50),
    Published("butterflies", "smile", "no butterfly is free at the quotes", "share", 0.995, 1.0, "GJ2014", "always, without arbitrage",
        "0.5 %: quotes of different moments"),
    Published("convex_mids", "smile", "mids convex in strike within a cent or a half-spread", "share", 0.98, 1.0, "GJ2014",
        "always, without arbitrage", "2 %: quotes of different moments"),
    Published("parity_european", "parity", "European call less put within half-spreads", "share", 0.95, 1.0, "KRAUSE2019",
        "violations vanish with synchronised prices", "5 %: quotes a tenth of a second apart"),
    Published("parity_american", "parity", "American call less put within its bounds", "share", 0.95, 1.0, "KRAUSE2019",
        "violations vanish with synchronised prices", "5 %: quotes a tenth of a second apart"),
)
# fmt: on

for _row in TABLE:
    source(_row.source)
