"""Guards of all profiles: data quality first, then special prints that carry no direction of their own."""

from smartmoney_pipeline.profiles.conditions import any_of, at_least, at_most, is_true, is_unknown, structure_is, structure_is_not
from smartmoney_pipeline.profiles.vocabulary import Effect, Guard
from smartmoney_pipeline.schemas.codes import AbstentionReason, ProfileId, Structure

DIRECTIONAL = (
    ProfileId.INSTITUTIONAL_DIRECTIONAL,
    ProfileId.RETAIL_WHALE,
    ProfileId.EVENT_DRIVEN,
    ProfileId.HEDGE_REACTIVE,
)
"""Profiles whose evidence needs a side."""

WITH_DIRECTION = (Structure.VERTICAL, Structure.RISK_REVERSAL, Structure.SYNTHETIC, Structure.DIAGONAL, Structure.RATIO)
"""Structures whose net delta can be the purpose of the package."""
WITH_VOLATILITY = (Structure.STRADDLE, Structure.STRANGLE, Structure.GUTS)
"""Structures whose long vega can be the purpose of the package."""

DATA_QUALITY = (
    Guard(
        "QUOTES_MISSING",
        Effect.ABSTAIN,
        (at_most("quoted_share", 0.5, 0.5), at_most("crossed_or_locked_share", 0.49, 0.49)),
        (),
        "Half the contracts and more traded without a sound two-sided quote.",
        "SEED",
        AbstentionReason.NO_QUOTES,
    ),
    Guard(
        "QUOTES_STALE",
        Effect.ABSTAIN,
        (at_least("quote_staleness", 0.5, 0.5),),
        (),
        "The underlying left the quotes behind by a half-spread and more, or they are too old for how much it usually moves.",
        "SEED",
        AbstentionReason.STALE_QUOTES,
    ),
    Guard(
        "QUOTES_CROSSED_OR_LOCKED",
        Effect.ABSTAIN,
        (at_least("crossed_or_locked_share", 0.5, 0.5),),
        (),
        "Half the contracts and more traded on a crossed or locked market, where no side can be told.",
        "SW2003",
        AbstentionReason.CROSSED_OR_LOCKED_QUOTES,
    ),
    Guard(
        "MARKET_WIDE",
        Effect.ABSTAIN,
        (at_least("relative_spread", 0.5, 0.5), at_least("spread_usd", 0.10, 0.10)),
        (),
        "The spread is half the price and more, and not just one tick: side and volatility cannot be read.",
        "SEED",
        AbstentionReason.WIDE_MARKET,
    ),
    Guard(
        "PRINTS_LATE",
        Effect.ABSTAIN,
        (at_least("late_share", 0.5, 0.5),),
        (),
        "Reported late or out of sequence: the quotes beside the prints are not those of the trade.",
        "OPRA-SPEC",
        AbstentionReason.LATE_PRINTS,
    ),
    Guard(
        "DELIVERABLE_ADJUSTED",
        Effect.ABSTAIN,
        (is_true("flag.adjusted_contract"),),
        (),
        "The contract delivers something other than 100 shares; premium, delta and parity are not comparable.",
        "OPRA-SPEC",
        AbstentionReason.NONSTANDARD_DELIVERABLE,
    ),
    Guard(
        "STRUCTURE_AMBIGUOUS",
        Effect.ABSTAIN,
        (any_of(structure_is(Structure.CUSTOM), at_most("structure_margin", 0.5, 0.5)), structure_is_not(Structure.UNMATCHED_LEG)),
        (),
        "The legs fit no structure of the catalogue, or two about equally well.",
        "LMP",
        AbstentionReason.AMBIGUOUS_STRUCTURE,
    ),
    Guard(
        "JOIN_BY_CHANCE",
        Effect.VETO,
        (at_most("reconstruction_confidence", 0.5, 0.5),),
        tuple(ProfileId),
        "The prints may well be strangers that met by chance.",
        "CHANCE-GAP",
    ),
)

