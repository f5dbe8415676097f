"""A merchant's URL reaches the public network and nothing else, whatever names and servers say."""

import ipaddress
import socket
import ssl
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from points.webhooks import actions, addresses, sending
from points.webhooks.addresses import Refused, Unresolvable, is_public, read_url, resolve
from points.webhooks.errors import UrlNotAllowed
from tests.webhooks.conftest import AT, deliver, rows, tell
from tests.webhooks.receiver import receiving

PRIVATE = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200",
    "127.0.0.1", "127.255.255.254", "168.63.129.16", "169.254.0.1", "169.254.169.254",
    "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.1.1",
    "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1",
    "255.255.255.255",
    "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1",
    "100::1", "2001::1", "2001:0:7f00:1::", "2001:db8::1", "2002:7f00:1::", "2002:a9fe:a9fe::1",
    "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1",
]  # fmt: skip
PUBLIC = [
    "1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.1", "172.15.255.255", "172.32.0.1",
    "223.255.255.255", "2606:4700:4700::1111", "2400:3200::1", "::ffff:8.8.8.8",
]  # fmt: skip
URLS = [
    ("", "malformed"), ("example.com", "malformed"), ("https://", "malformed"),
    ("https:///path", "malformed"), ("https://exa mple.com/", "malformed"),
    ("https://example.com/\r\nX: y", "malformed"), ("https://example.com/\x00", "malformed"),
    ("https://" + "a" * 2_000 + ".example", "malformed"), ("https://[::1", "malformed"),
    ("https://[fe80::1%25eth0]/", "malformed"), ("https://example.com:99999/", "malformed"),
    ("http://example.com/", "scheme"), ("ftp://example.com/", "scheme"),
    ("file:///etc/passwd", "malformed"), ("gopher://example.com/", "scheme"),
    ("javascript://example.com/%0aalert(1)", "scheme"),
    ("https://me:secret@example.com/", "credentials"), ("https://me@example.com/", "credentials"),
    ("https://example.com#@10.0.0.1/", "fragment"), ("https://example.com/#x", "fragment"),
    ("https://example.com:22/", "port"), ("https://example.com:80/", "port"),
    ("https://example.com:6379/", "port"), ("https://example.com:8000/", "port"),
]  # fmt: skip
HOSTS = [
    "127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "127.1", "[::1]", "[::ffff:127.0.0.1]",
    "169.254.169.254", "[fd00:ec2::254]", "10.0.0.1", "localhost", "localhost.", "LOCALHOST",
]  # fmt: skip


@pytest.fixture
def strict(settings):
    """As in production."""
    settings.WEBHOOKS_ALLOW_LOOPBACK = False


@pytest.fixture
def names(monkeypatch):
    """`names["crm.example"] = [["1.1.1.1"], ["10.0.0.1"]]`: what each look-up answers in turn; the
    last stays. `names.asked` counts."""

    class Names(dict):
        asked = 0

    found = Names()

    def ask(host, port):
        found.asked += 1
        answers = found.get(host)
        if answers is None:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return answers.pop(0) if len(answers) > 1 else answers[0]

    monkeypatch.setattr(addresses, "_ask_system", ask)
    return found


@pytest.mark.parametrize("text", PRIVATE)
def test_what_is_not_public_is_refused(text):
    assert not is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_what_is_public_is_allowed(text):
    assert is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize(("url", "rule"), URLS)
def test_a_url_is_refused_by_its_text_and_says_why(strict, url, rule):
    with pytest.raises(Refused) as refused:
        read_url(url)
    assert refused.value.rule == rule
    assert rule in addresses.RULES


@pytest.mark.parametrize("host", HOSTS)
def test_this_machine_under_any_name_is_refused(strict, host):
    """Resolved by the system as it is: odd ways to write an address are what they lead to."""
    with pytest.raises(Refused) as refused:
        resolve(read_url(f"https://{host}/"))
    assert refused.value.rule == "address"


def test_a_url_is_kept_in_its_normal_form(strict):
    assert read_url("HTTPS://CRM.Example:443/a?b=ü").url == "https://crm.example/a?b=%C3%BC"
    assert read_url("https://crm.example:8443").url == "https://crm.example:8443/"
    assert read_url("https://积分.example/").url == "https://xn--kbrv68g.example/"
    assert read_url("https://[2606:4700:4700::1111]/x").host_header == "[2606:4700:4700::1111]"


def test_a_name_with_a_private_address_is_refused_even_beside_public_ones(strict, names):
    names["crm.example"] = [["1.1.1.1", "10.0.0.1"]]
    with pytest.raises(Refused):
        resolve(read_url("https://crm.example/"))
    names["crm.example"] = [["1.1.1.1", "2606:4700:4700::1111"]]
    assert resolve(read_url("https://crm.example/")) == ["1.1.1.1", "2606:4700:4700::1111"]


def test_a_name_server_that_does_not_answer_is_left_alone(strict, monkeypatch):
    monkeypatch.setattr(addresses, "RESOLVING_SECONDS", 0.05)
    held = threading.Event()
    with pytest.raises(Unresolvable):
        resolve(read_url("https://slow.example/"), ask=lambda *_: [str(held.wait(2))])
    held.set()


