"""Sound handed to meters in the forms they ask for, each form made once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from sightline.engine.plan import Task
from sightline.media.picture import SoundBlock
from sightline.media.resample import Resampler
from sightline.meters.meter import SoundNeeds


class Listener(Protocol):
    """A sound meter at work."""

    task: Task

    def feed(self, batch: SoundBlock, /) -> None: ...

    def fail(self, error: Exception, /) -> None: ...


class _Form:
    """Those that want one stream in one form. Where it cannot be made they are left out and the others go on."""

    def __init__(self, needs: SoundNeeds) -> None:
        plain = needs == SoundNeeds()
        self._resampler = None if plain else Resampler(rate_hz=needs.rate_hz, mono=needs.mono)
        self.listeners: list[Listener] = []
        self._failed = False

    def feed(self, block: SoundBlock | None) -> None:
        """``None``: there is no more."""
        if self._failed:
            return
        try:
            blocks = self._made(block)
        except Exception as error:  # noqa: BLE001  (the edge of a form: its meters are named and left out)
            self._failed = True
            for listener in self.listeners:
                listener.fail(error)
            return
        for one in blocks:
            for listener in self.listeners:
                listener.feed(one)

    def _made(self, block: SoundBlock | None) -> list[SoundBlock]:
        if self._resampler is None:
            return [block] if block is not None else []
        return self._resampler.blocks(block) if block is not None else self._resampler.flush()


class SoundForms:
    """Every sound meter of a lane, by stream and form."""

    def __init__(self, listeners: Iterable[Listener]) -> None:
        self._forms: dict[tuple[int, SoundNeeds], _Form] = {}
        for listener in listeners:
            audio, needs = listener.task.subject.audio, listener.task.meter.needs
            assert audio is not None
            assert isinstance(needs, SoundNeeds)
            form = self._forms.setdefault((audio.index, needs), _Form(needs))
            form.listeners.append(listener)

    def feed(self, block: SoundBlock) -> None:
        for (stream, _), form in self._forms.items():
            if stream == block.stream:
                form.feed(block)

    def flush(self) -> None:
        """Hands on what resamplers still hold. Called once, after the last block."""
        for form in self._forms.values():
            form.feed(None)
