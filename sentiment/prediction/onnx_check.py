"""An ONNX model, looked through before onnxruntime sees it: only what our emitter writes gets there.

ONNX can do more than compute: a tensor may be read from any file, operators may loop, hold whole graphs, or come from
elsewhere. So each message may have the fields that `export.graph` writes and no other. Prediction has no `onnx`
package; of protobuf's wire format (https://protobuf.dev/programming-guides/encoding/) this needs only where fields
begin and end.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import prod

from sentiment.errors import InputError

OPSET = 17
OPERATORS = frozenset(
    (
        *("Add", "Cast", "Concat", "DequantizeLinear", "Div", "Erf", "GRU", "Gather", "Identity", "LSTM"),
        *("LayerNormalization", "Less", "LogSoftmax", "MatMul", "Max", "MaxPool", "Mean", "Mul", "Pad", "ReduceMax"),
        *("ReduceMean", "ReduceSum", "Relu", "Reshape", "Shape", "Sigmoid", "Slice", "Softmax", "Sqrt", "Squeeze"),
        *("Tanh", "Transpose", "Unsqueeze", "Where"),
    )
)
_MOST_NODES = 20_000
_ITEM_SIZES = {1: 4, 3: 1, 6: 4, 7: 8, 9: 1, 10: 2}  # bytes, by TensorProto.DataType: those of `export.graph`

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5

# The numbers of the fields that the emitter writes, by message.
_MODEL = {1: "ir_version", 2: "producer_name", 7: "graph", 8: "opset_import"}
_GRAPH = {1: "node", 2: "name", 5: "initializer", 11: "graph_input", 12: "graph_output"}
_NODE = {1: "input", 2: "output", 4: "op_type", 5: "attribute"}
_ATTRIBUTE = {1: "name", 2: "f", 3: "i", 4: "s", 8: "ints", 20: "type"}
_TENSOR = {1: "dims", 2: "data_type", 8: "name", 9: "raw_data"}
_OPSET = {1: "domain", 2: "version"}
_TEXTS = frozenset(("name", "producer_name", "input", "output", "op_type", "s", "domain"))


class _RefusedError(Exception):
    """What is wrong with a model."""


@dataclass
class Checked:
    """What is known of a model that passed.

    Attributes:
        tables: the number of rows of each weight that ids look up.
    """

    tables: set[int] = field(default_factory=set)


def check_onnx(data: bytes, path: object) -> Checked:
    """Returns what an ONNX model says of itself.

    Args:
        data: the model.
        path: what errors call it.

    Raises:
        InputError: it holds what our emitter doesn't write: an operator, a field, a tensor in another file.
    """
    try:
        return _check_model(memoryview(data))
    except _RefusedError as refused:
        raise InputError(
            f"{path}: {refused}, which no model that `sentiment train` writes has; restore it or train again"
        ) from refused


def _check_model(data: memoryview) -> Checked:
    checked = Checked()
    graphs = 0
    for name, value in _named(data, _MODEL, "ModelProto"):
        if name == "graph":
            graphs += 1
            _check_graph(_message(value), checked)
        elif name == "opset_import":
            found = dict(_named(_message(value), _OPSET, "OperatorSetIdProto"))
            if bytes(found.get("domain", b"")) != b"" or found.get("version") != OPSET:
                raise _RefusedError(f"another operator set than ONNX's own of version {OPSET}")
    if graphs != 1:  # protobuf would merge several
        raise _RefusedError(f"{graphs} graphs")
    return checked


def _check_graph(data: memoryview, checked: Checked) -> None:
    rows: dict[str, int] = {}
    lookups: list[str] = []
    inputs: list[str] = []
    n_nodes = 0
    for name, value in _named(data, _GRAPH, "GraphProto"):
        if name == "node":
            n_nodes += 1
            lookups += _check_node(_message(value))
        elif name == "initializer":
            weight, dims = _check_tensor(_message(value))
            rows[weight] = dims[0] if dims else 0
        elif name == "graph_input":
            inputs += [_text(each) for number, each in _fields(_message(value)) if number == 1]
    if n_nodes > _MOST_NODES:
        raise _RefusedError(f"{n_nodes:,} operators")
    if inputs != ["ids"] and inputs[:1] != ["places"]:
        raise _RefusedError("other inputs than ids or places")
    checked.tables |= {rows[table] for table in lookups if table in rows}


def _check_node(data: memoryview) -> list[str]:
    # Returns the weight whose rows the node looks up for ids, if it does.
    operator, inputs = "", []
    for name, value in _named(data, _NODE, "NodeProto"):
        if name == "attribute":
            for _ in _named(_message(value), _ATTRIBUTE, "AttributeProto"):
                pass
        elif name == "op_type":
            operator = _text(value)
        elif name == "input":
            inputs.append(_text(value))
    if operator not in OPERATORS:
        raise _RefusedError(f"the operator {operator[:40]!r}")
    return inputs[:1] if operator == "Gather" and inputs[1:] == ["ids"] else []


def _check_tensor(data: memoryview) -> tuple[str, list[int]]:
    weight, dims, kind, size = "", [], 0, 0
    for name, value in _named(data, _TENSOR, "TensorProto"):
        if name == "dims":
            dims += [value] if isinstance(value, int) else list(_packed(value))
        elif name == "name":
            weight = _text(value)
        elif name == "raw_data":
            size = len(_message(value))
        elif isinstance(value, int):
            kind = value
    if kind not in _ITEM_SIZES or size != prod(dims) * _ITEM_SIZES[kind]:
        raise _RefusedError(f"a weight of {size:,} bytes that says it has another size")
    return weight, dims


def _named(data: memoryview, known: dict[int, str], message: str) -> Iterator[tuple[str, int | memoryview]]:
    for number, value in _fields(data):
        if number not in known:
            raise _RefusedError(f"field {number} of {message}")
        name = known[number]
        if name in _TEXTS:
            _text(value)
        yield name, value


def _text(value: int | memoryview) -> str:
    text = bytes(_message(value)).decode("ascii", "replace")
    if not text.isprintable() or "\ufffd" in text:
        raise _RefusedError("a name of other characters than ASCII's")
    return text


def _message(value: int | memoryview) -> memoryview:
    if isinstance(value, int):
        raise _RefusedError("a number in place of bytes")
    return value


def _fields(data: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    # Yields (number, value) of a message's fields: a varint as a number, all else as bytes.
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        number, kind = tag >> 3, tag & 7
        if kind == _VARINT:
            value, at = _varint(data, at)
            yield number, value
            continue
        if kind == _BYTES:
            size, at = _varint(data, at)
        elif kind in (_FIXED32, _FIXED64):
            size = 4 if kind == _FIXED32 else 8
        else:
            raise _RefusedError("no protobuf")
        if at + size > len(data):
            raise _RefusedError("no protobuf, or one cut short")
        yield number, data[at : at + size]
        at += size


def _packed(data: memoryview) -> Iterator[int]:
    at = 0
    while at < len(data):
        value, at = _varint(data, at)
        yield value


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            raise _RefusedError("no protobuf, or one cut short")
        value |= (data[at] & 0x7F) << shift
        at += 1
        if not data[at - 1] & 0x80:
            return value, at
    raise _RefusedError("no protobuf")