@pytest.mark.parametrize(
    "url", ["http://crm.example/", "https://127.0.0.1/", "https://in.example/"]
)
def test_saving_refuses_with_a_code_and_saves_nothing(shop, strict, names, url):
    names |= {"in.example": [["192.168.0.7"]], "127.0.0.1": [["127.0.0.1"]]}
    with pytest.raises(UrlNotAllowed) as refused:
        actions.add_endpoint(url=url, topics=["*"], at=AT)
    assert refused.value.facts["field"] == "url"
    from points.webhooks.models import WebhookEndpoint

    assert not WebhookEndpoint.objects.exists()


def test_a_name_without_an_address_yet_may_be_saved_and_fails_when_it_is_called(
    shop, strict, names
):
    actions.add_endpoint(url="https://soon.example/", topics=["*"], at=AT)
    tell("mei")
    deliver()
    (row,) = rows()
    assert (row.status, row.error, row.response_status) == ("pending", "unresolvable", None)


def test_a_name_that_turns_private_later_is_refused_at_the_delivery(shop, strict, names):
    names["crm.example"] = [["1.1.1.1"], ["10.0.0.1"]]
    actions.add_endpoint(url="https://crm.example/", topics=["*"], at=AT)
    tell("mei")
    deliver()
    (row,) = rows()
    assert (row.status, row.error, row.duration_ms is not None) == ("pending", "not_allowed", True)


def test_a_name_that_turns_private_between_check_and_call_gains_nothing(strict, names, monkeypatch):
    """The line goes to the address that was checked: the name is asked once."""
    names["crm.example"] = [["1.1.1.1"], ["127.0.0.1"]]
    called = []

    def connect(where, *args, **options):
        called.append(where)
        raise TimeoutError("nobody is called in a test")

    monkeypatch.setattr("urllib3.util.connection.create_connection", connect)
    monkeypatch.setattr("urllib3.connection.connection.create_connection", connect)
    answer = sending.post(url="https://crm.example/", body=b"{}", headers={})
    assert called == [("1.1.1.1", 443)]
    assert names.asked == 1
    assert answer.error == "timeout"


def test_where_loopback_is_allowed_other_private_addresses_are_not(names, settings):
    assert settings.WEBHOOKS_ALLOW_LOOPBACK
    names |= {"in.example": [["10.0.0.1"]], "here.example": [["127.0.0.1"]]}
    assert resolve(read_url("http://here.example:8000/")) == ["127.0.0.1"]
    with pytest.raises(Refused):
        resolve(read_url("http://in.example/"))


@pytest.fixture
def slow(monkeypatch):
    """Patience of half a second."""
    monkeypatch.setattr(sending, "TOTAL_SECONDS", 0.5)


@pytest.mark.parametrize("reply", [{"delay": 3}, {"trickle": 0.2}])
def test_a_receiver_that_is_slow_or_trickles_is_cut_off(slow, reply):
    with receiving() as receiver:
        receiver.answer(**reply)
        answer = sending.post(url=receiver.url, body=b"{}", headers={})
    assert answer.error == "timeout"
    assert 450 <= answer.duration_ms < 1_500


def test_tls_goes_to_the_checked_address_under_the_right_name(names, tls, monkeypatch):
    context, port = tls("crm.example")
    names["crm.example"] = [["127.0.0.1"]]
    monkeypatch.setattr(sending, "_tls", lambda: context)
    answer = sending.post(url=f"https://crm.example:{port}/hook", body=b"{}", headers={})
    assert (answer.error, answer.status, answer.body) == ("", 200, f"crm.example:{port}")


def test_a_certificate_of_another_name_or_nobody_is_refused(names, tls, monkeypatch):
    context, port = tls("other.example")
    names["crm.example"] = [["127.0.0.1"]]
    assert sending.post(url=f"https://crm.example:{port}/", body=b"", headers={}).error == "tls"
    monkeypatch.setattr(sending, "_tls", lambda: context)
    assert sending.post(url=f"https://crm.example:{port}/", body=b"", headers={}).error == "tls"


@pytest.fixture
def tls(tmp_path):
    """`tls(name)`: a server whose certificate is the name's, and a context that trusts it. It
    answers the Host header it was sent."""
    open_servers = []

    def make(name):
        certificate, key = _certificate(name)
        file = tmp_path / f"{name}.pem"
        file.write_bytes(key + certificate)
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(file)
        client = ssl.create_default_context(cadata=certificate.decode())
        holder = _serve(server)
        open_servers.append(holder)
        return client, holder.__enter__()

    yield make
    for holder in open_servers:
        holder.__exit__(None, None, None)


@contextmanager
def _serve(context):
    listener = socket.create_server(("127.0.0.1", 0))

    def run():
        while True:
            try:
                raw, _ = listener.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(raw, server_side=True) as line:
                    sent = line.recv(4096).decode()
                    host = sent.split("Host: ")[1].split("\r\n")[0].encode()
                    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(host)
                    line.sendall(head + host)
            except (OSError, IndexError):
                raw.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    listener.shutdown(2)
    listener.close()
    thread.join(5)


def _certificate(name):
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject)
        .public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )  # fmt: skip
    return made.public_bytes(serialization.Encoding.PEM), private
