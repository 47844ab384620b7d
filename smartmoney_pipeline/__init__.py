"""Read one day of the US listed-options tape and score parent events."""

__version__ = "0.1.0"
