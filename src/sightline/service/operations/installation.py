"""Settings that an administrator may change while the service runs: kept in the database, over file and environment.

Every process asks for them where they are heeded, at most every `FRESH_S`; a job takes them along when it begins. What
could send a key elsewhere, reach other files, or wipe away traces is not among them: it stays the file's.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from sightline.desks.interview.policies import POLICIES
from sightline.errors import Conflict, RequestInvalid, SightlineError
from sightline.library.actor import SYSTEM, Actor
from sightline.library.columns import now
from sightline.library.database import Database
from sightline.library.installation_table import InstallationRow
from sightline.service import audit
from sightline.service.access import Right, require
from sightline.service.operations.settings_file import described, plain_value, value_text
from sightline.service.settings import Settings
from sightline.text import LANGUAGES, Language, catalogue

CHANGEABLE = (
    "interview_policies",
    "insight_provider", "insight_model",
    "insight_usd_per_call", "insight_usd_per_day", "insight_usd_per_month",
    "insight_tokens_per_call", "insight_tokens_per_day", "insight_tokens_per_month",
    "max_concurrent_tasks", "max_tasks_per_user",
    "max_cpu_percent", "max_memory_percent",
    "keep_videos_days", "keep_analyses_days", "keep_interviews_days", "keep_interview_media_days", "keep_jobs_days",
)  # fmt: skip
FRESH_S = 2.0
HERE = "installation"
"""The source of a value that was changed while the service ran."""
LONGEST = 200
MOST = 10**9
"""No number is larger."""
MOST_DAYS = 36_500
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SettingItem:
    """A setting as people see it."""

    name: str
    group: str
    meaning: Mapping[Language, str]
    """In English at least."""
    value: Any
    """Plain JSON. Secrets are ``***``; null or empty where nothing is set."""
    source: str | None
    """Name in the environment, a file, ``installation``; None: the default."""
    is_changeable: bool


class Installation:
    """``sources``: where each of ``settings`` came from, by name, without those that have their default."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        sources: Mapping[str, str] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings, self._database, self._sources, self._clock = settings, database, dict(sources or {}), clock
        self._guard = threading.Lock()
        self._current = settings
        self._changed: Mapping[str, Any] = {}
        self._read_s: float | None = None

    def current(self) -> Settings:
        """The settings that hold now. While the database cannot be reached, those that held last."""
        with self._guard:
            if self._read_s is None or self._clock() - self._read_s >= FRESH_S:
                self._read_s = self._clock()
                try:
                    changed = self._kept()
                except SightlineError:
                    return self._current
                if changed != self._changed:
                    self._changed, self._current = changed, self._laid_over(changed)
            return self._current

    def items(self, actor: Actor) -> Sequence[SettingItem]:
        """Every setting, in the order it is described."""
        require(actor, Right.MANAGE_INSTALLATION)
        current, group = self.current(), ""
        with self._guard:
            changed = self._changed
        found = []
        for name, (heading, meaning) in described().items():
            group = heading or group
            source = HERE if name in changed else self._sources.get(name)
            value = plain_value(getattr(current, name))
            found.append(SettingItem(name, group, _meaning(name, meaning), value, source, name in CHANGEABLE))
        return found

    def change(
        self, actor: Actor, values: Mapping[str, Any], seen: Mapping[str, Any] | None = None
    ) -> Sequence[SettingItem]:
        """Sets some, and gives those with None back to the file. All or none. ``seen``: what whoever changes them takes
        to hold. Raises `RequestInvalid`, `Conflict` where something else holds."""
        require(actor, Right.MANAGE_INSTALLATION)
        for name in values:
            if name not in CHANGEABLE:
                raise RequestInvalid("settings.not_changeable", name=name[:LONGEST], known=", ".join(CHANGEABLE))
        checked = {name: None if value is None else self._checked(name, value) for name, value in values.items()}

        def work(session: Session) -> None:
            for name, value in (seen or {}).items():
                self._refuse_other(session, name, value)
            # In one order, so that nobody waits for one who waits for him.
            for name, value in sorted(checked.items()):
                if value is not None:
                    row = _made(session, name, value)
                    row.value, row.changed_at, row.changed_by = value, now(), actor.user_id
                elif (there := _locked(session, name)) is not None:
                    session.delete(there)
            shown = {name: "" if value is None else value_text(value)[:LONGEST] for name, value in checked.items()}
            audit.record(session, actor, "settings.changed", HERE, **shown)

        self._database.change(actor, work)
        with self._guard:
            self._read_s = None
        return self.items(actor)

    def _refuse_other(self, session: Session, name: str, seen: Any) -> None:
        if name not in CHANGEABLE:
            raise RequestInvalid("settings.not_changeable", name=name[:LONGEST], known=", ".join(CHANGEABLE))
        row = _locked(session, name)
        holds = plain_value(getattr(self._settings, name)) if row is None else row.value
        if holds != seen:
            raise Conflict("settings.changed_meanwhile", name=name, value=value_text(holds)[:LONGEST])

    def _kept(self) -> Mapping[str, Any]:
        with self._database.read(SYSTEM) as session:
            rows = session.execute(select(InstallationRow.name, InstallationRow.value)).all()
        return {name: value for name, value in rows if name in CHANGEABLE}

    def _laid_over(self, changed: Mapping[str, Any]) -> Settings:
        over: dict[str, Any] = {}
        for name, value in changed.items():
            try:
                over[name] = getattr(self._valid(name, value), name)
            except RequestInvalid as error:
                # Kept by another version, or the file says otherwise since: the file's holds.
                _log.warning("a changed setting does not hold: %s", error)
        return self._settings.model_copy(update=over)

    def _checked(self, name: str, value: Any) -> Any:
        """As it is kept."""
        return plain_value(getattr(self._valid(name, value), name))

    def _valid(self, name: str, value: Any) -> Settings:
        _refuse_hostile(name, value)
        # An empty text means that nothing is set, as in the environment.
        given = {} if value == "" else {name: value}
        try:
            candidate = Settings.model_validate({**_plain(self._settings, name), **given})
        except ValidationError as error:
            raise _refused(name, error.errors(include_input=False, include_url=False)[0]["msg"]) from None
        found = getattr(candidate, name)
        if name == "interview_policies" and not set(found) <= set(POLICIES):
            raise _refused(name, f"there are {', '.join(POLICIES)}")
        if name == "insight_provider" and self._would_send_elsewhere(found):
            raise _refused(name, f"insight_base_url is set for {self._settings.insight_provider}")
        return candidate

    def _would_send_elsewhere(self, provider: str) -> bool:
        """Whether another provider's key would go to the address that was set for this one."""
        usual = self._settings.insight_provider
        return bool(self._settings.insight_base_url) and provider not in ("none", "openai_compatible", usual)


