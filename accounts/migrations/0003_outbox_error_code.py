from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_standing_and_incidents'),
    ]

    operations = [
        migrations.AddField(
            model_name='outbox',
            name='error_code',
            field=models.CharField(blank=True, default='', max_length=64),
        ),
    ]
