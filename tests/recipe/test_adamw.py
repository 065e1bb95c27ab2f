import numpy as np

from sentiment.recipe.adamw import AdamW


def test_adamw_is_pytorchs():
    # torch.optim.AdamW(lr=0.1, weight_decay=0.5), two steps by hand: Loshchilov and Hutter 2019, algorithm 2.
    optimizer = AdamW(learning_rate=0.1, weight_decay=0.5)
    weights = np.ones((1, 1), np.float32)
    slots = optimizer.init(weights)
    expected, m, v = 1.0, 0.0, 0.0
    for step, gradient in ((1, 0.3), (2, -0.2)):
        weights, slots = optimizer.update(
            step, np.full((1, 1), gradient, np.float32), weights, slots, optimizer.opt_params
        )
        m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
        expected -= 0.1 * 0.5 * expected
        expected -= 0.1 * (m / (1 - 0.9**step)) / ((v / (1 - 0.999**step)) ** 0.5 + 1e-8)
    np.testing.assert_allclose(weights, [[expected]], rtol=1e-5)


def test_adamw_leaves_vectors_undecayed():
    optimizer = AdamW(learning_rate=0.1, weight_decay=0.5)
    for weights, decays in ((np.ones(2, np.float32), False), (np.ones((2, 2), np.float32), True)):
        new, _ = optimizer.update(1, np.zeros_like(weights), weights, optimizer.init(weights), optimizer.opt_params)
        assert (float(np.ravel(new)[0]) < 1) == decays
