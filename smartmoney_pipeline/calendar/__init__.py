"""When the market is open, when contracts settle, and which corporate events were known at a time. No prices here."""
