"""Recurrent layers: one cell, applied to one time step after another.

As Keras's LSTM, GRU and Bidirectional, with its weights, their order and their initial values, so that weights can be
carried over and results compared. Trax's own `tl.LSTM(n)` takes its zero state's size from its input, so it can't have
more or fewer units than features, and knows no mask.

At a masked step the state stays what it was and the output is the previous step's: what padding holds never matters.
"""

import abc
from collections.abc import Callable

import jax

from sentiment.errors import InputError
from sentiment.layers.embedding import Embedding
from sentiment.layers.masking import MaskRule, declare, is_pointwise
from sentiment.trax_runtime import fastmath, tl

np = fastmath.numpy


class Cell(tl.Layer, abc.ABC):
    """One time step: (x <float32>[batch, d], *states) -> (output, *states), each <float32>[batch, units].

    The output is the first state. As a Trax layer a cell can stand in several models, which then share its weights:
    in one that runs over whole sequences (`Recurrent`), in another that takes a single step (`one_step`), or in Trax's
    own `tl.Scan(cell, axis=1, n_carry=cell.n_states)`.
    """

    n_states = 1

    def __init__(self, units: int):
        name = f"{type(self).__name__}_{units}"
        if units < 1:
            raise InputError(f"{name}: units must be 1 or more")
        super().__init__(n_in=1 + self.n_states, n_out=1 + self.n_states, name=name)
        self._units = units

    @property
    def units(self) -> int:
        """The size of the output and of each state."""
        return self._units

    def zero_states(self, batch_size: int) -> tuple:
        """Returns the states before the first step."""
        return (np.zeros((batch_size, self._units)),) * self.n_states

    def forward(self, inputs):
        """Takes one step."""
        x, *states = inputs
        states = self.advance(self.project(x), tuple(states))
        return (states[0], *states)

    @abc.abstractmethod
    def project(self, x):
        """Returns the inputs' part of the gates, [..., n_gates * units]: of all time steps in one product."""

    @abc.abstractmethod
    def advance(self, projected, states: tuple) -> tuple:
        """Returns the next states, given one time step's `project`."""

    def _kernels(self, input_signature, n_gates: int) -> tuple:
        features = input_signature[0].shape[-1]
        for_inputs, for_states = fastmath.random.split(self.rng, 2)
        kernel = tl.GlorotUniformInitializer()((features, n_gates * self._units), for_inputs)
        recurrent = tl.OrthogonalInitializer()((self._units, n_gates * self._units), for_states)
        return kernel, recurrent


class LSTMCell(Cell):
    """Long short-term memory (Hochreiter and Schmidhuber 1997; forget gate, Gers et al. 1999).

    States are (h, c). Weights are Keras's: kernel [d, 4 units], recurrent kernel [units, 4 units], bias [4 units]; the
    gates' order is input, forget, candidate, output; the forget gate's bias begins at 1.
    """

    n_states = 2

    def init_weights_and_state(self, input_signature) -> None:
        """Draws the weights."""
        zeros, ones = np.zeros(self._units), np.ones(self._units)
        self.weights = (*self._kernels(input_signature, 4), np.concatenate([zeros, ones, zeros, zeros]))

    def project(self, x):
        """Returns the inputs' part of the four gates."""
        kernel, _, bias = self.weights
        return np.dot(x, kernel) + bias

    def advance(self, projected, states: tuple) -> tuple:
        """Returns the next (h, c)."""
        h, c = states
        write, keep, candidate, read = np.split(projected + np.dot(h, self.weights[1]), 4, axis=-1)
        c = fastmath.expit(keep) * c + fastmath.expit(write) * np.tanh(candidate)
        return fastmath.expit(read) * np.tanh(c), c


