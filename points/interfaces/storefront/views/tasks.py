"""The member's own tasks."""

from rest_framework.request import Request

from kernel import clock
from kernel.api import operation
from kernel.api.idempotency import KeyReused
from kernel.api.problems import CsrfFailed, NotSignedIn
from points.earning.actions import claim_award
from points.earning.errors import TaskNotClaimable, TaskOver, TaskUsedUp
from points.earning.task_centre import list_tasks
from points.interfaces import task_shapes as shapes
from points.interfaces.finding import require_id
from points.interfaces.storefront.base import MemberEndpoint
from points.members.errors import MemberMerged


class Tasks(MemberEndpoint):
    """The task centre. Three queries with the session, and up to three more for facts."""

    @operation(
        summary="List my tasks",
        description="To claim first, then what can be done, then what is done. Tasks that are over,"
        " begin later or are for others are left out.",
        answers={200: shapes.TaskItems},
        refuses=[NotSignedIn],
    )
    def get(self, request: Request) -> shapes.TaskItems:
        return shapes.tasks(list_tasks(member_id=self.member.pk, at=clock.now()))


class TaskClaim(MemberEndpoint):
    """Taking what a task gives. Four queries with the session."""

    @operation(
        summary="Claim what a task gives",
        description="`award_id` is that of a task with status `claimable`.",
        answers={201: shapes.TaskClaimOut},
        refuses=[
            NotSignedIn,
            CsrfFailed,
            MemberMerged,
            TaskNotClaimable,
            TaskOver,
            TaskUsedUp,
            KeyReused,
        ],  # fmt: skip
        idempotency_key="optional",
    )
    def post(self, request: Request, award_id: str) -> shapes.TaskClaimOut:
        award = require_id(award_id, TaskNotClaimable)
        return shapes.claim(
            claim_award(award_id=award, member_id=self.member.pk, at=clock.now(), actor=self.actor)
        )
