"""A number and the key of its source. Belongs here: the type; the numbers stand in the parameter modules beside it."""

from dataclasses import dataclass

from smartmoney_pipeline.citations import source


@dataclass(frozen=True, slots=True)
class Cited:
    """One constant: its value and the key of its source. Raises `KeyError` where `smartmoney_pipeline.citations` lists no such key."""

    value: float
    source: str

    def __post_init__(self) -> None:
        source(self.source)
