import accounts.models
import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_words_and_counts"),
    ]

    operations = [
        migrations.AlterField(
            model_name="incident",
            name="closed_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="over"),
        ),
        migrations.AlterField(
            model_name="incident",
            name="kind",
            field=models.CharField(max_length=32, verbose_name="kind"),
        ),
        migrations.AlterField(
            model_name="incident",
            name="opened_at",
            field=models.DateTimeField(verbose_name="began"),
        ),
        migrations.AlterField(
            model_name="incident",
            name="params",
            field=models.JSONField(blank=True, default=dict, verbose_name="details"),
        ),
        migrations.AlterField(
            model_name="oauthstate",
            name="by_paste",
            field=models.BooleanField(
                default=False,
                help_text="Its token is Spotify's state: the address landed on is pasted into the chat.",
                verbose_name="by pasting the address",
            ),
        ),
        migrations.AlterField(
            model_name="oauthstate",
            name="created_at",
            field=models.DateTimeField(auto_now_add=True, verbose_name="made"),
        ),
        migrations.AlterField(
            model_name="oauthstate",
            name="expires_at",
            field=models.DateTimeField(verbose_name="valid until"),
        ),
        migrations.AlterField(
            model_name="oauthstate",
            name="keep",
            field=models.BooleanField(
                blank=True,
                help_text="Whether what is known of another linked account is kept; empty: asked.",
                null=True,
                verbose_name="keep what is known",
            ),
        ),
        migrations.AlterField(
            model_name="oauthstate",
            name="returned_at",
            field=models.DateTimeField(
                blank=True, help_text="When Spotify sent the browser back.", null=True, verbose_name="came back"
            ),
        ),
        migrations.AlterField(
            model_name="oauthstate",
            name="telegram_chat_id",
            field=models.BigIntegerField(blank=True, null=True, verbose_name="Telegram chat"),
        ),
        migrations.AlterField(
            model_name="oauthstate",
            name="token_hash",
            field=models.CharField(max_length=64, unique=True, verbose_name="hash of the link"),
        ),
        migrations.AlterField(
            model_name="oauthstate",
            name="used_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="used"),
        ),
        migrations.AlterField(
            model_name="oauthstate",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="link_requests",
                to=settings.AUTH_USER_MODEL,
                verbose_name="listener",
            ),
        ),
        migrations.AlterField(
            model_name="outbox",
            name="attempts",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="attempts"),
        ),
        migrations.AlterField(
            model_name="outbox",
            name="chat_id",
            field=models.BigIntegerField(verbose_name="Telegram chat"),
        ),
        migrations.AlterField(
            model_name="outbox",
            name="created_at",
            field=models.DateTimeField(auto_now_add=True, verbose_name="written"),
        ),
        migrations.AlterField(
            model_name="outbox",
            name="error_code",
            field=models.CharField(blank=True, default="", max_length=64, verbose_name="error"),
        ),
        migrations.AlterField(
            model_name="outbox",
            name="key",
            field=models.CharField(max_length=128, unique=True, verbose_name="key"),
        ),
        migrations.AlterField(
            model_name="outbox",
            name="kind",
            field=models.CharField(max_length=32, verbose_name="kind"),
        ),
        migrations.AlterField(
            model_name="outbox",
            name="lease_until",
            field=models.DateTimeField(blank=True, null=True, verbose_name="held until"),
        ),
        migrations.AlterField(
            model_name="outbox",
            name="message_id",
            field=models.BigIntegerField(blank=True, null=True, verbose_name="message id"),
        ),
        migrations.AlterField(
            model_name="outbox",
            name="not_before",
            field=models.DateTimeField(blank=True, null=True, verbose_name="not before"),
        ),
        migrations.AlterField(
            model_name="outbox",
            name="payload",
            field=models.JSONField(default=dict, verbose_name="content"),
        ),
        migrations.AlterField(
            model_name="outbox",
            name="status",
            field=models.CharField(
                choices=[("pending", "to be sent"), ("sending", "being sent"), ("sent", "sent"), ("dead", "given up")],
                default="pending",
                max_length=16,
                verbose_name="status",
            ),
        ),
        migrations.AlterField(
            model_name="spotifyaccount",
            name="access_token_sealed",
            field=models.TextField(blank=True, default="", verbose_name="sealed access token"),
        ),
        migrations.AlterField(
            model_name="spotifyaccount",
            name="account_id",
            field=models.CharField(max_length=128, verbose_name="account id"),
        ),
        migrations.AlterField(
            model_name="spotifyaccount",
            name="authorized_at",
            field=models.DateTimeField(
                help_text="The consent ends six months later, whatever we do.", verbose_name="consent given"
            ),
        ),
        migrations.AlterField(
            model_name="spotifyaccount",
            name="confirm_hash",
            field=models.CharField(blank=True, default="", max_length=64, verbose_name="hash of the confirmation"),
        ),
        migrations.AlterField(
            model_name="spotifyaccount",
            name="display_name",
            field=models.CharField(blank=True, default="", max_length=128, verbose_name="name at Spotify"),
        ),
        migrations.AlterField(
            model_name="spotifyaccount",
            name="expires_at",
            field=models.DateTimeField(verbose_name="access token expires"),
        ),
        migrations.AlterField(
            model_name="spotifyaccount",
            name="market",
            field=models.CharField(blank=True, default="", max_length=2, verbose_name="country"),
        ),
        migrations.AlterField(
            model_name="spotifyaccount",
            name="needs_reconnect",
            field=models.BooleanField(default=False, verbose_name="must be connected again"),
        ),
        migrations.AlterField(
            model_name="spotifyaccount",
            name="pending",
            field=models.BooleanField(default=True, verbose_name="not confirmed yet"),
        ),
        migrations.AlterField(
            model_name="spotifyaccount",
            name="refresh_token_sealed",
            field=models.TextField(blank=True, default="", verbose_name="sealed refresh token"),
        ),
        migrations.AlterField(
            model_name="spotifyaccount",
            name="refreshing_until",
            field=models.DateTimeField(blank=True, null=True, verbose_name="being refreshed until"),
        ),
        migrations.AlterField(
            model_name="spotifyaccount",
            name="scopes",
            field=models.TextField(
                blank=True, default="", help_text="As granted, separated by spaces.", verbose_name="rights granted"
            ),
        ),
        migrations.AlterField(
            model_name="spotifyaccount",
            name="spotify_user_id",
            field=models.CharField(max_length=128, verbose_name="Spotify user id"),
        ),
        migrations.AlterField(
            model_name="spotifyaccount",
            name="standing_playlist_id",
            field=models.CharField(
                blank=True,
                default="",
                help_text="The one playlist that is refreshed in place.",
                max_length=64,
                verbose_name="id of the standing playlist",
            ),
        ),
        migrations.AlterField(
            model_name="spotifyaccount",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="spotify_accounts",
                to=settings.AUTH_USER_MODEL,
                verbose_name="listener",
            ),
        ),
        migrations.AlterField(
            model_name="user",
            name="asked",
            field=models.CharField(
                blank=True,
                default="",
                help_text="The bot's command that waits for a word of his.",
                max_length=32,
                verbose_name="awaited answer",
            ),
        ),
        migrations.AlterField(
            model_name="user",
            name="is_approved",
            field=models.BooleanField(default=False, verbose_name="let in"),
        ),
        migrations.AlterField(
            model_name="user",
            name="is_bot_blocked",
            field=models.BooleanField(default=False, verbose_name="blocked the bot"),
        ),
        migrations.AlterField(
            model_name="user",
            name="language",
            field=models.CharField(
                choices=[("en", "English"), ("ru", "Русский")], default="en", max_length=8, verbose_name="language"
            ),
        ),
        migrations.AlterField(
            model_name="user",
            name="last_generated_date",
            field=models.DateField(blank=True, null=True, verbose_name="day of the latest playlist"),
        ),
        migrations.AlterField(
            model_name="user",
            name="latest_playlist_id",
            field=models.CharField(blank=True, default="", max_length=64, verbose_name="id of the latest playlist"),
        ),
        migrations.AlterField(
            model_name="user",
            name="latest_playlist_url",
            field=models.URLField(blank=True, default="", verbose_name="address of the latest playlist"),
        ),
        migrations.AlterField(
            model_name="user",
            name="min_new_ratio",
            field=models.FloatField(
                blank=True,
                help_text="Empty: the installation's default.",
                null=True,
                validators=[
                    django.core.validators.MinValueValidator(0.0),
                    django.core.validators.MaxValueValidator(1.0),
                ],
                verbose_name="least share of new tracks",
            ),
        ),
        migrations.AlterField(
            model_name="user",
            name="nightly_at",
            field=models.TimeField(
                blank=True,
                help_text="Local time; empty switches the night off.",
                null=True,
                verbose_name="hour of the night",
            ),
        ),
        migrations.AlterField(
            model_name="user",
            name="nightly_since",
            field=models.DateTimeField(
                blank=True,
                help_text="When the hour was chosen; what was due before is not caught up with.",
                null=True,
                verbose_name="hour chosen at",
            ),
        ),
        migrations.AlterField(
            model_name="user",
            name="playlist_mode",
            field=models.CharField(
                choices=[("fresh", "a new playlist each day"), ("standing", "one playlist, refreshed")],
                default="fresh",
                max_length=16,
                verbose_name="kind of playlist",
            ),
        ),
        migrations.AlterField(
            model_name="user",
            name="playlist_size",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="Empty: the installation's default.",
                null=True,
                validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(100)],
                verbose_name="tracks in a playlist",
            ),
        ),
        migrations.AlterField(
            model_name="user",
            name="telegram_chat_id",
            field=models.BigIntegerField(blank=True, null=True, unique=True, verbose_name="Telegram chat"),
        ),
        migrations.AlterField(
            model_name="user",
            name="telegram_username",
            field=models.CharField(blank=True, default="", max_length=64, verbose_name="Telegram name"),
        ),
        migrations.AlterField(
            model_name="user",
            name="timezone",
            field=models.CharField(
                default="UTC", max_length=64, validators=[accounts.models.validate_timezone], verbose_name="time zone"
            ),
        ),
    ]
