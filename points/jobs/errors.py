"""What jobs refuse, and how a runner learns that its job is not its own any more."""

from django.utils.translation import gettext_lazy

from kernel.errors import DomainError


class JobNotFound(DomainError):
    code, status = "jobs.not_found", 404
    message = gettext_lazy("There is no such job.")


class AlreadyRunning(DomainError):
    """`facts.job_id` is the job that is not finished yet."""

    code = "jobs.already_running"
    message = gettext_lazy("This is being done already. Wait for it, or cancel it.")


class AlreadyFinished(DomainError):
    code = "jobs.already_finished"
    message = gettext_lazy("This job is over; there is nothing to cancel any more.")


class GaveUp(DomainError):
    code = "jobs.gave_up"
    message = gettext_lazy("It broke off %(attempts)s times and was given up. Please tell support.")


class JobCancelled(Exception):
    """Somebody cancelled the job under its runner's hands: stop, and leave what is committed."""


class JobLost(Exception):
    """Another worker has taken the job over, or it is finished: this runner may write no more."""
