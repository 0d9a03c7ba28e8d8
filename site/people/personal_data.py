"""Personal data of accounts and residents, and of the packages accounts are built on."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from people.privacy import DAY, YEAR, After, DataClass, PersonalData, declare

ACCOUNT, SECURITY, STAFF = DataClass.ACCOUNT, DataClass.SECURITY, DataClass.STAFF_WORK

declare(
    PersonalData(
        "people.User",
        fields=("email", "display_name"),
        data_class=ACCOUNT,
        owner="pk",
        # Erasure itself empties the account; see `people.erasure`.
        on_erasure=After.KEEP,
        export=("email", "display_name", "language", "date_joined", "last_login"),
    ),
    PersonalData(
        "people.Resident",
        fields=("user", "birth_date"),
        data_class=DataClass.RESIDENCE,
        owner="user",
        on_erasure=After.BLANK,
        blank=("birth_date", "address", "neighbourhood", "proof", "proved_at", "reference"),
        export=(
            "birth_date",
            "neighbourhood__name",
            "address__street",
            "address__number",
            "address__addition",
            "address__postcode",
            "proof",
            "proved_at",
        ),
    ),
    PersonalData("people.LetterBatch", fields=("created_by",), data_class=STAFF, owner="created_by"),
    PersonalData(
        "people.LetterCode",
        fields=("redeemed_by",),
        data_class=DataClass.RESIDENCE,
        owner="redeemed_by",
        keep=YEAR,
        since="redeemed_at",
        then=After.BLANK,
        on_erasure=After.BLANK,
        blank=("redeemed_by",),
        export=("redeemed_at",),
    ),
    PersonalData(
        "people.LetterCodeAttempt",
        fields=("user",),
        data_class=SECURITY,
        owner="user",
        keep=DAY,
        since="at",
        on_erasure=After.DELETE,
        name=_("attempts to fill in a letter code"),
    ),
    PersonalData(
        "people.AccountMail", fields=("recipient",), data_class=DataClass.MAIL, keep=2 * DAY, since="created_at"
    ),
    PersonalData(
        "account.EmailAddress",
        fields=("user", "email"),
        data_class=ACCOUNT,
        owner="user",
        on_erasure=After.DELETE,
        export=("email", "verified", "primary"),
        headings={"verified": _("confirmed"), "primary": _("main address")},
    ),
    PersonalData(
        "mfa.Authenticator",
        fields=("user",),
        data_class=SECURITY,
        owner="user",
        on_erasure=After.DELETE,
        export=("type", "created_at", "last_used_at"),
        name=_("ways to get a second code"),
        headings={"created_at": _("since"), "last_used_at": _("last used on")},
    ),
    PersonalData(
        "usersessions.UserSession",
        fields=("user", "ip", "user_agent"),
        data_class=SECURITY,
        owner="user",
        keep=timedelta(days=30),
        since="last_seen_at",
        on_erasure=After.DELETE,
        export=("created_at", "last_seen_at", "ip", "user_agent"),
        name=_("browsers in which you are logged in"),
        headings={
            "created_at": _("since"),
            "last_seen_at": _("last seen on"),
            "ip": _("internet address"),
            "user_agent": _("browser"),
        },
    ),
    PersonalData(
        "socialaccount.SocialAccount",
        fields=("user",),
        data_class=ACCOUNT,
        owner="user",
        on_erasure=After.DELETE,
        export=("provider", "date_joined"),
        name=_("accounts elsewhere that you log in with"),
        headings={"provider": _("where"), "date_joined": _("since")},
    ),
)

# What staff did in Wagtail's admin: kept with the pages, under the name of the account.
for model, fields, owner in [
    ("wagtailcore.Page", ("owner", "locked_by"), "owner"),
    ("wagtailcore.Revision", ("user",), "user"),
    ("wagtailcore.PageLogEntry", ("user",), "user"),
    ("wagtailcore.ModelLogEntry", ("user",), "user"),
    ("wagtailcore.Comment", ("user", "resolved_by"), "user"),
    ("wagtailcore.CommentReply", ("user",), "user"),
    ("wagtailcore.WorkflowState", ("requested_by",), "requested_by"),
    ("wagtailcore.TaskState", ("finished_by",), "finished_by"),
    ("wagtailcore.UploadedFile", ("uploaded_by_user",), "uploaded_by_user"),
    ("wagtaildocs.Document", ("uploaded_by_user",), "uploaded_by_user"),
    ("wagtailimages.Image", ("uploaded_by_user",), "uploaded_by_user"),
]:
    declare(PersonalData(model, fields=fields, data_class=STAFF, owner=owner))
# Settings and work in progress of one member of staff.
for model in (
    "wagtailcore.APIToken",
    "wagtailcore.PageSubscription",
    "wagtailadmin.EditingSession",
    "wagtailadmin.FormState",
    "wagtailusers.UserProfile",
):
    declare(PersonalData(model, fields=("user",), data_class=STAFF, owner="user", on_erasure=After.DELETE))
