"""What the stand-in remembers: one SQLite file, one writer at a time.

Objects are kept as the JSON that the API answers with; keys that begin with `_` are the stand-in's own
and are never shown.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection, Row
from typing import Any

_TABLES = """
create table if not exists object (
    seq integer primary key autoincrement, id text not null unique, kind text not null,
    account text not null, body text not null);
create index if not exists object_of_account on object (kind, account, seq);
create table if not exists idempotency (
    account text not null, key text not null, asked text not null, status integer not null,
    answer text not null, primary key (account, key));
create table if not exists delivery (
    seq integer primary key autoincrement, event text not null, endpoint text not null,
    attempts integer not null default 0, due real not null, state text not null,
    answer text not null default '');
create index if not exists delivery_waiting on delivery (state, due);
create table if not exists later (
    seq integer primary key autoincrement, due real not null, what text not null, id text not null);
create table if not exists setting (name text primary key, value text not null);
"""


class Store:
    """Every read and write goes through `work()`: one at a time, all of it or nothing."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._depth = 0
        self.db = Connection(str(file), check_same_thread=False, isolation_level=None)
        self.db.row_factory = Row
        self.db.execute("pragma journal_mode = wal")
        self.db.execute("pragma synchronous = normal")
        self.db.executescript(_TABLES)

    @contextmanager
    def work(self) -> Iterator[None]:
        """One transaction; nested ones join it."""
        with self._lock:
            if self._depth == 0:
                self.db.execute("begin immediate")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if self._depth == 0:
                    self.db.execute("rollback")
                raise
            self._depth -= 1
            if self._depth == 0:
                self.db.execute("commit")

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self.db.close()

    def add(self, body: dict[str, Any], account: str) -> dict[str, Any]:
        """Keep a new object of an account (`""`: the platform's own)."""
        self.db.execute(
            "insert into object (id, kind, account, body) values (?, ?, ?, ?)",
            (body["id"], body["object"], account, json.dumps(body)),
        )
        return body

    def save(self, body: dict[str, Any]) -> dict[str, Any]:
        """Keep an object as it is now."""
        self.db.execute("update object set body = ? where id = ?", (json.dumps(body), body["id"]))
        return body

    def remove(self, key: str) -> None:
        """Forget an object."""
        self.db.execute("delete from object where id = ?", (key,))

    def find(self, kind: str, key: str, account: str) -> dict[str, Any] | None:
        """One object of an account."""
        row = self.db.execute(
            "select body from object where id = ? and kind = ? and account = ?",
            (key, kind, account),
        ).fetchone()
        return json.loads(row["body"]) if row else None

    def account_of(self, key: str) -> str | None:
        """Whose an object is."""
        row = self.db.execute("select account from object where id = ?", (key,)).fetchone()
        return row["account"] if row else None

    def platform_of(self, account: str) -> str:
        """Whose a connected account is; a platform is its own."""
        return (self.account_of(account) or "") if account.startswith("acct_") else account

    def select(self, kind: str, account: str, **equal: Any) -> list[dict[str, Any]]:
        """Objects of an account, newest first, whose fields have these values."""
        rows = self.db.execute(
            "select body from object where kind = ? and account = ? order by seq desc",
            (kind, account),
        )
        found = (json.loads(row["body"]) for row in rows)
        return [one for one in found if all(one.get(name) == equal[name] for name in equal)]

    def get_setting(self, name: str, default: Any) -> Any:
        """A switch of the control calls."""
        row = self.db.execute("select value from setting where name = ?", (name,)).fetchone()
        return json.loads(row["value"]) if row else default

    def set_setting(self, name: str, value: Any) -> None:
        """Turn a switch."""
        self.db.execute("insert or replace into setting values (?, ?)", (name, json.dumps(value)))


def shown(value: Any) -> Any:
    """An object without what is the stand-in's own."""
    if isinstance(value, dict):
        return {k: shown(v) for k, v in value.items() if not k.startswith("_")}
    return [shown(item) for item in value] if isinstance(value, list) else value
