"""Files people download: CSV that a spreadsheet opens as it is meant."""

import csv
import io

from django.http import HttpResponse

from points.insights.settlement import Settlement, SettlementItem


def settlement_file(statement: Settlement) -> HttpResponse:
    """The statement as a CSV file for a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    names = SettlementItem.__struct_fields__
    writer.writerow(["month", "currency", *names])
    for item in statement.items:
        cells = (plain_cell(getattr(item, name)) for name in names)
        writer.writerow([statement.month, statement.currency, *cells])
    response = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="settlement-{statement.month}.csv"'
    return response


def plain_cell(value: object) -> object:
    """A cell that no spreadsheet takes for a formula."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r", "＝"):
        return f"'{value}"
    return value
