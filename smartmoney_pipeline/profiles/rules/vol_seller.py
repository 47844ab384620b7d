"""Evidence consistent with selling volatility: overwrites, put-writes and short-volatility structures."""

from smartmoney_pipeline.profiles.conditions import any_of, at_least, at_most, between, is_true, structure_is, structure_is_not
from smartmoney_pipeline.profiles.rules.writing import SHORT_VEGA, WRITING
from smartmoney_pipeline.profiles.vocabulary import Effect, Evidence, Family, Grade, Guard, ProfileRules, Rests
from smartmoney_pipeline.schemas.codes import ProfileId, Structure

SIGN, QUOTES, JOIN = Rests.SIGN, Rests.QUOTES, Rests.JOIN
FLAT = at_most("abs_net_delta_ratio", 0.15, 0.4)
FLAT_OR_HEDGED = any_of(FLAT, at_least("stock_tied_share", 0.5, 0.9))
"""A sold put with all its delta is a bullish position: short vega counts where delta is flat or stock hedges it."""
NET_CREDIT = at_most("net_premium_usd", 0, 0)

EVIDENCE = (
    Evidence(
        "LARGE_SALE",
        Family.SIZE,
        (at_least("contracts_over_own_p99", 0.75, 1.0), SHORT_VEGA),
        0.4,
        Grade.D,
        "SEED",
        "Sold in a size at the 99th percentile of the name's own sizes.",
        rests=(SIGN, JOIN),
        confusable="institutional_directional",
    ),
    Evidence(
        "SOLD_WITHOUT_RETAIL_FOOTPRINT",
        Family.CONDITION,
        (at_most("small_ticket_share", 0.2, 0.6), at_most("small_auction_share", 0.05, 0.15), SHORT_VEGA),
        0.6,
        Grade.C,
        "BM2023",
        "Sold without small tickets; trader-level retail data hold few writers of options.",
        rests=(SIGN,),
        confusable="institutional_directional",
    ),
    Evidence(
        "SHORT_STRADDLE_OR_STRANGLE",
        Family.STRUCTURE,
        (structure_is(Structure.STRADDLE, Structure.STRANGLE, Structure.GUTS), SHORT_VEGA, NET_CREDIT, FLAT),
        2.2,
        Grade.A,
        "HULL",
        "A straddle or strangle sold for a net credit with little delta: short volatility by construction.",
        rests=(SIGN, JOIN),
        confusable="event_driven",
        guard="LONG_CONVEXITY",
    ),
    Evidence(
        "SHORT_CONDOR_OR_FLY",
        Family.STRUCTURE,
        (
            structure_is(Structure.IRON_CONDOR, Structure.IRON_FLY, Structure.CONDOR, Structure.BUTTERFLY),
            at_most("net_vega_ratio", -0.1, -0.02),
        ),
        1.5,
        Grade.A,
        "HULL",
        "A condor or butterfly whose net vega is short: volatility sold with bought wings.",
        rests=(SIGN, JOIN),
        confusable="arbitrage",
        guard="RESIDUAL_EXPOSURE",
    ),
    Evidence(
        "FLAT_DELTA_SHORT_VOLATILITY",
        Family.STRUCTURE,
        (FLAT, SHORT_VEGA),
        0.8,
        Grade.C,
        "CE2003",
        "Short vega with little net delta is a position in volatility rather than in the stock.",
        rests=(SIGN, JOIN),
        confusable="arbitrage",
        guard="RESIDUAL_EXPOSURE",
    ),
    Evidence(
        "SOLD_WITH_MUCH_DELTA",
        Family.MONEYNESS_TENOR,
        (at_least("abs_delta", 0.55, 0.75), at_least("abs_net_delta_ratio", 0.5, 0.9), SHORT_VEGA),
        -0.8,
        Grade.C,
        "WFMC",
        "Sold near or in the money with all its delta: a sale of the stock's direction as much as of its volatility.",
        confusable="institutional_directional",
    ),
    Evidence(
        "NET_SHORT_VEGA",
        Family.DIRECTION_VEGA,
        (SHORT_VEGA, FLAT_OR_HEDGED),
        1.5,
        Grade.B,
        "BW2004",
        "Net vega is short with delta flat or hedged by stock: volatility was sold, not the stock (BW2004, LLPP2007).",
        rests=(SIGN,),
        confusable="institutional_directional",
        guard="PREMIUM_WRITTEN",
    ),
    Evidence(
        "SOLD_TO_THE_BID",
        Family.DIRECTION_VEGA,
        (at_most("aggressor_mix", -0.5, -0.2),),
        0.2,
        Grade.C,
        "LLPP2007",
        "On the sell side of the quote: accounts write more equity calls than they buy, 0.354 to 0.287 % of shares, a ratio of e^0.2.",
        rests=(SIGN, QUOTES),
        confusable="event_driven",
    ),
    Evidence(
        "EVENT_EXPLAINS_SALE",
        Family.EVENT,
        (is_true("expiry_brackets_event"), at_most("trading_days_to_event", 10, 12)),
        -0.8,
        Grade.C,
        "WFMC",
        "A known event lies before expiry: sales ahead of scheduled news carry information of their own.",
        confusable="event_driven",
    ),
    Evidence(
        "RICH_VOLATILITY",
        Family.IV_RESPONSE,
        (at_least("volatility_premium_z", 0.5, 1.0),),
        0.4,
        Grade.D,
        "BTZ2009",
        "Implied stands above realised volatility by more than is usual for the name: context that favours sellers.",
        confusable="event_driven",
    ),
    Evidence(
        "IV_FALLS_ON_SALE",
        Family.IV_RESPONSE,
        (at_most("iv_shock_half_spreads", -1.0, -0.3), SHORT_VEGA),
        0.8,
        Grade.B,
        "BW2004",
        "Implied volatility falls where options are sold.",
        rests=(SIGN, QUOTES),
        confusable="institutional_directional",
    ),
    *WRITING,
)

