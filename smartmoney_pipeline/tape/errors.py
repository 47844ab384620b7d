"""The exceptions of this package. A file that cannot be read at all ends here; a bad row goes to quarantine instead."""

from pathlib import Path


class TapeError(Exception):
    """A tape that cannot be read. The message names the file, the row and column where they apply, and the fault."""

    def __init__(self, file: Path | str, fault: str, *, column: str | None = None, row: int | None = None) -> None:
        place = "".join(f", {name} {value!r}" for name, value in (("column", column), ("row", row)) if value is not None)
        super().__init__(f"{file}{place}: {fault}")
        self.file = str(file)
        self.column = column
        self.row = row
        self.fault = fault


class NothingForTapeError(TapeError):
    """A file of a vendor that is sound and holds nothing that a tape has a place for, such as bars: a folder is read without it."""
