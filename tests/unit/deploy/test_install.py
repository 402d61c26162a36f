"""The installer takes from pip's settings where packages come from, and nothing else."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[3] / "requirements" / "install.py"


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The script as a module, with no pip setting in force but a test's own."""
    spec = importlib.util.spec_from_file_location("install", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name in ("PIP_CERT", "PIP_FIND_LINKS", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    return module


def test_environment_is_stronger_than_file(
    install: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As pip itself has it: PIP_INDEX_URL before `[install]` before `[global]`."""
    (tmp_path / "pip.conf").write_text("[global]\nindex-url = https://a.test/\ntimeout = 3\n", "utf-8")
    assert install.pip_settings(Path(sys.executable))["index-url"] == "https://a.test/"
    (tmp_path / "pip.conf").write_text(
        "[install]\nindex-url = https://b.test/\n[global]\nindex-url = https://a.test/\n", "utf-8"
    )
    assert install.pip_settings(Path(sys.executable))["index-url"] == "https://b.test/"
    monkeypatch.setenv("PIP_INDEX_URL", "https://c.test/")
    assert install.pip_settings(Path(sys.executable))["index-url"] == "https://c.test/"


def test_what_would_send_packages_elsewhere_is_left_aside(install: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """`user` and `target` are somebody's habits, not where packages come from."""
    monkeypatch.setenv("PIP_USER", "1")
    monkeypatch.setenv("PIP_TARGET", "/elsewhere")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "https://a.test/ https://b.test/")
    settings = install.pip_settings(Path(sys.executable))
    assert not {"user", "target"} & set(settings)
    assert settings["extra-index-url"] == "https://a.test/ https://b.test/"


def test_mirror_of_pip_holds_for_uv(install: ModuleType) -> None:
    """Where pip is told a mirror, uv, which does not read pip's settings, is told it too."""
    told = install.uv_environment({"index-url": "https://mirror.test/simple"})
    assert told["UV_DEFAULT_INDEX"] == "https://mirror.test/simple"


def test_what_uv_is_told_already_stands(install: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Someone who set uv's own variable meant it."""
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://mine.test/simple")
    assert "UV_DEFAULT_INDEX" not in install.uv_environment({"index-url": "https://mirror.test/simple"})


def test_home_that_cannot_be_written_moves_the_cache(install: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Containers run as users without a home."""
    monkeypatch.delenv("UV_CACHE_DIR", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", "/proc/none")
    assert install.uv_environment({})["UV_CACHE_DIR"].startswith(str(install.VENV))
