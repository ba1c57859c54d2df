"""What was aimed at, and whether it was reached."""

from __future__ import annotations

from typing import Any

USERS = 5
"""Aims are for so many users at once, as the older system stated its figures."""
READS_P95_MS, DISPATCH_MS, IDLE_PERCENT, BUSY_PERCENT = 100, 50, 1, 90


def targets(result: dict[str, Any]) -> list[dict[str, Any]]:
    """``what``, ``aim``, ``measured``, ``unit``, whether ``at_most`` or at least, and ``reached``."""
    rows: list[tuple[str, float, float | None, str, bool]] = []
    five = next((stage for stage in result["stages"] if stage["users"] == USERS), None)
    if five is not None:
        # On a machine that does other work as well the rest is what analysis could have had.
        rows += [
            (f"reads with {USERS} users, workers saturated, p95", READS_P95_MS, five["reads_ms"]["p95"], "ms", True),
            ("cores busy with analysis", BUSY_PERCENT, round(100 * five["cpu"]["jobs"], 1), "%", False),
        ]
    errors = sum(stage["errors"] + stage["jobs_failed"] for stage in result["stages"]) + len(result["errors_logged"])
    rows += [
        ("errors, with any number of users", 0, errors, "", True),
        ("dispatch to a free worker, p95", DISPATCH_MS, result["dispatch"]["dispatch_ms"]["p95"], "ms", True),
        ("idle, of one core", IDLE_PERCENT, result["idle"]["cpu_percent_of_a_core"], "%", True),
    ]
    return [
        {
            "what": what, "aim": aim, "measured": measured, "unit": unit, "at_most": at_most,
            "reached": measured is not None and (measured <= aim if at_most else measured >= aim),
        }
        for what, aim, measured, unit, at_most in rows
    ]  # fmt: skip
