"""What was asked of a desk, as plain JSON: in rows, in bundles (``asked.json``) and on cards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sightline.desks.desk import DEFAULT_TEMPLATE, Brief


def asked_to_dict(brief: Brief) -> dict[str, Any]:
    return {
        "template": brief.template,
        "template_source": brief.source,
        "waivers": [{key: _plain(value) for key, value in row.items() if value is not None} for row in brief.waivers],
        "options": dict(brief.options),
    }


def asked_from_dict(plain: Mapping[str, Any]) -> Brief:
    """Of a document, a card or a payload; what an older one does not tell is as if nobody had asked for it."""
    return Brief(
        plain.get("template") or DEFAULT_TEMPLATE,
        plain.get("template_source"),
        tuple(plain.get("waivers") or ()),
        options=dict(plain.get("options") or {}),
    )


def _plain(value: object) -> object:
    return value if isinstance(value, str | int | float | bool) else str(value)
