from secrets import token_urlsafe

from django.db import migrations, models

import playlists.models

STEP = 1_000


def give_ids(apps, schema_editor):
    runs = apps.get_model("playlists", "PlaylistRun").objects
    while batch := list(runs.filter(public_id=None).only("pk")[:STEP]):
        for run in batch:
            run.public_id = token_urlsafe(16)
        runs.bulk_update(batch, ["public_id"])


class Migration(migrations.Migration):
    # Not in one transaction: PostgreSQL refuses to alter a table whose rows were changed in the same one.
    atomic = False

    dependencies = [
        ("playlists", "0005_the_card_is_found_by_its_key"),
    ]

    operations = [
        migrations.AddField(
            model_name="playlistruntrack",
            name="cover_url",
            field=models.CharField(blank=True, max_length=200, default="", help_text="At Spotify's image host."),
        ),
        migrations.AddIndex(
            model_name="playlistrun",
            index=models.Index(fields=["-created_at"], name="runs_by_age"),
        ),
        migrations.AddField(
            model_name="playlistrun",
            name="public_id",
            field=models.CharField(max_length=32, null=True, editable=False),
        ),
        migrations.RunPython(give_ids, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="playlistrun",
            name="public_id",
            field=models.CharField(
                default=playlists.models.new_public_id,
                editable=False,
                help_text="In its page's address.",
                max_length=32,
                unique=True,
            ),
        ),
    ]
