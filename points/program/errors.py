"""What programme settings refuse."""

from django.utils.translation import gettext_lazy

from kernel.errors import DomainError


class SettingsContradict(DomainError):
    code, status = "program.settings_contradict", 400
    message = gettext_lazy("%(field)s: %(reason)s")
