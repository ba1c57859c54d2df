"""Networks out of a bundle, run by LiteRT on one core."""

from __future__ import annotations

import os
import threading
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sightline.errors import WeightsRefused
from sightline.meters.crops import Rgb

STDERR = 2
Tensor = npt.NDArray[np.float32]


def tensor_of(crop: Rgb, deviation: float, mean: float = 0.0) -> Tensor:
    """``(1, height, width, 3)``: ``(crop - mean) / deviation``, as networks want their pixels."""
    made = np.multiply(crop, np.float32(1 / deviation), dtype=np.float32)
    if mean:
        made -= np.float32(mean / deviation)
    return made[None]


class Network:
    """One network. Used by one thread at a time.

    ``shapes``: of its outputs, in the order in which `run` gives them; an output is known by its shape, as their order
    in the file means nothing, and of two of the same shape the first is taken first.
    """

    def __init__(self, content: bytes, shapes: Sequence[tuple[int, ...]]) -> None:
        from ai_edge_litert.interpreter import Interpreter  # loads for long, and most programs never need it

        with _silent():
            self._interpreter: Any = Interpreter(model_content=content, num_threads=1)
            self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]["index"]
        left = sorted(self._interpreter.get_output_details(), key=lambda output: str(output["name"]))
        self._outputs = []
        for shape in shapes:
            output = next(output for output in left if tuple(output["shape"]) == shape)
            left.remove(output)
            self._outputs.append(output["index"])

    def run(self, values: Tensor) -> list[Tensor]:
        self._interpreter.set_tensor(self._input, values)
        return self._answers()

    def run_on(self, crop: Rgb, deviation: float, mean: float = 0.0) -> list[Tensor]:
        """Of ``(crop - mean) / deviation``, written to where the network reads it."""
        into = self._interpreter.tensor(self._input)()[0]
        np.multiply(crop, np.float32(1 / deviation), out=into)
        if mean:
            into -= np.float32(mean / deviation)
        # While it is held the interpreter refuses to run.
        del into
        return self._answers()

    def _answers(self) -> list[Tensor]:
        self._interpreter.invoke()
        return [self._interpreter.get_tensor(index) for index in self._outputs]


_stderr = threading.Lock()


@contextmanager
def _silent() -> Iterator[None]:
    """Nothing reaches the process's standard error meanwhile: LiteRT tells there of every network it prepares, and
    neither an argument nor the environment stops it."""
    with _stderr, Path(os.devnull).open("wb") as nowhere:
        try:
            kept = os.dup(STDERR)
        except OSError:
            kept = None
        os.dup2(nowhere.fileno(), STDERR)
        try:
            yield
        finally:
            if kept is None:
                os.close(STDERR)
            else:
                os.dup2(kept, STDERR)
                os.close(kept)


def network_of(bundle: Path, name: str, shapes: Sequence[tuple[int, ...]]) -> Network:
    """A network of a bundle (a zip file, as MediaPipe's ``.task``). Raises `WeightsRefused` for one without it."""
    try:
        with zipfile.ZipFile(bundle) as archive:
            return Network(archive.read(name), shapes)
    except (KeyError, StopIteration, zipfile.BadZipFile, ValueError, RuntimeError) as error:
        raise WeightsRefused("body.not_a_bundle", path=bundle, name=name, why=repr(error)) from error
