"""Polls that are not secret while they run; never about money."""

from django.db import migrations, models

# Questions and budgets are frozen from the opening on, so this is the moment that counts.
GUARD = """
CREATE FUNCTION ballots_guard_secrecy() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM ballots_question WHERE vote_id = NEW.id AND (budget IS NOT NULL OR form = 'knapsack')) THEN
        RAISE EXCEPTION 'a vote about money is secret' USING ERRCODE = 'check_violation', CONSTRAINT = 'money_is_voted_in_secret';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ballots_guard_secrecy BEFORE UPDATE ON ballots_vote
    FOR EACH ROW WHEN (OLD.state = 'draft' AND NEW.state <> 'draft' AND NEW.not_secret) EXECUTE FUNCTION ballots_guard_secrecy();
"""


class Migration(migrations.Migration):
    dependencies = [("ballots", "0010_who_is_on_the_roll")]

    operations = [
        migrations.AddField(
            model_name="vote",
            name="not_secret",
            field=models.BooleanField(
                default=False,
                help_text="Never for a vote about money, and never for a referendum. Everybody reads it before they vote.",
                verbose_name="poll that is not secret while it runs",
            ),
        ),
        migrations.AlterField(
            model_name="vote",
            name="change_policy",
            field=models.CharField(
                choices=[
                    ("code", "with the voting receipt code, until closing"),
                    ("none", "not possible"),
                    ("login", "by logging in, until closing; only for a poll that is not secret"),
                ],
                default="code",
                max_length=5,
                verbose_name="changing a vote",
            ),
        ),
        migrations.AddConstraint(
            model_name="vote",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("change_policy", "login"), ("not_secret", True)),
                    models.Q(models.Q(("change_policy", "login"), _negated=True), ("not_secret", False)),
                    _connector="OR",
                ),
                name="login_changes_only_what_is_not_secret",
                violation_error_message="Changing by logging in and “not secret” go together: choose both, or neither of them.",
            ),
        ),
        migrations.RunSQL(GUARD, "DROP FUNCTION ballots_guard_secrecy CASCADE"),
    ]
