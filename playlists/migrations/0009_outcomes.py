from __future__ import annotations

from typing import Any

from django.db import migrations, models


def not_known(apps: Any, _schema: Any) -> None:
    """Nobody had looked until now."""
    apps.get_model("playlists", "PlaylistRunTrack").objects.filter(outcome="").update(outcome="unknown")


class Migration(migrations.Migration):
    dependencies = [("playlists", "0008_words")]

    operations = [
        migrations.AddField(
            model_name="playlistrun",
            name="looked_at",
            field=models.DateTimeField(
                blank=True,
                help_text="When we last read what its playlist still holds.",
                null=True,
                verbose_name="looked at",
            ),
        ),
        migrations.AddField(
            model_name="playlistruntrack",
            name="held",
            field=models.BooleanField(
                blank=True,
                help_text="Whether the playlist held it when we last looked.",
                null=True,
                verbose_name="still held",
            ),
        ),
        migrations.RunPython(not_known, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="playlistruntrack",
            name="outcome",
            field=models.CharField(
                choices=[
                    ("disliked", "disliked"),
                    ("liked", "liked"),
                    ("removed", "taken out"),
                    ("heard", "played"),
                    ("kept", "left on the list"),
                    ("unknown", "not known"),
                ],
                default="unknown",
                help_text="What became of it.",
                max_length=16,
                verbose_name="outcome",
            ),
        ),
    ]