class GRUCell(Cell):
    """Gated recurrent unit (Cho et al. 2014), in the variant of Keras's `reset_after=True`.

    Its state is h. Weights are Keras's: kernel [d, 3 units], recurrent kernel [units, 3 units], biases of both
    [2, 3 units], gates in the order update, reset, candidate.
    """

    def init_weights_and_state(self, input_signature) -> None:
        """Draws the weights."""
        self.weights = (*self._kernels(input_signature, 3), np.zeros((2, 3 * self._units)))

    def project(self, x):
        """Returns the inputs' part of the three gates."""
        kernel, _, biases = self.weights
        return np.dot(x, kernel) + biases[0]

    def advance(self, projected, states: tuple) -> tuple:
        """Returns the next (h,)."""
        (h,) = states
        _, recurrent_kernel, biases = self.weights
        update, reset, candidate = np.split(projected, 3, axis=-1)
        h_update, h_reset, h_candidate = np.split(np.dot(h, recurrent_kernel) + biases[1], 3, axis=-1)
        keep = fastmath.expit(update + h_update)
        candidate = np.tanh(candidate + fastmath.expit(reset + h_reset) * h_candidate)
        return (keep * h + (1 - keep) * candidate,)


class Recurrent(tl.Layer):
    """Runs one cell over the time steps of a sequence: its weights exist once, and the loop is XLA's.

    Takes from the stack the sequence <float32>[batch, length, d], its mask <bool>[batch, length] if `masked`, and the
    cell's states, each <float32>[batch, units], if `initial_state` (zeros otherwise). Leaves the outputs
    <float32>[batch, length, units] and again the mask, or without `return_sequences` only the last output,
    <float32>[batch, units]. A text without tokens has the initial state.

    Args:
        cell: the time step; given to several layers, they share it.
        return_sequences: whether the output of each step is returned, or only the last.
        masked: whether the sequence comes with its mask.
        go_backwards: whether to begin at the last step. Unlike Keras's, outputs stay at the steps that they belong to.
        initial_state: whether the first step's states come from the stack.
        name: what the layer is called when a model is printed.
    """

    def __init__(
        self,
        cell: Cell,
        return_sequences: bool = False,
        masked: bool = True,
        go_backwards: bool = False,
        initial_state: bool = False,
        name: str | None = None,
    ):
        n_in = 1 + masked + initial_state * cell.n_states
        super().__init__(n_in, 1 + (masked and return_sequences), name or f"Recurrent_{cell.name}")
        self._sublayers = (cell,)
        self._weights = self._state = (None,)
        self._return_sequences = return_sequences
        self._masked = masked
        self._go_backwards = go_backwards
        self._initial_state = initial_state
        self._sublayers_to_print = ()
        if masked:
            declare(self, MaskRule.KEEPS if return_sequences else MaskRule.ENDS)

    @property
    def cell(self) -> Cell:
        """The time step."""
        return self._sublayers[0]

    @property
    def return_sequences(self) -> bool:
        """Whether each step's output is returned."""
        return self._return_sequences

    @property
    def go_backwards(self) -> bool:
        """Whether it begins at the last step."""
        return self._go_backwards

    @property
    def generates(self) -> bool:
        """Whether an output depends on the steps up to it alone, so that the next can be computed from the states."""
        return self._return_sequences and not (self._masked or self._go_backwards or self._initial_state)

    def init_weights_and_state(self, input_signature) -> None:
        """Initialises the cell."""
        sequence = input_signature if self.n_in == 1 else input_signature[0]
        weights, state = self.cell.init((sequence,), use_cache=True)
        self.weights, self.state = (weights,), (state,)

    def forward(self, inputs):
        """Returns what the class says."""
        sequence, *more = inputs if self.n_in > 1 else (inputs,)
        mask = more.pop(0) if self._masked else None
        states = tuple(more) or self.cell.zero_states(sequence.shape[0])
        outputs, last = self._run(self.cell.project(sequence), mask, states)
        if not self._return_sequences:
            return last
        return (outputs, mask) if self._masked else outputs

    def _run(self, projected, mask, states: tuple):
        def step(states, inputs):
            projected, here = inputs
            new = self.cell.advance(projected, states)
            if here is not None:
                new = tuple(np.where(here[:, None], after, before) for after, before in zip(new, states, strict=True))
            return new, new[0] if self._return_sequences else None

        by_time = (np.swapaxes(projected, 0, 1), None if mask is None else np.swapaxes(mask, 0, 1))
        states, outputs = jax.lax.scan(step, states, by_time, reverse=self._go_backwards)
        return None if outputs is None else np.swapaxes(outputs, 0, 1), states[0]


