"""The night's clockwork. Only migrations write schedules: whoever may add one may run any function."""

from django.db import migrations

EVERY = {  # name: minutes, queue
    "tick": (5, None),
    "reap": (1, None),
    "outbox": (1, None),
    # Minutes long: a person who asks must not wait behind them.
    "listen": (15, "night"),
    "prune": (24 * 60, "night"),
}


def wind_up(apps, editor):
    schedules = apps.get_model("django_q", "Schedule").objects.using(editor.connection.alias)
    for name, (minutes, queue) in EVERY.items():
        how = {"schedule_type": "I", "minutes": minutes, "repeats": -1, "cluster": queue}
        schedules.update_or_create(name=name, defaults={"func": f"playlists.tasks.{name}", **how})


def stop(apps, editor):
    apps.get_model("django_q", "Schedule").objects.using(editor.connection.alias).filter(name__in=EVERY).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("playlists", "0002_parking_and_tidying"),
        ("django_q", "0019_alter_task_options_alter_ormq_key_alter_ormq_lock_and_more"),
    ]
    operations = [migrations.RunPython(wind_up, stop)]
