from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0004_words_and_counts"),
    ]

    operations = [
        migrations.AlterField(
            model_name="apiusage",
            name="calls",
            field=models.PositiveIntegerField(default=0, verbose_name="calls"),
        ),
        migrations.AlterField(
            model_name="apiusage",
            name="family",
            field=models.CharField(max_length=32, verbose_name="family of calls"),
        ),
        migrations.AlterField(
            model_name="apiusage",
            name="hour",
            field=models.DateTimeField(verbose_name="hour"),
        ),
        migrations.AlterField(
            model_name="apiusage",
            name="outcome",
            field=models.CharField(
                default="ok", help_text="ok, or the code of the error.", max_length=32, verbose_name="outcome"
            ),
        ),
        migrations.AlterField(
            model_name="apiusage",
            name="service",
            field=models.CharField(max_length=32, verbose_name="service"),
        ),
        migrations.AlterField(
            model_name="heartbeat",
            name="at",
            field=models.DateTimeField(verbose_name="last beat"),
        ),
        migrations.AlterField(
            model_name="heartbeat",
            name="name",
            field=models.CharField(max_length=64, unique=True, verbose_name="name"),
        ),
        migrations.AlterField(
            model_name="servicestate",
            name="blocked_until",
            field=models.DateTimeField(blank=True, null=True, verbose_name="blocked until"),
        ),
        migrations.AlterField(
            model_name="servicestate",
            name="capabilities",
            field=models.JSONField(blank=True, default=dict, verbose_name="what is alive"),
        ),
        migrations.AlterField(
            model_name="servicestate",
            name="failures",
            field=models.PositiveIntegerField(
                default=0, help_text="In a row, by whatever process.", verbose_name="failures"
            ),
        ),
        migrations.AlterField(
            model_name="servicestate",
            name="family",
            field=models.CharField(blank=True, default="", max_length=32, verbose_name="family of calls"),
        ),
        migrations.AlterField(
            model_name="servicestate",
            name="permits_at",
            field=models.DateTimeField(
                blank=True,
                help_text="Start of the next call that is still free.",
                null=True,
                verbose_name="next free call",
            ),
        ),
        migrations.AlterField(
            model_name="servicestate",
            name="reason",
            field=models.CharField(blank=True, default="", max_length=64, verbose_name="reason"),
        ),
        migrations.AlterField(
            model_name="servicestate",
            name="service",
            field=models.CharField(max_length=32, verbose_name="service"),
        ),
    ]
