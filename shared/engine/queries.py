"""Named SQL statements, kept in `.sql` files where psql and reviewers can read them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType

BLOCK = re.compile(r"^-- name: (?P<name>[a-z_]+)\n(?P<body>.*?)(?=^-- name: |\Z)", re.MULTILINE | re.DOTALL)


class QueryFileError(Exception):
    """A `.sql` file breaks the form: `-- name: x`, one comment line, one statement."""


def load_all_queries(package: str) -> Mapping[str, str]:
    """Return name → statement of every file in `package`'s folder `sql`; `QueryFileError` when a name stands twice."""
    queries: dict[str, str] = {}
    for path in sorted(path.name for path in (files(package) / "sql").iterdir() if path.name.endswith(".sql")):
        for name, statement in load_queries(package, f"sql/{path}").items():
            if name in queries:
                raise QueryFileError(f"{package}: {name} stands in sql/{path} and in another file")
            queries[name] = statement
    return MappingProxyType(queries)


def load_queries(package: str, path: str = "sql/queries.sql") -> Mapping[str, str]:
    """Return name → statement of `path` inside `package`; `QueryFileError` when a block is malformed or doubled."""
    text = (files(package) / path).read_text("utf-8")
    queries: dict[str, str] = {}
    for block in BLOCK.finditer(text):
        name, body = block["name"], block["body"].strip()
        if not body.startswith("-- "):
            raise QueryFileError(f"{package}/{path}: {name} has no comment that says what it is for")
        if name in queries:
            raise QueryFileError(f"{package}/{path}: {name} stands twice")
        # The name travels with the statement, so that pg_stat_activity and slow-query logs tell which it is.
        queries[name] = f"/* {package}.{name} */ " + "\n".join(
            line for line in body.removesuffix(";").splitlines() if not line.lstrip().startswith("-- ")
        )
    if not queries:
        raise QueryFileError(f"{package}/{path}: no statement found")
    return MappingProxyType(queries)
