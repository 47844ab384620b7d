"""Evidence consistent with writing options by programme: buy-writes, overwrites and put-writes. A part of the volatility seller's table."""

from smartmoney_pipeline.profiles.conditions import assembly_is, at_least, at_most, between, structure_is
from smartmoney_pipeline.profiles.vocabulary import Evidence, Family, Grade, Rests
from smartmoney_pipeline.schemas.codes import Assembly, Structure

SIGN, QUOTES, JOIN = Rests.SIGN, Rests.QUOTES, Rests.JOIN
SHORT_VEGA = at_most("net_vega_ratio", -0.6, -0.3)
"""Net over gross vega: short volatility from -0.6 on, a seed of the evidence base."""
MONTH_OUT = between("dte_days", 13, 20, 45, 60)
AT_OR_JUST_OUT = between("otm_amount", -0.01, 0.0, 0.03, 0.06)
"""At the money to three percent out: the strikes of the buy-write and put-write indexes and of programmes around them."""
MONTHLY_CLOCK = at_most("days_from_monthly_expiry", 1, 3)

WRITING = (
    Evidence(
        "BUY_WRITE",
        Family.STRUCTURE,
        (structure_is(Structure.COVERED_CALL),),
        2.5,
        Grade.A,
        "OPTIONS-REGULATION",
        "A call on the sell side of its quote, tied to stock, is consistent with a covered call; a delta-neutral trade looks alike.",
        rests=(SIGN, JOIN),
        confusable="arbitrage",
        guard="RESIDUAL_EXPOSURE",
    ),
    Evidence(
        "OVERWRITE_TENOR",
        Family.MONEYNESS_TENOR,
        (at_least("call_share", 0.9, 1.0), AT_OR_JUST_OUT, MONTH_OUT, SHORT_VEGA),
        1.5,
        Grade.B,
        "CBOE-INDEX",
        "Calls sold at or slightly out of the money with about a month to run, as buy-write programmes do.",
        rests=(SIGN, QUOTES),
        confusable="institutional_directional",
        guard="PREMIUM_WRITTEN",
    ),
    Evidence(
        "PUT_WRITE_TENOR",
        Family.MONEYNESS_TENOR,
        (at_most("call_share", 0.0, 0.1), AT_OR_JUST_OUT, MONTH_OUT, SHORT_VEGA),
        1.5,
        Grade.B,
        "CBOE-INDEX",
        "Puts sold at or out of the money with about a month to run, as put-write programmes do.",
        rests=(SIGN, QUOTES),
        confusable="institutional_directional",
        guard="PREMIUM_WRITTEN",
    ),
    Evidence(
        "WRITTEN_IN_CLIPS",
        Family.RECURRENCE,
        (assembly_is(Assembly.WORKED), SHORT_VEGA),
        0.4,
        Grade.D,
        "SEED",
        "Sales in clips of one contract are consistent with a writing programme.",
        rests=(SIGN, JOIN),
        confusable="institutional_directional",
    ),
    Evidence(
        "WRITTEN_ON_THE_MONTHLY_CLOCK",
        Family.RECURRENCE,
        (MONTHLY_CLOCK, between("minutes_since_open", 15, 30, 240, 255), MONTH_OUT, AT_OR_JUST_OUT, SHORT_VEGA),
        0.8,
        Grade.C,
        "CBOE-INDEX",
        "Sold a month out around the third Friday, from half an hour after the open into the early afternoon, when programmes roll.",
        rests=(SIGN,),
        confusable="none",
    ),
    Evidence(
        "WRITE_ROLLED",
        Family.RECURRENCE,
        (structure_is(Structure.ROLL), at_most("net_vega_ratio", -0.3, -0.1), MONTHLY_CLOCK),
        0.8,
        Grade.C,
        "CBOE-INDEX",
        "A short option bought back and a later one sold around the third Friday: the cycle of a writing programme.",
        rests=(SIGN, JOIN),
        confusable="none",
    ),
)
