"""What goes wrong is told in one shape, in the caller's language, with nothing of our insides."""

import json

import msgspec
import pytest
from django.db import OperationalError
from django.http import Http404
from django.utils import translation
from rest_framework.exceptions import MethodNotAllowed

from kernel import context
from kernel.api import problems
from kernel.api.pages import cut, decode_cursor, encode_cursor
from points.ledger.errors import InsufficientPoints


def told(response):
    assert response["Content-Type"] == "application/problem+json"
    return json.loads(response.content)


def test_a_refusal_has_the_shape_of_rfc_9457():
    context.begin("caller-given-id-1")
    body = told(problems.from_domain(InsufficientPoints(needed=50, available=20)))
    assert body == {
        "type": "https://jifen.dev/problems/ledger.insufficient_points",
        "title": "Conflict",
        "status": 409,
        "code": "ledger.insufficient_points",
        "detail": "Points needed: 50; available: 20.",
        "facts": {"needed": 50, "available": 20},
        "request_id": "caller-given-id-1",
    }


def test_the_detail_is_in_the_language_of_the_caller_and_the_code_is_not():
    with translation.override("zh-hans"):
        body = told(problems.from_domain(InsufficientPoints(needed=50, available=20)))
    assert body["code"] == "ledger.insufficient_points"
    assert "50" in body["detail"] and "needed" not in body["detail"]


def test_a_wrong_field_is_named_with_its_path():
    class Line(msgspec.Struct):
        cents: int

    class Order(msgspec.Struct, forbid_unknown_fields=True):
        lines: list[Line]

    def field_of(raw):
        with pytest.raises(msgspec.ValidationError) as error:
            msgspec.json.decode(raw, type=Order)
        (wrong,) = told(problems.from_domain(problems.invalid_body(error.value)))["errors"]
        return wrong["field"]

    assert field_of(b'{"lines": [{"cents": 1.5}]}') == "lines[0].cents"
    assert field_of(b'{"lines": [{}]}') == "lines[0].cents"
    assert field_of(b'{"lines": [], "x": 1}') == "x"
    assert field_of(b"{}") == "lines"
    assert field_of(b"[]") == "body"


def test_waiting_is_told_in_a_header_too():
    answer = problems.from_domain(problems.RateLimited(retry_after_seconds=30))
    assert (answer.status_code, answer["Retry-After"]) == (429, "30")


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Http404(), 404, "api.not_found"),
        (OperationalError("deadlock detected"), 503, "api.busy"),
        (MethodNotAllowed("PUT"), 405, "api.method_not_allowed"),
        (InsufficientPoints(needed=1, available=0), 409, "ledger.insufficient_points"),
    ],
)
def test_expected_failures_become_problems(error, status, code):
    answer = problems.exception_handler(error, {})
    assert (answer.status_code, told(answer)["code"]) == (status, code)
    assert "deadlock" not in answer.content.decode()


def test_a_bug_is_left_to_the_500_that_tells_nothing():
    assert problems.exception_handler(ZeroDivisionError("secret"), {}) is None
    body = told(problems.server_error(None))
    assert (body["status"], body["code"], "secret" in str(body)) == (
        500,
        "api.internal_error",
        False,
    )


@pytest.mark.parametrize("given", ["", "short", "x" * 65, "with space", "<script>", "a\nb-c-d-e-f"])
def test_an_odd_request_id_is_replaced(given):
    context.begin(given)
    assert len(context.request_id()) == 32 and context.request_id() != given


def test_a_page_ends_where_the_next_begins():
    rows = list(range(5))
    page, following = cut(rows[:3], 2, lambda row: row)
    assert list(page) == [0, 1] and decode_cursor(following, int) == 1
    assert cut(rows[:2], 2, lambda row: row) == ([0, 1], None)
    assert decode_cursor(None, int) is None


@pytest.mark.parametrize(
    "cursor", ["", "!", "é", "AAAA", "bnVsbA", encode_cursor("x"), "\x00", "=" * 9]
)
def test_a_cursor_that_was_never_given_out_is_refused(cursor):
    with pytest.raises(problems.InvalidCursor):
        decode_cursor(cursor, int)
