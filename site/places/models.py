"""Where things are: municipality → districts → neighbourhoods, their figures and addresses."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel


class Area(ClusterableModel):
    """A municipality (gemeente), district (wijk) or neighbourhood (buurt).

    `boundary` is a GeoJSON Polygon or MultiPolygon geometry in EPSG:4326, or NULL while unknown;
    the four bounds are its envelope, so that a point needs no geometry to be ruled out.
    """

    class Kind(models.TextChoices):
        MUNICIPALITY = "municipality", _("Municipality")
        DISTRICT = "district", _("District")
        NEIGHBOURHOOD = "neighbourhood", _("Neighbourhood")

    kind = models.CharField(_("kind"), max_length=13, choices=Kind)
    code = models.CharField(
        _("code"), max_length=10, unique=True, help_text=_("Such as GM0917, WK091700 or BU09170000.")
    )
    name = models.CharField(_("name"), max_length=100)
    slug = models.SlugField(_("slug"), max_length=110, unique=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("part of")
    )
    boundary = models.JSONField(_("boundary"), null=True, blank=True)
    west = models.FloatField(null=True, editable=False)
    south = models.FloatField(null=True, editable=False)
    east = models.FloatField(null=True, editable=False)
    north = models.FloatField(null=True, editable=False)
    # Tells every process that its copy of the boundaries is old; see `places.boundaries`.
    changed_at = models.DateTimeField(auto_now=True, editable=False, db_index=True)

    class Meta:
        verbose_name = _("area")
        verbose_name_plural = _("areas")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="municipality", parent=None) | (~Q(kind="municipality") & Q(parent__isnull=False)),
                name="only_municipality_has_no_parent",
                violation_error_message=_(
                    "A district or neighbourhood is part of another area; a municipality is not."
                ),
            ),
            models.CheckConstraint(
                condition=Q(boundary=None, west=None, south=None, east=None, north=None)
                # In SQL a comparison with NULL is no refusal, so each NULL is ruled out by name.
                | Q(
                    *(Q(**{f"{side}__isnull": False}) for side in ("boundary", "west", "south", "east", "north")),
                    west__lte=F("east"),
                    south__lte=F("north"),
                ),
                name="area_bounds_follow_boundary",
                violation_error_message=_("The bounds must belong to the boundary."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AreaFigures(models.Model):
    """Population and electorate (kiesgerechtigden) of an area on a date."""

    area = ParentalKey(Area, related_name="figures", verbose_name=_("area"))
    date = models.DateField(_("reference date"))
    population = models.PositiveIntegerField(_("population"), null=True, blank=True)
    electorate = models.PositiveIntegerField(_("electorate"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("figures of an area")
        verbose_name_plural = _("figures of areas")
        ordering = ["-date"]
        constraints = [
            models.UniqueConstraint(fields=["area", "date"], name="one_figure_per_area_and_date"),
            models.CheckConstraint(
                condition=Q(population__isnull=True) | Q(electorate__isnull=True) | Q(electorate__lte=F("population")),
                name="electorate_within_population",
                violation_error_message=_("The electorate cannot be larger than the population."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.area} {self.date}"


class Address(models.Model):
    """An address (adres): postcode, house number and addition, in one neighbourhood."""

    postcode = models.CharField(
        _("postcode"), max_length=6, help_text=_("Four digits and two letters, without a space.")
    )
    number = models.PositiveIntegerField(_("house number"))
    addition = models.CharField(_("addition"), max_length=10, blank=True)
    street = models.CharField(_("street"), max_length=100)
    city = models.CharField(_("city"), max_length=80, blank=True, help_text=_("Empty means: the municipality's name."))
    neighbourhood = models.ForeignKey(Area, models.PROTECT, related_name="addresses", verbose_name=_("neighbourhood"))
    latitude = models.FloatField(_("latitude"), null=True, blank=True)
    longitude = models.FloatField(_("longitude"), null=True, blank=True)

    class Meta:
        verbose_name = _("address")
        verbose_name_plural = _("addresses")
        ordering = ["street", "number", "addition"]
        constraints = [
            models.UniqueConstraint(fields=["postcode", "number", "addition"], name="one_row_per_address"),
            models.CheckConstraint(
                condition=Q(postcode__regex=r"^[1-9][0-9]{3}[A-Z]{2}$"),
                name="postcode_has_dutch_form",
                violation_error_message=_("A postcode has four digits and two letters, such as 1234AB."),
            ),
            models.CheckConstraint(
                condition=Q(latitude=None, longitude=None)
                | Q(
                    Q(latitude__isnull=False, longitude__isnull=False),
                    latitude__gte=-90,
                    latitude__lte=90,
                    longitude__gte=-180,
                    longitude__lte=180,
                ),
                name="address_point_is_whole",
                violation_error_message=_("Give both a latitude and a longitude, or neither."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.street} {self.number}{self.addition}"
