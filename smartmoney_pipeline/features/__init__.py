"""Features of a parent event: one small named function a feature, in a registry. No rules and no thresholds of profiles here."""
