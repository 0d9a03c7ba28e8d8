"""Rules of proposals that the database holds, attacked behind Python's back."""

import pytest
from django.db import IntegrityError, transaction

from proposals.models import Submission


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"latitude": 52.0, "longitude": None}, "submission_place_is_on_earth"),
        ({"latitude": 91.0, "longitude": 5.0}, "submission_place_is_on_earth"),
        ({"published_at": None}, "public_submission_has_publication_time"),
    ],
)
def test_submission_breaking_a_rule_is_refused_by_the_database(submission, values, constraint):
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        Submission.objects.filter(pk=submission.pk).update(**values)
    assert error.value.__cause__.diag.constraint_name == constraint
