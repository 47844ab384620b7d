"""Evidence consistent with a position around a known corporate event."""

from smartmoney_pipeline.profiles.conditions import any_of, at_least, at_most, between, is_true, is_unknown, structure_is
from smartmoney_pipeline.profiles.vocabulary import Effect, Evidence, Family, Grade, Guard, ProfileRules, Rests
from smartmoney_pipeline.schemas.codes import AbstentionReason, ProfileId, Structure

SIGN, QUOTES, JOIN = Rests.SIGN, Rests.QUOTES, Rests.JOIN
FLAT = at_most("abs_net_delta_ratio", 0.15, 0.3)
NEAR = at_most("trading_days_to_event", 10, 12)
BRACKETS = is_true("expiry_brackets_event")
LARGE_NET_DELTA = at_least("abs_net_delta_ratio", 0.5, 0.9)
"""A delta-neutral sale is a sale of volatility."""
NOT_DIVIDEND_DAY = any_of(is_unknown("ex_dividend_next_session"), at_most("ex_dividend_next_session", 0, 0))
"""Volume before an ex-dividend date is dividend play before it is news."""
"""Only events known before the first print count; an unannounced takeover can be no evidence live."""

EVIDENCE = (
    Evidence(
        "EVENT_SIZED_ORDER",
        Family.SIZE,
        (at_least("delta_gate_ratio", 0.5, 1.0), NEAR, BRACKETS),
        0.4,
        Grade.D,
        "SEED",
        "Large delta dollars across a known event, unlike the lottery tickets that retail buys there.",
        rests=(JOIN,),
        confusable="institutional_directional",
        guard="PRE_EVENT_SHORT_DATED_CALL",
    ),
    Evidence(
        "UNUSUAL_VOLUME_BEFORE_EVENT",
        Family.SIZE,
        (at_least("attention_z", 2.0, 2.5), NOT_DIVIDEND_DAY, NEAR, BRACKETS),
        0.8,
        Grade.C,
        "ABS2019",
        "Option volume is unusual against past sessions, as found before takeover announcements.",
        confusable="retail_whale",
        guard="RETAIL_FRENZY",
    ),
    Evidence(
        "SWEPT_BEFORE_EVENT",
        Family.URGENCY_ROUTE,
        (at_least("venue_count", 1, 3), at_least("iso_share", 0.2, 0.6), NEAR, BRACKETS),
        0.8,
        Grade.C,
        "CHAK2012",
        "Liquidity was taken on several venues at once ahead of the event.",
        rests=(JOIN,),
        confusable="institutional_directional",
    ),
    Evidence(
        "NOT_RETAIL_TICKETS",
        Family.CONDITION,
        (at_most("small_ticket_share", 0.25, 0.6), at_most("small_auction_share", 0.05, 0.15), NEAR, BRACKETS),
        0.6,
        Grade.B,
        "BPS2023",
        "The retail footprint is missing from this flow before the event.",
        confusable="institutional_directional",
    ),
    Evidence(
        "RETAIL_TICKETS_BEFORE_EVENT",
        Family.CONDITION,
        (at_least("small_ticket_share", 0.5, 0.8),),
        -0.8,
        Grade.C,
        "DSS2022",
        "Small tickets before announcements are where retail accounts trade, and lose.",
        confusable="retail_whale",
    ),
    Evidence(
        "STRADDLE_ACROSS_EVENT",
        Family.STRUCTURE,
        (structure_is(Structure.STRADDLE, Structure.STRANGLE), at_least("net_vega_ratio", 0.3, 0.6), FLAT, BRACKETS, NEAR),
        0.8,
        Grade.C,
        "GXZ2018",
        "A straddle or strangle of little delta bought across the event is consistent with a view on the size of its move.",
        rests=(SIGN, JOIN),
        confusable="vol_seller",
        guard="LONG_CONVEXITY",
    ),
    Evidence(
        "EVENT_LEVERAGE",
        Family.MONEYNESS_TENOR,
        (between("abs_delta", 0.1, 0.15, 0.6, 0.75), at_most("dte_days", 30, 45), NEAR, BRACKETS),
        0.8,
        Grade.C,
        "ABS2019",
        "Near-dated options of moderate delta give most leverage on the event.",
        rests=(QUOTES,),
        confusable="retail_whale",
        guard="PRE_EVENT_SHORT_DATED_CALL",
    ),
    Evidence(
        "THESIS_HORIZON_UNLIKE_EVENT",
        Family.MONEYNESS_TENOR,
        (at_least("dte_days", 30, 45),),
        -0.8,
        Grade.C,
        "ABS2019",
        "A month and more beyond today: the same flow at this horizon speaks for a thesis rather than for the date.",
        confusable="institutional_directional",
    ),
    Evidence(
        "SOLD_BEFORE_SCHEDULED_NEWS",
        Family.DIRECTION_VEGA,
        (
            at_most("aggressor_mix", -0.5, -0.2),
            is_true("scheduled_earnings"),
            at_least("abs_delta", 0.4, 0.6),
            LARGE_NET_DELTA,
            NEAR,
            BRACKETS,
        ),
        0.8,
        Grade.C,
        "WFMC",
        "Options of large delta sold ahead of scheduled news: before scheduled news only sales are informative.",
        rests=(SIGN, QUOTES),
        confusable="vol_seller",
    ),
    Evidence(
        "FIRST_EXPIRY_AFTER_EVENT",
        Family.EVENT,
        (at_most("expiry_days_after_event", 10, 15), at_least("pre_event_concentration", 0.6, 0.95), NEAR, BRACKETS),
        1.2,
        Grade.B,
        "ABS2019",
        "Nearly all vega lies in the first expiry after a known event within ten sessions (ABS2019, DSS2022); the usual share is unknown.",
        confusable="retail_whale",
        guard="PRE_EVENT_SHORT_DATED_CALL",
    ),
    Evidence(
        "EVENT_WITHIN_DAYS",
        Family.EVENT,
        (at_most("trading_days_to_event", 5, 10), BRACKETS),
        0.4,
        Grade.D,
        "SEED",
        "The event is at most a week away.",
        confusable="retail_whale",
        guard="PRE_EVENT_SHORT_DATED_CALL",
    ),
    Evidence(
        "SPREADS_WIDEN_BEFORE_EVENT",
        Family.IV_RESPONSE,
        (at_least("spread_widening", 0.1, 0.4), NEAR, BRACKETS),
        0.8,
        Grade.C,
        "ABS2019",
        "Quoted spreads widened in the minute before, as market makers do when they fear better informed flow.",
        rests=(QUOTES,),
        confusable="institutional_directional",
    ),
    Evidence(
        "IV_RISES_BEFORE_EVENT",
        Family.IV_RESPONSE,
        (at_least("iv_shock_half_spreads", 0.5, 1.5), NEAR, BRACKETS),
        0.8,
        Grade.C,
        "ABS2019",
        "Implied volatility of the traded options rose ahead of the event.",
        rests=(QUOTES,),
        confusable="retail_whale",
    ),
)

