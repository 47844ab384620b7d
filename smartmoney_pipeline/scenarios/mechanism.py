"""Named multipliers of the market's mechanism, so that one pack's market differs from another's in how it works."""

from typing import Annotated

from pydantic import Field

from smartmoney_pipeline.scenarios.files import Declared

Multiplier = Annotated[float, Field(gt=0, le=5)]


class Mechanism(Declared):
    """Multipliers of the generator's own parameters; 1 leaves each as it is."""

    resting_share: Multiplier = 1.0
    """Share of customers who rest at their own side and are filled there."""
    auction_share: Multiplier = 1.0
    """Share of customers whose orders go through price-improving auctions."""
    sweep_share: Multiplier = 1.0
    """Share of takers routed as intermarket sweeps."""
    hidden_size: Multiplier = 1.0
    """Hidden and refreshed size at each price, relative to the displayed size."""
    impact: Multiplier = 1.0
    """Coefficient of the square-root impact on level and volatility."""
    clustering: Multiplier = 1.0
    """Mean children per order of the arrival process, and length of split orders."""
    size_scale: Multiplier = 1.0
    """Level of order sizes."""
    quote_rate: Multiplier = 1.0
    """Quote updates per contract."""
    spread_scale: Multiplier = 1.0
    """Quoted spreads."""
    skew_scale: Multiplier = 1.0
    """Slope of the smile."""
