"""Legacy records out of events, packets and prints: names, types and formulas of the earlier surface, frozen. Nothing here scores."""
