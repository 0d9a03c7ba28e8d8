import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ballots", "0006_questions"),
        ("places", "0005_points_are_whole"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="vote",
            options={
                "ordering": ["-opens_at"],
                "permissions": [
                    ("open_vote", "Can open a vote"),
                    ("guard_vote", "Is the clerk whom the opening of a vote needs"),
                    ("publish_vote", "Can see and publish the result of a vote"),
                    ("annul_vote", "Can annul a vote"),
                ],
                "verbose_name": "vote",
                "verbose_name_plural": "votes",
            },
        ),
        migrations.AddField(
            model_name="vote",
            name="agreed_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="vote",
            name="agreed_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="vote",
            name="agreed_hash",
            field=models.BinaryField(max_length=32, null=True),
        ),
        migrations.AddField(
            model_name="vote",
            name="commitment",
            field=models.TextField(
                blank=True,
                help_text="Everybody reads this before they vote. It is fixed when the vote opens.",
                max_length=2000,
                verbose_name="what the council does with the outcome",
            ),
        ),
        migrations.AddField(
            model_name="vote",
            name="threshold_kind",
            field=models.CharField(
                choices=[
                    ("none", "no minimum"),
                    ("turnout", "enough people vote"),
                    ("outcome", "enough people vote for the winner"),
                ],
                default="none",
                max_length=7,
                verbose_name="when the outcome counts",
            ),
        ),
        migrations.AddField(
            model_name="vote",
            name="threshold_share",
            field=models.PositiveSmallIntegerField(
                default=0, help_text="In hundredths of a percent.", verbose_name="share of the people on the list"
            ),
        ),
        migrations.AddConstraint(
            model_name="vote",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("threshold_kind", "none"), ("threshold_share", 0)),
                    models.Q(
                        models.Q(("threshold_kind", "none"), _negated=True),
                        ("threshold_share__gte", 1),
                        ("threshold_share__lte", 10000),
                    ),
                    _connector="OR",
                ),
                name="threshold_has_its_share",
                violation_error_message="Give the share of a minimum, between 0.01 and 100 percent.",
            ),
        ),
        migrations.AddConstraint(
            model_name="vote",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state", "draft"),
                    models.Q(("source", ""), _negated=True),
                    models.Q(
                        ("agreed_by__isnull", False),
                        ("opened_by__isnull", False),
                        models.Q(("agreed_by", models.F("opened_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="vote_is_opened_by_two_persons",
                violation_error_message="Two persons open a vote.",
            ),
        ),
    ]
