"""The night's clockwork. Only migrations write schedules: whoever may add one may run any function."""

from django.db import migrations

# Minutes. In both queues, for either may be busy: the people's by day, the night's by night; twice does no harm.
BOTH = {"tick": 5, "reap": 1, "outbox": 1}
# These last for minutes: a person who asks must not wait behind them.
NIGHT = {"listen": 15, "prune": 24 * 60}
PLAN = [
    *((name, minutes, "manual") for name, minutes in BOTH.items()),
    *((name, minutes, "night") for name, minutes in {**BOTH, **NIGHT}.items()),
]


def wind_up(apps, editor):
    schedules = apps.get_model("django_q", "Schedule").objects.using(editor.connection.alias)
    for name, minutes, queue in PLAN:
        how = {"func": f"playlists.tasks.{name}", "schedule_type": "I", "minutes": minutes, "repeats": -1}
        schedules.update_or_create(name=f"{name} ({queue})", defaults={**how, "cluster": queue})


def stop(apps, editor):
    names = [f"{name} ({queue})" for name, _minutes, queue in PLAN]
    apps.get_model("django_q", "Schedule").objects.using(editor.connection.alias).filter(name__in=names).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("playlists", "0002_parking_and_tidying"),
        ("django_q", "0019_alter_task_options_alter_ormq_key_alter_ormq_lock_and_more"),
    ]
    operations = [migrations.RunPython(wind_up, stop)]
