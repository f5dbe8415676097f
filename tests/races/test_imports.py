"""An import is written once, whoever presses at the same moment, whatever else moves, and however
often its worker is killed."""

import os
import signal
import subprocess
import sys
import time
import uuid
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from django.db.models import Count, Sum

from points.flows import import_written
from points.flows.jobs import run_job
from points.imports import actions, queries
from points.imports.models import ImportRow, MemberImport
from points.imports.totals import Totals, signable
from points.jobs.actions import Asker, ask_for_job
from points.jobs.models import Job
from points.ledger import actions as ledger
from points.ledger.models import Lot, Transaction, Wallet
from points.members.models import Member
from tests.races.conftest import AT, balance, kinds

BY = Asker("staff:1", "Owner")
WORKER = """
import sys, uuid
sys.path.append("platform")
import django
django.setup()
from datetime import UTC, datetime
from points.flows import import_written, jobs
from tenants.context import tenant_context
from tenants.models import Merchant
import_written.BATCH = 20
with tenant_context(Merchant.objects.get(slug=sys.argv[1])):
    jobs.run_job(job_id=uuid.UUID(sys.argv[2]), tell_time=lambda: datetime.now(UTC))
"""


def job(kind, import_id):
    given = {"import_id": str(import_id), "at": AT.isoformat()}
    return ask_for_job(kind=kind, input=given, by=BY, at=datetime.now(UTC), subject=str(import_id))


def run(asked):
    return run_job(job_id=asked.pk, tell_time=lambda: datetime.now(UTC))


def checked(rows, name="old"):
    """An import that waits to be signed off; its id."""
    made = actions.begin_import(name=name, file_name="", by_name="", at=AT)
    actions.add_rows(import_id=made.pk, rows=rows, is_checking=False, at=AT)
    actions.begin_check(import_id=made.pk, at=AT)
    run(job("import.check", made.pk))
    return made.pk


def sign(import_id):
    found = MemberImport.objects.get(pk=import_id)
    actions.sign_off(
        import_id=import_id, totals=signable(msgspec.convert(found.totals, Totals)),
        skip_refused=True, by=BY, at=AT,
    )  # fmt: skip
    return job("import.write", import_id)


def rows_of(count, points=10):
    return [{"external_id": f"m{i}", "points": points} for i in range(count)]


def test_of_64_who_sign_off_one_import_is_written_once(race):
    import_id = checked(rows_of(50))
    results = race(lambda i: run(sign(import_id)), 64)
    # Who asks when the first job is over already gets one that finds nothing left to do.
    assert kinds(results).pop("bool") >= 1, kinds(results)
    assert set(kinds(results)) <= {"bool", "AlreadyRunning", "AlreadyWritten"}
    assert Transaction.objects.filter(kind="opening").count() == 50
    assert MemberImport.objects.get().written["matches"]


def test_two_imports_of_one_name_do_not_both_give(race):
    """32 imports hold the same rows: one is written, the others were checked too early."""
    ids = [checked(rows_of(5)) for _ in range(8)]
    results = race(lambda i: run(sign(ids[i % 8])), 64)
    assert "bool" in kinds(results)
    assert set(kinds(results)) <= {
        "bool", "AlreadyRunning", "AlreadyWritten", "NameBusy", "CheckOutdated",
    }  # fmt: skip
    assert Transaction.objects.filter(kind="opening").count() == 5
    assert Wallet.objects.aggregate(all=Sum("available"))["all"] == 50


def test_two_workers_on_one_import_share_the_rows(shop, race, monkeypatch):
    """Even if a fence failed, a row is taken by whoever writes it."""
    monkeypatch.setattr(import_written, "BATCH", 7)
    import_id = checked(rows_of(100))
    asked = sign(import_id)
    assert run(asked)
    Job.objects.filter(pk=asked.pk).update(status="queued", finished_at=None, attempts=1)
    race(lambda i: run(asked), 8)
    assert Transaction.objects.filter(kind="opening").count() == 100


@pytest.mark.parametrize("round_", range(3))
def test_while_it_is_written_its_members_earn_and_spend(race, members, round_, monkeypatch):
    monkeypatch.setattr(import_written, "BATCH", 10)
    crowd = members(40, points=100)
    asked = sign(checked(rows_of(40, points=50)))

    def work(i):
        if i == 0:
            return run(asked)
        member = crowd[i % 40]
        if i % 2:
            return ledger.spend(member=member.pk, points=30, key=f"s{i}", at=AT, actor="t")
        return ledger.spend(member=member.pk, points=120, key=f"l{i}", at=AT, actor="t")

    results = race(work, 64)
    spent = {}
    for i, one in enumerate(results[1:], 1):
        if not isinstance(one, Exception):
            spent[i % 40] = spent.get(i % 40, 0) + one.points
    assert set(kinds(results)) <= {"bool", "Posted", "InsufficientPoints"}
    assert [balance(one)[0] for one in crowd] == [150 - spent.get(i, 0) for i in range(40)]


def test_an_address_taken_since_the_check_stays_with_who_has_it(race, shop):
    from points.flows.member_joined import join_member

    import_id = checked([{"external_id": f"m{i}", "phone": f"138000000{i:02}"} for i in range(32)])
    asked = sign(import_id)

    def work(i):
        if i == 0:
            return run(asked)
        return join_member(external_id=f"j{i}", phone=f"138000000{i:02}", at=AT)

    results = race(work, 32)
    assert set(kinds(results)) <= {"bool", "Member", "PhoneTaken"}
    assert Job.objects.get(pk=asked.pk).status == "done"
    assert Member.objects.filter(external_id__startswith="m").count() == 32
    for i in range(32):
        assert Member.objects.filter(phone=f"138000000{i:02}").count() == 1


def test_killed_again_and_again_every_row_is_written_once(shop):
    count = 1_200
    import_id = checked(rows_of(count))
    asked = sign(import_id)
    reached = []
    for _ in range(3):
        child = subprocess.Popen([sys.executable, "-c", WORKER, shop.slug, str(asked.pk)])
        before, give_up = Job.objects.get(pk=asked.pk).done, time.monotonic() + 60
        while Job.objects.get(pk=asked.pk).done < before + 60 and time.monotonic() < give_up:
            time.sleep(0.005)
        os.kill(child.pid, signal.SIGKILL)
        assert child.wait() == -signal.SIGKILL
        now = Job.objects.get(pk=asked.pk)
        posted = Transaction.objects.filter(kind="opening").count()
        left = ImportRow.objects.count()
        assert now.done == posted == count - left
        reached.append(posted)
        Job.objects.filter(pk=asked.pk).update(beat_at=now.beat_at - timedelta(minutes=3))
    assert 60 <= reached[0] < reached[1] < reached[2] < count

    assert run(asked)
    each = Transaction.objects.values("source_key").annotate(n=Count("id"))
    assert (len(each), {one["n"] for one in each}) == (count, {1})
    assert Lot.objects.aggregate(all=Sum("remaining"))["all"] == 10 * count
    written = MemberImport.objects.get().written
    assert (written["matches"], written["members_new"], written["rows"]) == (True, count, count)
    assert queries.sums_in_ledger(import_id=uuid.UUID(str(import_id))) == {
        "points": (count, 10 * count)
    }
