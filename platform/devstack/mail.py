"""Mail into files, one each, in `.run/outbox/`."""

from pathlib import Path

from django.core.mail.backends.filebased import EmailBackend as FileBackend

from kernel.ids import new_id


class EmailBackend(FileBackend):
    """Django's names files by the second, so that two mails may share one; ours never do."""

    _fname: str | None

    def _get_filename(self) -> str:
        if self._fname is None:
            self._fname = str(Path(self.file_path) / f"mail-{new_id()}.eml")
        return self._fname
