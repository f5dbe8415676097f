"""The mails of the portal: text and simple HTML, in the language of the sign-up."""

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from portal.calculations import CODE_VALID_FOR
from portal.models import Signup
from tenants import hosts


def send_code(*, signup: Signup, code: str, has_account: bool) -> None:
    """Mail the code. Raises what the mail server raises.

    With `has_account` the mail says what an existing account means; only the mailbox learns of it.
    Nothing a stranger could write freely stands in it, or we would carry his advertisements.
    """
    merchant = signup.merchant
    context = {
        "code": code,
        "address": hosts.storefront_host(merchant.slug),
        "minutes": int(CODE_VALID_FOR.total_seconds() // 60),
        "has_account": has_account,
        "language": merchant.locale,
    }
    with translation.override(merchant.locale):
        mail = EmailMultiAlternatives(
            subject=_("Your code for Jifen"),
            body=render_to_string("portal/mail/code.txt", context),
            to=[signup.email],
        )
        mail.attach_alternative(render_to_string("portal/mail/code.html", context), "text/html")
    mail.send()
