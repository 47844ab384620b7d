"""The one error of the store."""


class StoreError(RuntimeError):
    """Something in the lake is missing, damaged or not what was published; the message names the file and says what to do."""
