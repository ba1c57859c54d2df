from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from sightline.compiled import compiled


def test_a_function_is_compiled_though_its_machine_code_can_be_kept_nowhere() -> None:
    found: dict[str, Callable[..., Any]] = {}
    exec("def total(values):\n    sum = 0\n    for value in values:\n        sum += value\n    return sum\n", found)
    total = compiled(found["total"])
    assert total(np.arange(5)) == 10
    assert len(total.signatures) == 1  # type: ignore[attr-defined]
