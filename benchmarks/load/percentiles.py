"""What half, nearly all and all of some times keep within."""

from __future__ import annotations

import math
from collections.abc import Sequence


def percentile(values: Sequence[float], percent: float) -> float:
    """The least of the values that so many percent of them do not exceed (nearest rank). NaN of none."""
    if not values:
        return math.nan
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]


def spread(values: Sequence[float]) -> dict[str, float | None]:
    """``p50``, ``p95``, ``p99`` and ``most``; None of no values."""
    if not values:
        return dict.fromkeys(("p50", "p95", "p99", "most"))
    named = {f"p{percent}": percentile(values, percent) for percent in (50, 95, 99)} | {"most": max(values)}
    return {name: round(value, 1) for name, value in named.items()}
