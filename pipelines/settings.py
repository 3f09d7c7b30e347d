"""Settings: the one place that reads `hisab.toml` (for people) and `HISAB_*` variables (for machines).

A variable wins over the file, the file over the default. Keys are not settings: see `warehouse.keys`.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from warehouse.connections import plain_label
from warehouse.fields import CURRENCY_PATTERN
from warehouse.home import Home, HomeError, write_whole

DEFAULT_HOME = ".hisab"

TEMPLATE = """\
# Settings of this home. A variable such as HISAB_TIME_ZONE wins over the line of the same name here.

# Where the people of this home live: sets the business day and the hour of the nightly run (02:00).
time_zone = "{time_zone}"

# How much memory the engine may take; the rest spills, encrypted, to warehouse/spill.
memory_limit = "2GB"

# How many published snapshots to keep.
keep_snapshots = 7

# The currency that sums over several currencies are given in, such as "BDT". Rates: docs/currencies.md.
base_currency = ""

# Who keeps house together, by the names the parties have in `hisab connections`.
[households]
# "Rahman family" = ["Ayesha", "Karim"]

# Parties whose sums are given in another currency.
[base_currencies]
# "Karim" = "AED"
"""


class Settings(BaseSettings):
    """Typed, frozen settings of one home."""

    model_config = SettingsConfigDict(env_prefix="HISAB_", frozen=True, extra="forbid")

    home: Path = Field(default=Path(DEFAULT_HOME), description="The home's folder.")
    time_zone: str = Field(default="Asia/Dhaka", description="IANA name; sets the business day and the nightly hour.")
    memory_limit: str = Field(default="2GB", pattern=r"^\d+(\.\d+)? ?(MB|GB|MiB|GiB)$", description="Engine memory.")
    keep_snapshots: int = Field(default=7, ge=1, le=365, description="Published snapshots to keep.")
    hishebi_url: str = Field(default="", description="Where Hishebi Online answers; asked for when empty.")
    ynab_url: str = Field(
        default="https://api.ynab.com/v1",
        description="Where YNAB answers; an end in /budgets says that plans are still found under that word there.",
    )
    lean_client_id: str = Field(default="", description="The application's id at Lean; asked for when empty.")
    lean_requests_a_minute: int = Field(
        default=1500, ge=1, le=600_000, description="Requests a minute of one application; Lean publishes no limit."
    )
    lean_refreshes_a_day: int = Field(
        default=2, ge=0, le=96, description="Data refreshes Lean is asked for per bank login and day."
    )
    lean_webhook_secrets: SecretStr = Field(
        default=SecretStr(""),
        description="Secrets Lean signs webhooks with, separated by commas while one is replaced.",
    )
    base_currency: str = Field(
        default="", pattern=rf"^$|{CURRENCY_PATTERN}", description="Currency sums are converted to."
    )
    base_currencies: dict[str, Annotated[str, Field(pattern=CURRENCY_PATTERN)]] = Field(
        default_factory=dict, description="The same for single parties, by label."
    )
    households: dict[str, list[str]] = Field(
        default_factory=dict, description="Who keeps house together: labels of parties by household."
    )
    hishebi_webhook_secrets: SecretStr = Field(
        default=SecretStr(""),
        description="Secrets Hishebi signs webhooks with, separated by commas while one is replaced.",
    )
    pull_threads: int = Field(default=8, ge=1, le=64, description="Connections pulled at the same time.")

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        if not _is_time_zone(name):
            raise ValueError(_NO_ZONE.format(name))
        return name

    @field_validator("households")
    @classmethod
    def _one_household_each(cls, households: dict[str, list[str]]) -> dict[str, list[str]]:
        seen: dict[str, str] = {}
        for household, members in households.items():
            for member in map(plain_label, members):
                if seen.setdefault(member, household) != household:
                    raise ValueError(f"{member!r} is in {seen[member]!r} and in {household!r}; name it once")
        return households

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the library's signature
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Variables first; the file's values come in through `load_settings` as the lowest layer."""
        return (env_settings, init_settings)

    def requests_a_minute(self, source: str) -> int | None:
        """How often one login may ask a source in a minute; None where the source's own limit holds."""
        return self.lean_requests_a_minute if source == "lean" else None

    @property
    def webhook_secrets(self) -> dict[str, tuple[str, ...]]:
        """The secrets that are good now, per sender of webhooks."""
        given = {"lean": self.lean_webhook_secrets, "hishebi": self.hishebi_webhook_secrets}
        return {sender: _split(secrets.get_secret_value()) for sender, secrets in given.items()}

    @property
    def zone(self) -> ZoneInfo:
        """The home's time zone."""
        return ZoneInfo(self.time_zone)


_NO_ZONE = "{!r} is not a time zone; use an IANA name such as Asia/Dhaka or Asia/Dubai"


def _is_time_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a folder of the database, such as Asia, is an OSError
        return False
    return True


def _split(secrets: str) -> tuple[str, ...]:
    return tuple(secret.strip() for secret in secrets.split(",") if secret.strip())


def home_of_environment() -> Home:
    """The home that HISAB_HOME names, or `.hisab` in the working directory, as an absolute path."""
    return Home(Path(os.environ.get("HISAB_HOME") or DEFAULT_HOME).expanduser().resolve())


def load_settings(home: Home) -> Settings:
    """The settings of `home`. Raises HomeError with the line and the cure when they cannot be used."""
    values: dict[str, Any] = {}
    if home.settings_file.exists():
        try:
            values = tomllib.loads(home.settings_file.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise HomeError(f"{home.settings_file} is not valid TOML: {error}. Mend that line.") from None
    try:
        return Settings(**{**values, "home": home.root})
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise HomeError(
            f"Setting {name!r} ({home.settings_file} or HISAB_{name.upper()}): "
            f"{first['msg'].removeprefix('Value error, ')}. Mend it and try again."
        ) from None


def require_time_zone(name: str) -> None:
    """Raise HomeError unless `name` is an IANA time zone that this machine knows."""
    if not _is_time_zone(name):
        raise HomeError(f"{_NO_ZONE.format(name)}.")


def write_settings(home: Home, time_zone: str) -> None:
    """Write the file people may edit, unless it is there already."""
    if not home.settings_file.exists():
        write_whole(home.settings_file, TEMPLATE.format(time_zone=time_zone).encode())


def password_of_environment() -> str:
    """The password HISAB_PASSWORD holds for one `hisab connect`, or an empty text; it is kept nowhere."""
    return os.environ.get("HISAB_PASSWORD", "")


def ynab_token_of_environment() -> str:
    """The personal access token HISAB_YNAB_TOKEN holds for one `hisab connect ynab`, or an empty text."""
    return os.environ.get("HISAB_YNAB_TOKEN", "")


def lean_secret_of_environment() -> str:
    """The application's secret that HISAB_LEAN_CLIENT_SECRET holds for `hisab connect lean`, or an empty text."""
    return os.environ.get("HISAB_LEAN_CLIENT_SECRET", "")
