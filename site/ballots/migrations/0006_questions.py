"""A vote gets questions: form, limits, count and budget move from the vote to its question, and what was cast and sealed moves along.

Frozen votes are written here with their guards off, because their format changes and their meaning does not: the rules stay, every ballot gets
the payload and leaf of the new format, a sealed result stands below its question. Every statement is plain SQL, in one transaction.
"""

import django.db.models.deletion
from django.db import migrations, models

# A question of 300 characters fits its line; a longer one becomes the explanation.
MOVE = """
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE ballots_vote DISABLE TRIGGER USER;
ALTER TABLE ballots_option DISABLE TRIGGER USER;
ALTER TABLE ballots_ballot DISABLE TRIGGER USER;
ALTER TABLE ballots_seal DISABLE TRIGGER USER;

INSERT INTO ballots_question (vote_id, number, reference, title, text, form, max_options, max_sum, complete, option_order, counting, budget)
SELECT id, 1, '1', CASE WHEN length(text) BETWEEN 1 AND 300 THEN text ELSE title END, CASE WHEN length(text) > 300 THEN text ELSE '' END,
    form, CASE form WHEN 'approval' THEN max_options END, CASE form WHEN 'knapsack' THEN max_sum END, false, 'fixed', counting, budget
FROM ballots_vote;
UPDATE ballots_vote SET text = '';
UPDATE ballots_option SET question_id = question.id FROM ballots_question AS question WHERE question.vote_id = ballots_option.vote_id;

-- {"choices":[…]} becomes {"answers":{"1":[…]}}; canonical JSON is ASCII without spaces, so texts can be put together.
UPDATE ballots_ballot SET payload = '{"answers":{"1":' || substr(payload, 12, length(payload) - 12) || '}}' WHERE payload LIKE '{"choices":%';
UPDATE ballots_ballot SET leaf = sha256('\\x00'::bytea || convert_to('{"ballot":' || payload || ',"nonce":"' || encode(nonce, 'hex')
    || '","tracker":"' || tracker || '","version":' || version || ',"vote":"' || vote_id || '"}', 'UTF8'));
UPDATE ballots_seal SET result = '{"questions":{"1":' || result || '}}', blank_answers = jsonb_build_object('1', blank);
UPDATE ballots_seal SET digest = sha256(convert_to(result, 'UTF8'));

ALTER TABLE ballots_vote ENABLE TRIGGER USER;
ALTER TABLE ballots_option ENABLE TRIGGER USER;
ALTER TABLE ballots_ballot ENABLE TRIGGER USER;
ALTER TABLE ballots_seal ENABLE TRIGGER USER;
"""

GUARD_QUESTION = """
CREATE FUNCTION ballots_guard_question() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM ballots_vote WHERE state <> 'draft' AND id = ANY (ARRAY[
        CASE WHEN TG_OP <> 'INSERT' THEN OLD.vote_id END, CASE WHEN TG_OP <> 'DELETE' THEN NEW.vote_id END])) THEN
        RAISE EXCEPTION 'the questions of an opened vote are frozen' USING ERRCODE = 'check_violation', CONSTRAINT = 'questions_are_frozen';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER ballots_guard_question BEFORE INSERT OR UPDATE OR DELETE ON ballots_question
    FOR EACH ROW EXECUTE FUNCTION ballots_guard_question();

-- An option belongs to the vote of its question.
ALTER TABLE ballots_question ADD CONSTRAINT question_of_a_vote UNIQUE (id, vote_id);
ALTER TABLE ballots_option ADD CONSTRAINT option_and_question_of_one_vote FOREIGN KEY (question_id, vote_id)
    REFERENCES ballots_question (id, vote_id) DEFERRABLE INITIALLY DEFERRED;
"""


