"""Accounts and letters in Wagtail's admin."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import BooleanColumn, Column, DateColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.widgets.button import Button

from people import admin_views
from people.admin_forms import EditAccountForm, LetterBatchForm, NewAccountForm
from people.models import LetterBatch, User
from people.roles import STAFF_ROLES


def role_names(user: User) -> str:
    """The roles of an account, in words; groups must be prefetched."""
    names = [str(STAFF_ROLES[group.name]) for group in user.groups.all() if group.name in STAFF_ROLES]
    return ", ".join(names) or "–"


class AccountIndexView(generic.IndexView):
    def get_base_queryset(self) -> QuerySet[User]:
        return User.objects.filter(erased_at=None).prefetch_related("groups")


class AccountEditView(generic.EditView):
    """Only a superuser changes a superuser."""

    def get_object(self, *args: Any, **kwargs: Any) -> User:
        account: User = super().get_object(*args, **kwargs)
        if account.is_superuser and not self.request.user.is_superuser:
            raise PermissionDenied
        return account

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        own = [
            Button(
                _("Remove the second factor"),
                url=reverse("wagtailusers_users:second_factor", args=[self.object.pk]),
                icon_name="lock",
            ),
            Button(
                _("Close the account"), url=reverse("wagtailusers_users:close", args=[self.object.pk]), icon_name="bin"
            ),
        ]
        return [*super().header_more_buttons, *own]


class AccountViewSet(ModelViewSet):
    """Accounts of residents and staff, with the roles of staff. Takes the place of Wagtail's own list of users."""

    model = User
    icon = "group"
    menu_label = _("Residents")
    menu_order = 500
    add_to_admin_menu = True
    add_to_reference_index = False
    index_view_class = AccountIndexView
    edit_view_class = AccountEditView
    copy_view_enabled = False
    inspect_view_enabled = True
    inspect_view_fields = ["display_name", "email", "language", "is_active", "date_joined", "last_login", "groups"]
    search_fields = ["display_name", "email"]
    search_backend_name = None
    ordering = "email"
    list_display = [
        "display_name",
        Column("email", label=_("E-mail address"), sort_key="email"),
        Column("roles", label=_("Roles"), accessor=role_names),
        BooleanColumn("is_active", label=_("Active"), sort_key="is_active"),
        DateColumn("last_login", label=_("Last log-in"), sort_key="last_login"),
    ]

    def get_form_class(self, for_update: bool = False) -> type:
        return EditAccountForm if for_update else NewAccountForm

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            path("second-factor/<int:pk>/", admin_views.RemoveSecondFactorView.as_view(), name="second_factor"),
            path("close/<int:pk>/", admin_views.CloseAccountView.as_view(), name="close"),
        ]


def last_day(batch: LetterBatch) -> str:
    return date_format(batch.last_day, "DATE_FORMAT")


class BatchIndexView(generic.IndexView):
    def get_base_queryset(self) -> QuerySet[LetterBatch]:
        valid = Q(codes__voided_at=None)
        return LetterBatch.objects.select_related("area").annotate(
            letters=Count("codes", filter=valid),
            waiting=Count("codes", filter=valid & Q(codes__code_hash=None)),
            used=Count("codes", filter=Q(codes__redeemed_at__isnull=False)),
        )

    def get_edit_url(self, instance: LetterBatch) -> str:
        """Who may look may open; the page itself shows buttons only to who may press them."""
        return reverse(self.edit_url_name, args=[instance.pk])


class LetterBatchViewSet(ModelViewSet):
    """Letters with codes."""

    model = LetterBatch
    icon = "mail"
    menu_label = _("Letters")
    menu_order = 520
    add_to_admin_menu = True
    copy_view_enabled = False
    index_view_class = BatchIndexView
    add_view_class = admin_views.BatchCreateView
    search_fields = ["area__name"]
    search_backend_name = None
    list_display = [
        TitleColumn("area", label=_("Area"), url_name="letterbatch:edit"),
        DateColumn("created_at", label=_("Made at"), sort_key="created_at"),
        Column("last_day", label=_("Last day of the codes"), accessor=last_day, sort_key="expires_at"),
        Column("letters", label=_("Letters")),
        Column("waiting", label=_("To export")),
        Column("used", label=_("Used")),
    ]

    @property
    def edit_view(self) -> Any:
        return admin_views.BatchView.as_view()

    def get_form_class(self, for_update: bool = False) -> type:
        return LetterBatchForm
