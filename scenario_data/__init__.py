"""Declarative data of the synthetic market: packs, templates, underlyings and a static event calendar. No code."""
