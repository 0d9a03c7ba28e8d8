"""What can be moderated. Each package registers its own models in `AppConfig.ready()`.

    moderation.register(
        Plan,
        title=lambda plan: plan.title,
        url=lambda plan: plan.get_absolute_url(),
        publish=actions.publish_plan,   # (plan, *, actor, now)
        hide=actions.hide_plan,         # (plan, *, actor, reason, now)
        author_field="submitter",
        public=Q(state__in=Plan.PUBLIC_STATES),
    )

`publish` and `hide` run inside the transaction of the decision. They are safe to call twice:
publishing what is public does nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Q, QuerySet

from people.models import User


class Publish(Protocol):
    def __call__(self, subject: Any, /, *, actor: User, now: datetime) -> Any: ...


class Hide(Protocol):
    def __call__(self, subject: Any, /, *, actor: User, reason: str, now: datetime) -> Any: ...


class UnknownSubject(LookupError):
    """Nobody registered this model."""


def own_text(subject: Any) -> str:
    return str(subject.text)


def own_place(subject: Any) -> str:
    """What the writer said of the place and the area, where the model has them."""
    parts = (getattr(subject, "location_text", ""), getattr(subject, "area", None))
    return ", ".join(str(part) for part in parts if part)


@dataclass(frozen=True)
class ModeratedKind:
    """How moderation reads, publishes and hides one model.

    `author_field` is a foreign key to the account, `written_at` the moment of sending; `public`
    tells which rows everybody may read. `photo_url` gives a picture to look at, `place` says where it is about,
    `whole_url` leads a member of staff to all of it; each gives "" when there is none.
    """

    model: type[Model]
    title: Callable[[Any], str]
    url: Callable[[Any], str]
    publish: Publish
    hide: Hide
    text: Callable[[Any], str] = own_text
    author_field: str = "author"
    written_at: str = "created_at"
    public: Q = field(default_factory=Q)
    photo_url: Callable[[Any], str] = lambda _subject: ""
    place: Callable[[Any], str] = own_place
    whole_url: Callable[[Any, User], str] = lambda _subject, _user: ""

    @property
    def label(self) -> str:
        return str(self.model._meta.verbose_name)

    @property
    def key(self) -> str:
        """Names the kind in addresses, such as "comment"."""
        return str(self.model._meta.model_name)

    def author(self, subject: Any) -> User | None:
        found: User | None = getattr(subject, self.author_field)
        return found

    def posts_of(self, author: User) -> QuerySet[Any]:
        return self.model._default_manager.filter(**{self.author_field: author})

    def posts_since(self, author: User, since: datetime) -> QuerySet[Any]:
        """What somebody sent since a moment; what was never sent (a draft) has no such moment."""
        return self.posts_of(author).filter(**{f"{self.written_at}__gte": since})

    def texts_since(self, author: User, since: datetime) -> list[str]:
        return [self.text(subject) for subject in self.posts_since(author, since)[:50]]

    def is_public(self, subject: Any) -> bool:
        return self.model._default_manager.filter(self.public, pk=subject.pk).exists()


_kinds: dict[str, ModeratedKind] = {}


def register(
    model: type[Model],
    *,
    title: Callable[[Any], str],
    url: Callable[[Any], str],
    publish: Publish,
    hide: Hide,
    **more: Any,
) -> ModeratedKind:
    """Adds a kind; `more` are the other fields of `ModeratedKind`. A double model is a `ValueError`."""
    kind = ModeratedKind(model, title, url, publish, hide, **more)
    if kind.key in _kinds:
        raise ValueError(f"Moderation of “{kind.key}” is registered twice.")
    _kinds[kind.key] = kind
    return kind


def all_kinds() -> list[ModeratedKind]:
    return list(_kinds.values())


def kind_of(subject: Model) -> ModeratedKind:
    """The kind of a subject; raises `UnknownSubject`."""
    return kind_named(str(subject._meta.model_name))


def kind_named(key: str) -> ModeratedKind:
    """The kind with this key; raises `UnknownSubject`."""
    try:
        return _kinds[key]
    except KeyError:
        raise UnknownSubject(key) from None


def subject_types() -> QuerySet[ContentType]:
    """The content types of everything that can be moderated."""
    found = ContentType.objects.get_for_models(*(kind.model for kind in all_kinds())).values()
    return ContentType.objects.filter(pk__in=[content_type.pk for content_type in found])
