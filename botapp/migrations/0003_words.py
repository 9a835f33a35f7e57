from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("botapp", "0002_words_and_counts"),
    ]

    operations = [
        migrations.AlterField(
            model_name="handledupdate",
            name="handled_at",
            field=models.DateTimeField(verbose_name="handled"),
        ),
        migrations.AlterField(
            model_name="handledupdate",
            name="update_id",
            field=models.BigIntegerField(primary_key=True, serialize=False, verbose_name="update id"),
        ),
    ]
