"""Chunked streams and their cursors. Belongs here: when the next chunk is loaded; what is done with it is the kernel's."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from smartmoney_pipeline.market.arrays import Columns, column, column_types, empty_columns, optional_column

Chunk = TypeVar("Chunk", bound=tuple[Any, ...])


def read_chunk(kind: type[Chunk], columns: Columns, optional: frozenset[str] = frozenset()) -> Chunk:
    """The columns of `kind` from a table's chunk; those in `optional` may be missing. Raises `KeyError` with the column's name."""
    types = column_types(kind)
    read = {n: optional_column(columns, n, t) if n in optional else column(columns, n, t) for n, t in types.items()}
    return kind(**read)


@dataclass
class StreamCursor(Generic[Chunk]):
    """Current chunk of a stream and the row reached in it; kept between calls, so chunks of all streams are independent."""

    kind: type[Chunk]
    optional: frozenset[str] = frozenset()
    row: int = 0
    chunk: Chunk = field(init=False)
    ended: bool = False

    def __post_init__(self) -> None:
        self.chunk = empty_columns(self.kind, 0)

    def load_next(self, chunks: Iterator[Columns] | None) -> None:
        """Load the next chunk, or mark that nothing more comes for now."""
        columns = next(chunks, None) if chunks is not None else None
        if columns is None:
            self.ended = True
        else:
            self.chunk, self.row = read_chunk(self.kind, columns, self.optional), 0

    def used_up(self) -> bool:
        """Whether the current chunk has no row left."""
        return self.row >= len(self.chunk[0])

    def rest(self, chunks: Iterator[Columns] | None) -> Iterator[tuple[Chunk, int]]:
        """What is left of the current chunk, then the later ones, each with the row to go on from; nothing is left after it."""
        if not self.used_up():
            yield self.chunk, self.row
        for columns in chunks or ():
            yield read_chunk(self.kind, columns, self.optional), 0
        self.chunk, self.row = empty_columns(self.kind, 0), 0
