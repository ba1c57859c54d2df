"""What an application carries: the platform it speaks for."""

from __future__ import annotations

from fastapi import Request

from sightline.service.platform import Platform


def platform_of(request: Request) -> Platform:
    found: Platform = request.app.state.platform
    return found
