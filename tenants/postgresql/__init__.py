"""Database backend: django-tenants', with a search path that is checked and not trusted."""
