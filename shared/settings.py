"""The numbers and addresses of the machine, from the environment: `TIERLINE_KAFKA__BOOTSTRAP=localhost:9092`.

Numbers of the business are in the policy (`shared/policy/default.yaml`), not here.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Literal, TypeVar
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic_settings import SettingsError as SourceError

from shared.environment import SettingsError

PREFIX = "TIERLINE_"
NESTED = "__"

Port = Annotated[int, Field(ge=0, le=65535)]


class _Group(BaseModel):
    # A misspelt variable inside a group is refused at start rather than ignored for ever.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class DatabaseSettings(_Group):
    """One service's own database. URLs are libpq's; a password file, when given, replaces the URL's password."""

    dsn: SecretStr
    owner_dsn: SecretStr | None = None
    password_file: Path | None = None
    owner_password_file: Path | None = None
    # One for the batch, one for the relay, one for timers, the rest for HTTP reads.
    pool_size: Annotated[int, Field(ge=2, le=100)] = 6

    def app_url(self) -> str:
        """The URL of the service's everyday login, with its password."""
        return _with_password(self.dsn, self.password_file)

    def app_login(self) -> str:
        """The name of the everyday login, to which migrations grant what it needs."""
        return unquote(urlsplit(self.dsn.get_secret_value()).username or "")

    def owner_url(self) -> str:
        """The URL of the login that owns the tables, for migrations; SettingsError when none is set."""
        if self.owner_dsn is None:
            raise SettingsError(f"{PREFIX}DATABASE{NESTED}OWNER_DSN is not set: migrations need the owner's login")
        return _with_password(self.owner_dsn, self.owner_password_file)


class KafkaSettings(_Group):
    """The broker. With a user name the connection authenticates by SASL/PLAIN."""

    bootstrap: str = "localhost:9092"
    username: str | None = None
    password_file: Path | None = None
    # zstd halves the bytes of JSON events at less CPU than gzip.
    compression: Literal["none", "gzip", "snappy", "lz4", "zstd"] = "zstd"
    # The embedded broker: it may forget its last second when killed, so services rewind instead of halting, and it
    # answers an empty fetch at once, so they pace themselves.
    embedded: bool = False
    partitions: Annotated[int, Field(ge=1, le=1000)] = 12

    def password(self) -> str | None:
        """The SASL password, None when the broker asks for none; SettingsError when its file cannot be read."""
        return None if self.password_file is None else _read_secret(self.password_file)


class ObjectSettings(_Group):
    """A place for objects: `file:///folder` or `s3://bucket/prefix`.

    Each use has a group of its own, and so its own place and credentials. For S3: `endpoint` where it is not AWS, the
    two halves of the access key in files (without them requests go unsigned), `allow_http` for one without TLS.
    """

    url: str
    endpoint: str | None = None
    region: str = "us-east-1"
    access_key_file: Path | None = None
    secret_key_file: Path | None = None
    allow_http: bool = False

    def access_key(self) -> str | None:
        """The access key's public half; SettingsError when its file cannot be read."""
        return None if self.access_key_file is None else _read_secret(self.access_key_file)

    def secret_key(self) -> str | None:
        """The access key's secret half; SettingsError when its file cannot be read."""
        return None if self.secret_key_file is None else _read_secret(self.secret_key_file)


class HttpSettings(_Group):
    """Where the service answers HTTP; port 0 takes a free one."""

    host: str = "127.0.0.1"
    port: Port = 8080


class ClockSettings(_Group):
    """The business date of a local stack; `set_on` is the real date on which it was chosen (see `Clock`)."""

    today: date | None = None
    set_on: date | None = None


class LogSettings(_Group):
    """How the program tells what it does; `auto` is pretty on a terminal and JSON elsewhere."""

    format: Literal["json", "pretty", "auto"] = "auto"
    level: Literal["debug", "info", "warning", "error"] = "info"


class IdentitySettings(_Group):
    """Whose bearer tokens are believed: the public keys and what the tokens must say."""

    jwks_file: Path | None = None
    issuer: str = "tierline"
    audience: str = "tierline"


class ServiceSettings(BaseSettings):
    """What every service is told by its environment; a service adds its own fields in a subclass."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter=NESTED,
        # Compose passes unset variables as empty strings.
        env_ignore_empty=True,
        frozen=True,
        extra="ignore",
        # Validation errors reach terminals and logs, and values may be passwords.
        hide_input_in_errors=True,
    )

    database: DatabaseSettings
    kafka: KafkaSettings = KafkaSettings()
    http: HttpSettings = HttpSettings()
    clock: ClockSettings = ClockSettings()
    log: LogSettings = LogSettings()
    identity: IdentitySettings = IdentitySettings()
    policy_file: Path | None = None


Settings = TypeVar("Settings", bound=BaseSettings)


def load_settings(settings_type: type[Settings]) -> Settings:
    """Read the environment; SettingsError lists every variable that is missing or wrong, without its value."""
    try:
        return settings_type()
    except ValidationError as error:
        lines = [f"  {_variable(issue['loc'])}: {issue['msg']}" for issue in error.errors(include_input=False)]
        raise SettingsError("\n".join(["the environment does not configure this program:", *lines])) from None
    except SourceError as error:
        raise SettingsError(f"the environment cannot be read: {error}") from None


def _variable(loc: tuple[int | str, ...]) -> str:
    return PREFIX + NESTED.join(str(part).upper() for part in loc)


def _with_password(dsn: SecretStr, password_file: Path | None) -> str:
    url = dsn.get_secret_value()
    if password_file is None:
        return url
    parts = urlsplit(url)
    user, _, host = parts.netloc.rpartition("@")
    login = f"{user.partition(':')[0]}:{quote(_read_secret(password_file), safe='')}"
    return urlunsplit(parts._replace(netloc=f"{login}@{host}"))


def _read_secret(path: Path) -> str:
    try:
        # Editors and `echo` end a file with a newline that is no part of the secret.
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"cannot read the password file {path}: {getattr(error, 'strerror', error)}") from None
