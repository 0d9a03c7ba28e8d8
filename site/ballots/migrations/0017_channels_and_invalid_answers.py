from django.db import migrations, models

# Only on paper an answer can be invalid (null). In the database, because whoever writes a ballot must keep to it.
INVALID_ON_PAPER = """
ALTER TABLE ballots_ballot ADD CONSTRAINT only_paper_is_invalid
    CHECK (CASE WHEN channel = 'paper' OR payload NOT LIKE '%:null%' THEN true
        ELSE NOT jsonb_path_exists(payload::jsonb, '$.answers.* ? (@ == null)') END);
"""


class Migration(migrations.Migration):
    dependencies = [("ballots", "0016_shredding_without_a_log")]

    operations = [
        migrations.AddField(model_name="seal", name="channels", field=models.JSONField(default=dict)),
        migrations.AddField(model_name="seal", name="invalid", field=models.PositiveIntegerField(default=0)),
        migrations.AddField(model_name="seal", name="invalid_answers", field=models.JSONField(default=dict)),
        migrations.AddField(
            model_name="vote",
            name="at_counter",
            field=models.BooleanField(
                default=False,
                help_text="On a device of the municipality, where staff can help.",
                verbose_name="also at the counter",
            ),
        ),
        migrations.AddField(
            model_name="vote",
            name="on_paper",
            field=models.BooleanField(
                default=False,
                help_text="Ballots in envelopes. Two persons enter them after closing, before the count.",
                verbose_name="also on paper",
            ),
        ),
        migrations.RunSQL(INVALID_ON_PAPER, "ALTER TABLE ballots_ballot DROP CONSTRAINT only_paper_is_invalid;"),
    ]