def _made(session: Session, name: str, value: Any) -> InstallationRow:
    """The row of a setting, made where it is not there, and nobody else's until the transaction ends."""
    while (row := _locked(session, name)) is None:
        # Somebody else may make it meanwhile.
        with suppress(IntegrityError), session.begin_nested():
            session.add(InstallationRow(name=name, value=value))
    return row


def _locked(session: Session, name: str) -> InstallationRow | None:
    return session.get(InstallationRow, name, with_for_update=True, populate_existing=True)


def _plain(settings: Settings, without: str) -> dict[str, Any]:
    return {name: value for name, value in settings if name != without}


def _refuse_hostile(name: str, value: Any) -> None:
    """What would pass the type and still be no setting."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | list):
        raise _refused(name, "a text, a number or a list of texts")
    if isinstance(value, list) and not (len(value) <= len(POLICIES) and all(isinstance(one, str) for one in value)):
        raise _refused(name, "a short list of texts")
    texts = value if isinstance(value, list) else [value] if isinstance(value, str) else []
    if any(len(text) > LONGEST or not (text.isprintable() and text.isascii()) for text in texts):
        raise _refused(name, f"at most {LONGEST} plain characters")
    most = MOST_DAYS if name.endswith("_days") else MOST
    if isinstance(value, int | float) and not (math.isfinite(value) and abs(value) <= most):
        raise _refused(name, f"<= {most}")


def _refused(name: str, known: str) -> RequestInvalid:
    return RequestInvalid("settings.cannot_be", name=name, known=known)


def _meaning(name: str, described: str) -> Mapping[Language, str]:
    told = {language: catalogue(language).get(f"settings.meaning.{name}") for language in LANGUAGES}
    return {language: text for language, text in told.items() if text} or {Language.ENGLISH: described}
