"""Tasks of a member, and claiming what they give."""

from rest_framework.request import Request

from kernel import clock
from kernel.api import operation
from kernel.api.idempotency import KeyReused
from points.earning.actions import claim_award
from points.earning.errors import TaskNotClaimable, TaskOver, TaskUsedUp
from points.earning.task_centre import list_tasks
from points.interfaces import task_shapes as shapes
from points.interfaces.partner.base import PartnerEndpoint
from points.members.errors import MemberMerged, MemberNotFound
from points.members.queries import get_by_external_id


class Tasks(PartnerEndpoint):
    """A member's task centre."""

    @operation(
        summary="List a member's tasks",
        description="What can be claimed first, then what can be done, then what is done.",
        query=shapes.MemberTaskQuery,
        answers={200: shapes.TaskItems},
        refuses=[MemberNotFound],
        scope="points:read",
    )
    def get(self, request: Request, query: shapes.MemberTaskQuery) -> shapes.TaskItems:
        member = get_by_external_id(external_id=query.member_external_id)
        return shapes.tasks(list_tasks(member_id=member.pk, at=clock.now()))


class TaskClaims(PartnerEndpoint):
    """What a member claims."""

    @operation(
        summary="Claim what a task gives a member",
        description="`award_id` is that of a task with status `claimable`. Once: a second claim is"
        " refused; under the same Idempotency-Key it is answered as the first.",
        body=shapes.TaskClaimIn,
        answers={201: shapes.TaskClaimOut},
        refuses=[
            MemberNotFound,
            MemberMerged,
            TaskNotClaimable,
            TaskOver,
            TaskUsedUp,
            KeyReused,
        ],  # fmt: skip
        idempotency_key="optional",
        scope="points:write",
    )
    def post(self, request: Request, body: shapes.TaskClaimIn) -> shapes.TaskClaimOut:
        member = get_by_external_id(external_id=body.member_external_id)
        return shapes.claim(
            claim_award(
                award_id=body.award_id, member_id=member.pk, at=clock.now(), actor=self.actor
            )
        )
