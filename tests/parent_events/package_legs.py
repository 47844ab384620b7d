"""Legs of packages by hand, for the tests of structures."""

from smartmoney_pipeline.parent_events.structures import Leg

HALF = 0.05
NEAR, FAR = 30, 60


def leg(strike, right, side, mid, n=10, dte=NEAR, over=0.5, **more):
    """A leg printed `over` half-spreads beyond the mid on its side: bought above, sold below."""
    price = mid + side * over * HALF
    return Leg(dte, strike, right == "C", n, price, mid - HALF, mid + HALF, dte_days=dte, **({"forward": 100.0} | more))


def sides(legs):
    """+1 for a leg printed above its mid, -1 below."""
    return tuple(1 if one.price >= (one.bid + one.ask) / 2 else -1 for one in legs)
