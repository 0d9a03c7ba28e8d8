"""What a password must be, in our words."""

from django.contrib.auth.password_validation import MinimumLengthValidator
from django.utils.translation import ngettext


class LengthValidator(MinimumLengthValidator):
    """Django's check; its own sentence has no Dutch (its catalogue holds another text than its code)."""

    def get_error_message(self) -> str:
        sentence = ngettext(
            "This password is too short. Use at least %(count)s character.",
            "This password is too short. Use at least %(count)s characters.",
            self.min_length,
        )
        return sentence % {"count": self.min_length}
