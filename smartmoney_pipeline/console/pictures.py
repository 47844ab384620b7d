"""Pictures of one generated session in a folder."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from smartmoney_pipeline.scenarios.generate import generate
from smartmoney_pipeline.scenarios.packs import parse_source
from smartmoney_pipeline.scenarios.pictures import draw


def draw_into(source: str, session: date, out: Path) -> list[Path]:
    """Generate one session, draw it and return the files. Raises `ScenarioError` as `generate` does."""
    pack, seed = parse_source(source)
    return draw(generate(pack, session, seed), out)
