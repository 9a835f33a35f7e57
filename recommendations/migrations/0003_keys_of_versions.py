from django.db import migrations

from recommendations.rekey import rekey


def renew(apps, editor):
    rekey(apps)


class Migration(migrations.Migration):
    """Keys changed for titles with a dated concert, parts in a range, sessions, takes and reprises, and for aliases."""

    dependencies = [("recommendations", "0002_plays_at")]

    operations = [migrations.RunPython(renew, migrations.RunPython.noop)]
