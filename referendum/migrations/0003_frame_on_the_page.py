from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("referendum", "0002_decisions_stay")]

    operations = [
        migrations.AddField(
            model_name="referendumpage",
            name="committee",
            field=models.TextField(
                blank=True,
                default="",
                help_text="Who is on it, what it does, and where people can complain.",
                max_length=2000,
                verbose_name="referendum committee",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="referendumpage",
            name="excluded_subjects",
            field=models.TextField(
                blank=True,
                default="",
                help_text="Subjects that the ordinance excludes, or that were decided already.",
                max_length=2000,
                verbose_name="what this is not about",
            ),
            preserve_default=False,
        ),
    ]
