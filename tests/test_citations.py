"""The list of sources: unique, graded, and looked up by key."""

import pytest

from smartmoney_pipeline.citations import _SOURCES, SOURCES, source


def test_keys_are_unique() -> None:
    assert len(SOURCES) == len(_SOURCES)


def test_every_source_is_complete_and_graded() -> None:
    for entry in _SOURCES:
        assert entry.title and entry.where, entry.key
        assert entry.checked in {"verified", "memory", "measured", "seed"}, entry.key
        assert entry.key == entry.key.upper(), entry.key


def test_a_listed_key_is_found() -> None:
    assert source("SEED").checked == "seed"


def test_an_unlisted_key_is_named() -> None:
    with pytest.raises(KeyError, match="NOWHERE-1999"):
        source("NOWHERE-1999")
