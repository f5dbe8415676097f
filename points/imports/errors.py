"""What imports refuse: as a whole, and row by row."""

from django.utils.translation import gettext_lazy

from kernel.errors import DomainError


class ImportNotFound(DomainError):
    code, status = "imports.not_found", 404
    message = gettext_lazy("There is no such import.")


class NotOpen(DomainError):
    code = "imports.not_open"
    message = gettext_lazy("Rows can only be added until an import is checked.")


class NotChecked(DomainError):
    code = "imports.not_checked"
    message = gettext_lazy("Check the import first, then look at its totals.")


class AlreadyWritten(DomainError):
    code = "imports.already_written"
    message = gettext_lazy("This import has been written, or is over.")


class BeingWritten(DomainError):
    code = "imports.being_written"
    message = gettext_lazy("The import is being written. Cancel the job first.")


class TotalsDiffer(DomainError):
    """`facts.totals` are those of the last check."""

    code = "imports.totals_differ"
    message = gettext_lazy("These are not the totals of the last check. Look at them again.")


class RowsRefused(DomainError):
    code = "imports.rows_refused"
    message = gettext_lazy(
        "%(refused)s rows cannot be imported. Mend them, or say to leave them out."
    )


class NameBusy(DomainError):
    code = "imports.name_busy"
    message = gettext_lazy("Another import of this name is being written. Wait until it is done.")


class CheckOutdated(DomainError):
    code = "imports.check_outdated"
    message = gettext_lazy("Another import of this name was written since. Check this one again.")


class TooManyRows(DomainError):
    code = "imports.too_many_rows"
    message = gettext_lazy("An import takes %(limit)s rows. Begin another one for the rest.")


class NothingToImport(DomainError):
    code = "imports.nothing_to_import"
    message = gettext_lazy("There is no row that could be imported.")


# What is found in a row. `field` is the column; the other rows stand.


class RowProblem(DomainError):
    """A row that cannot be imported as it is."""

    code = "imports.row_problem"
    message = gettext_lazy("This row cannot be imported.")


class ValueMissing(RowProblem):
    code = "imports.value_missing"
    message = gettext_lazy("Nothing is given here.")


class ValueInvalid(RowProblem):
    """`expected`: text, whole, date, moment, phone, email, choice, boolean."""

    code = "imports.value_invalid"
    message = gettext_lazy("“%(value)s” cannot be read here.")


class NumberShortened(RowProblem):
    code = "imports.number_shortened"
    message = gettext_lazy(
        "“%(value)s” was shortened by the spreadsheet. Format the column as text and fill it again."
    )


class MomentAhead(RowProblem):
    code = "imports.moment_ahead"
    message = gettext_lazy("“%(value)s” lies in the future.")


class AlreadyExpired(RowProblem):
    code = "imports.already_expired"
    message = gettext_lazy("These points would have expired on %(date)s.")


class ContradictsRow(RowProblem):
    code = "imports.contradicts_row"
    message = gettext_lazy("Row %(row)s says something else of the same member.")


class TakenInRow(RowProblem):
    code = "imports.taken_in_row"
    message = gettext_lazy("Row %(row)s gives this to another member.")


class RowRepeated(RowProblem):
    code = "imports.row_repeated"
    message = gettext_lazy("Row %(row)s is the same row of the same member.")


class ImportedOtherwise(RowProblem):
    code = "imports.imported_otherwise"
    message = gettext_lazy("This row was imported before with other contents.")
