"""What is remembered of words is what the function says of them, in any order and after the memory was emptied."""

import pandas as pd
import pyarrow as pa
import pytest

from smartmoney_pipeline.tape import remembered
from smartmoney_pipeline.tape.symbols import parse_symbols

WORDS = ["AAPL250221C00200000", "SPXW250214P06000000", None, "no symbol", "O:MSFT250117C00400000"]


@pytest.mark.parametrize("most", [3, 1 << 18])
def test_answers_are_those_of_the_function(monkeypatch, most):
    monkeypatch.setattr(remembered, "MOST_WORDS", most)
    known = remembered.Remembered(parse_symbols)
    for asked in (WORDS[:2], WORDS[1:], WORDS[::-1], [WORDS[0]] * 3, [], WORDS):
        words = pa.array(asked, pa.string())
        found = known(words)
        pd.testing.assert_frame_equal(found, parse_symbols(words))
        assert isinstance(pa.array(found["option_symbol"], pa.string(), from_pandas=True), pa.Array)


def test_long_questions_are_not_kept(monkeypatch):
    monkeypatch.setattr(remembered, "LONGEST_QUESTION", 1)
    asked: list[int] = []

    def answer(words: pa.Array) -> pd.DataFrame:
        asked.append(len(words))
        return pd.DataFrame({"length": [len(word) for word in words.to_pylist()]})

    known = remembered.Remembered(answer)
    for _ in range(2):
        known(pa.array(["a", "bb"]))
        known(pa.array(["a"]))
    assert asked == [2, 1, 2]
