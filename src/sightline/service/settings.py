"""Settings of this installation: made once at start from a TOML file and the environment, then handed down.

Every setting is a field of `Settings`. In the environment its name is ``SIGHTLINE_<FIELD>``; in the file it is the
field's name. The environment wins. The names the older systems used are taken as well (`OLD_NAMES`). An unknown name is
an error, so that a misspelt one is not silently ignored.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)

from sightline.errors import SetupError
from sightline.text import Language

PREFIX = "SIGHTLINE_"
FILE_SETTING = "SIGHTLINE_CONFIG"
"""Names the settings file; else ``sightline.toml`` in the data directory, where there is one."""
NOT_SETTINGS = ("SIGHTLINE_TEST_", "SIGHTLINE_REQUIRE_SERVICES")
"""Names of the test suite: no settings, and no mistake either."""
OLD_NAMES = (
    "MAX_CONCURRENT_USERS",
    "MAX_CONCURRENT_TASKS",
    "MEMORY_CACHE_SIZE_MB",
    "SESSION_TIMEOUT_MINUTES",
    "MAX_CPU_PERCENT",
    "MAX_MEMORY_PERCENT",
    "OPENAI_API_KEY",
    "ANTHROPIC_API_KEY",
    "GOOGLE_API_KEY",
    "FACTCHAT_API_KEY",
)
"""Names of the systems Sightline replaces; the same words in lower case are the fields."""


def _listed(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _absolute(path: Path) -> Path:
    return path.expanduser().absolute()


Folder = Annotated[Path, AfterValidator(_absolute)]
Listed = Annotated[tuple[str, ...], BeforeValidator(_listed)]


class Settings(BaseModel):
    """How this installation works. Nothing reads the environment after this was made."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # The machine and the terminal
    cache_dir: Folder = Field(default_factory=lambda: _home("XDG_CACHE_HOME", ".cache"))
    """Where measurements are kept. Can be deleted at any time."""
    isolate: bool = False
    """Measure in a child process: a crash inside a codec is an error then, not the end."""
    language: Language = Language.ENGLISH
    """Of messages and reports; else the terminal's."""
    measurement_cache_gb: float = Field(default=20, gt=0)
    """Measurements kept, in GiB; the least recently used go first."""

    # A service elsewhere, for `sightline analyze --server`
    server_url: str = ""
    """Its address."""
    server_token: SecretStr = SecretStr("")
    """An API token of yours there."""

    # Where things lie
    data_dir: Folder = Field(default_factory=lambda: _home("XDG_DATA_HOME", ".local/share"))
    """Database, logs, and what no other directory is named for."""
    work_dir: Folder | None = None
    """Unfinished uploads and files in work: fast storage. Default: ``work`` in the data directory."""
    archive_dir: Folder | None = None
    """Videos and analyses, where no object store is named. Default: ``archive`` in the data directory."""
    database_url: SecretStr = SecretStr("")
    """``postgresql+psycopg://…`` or ``mariadb+pymysql://…``; empty: SQLite in the data directory."""
    redis_url: SecretStr = SecretStr("")
    """``redis://…``; empty: every process keeps its own cache."""
    mongo_url: SecretStr = SecretStr("")
    """``mongodb://…/database``: raw records of every analysis are written there as well; empty: nowhere."""

    # Models
    models: Folder | None = None
    """A folder of weights that is looked in first and never written to: for machines without a network."""
    models_dir: Folder | None = None
    """Where `sightline models pull` puts weights. Default: ``models`` in the data directory."""
    models_mirror: str = ""
    """Address below which weights lie as ``<id>/<file>``, asked before the official ones."""
    models_idle_s: float = Field(default=300, ge=0)
    """A model is unloaded when it was not used for so long."""
    blob_url: str = ""
    """``s3://bucket/prefix``; empty: the archive directory."""
    s3_endpoint: str = ""
    """Address of an S3-compatible store; empty: Amazon's."""
    s3_public_endpoint: str = ""
    """Address at which browsers reach that store. Empty: they do not, and the service hands media over itself."""
    s3_region: str = "us-east-1"
    """Region of the bucket."""
    s3_access_key_id: str = ""
    """Of the store's credentials."""
    s3_secret_access_key: SecretStr = SecretStr("")
    """Of the store's credentials."""
    s3_path_style: bool = True
    """Bucket in the path and not in the host's name, as most S3-compatible stores want it."""

    # Listening
    host: str = "127.0.0.1"
    """Address to listen at. Anything but this machine's own is refused while nobody has an account."""
    port: int = Field(default=8000, ge=0, le=65535)
    """0 takes a free one."""
    public_url: str = ""
    """Address people reach the service by, behind a proxy: ``https://qc.example.org``."""
    trusted_proxies: Listed = ("127.0.0.1", "::1")
    """Proxies whose ``X-Forwarded-For`` and ``X-Forwarded-Proto`` are believed."""

    # Jobs
    executor: Literal["process", "thread"] = "process"
    """Where jobs run: in child processes, which can be stopped and may crash, or in threads, for tests."""
    max_concurrent_tasks: int = Field(default_factory=lambda: max(2, min(16, (os.cpu_count() or 2) // 2)), ge=1, le=256)
    """Jobs that run at the same time, over the whole installation."""
    max_tasks_per_user: int = Field(default=0, ge=0)
    """Jobs of one user that run at the same time; 0: no limit of its own."""
    max_queued_per_user: int = Field(default=1000, ge=1)
    """Unfinished jobs one user may have."""
    job_timeout_s: float = Field(default=6 * 3600, gt=0)
    """A job that takes longer is stopped and fails."""
    job_attempts: int = Field(default=3, ge=1, le=20)
    """How often a job that failed is tried, where trying again can help."""
    job_niceness: int = Field(default=10, ge=0, le=19)
    """How far jobs in child processes give way to whatever else runs on the machine: 0 not at all, 19 to everything."""
    checkpoint_s: float = Field(default=300, ge=10)
    """Media seconds after which a job's measurements are put by, so that a job started again goes on from there."""

    # Taking in
    max_upload_gb: float = Field(default=50, gt=0)
    """Largest file taken in, in GiB."""
    max_duration_s: float = Field(default=12 * 3600, gt=0)
    """Longest media taken in."""
    max_videos: int = Field(default=100_000, ge=1)
    """Videos in one workspace."""
    upload_expiry_hours: float = Field(default=24, gt=0)
    """An upload nobody goes on with is removed after so long."""
    fetch_allow: Listed = ()
    """Hosts or networks (``10.1.0.0/16``) that may be fetched from although they are private."""
    fetch_timeout_s: float = Field(default=30, gt=0)
    """Without a byte for so long, a download is given up."""
    s3_import: Listed = ()
    """``bucket/prefix`` from which videos may be taken in with this installation's credentials; empty: none."""
    watch_dir: Folder | None = None
    """A folder from which finished files are taken in."""
    watch_workspace: str = ""
    """Workspace (id or name) watched files go to; empty: the oldest."""
    watch_template: str = "default"
    """Template or rubric watched files are judged by."""
    watch_desk: str = "qc"
    """Desk that analyses watched files."""
    interview_policies: Listed = ()
    """Policies people may be analysed under here, such as ``hiring``; any other is refused, by the older routes too.
    Empty: all."""

    # Language models
    insight_provider: Literal["none", "openai", "anthropic", "google", "openai_compatible"] = "none"
    """Who is asked for feedback. Until one is named nothing is sent anywhere: feedback is written from templates."""
    insight_model: str = ""
    """Model, as the provider calls it; empty: its usual one."""
    insight_base_url: str = ""
    """Address of an OpenAI-compatible server or gateway (``http://127.0.0.1:11434/v1``); empty: the provider's own."""
    openai_api_key: SecretStr = SecretStr("")
    """Key for OpenAI."""
    anthropic_api_key: SecretStr = SecretStr("")
    """Key for Anthropic."""
    google_api_key: SecretStr = SecretStr("")
    """Key for Google."""
    factchat_api_key: SecretStr = SecretStr("")
    """Key for an OpenAI-compatible gateway; a server of one's own may do without."""
    insight_prompt: str = "interview-review"
    """A prompt that comes with the program, or the path of a ``.yaml`` of one's own."""
    insight_timeout_s: float = Field(default=60, gt=0)
    """For one request, and the longest a busy provider is waited for."""
    insight_usd_per_call: float = Field(default=0.25, ge=0)
    """Dollars one request may cost; 0: only what costs nothing."""
    insight_usd_per_day: float = Field(default=5, ge=0)
    """Dollars a day (UTC) of the whole installation. What would go beyond is not asked."""
    insight_usd_per_month: float = Field(default=50, ge=0)
    """Dollars a month (UTC) of the whole installation."""
    insight_tokens_per_call: int = Field(default=100_000, ge=0)
    """Tokens one request may take."""
    insight_tokens_per_day: int = Field(default=2_000_000, ge=0)
    """Tokens a day of the whole installation."""
    insight_tokens_per_month: int = Field(default=20_000_000, ge=0)
    """Tokens a month of the whole installation."""
    insight_usd_per_million_in: float | None = Field(default=None, ge=0)
    """Price of a million tokens read by the model, where the list has none; 0 for a server of one's own."""
    insight_usd_per_million_out: float | None = Field(default=None, ge=0)
    """Price of a million tokens written by the model."""
    insight_pictures: bool = False
    """Whether a model may see pictures of the video; never where others decide about the person."""

    # Signing in
    session_timeout_minutes: int = Field(default=30, ge=1)
    """A session ends when it was not used for so long."""
    session_max_hours: int = Field(default=24 * 14, ge=1)
    """A session ends after so long in any case."""
    max_concurrent_users: int = Field(default=0, ge=0)
    """Users signed in at the same time; 0: no limit."""
    sign_in_attempts: int = Field(default=10, ge=1)
    """Wrong passwords for one account or from one address within 15 minutes."""
    uploads_per_minute: int = Field(default=120, ge=1)
    """Uploads one user may begin in a minute."""
    oidc_issuer: str = ""
    """Address of an OpenID Connect provider; empty: none."""
    oidc_client_id: str = ""
    """Name of this installation at the provider."""
    oidc_client_secret: SecretStr = SecretStr("")
    """Secret of this installation at the provider; empty for a public client."""
    oidc_create_accounts: bool = False
    """Whoever the provider knows gets an account; else only accounts that are there already."""
    metrics_token: SecretStr = SecretStr("")
    """Bearer token for ``/metrics``; without it only administrators and this machine itself may read them."""

    # Caches, watching over the machine, keeping
    memory_cache_size_mb: int = Field(default=50, ge=1)
    """Results each process keeps in memory."""
    max_cpu_percent: float = Field(default=80, gt=0, le=100)
    """While other programs keep the processor busier than this, no new job begins."""
    max_memory_percent: float = Field(default=85, gt=0, le=100)
    """While more memory than this is in use, no new job begins."""
    min_free_disk_gb: float = Field(default=2, ge=0)
    """While less than this is free, no new job begins and nothing is taken in."""
    alert_webhook_url: SecretStr = SecretStr("")
    """Alerts are posted here as JSON."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Least severity that is logged."""
    log_days: int = Field(default=30, ge=1)
    """Days logs are kept."""
    keep_videos_days: int = Field(default=0, ge=0)
    """Videos older than this are removed with their analyses; 0: kept."""
    keep_analyses_days: int = Field(default=0, ge=0)
    """Analyses older than this are removed; 0: kept."""
    keep_interviews_days: int = Field(default=0, ge=0)
    """Videos that were analysed as interviews are erased after so long, with everything made of them and with a
    receipt; 0: kept."""
    keep_interview_media_days: int = Field(default=0, ge=0)
    """The files and pictures of interviews are removed after so long, with a receipt, while what was measured stays; 0:
    kept."""
    keep_jobs_days: int = Field(default=30, ge=1)
    """Finished jobs."""
    keep_audit_days: int = Field(default=365, ge=1)

    @model_validator(mode="before")
    @classmethod
    def _no_empty(cls, values: dict[str, Any]) -> dict[str, Any]:
        """``NAME=`` in an environment file means: as if it were not there."""
        return {name: value for name, value in values.items() if value != ""}

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Raises `SetupError` for an unknown name or a value that cannot be."""
        return read_settings(environment).settings

    @property
    def work(self) -> Path:
        return self.work_dir or self.data_dir / "work"

    @property
    def pulled_models(self) -> Path:
        return self.models_dir or self.data_dir / "models"

    @property
    def archive(self) -> Path:
        return self.archive_dir or self.data_dir / "archive"

    @property
    def logs(self) -> Path:
        return self.data_dir / "logs"

    @property
    def database(self) -> str:
        """The database's URL with its password: for connecting, never for showing."""
        return self.database_url.get_secret_value() or f"sqlite:///{self.data_dir / 'sightline.db'}"


@dataclass(frozen=True, slots=True)
class ReadSettings:
    """Settings and where each one came from."""

    settings: Settings
    sources: Mapping[str, str]
    """By field: ``SIGHTLINE_PORT``, ``MAX_CONCURRENT_TASKS``, a file's path; fields not in it have their default."""


def read_settings(environment: Mapping[str, str] | None = None) -> ReadSettings:
    """Settings from the environment and from the settings file. Raises `SetupError`."""
    env = dict(os.environ if environment is None else environment)
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for name, value in env.items():
        if name.startswith(NOT_SETTINGS) or name == FILE_SETTING:
            continue
        if name in OLD_NAMES:
            values.setdefault(name.lower(), value)
            sources.setdefault(name.lower(), name)
        elif name.startswith(PREFIX):
            field = name.removeprefix(PREFIX).lower()
            if field not in Settings.model_fields:
                raise SetupError("service.unknown_setting", name=name, known=", ".join(_known()))
            values[field], sources[field] = value, name
    if not values.get("language"):
        values["language"] = _terminal_language(env)
        sources.pop("language", None)
    for field, value in _from_file(env, values).items():
        if field == "language" and "language" not in sources:
            values.pop("language")
        if field not in values or values[field] == "":
            values[field], sources[field] = value, str(_file(env, values))
    # Homes come from the environment that was handed in, not from that of this process.
    values.setdefault("cache_dir", _home("XDG_CACHE_HOME", ".cache", env))
    values.setdefault("data_dir", _home("XDG_DATA_HOME", ".local/share", env))
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        raise _complaint(error, sources) from error
    return ReadSettings(settings, sources)


def _known() -> list[str]:
    return [f"{PREFIX}{field.upper()}" for field in Settings.model_fields]


def _file(env: Mapping[str, str], values: Mapping[str, Any]) -> Path:
    if env.get(FILE_SETTING):
        return Path(env[FILE_SETTING])
    return Path(values.get("data_dir") or _home("XDG_DATA_HOME", ".local/share", env)).expanduser() / "sightline.toml"


def _from_file(env: Mapping[str, str], values: Mapping[str, Any]) -> dict[str, Any]:
    path = _file(env, values)
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, PermissionError) as error:
        if env.get(FILE_SETTING):
            raise SetupError("service.no_settings_file", path=path, why=error.strerror or error) from error
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SetupError("service.no_settings_file", path=path, why=error) from error
    for name in found:
        if name not in Settings.model_fields:
            raise SetupError("service.unknown_setting", name=f"{name} ({path})", known=", ".join(Settings.model_fields))
    return found


def _complaint(error: ValidationError, sources: Mapping[str, str]) -> SetupError:
    first = error.errors()[0]
    field = str(first["loc"][0]) if first["loc"] else "?"
    known = _possible(field) or first["msg"]
    shown = "***" if _is_secret(field) else first["input"]
    return SetupError("service.bad_setting", name=sources.get(field, field), value=shown, known=known)


def _possible(field: str) -> str:
    """The values a setting can have, where they can be counted."""
    annotation = Settings.model_fields[field].annotation if field in Settings.model_fields else None
    if annotation is bool:
        return "0, 1"
    if annotation is Language:
        return ", ".join(Language)
    return ", ".join(map(str, get_args(annotation))) if str(annotation).startswith("typing.Literal") else ""


def _is_secret(field: str) -> bool:
    return field in Settings.model_fields and Settings.model_fields[field].annotation is SecretStr


def _home(variable: str, below: str, env: Mapping[str, str] | None = None) -> Path:
    env = os.environ if env is None else env
    return Path(env.get(variable) or Path(env.get("HOME") or Path.home()) / below) / "sightline"


def _terminal_language(env: Mapping[str, str]) -> Language:
    terminal = env.get("LC_ALL") or env.get("LC_MESSAGES") or env.get("LANG") or ""
    return Language.KOREAN if terminal.lower().startswith("ko") else Language.ENGLISH


__all__ = ["ReadSettings", "Settings", "read_settings"]
