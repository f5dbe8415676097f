# syntax=docker/dockerfile:1
FROM node:24-bookworm-slim AS frontend
WORKDIR /src
COPY frontend ./
RUN --mount=type=cache,target=/root/.npm npm ci --no-audit --no-fund && npm run build

FROM python:3.11-slim-bookworm AS python
ENV PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements/app.txt /tmp/app.txt
RUN --mount=type=cache,target=/root/.cache/pip \
    python -m venv /opt/venv && /opt/venv/bin/pip install --require-hashes --requirement /tmp/app.txt
# After the standard library and all packages, as on a laptop: platform/ must never win over them.
RUN printf '/app\n/app/platform\n' > /opt/venv/lib/python3.11/site-packages/jifen.pth

FROM python:3.11-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=config.settings.prod \
    JIFEN_RUN_DIR=/var/lib/jifen
RUN useradd --system --uid 10001 --home-dir /var/lib/jifen --create-home jifen \
    && install -d -o jifen -g jifen /var/lib/jifen/media
COPY --from=python /opt/venv /opt/venv
WORKDIR /app
COPY manage.py ./
COPY platform platform
COPY tenants tenants
COPY billing billing
COPY points points
COPY frontend/pictures frontend/pictures
COPY --from=frontend /src/apps/portal/dist frontend/apps/portal/dist
COPY --from=frontend /src/apps/console/dist frontend/apps/console/dist
COPY --from=frontend /src/apps/storefront/dist frontend/apps/storefront/dist
# Collecting files needs no server, but the settings refuse to load without these values.
RUN SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(48))')" \
    DATABASE_URL=postgresql://jifen_app@nowhere/jifen \
    DATABASE_OWNER_URL=postgresql://jifen_owner@nowhere/jifen \
    python manage.py collectstatic --noinput --verbosity 0 \
    && python -m compileall -q /app
USER jifen
EXPOSE 8000
# One thread for each worker: Django's connections and the tenant they speak for belong to a thread.
CMD ["granian", "config.wsgi:application", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", \
    "--http", "1", "--no-ws", "--workers", "3", "--blocking-threads", "1", "--backlog", "2048", \
    "--respawn-failed-workers", "--workers-kill-timeout", "10"]
