"""Units that every stage shares: price ticks, times and the marks that stand for nothing inside kernels."""

TICKS_PER_DOLLAR = 10_000
"""Prices travel as int32 ticks of 0.0001 USD, so that sums and mid-points are exact."""

MAX_PRICE_USD = 214_748.0
"""Highest price that fits int32 ticks; dearer rows go to quarantine."""

STRIKE_SCALE = 1_000
"""An OSI symbol writes its strike in thousandths of a dollar."""

NO_PRICE = -1
"""Inside kernels: no price. Tables carry null instead."""

NS_PER_US = 1_000
NS_PER_MS = 1_000_000
NS_PER_SECOND = 1_000_000_000
NS_PER_MINUTE = 60 * NS_PER_SECOND

DEFAULT_MULTIPLIER = 100
"""Deliverable of a standard equity option in shares."""
