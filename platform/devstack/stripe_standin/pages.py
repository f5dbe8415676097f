"""The two hosted pages: paying, and an account's onboarding."""

from dataclasses import dataclass
from html import escape
from typing import Any

from devstack.stripe_standin import accounts, checkout
from devstack.stripe_standin.call import Call
from devstack.stripe_standin.cards import CARDS, DEBIT, find_card
from devstack.stripe_standin.errors import ApiError
from devstack.stripe_standin.layout import amount_text, card_rows, page
from devstack.stripe_standin.store import Store
from devstack.stripe_standin.words import choose


@dataclass
class Shown:
    """A page, or where the browser goes on to."""

    status: int
    html: str = ""
    location: str = ""


def visit_checkout(
    store: Store, base_url: str, key: str, form: dict[str, str] | None, accepted: str
) -> Shown:
    """Show the page of a session, or do what its form says."""
    with store.work():
        account = store.account_of(key)
        if account is None or store.find("checkout.session", key, account) is None:
            return _notice("nowhere", choose(None, accepted), 404)
        call = Call(store, base_url, account=account, platform=store.platform_of(account))
        session = checkout.get_session(call, {}, key)
        words = choose(session["locale"], accepted)
        if session["status"] == "complete":
            return _notice("complete", words, 200)
        if session["status"] == "expired":
            return _notice("expired", words, 410)
        if form is None:
            return Shown(200, _checkout_page(store, account, session, words))
        if form.get("do") == "cancel":
            return Shown(303, location=checkout.leads_to(session, session["cancel_url"] or "/"))
        return _pay(call, session, form, words)


def visit_setup(
    store: Store, base_url: str, account: str, code: str, form: dict[str, str] | None,
    accepted: str,
) -> Shown:  # fmt: skip
    """Show an account's onboarding, or finish it; a link opens for five minutes, and ends once."""
    with store.work():
        platform = store.platform_of(account)
        call = Call(store, base_url, account=platform, platform=platform)
        words = choose(None, accepted)
        found = store.find("account", account, platform)
        link = next((one for one in (found or {}).get("_links", []) if one["code"] == code), None)
        if found is None or link is None:
            return _notice("nowhere", words, 404)
        if link["until"] < call.now:
            return Shown(303, location=link["again"])
        if form is None:
            return Shown(200, _setup_page(found, words))
        found["_links"] = [one for one in found["_links"] if one["code"] != code]
        call.save(found)
        if form.get("do") == "finish":
            accounts.onboard(call, found)
        return Shown(303, location=link["back"])


def _pay(call: Call, session: dict[str, Any], form: dict[str, str], words: dict[str, str]) -> Shown:
    card = find_card(form.get("other") or form.get("card", ""))
    if card is None or (card.is_delayed and "sepa_debit" not in session["payment_method_types"]):
        return _again(call, session, words, words["unknown"], form)
    email = session["customer_email"] or form.get("email") or "guest@example.com"
    try:
        session = checkout.pay_session(call, session, card, email)
    except ApiError as error:
        return _again(call, session, words, error.message, form)
    if session["status"] == "open":
        reason = "insufficient" if card.decline == "insufficient_funds" else "declined"
        return _again(call, session, words, words[reason], form)
    return Shown(303, location=checkout.leads_to(session, session["success_url"]))


def _again(
    call: Call, session: dict[str, Any], words: dict[str, str], problem: str, form: dict[str, str]
) -> Shown:
    return Shown(402, _checkout_page(call.store, call.account, session, words, problem, form))


def _checkout_page(
    store: Store, account: str, session: dict[str, Any], words: dict[str, str],
    problem: str = "", form: dict[str, str] | None = None,
) -> str:  # fmt: skip
    total = amount_text(session["amount_total"], session["currency"])
    owner = store.find("account", account, store.platform_of(account)) or {}
    name = owner.get("business_profile", {}).get("name") or "Jifen"
    lines = "".join(_line(line, words) for line in session["_lines"])
    cards = [*CARDS.values()]
    if "sepa_debit" in session["payment_method_types"]:
        cards.append(DEBIT)
    email = session["customer_email"] or (form or {}).get("email", "")
    alert = f'<p class="problem" role="alert">{escape(problem)}</p>' if problem else ""
    body = f"""
<section><h1>{escape(words["to"].format(name=name))}</h1>
<p class="sum">{escape(total)}</p><ul class="lines">{lines}</ul>
<p class="total"><span>{words["total"]}</span><b>{escape(total)}</b></p></section>
<form method="post">{alert}
<label class="field">{words["email"]}<input name="email" type="email" autocomplete="email"
 value="{escape(email)}"{" readonly" if session["customer_email"] else ""}></label>
<fieldset><legend>{words["card"]}</legend>{card_rows(cards, words, form)}</fieldset>
<label class="field">{words["other"]}<input name="other" inputmode="numeric" autocomplete="off"
 placeholder="4242 4242 4242 4242"></label>
<button name="do" value="pay">{escape(words["pay"].format(amount=total))}</button>
<button name="do" value="cancel" class="quiet" formnovalidate>{words["cancel"]}</button></form>"""
    return page(words["to"].format(name=name), body, words)


def _line(line: dict[str, Any], words: dict[str, str]) -> str:
    times = words["quantity"].format(n=line["quantity"]) if line["quantity"] > 1 else ""
    amount = amount_text(line["amount_total"], line["currency"])
    return (
        f"<li><span>{escape(line['description'])} <small>{times}</small></span>"
        f"<span>{escape(amount)}</span></li>"
    )


def _setup_page(account: dict[str, Any], words: dict[str, str]) -> str:
    name = account["business_profile"].get("name") or account["email"] or account["id"]
    body = f"""
<section><h1>{words["setup_title"]}</h1><p>{words["setup"]}</p>
<p class="total"><span>{words["account"]}</span><b>{escape(name)}</b></p></section>
<form method="post"><button name="do" value="finish">{words["setup_done"]}</button>
<button name="do" value="later" class="quiet">{words["setup_later"]}</button></form>"""
    return page(words["setup_title"], body, words)


def _notice(name: str, words: dict[str, str], status: int) -> Shown:
    title = words[f"{name}_title"]
    return Shown(
        status, page(title, f"<section><h1>{title}</h1><p>{words[name]}</p></section>", words)
    )
