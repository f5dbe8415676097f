"""What a member's tier adds to a check-in."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("checkin", "0001_initial"),
    ]
    operations = [
        migrations.AddField(
            model_name="checkin",
            name="tier_points",
            field=models.BigIntegerField(default=0),
        ),
    ]
