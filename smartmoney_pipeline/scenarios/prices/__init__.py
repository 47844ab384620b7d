"""The generator's own option prices, on purpose another model than the one that scoring inverts."""
