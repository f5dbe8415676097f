"""How a sign-in code leaves the house: e-mail by Django's mail, text messages by `SMS_BACKEND`.

`file` writes each text message to the development outbox, as a mail file is written; `none` is for
installations without a provider and refuses phone numbers. A real provider is one more function
with the signature of `SmsSender`, entered in `SMS_SENDERS`.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import formataddr, parseaddr
from pathlib import Path
from secrets import token_hex
from typing import Protocol

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage
from django.utils.translation import gettext as _

from points.members.errors import SmsNotAvailable


class SmsSender(Protocol):
    """Hands one text message over. Raises OSError when the provider cannot be reached."""

    def __call__(self, *, to: str, body: str) -> None: ...


def prepare_code(
    *, kind: str, address: str, code: str, shop: str, minutes: int
) -> Callable[[], None]:
    """The message with a code, in the language of now, as a call that sends it.

    Raises SmsNotAvailable; the call raises OSError when the message could not be handed over.
    """
    shop = " ".join(shop.split())
    facts = {"code": code, "shop": shop, "minutes": minutes}
    body = (
        _("%(code)s is your sign-in code for %(shop)s. It is valid for %(minutes)s minutes.")
        % facts
    )
    if kind == "phone":
        sender = sms_sender()
        return lambda: sender(to=address, body=body)
    advice = _("If you did not ask for it, ignore this message. Give the code to nobody.")
    mail = EmailMessage(
        subject=_("Your sign-in code for %(shop)s") % facts,
        body=f"{body}\n\n{advice}\n",
        from_email=formataddr((shop, parseaddr(settings.DEFAULT_FROM_EMAIL)[1])),
        to=[address],
    )
    return lambda: _send_mail(mail)


def sms_sender() -> SmsSender:
    """The sender that `SMS_BACKEND` names. Raises SmsNotAvailable where it is `none`."""
    name = settings.SMS_BACKEND
    if name == "none":
        raise SmsNotAvailable()
    if name not in SMS_SENDERS:
        accepted = ", ".join(["none", *SMS_SENDERS])
        raise ImproperlyConfigured(f"SMS_BACKEND must be one of {accepted}, not {name!r}.")
    return SMS_SENDERS[name]


def write_sms_file(*, to: str, body: str) -> None:
    """One text message as a file in the development outbox."""
    folder = Path(settings.RUN_DIR) / "outbox"
    folder.mkdir(parents=True, exist_ok=True)
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
    text = f"To: {to}\n\n{body}\n"
    (folder / f"sms-{stamp}-{token_hex(2)}.txt").write_text(text, encoding="utf-8")


SMS_SENDERS: dict[str, SmsSender] = {"file": write_sms_file}


def _send_mail(mail: EmailMessage) -> None:
    mail.send()