def LSTM(units: int, **options) -> Recurrent:  # noqa: N802 - Trax names its layer functions like classes
    """Returns a `Recurrent` layer, with its options, over an `LSTMCell`."""
    return Recurrent(LSTMCell(units), **options, name=f"LSTM_{units}")


def GRU(units: int, **options) -> Recurrent:  # noqa: N802
    """Returns a `Recurrent` layer, with its options, over a `GRUCell`."""
    return Recurrent(GRUCell(units), **options, name=f"GRU_{units}")


def Bidirectional(  # noqa: N802
    layer: Callable[..., Recurrent], units: int, return_sequences: bool = False, masked: bool = True
) -> tl.Serial:
    """Returns two recurrent layers, one from each end, whose outputs stand side by side: 2 * units of them.

    As in Keras, of returned sequences the outputs at masked steps are zero.

    Args:
        layer: `LSTM` or `GRU`.
        units: of each direction.
        return_sequences: whether the output of each step is returned, or each direction's last.
        masked: whether the sequence comes with its mask.
    """
    forwards, backwards = (
        layer(units, return_sequences=return_sequences, masked=masked, go_backwards=back) for back in (False, True)
    )
    parts = [tl.Branch(forwards, backwards)]
    if masked and return_sequences:
        parts.append(tl.Select([0, 2, 1], n_in=4))  # forwards, mask, backwards, mask -> forwards, backwards, mask
    parts.append(tl.Concatenate())
    if masked and return_sequences:
        parts.append(tl.Fn("ZeroMasked", lambda x, mask: (x * mask[:, :, None], mask), n_out=2))
    serial = tl.Serial(*parts, name=f"Bidirectional_{forwards.name}", sublayers_to_print=[])
    if masked:
        declare(serial, MaskRule.KEEPS if return_sequences else MaskRule.ENDS)
    return serial


def one_step(model: tl.Serial) -> tl.Serial:
    """Returns the single time step of a model that runs one `Recurrent` layer over a sequence.

    It consists of the same layer objects, and so has the same weights, initialised or trained: a model from token ids
    <int32>[batch, length] to log-probabilities <float32>[batch, length, n] becomes one from (ids <int32>[batch],
    *states) to (log-probabilities <float32>[batch, n], *states), which is what sampling needs (seed 002, `djmodel`
    and its inference model). `recurrent_cell(model).zero_states(batch)` are the states to begin with.

    Raises:
        InputError: the model has no such layer or several, or one that looks backwards or at masks; another layer
            looks at more than one step.
    """
    cell = recurrent_cell(model)
    return tl.Serial(*(cell if isinstance(layer, Recurrent) else layer for layer in model.sublayers))


def recurrent_cell(model: tl.Serial) -> Cell:
    """Returns the cell of a model's one `Recurrent` layer. Raises InputError as `one_step` does."""
    found = [layer for layer in model.sublayers if isinstance(layer, Recurrent)]
    if len(found) != 1:
        raise InputError(f"{len(found)} recurrent layers: a model that generates has one")
    if not found[0].generates:
        raise InputError(f"{found[0].name}: to generate, it must be made with return_sequences=True and masked=False")
    for layer in model.sublayers:
        if not (isinstance(layer, Recurrent | Embedding | tl.Embedding) or is_pointwise(layer)):
            raise InputError(
                f"{layer.name} looks at more than one step: a model that generates has only pointwise layers"
            )
    return found[0].cell
