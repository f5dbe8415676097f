"""Connected accounts, the links that lead to their onboarding, and letting one go."""

from typing import Any

from devstack.stripe_standin.call import Call, new_key
from devstack.stripe_standin.errors import ApiError, invalid

LINK_SECONDS = 300
_DUE = ["business_type", "external_account", "tos_acceptance.date"]


def create_account(call: Call, asked: dict[str, Any]) -> dict[str, Any]:
    """An account that cannot take money yet: its owner has still to fill in the form."""
    controller = asked.get("controller", {})
    dashboard = controller.get("stripe_dashboard", {}).get("type", "full")
    kind = (
        asked.get("type") or {"full": "standard", "express": "express", "none": "none"}[dashboard]
    )
    wanted = asked.get("capabilities", {"card_payments": {}, "transfers": {}})
    account = {
        "id": new_key("acct", 16), "object": "account", "type": kind, "created": call.now,
        "country": asked.get("country", "US"), "email": asked.get("email"),
        "default_currency": asked.get("default_currency", "usd"),
        "business_profile": asked.get("business_profile", {}), "business_type": None,
        "charges_enabled": False, "payouts_enabled": False, "details_submitted": False,
        "capabilities": dict.fromkeys(wanted, "inactive"),
        "controller": _controller(controller, dashboard),
        "metadata": asked.get("metadata", {}),
        "requirements": _requirements(_DUE, "requirements.past_due"),
        "_links": [],
    }  # fmt: skip
    return call.store.add(account, call.platform)


def retrieve_account(call: Call, asked: dict[str, Any], key: str = "") -> dict[str, Any]:
    """An account of the platform; without an id the one that the request acts for."""
    found = call.store.find("account", key or call.account, call.platform)
    if found is None or found.get("_released"):
        raise ApiError(
            f"The provided key does not have access to account '{key or call.account}' (or that"
            " account does not exist). Application access may have been revoked.",
            status=403, code="account_invalid",
        )  # fmt: skip
    return found


def update_account(call: Call, asked: dict[str, Any], key: str) -> dict[str, Any]:
    """Change e-mail or metadata."""
    account = retrieve_account(call, {}, key)
    account["metadata"] |= asked.get("metadata", {})
    account["email"] = asked.get("email", account["email"])
    call.save(account)
    return account


def delete_account(call: Call, asked: dict[str, Any], key: str) -> dict[str, Any]:
    """Remove an account for ever."""
    retrieve_account(call, {}, key)
    call.store.remove(key)
    return {"id": key, "object": "account", "deleted": True}


def create_link(call: Call, asked: dict[str, Any]) -> dict[str, Any]:
    """A page on which the owner fills in what is missing; it opens once, within five minutes."""
    account = retrieve_account(call, {}, asked["account"])
    for name in ("refresh_url", "return_url"):
        if not asked.get(name, "").startswith(("http://", "https://")):
            raise invalid(name, "Not a valid URL", code="url_invalid")
    code = new_key("link", 20)
    link = {
        "object": "account_link", "created": call.now, "expires_at": call.now + LINK_SECONDS,
        "url": f"{call.base_url}/setup/{account['id']}/{code}",
    }  # fmt: skip
    account["_links"] = [
        *account["_links"][-9:],
        {"code": code, "until": link["expires_at"], "back": asked["return_url"],
         "again": asked["refresh_url"]},
    ]  # fmt: skip
    call.save(account)
    return link


def onboard(call: Call, account: dict[str, Any]) -> dict[str, Any]:
    """The owner has filled in the form: the account takes money from now on."""
    before = {name: account[name] for name in ("charges_enabled", "details_submitted")}
    account |= {
        "charges_enabled": True, "payouts_enabled": True, "details_submitted": True,
        "business_type": "company", "requirements": _requirements([], None),
        "capabilities": dict.fromkeys(account["capabilities"], "active"),
    }  # fmt: skip
    return _saved_and_told(call, account, before)


def restrict(call: Call, account: dict[str, Any], capability: str = "inactive") -> dict[str, Any]:
    """Stripe wants to know more: charges stop (a control call; it happens to real accounts).
    `pending`: it looks at what it was told."""
    before = {"charges_enabled": account["charges_enabled"]}
    account |= {
        "charges_enabled": False, "payouts_enabled": False,
        "requirements": _requirements(["company.verification.document"], "requirements.past_due"),
        "capabilities": dict.fromkeys(account["capabilities"], capability),
    }  # fmt: skip
    return _saved_and_told(call, account, before)


def deauthorize(call: Call, asked: dict[str, Any]) -> dict[str, Any]:
    """The platform may no longer act for the account. Its objects stay, out of reach."""
    key = asked["stripe_user_id"]
    account = call.store.find("account", key, call.platform)
    if account is None or account.get("_released"):
        raise ApiError("This application is not connected to stripe account " + key, status=401)
    account["_released"] = True
    call.save(account)
    call.of_account(key).tell(
        "account.application.deauthorized",
        {"id": "ca_standin", "object": "application", "name": "Jifen"},
    )
    return {"stripe_user_id": key}


def _saved_and_told(call: Call, account: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    call.save(account)
    call.of_account(account["id"]).tell("account.updated", account, **before)
    return account


def _controller(asked: dict[str, Any], dashboard: str) -> dict[str, Any]:
    return {
        "type": "application", "is_controller": True,
        "fees": {"payer": asked.get("fees", {}).get("payer", "account")},
        "losses": {"payments": asked.get("losses", {}).get("payments", "stripe")},
        "requirement_collection": asked.get("requirement_collection", "stripe"),
        "stripe_dashboard": {"type": dashboard},
    }  # fmt: skip


def _requirements(due: list[str], disabled: str | None) -> dict[str, Any]:
    return {
        "alternatives": [], "current_deadline": None, "currently_due": due,
        "disabled_reason": disabled, "errors": [], "eventually_due": due, "past_due": due,
        "pending_verification": [],
    }  # fmt: skip
