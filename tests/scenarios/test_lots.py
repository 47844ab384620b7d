import numpy as np

from smartmoney_pipeline.scenarios.lots import as_typed, each_as_typed


def test_a_share_of_sizes_becomes_round_and_none_moves_far():
    size = np.arange(1, 5_001)
    typed = each_as_typed(np.random.default_rng(1), size)
    moved = typed != size
    assert 0.3 < moved.mean() < 0.7
    assert (typed[moved & (size >= 15)] % 10 == 0).all()
    assert (np.abs(typed - size) <= np.maximum(5, size // 3)).all()
    assert typed.min() == 1


def test_equal_sizes_stay_equal_where_they_belong_together():
    size = np.repeat([7, 33, 480], 50)
    typed = as_typed(np.random.default_rng(2), size).reshape(3, 50)
    assert (typed == typed[:, :1]).all()
    assert len(as_typed(np.random.default_rng(2), size[:0])) == 0
