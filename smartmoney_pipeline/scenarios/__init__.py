"""The synthetic market: templates and a market model make a tape, labels are kept apart. Nothing here scores or reads scores."""
