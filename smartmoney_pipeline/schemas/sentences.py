"""Codes of closed lists in words, for whoever shows them."""

from smartmoney_pipeline.schemas.codes import AbstentionReason

ABSTENTION: dict[AbstentionReason, str] = {
    AbstentionReason.NO_PROFILE: "it looks like ordinary flow, for none of the six profiles is likeliest",
    AbstentionReason.LOW_PROBABILITY: "the likeliest profile is not probable enough",
    AbstentionReason.LOW_MARGIN: "the runner-up is too close",
    AbstentionReason.WIDE_BAND: "the interval around the probability is too wide",
    AbstentionReason.VETOED: "a guard stands against the likeliest profile",
    AbstentionReason.TOO_LITTLE_OBSERVED: "too little of the evidence could be observed",
    AbstentionReason.STALE_QUOTES: "the quotes were out of date: left behind by the underlying, or too old for how much it moves",
    AbstentionReason.NO_QUOTES: "there was no two-sided quote to sign the prints by",
    AbstentionReason.CROSSED_OR_LOCKED_QUOTES: "the quotes were crossed or locked",
    AbstentionReason.WIDE_MARKET: "the market was too wide to read a side from",
    AbstentionReason.LATE_PRINTS: "prints were reported late, so the quotes beside them are not those of the trade",
    AbstentionReason.NONSTANDARD_DELIVERABLE: "the contract delivers something other than 100 shares",
    AbstentionReason.AMBIGUOUS_STRUCTURE: "the legs fit more than one structure",
    AbstentionReason.PRE_EVENT_TIE: "a small short-dated call before earnings alone says too little",
    AbstentionReason.MINUTE_BARS: "the tape holds minute bars, which tell neither side nor number nor order of the trades",
}
