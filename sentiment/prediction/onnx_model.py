"""A loaded ONNX model, which onnxruntime computes."""

import os
from collections.abc import Mapping, Sequence

import numpy as np

from sentiment.errors import InputError
from sentiment.prediction.onnx_check import check_onnx

IDS = "ids"  # input, <int32>[batch, length]
LOG_PROBABILITIES, VECTORS = "log_probabilities", "vectors"  # outputs; not every model has the second
_REMEDY = "restore it or train again"


class OnnxModel:
    """A loaded model; any number of threads may run it.

    One thread computes: the models are small, and whoever has many texts runs several processes.

    Args:
        model: the bytes of the model.
        path: what errors call it.

    Attributes:
        tables: the number of rows of each weight that ids look up.
        inputs: their names.
        outputs: by their names, the shape of each without the batch; 0 for a size that isn't fixed.

    Raises:
        InputError: it holds what no exported model does, or makes no sense.
    """

    def __init__(self, model: bytes, path: str | os.PathLike[str]):
        self.tables = check_onnx(model, path).tables
        self._path = path
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # before the import: afterwards it has queued its first events
        import onnxruntime
        from onnxruntime.capi import onnxruntime_pybind11_state as state

        # What onnxruntime raises has no class in common but Exception.
        names = ("Fail", "InvalidArgument", "InvalidGraph", "InvalidProtobuf", "NotImplemented", "RuntimeException")
        own = (getattr(state, name) for name in names)
        self._errors: tuple[type[Exception], ...] = (RuntimeError, ValueError, *own)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3  # errors only
        try:
            self._session = onnxruntime.InferenceSession(model, options, ["CPUExecutionProvider"], enable_fallback=0)
        except self._errors as error:
            raise self.refused(_reason(error)) from error
        self.inputs = tuple(each.name for each in self._session.get_inputs())
        self.outputs = {each.name: _sizes(each.shape) for each in self._session.get_outputs()}

    def run(self, outputs: Sequence[str], inputs: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        """Returns the values of outputs. Raises InputError where they can't be computed: the weights don't fit."""
        try:
            found = self._session.run(outputs, inputs)
        except self._errors as error:
            raise self.refused(_reason(error)) from error
        for name, value in zip(outputs, found, strict=True):
            said = (len(value), *self.outputs[name])
            if len(said) != value.ndim or any(0 < size != own for size, own in zip(said, value.shape, strict=True)):
                raise self.refused(f"{name} are of another size than it says")
        return found

    def refused(self, reason: str) -> InputError:
        """Returns the error for a model that is of no use, with what to do about it."""
        return InputError(f"{self._path}: {reason}; {_REMEDY}")


def _sizes(shape: Sequence[int | str] | None) -> tuple[int, ...]:
    return tuple(size if isinstance(size, int) else 0 for size in (shape or ())[1:])


def _reason(error: Exception) -> str:
    return f"no model that can be run ({' '.join(str(error).split())[:200]})"
