"""The taxonomy page holds the rule tables of the code, and every rule speaks with care."""

from pathlib import Path

import pytest

from smartmoney_pipeline.profiles.reference import with_tables
from smartmoney_pipeline.profiles.ruleset import ruleset

PAGE = Path(__file__).parents[2] / "docs" / "smartmoney.md"


def test_page_equals_the_tables() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text == with_tables(text), "docs/smartmoney.md is out of date: write profiles.reference.with_tables() of it"


def test_page_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="no markers"):
        with_tables("# nothing here")


def test_sentences_claim_no_identity() -> None:
    """Words that say who traded or why, rather than what the trade is consistent with."""
    claims = ("insider", "smart money is", "the fund", "the customer is", "illegal", "knows that")
    sentences = [row.because for row in ruleset().evidence] + [guard.because for guard in ruleset().guards]
    assert [s for s in sentences if any(claim in s.lower() for claim in claims)] == []
