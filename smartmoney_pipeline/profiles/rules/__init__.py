"""The rule tables: one file a profile, one for the background class, one for the guards of all. Tables only, no arithmetic."""

from smartmoney_pipeline.profiles.rules.arbitrage import RULES as ARBITRAGE
from smartmoney_pipeline.profiles.rules.event_driven import RULES as EVENT_DRIVEN
from smartmoney_pipeline.profiles.rules.hedge_reactive import RULES as HEDGE_REACTIVE
from smartmoney_pipeline.profiles.rules.institutional_directional import RULES as INSTITUTIONAL_DIRECTIONAL
from smartmoney_pipeline.profiles.rules.none import RULES as BACKGROUND
from smartmoney_pipeline.profiles.rules.quality import QUALITY_GUARDS
from smartmoney_pipeline.profiles.rules.retail_whale import RULES as RETAIL_WHALE
from smartmoney_pipeline.profiles.rules.vol_seller import RULES as VOL_SELLER
from smartmoney_pipeline.profiles.vocabulary import ProfileRules

TABLES: tuple[ProfileRules, ...] = (
    INSTITUTIONAL_DIRECTIONAL,
    RETAIL_WHALE,
    EVENT_DRIVEN,
    VOL_SELLER,
    ARBITRAGE,
    HEDGE_REACTIVE,
    BACKGROUND,
)

__all__ = ["QUALITY_GUARDS", "TABLES"]
