"""Agents: each mechanism of a template turned into orders. They see the market model, never a quote or a print."""
