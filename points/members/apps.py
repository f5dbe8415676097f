from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "points.members"
    label = "members"
    verbose_name = "Members"
