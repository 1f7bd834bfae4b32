"""Fixtures that several suites share: an empty database of each kind."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import psycopg2
import pytest
from sqlalchemy.engine import URL, make_url

# A server where the tests may create a database of their own; it is dropped afterwards.
POSTGRES = make_url(os.environ.get("MAITRE_TEST_POSTGRES") or "postgresql://postgres@127.0.0.1:5432/postgres")


def _execute(url: URL, *statements: str) -> None:
    with closing(
        psycopg2.connect(
            host=url.host,
            port=url.port,
            user=url.username,
            password=url.password,
            dbname=url.database,
            connect_timeout=3,
        )
    ) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)


ROOT = Path(__file__).parents[1]


def _maitre(*arguments: str, **environment: str) -> None:
    command = [str(Path(sys.executable).parent / "maitre"), *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{' '.join(command)}: {done.stdout}{done.stderr}"


@pytest.fixture(scope="session")
def trained_model() -> Path:
    """The model of the project as it is, in `models`; trained when the one there is out of date."""
    _maitre("train", "--if-needed")
    return ROOT / "models" / "bonjour-maitre.tar.gz"


@pytest.fixture(scope="session")
def published_base(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a SQLite base in which the project's fiches are published."""
    url = f"sqlite:///{tmp_path_factory.mktemp('published') / 'maitre.db'}"
    _maitre("publish", MAITRE_DATABASE_URL=url)
    return url


@pytest.fixture(scope="session")
def postgres_database() -> Iterator[URL]:
    """A PostgreSQL database for this session; skips where no server answers."""
    name = f"maitre_test_{uuid4().hex[:12]}"
    try:
        _execute(POSTGRES, f"CREATE DATABASE {name}")
    except psycopg2.OperationalError as error:
        pytest.skip(f"PostgreSQL ne répond pas : {error}")
    yield POSTGRES.set(database=name)
    _execute(POSTGRES, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def postgres_url(postgres_database: URL) -> str:
    """The address of an empty PostgreSQL database."""
    _execute(postgres_database, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
    return str(postgres_database.render_as_string(hide_password=False))


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The address of a SQLite file that does not exist yet, in a folder that does not either."""
    return f"sqlite:///{tmp_path / 'base' / 'maitre.db'}"


@pytest.fixture(params=["sqlite_url", "postgres_url"], ids=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of an empty database, once of each kind."""
    url: str = request.getfixturevalue(request.param)
    return url
