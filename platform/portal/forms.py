"""The portal's forms. They shape the input; what is allowed is decided by the actions."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kernel.api.problems import InvalidBody
from kernel.errors import DomainError
from portal.choices import LOCALES, TEMPLATES, currency_choices, timezone_choices
from tenants.errors import SlugInvalid, SlugReserved, SlugTaken

FIELDS_OF_ERRORS = {SlugInvalid: "slug", SlugReserved: "slug", SlugTaken: "slug"}


class RefusableForm(forms.Form):
    """A form that can show what an action refused, at the field it is about."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})

    def refuse(self, error: DomainError) -> None:
        """Show a refusal at its field, or above the form."""
        if isinstance(error, InvalidBody):
            self.add_error(self._field(str(error.facts["field"])), str(error.facts["reason"]))
        else:
            self.add_error(FIELDS_OF_ERRORS.get(type(error)), str(error))

    def _field(self, name: str) -> str | None:
        return name if name in self.fields else None

    def add_error(self, field: str | None, error: Any) -> None:
        super().add_error(field, error)
        for name in self.errors:
            if name in self.fields:
                self.fields[name].widget.attrs["aria-invalid"] = "true"


class SignupForm(RefusableForm):
    """A shop to be and its owner."""

    company = forms.CharField(label=_("Name of your shop"), max_length=120)
    slug = forms.CharField(label=_("Address"), max_length=60)
    email = forms.EmailField(label=_("Your e-mail address"), max_length=254)
    password = forms.CharField(
        label=_("Password"), max_length=200, strip=False, widget=forms.PasswordInput
    )
    template = forms.ChoiceField(
        label=_("Start with"),
        choices=lambda: list(TEMPLATES.items()),
        initial="retail",
        widget=forms.RadioSelect,
    )
    locale = forms.ChoiceField(label=_("Language of the shop"), choices=list(LOCALES.items()))
    currency = forms.ChoiceField(label=_("Currency"), choices=currency_choices)
    timezone = forms.ChoiceField(label=_("Time zone"), choices=timezone_choices)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, "company", autocomplete="organization")
        _say(self, "slug", autocomplete="off", autocapitalize="none", spellcheck="false")
        _say(self, "slug", **{"aria-describedby": "slug-hint"})
        _say(self, "email", autocomplete="email")
        _say(self, "password", autocomplete="new-password", **{"aria-describedby": "password-hint"})

    def clean_slug(self) -> str:
        """As people write it: ` Tea ` is tea."""
        return str(self.cleaned_data["slug"]).strip().lower()


class CodeForm(RefusableForm):
    """The code from the mail."""

    code = forms.CharField(label=_("Six-digit code"), max_length=20)
    password = forms.CharField(
        label=_("Password of your account"),
        max_length=200,
        strip=False,
        required=False,
        widget=forms.PasswordInput,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, "code", autocomplete="one-time-code", inputmode="numeric", autofocus=True)
        _say(self, "password", autocomplete="current-password")


class SignInForm(RefusableForm):
    """Credentials of a staff user."""

    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    password = forms.CharField(
        label=_("Password"), max_length=200, strip=False, widget=forms.PasswordInput
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, "email", autocomplete="username", autofocus=True)
        _say(self, "password", autocomplete="current-password")


def _say(form: forms.Form, name: str, **attributes: Any) -> None:
    form.fields[name].widget.attrs.update(attributes)
