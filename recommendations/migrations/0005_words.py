import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0009_words"),
        ("recommendations", "0004_words_and_counts"),
    ]

    operations = [
        migrations.AlterField(
            model_name="feedback",
            name="account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="feedback",
                to="accounts.spotifyaccount",
                verbose_name="Spotify account",
            ),
        ),
        migrations.AlterField(
            model_name="feedback",
            name="artist_key",
            field=models.CharField(max_length=200, verbose_name="artist key"),
        ),
        migrations.AlterField(
            model_name="feedback",
            name="created_at",
            field=models.DateTimeField(verbose_name="said"),
        ),
        migrations.AlterField(
            model_name="feedback",
            name="kind",
            field=models.CharField(
                choices=[
                    ("like", "liked"),
                    ("dislike", "disliked"),
                    ("more", "more like it"),
                    ("block_artist", "artist blocked"),
                ],
                max_length=16,
                verbose_name="kind",
            ),
        ),
        migrations.AlterField(
            model_name="feedback",
            name="match_key",
            field=models.CharField(
                blank=True, default="", help_text="Empty for an artist.", max_length=400, verbose_name="match key"
            ),
        ),
        migrations.AlterField(
            model_name="feedback",
            name="name",
            field=models.CharField(help_text="As shown to the listener.", max_length=400, verbose_name="name"),
        ),
        migrations.AlterField(
            model_name="feedback",
            name="spotify_track_id",
            field=models.CharField(blank=True, default="", max_length=64, verbose_name="Spotify track id"),
        ),
        migrations.AlterField(
            model_name="librarystate",
            name="account",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="library",
                to="accounts.spotifyaccount",
                verbose_name="Spotify account",
            ),
        ),
        migrations.AlterField(
            model_name="librarystate",
            name="completed_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="read to the end"),
        ),
        migrations.AlterField(
            model_name="librarystate",
            name="next_offset",
            field=models.PositiveIntegerField(
                blank=True, default=0, help_text="Null: read to the end.", null=True, verbose_name="next to read"
            ),
        ),
        migrations.AlterField(
            model_name="librarystate",
            name="plays_at",
            field=models.DateTimeField(
                blank=True, help_text="When plays were last read.", null=True, verbose_name="plays read"
            ),
        ),
        migrations.AlterField(
            model_name="librarystate",
            name="plays_gap_at",
            field=models.DateTimeField(
                blank=True, help_text="Plays before this were missed.", null=True, verbose_name="gap in plays"
            ),
        ),
        migrations.AlterField(
            model_name="librarystate",
            name="reading_since",
            field=models.DateTimeField(blank=True, null=True, verbose_name="reading since"),
        ),
        migrations.AlterField(
            model_name="librarystate",
            name="surplus",
            field=models.IntegerField(
                default=0, help_text="Rows of Spotify's total that can't be kept.", verbose_name="surplus"
            ),
        ),
        migrations.AlterField(
            model_name="librarystate",
            name="synced_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="read"),
        ),
        migrations.AlterField(
            model_name="librarystate",
            name="total",
            field=models.PositiveIntegerField(default=0, help_text="What Spotify said last.", verbose_name="tracks"),
        ),
        migrations.AlterField(
            model_name="play",
            name="account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="plays",
                to="accounts.spotifyaccount",
                verbose_name="Spotify account",
            ),
        ),
        migrations.AlterField(
            model_name="play",
            name="artists",
            field=models.JSONField(default=list, help_text="Pairs of id and name.", verbose_name="artists"),
        ),
        migrations.AlterField(
            model_name="play",
            name="context",
            field=models.CharField(blank=True, default="", max_length=128, verbose_name="context"),
        ),
        migrations.AlterField(
            model_name="play",
            name="isrc",
            field=models.CharField(blank=True, default="", max_length=16, verbose_name="ISRC"),
        ),
        migrations.AlterField(
            model_name="play",
            name="match_key",
            field=models.CharField(max_length=400, verbose_name="match key"),
        ),
        migrations.AlterField(
            model_name="play",
            name="name",
            field=models.CharField(max_length=400, verbose_name="name"),
        ),
        migrations.AlterField(
            model_name="play",
            name="played_at",
            field=models.DateTimeField(verbose_name="played"),
        ),
        migrations.AlterField(
            model_name="play",
            name="spotify_track_id",
            field=models.CharField(max_length=64, verbose_name="Spotify track id"),
        ),
        migrations.AlterField(
            model_name="recommendationhistory",
            name="account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="history",
                to="accounts.spotifyaccount",
                verbose_name="Spotify account",
            ),
        ),
        migrations.AlterField(
            model_name="recommendationhistory",
            name="first_recommended_at",
            field=models.DateTimeField(verbose_name="first given"),
        ),
        migrations.AlterField(
            model_name="recommendationhistory",
            name="isrc",
            field=models.CharField(blank=True, default="", max_length=16, verbose_name="ISRC"),
        ),
        migrations.AlterField(
            model_name="recommendationhistory",
            name="last_recommended_at",
            field=models.DateTimeField(verbose_name="last given"),
        ),
        migrations.AlterField(
            model_name="recommendationhistory",
            name="match_key",
            field=models.CharField(max_length=400, verbose_name="match key"),
        ),
        migrations.AlterField(
            model_name="recommendationhistory",
            name="spotify_track_id",
            field=models.CharField(max_length=64, verbose_name="Spotify track id"),
        ),
        migrations.AlterField(
            model_name="recommendationhistory",
            name="times_recommended",
            field=models.PositiveIntegerField(default=1, verbose_name="times given"),
        ),
        migrations.AlterField(
            model_name="resolvedtrack",
            name="expires_at",
            field=models.DateTimeField(db_index=True, verbose_name="kept until"),
        ),
        migrations.AlterField(
            model_name="resolvedtrack",
            name="match_key",
            field=models.CharField(max_length=400, unique=True, verbose_name="match key"),
        ),
        migrations.AlterField(
            model_name="resolvedtrack",
            name="track",
            field=models.JSONField(blank=True, null=True, verbose_name="track"),
        ),
        migrations.AlterField(
            model_name="savedtrack",
            name="account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="saved_tracks",
                to="accounts.spotifyaccount",
                verbose_name="Spotify account",
            ),
        ),
        migrations.AlterField(
            model_name="savedtrack",
            name="added_at",
            field=models.DateTimeField(verbose_name="liked at"),
        ),
        migrations.AlterField(
            model_name="savedtrack",
            name="album",
            field=models.CharField(blank=True, default="", max_length=400, verbose_name="album"),
        ),
        migrations.AlterField(
            model_name="savedtrack",
            name="artists",
            field=models.JSONField(default=list, help_text="Pairs of id and name.", verbose_name="artists"),
        ),
        migrations.AlterField(
            model_name="savedtrack",
            name="duration_ms",
            field=models.PositiveIntegerField(default=0, verbose_name="length, ms"),
        ),
        migrations.AlterField(
            model_name="savedtrack",
            name="isrc",
            field=models.CharField(blank=True, default="", max_length=16, verbose_name="ISRC"),
        ),
        migrations.AlterField(
            model_name="savedtrack",
            name="match_key",
            field=models.CharField(max_length=400, verbose_name="match key"),
        ),
        migrations.AlterField(
            model_name="savedtrack",
            name="name",
            field=models.CharField(max_length=400, verbose_name="name"),
        ),
        migrations.AlterField(
            model_name="savedtrack",
            name="popularity",
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="popularity"),
        ),
        migrations.AlterField(
            model_name="savedtrack",
            name="removed_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="removed"),
        ),
        migrations.AlterField(
            model_name="savedtrack",
            name="seen_at",
            field=models.DateTimeField(help_text="When a reading of the library last met it.", verbose_name="seen"),
        ),
        migrations.AlterField(
            model_name="savedtrack",
            name="spotify_track_id",
            field=models.CharField(max_length=64, verbose_name="Spotify track id"),
        ),
        migrations.AlterField(
            model_name="sourcecache",
            name="answer",
            field=models.JSONField(verbose_name="answer"),
        ),
        migrations.AlterField(
            model_name="sourcecache",
            name="expires_at",
            field=models.DateTimeField(db_index=True, verbose_name="kept until"),
        ),
        migrations.AlterField(
            model_name="sourcecache",
            name="key",
            field=models.CharField(max_length=400, verbose_name="key"),
        ),
        migrations.AlterField(
            model_name="sourcecache",
            name="source",
            field=models.CharField(max_length=32, verbose_name="source"),
        ),
    ]
