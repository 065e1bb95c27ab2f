"""An ONNX graph under construction: nodes and weights are added, equal ones only once."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
IR_VERSION = 8  # what goes with this opset: runtimes since 2022 read it

_SMALLEST_QUANTISED = 1024  # weights: smaller ones, such as biases, stay float32 in an int8 graph


class Graph:
    """Collects the nodes and the weights of one model; a value is known by its name, a str.

    In an `int8` graph large weights are stored as int8, with a float32 scale for each slice of one axis (symmetric,
    the largest magnitude becomes 127), and computed with as float32.
    """

    def __init__(self, int8: bool = False):
        self._int8 = int8
        self._nodes: list[onnx.NodeProto] = []
        self._initializers: list[onnx.TensorProto] = []
        self._known: dict[tuple, tuple[str, ...]] = {}

    def add(self, op: str, *inputs: str, **attributes) -> str:
        """Adds a node with one output, or finds the same one; returns the output's name. An empty input is left out."""
        return self.add_many(op, *inputs, n_out=1, **attributes)[0]

    def add_many(self, op: str, *inputs: str, n_out: int, **attributes) -> tuple[str, ...]:
        """Adds a node with `n_out` outputs and returns their names."""
        key = (op, *inputs, n_out, repr(sorted(attributes.items())))
        if key not in self._known:
            outputs = tuple(f"{op}_{len(self._nodes)}.{n}" for n in range(n_out))
            self._nodes.append(helper.make_node(op, inputs, outputs, **attributes))
            self._known[key] = outputs
        return self._known[key]

    def constant(self, array: np.ndarray) -> str:
        """Adds a weight as it is."""
        key = ("constant", str(array.dtype), array.shape, array.tobytes())
        if key not in self._known:
            name = f"weight_{len(self._initializers)}"
            self._initializers.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
            self._known[key] = (name,)
        return self._known[key][0]

    def ints(self, *values: int) -> str:
        """Adds <int64>[len(values)], such as the axes of a reduction."""
        return self.constant(np.array(values, np.int64))

    def weight(self, array: np.ndarray, axis: int = 0) -> str:
        """Adds a float32 weight; in an int8 graph, with one scale for each place along `axis` if it is large."""
        array = np.asarray(array, np.float32)
        if not self._int8 or array.ndim < 2 or array.size < _SMALLEST_QUANTISED:
            return self.constant(array)
        values, scales = quantised(array, axis)
        return self.add("DequantizeLinear", self.constant(values), self.constant(scales), axis=axis)

    def rows(self, table: np.ndarray, ids: str) -> str:
        """Looks up rows of `table`, <float32>[n, d]; in an int8 graph only the rows looked up become float32."""
        table = np.asarray(table, np.float32)
        if not self._int8 or table.size < _SMALLEST_QUANTISED:
            return self.add("Gather", self.constant(table), ids, axis=0)
        # A scale takes as much space as four values: rows that are short share one for each column.
        by_row = table.shape[1] >= 16
        values, scales = quantised(table, 0 if by_row else 1)
        found = self.add("Cast", self.add("Gather", self.constant(values), ids, axis=0), to=TensorProto.FLOAT)
        factors = self.constant(scales)
        if by_row:
            factors = self.add("Gather", self.constant(scales[:, None]), ids, axis=0)
        return self.add("Mul", found, factors)

    def model(self, ids: str, output: str, n_outputs: int) -> bytes:
        """Returns the finished model: ids <int32>[batch, length] -> output <float32>[batch, n_outputs]."""
        last = helper.make_node("Identity", [output], ["log_probabilities"])
        graph = helper.make_graph(
            [*self._nodes, last],
            "sentiment",
            [helper.make_tensor_value_info(ids, TensorProto.INT32, ["batch", "length"])],
            [helper.make_tensor_value_info("log_probabilities", TensorProto.FLOAT, ["batch", n_outputs])],
            self._initializers,
        )
        opset = [helper.make_opsetid("", OPSET)]
        model = helper.make_model(graph, producer_name="sentiment", opset_imports=opset, ir_version=IR_VERSION)
        return model.SerializeToString(deterministic=True)


def quantised(array: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns values <int8>, shaped as `array`, and scales <float32>[array.shape[axis]]; their product is about it."""
    others = tuple(n for n in range(array.ndim) if n != axis)
    largest = np.abs(array).max(axis=others, keepdims=True)
    scales = np.where(largest > 0, largest / 127, 1).astype(np.float32)
    return np.rint(array / scales).astype(np.int8), scales.reshape(-1)
