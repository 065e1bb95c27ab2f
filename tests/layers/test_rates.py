import numpy as np
import pytest

from sentiment.errors import InputError
from sentiment.layers.rates import at_rates, declare_rate, has_rates
from sentiment.trax_runtime import fastmath, shapes, tl


def made(*layers):
    model = tl.Serial(*layers)
    model.init(shapes.ShapeDtype((1, 3), np.float32))
    return model


def test_each_layer_goes_as_far_as_its_rate_says():
    model = made(declare_rate(tl.Dense(3), 0.5), tl.Dense(3), declare_rate(tl.Serial(tl.Dense(2), tl.Relu()), 3.0))
    before = model.weights
    after = at_rates(model, before, fastmath.nested_map(lambda weights: weights + 1.0, before))
    moved = fastmath.nested_map_multiarg(lambda old, new: float(np.mean(new - old)), before, after)
    np.testing.assert_allclose(fastmath.tree_flatten(moved), [0.5, 0.5, 1.0, 1.0, 3.0, 3.0], rtol=1e-5)


def test_a_model_without_rates_has_none():
    assert not has_rates(made(tl.Dense(3), tl.Relu()))
    assert has_rates(made(tl.Relu(), tl.Serial(declare_rate(tl.Dense(3), 2.0))))


def test_a_rate_below_zero_is_refused():
    with pytest.raises(InputError, match="0 or more"):
        declare_rate(tl.Dense(3), -1.0)
