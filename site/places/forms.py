"""Where something is: a place by map, by address or by area."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from places.models import Address, Area
from places.queries import address_at, area_at, is_address_of, lies_within, plain_postcode

POINT = {"latitude", "longitude"}
ADDRESS = {"postcode", "house_number", "house_addition"}
POSTCODE = RegexValidator(r"^\s*[1-9][0-9]{3}\s*[A-Za-z]{2}\s*$", _("Write the postcode like this: 1234 AB."))


class PostcodeField(forms.CharField):
    """A Dutch postcode; cleaned to the stored form, such as 1234AB."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Postcode"))
        super().__init__(validators=[POSTCODE], **kwargs)
        self.widget.attrs.update({"autocomplete": "postal-code", "maxlength": 10})

    def clean(self, value: Any) -> str:
        return plain_postcode(super().clean(value))


def number_field(**kwargs: Any) -> forms.IntegerField:
    """A house number; a text field with a numeric keyboard, because spinners change numbers by accident."""
    widget = forms.TextInput(attrs={"inputmode": "numeric"})
    return forms.IntegerField(label=_("House number"), min_value=1, max_value=99999, widget=widget, **kwargs)


class AreaChoiceField(forms.ModelChoiceField):
    """A choice of areas: neighbourhoods, shown with their district, districts and the municipality."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Neighbourhood or district"))
        kwargs.setdefault("empty_label", _("Choose a neighbourhood or district"))
        super().__init__(Area.objects.select_related("parent").order_by("parent__name", "name"), **kwargs)

    def label_from_instance(self, area: Area) -> str:
        return f"{area.parent} – {area}" if area.parent else area.name


class PlaceFormMixin(forms.Form):
    """Fields for a place, to mix into a form: a point on the map, an address, or an area.

    After cleaning, `cleaned_data` has `latitude` and `longitude` (floats or None), `area` (an
    `Area` or None) and `location_text`. A point wins from an address, an address from an area.
    A place that was kept before (in `initial`) gives way to one chosen now, and so does the address it was
    described with. What gave way is also empty when the form is shown again.
    Set `place_required` to demand one of the three; pass `place_within` (an `Area`) to refuse
    places elsewhere. Show the fields with `{% include "components/place_fields.html" %}`.
    """

    place_required = False

    latitude = forms.FloatField(required=False, min_value=-90, max_value=90, widget=forms.HiddenInput)
    longitude = forms.FloatField(required=False, min_value=-180, max_value=180, widget=forms.HiddenInput)
    postcode = PostcodeField(required=False)
    house_number = number_field(required=False)
    house_addition = forms.CharField(label=_("Addition"), max_length=10, required=False)
    area = AreaChoiceField(required=False)
    location_text = forms.CharField(
        label=_("Describe the place"),
        max_length=200,
        required=False,
        help_text=_("For example: beside the playground."),
    )

    def __init__(self, *args: Any, place_within: Area | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.place_within = place_within
        for name in (*ADDRESS, "area", "location_text"):
            # The three ways stand below one heading, which says for all of them whether a place is asked.
            self.fields[name].says_optional = False  # type: ignore[attr-defined]

    @property
    def has_point(self) -> bool:
        """Whether a point on the map travels along, which nobody sees before the map is opened."""
        return bool(self["latitude"].value() and self["longitude"].value())

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        self._prefer_new_place(data, set(self.changed_data))
        self._place(data)
        self._check_place(data)
        return data

    def _prefer_new_place(self, data: dict[str, Any], changed: set[str]) -> None:
        if changed & (ADDRESS | {"area"}) and not changed & POINT:
            self._empty(data, POINT)
        if changed & (POINT | ADDRESS | {"area"}) and "location_text" not in changed and self._kept_an_address():
            self._empty(data, {"location_text"})

    def _kept_an_address(self) -> bool:
        """Whether the description that was kept came from an address, and not from a person."""
        names = ("location_text", "area", "latitude", "longitude")
        text, area, latitude, longitude = (self.initial.get(name) for name in names)
        return bool(text and area) and is_address_of(str(text), area=area, latitude=latitude, longitude=longitude)

    def _empty(self, data: dict[str, Any], names: set[str]) -> None:
        data.update({name: "" if name == "location_text" else None for name in names})
        self._show(dict.fromkeys(names, ""))

    def _show(self, values: dict[str, Any]) -> None:
        """When the form comes back with an error it shows the place as it is kept, else the next try undoes it."""
        sent: Any = self.data
        self.data = shown = sent.copy()
        for name, value in values.items():
            shown[self.add_prefix(name)] = value

    def _place(self, data: dict[str, Any]) -> None:
        if data.get("latitude") is not None and data.get("longitude") is not None:
            data["area"] = area_at(data["longitude"], data["latitude"])
            if data["area"] is None:
                self.add_error(None, _("The point on the map is outside the municipality. Choose another point."))
            else:
                self._show({**dict.fromkeys(ADDRESS, ""), "area": data["area"].pk})
            return
        data["latitude"] = data["longitude"] = None
        if data.get("postcode") or data.get("house_number"):
            self._place_by_address(data)

    def _place_by_address(self, data: dict[str, Any]) -> None:
        address = self._address(data)
        if address is None:
            return
        data.update(area=address.neighbourhood, latitude=address.latitude, longitude=address.longitude)
        data["location_text"] = data.get("location_text") or str(address)

    def _address(self, data: dict[str, Any]) -> Address | None:
        if {"postcode", "house_number"} & set(self.errors):
            return None
        if not (data.get("postcode") and data.get("house_number")):
            missing = "house_number" if data.get("postcode") else "postcode"
            self.add_error(missing, _("Fill in both the postcode and the house number."))
            return None
        address = address_at(data["postcode"], data["house_number"], data.get("house_addition", ""))
        if address is None:
            self.add_error("postcode", _("We do not know this address. Check it, or choose a neighbourhood."))
        return address

    def _check_place(self, data: dict[str, Any]) -> None:
        area = data.get("area")
        if self.errors:
            return
        if area is None and self.place_required:
            self.add_error("area", _("Choose a place: on the map, by address or by neighbourhood."))
        if area is not None and self.place_within is not None and not lies_within(area, self.place_within):
            self.add_error("area", _("This place is not in %(area)s.") % {"area": self.place_within})


class WhereForm(forms.Form):
    """A postcode and house number; cleaned to `address`."""

    use_required_attribute = False

    postcode = PostcodeField()
    number = number_field()
    addition = forms.CharField(label=_("Addition"), max_length=10, required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors:
            data["address"] = address_at(data["postcode"], data["number"], data["addition"])
            if data["address"] is None:
                self.add_error("postcode", _("We do not know this address. Check the postcode and the number."))
        return data
