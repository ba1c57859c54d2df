"""The cache of measurements that the settings name. Apart from the store of videos, which a terminal has no use for."""

from __future__ import annotations

from sightline.engine.cache import MeasurementCache
from sightline.service.settings import Settings


def measurements_of(settings: Settings) -> MeasurementCache:
    """Shared by every process with these settings, and by the terminal."""
    return MeasurementCache(settings.cache_dir / "measurements", int(settings.measurement_cache_gb * (1 << 30)))