SPECIAL_PRINTS = (
    Guard(
        "COMPRESSION_TRADE",
        Effect.VETO,
        (is_true("flag.compression"),),
        tuple(ProfileId),
        "A compression trade nets positions away; it opens no view.",
        "OPRA-SPEC",
    ),
    Guard(
        "UNMATCHED_LEG",
        Effect.VETO,
        (structure_is(Structure.UNMATCHED_LEG),),
        tuple(ProfileId),
        "A leg without its package has no side and no exposure of its own.",
        "SW2003",
    ),
    Guard(
        "CROSS_PRINT",
        Effect.VETO,
        (at_least("cross_share", 0.5, 0.5), at_most("stock_tied_share", 0.5, 0.5)),
        DIRECTIONAL,
        "A cross was agreed between both sides before it printed: it has no aggressor.",
        "OPRA-SPEC",
    ),
    Guard(
        "FLOOR_PRINT",
        Effect.VETO,
        (at_least("floor_share", 0.5, 0.5),),
        DIRECTIONAL,
        "Floor prints are negotiated and mostly parts of packages; their time and side are not those of the quote.",
        "NYSE-2020",
    ),
    Guard(
        "AUCTION_PRINT",
        Effect.VETO,
        (at_least("auction_share", 0.5, 0.5),),
        (ProfileId.INSTITUTIONAL_DIRECTIONAL, ProfileId.EVENT_DRIVEN, ProfileId.HEDGE_REACTIVE),
        "Single-leg auction prints lie inside the spread and cover price improvement and solicitation alike: their side is not told.",
        "NYSE-RETAIL-2023",
    ),
    Guard(
        "STOCK_TIED_OPTIONS",
        Effect.VETO,
        (at_least("stock_tied_share", 0.5, 0.5), structure_is_not(Structure.PROTECTIVE_PUT)),
        DIRECTIONAL,
        "Traded against stock that the options tape does not show: the delta seen is not the delta taken.",
        "OPTIONS-REGULATION",
    ),
    Guard(
        "COMPLEX_WITHOUT_DIRECTION",
        Effect.VETO,
        (
            at_least("complex_share", 0.5, 0.5),
            any_of(structure_is_not(*WITH_DIRECTION), at_most("abs_net_delta_ratio", 0.1, 0.1), is_unknown("net_delta_ratio")),
        ),
        (ProfileId.INSTITUTIONAL_DIRECTIONAL, ProfileId.RETAIL_WHALE, ProfileId.HEDGE_REACTIVE),
        "This structure is not one made for direction, or its net delta is small: its legs alone say nothing of direction.",
        "FS2010",
    ),
    Guard(
        "COMPLEX_WITHOUT_EVENT_VIEW",
        Effect.VETO,
        (at_least("complex_share", 0.5, 0.5), structure_is_not(*WITH_DIRECTION, *WITH_VOLATILITY)),
        (ProfileId.EVENT_DRIVEN,),
        "A package that is neither directional nor long volatility is no view on an event.",
        "FS2010",
    ),
    Guard(
        "EXTENDED_HOURS",
        Effect.VETO,
        (at_least("extended_hours_share", 0.5, 0.5),),
        DIRECTIONAL,
        "Outside regular hours there is no reliable national quote to sign against.",
        "OPRA-SPEC",
    ),
    Guard(
        "SIDE_UNKNOWN",
        Effect.VETO,
        (is_unknown("aggressor_mix"), is_unknown("buy_probability")),
        (ProfileId.INSTITUTIONAL_DIRECTIONAL, ProfileId.VOL_SELLER),
        "No print could be signed, so there is no side to speak of.",
        "SW2003",
    ),
)

QUALITY_GUARDS: tuple[Guard, ...] = (*DATA_QUALITY, *SPECIAL_PRINTS)
