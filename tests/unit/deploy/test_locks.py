"""What `make` installs is what pyproject asks for, and says nothing of where it was resolved."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[3]
LOCKS = ("uv", "runtime", "local", "dev", "bench")
PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>\S+)")


def pins(lock: str) -> dict[str, str]:
    """Package → version of a lock."""
    lines = (ROOT / "requirements" / f"{lock}.txt").read_text("utf-8").splitlines()
    return {canonicalize_name(pin["name"]): pin["version"] for line in lines if (pin := PIN.match(line))}


def asked_for(*groups: str) -> list[Requirement]:
    """What pyproject asks for, with these extras and groups."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wanted = list(project["project"]["dependencies"])
    for group in groups:
        extras = project["project"]["optional-dependencies"]
        wanted += extras[group] if group in extras else project["dependency-groups"][group]
    return [Requirement(line) for line in wanted]


@pytest.mark.parametrize(("lock", "groups"), [("runtime", ()), ("local", ("local",)), ("dev", ("local", "dev"))])
def test_lock_satisfies_pyproject(lock: str, groups: tuple[str, ...]) -> None:
    """A dependency added to pyproject and not locked (`make lock`) fails here."""
    locked = pins(lock)
    for requirement in asked_for(*groups):
        assert locked[canonicalize_name(requirement.name)] in requirement.specifier, f"make lock: {requirement}"


def test_larger_locks_hold_the_versions_of_smaller_ones() -> None:
    """What is tested is what runs: `make test` after `make demo` changes no version."""
    runtime, local, dev = pins("runtime"), pins("local"), pins("dev")
    assert runtime.items() <= local.items() <= dev.items()


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_names_no_place(lock: str) -> None:
    """No index, no folder: the lock holds behind any mirror."""
    text = (ROOT / "requirements" / f"{lock}.txt").read_text("utf-8")
    assert not re.search(r"https?:|file:|--index|--find-links|\.whl", text)
    assert not re.search(r"(^|\s)/\w", text)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_pinned_with_hashes(lock: str) -> None:
    """One package without a hash would let an index answer with anything."""
    text = (ROOT / "requirements" / f"{lock}.txt").read_text("utf-8").replace("\\\n", " ")
    entries = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert entries
    assert all(PIN.match(entry) and "--hash=sha256:" in entry for entry in entries)
