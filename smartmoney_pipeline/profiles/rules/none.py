"""Evidence of ordinary flow: what most parent events are, and what speaks for publishing no profile."""

from smartmoney_pipeline.profiles.conditions import any_of, assembly_is, at_least, at_most, structure_is
from smartmoney_pipeline.profiles.vocabulary import NONE, Evidence, Family, Grade, ProfileRules
from smartmoney_pipeline.schemas.codes import Assembly, Structure

EVIDENCE = (
    Evidence(
        "ORDINARY_SIZE",
        Family.SIZE,
        (any_of(at_most("contracts", 38, 131), at_most("contracts_over_own_p99", 0.29, 1.0)),),
        0.8,
        Grade.C,
        "BILZ-THESIS",
        "No more than 95 in 100 prints have (38 contracts in the study, 0.29 of its 99th percentile), or well below the name's largest.",
    ),
    Evidence(
        "ORDINARY_PREMIUM",
        Family.SIZE,
        (at_most("premium_usd", 10_000, 50_000),),
        0.8,
        Grade.C,
        "OCC-2016",
        "Premium of the order of an average cleared trade.",
    ),
    Evidence(
        "SINGLE_SMALL_FILL",
        Family.URGENCY_ROUTE,
        (assembly_is(Assembly.FILL), at_most("contracts", 10, 38)),
        0.4,
        Grade.D,
        "SEED",
        "One fill of a few contracts.",
    ),
    Evidence(
        "NEGOTIATED_PRINT",
        Family.CONDITION,
        (any_of(at_least("cross_share", 0.3, 0.7), at_least("floor_share", 0.3, 0.7)),),
        0.6,
        Grade.C,
        "NYSE-2020",
        "Crossed or traded on a floor: about a seventh of the volume, and floor volume is mostly multi-leg.",
    ),
    Evidence(
        "ROLL",
        Family.STRUCTURE,
        (structure_is(Structure.ROLL),),
        1.5,
        Grade.B,
        "LMP",
        "A roll moves a position that exists; much complex volume is repositioning.",
    ),
    Evidence(
        "ORDINARY_SPREAD",
        Family.STRUCTURE,
        (
            structure_is(Structure.VERTICAL, Structure.RATIO, Structure.CALENDAR, Structure.DIAGONAL, Structure.CUSTOM),
            at_most("contracts", 76, 262),
        ),
        0.8,
        Grade.B,
        "LMP",
        "A spread of ordinary size: verticals, ratios, calendars and diagonals are the bulk of complex orders.",
    ),
    Evidence(
        "PART_OF_UNSEEN_PACKAGE",
        Family.STRUCTURE,
        (structure_is(Structure.UNMATCHED_LEG),),
        1.2,
        Grade.A,
        "OPRA-SPEC",
        "A leg of a package whose other legs were not found: its code says that it says nothing alone.",
    ),
    Evidence(
        "NO_CLEAR_SIDE",
        Family.DIRECTION_VEGA,
        (at_most("abs_aggressor_mix", 0.1, 0.25),),
        0.4,
        Grade.C,
        "SW2003",
        "Traded near the mid, so no side took liquidity that can be told.",
    ),
)

RULES = ProfileRules(NONE, "Ordinary flow: small, near the mid, spread trading and repositioning. Most of the tape.", EVIDENCE)
