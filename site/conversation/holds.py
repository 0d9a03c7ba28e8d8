"""Why a contribution waits for a moderator before everybody can read it.

Rules look at the text and at what the account did before; they hold, they never refuse or hide.
A reason is a code, sometimes with a detail (`word:…`), kept in `ModerationCase.reasons`.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.models import Site

from conversation.models import HeldWord, HoldSettings
from conversation.moderation import all_kinds
from people.models import User

BURST_WINDOW = timedelta(minutes=10)

LABELS = {
    "moderate_first": gettext_lazy("Here every contribution is checked first"),
    "first_post": gettext_lazy("First contribution of this account"),
    "link": gettext_lazy("Contains a link"),
    "contact": gettext_lazy("Contains a telephone number or e-mail address"),
    "word": gettext_lazy("Contains a word from the list"),
    "shouting": gettext_lazy("Mostly capitals"),
    "burst": gettext_lazy("Many contributions in a short time"),
    "repeated": gettext_lazy("The same text as before"),
    "flag": gettext_lazy("Reported by a visitor"),
}

LINK = re.compile(r"(?:https?://|www\.)\S+|\b[\w-]{2,}\.(?:nl|com|net|org|eu|be|info|io|shop|online)\b", re.IGNORECASE)
EMAIL = re.compile(r"[\w.+-]+\s?(?:@|\(at\)|\[at\])\s?[\w-]+\.\w{2,}", re.IGNORECASE)
# A Dutch number (dates are taken out first): 0 or +31, then nine digits, however they are grouped.
DATE = re.compile(r"\b\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}\b")
PHONE = re.compile(r"(?<![\d.,])(?:\+31|0031|0)(?:[\s()./-]*\d){9}(?!\d)")
SAYS_SOMETHING = 20  # letters; who agrees twice in three words does not repeat a text
MANY_LETTERS, SHARE_OF_CAPITALS = 20, 0.7


@dataclass(frozen=True)
class Post:
    """A contribution before it is published: everything somebody wrote, title included."""

    author: User
    texts: tuple[str, ...]
    now: datetime

    @property
    def text(self) -> str:
        return "\n".join(self.texts)


def reasons_to_hold(author: User, *texts: str, now: datetime) -> list[str]:
    """The codes of every reason to hold; empty means: publish at once."""
    post = Post(author, tuple(text.strip() for text in texts if text), now)
    site = Site.objects.filter(is_default_site=True).first()
    chosen = HoldSettings.for_site(site) if site else HoldSettings()
    return [reason for switch, rule in RULES if (value := getattr(chosen, switch)) for reason in rule(post, value)]


def reason_label(reason: str) -> str:
    """What a moderator reads."""
    code, _colon, detail = reason.partition(":")
    label = str(LABELS.get(code, code))
    return _("%(reason)s: “%(detail)s”") % {"reason": label, "detail": detail} if detail else label


def plain_words(text: str) -> list[str]:
    """The words of a text in lower case, without accents."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return re.findall(r"\w+", "".join(letter for letter in letters if not unicodedata.combining(letter)))


# --- The rules: (post, value of the setting) → codes ------------------------------------------------


def _first_post(post: Post, _value: int) -> Iterator[str]:
    if not any(kind.posts_of(post.author).filter(kind.public).exists() for kind in all_kinds()):
        yield "first_post"


def _link(post: Post, _value: int) -> Iterator[str]:
    without_mail = EMAIL.sub("", post.text)
    if found := LINK.search(without_mail):
        yield f"link:{found.group()[:60]}"


def _contact(post: Post, _value: int) -> Iterator[str]:
    if EMAIL.search(post.text) or PHONE.search(DATE.sub(" ", post.text)):
        yield "contact"


def _word(post: Post, _value: int) -> Iterator[str]:
    words = f" {' '.join(plain_words(post.text))} "
    for entry in HeldWord.objects.values_list("word", flat=True):
        listed = " ".join(plain_words(entry))
        end = "" if entry.rstrip().endswith("*") else " "
        if listed and f" {listed}{end}" in words:
            yield f"word:{entry}"


def _shouting(post: Post, _value: int) -> Iterator[str]:
    letters = [letter for letter in post.text if letter.isalpha()]
    if len(letters) >= MANY_LETTERS and sum(map(str.isupper, letters)) >= SHARE_OF_CAPITALS * len(letters):
        yield "shouting"


def _burst(post: Post, most: int) -> Iterator[str]:
    since = post.now - BURST_WINDOW
    recent = [text for kind in all_kinds() for text in kind.texts_since(post.author, since)]
    if len(recent) >= most:
        yield "burst"
    if any(len(text) >= SAYS_SOMETHING and text in post.texts for text in recent):
        yield "repeated"


RULES: list[tuple[str, Callable[[Post, int], Iterator[str]]]] = [
    ("first_post", _first_post),
    ("links", _link),
    ("contact", _contact),
    ("words", _word),
    ("shouting", _shouting),
    ("burst", _burst),
]
