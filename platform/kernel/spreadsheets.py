"""CSV that spreadsheets open as data and never as formulas."""

import csv
import re
from collections.abc import Iterable, Iterator
from io import StringIO

# Excel, Numbers and WPS take these for the start of a formula, full-width forms included.
_FORMULA = re.compile(r"^\s*[=+\-@＝＋－＠\t\r]")
# Without it Excel reads UTF-8 as the machine's own encoding and garbles Chinese.
BYTE_ORDER_MARK = "\ufeff"


def safe_cell(value: object) -> object:
    """Text that could start a formula gets an apostrophe in front; numbers stay numbers."""
    if isinstance(value, str) and _FORMULA.match(value):
        return f"'{value}"
    return "" if value is None else value


def csv_text(rows: Iterable[Iterable[object]]) -> str:
    """Rows as lines of CSV (RFC 4180), each cell made safe."""
    written = StringIO()
    csv.writer(written).writerows([safe_cell(cell) for cell in row] for row in rows)
    return written.getvalue()


def stream_csv(
    header: Iterable[object], batches: Iterable[Iterable[Iterable[object]]]
) -> Iterator[str]:
    """A file, batch by batch, so that its size does not matter."""
    yield BYTE_ORDER_MARK + csv_text([header])
    for batch in batches:
        yield csv_text(batch)
