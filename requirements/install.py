"""Makes .venv hold what a lock says; needs nothing but Python 3.11.

`install.py --lock dev --project` creates `.venv`, puts the locked uv into it with pip, and lets uv do the rest, which
is ten times as fast. Every file is checked against its hash. The index, mirror, proxy and certificates that pip is
configured with hold for uv too; anything else in pip's configuration (`user`, `target` …) is left aside, since it
would send packages elsewhere.
"""

from __future__ import annotations

import argparse
import ast
import os
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent
VENV = PROJECT / ".venv"
UV_LOCK = HERE / "uv.txt"
# Console scripts and the editable install know where they stand: a clone that was moved is installed anew.
PLACE = VENV / ".place"

# pip's setting → its option on pip's command line, and the variable by which uv takes the same.
WHERE_FROM = {
    "index-url": ("--index-url", "UV_DEFAULT_INDEX"),
    "extra-index-url": ("--extra-index-url", "UV_INDEX"),
    "find-links": ("--find-links", "UV_FIND_LINKS"),
    "trusted-host": ("--trusted-host", "UV_INSECURE_HOST"),
    "cert": ("--cert", "SSL_CERT_FILE"),
    "proxy": ("--proxy", "ALL_PROXY"),
}
# Where pip keeps settings, the stronger after the weaker.
STRENGTH = ("global", "install", ":env:")


def main() -> None:
    """Installs, or says in a sentence why not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lock", help="the lock to install: runtime, local, dev or bench; none installs uv alone")
    parser.add_argument("--into", type=Path, default=VENV, help="another environment for it than .venv")
    parser.add_argument("--project", action="store_true", help="install the project itself too, editable")
    wanted = parser.parse_args()

    own = created(VENV)
    settings = pip_settings(own)
    uv = with_uv(own, settings)
    environment = {**os.environ, **uv_environment(settings)}
    install = [str(uv), "pip", "install", "--quiet", "--python", str(created(wanted.into.absolute()))]
    if wanted.lock:
        run([*install, "--require-hashes", "--requirement", str(HERE / f"{wanted.lock}.txt")], environment)
    if wanted.project:
        run([*install, "--no-deps", "--editable", str(PROJECT)], environment)
    PLACE.write_text(str(PROJECT))


def created(folder: Path) -> Path:
    """The folder's interpreter; a folder whose interpreter is gone or which was moved is made anew."""
    python = folder / "bin" / "python"
    moved = PLACE.exists() and PLACE.read_text() != str(PROJECT)
    works = "import sys; sys.exit(sys.version_info < (3, 11))"
    if moved or not python.exists() or subprocess.run([python, "-I", "-c", works], check=False).returncode:
        venv.create(folder, with_pip=folder == VENV, clear=True, symlinks=True)
    return python


def pip_settings(python: Path) -> dict[str, str]:
    """Those of pip's settings that say where packages come from, from its files and the PIP_* variables."""
    listing = [python, "-m", "pip", "config", "list"]
    listed = subprocess.run(listing, check=True, capture_output=True, text=True).stdout.splitlines()
    found: dict[str, str] = {}
    for kind in STRENGTH:
        for name, _, value in (line.partition("=") for line in listed):
            section, _, key = name.rpartition(".")
            if section == kind and key in WHERE_FROM:
                found[key] = " ".join(str(ast.literal_eval(value)).split())
    return found


def with_uv(python: Path, settings: dict[str, str]) -> Path:
    """The locked uv, installed by pip if it is not there yet."""
    uv = python.with_name("uv")
    pinned = UV_LOCK.read_text().split()[0].removeprefix("uv==")
    if uv.exists() and pinned in subprocess.run([uv, "--version"], check=False, capture_output=True, text=True).stdout:
        return uv
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    environment |= {"PIP_CONFIG_FILE": os.devnull, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}
    sources = [part for key, value in settings.items() for item in value.split() for part in (WHERE_FROM[key][0], item)]
    pip = [str(python), "-m", "pip", "install", "--quiet", "--require-hashes", "--requirement", str(UV_LOCK)]
    run([*pip, *sources], environment)
    return uv


def uv_environment(settings: dict[str, str]) -> dict[str, str]:
    """pip's settings in uv's words, where uv is not told otherwise, and a cache that can be written."""
    told = {WHERE_FROM[key][1]: value for key, value in settings.items()}
    # Hashes decide what is taken, so a package may come from whichever index has it.
    told |= {"UV_INDEX_STRATEGY": "unsafe-best-match", "UV_PYTHON_DOWNLOADS": "never"}
    if not cache_is_writable():
        told["UV_CACHE_DIR"] = str(VENV / "cache")
    return {name: value for name, value in told.items() if name not in os.environ}


def cache_is_writable() -> bool:
    """Whether uv's usual cache folder can be written: a home may be read-only, missing or another's."""
    try:
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "uv"
        cache.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):
        return False
    return os.access(cache, os.W_OK | os.X_OK)


def run(command: list[str], environment: dict[str, str]) -> None:
    """Runs a step; a failure ends the installation with what to look at."""
    if subprocess.run(command, env=environment, check=False).returncode:
        sys.exit(
            "Installing failed; the reason stands above. Where the usual index cannot be reached, set PIP_INDEX_URL "
            "(or index-url in pip.conf) to one that can, and run the same command again.\n"
            "安装失败，原因见上。若无法访问默认索引，请用 PIP_INDEX_URL 指定可用的镜像后重试。"
        )


if __name__ == "__main__":
    main()
