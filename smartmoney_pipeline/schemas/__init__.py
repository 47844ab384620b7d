"""Tables and public objects: one definition each, for validation, documentation and the lineage view. No computing here."""
