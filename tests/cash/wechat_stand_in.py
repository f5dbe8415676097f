"""A server that answers like WeChat Pay's transfers: it checks signatures with the merchant's public
key, signs what it says, and keeps one transfer for each number."""

import base64
import json
import re
import secrets
import threading
from datetime import UTC, datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from points.cash.payouts.wechat import PATH, WechatAccount

KEY_ID = "PUB_KEY_ID_0114232134912410000000000000"
API_KEY = "0123456789abcdef0123456789abcdef"
_AUTH = re.compile(
    r'WECHATPAY2-SHA256-RSA2048 mchid="(.+?)",nonce_str="(.+?)",timestamp="(\d+)",'
    r'serial_no="(.+?)",signature="(.+?)"'
)


def pem(key):
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def public_pem(key):
    kind = PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(Encoding.PEM, kind).decode()


@cache
def key(name):
    """One key a name for the whole run: making one takes a third of a second."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class StandIn:
    """What tests set: `state` of new transfers, `refuse` (status, code), `lose`: answers that never
    arrive, `forge`: sign with a wrong key, `lag`: seconds by which its clock is off."""

    def __init__(self):
        self.merchant, self.platform, self.stranger = key("shop"), key("platform"), key("x")
        self.state, self.refuse, self.lose, self.forge, self.lag = "SUCCESS", None, 0, False, 0
        self.transfers, self.calls, self.lock = {}, [], threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                outer.answer(self, "POST")

            def do_GET(self):
                outer.answer(self, "GET")

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def account(self, **others):
        told = {
            "mchid": "1900000001", "appid": "wxf636efh567hg4356", "serial": "5F1E0B7A",
            "private_key": pem(self.merchant), "platform_key_id": KEY_ID,
            "platform_key": public_pem(self.platform), "api_key": API_KEY, "scene_id": "1000",
            "scene_infos": [{"info_type": "活动名称", "info_content": "积分红包"}], **others,
        }  # fmt: skip
        return WechatAccount(**told)

    def answer(self, request, method):
        size = int(request.headers.get("Content-Length") or 0)
        body = request.rfile.read(size).decode()
        with self.lock:
            self.calls.append((method, request.path))
            if not self.is_signed(request.headers["Authorization"], method, request.path, body):
                return self.say(request, 401, {"code": "SIGN_ERROR"})
            status, told = self.take(body) if method == "POST" else self.find(request.path)
            if self.lose:
                self.lose -= 1
                return request.connection.close()
        return self.say(request, status, told)

    def is_signed(self, header, method, path, body):
        found = _AUTH.fullmatch(header or "")
        if not found:
            return False
        _mchid, nonce, timestamp, _serial, signature = found.groups()
        message = f"{method}\n{path}\n{timestamp}\n{nonce}\n{body}\n".encode()
        try:
            self.merchant.public_key().verify(
                base64.b64decode(signature), message, padding.PKCS1v15(), SHA256()
            )
        except InvalidSignature:
            return False
        return True

    def take(self, body):
        if self.refuse:
            return self.refuse[0], {"code": self.refuse[1], "message": "no"}
        told = json.loads(body)
        number = told["out_bill_no"]
        known = self.transfers.get(number)
        if known is None:
            known = self.transfers[number] = {
                **told, "state": self.state, "transfer_bill_no": f"13300000{len(self.transfers)}",
            }  # fmt: skip
        return 200, self.shown(known)

    def find(self, path):
        known = self.transfers.get(path.removeprefix(f"{PATH}/out-bill-no/"))
        if known is None:
            return 404, {"code": "NOT_FOUND", "message": "no such bill"}
        return 200, self.shown(known)

    def shown(self, known):
        names = ("out_bill_no", "transfer_bill_no", "state", "transfer_amount", "fail_reason")
        told = {name: known[name] for name in names if name in known}
        if known["state"] == "WAIT_USER_CONFIRM":
            told["package_info"] = "affffddafdfafddffda=="
        return told

    def say(self, request, status, told):
        text = json.dumps(told)
        request.send_response(status)
        for name, value in self.signed(text).items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(text.encode())))
        request.end_headers()
        request.wfile.write(text.encode())

    def signed(self, text):
        """Headers under which the platform sends a text."""
        timestamp = str(int(datetime.now(UTC).timestamp()) + self.lag)
        nonce = secrets.token_hex(16)
        signer = self.stranger if self.forge else self.platform
        signature = signer.sign(
            f"{timestamp}\n{nonce}\n{text}\n".encode(), padding.PKCS1v15(), SHA256()
        )
        return {
            "Wechatpay-Timestamp": timestamp, "Wechatpay-Nonce": nonce,
            "Wechatpay-Serial": KEY_ID, "Wechatpay-Signature": base64.b64encode(signature).decode(),
        }  # fmt: skip

    def notification(self, number, **changes):
        """(headers, body) of a notification about a transfer."""
        told = {**self.shown(self.transfers[number]), "mch_id": "1900000001", **changes}
        nonce = secrets.token_hex(6)
        sealed = AESGCM(API_KEY.encode()).encrypt(
            nonce.encode(), json.dumps(told).encode(), b"mch_payment"
        )
        body = json.dumps({
            "id": "EV-1", "event_type": "MCHTRANSFER.BILL.FINISHED",
            "resource_type": "encrypt-resource", "resource": {
                "algorithm": "AEAD_AES_256_GCM", "original_type": "mch_payment",
                "associated_data": "mch_payment", "nonce": nonce,
                "ciphertext": base64.b64encode(sealed).decode(),
            },
        })  # fmt: skip
        return self.signed(body), body

    def open_name(self, sealed):
        """The name a merchant sealed for the platform."""
        hashed = padding.OAEP(mgf=padding.MGF1(SHA1()), algorithm=SHA1(), label=None)
        return self.platform.decrypt(base64.b64decode(sealed), hashed).decode()
