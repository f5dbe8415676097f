"""The two roles of the database: the owner migrates, the app only works with the data.

In a container it prepares a fresh server before the first migration:
`SUPERUSER_DATABASE_URL=… DATABASE_OWNER_URL=… DATABASE_URL=… python -m devstack.roles`.
"""

import contextlib
import os
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import make_dsn

OWNER = "jifen_owner"
APP = "jifen_app"


def ensure_roles_and_database(
    superuser_url: str, *, database: str, owner_password: str, app_password: str
) -> None:
    """Make both roles and the database, or bring what is there into line; safe to repeat."""
    with _connect(superuser_url) as connection:
        _ensure_role(connection, OWNER, owner_password, sql.SQL("LOGIN CREATEDB"))
        _ensure_role(connection, APP, app_password, sql.SQL("LOGIN NOCREATEDB"))
        _ensure_database(connection, database)
    with _connect(superuser_url, database) as connection:
        _grant(connection, database)


@contextlib.contextmanager
def _connect(url: str, database: str | None = None) -> Iterator[Connection]:
    connection = psycopg2.connect(make_dsn(url, dbname=database) if database else url)
    # CREATE DATABASE refuses to run inside a transaction.
    connection.autocommit = True
    try:
        yield connection
    finally:
        connection.close()


def _ensure_role(
    connection: Connection, role: str, password: str, abilities: sql.Composable
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        verb = sql.SQL("ALTER ROLE" if cursor.fetchone() else "CREATE ROLE")
        cursor.execute(
            sql.SQL("{} {} {} NOSUPERUSER NOCREATEROLE PASSWORD {}").format(
                verb, sql.Identifier(role), abilities, sql.Literal(password)
            )
        )


def _ensure_database(connection: Connection, database: str) -> None:
    names = {"database": sql.Identifier(database), "owner": sql.Identifier(OWNER)}
    with connection.cursor() as cursor:
        # A managed server's administrator may give a database only to a role it belongs to.
        cursor.execute(sql.SQL("GRANT {owner} TO CURRENT_USER").format(**names))
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
        if cursor.fetchone():
            statement = "ALTER DATABASE {database} OWNER TO {owner}"
        else:
            statement = "CREATE DATABASE {database} OWNER {owner}"
        cursor.execute(sql.SQL(statement).format(**names))


def _grant(connection: Connection, database: str) -> None:
    names = {
        "database": sql.Identifier(database),
        "owner": sql.Identifier(OWNER),
        "app": sql.Identifier(APP),
    }
    for statement in (
        "ALTER SCHEMA public OWNER TO {owner}",
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        "GRANT USAGE ON SCHEMA public TO {app}",
        "GRANT CONNECT ON DATABASE {database} TO {app}",
    ):
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL(statement).format(**names))


def _read_password(variable: str) -> str:
    return unquote(urlsplit(os.environ[variable]).password or "")


def main() -> None:
    """Prepare the server that the environment names."""
    ensure_roles_and_database(
        os.environ["SUPERUSER_DATABASE_URL"],
        database=unquote(urlsplit(os.environ["DATABASE_URL"]).path.lstrip("/")),
        owner_password=_read_password("DATABASE_OWNER_URL"),
        app_password=_read_password("DATABASE_URL"),
    )


if __name__ == "__main__":
    main()
