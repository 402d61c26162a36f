"""What the user's environment says of a local stack, in the services' own variables."""

from __future__ import annotations

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.engine.kafka import KafkaAddress
from shared.settings import NESTED, PREFIX, KafkaSettings

# The embedded broker knows no logins.
LOGIN_VARIABLES = tuple(f"{PREFIX}KAFKA{NESTED}{name}" for name in ("USERNAME", "PASSWORD_FILE"))


class StackSettings(BaseSettings):
    """The broker's login and compression, and the policy; addresses come from the command line."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter=NESTED,
        env_ignore_empty=True,
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,
    )

    kafka: KafkaSettings = KafkaSettings()
    policy_file: Path | None = None

    def external_kafka(self, bootstrap: str) -> KafkaAddress:
        """The broker that the user named, with the login that the environment gives."""
        kafka = self.kafka
        return KafkaAddress(bootstrap, kafka.username, kafka.password(), kafka.compression)

    def embedded_kafka(self, bootstrap: str) -> KafkaAddress:
        """The embedded broker; it keeps its records in one file, which compression keeps small."""
        return KafkaAddress(bootstrap)
