"""The evaluation report: pictures, one HTML file without scripts, and metrics.json."""
