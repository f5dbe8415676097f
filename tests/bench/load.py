"""The load generator: one thread, plain sockets over keep-alive connections, little CPU of its own."""

import json
import random
import select
import socket
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.bench.stack import Shop

END_OF_HEAD = b"\r\n\r\n"
LAST_CHUNK = b"\r\n0\r\n\r\n"
PATIENCE = 60.0
# Makes the request with that number; called right before it is sent.
Maker = Callable[[int], bytes]


def post(shop: Shop, path: str, body: object, idempotency_key: str = "") -> bytes:
    """The bytes of a POST with the shop's key."""
    text = body if isinstance(body, bytes) else json.dumps(body, separators=(",", ":")).encode()
    extra = f"Idempotency-Key: {idempotency_key}\r\n" if idempotency_key else ""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {shop.host}\r\nAuthorization: Bearer {shop.key}\r\n{extra}"
        f"Content-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n"
    )
    return head.encode() + text


def get(shop: Shop, path: str) -> bytes:
    """The bytes of a GET with the shop's key."""
    head = f"GET {path} HTTP/1.1\r\nHost: {shop.host}\r\nAuthorization: Bearer {shop.key}\r\n\r\n"
    return head.encode()


@dataclass
class Load:
    """What came back: statuses, seconds from (intended) start to answer, seconds in all."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    first_refusal: str = ""

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """Seconds within which that share of the answers came."""
        return percentile(self.latencies, share)

    def note(self, status: int, body: bytes, seconds: float) -> None:
        """Count one answer."""
        self.statuses[status] += 1
        self.latencies.append(seconds)
        if status >= 400 and not self.first_refusal:
            self.first_refusal = f"{status} {body[:400]!r}"

    def expect(self, *allowed: int) -> "Load":
        """The same, if nothing but these statuses came: a fast refusal is no result."""
        if set(self.statuses) - set(allowed):
            raise RuntimeError(f"answers {dict(self.statuses)}; the first: {self.first_refusal}")
        return self


def percentile(values: list[float], share: float) -> float:
    """The value below which that share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


class Line:
    """One keep-alive connection with at most one request under way."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.started = 0.0
        self._buffer = b""

    def fileno(self) -> int:
        return self.socket.fileno()

    def send(self, request: bytes, started: float) -> None:
        """Ask; the answer's time counts from `started`."""
        self._buffer, self.started = b"", started
        self.socket.sendall(request)

    def receive(self) -> tuple[int, bytes] | None:
        """Status and body once the answer is complete."""
        piece = self.socket.recv(262_144)
        if not piece:
            raise ConnectionError(f"the server hung up after {self._buffer[:200]!r}")
        self._buffer += piece
        head, found, body = self._buffer.partition(END_OF_HEAD)
        if not found or not _is_complete(head.lower(), body):
            return None
        return int(head[9:12]), body if _length(head.lower()) is not None else unchunk(body)


def unchunk(body: bytes) -> bytes:
    """The content of a body that came in chunks."""
    pieces = []
    while body and (length := int(body.partition(b"\r\n")[0], 16)):
        start = body.index(b"\r\n") + 2
        pieces.append(body[start : start + length])
        body = body[start + length + 2 :]
    return b"".join(pieces)


def _is_complete(head: bytes, body: bytes) -> bool:
    length = _length(head)
    if length is not None:
        return len(body) >= length
    return body.endswith(LAST_CHUNK) or body == LAST_CHUNK[2:]


def _length(head: bytes) -> int | None:
    _, found, after = head.partition(b"\r\ncontent-length:")
    return int(after.partition(b"\r\n")[0]) if found else None


def closed_loop(
    port: int, make: Maker, *, connections: int, seconds: float, first: int = 0
) -> Load:
    """Each connection asks again as soon as it has its answer, for so many seconds."""
    load, lines = Load(), [Line(port) for _ in range(connections)]
    started = time.perf_counter()
    number = first
    for line in lines:
        line.send(make(number), time.perf_counter())
        number += 1
    busy = set(lines)
    while busy:
        for line in _wait_for_any(busy):
            if (answer := line.receive()) is None:
                continue
            now = time.perf_counter()
            load.note(*answer, now - line.started)
            if now - started < seconds:
                line.send(make(number), time.perf_counter())
                number += 1
            else:
                busy.discard(line)
    load.seconds = time.perf_counter() - started
    _hang_up(lines)
    return load


def open_loop(port: int, make: Maker, *, rate: float, seconds: float, connections: int) -> Load:
    """Requests fall due at random moments, `rate` a second on average, whatever the server does.

    A request's time counts from the moment it fell due, also while it waits for a connection.
    """
    load, lines = Load(), [Line(port) for _ in range(connections)]
    idle, busy, waiting = deque(lines), set[Line](), deque[float]()
    started = time.perf_counter()
    schedule = _fall_due(started, rate, seconds)
    due, number = next(schedule, None), 0
    while due is not None or waiting or busy:
        now = time.perf_counter()
        while due is not None and due <= now:
            waiting.append(due)
            due = next(schedule, None)
        while waiting and idle:
            line = idle.popleft()
            line.send(make(number), waiting.popleft())
            busy.add(line)
            number += 1
        for line in _wait_for_any(busy, until=due):
            if (answer := line.receive()) is not None:
                load.note(*answer, time.perf_counter() - line.started)
                busy.discard(line)
                idle.append(line)
    load.seconds = time.perf_counter() - started
    _hang_up(lines)
    return load


def burst(port: int, requests: list[bytes]) -> Load:
    """All at once, each on a connection of its own."""
    return deliver(port, requests, connections=len(requests))


def deliver(port: int, requests: list[bytes], *, connections: int) -> Load:
    """Each connection takes the next request as soon as it has its answer, until all are told."""
    load, lines = Load(), [Line(port) for _ in range(connections)]
    left = iter(requests)
    started = time.perf_counter()
    for line, request in zip(lines, left, strict=False):
        line.send(request, time.perf_counter())
    busy = set(lines)
    while busy:
        for line in _wait_for_any(busy):
            if (answer := line.receive()) is None:
                continue
            load.note(*answer, time.perf_counter() - line.started)
            if (request := next(left, None)) is None:
                busy.discard(line)
            else:
                line.send(request, time.perf_counter())
    load.seconds = time.perf_counter() - started
    _hang_up(lines)
    return load


def _wait_for_any(busy: set[Line], until: float | None = None) -> list[Line]:
    """Lines with something to read; none when `until` comes first."""
    patience = PATIENCE if until is None else max(0.0, until - time.perf_counter())
    # Not epoll: its timeouts are whole milliseconds, too coarse for a schedule.
    ready = select.select(busy, (), (), patience)[0]
    if not ready and until is None:
        raise TimeoutError(f"no answer within {PATIENCE:.0f} seconds")
    return list(ready)


def _fall_due(started: float, rate: float, seconds: float) -> Iterator[float]:
    """Moments of a Poisson process, as pgbench draws them; the same each time."""
    draw = random.Random(200)
    due = started + draw.expovariate(rate)
    while due < started + seconds:
        yield due
        due += draw.expovariate(rate)


def _hang_up(lines: list[Line]) -> None:
    for line in lines:
        line.socket.close()
