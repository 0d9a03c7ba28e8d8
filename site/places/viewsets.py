"""Areas and addresses in Wagtail's admin."""

import io
import json
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views import View
from shapely.geometry import mapping
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, InlinePanel, ObjectList
from wagtail.admin.ui.tables import Column
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet, ModelViewSetGroup
from wagtail.admin.widgets.button import HeaderButton

from places.address_file import AddressesRefused, load_addresses
from places.forms import PostcodeField
from places.geojson import BadGeoJSON, checked_boundary
from places.models import Address, Area

BIGGEST_FILE = 50 * 1024 * 1024


class AreaForm(WagtailAdminModelForm):
    """An area; its boundary is checked like that of a file, and its bounds follow it."""

    def clean_boundary(self) -> Any:
        boundary = self.cleaned_data["boundary"]
        if boundary is None:
            return None
        try:
            self.geometry = checked_boundary(boundary)
        except BadGeoJSON as problem:
            raise forms.ValidationError(_("This area %(reason)s.") % {"reason": problem}) from problem
        return json.loads(json.dumps(mapping(self.geometry)))

    def clean(self) -> Any:
        data = super().clean()
        geometry = getattr(self, "geometry", None)
        bounds = geometry.bounds if geometry is not None else (None,) * 4
        area = self.instance
        area.west, area.south, area.east, area.north = bounds
        return data


class AreaIndexView(generic.IndexView):
    def get_base_queryset(self) -> QuerySet[Area]:
        return Area.objects.select_related("parent")


class AreaViewSet(ModelViewSet):
    """Municipality, districts, neighbourhoods, with their figures."""

    model = Area
    icon = "site"
    menu_label = _("Neighbourhoods")
    index_view_class = AreaIndexView
    copy_view_enabled = False
    inspect_view_enabled = True
    inspect_view_fields_exclude = ["boundary"]
    search_fields = ["name", "code"]
    search_backend_name = None
    list_filter = ["kind"]
    list_display = [
        "name",
        Column("kind", label=_("Kind"), accessor="get_kind_display", sort_key="kind"),
        Column("code", label=_("Code"), sort_key="code"),
        Column("parent", label=_("Part of")),
    ]
    edit_handler = ObjectList(
        [
            FieldPanel("name"),
            FieldPanel("kind"),
            FieldPanel("code"),
            FieldPanel("slug"),
            FieldPanel("parent"),
            InlinePanel(
                "figures",
                heading=_("Population and voters"),
                label=_("Figures"),
                panels=[FieldPanel("date"), FieldPanel("population"), FieldPanel("electorate"), FieldPanel("source")],
            ),
            FieldPanel(
                "boundary", help_text=_("GeoJSON, Polygon or MultiPolygon, in WGS 84. Usually loaded from a file.")
            ),
        ],
        base_form_class=AreaForm,
    )


class AddressForm(forms.ModelForm):
    postcode = PostcodeField()

    class Meta:
        model = Address
        fields = ["postcode", "number", "addition", "street", "city", "neighbourhood", "latitude", "longitude"]


class AddressIndexView(generic.IndexView):
    def get_base_queryset(self) -> QuerySet[Address]:
        return Address.objects.select_related("neighbourhood")

    @cached_property
    def header_buttons(self) -> list[Any]:
        buttons = super().header_buttons
        if self.request.user.has_perm("places.add_address"):
            url = reverse("address:import")
            buttons = [*buttons, HeaderButton(gettext("Load a file"), url=url, icon_name="upload")]
        return buttons


class AddressFileForm(forms.Form):
    file = forms.FileField(
        label=_("CSV file"), help_text=_("Columns: postcode, number, addition, street, city, neighbourhood.")
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > BIGGEST_FILE:
            raise forms.ValidationError(_("This file is larger than 50 MB. Use the command load_addresses."))
        return file


class AddressImportView(PermissionRequiredMixin, View):
    """A file of addresses: all of it, or nothing with the lines that are wrong."""

    permission_required = ("places.add_address", "places.change_address")
    raise_exception = True

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(request, AddressFileForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = AddressFileForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._show(request, form)
        try:
            report = load_addresses(
                io.TextIOWrapper(form.cleaned_data["file"], encoding="utf-8-sig", newline=""), actor=request.user
            )
        except AddressesRefused as problem:
            return self._show(request, form, problem.lines)
        counts = {"created": report.created, "updated": report.updated}
        messages.success(request, gettext("%(created)s addresses made, %(updated)s updated.") % counts)
        return redirect("address:index")

    def _show(self, request: HttpRequest, form: AddressFileForm, refused: list[str] | None = None) -> HttpResponse:
        context = {"form": form, "refused": refused or [], "page_title": _("Load addresses")}
        return render(request, "places/admin/import.html", context)


class AddressViewSet(ModelViewSet):
    """Addresses, each in its neighbourhood."""

    model = Address
    icon = "home"
    menu_label = _("Addresses")
    index_view_class = AddressIndexView
    copy_view_enabled = False
    inspect_view_enabled = True
    search_fields = ["street", "postcode"]
    search_backend_name = None
    list_display = ["street", "number", "addition", "postcode", Column("neighbourhood", label=_("Neighbourhood"))]

    def get_form_class(self, for_update: bool = False) -> type:
        return AddressForm

    def get_urlpatterns(self) -> list[URLPattern]:
        return [*super().get_urlpatterns(), path("import/", AddressImportView.as_view(), name="import")]


class PlacesViewSetGroup(ModelViewSetGroup):
    """Neighbourhoods and addresses in one menu."""

    menu_label = _("Neighbourhoods")
    menu_icon = "site"
    menu_order = 530
    items = (AreaViewSet("area", url_prefix="areas"), AddressViewSet("address", url_prefix="addresses"))
