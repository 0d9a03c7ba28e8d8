"""Who takes part: accounts, residents and their proof of residence, letter codes."""

import uuid
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager["User"]):
    """Makes accounts; the e-mail address is kept in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        fields.setdefault("display_name", email.partition("@")[0])
        return self.create_user(email, password, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser, PermissionsMixin):
    """An account (account). What others see of a person is `display_name`."""

    email = models.EmailField(_("e-mail address"), unique=True)
    display_name = models.CharField(
        _("display name"), max_length=60, help_text=_("Others see this name beside what you write.")
    )
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES, default="nl")
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(_("date joined"), default=timezone.now)
    erased_at = models.DateTimeField(_("erased at"), null=True, blank=True, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["display_name"]

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.UniqueConstraint(Lower("email"), name="one_account_per_email"),
        ]

    def __str__(self) -> str:
        return self.display_name

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        return self.display_name


class Resident(models.Model):
    """A resident (inwoner): the person behind an account, where they live and how that was proved.

    `reference` stands for the person in the ballot box (through an HMAC per vote); it says nothing
    by itself and is never shown.
    """

    class Proof(models.IntegerChoices):
        NONE = 0, _("not proved")
        EMAIL = 1, _("e-mail address confirmed")
        LETTER = 2, _("letter code entered")
        COUNTER = 3, _("shown at the counter")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="resident", verbose_name=_("account")
    )
    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    neighbourhood = models.ForeignKey(
        "places.Area", models.PROTECT, null=True, blank=True, related_name="residents", verbose_name=_("neighbourhood")
    )
    address = models.ForeignKey(
        "places.Address", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("address")
    )
    birth_date = models.DateField(_("date of birth"), null=True, blank=True)
    proof = models.PositiveSmallIntegerField(_("proof of residence"), choices=Proof, default=Proof.NONE)
    proved_at = models.DateTimeField(_("proved at"), null=True, blank=True)

    class Meta:
        verbose_name = _("resident")
        verbose_name_plural = _("residents")
        constraints = [
            models.CheckConstraint(
                condition=Q(proof__lt=2) | Q(neighbourhood__isnull=False, proved_at__isnull=False),
                name="proof_of_residence_names_neighbourhood",
                violation_error_message=_("Proof of residence needs a neighbourhood and a date."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.user)


class LetterBatch(models.Model):
    """A batch of letters with codes (brievenronde) to every address of an area.

    Every address gets its rows when the batch is made; the codes themselves are made at export, put in
    the printer's file, and forgotten. `exported_at` is set when no row waits any more.
    """

    area = models.ForeignKey("places.Area", models.PROTECT, related_name="+", verbose_name=_("area"))
    codes_per_address = models.PositiveSmallIntegerField(
        _("codes per address"), default=1, help_text=_("One code proves one person's residence.")
    )
    text = models.TextField(
        _("extra text in the letter"),
        max_length=1000,
        blank=True,
        help_text=_("Say what this letter is for. Leave empty lines between paragraphs."),
    )
    created_at = models.DateTimeField(_("made at"), default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("made by")
    )
    expires_at = models.DateTimeField(_("valid until"))
    exported_at = models.DateTimeField(_("exported for the printer at"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("letter batch")
        verbose_name_plural = _("letter batches")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=models.F("created_at")),
                name="letter_batch_expires_after_made",
                violation_error_message=_("The last day must be in the future."),
            ),
            models.CheckConstraint(
                condition=Q(codes_per_address__gte=1, codes_per_address__lte=10),
                name="letter_batch_has_one_to_ten_codes",
                violation_error_message=_("Choose 1 to 10 codes per address."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.area} {timezone.localdate(self.created_at):%d-%m-%Y}"

    @property
    def last_day(self) -> date:
        """The last day on which its codes work: they expire at the midnight that ends it."""
        return timezone.localdate(self.expires_at - timedelta(microseconds=1))


class LetterCode(models.Model):
    """A letter to an address with one code (briefcode). Only the code's keyed hash is stored, from its export on."""

    batch = models.ForeignKey(LetterBatch, models.CASCADE, related_name="codes", verbose_name=_("batch"))
    address = models.ForeignKey("places.Address", models.CASCADE, related_name="+", verbose_name=_("address"))
    number = models.PositiveSmallIntegerField(_("number at the address"), default=1)
    code_hash = models.BinaryField(max_length=32, unique=True, null=True, editable=False)
    exported_at = models.DateTimeField(_("exported at"), null=True, blank=True, editable=False)
    redeemed_at = models.DateTimeField(_("used at"), null=True, blank=True)
    redeemed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    voided_at = models.DateTimeField(_("void since"), null=True, blank=True)

    class Meta:
        verbose_name = _("letter code")
        verbose_name_plural = _("letter codes")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(redeemed_at__isnull=True) | Q(voided_at__isnull=True),
                name="void_letter_code_is_not_redeemed",
            ),
            models.CheckConstraint(
                condition=Q(code_hash=None, exported_at=None, redeemed_at=None)
                | Q(code_hash__isnull=False, exported_at__isnull=False),
                name="letter_code_is_hashed_at_export",
            ),
            models.UniqueConstraint(
                fields=["batch", "address", "number"], condition=Q(voided_at=None), name="one_valid_letter_per_number"
            ),
        ]
        indexes = [
            models.Index(fields=["batch"], condition=Q(code_hash=None, voided_at=None), name="letter_codes_to_export"),
        ]

    def __str__(self) -> str:
        return f"{self.batch} {self.address}"


class LetterCodeAttempt(models.Model):
    """A try to enter a letter code, kept for an hour to count tries."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["user", "at"], name="letter_attempt_by_user")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.at}"


class AccountMail(models.Model):
    """A mail about an account (accountbericht): log-in code, password reset, warning.

    Written before it is sent, so that it leaves again after a fault; emptied once sent, because it
    holds codes. Notices about participation have their own outbox (`notices`), which needs an account.
    """

    recipient = models.EmailField(_("recipient"))
    subject = models.CharField(_("subject"), max_length=200)
    text = models.TextField(_("text"))
    html = models.TextField(blank=True)
    created_at = models.DateTimeField(_("written at"), default=timezone.now)
    claimed_until = models.DateTimeField(null=True, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)

    class Meta:
        verbose_name = _("account mail")
        verbose_name_plural = _("account mails")
        ordering = ["pk"]
        indexes = [models.Index(fields=["created_at"], condition=Q(sent_at=None), name="account_mail_to_send")]

    def __str__(self) -> str:
        return f"{self.recipient}: {self.subject}"
