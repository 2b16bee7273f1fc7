"""How is this installation set up? Settings, read once from the environment (prefix `RUNG_`).

Each is documented in docs/settings.md; a test compares the two. Settings that would be unsafe together are refused
here, at start, with the setting's name and what to do.
"""

from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.domain.errors import UnsafeSettings


class Settings(BaseSettings):
    """One installation's settings. Durations are in seconds, sizes in bytes."""

    model_config = SettingsConfigDict(env_prefix="RUNG_", frozen=True)

    environment: Literal["development", "production"] = "development"
    database_url: SecretStr = SecretStr("sqlite:///var/rung.db")
    owner_database_url: SecretStr | None = None
    public_url: str = "http://127.0.0.1:8000"
    log_format: Literal["console", "json"] = "console"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    read_threads: int = Field(default=0, ge=0, le=64)
    write_threads: int = Field(default=0, ge=0, le=64)
    busy_timeout_seconds: float = Field(default=5.0, gt=0, le=60)
    body_limit_bytes: int = Field(default=1024 * 1024, ge=1024, le=16 * 1024 * 1024)
    access_token_seconds: int = Field(default=3600, ge=60, le=86_400)
    patient_refresh_seconds: int = Field(default=180 * 86_400, ge=86_400)
    clinician_refresh_seconds: int = Field(default=12 * 3600, ge=3600)
    invitation_seconds: int = Field(default=14 * 86_400, ge=600)
    attempts_allowed: int = Field(default=10, ge=1, le=1000)
    attempts_window_seconds: int = Field(default=900, ge=60)
    cors_origins: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    worker: Literal["auto", "in_server", "apart"] = "auto"
    webhooks_to_loopback: bool = False
    metrics_token: SecretStr | None = None
    oldest_supported_client: str = "0.1.0"

    @field_validator("database_url", "owner_database_url")
    @classmethod
    def _is_an_address(cls, value: SecretStr | None) -> SecretStr | None:
        """Refuse what is no address, without repeating it: it may hold a password."""
        if value is not None and not value.get_secret_value().startswith(("sqlite:///", "postgresql://")):
            raise ValueError("the address must begin with sqlite:/// or postgresql://")
        return value

    @property
    def url(self) -> str:
        """The database's address for the running service, with its password."""
        return self.database_url.get_secret_value()

    @property
    def owner_url(self) -> str:
        """The address that owns the schema, for migrations; the same as `url` where no other is given."""
        return (self.owner_database_url or self.database_url).get_secret_value()

    @property
    def app_role(self) -> str | None:
        """The PostgreSQL role of the running service, None where it is the owner itself or there are no roles."""
        role = urlsplit(self.url).username
        return None if role == urlsplit(self.owner_url).username else role

    @property
    def is_sqlite(self) -> bool:
        """Is the database the embedded SQLite file?"""
        return self.url.startswith("sqlite")

    @property
    def is_worker_in_server(self) -> bool:
        """Does `rung serve` deliver webhooks itself? By default on SQLite, where it is the only process."""
        return self.worker == "in_server" or (self.worker == "auto" and self.is_sqlite)

    def refuse_unsafe(self) -> None:
        """Raise UnsafeSettings for what a production installation must not be."""
        if self.environment != "production":
            return
        if "*" in self.cors_origins:
            raise UnsafeSettings("RUNG_CORS_ORIGINS must name origins in production, not '*'.")
        if self.log_level == "debug":
            raise UnsafeSettings("RUNG_LOG_LEVEL must not be 'debug' in production.")
        if urlsplit(self.public_url).scheme != "https":
            raise UnsafeSettings("RUNG_PUBLIC_URL must begin with https:// in production.")
        if self.webhooks_to_loopback:
            raise UnsafeSettings("RUNG_WEBHOOKS_TO_LOOPBACK must not be set in production.")
        password = urlsplit(self.url).password
        if not self.is_sqlite and password in {"postgres", "rung", "password", "changeme", ""}:
            raise UnsafeSettings("RUNG_DATABASE_URL carries a default password; choose another one for production.")
        if not self.is_sqlite and self.owner_database_url is not None and self.owner_url == self.url:
            raise UnsafeSettings("RUNG_OWNER_DATABASE_URL must be another role than RUNG_DATABASE_URL in production.")
