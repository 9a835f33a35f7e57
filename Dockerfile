# One image for web, bot and worker; compose.yaml starts them. What may be written is /data (secrets, a SQLite file) and /tmp.
FROM python:3.11-slim AS builder
WORKDIR /app
COPY requirements.txt ./
RUN python -m venv --without-pip /venv && python -m pip --python /venv install --no-cache-dir --disable-pip-version-check -r requirements.txt
COPY . .
# The default place of the SQLite file is in the volume, without a DB_PATH that would speak against a DATABASE_URL.
RUN ln -s /data /app/var && /venv/bin/python -m compileall -q /app

FROM python:3.11-slim
LABEL org.opencontainers.image.title="Daily Vibe" \
      org.opencontainers.image.description="A fresh Spotify playlist a day, self-hosted"
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin vibe && install -d -m 0700 -o vibe -g vibe /data
COPY --from=builder /venv /venv
COPY --from=builder /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp ENV_FILE=/data/.env
USER 10001:10001
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
# Behind https the application sends everybody else there. The bot and the worker have checks of their own.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["python", "-c", "import urllib.request as r; r.urlopen(r.Request('http://127.0.0.1:8000/health', headers={'X-Forwarded-Proto': 'https'}), timeout=4)"]
ENTRYPOINT ["/app/entrypoint.sh"]
CMD ["python", "-m", "gunicorn", "vibe.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2"]
