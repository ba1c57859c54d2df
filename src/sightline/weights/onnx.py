"""Models in ONNX files: the only home of ONNX Runtime.

The packages its makers publish tell them of every process that loads it, and leave an identity of the machine in the
user's folders, unless the environment says otherwise before it is loaded. Here it always does.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

SILENCED = ("ORT_DISABLE_TELEMETRY", "ORT_TELEMETRY_DISABLED")
"""The name ONNX Runtime 1.31 heeds, and that of its development since."""


class OnnxSession(Protocol):
    """What is used of ONNX Runtime's session."""

    def run(self, outputs: Sequence[str] | None, inputs: Mapping[str, Any], /) -> list[Any]: ...

    def get_inputs(self) -> Sequence[Any]: ...


def keep_silent() -> None:
    """To be called before anything loads ONNX Runtime, also where another package does."""
    for name in SILENCED:
        os.environ[name] = "1"


def onnx_session(path: Path) -> OnnxSession:
    """A session on one thread of the processor that many threads may use at once: cores belong to the decoder.

    Raises what ONNX Runtime raises for a file that holds no model.
    """
    keep_silent()
    import onnxruntime  # loads for long, and most programs never need it

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session: OnnxSession = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return session
