import django.db.models.deletion
import playlists.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("playlists", "0007_words_and_counts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="playlistrun",
            options={"verbose_name": "run", "verbose_name_plural": "playlist runs"},
        ),
        migrations.AlterField(
            model_name="playlistrun",
            name="asked",
            field=models.PositiveSmallIntegerField(
                default=0, help_text="How often a person asked for it.", verbose_name="times asked for"
            ),
        ),
        migrations.AlterField(
            model_name="playlistrun",
            name="attempts",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="attempts"),
        ),
        migrations.AlterField(
            model_name="playlistrun",
            name="created_at",
            field=models.DateTimeField(verbose_name="asked for at"),
        ),
        migrations.AlterField(
            model_name="playlistrun",
            name="day",
            field=models.DateField(
                help_text="The user's local date, which the playlist's name carries.", verbose_name="day"
            ),
        ),
        migrations.AlterField(
            model_name="playlistrun",
            name="dry_run",
            field=models.BooleanField(default=False, verbose_name="dry run"),
        ),
        migrations.AlterField(
            model_name="playlistrun",
            name="enqueued_at",
            field=models.DateTimeField(
                blank=True, help_text="When the queue was last rung for it.", null=True, verbose_name="queue rung"
            ),
        ),
        migrations.AlterField(
            model_name="playlistrun",
            name="error_code",
            field=models.CharField(blank=True, default="", max_length=64, verbose_name="error"),
        ),
        migrations.AlterField(
            model_name="playlistrun",
            name="error_params",
            field=models.JSONField(blank=True, default=dict, verbose_name="details of the error"),
        ),
        migrations.AlterField(
            model_name="playlistrun",
            name="finished_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="ended"),
        ),
        migrations.AlterField(
            model_name="playlistrun",
            name="intent_at",
            field=models.DateTimeField(
                blank=True, help_text="A playlist may exist from here on.", null=True, verbose_name="writing began"
            ),
        ),
        migrations.AlterField(
            model_name="playlistrun",
            name="kept",
            field=models.BooleanField(default=False, help_text="Never tidied away.", verbose_name="kept"),
        ),
        migrations.AlterField(
            model_name="playlistrun",
            name="lease_token",
            field=models.CharField(blank=True, default="", max_length=32, verbose_name="lease"),
        ),
        migrations.AlterField(
            model_name="playlistrun",
            name="lease_until",
            field=models.DateTimeField(blank=True, null=True, verbose_name="held until"),
        ),
        migrations.AlterField(
            model_name="playlistrun",
            name="marker",
            field=models.CharField(
                default=playlists.models.new_marker,
                help_text="In the playlist's description.",
                max_length=16,
                verbose_name="marker",
            ),
        ),
        migrations.AlterField(
            model_name="playlistrun",
            name="min_new_ratio",
            field=models.FloatField(help_text="The share of new tracks asked for.", verbose_name="novelty asked for"),
        ),
        migrations.AlterField(
            model_name="playlistrun",
            name="mode",
            field=models.CharField(
                choices=[("fresh", "a new playlist each day"), ("standing", "one playlist, refreshed")],
                default="fresh",
                max_length=16,
                verbose_name="kind of playlist",
            ),
        ),
        migrations.AlterField(
            model_name="playlistrun",
            name="new",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="new tracks"),
        ),
        migrations.AlterField(
            model_name="playlistrun",
            name="night",
            field=models.DateField(
                blank=True, help_text="The user's local date; empty: forced or dry.", null=True, verbose_name="night"
            ),
        ),
        migrations.AlterField(
            model_name="playlistrun",
            name="not_before",
            field=models.DateTimeField(
                blank=True, help_text="Parked until then.", null=True, verbose_name="not before"
            ),
        ),
        migrations.AlterField(
            model_name="playlistrun",
            name="novelty",
            field=models.FloatField(
                blank=True, help_text="The share of new tracks achieved.", null=True, verbose_name="novelty"
            ),
        ),
        migrations.AlterField(
            model_name="playlistrun",
            name="plan",
            field=models.JSONField(
                blank=True, help_text="The tracks, frozen before anything is written.", null=True, verbose_name="plan"
            ),
        ),
        migrations.AlterField(
            model_name="playlistrun",
            name="playlist_id",
            field=models.CharField(blank=True, default="", max_length=64, verbose_name="playlist id"),
        ),
        migrations.AlterField(
            model_name="playlistrun",
            name="playlist_name",
            field=models.CharField(blank=True, default="", max_length=200, verbose_name="playlist name"),
        ),
        migrations.AlterField(
            model_name="playlistrun",
            name="playlist_url",
            field=models.URLField(blank=True, default="", verbose_name="playlist address"),
        ),
        migrations.AlterField(
            model_name="playlistrun",
            name="public_id",
            field=models.CharField(
                default=playlists.models.new_public_id,
                editable=False,
                help_text="In its page's address.",
                max_length=32,
                unique=True,
                verbose_name="page id",
            ),
        ),
        migrations.AlterField(
            model_name="playlistrun",
            name="relaxations",
            field=models.JSONField(blank=True, default=list, verbose_name="rules that gave way"),
        ),
        migrations.AlterField(
            model_name="playlistrun",
            name="report",
            field=models.JSONField(blank=True, default=dict, verbose_name="report"),
        ),
        migrations.AlterField(
            model_name="playlistrun",
            name="reused",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="repeated tracks"),
        ),
        migrations.AlterField(
            model_name="playlistrun",
            name="size_asked",
            field=models.PositiveSmallIntegerField(verbose_name="tracks asked for"),
        ),
        migrations.AlterField(
            model_name="playlistrun",
            name="stage",
            field=models.CharField(blank=True, default="", max_length=32, verbose_name="step"),
        ),
        migrations.AlterField(
            model_name="playlistrun",
            name="started_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="began"),
        ),
        migrations.AlterField(
            model_name="playlistrun",
            name="status",
            field=models.CharField(
                choices=[
                    ("queued", "queued"),
                    ("running", "running"),
                    ("success", "done"),
                    ("failed", "failed"),
                    ("needs_link", "Spotify must be connected again"),
                ],
                default="queued",
                max_length=16,
                verbose_name="status",
            ),
        ),
        migrations.AlterField(
            model_name="playlistrun",
            name="tidied_at",
            field=models.DateTimeField(
                blank=True, help_text="When the playlist left the library.", null=True, verbose_name="tidied away"
            ),
        ),
        migrations.AlterField(
            model_name="playlistrun",
            name="total",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="tracks"),
        ),
        migrations.AlterField(
            model_name="playlistrun",
            name="trigger",
            field=models.CharField(
                choices=[
                    ("bot", "bot"),
                    ("admin", "admin"),
                    ("shell", "shell"),
                    ("nightly", "nightly"),
                    ("endpoint", "endpoint"),
                ],
                max_length=16,
                verbose_name="origin",
            ),
        ),
        migrations.AlterField(
            model_name="playlistrun",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="runs",
                to=settings.AUTH_USER_MODEL,
                verbose_name="listener",
            ),
        ),
        migrations.AlterField(
            model_name="playlistruntrack",
            name="artists",
            field=models.CharField(max_length=400, verbose_name="artists"),
        ),
        migrations.AlterField(
            model_name="playlistruntrack",
            name="cover_url",
            field=models.CharField(
                blank=True, default="", help_text="At Spotify's image host.", max_length=200, verbose_name="cover"
            ),
        ),
        migrations.AlterField(
            model_name="playlistruntrack",
            name="is_new_to_bot",
            field=models.BooleanField(default=True, verbose_name="new"),
        ),
        migrations.AlterField(
            model_name="playlistruntrack",
            name="name",
            field=models.CharField(max_length=400, verbose_name="name"),
        ),
        migrations.AlterField(
            model_name="playlistruntrack",
            name="outcome",
            field=models.CharField(blank=True, default="", max_length=16, verbose_name="outcome"),
        ),
        migrations.AlterField(
            model_name="playlistruntrack",
            name="position",
            field=models.PositiveSmallIntegerField(help_text="From 1.", verbose_name="position"),
        ),
        migrations.AlterField(
            model_name="playlistruntrack",
            name="reason",
            field=models.JSONField(default=dict, verbose_name="reason"),
        ),
        migrations.AlterField(
            model_name="playlistruntrack",
            name="run",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="tracks",
                to="playlists.playlistrun",
                verbose_name="run",
            ),
        ),
        migrations.AlterField(
            model_name="playlistruntrack",
            name="score",
            field=models.FloatField(default=0.0, verbose_name="score"),
        ),
        migrations.AlterField(
            model_name="playlistruntrack",
            name="source",
            field=models.CharField(max_length=32, verbose_name="source"),
        ),
        migrations.AlterField(
            model_name="playlistruntrack",
            name="spotify_track_id",
            field=models.CharField(max_length=64, verbose_name="Spotify track id"),
        ),
        migrations.AlterField(
            model_name="runledger",
            name="body",
            field=models.BinaryField(help_text="JSON, compressed with zlib.", verbose_name="content"),
        ),
        migrations.AlterField(
            model_name="runledger",
            name="run",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="ledger",
                to="playlists.playlistrun",
                verbose_name="run",
            ),
        ),
    ]
