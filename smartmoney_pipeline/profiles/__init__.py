"""Profiles: cited rule tables, their scoring in log-odds, the decision to publish or abstain, direction and explanation."""
