"""Staff users of the platform and of merchants: who they are and how they sign in.

Which merchant a user works for is `tenants.Membership`. Members (a merchant's customers) are not
users; they live in `points.members`.
"""
