"""What runs of the stack, as rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from devstack.environment import EMBEDDED, find_endpoint
from devstack.pidfile import PidFile
from devstack.postgres import PostgresServer
from devstack.runfolder import RunFolder, is_listening
from devstack.services import list_services
from devstack.valkey import ValkeyServer


@dataclass(frozen=True)
class Row:
    """One service; an external one has no pid of ours."""

    service: str
    pid: int | None
    port: int | None
    state: str
    version: str


def list_rows(run: RunFolder) -> list[Row]:
    """State of the two servers, the stand-in for Stripe and the processes of the product."""
    values = run.read_env()
    embedded = values.get(EMBEDDED, "postgres,redis").split(",")
    return [
        _postgres_row(run)
        if "postgres" in embedded
        else _external_row("postgres", values["DATABASE_URL"]),
        _valkey_row(run)
        if "redis" in embedded
        else _external_row("redis", values["CELERY_BROKER_URL"]),
        *_stripe_rows(values, embedded),
        *_product_rows(run),
    ]


def format_table(rows: list[Row]) -> str:
    """The rows as text in columns."""
    cells = [("service", "pid", "port", "state", "version")]
    cells += [
        (row.service, str(row.pid or "-"), str(row.port or "-"), row.state, row.version)
        for row in rows
    ]
    widths = [max(len(line[column]) for line in cells) for column in range(5)]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        for line in cells
    )
    return "\n".join(line.rstrip() for line in lines)


def _postgres_row(run: RunFolder) -> Row:
    server = PostgresServer(run.path)
    return _server_row("postgres", server.pid, run.read_ports(), server.programs.version)


def _valkey_row(run: RunFolder) -> Row:
    server = ValkeyServer(run.path)
    return _server_row("redis", server.pid, run.read_ports(), server.version)


def _stripe_rows(values: Mapping[str, str], embedded: list[str]) -> list[Row]:
    """A Stripe of the environment; our own is one of the product's processes."""
    if not values or "stripe" in embedded or "STRIPE_API_KEY" not in values:
        return []
    return [_external_row("stripe", values.get("STRIPE_API_BASE", "https://api.stripe.com"))]


def _server_row(name: str, pid: int | None, ports: Mapping[str, int], version_text: str) -> Row:
    port = ports.get(name)
    is_up = pid is not None and port is not None and is_listening("127.0.0.1", port)
    return Row(name, pid, port, "up" if is_up else "down", version_text)


def _external_row(name: str, url: str) -> Row:
    host, port = find_endpoint(url)
    state = "external, up" if is_listening(host, port) else "external, down"
    return Row(name, None, port, state, "")


def _product_rows(run: RunFolder) -> list[Row]:
    ports = run.read_ports()
    rows = []
    for service in list_services(run, 0):
        alive = PidFile(run.path, service.name).find_alive()
        port = ports.get(service.name)
        is_up = alive is not None and (port is None or is_listening("127.0.0.1", port))
        rows.append(
            Row(
                service.name,
                alive.pid if alive else None,
                port,
                "up" if is_up else "down",
                f"{service.package} {_find_version(service.package)}",
            )
        )
    return rows


def _find_version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
