# The web part in a container; its secrets and database live in the volume /data. Not yet run by any test: see README.
FROM python:3.11-slim
RUN useradd --create-home vibe && install -d -o vibe /data
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY --chown=vibe . .
USER vibe
ENV PYTHONUNBUFFERED=1 ENV_FILE=/data/.env DB_PATH=/data/db.sqlite3
VOLUME /data
EXPOSE 8000
CMD ["sh", "-c", "python -m vibe.first_run /data/.env && python manage.py migrate --verbosity 0 && exec gunicorn vibe.wsgi --bind 0.0.0.0:8000"]
