"""What every surface does with imports; the views add who asks and what is noted."""

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.http import StreamingHttpResponse

from kernel import clock
from kernel.api.pages import cut, decode_cursor
from kernel.spreadsheets import stream_csv
from points.flows import import_checked, import_written
from points.imports import actions, queries
from points.imports.errors import ImportNotFound
from points.imports.models import MemberImport
from points.interfaces import import_shapes as shapes
from points.interfaces.finding import require_id
from points.interfaces.job_shapes import JobOut, job_out
from points.jobs.actions import Asker, ask_for_job
from points.jobs.queries import find_latest, find_unfinished

KINDS = (import_checked.KIND, import_written.KIND)
Note = Callable[..., None]


def begin(body: shapes.ImportIn, by: Asker, audit: Note) -> shapes.ImportOut:
    """A new import, with the rows that came along. Raises TooManyRows."""
    now = clock.now()
    made = actions.begin_import(
        name=body.name.strip(), file_name=body.file_name, by_name=by.name, at=now
    )
    if body.rows:
        made = actions.add_rows(import_id=made.pk, rows=_raw(body.rows), is_checking=False, at=now)
    audit("import.begun", f"import:{made.pk}", after={"name": made.name, "rows": made.rows_count})
    return shapes.import_out(made, None)


def add(import_id: str, body: shapes.RowsIn, audit: Note) -> shapes.ImportOut:
    """More rows. Raises ImportNotFound, NotOpen, TooManyRows."""
    parsed = require_id(import_id, ImportNotFound)
    is_checking = find_unfinished(kind=import_checked.KIND, subject=str(parsed)) is not None
    made = actions.add_rows(
        import_id=parsed, rows=_raw(body.rows), is_checking=is_checking, at=clock.now()
    )
    audit("import.rows_added", f"import:{made.pk}", after={"rows": made.rows_count})
    return _shown(made)


def check(import_id: str, by: Asker, audit: Note) -> JobOut:
    """Look at all rows, as a job. Raises what `begin_check` and `ask_for_job` raise."""
    now = clock.now()
    found = actions.begin_check(import_id=require_id(import_id, ImportNotFound), at=now)
    audit("import.checked", f"import:{found.pk}", after={"rows": found.rows_count})
    return _ask(import_checked.KIND, found, by, now)


def commit(import_id: str, body: shapes.CommitIn, by: Asker, audit: Note) -> JobOut:
    """Sign the totals off and write, as a job. Raises what `sign_off` and `ask_for_job` raise."""
    now = clock.now()
    found = actions.sign_off(
        import_id=require_id(import_id, ImportNotFound), totals=body.totals, skip_refused=body.skip_refused, by=by,
        at=now,
    )  # fmt: skip
    audit("import.signed_off", f"import:{found.pk}", after=msgspec.to_builtins(body.totals))
    return _ask(import_written.KIND, found, by, now)


def discard(import_id: str, audit: Note) -> shapes.ImportOut:
    """Forget the rows. Raises ImportNotFound, BeingWritten."""
    found = actions.discard_import(import_id=require_id(import_id, ImportNotFound), at=clock.now())
    audit("import.discarded", f"import:{found.pk}", after={"status": found.status})
    return _shown(found)


def show(import_id: str) -> shapes.ImportOut:
    """One import. Two queries. Raises ImportNotFound."""
    return _shown(queries.get_import(import_id=require_id(import_id, ImportNotFound)))


def show_all(query: shapes.ImportQuery) -> shapes.ImportItems:
    """Imports, newest first, without their jobs. One query. Raises InvalidCursor."""
    rows = queries.list_imports(
        limit=query.limit + 1, before=decode_cursor(query.cursor, uuid.UUID)
    )
    page, following = cut(rows, query.limit, lambda row: row.pk)
    return shapes.ImportItems(items=[shapes.import_out(row, None) for row in page], next=following)


def problems(import_id: str, query: shapes.ImportQuery) -> shapes.ProblemItems:
    """Rows that cannot be imported. Two queries. Raises ImportNotFound, InvalidCursor."""
    found = queries.get_import(import_id=require_id(import_id, ImportNotFound))
    after = decode_cursor(query.cursor, int) or 0
    rows = queries.list_refused(import_id=found.pk, after=after, limit=query.limit + 1)
    page, following = cut(rows, query.limit, lambda row: row.number)
    return shapes.ProblemItems(items=[shapes.problem_out(row) for row in page], next=following)


COLUMNS = [name for name in shapes.RowIn.__struct_fields__ if name != "custom"]


def problem_file(import_id: str) -> StreamingHttpResponse:
    """The same as CSV: the row's number, why, and its cells. Raises ImportNotFound."""
    found = queries.get_import(import_id=require_id(import_id, ImportNotFound))

    def batches() -> Iterator[list[list[Any]]]:
        after = 0
        while rows := queries.list_refused(import_id=found.pk, after=after, limit=1_000):
            after = rows[-1].number
            yield [
                [one.number, one.field, one.code, one.detail, *_cells(one.row)]
                for one in map(shapes.problem_out, rows)
            ]

    # Read within the shop's schema: an answer that streams is read after the request has left it.
    lines = list(stream_csv(["row", "field", "code", "problem", *COLUMNS, "custom"], batches()))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="import-problems-{found.pk}.csv"'
    return response


def _cells(row: dict[str, Any]) -> list[object]:
    tags = row.get("tags")
    cells = {**row, "tags": ", ".join(tags) if isinstance(tags, list) else tags}
    custom = msgspec.json.encode(row["custom"]).decode() if row.get("custom") else ""
    return [*(cells.get(name) for name in COLUMNS), custom]


def _ask(kind: str, found: MemberImport, by: Asker, now: datetime) -> JobOut:
    job = ask_for_job(
        kind=kind, subject=str(found.pk), by=by, at=datetime.now(UTC),
        input={"import_id": str(found.pk), "at": now.isoformat()},
    )  # fmt: skip
    return job_out(job)


def _shown(found: MemberImport) -> shapes.ImportOut:
    return shapes.import_out(found, find_latest(subject=str(found.pk), kinds=KINDS))


def _raw(rows: list[shapes.RowIn]) -> list[dict[str, Any]]:
    """Cells that say something, as they came."""
    return [
        {name: value for name, value in msgspec.structs.asdict(row).items() if value is not None}
        for row in rows
    ]
