"""What the assets talk to: the lake, DuckDB over it, where real tapes lie, the calendar provider. No computing here."""
