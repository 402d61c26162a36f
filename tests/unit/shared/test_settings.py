from datetime import date
from pathlib import Path

import pytest

from shared.environment import SettingsError
from shared.settings import ServiceSettings, load_settings

DSN = "postgresql://customers_app:old@db.example:5432/customers?sslmode=require"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Only the one variable without a default is set."""
    monkeypatch.setenv("TIERLINE_DATABASE__DSN", DSN)
    return monkeypatch


def test_nested_variables_reach_their_groups(environment: pytest.MonkeyPatch) -> None:
    """The fixed names of the environment, and types of their values."""
    environment.setenv("TIERLINE_KAFKA__BOOTSTRAP", "kafka:19092")
    environment.setenv("TIERLINE_KAFKA__EMBEDDED", "true")
    environment.setenv("TIERLINE_HTTP__PORT", "0")
    environment.setenv("TIERLINE_CLOCK__TODAY", "1998-06-30")
    environment.setenv("TIERLINE_POLICY_FILE", "/etc/tierline/policy.yaml")
    settings = load_settings(ServiceSettings)
    assert (settings.kafka.bootstrap, settings.kafka.embedded) == ("kafka:19092", True)
    assert (settings.http.port, settings.clock.today) == (0, date(1998, 6, 30))
    assert settings.policy_file == Path("/etc/tierline/policy.yaml")


def test_a_password_file_replaces_the_password_of_the_url(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Any byte may stand in a password, and the file's last newline is not part of it."""
    secret = tmp_path / "password"
    secret.write_text("p@ss:w/rd%\n", encoding="utf-8")
    environment.setenv("TIERLINE_DATABASE__PASSWORD_FILE", str(secret))
    database = load_settings(ServiceSettings).database
    assert (
        database.app_url() == "postgresql://customers_app:p%40ss%3Aw%2Frd%25@db.example:5432/customers?sslmode=require"
    )
    assert database.app_login() == "customers_app"


def test_empty_variables_are_unset(environment: pytest.MonkeyPatch) -> None:
    """Compose passes what is not set as an empty string."""
    environment.setenv("TIERLINE_KAFKA__USERNAME", "")
    environment.setenv("TIERLINE_CLOCK__TODAY", "")
    settings = load_settings(ServiceSettings)
    assert settings.kafka.username is None
    assert settings.clock.today is None


def test_every_mistake_is_named_at_once_without_its_value(environment: pytest.MonkeyPatch) -> None:
    """One message tells all variables that are wrong; a misspelt or missing one is not ignored, no value is shown."""
    environment.delenv("TIERLINE_DATABASE__DSN")
    environment.setenv("TIERLINE_DATABASE__PASWORD_FILE", "hunter2")
    environment.setenv("TIERLINE_HTTP__PORT", "eighty")
    with pytest.raises(SettingsError) as caught:
        load_settings(ServiceSettings)
    message = str(caught.value)
    for variable in ("TIERLINE_DATABASE__DSN", "TIERLINE_DATABASE__PASWORD_FILE", "TIERLINE_HTTP__PORT"):
        assert variable in message
    assert "hunter2" not in message
    assert "eighty" not in message


def test_passwords_do_not_show_in_a_dump() -> None:
    """Settings may be logged whole."""
    assert "old" not in repr(load_settings(ServiceSettings).database)


def test_an_unreadable_secret_is_named(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The operator reads which file is missing."""
    environment.setenv("TIERLINE_KAFKA__PASSWORD_FILE", str(tmp_path / "absent"))
    with pytest.raises(SettingsError, match="absent"):
        load_settings(ServiceSettings).kafka.password()


def test_migrations_ask_for_the_owner() -> None:
    """The everyday login may not change tables, so its URL is not taken instead."""
    with pytest.raises(SettingsError, match="OWNER_DSN"):
        load_settings(ServiceSettings).database.owner_url()
