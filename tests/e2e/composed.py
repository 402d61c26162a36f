"""docker-compose.yml as an operator runs it: README's own commands, in a folder and on ports of the test's own."""

from __future__ import annotations

import json
import os
import re
import secrets
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpx

from deploy.local.ports import free_port
from shared.contracts.registry import SERVICES
from shared.engine.kafka import KafkaAddress
from tests.backends.containers import KAFKA_IMAGE, POSTGRES_IMAGE, check_engine
from tests.backends.model import Unavailable

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
PYTHON_IMAGE = "python:3.13-slim"
IMAGE = "tierline:test"
DOCUMENTED_PORTS = {"kafka": 9092, "customers": 8081, "scoring": 8082, "followup": 8083, "archive": 8084}
BUILD_SECONDS = 600.0
UP_SECONDS = 240.0


def check_images() -> None:
    """Raise `Unavailable` unless an engine with Compose answers and has the images: nothing is pulled."""
    try:
        check_engine()
    except Unavailable as reason:
        raise Unavailable("no Docker engine answers, so the operator's way is not tried") from reason
    if shutil.which("docker") is None or not succeeds("docker", "compose", "version"):
        raise Unavailable("no docker command with Compose v2 is here")
    for image in (PYTHON_IMAGE, POSTGRES_IMAGE, KAFKA_IMAGE):
        if not succeeds("docker", "image", "inspect", image):
            raise Unavailable(f"the engine has no image {image}; docker pull {image}")


def succeeds(*command: str) -> bool:
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def build_image() -> None:
    """The image of this checkout; quick where its libraries have not changed."""
    # A package mirror may be reachable from the host's network only.
    mirror = ["--build-arg", "PIP_INDEX_URL"] if "PIP_INDEX_URL" in os.environ else []
    command = ["docker", "build", "--network", "host", *mirror, "-f", "deploy/Dockerfile", "-t", IMAGE, "."]
    built = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True, timeout=BUILD_SECONDS)
    assert built.returncode == 0, built.stderr


def section(title: str) -> str:
    """A section of README."""
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## )", README, re.MULTILINE | re.DOTALL)
    assert found, f"README has no section {title!r}"
    return found[1]


def documented_commands() -> list[str]:
    """What README tells an operator of Compose to type, in its order."""
    return [
        line.removeprefix("$ ").partition("  #")[0].strip()
        for line in section("Run it with Docker Compose").splitlines()
        if line.startswith("$ ")
    ]


def documented_program() -> str:
    """README's program that publishes an order."""
    found = re.search(r"```python\n(.*?)```", section("Publish orders"), re.DOTALL)
    assert found
    return found[1]


class ComposedStack:
    """One project of Compose in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports = {name: free_port() for name in DOCUMENTED_PORTS}
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("TIERLINE_", "COMPOSE_"))},
            **{f"{name.upper()}_PORT": str(port) for name, port in self.ports.items()},
            "COMPOSE_PROJECT_NAME": f"tierline-test-{secrets.token_hex(4)}",
            "TIERLINE_IMAGE": IMAGE,
        }
        shutil.copy(ROOT / "docker-compose.yml", folder)
        # As a clone has it; Docker would make it root's.
        (folder / "secrets").mkdir()

    def type(self, command: str, within: float = UP_SECONDS) -> str:
        """What a shell prints when somebody types `command`; AssertionError with all of it when that fails."""
        for name, port in self.ports.items():
            command = command.replace(f":{DOCUMENTED_PORTS[name]}/", f":{port}/")
        done = subprocess.run(
            ["bash", "-c", command],
            check=False,
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=within,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def up(self) -> None:
        """Start what does not run; return when all is healthy, else fail with the last words of what is not."""
        try:
            self.type(next(line for line in documented_commands() if " up " in line))
        except AssertionError as error:
            logs = self.type("docker compose logs --no-color --tail 20")
            raise AssertionError(f"{error}\n{logs}") from None

    def remove(self) -> None:
        """End it, and its data with it."""
        self.type("docker compose --profile setup down --volumes --timeout 5")

    def containers(self) -> dict[str, dict[str, Any]]:
        """What the engine knows of each container, by the service's name in the file."""
        ids = self.type("docker compose ps --all --quiet").split()
        inspected = json.loads(self.type(f"docker inspect {' '.join(ids)}"))
        return {each["Config"]["Labels"]["com.docker.compose.service"]: each for each in inspected}

    def secret(self, name: str) -> str:
        return (self.folder / "secrets" / name).read_text("utf-8")

    def secret_values(self) -> Iterable[str]:
        """Every password, and the secret part of the key."""
        for path in (self.folder / "secrets").glob("*_password"):
            yield path.read_text("utf-8")
        yield json.loads(self.secret("token-key.json"))["d"]

    def broker(self, login: str, password: str | None = None) -> KafkaAddress:
        """The broker as somebody outside reaches it."""
        return KafkaAddress(
            f"localhost:{self.ports['kafka']}", login, password or self.secret(f"kafka_{login}_password")
        )

    def publish_as_documented(self) -> None:
        """Run README's program, which is told nothing but another port."""
        program = documented_program()
        documented = f'"localhost:{DOCUMENTED_PORTS["kafka"]}"'
        assert documented in program
        (self.folder / "publish.py").write_text(
            program.replace(documented, f'"localhost:{self.ports["kafka"]}"'), "utf-8"
        )
        self.type(f"{shlex.quote(sys.executable)} publish.py", within=60)

    def token(self, role: str) -> str:
        """A token made by README's command, for somebody of that role."""
        command = next(line for line in documented_commands() if line.startswith("TOKEN="))
        assert "--role gm" in command
        return self.type(f'{command.replace("--role gm", f"--role {role}")}; printf %s "$TOKEN"', within=60)

    async def get(self, service: str, path: str, token: str) -> httpx.Response:
        """The service's answer on its published port."""
        assert service in SERVICES
        async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
            return await client.get(
                f"http://127.0.0.1:{self.ports[service]}{path}", headers={"Authorization": f"Bearer {token}"}
            )
