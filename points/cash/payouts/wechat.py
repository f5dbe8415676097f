"""WeChat Pay: 商家转账, one transfer to one openid (API v3, /v3/fund-app/mch-transfer/transfer-bills).

After pay.weixin.qq.com, merchant documents 4012716434 (start a transfer), 4012716437 (look it up by
our number) and 4012716440 (notification). A transfer is known by `out_bill_no` for ever: sent again
with the same contents it is the same transfer. The member confirms in WeChat what comes.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec
import urllib3
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from urllib3.exceptions import HTTPError

from points.cash.payouts import Outcome, Payout, PayoutState, signing
from points.cash.payouts.signing import Unsigned

BASE = "https://api.mch.weixin.qq.com"
PATH = "/v3/fund-app/mch-transfer/transfer-bills"
# From this amount on the payee's real name is required (documentation of `user_name`).
NAME_FROM_CENTS = 200_000
_OUTCOMES: Mapping[str, Outcome] = {
    "SUCCESS": "paid", "FAIL": "failed", "CANCELLED": "failed",
}  # fmt: skip
# Answers that say no for good: the transfer was not taken. All others are asked about again.
_REFUSALS = {"PARAM_ERROR", "INVALID_REQUEST", "NO_AUTH"}
_PATIENCE = urllib3.Timeout(connect=5.0, read=10.0)


class WechatAccount(msgspec.Struct, frozen=True, kw_only=True):
    """A merchant's own account: everything the API needs. Keys are PEM texts."""

    mchid: str
    appid: str
    serial: str
    private_key: str
    platform_key_id: str
    platform_key: str
    api_key: str
    scene_id: str
    # What is reported for the scene: [{"info_type", "info_content"}], as its rules ask for.
    scene_infos: list[dict[str, str]]
    # Where the platform tells what became of a transfer; without it the transfer is looked up.
    notify_url: str = ""


class Wechat:
    """The provider `wechat` for one account. `tell_time` is the real clock, by which messages are signed;
    `base` is another server in trials only."""

    def __init__(
        self,
        account: WechatAccount,
        *,
        tell_time: Callable[[], datetime],
        base: str = BASE,
    ) -> None:
        self.account = account
        self._base = base
        self._tell_time = tell_time
        self._own: RSAPrivateKey = signing.read_private_key(account.private_key)
        self._platform: RSAPublicKey = signing.read_public_key(account.platform_key)

    def send(self, payout: Payout) -> PayoutState:
        """Start the transfer, or be told of the one that was started."""
        status, answer = self._call("POST", PATH, self._body(payout))
        if status == 200:
            return _state(answer)
        code = str(answer.get("code", ""))
        if status in (400, 403) and code in _REFUSALS:
            return PayoutState(outcome="refused", reason=code)
        return PayoutState(outcome="waiting", reason=code or "no_answer")

    def read(self, number: str) -> PayoutState:
        """Look a transfer up by our number."""
        status, answer = self._call("GET", f"{PATH}/out-bill-no/{number}")
        if status == 200:
            return _state(answer)
        code = str(answer.get("code", ""))
        outcome: Outcome = "unknown" if status == 404 and code == "NOT_FOUND" else "waiting"
        return PayoutState(outcome=outcome, reason=code or "no_answer")

    def read_notification(self, headers: Mapping[str, str], body: str) -> tuple[str, PayoutState]:
        """(our number, its state) from what the platform sent. Raises Unsigned."""
        self._verify(headers, body)
        try:
            resource = json.loads(body)["resource"]
            told = signing.open_sealed(
                api_key=self.account.api_key, nonce=resource["nonce"],
                associated_data=resource.get("associated_data", ""),
                ciphertext=resource["ciphertext"],
            )  # fmt: skip
            answer = json.loads(told)
            return str(answer["out_bill_no"]), _state(answer)
        except (KeyError, TypeError, ValueError, AttributeError):
            raise Unsigned("contents") from None

    def _body(self, payout: Payout) -> dict[str, Any]:
        account = self.account
        body: dict[str, Any] = {
            "appid": account.appid, "out_bill_no": payout.number,
            "transfer_scene_id": account.scene_id, "openid": payout.payee_account,
            "transfer_amount": payout.cents, "transfer_remark": payout.remark[:32],
            "transfer_scene_report_infos": account.scene_infos,
        }  # fmt: skip
        if account.notify_url:
            body["notify_url"] = account.notify_url
        if payout.cents >= NAME_FROM_CENTS and payout.payee_name:
            body["user_name"] = signing.seal_for_platform(self._platform, payout.payee_name)
        return body

    def _call(
        self, method: str, path: str, body: dict[str, Any] | None = None
    ) -> tuple[int, dict[str, Any]]:
        """(status, answer); 0 when there was none, or none that the platform has signed."""
        text = json.dumps(body, ensure_ascii=False) if body is not None else ""
        account = self.account
        headers = {
            "Accept": "application/json", "Content-Type": "application/json",
            "User-Agent": "Jifen/1", "Wechatpay-Serial": account.platform_key_id,
            "Authorization": signing.authorization(
                key=self._own, mchid=account.mchid, serial=account.serial, method=method,
                path=path, body=text, timestamp=int(self._tell_time().timestamp()),
            ),
        }  # fmt: skip
        try:
            answer = urllib3.request(
                method, self._base + path, body=text.encode() or None, headers=headers,
                timeout=_PATIENCE, retries=False, redirect=False,
            )  # fmt: skip
            told = answer.data.decode()
            self._verify({k.lower(): v for k, v in answer.headers.items()}, told)
            found = json.loads(told)
        except (HTTPError, OSError, ValueError, Unsigned):
            return 0, {}
        return answer.status, found if isinstance(found, dict) else {}

    def _verify(self, headers: Mapping[str, str], body: str) -> None:
        signing.verify(
            key=self._platform, key_id=self.account.platform_key_id, headers=headers, body=body,
            at=int(self._tell_time().timestamp()),
        )  # fmt: skip


def _state(answer: Mapping[str, Any]) -> PayoutState:
    """What a transfer's own words mean. Nothing is known for good but SUCCESS, FAIL and CANCELLED."""
    state = str(answer.get("state", ""))
    details = {"provider_state": state}
    if package := answer.get("package_info"):
        details["package_info"] = str(package)
    cents = answer.get("transfer_amount")
    return PayoutState(
        outcome=_OUTCOMES.get(state, "waiting"), reference=str(answer.get("transfer_bill_no", "")),
        reason=str(answer.get("fail_reason") or state), details=details,
        cents=cents if isinstance(cents, int) else None,
    )  # fmt: skip