class Migration(migrations.Migration):
    dependencies = [("ballots", "0005_ballot_forms_need_their_limit")]

    operations = [
        migrations.CreateModel(
            name="Question",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField(verbose_name="number on the ballot")),
                ("reference", models.CharField(max_length=50, verbose_name="reference")),
                ("title", models.CharField(max_length=300, verbose_name="question")),
                ("text", models.TextField(blank=True, verbose_name="explanation")),
                (
                    "form",
                    models.CharField(
                        choices=[
                            ("yes_no", "yes or no"),
                            ("choice", "choose one option"),
                            ("approval", "choose a number of options"),
                            ("ranking", "put options in order"),
                            ("score", "give every option a score"),
                            ("points", "divide points over the options"),
                            ("knapsack", "choose options within an amount"),
                        ],
                        default="approval",
                        max_length=10,
                        verbose_name="ballot form",
                    ),
                ),
                (
                    "max_options",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="maximum number of options"),
                ),
                ("max_sum", models.PositiveBigIntegerField(blank=True, null=True, verbose_name="maximum sum in cents")),
                ("lowest", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="lowest score")),
                ("highest", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="highest score")),
                ("points", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="points to divide")),
                (
                    "complete",
                    models.BooleanField(default=False, verbose_name="the whole ballot must be filled in"),
                ),
                (
                    "option_order",
                    models.CharField(
                        choices=[
                            ("fixed", "the same for everybody"),
                            ("random", "another order for every voter, by lot"),
                        ],
                        default="fixed",
                        max_length=6,
                        verbose_name="order of the options",
                    ),
                ),
                (
                    "argument_length",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="characters for supporters and opponents each"
                    ),
                ),
                ("counting", models.JSONField(default=dict, verbose_name="counting rule")),
                (
                    "budget",
                    models.PositiveBigIntegerField(
                        blank=True,
                        help_text="What the chosen options may cost together.",
                        null=True,
                        verbose_name="budget in cents",
                    ),
                ),
                (
                    "vote",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="questions",
                        to="ballots.vote",
                    ),
                ),
            ],
            options={
                "verbose_name": "question",
                "verbose_name_plural": "questions",
                "ordering": ["number"],
                "constraints": [
                    models.UniqueConstraint(fields=("vote", "number"), name="one_question_per_number"),
                    models.UniqueConstraint(fields=("vote", "reference"), name="one_question_per_reference"),
                ],
            },
        ),
        migrations.RenameField(model_name="vote", old_name="question", new_name="text"),
        migrations.AlterField(
            model_name="vote",
            name="text",
            field=models.TextField(blank=True, max_length=1000, verbose_name="what it is about"),
        ),
        migrations.AddField(
            model_name="option",
            name="question",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="options",
                to="ballots.question",
            ),
        ),
        migrations.AddField(
            model_name="option",
            name="image",
            field=models.ImageField(blank=True, max_length=200, upload_to="", verbose_name="image"),
        ),
        migrations.AddField(
            model_name="option",
            name="image_alt",
            field=models.CharField(blank=True, default="", max_length=200, verbose_name="what the image shows"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="option",
            name="argument_for",
            field=models.TextField(blank=True, default="", verbose_name="what supporters say"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="option",
            name="argument_against",
            field=models.TextField(blank=True, default="", verbose_name="what opponents say"),
            preserve_default=False,
        ),
        migrations.AddField(model_name="seal", name="blank_answers", field=models.JSONField(default=dict)),
        # Only forward: ballots in the new format cannot be read by the old code.
        migrations.RunSQL(MOVE),
        migrations.AlterField(
            model_name="option",
            name="question",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="options", to="ballots.question"
            ),
        ),
        migrations.RemoveConstraint(model_name="vote", name="ballot_form_has_its_limit"),
        *(
            migrations.RemoveField(model_name="vote", name=name)
            for name in ("form", "max_options", "max_sum", "counting", "budget")
        ),
        migrations.AddConstraint(
            model_name="question",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("form__in", ["yes_no", "choice", "ranking"]),
                    models.Q(("form", "approval"), ("max_options__gte", 1), ("max_options__isnull", False)),
                    models.Q(("form", "knapsack"), ("max_sum__gte", 1), ("max_sum__isnull", False)),
                    models.Q(
                        ("form", "score"),
                        ("highest__gt", models.F("lowest")),
                        ("highest__isnull", False),
                        ("lowest__isnull", False),
                    ),
                    models.Q(("form", "points"), ("points__gte", 1), ("points__isnull", False)),
                    _connector="OR",
                ),
                name="ballot_form_has_its_limit",
                violation_error_message="Give the limits of this form of ballot.",
            ),
        ),
        migrations.RunSQL(GUARD_QUESTION),
    ]