VOLATILITY_STRUCTURES = (
    Structure.STRADDLE,
    Structure.STRANGLE,
    Structure.GUTS,
    Structure.BUTTERFLY,
    Structure.BROKEN_WING_BUTTERFLY,
    Structure.CONDOR,
    Structure.IRON_CONDOR,
    Structure.IRON_FLY,
    Structure.RATIO,
    Structure.CALENDAR,
)

GUARDS = (
    Guard(
        "PREMIUM_WRITTEN",
        Effect.CAP,
        (
            at_most("net_vega_ratio", -0.6, -0.6),
            between("otm_amount", 0.0, 0.0, 0.03, 0.03),
            between("dte_days", 20, 20, 45, 45),
            structure_is_not(Structure.VERTICAL, Structure.RISK_REVERSAL, Structure.SYNTHETIC),
        ),
        (ProfileId.INSTITUTIONAL_DIRECTIONAL,),
        "Options sold at or just out of the money with about a month to run are first of all consistent with writing premium.",
        "CBOE-INDEX",
    ),
    Guard(
        "LONG_CONVEXITY",
        Effect.VETO,
        (at_least("net_vega_ratio", 0.1, 0.1), structure_is(*VOLATILITY_STRUCTURES)),
        (ProfileId.VOL_SELLER,),
        "Net vega of the volatility structure is long given the likely side: nothing was sold on balance.",
        "HULL",
    ),
    Guard(
        "CREDIT_VERTICAL",
        Effect.CAP,
        (structure_is(Structure.VERTICAL), at_least("abs_net_delta_ratio", 0.1, 0.1)),
        (ProfileId.VOL_SELLER,),
        "A vertical that keeps delta is a direction: a credit alone sells no volatility.",
        "LMP",
    ),
)

RULES = ProfileRules(
    ProfileId.VOL_SELLER,
    "Options sold on balance: calls or puts near the money with about a month to run, covered calls, or short-volatility structures.",
    EVIDENCE,
    GUARDS,
)
