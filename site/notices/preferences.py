"""What people want to hear by mail, and the token with which a mail can be switched off."""

from django.core import signing
from django.db import transaction

from notices import kinds
from notices.models import NoticePreference
from people.models import User

SALT = "notices.unsubscribe"


def is_mandatory(kind: str) -> bool:
    return kinds.is_known(kind) and kinds.kind(kind).mandatory


def unsubscribe_token(user: User, kind: str) -> str:
    """Lets whoever holds a mail switch off mails of its kind to its reader, and nothing else.

    It does not expire: the button must work in old mails too (RFC 8058 asks for that).
    """
    return signing.Signer(salt=SALT).sign_object([user.pk, kind])


def read_token(token: str) -> tuple[int, str] | None:
    """Account id and kind, or None when the token is not ours."""
    try:
        user_id, kind = signing.Signer(salt=SALT).unsign_object(token)
    except (signing.BadSignature, ValueError):
        return None
    return user_id, kind


def unwanted_kinds(user: User) -> set[str]:
    return set(NoticePreference.objects.filter(user=user, wanted=False).values_list("kind", flat=True))


@transaction.atomic
def set_wanted(user_id: int, kind: str, *, wanted: bool) -> None:
    """Switches mails of a kind on or off; a mandatory kind stays on, a removed account needs nothing."""
    if is_mandatory(kind) or not User.objects.select_for_update(no_key=True).filter(pk=user_id).exists():
        return
    NoticePreference.objects.update_or_create(user_id=user_id, kind=kind, defaults={"wanted": wanted})