GUARDS = (
    Guard(
        "DATED_BY_EVENT",
        Effect.CAP,
        (BRACKETS, at_most("trading_days_to_event", 10, 10), at_most("dte_days", 29, 29)),
        (ProfileId.INSTITUTIONAL_DIRECTIONAL,),
        "The expiry brackets a known event within ten sessions: the same flow speaks for the date before it speaks for a thesis.",
        "ABS2019",
    ),
    Guard(
        "PRE_EVENT_SHORT_DATED_CALL",
        Effect.ABSTAIN,
        (
            BRACKETS,
            is_true("scheduled_earnings"),
            at_most("trading_days_to_event", 10, 10),
            at_most("dte_days", 14, 14),
            at_most("abs_delta", 0.35, 0.35),
            at_least("call_share", 0.8, 0.8),
            at_most("small_auction_share", 0.15, 0.15),
            at_most("iso_share", 0.2, 0.2),
            at_most("print_count", 7, 7),
            any_of(is_unknown("delta_gate_ratio"), at_most("delta_gate_ratio", 1.0, 1.0)),
        ),
        (),
        "A modest short-dated out-of-the-money call before earnings is as consistent with retail as with event flow; the tape cannot tell.",
        "DSS2022",
        AbstentionReason.PRE_EVENT_TIE,
    ),
)

RULES = ProfileRules(
    ProfileId.EVENT_DRIVEN,
    "A position in the first expiry after a known event within ten sessions, beyond retail size, while spreads and volatility rise.",
    EVIDENCE,
    GUARDS,
)
