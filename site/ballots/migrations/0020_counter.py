import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ballots", "0019_guards_of_paper")]

    operations = [
        migrations.CreateModel(
            name="Assistance",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("form_number", models.CharField(max_length=20, verbose_name="number of the consent form")),
                ("helper_key", models.BinaryField(max_length=32)),
                (
                    "vote",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="assistances",
                        to="ballots.vote",
                    ),
                ),
            ],
            options={
                "verbose_name": "assisted vote",
                "verbose_name_plural": "assisted votes",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("vote", "form_number"),
                        name="one_assistance_per_form",
                        violation_error_message="This form was used already.",
                    )
                ],
            },
        ),
    ]
