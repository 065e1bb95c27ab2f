"""An ONNX graph under construction: nodes and weights are added, equal ones only once."""

from collections.abc import Mapping

import numpy as np

from sentiment.lean_import import lean_import
from sentiment.prediction.onnx_check import OPERATORS, OPSET

onnx = lean_import("onnx.onnx_ml_pb2")  # the messages alone: the rest takes a quarter of a second to import

IR_VERSION = 8  # what goes with this opset: runtimes since 2022 read it

BOOL, FLOAT, INT32 = onnx.TensorProto.BOOL, onnx.TensorProto.FLOAT, onnx.TensorProto.INT32
_TYPES = {
    "bool": BOOL,
    "float16": onnx.TensorProto.FLOAT16,
    "float32": FLOAT,
    "int8": onnx.TensorProto.INT8,
    "int32": INT32,
    "int64": onnx.TensorProto.INT64,
}

_END = np.iinfo(np.int64).max
Shape = tuple[int | str, ...]  # a str names a size that is free

_SMALLEST_QUANTISED = 1024  # weights: smaller ones, such as biases, stay float32 in an int8 graph


class Graph:
    """Collects the nodes and the weights of one model; a value is known by its name, a str.

    In an `int8` graph large weights are stored as int8, with a float32 scale for each slice of one axis (symmetric,
    the largest magnitude becomes 127), and computed with as float32.
    """

    def __init__(self, int8: bool = False):
        self._int8 = int8
        self._nodes: list = []
        self._initializers: list = []
        self._known: dict[tuple, tuple[str, ...]] = {}

    def add(self, op: str, *inputs: str, **attributes) -> str:
        """Adds a node with one output, or finds the same one; returns the output's name. An empty input is left out."""
        return self.add_many(op, *inputs, n_out=1, **attributes)[0]

    def add_many(self, op: str, *inputs: str, n_out: int, **attributes) -> tuple[str, ...]:
        """Adds a node with `n_out` outputs and returns their names."""
        if op not in OPERATORS:
            raise ValueError(f"{op}: prediction would refuse it; add it to sentiment/prediction/onnx_check.py")
        key = (op, *inputs, n_out, repr(sorted(attributes.items())))
        if key not in self._known:
            outputs = tuple(f"{op}_{len(self._nodes)}.{n}" for n in range(n_out))
            made = [_attribute(*each) for each in attributes.items()]
            self._nodes.append(onnx.NodeProto(op_type=op, input=inputs, output=outputs, attribute=made))
            self._known[key] = outputs
        return self._known[key]

    def constant(self, array: np.ndarray | np.generic) -> str:
        """Adds a weight as it is."""
        key = ("constant", str(array.dtype), array.shape, array.tobytes())
        if key not in self._known:
            name = f"weight_{len(self._initializers)}"
            kind, dims = _TYPES[str(array.dtype)], array.shape
            self._initializers.append(onnx.TensorProto(name=name, data_type=kind, dims=dims, raw_data=array.tobytes()))
            self._known[key] = (name,)
        return self._known[key][0]

    def ints(self, *values: int) -> str:
        """Adds <int64>[len(values)], such as the axes of a reduction."""
        return self.constant(np.array(values, np.int64))

    def slice(self, value: str, axis: int, start: int | str = 0, end: int | str = _END) -> str:
        """Adds a slice along one axis; where it starts and ends may be values, <int64>[1]."""
        start, end = (each if isinstance(each, str) else self.ints(each) for each in (start, end))
        return self.add("Slice", value, start, end, self.ints(axis))

    def weight(self, array: np.ndarray, axis: int = 0) -> str:
        """Adds a float32 weight; in an int8 graph, with one scale for each place along `axis` if it is large."""
        array = np.asarray(array, np.float32)
        if not self._int8 or array.ndim < 2 or array.size < _SMALLEST_QUANTISED:
            return self.constant(array)
        values, scales = quantised(array, axis)
        return self.add("DequantizeLinear", self.constant(values), self.constant(scales), axis=axis)

    def rows(self, table: np.ndarray, ids: str) -> str:
        """Looks up rows of `table`, <float>[n, d], as float32.

        A table in half precision stays so, and in an int8 graph becomes int8: only rows looked up become float32.
        """
        table = table if table.dtype == np.float16 else np.asarray(table, np.float32)
        if not self._int8 or table.size < _SMALLEST_QUANTISED:
            found = self.add("Gather", self.constant(table), ids, axis=0)
            return found if table.dtype == np.float32 else self.add("Cast", found, to=FLOAT)
        table = np.asarray(table, np.float32)
        # A scale takes as much space as four values: rows that are short share one for each column.
        by_row = table.shape[1] >= 16
        values, scales = quantised(table, 0 if by_row else 1)
        found = self.add("Cast", self.add("Gather", self.constant(values), ids, axis=0), to=FLOAT)
        factors = self.constant(scales)
        if by_row:
            factors = self.add("Gather", self.constant(scales[:, None]), ids, axis=0)
        return self.add("Mul", found, factors)

    def model(self, inputs: Mapping[str, tuple[int, Shape]], outputs: Mapping[str, tuple[str, Shape]]) -> bytes:
        """Returns the finished model.

        Args:
            inputs: by their names, the type and the shape of each.
            outputs: <float32>, by the names that they get, the value and the shape of each.
        """
        # Renamed, not copied: most outputs are asked for now and then, and come from the midst of a graph.
        names = {value: name for name, (value, _) in outputs.items()}
        for node in self._nodes:
            node.input[:] = [names.get(value, value) for value in node.input]
            node.output[:] = [names.get(value, value) for value in node.output]
        graph = onnx.GraphProto(
            name="sentiment",
            node=self._nodes,
            initializer=self._initializers,
            input=[_value(name, *each) for name, each in inputs.items()],
            output=[_value(name, FLOAT, shape) for name, (_, shape) in outputs.items()],
        )
        opset = [onnx.OperatorSetIdProto(domain="", version=OPSET)]
        model = onnx.ModelProto(ir_version=IR_VERSION, producer_name="sentiment", opset_import=opset, graph=graph)
        return model.SerializeToString(deterministic=True)


def _attribute(name: str, value: int | float | str | list[int]):
    kinds = onnx.AttributeProto
    if isinstance(value, float):
        return kinds(name=name, type=kinds.FLOAT, f=value)
    if isinstance(value, int):
        return kinds(name=name, type=kinds.INT, i=value)
    if isinstance(value, str):
        return kinds(name=name, type=kinds.STRING, s=value.encode())
    return kinds(name=name, type=kinds.INTS, ints=value)


def _value(name: str, kind: int, shape: Shape):
    dims = [{"dim_value": size} if isinstance(size, int) else {"dim_param": size} for size in shape]
    shape_proto = onnx.TensorShapeProto(dim=[onnx.TensorShapeProto.Dimension(**each) for each in dims])
    tensor = onnx.TypeProto.Tensor(elem_type=kind, shape=shape_proto)
    return onnx.ValueInfoProto(name=name, type=onnx.TypeProto(tensor_type=tensor))


def quantised(array: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns values <int8>, shaped as `array`, and scales <float32>[array.shape[axis]]; their product is about it."""
    others = tuple(n for n in range(array.ndim) if n != axis)
    largest = np.abs(array).max(axis=others, keepdims=True)
    scales = np.where(largest > 0, largest / 127, 1).astype(np.float32)
    return np.rint(array / scales).astype(np.int8), scales.reshape(-1)
