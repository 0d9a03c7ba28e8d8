"""Django settings: one module, three profiles (demo, test, production), everything else from the environment."""

import secrets
import sys
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF, UNSAFE_INLINE
from django.utils.translation import gettext_lazy as _

from config.environment import (
    INSTRUMENTS as ALL_INSTRUMENTS,
)
from config.environment import (
    EnvironmentProblem,
    parse_database_url,
    parse_email_url,
    read_environment,
)
from config.logs import logging_config

BASE_DIR = Path(__file__).resolve().parents[2]

try:
    env = read_environment()
except EnvironmentProblem as problem:
    sys.exit(f"The site cannot start.\n{problem}")

PROFILE = env.profile
PRODUCTION = env.is_production
VAR_DIR = Path(env.value("EMBEDDED_DIR", str(BASE_DIR / "var")))
DEBUG = False
TESTING = PROFILE == "test"


def _kept_secret(path: Path) -> str:
    """A secret made once and kept beside the embedded database, so that log-ins outlive a restart."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(64))
    return path.read_text()


def _server(variable: str, kind: str) -> str:
    """The named server's address, or that of the embedded one in `VAR_DIR` (which need not run yet)."""
    if address := env.value(variable):
        return address
    from config import embedded

    return str(getattr(embedded, f"{kind}_url")(VAR_DIR))


SECRET_KEY = env.value("SECRET_KEY") or ("test" * 16 if TESTING else _kept_secret(VAR_DIR / "secret-key"))
# Keys of the past: log-ins, links and letter codes made under them go on to work.
SECRET_KEY_FALLBACKS = env.names("SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = env.names("ALLOWED_HOSTS", ("localhost", "127.0.0.1", "[::1]"))
PORT = env.number("PORT")
BASE_URL = env.value("BASE_URL", f"http://localhost:{PORT}").rstrip("/")
SITE_NAME = "Participatiemix"

# --- Applications -------------------------------------------------------------------------------

# Each instrument can be left out; the rest of the site goes on without it.
INSTRUMENTS = env.names("PARTICIPATIEMIX_INSTRUMENTS", ALL_INSTRUMENTS)

INSTALLED_APPS = [
    "config",
    *INSTRUMENTS,
    "opendata",
    "process",
    "ballots",
    "conversation",
    "notices",
    "pages",
    "people",
    "places",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.mfa",
    "allauth.usersessions",
    "wagtail.contrib.redirects",
    "wagtail.contrib.settings",
    "wagtail.contrib.sitemaps",
    "wagtail.embeds",
    "wagtail.sites",
    "people.wagtail_users.WagtailUsersConfig",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    "django_htmx",
    "csp",
    "django.contrib.postgres",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "config.health.HealthMiddleware",
    "config.csp.PolicyMiddleware",
    # Before whatever may refuse a request: a refusal, too, is read in the language of its address.
    "pages.languages.PathLocaleMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "pages.page_cache.AnonymousPageCacheMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "people.middleware.StaffSecondFactorMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
# An address typed without a scheme is a https address (Django 6's default, chosen now).
FORMS_URLFIELD_ASSUME_HTTPS = True

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "pages.context.site_chrome",
            ],
            "builtins": ["pages.templatetags.components"],
        },
    },
]

# --- Database, cache, tasks -----------------------------------------------------------------------

DATABASES = {"default": parse_database_url(_server("DATABASE_URL", "database"))}
# The few statements of casting are prepared (`ballots.prepared`), whatever stands between here and the server must let them.
DATABASES["default"]["OPTIONS"]["prepare_threshold"] = 2
if not TESTING:
    DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 1, "max_size": 4, "timeout": 10}

BROKER_URL = _server("BROKER_URL", "broker")
CACHE_URL = env.value("CACHE_URL", BROKER_URL.rsplit("/", 1)[0] + "/1" if "://" in BROKER_URL else BROKER_URL)
CACHES = {
    "default": {
        "BACKEND": "config.cache.ForgivingRedisCache",
        "LOCATION": CACHE_URL,
        "KEY_PREFIX": "pm",
        "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 1.0},
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"

CELERY_BROKER_URL = BROKER_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 30 * 60
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# The visibility time must exceed the longest task; long waits live in the database, never in a countdown.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 60 * 60,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 2,
    "socket_timeout": 10,
    # A page that queues a task while the broker is away waits 0.2 seconds, not 6: the sweep does the work later.
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.1,
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TIMEZONE = "Europe/Amsterdam"
# How often the boxes of open votes are mixed, and fixed in their log when there are enough ballots.
BALLOTS_CHECKPOINT_SECONDS = env.number("BALLOTS_CHECKPOINT_SECONDS")
CELERY_BEAT_SCHEDULE = {
    "deliver-outbox": {"task": "notices.tasks.deliver_outbox", "schedule": 10.0},
    "close-due-votes": {"task": "ballots.tasks.close_due_votes", "schedule": 15.0},
    "write-checkpoints": {
        "task": "ballots.tasks.write_checkpoints",
        "schedule": BALLOTS_CHECKPOINT_SECONDS,
    },
    "shred-boxes": {"task": "ballots.tasks.shred_boxes", "schedule": 60.0},
    "tell-voters": {"task": "ballots.tasks.tell_voters", "schedule": 60.0},
    "forget-old-rolls": {"task": "ballots.tasks.forget_old_rolls", "schedule": 24 * 60 * 60.0},
    "wipe-old-tests": {"task": "ballots.tasks.wipe_old_tests", "schedule": 24 * 60 * 60.0},
    "send-account-mail": {"task": "people.tasks.send_waiting_mail", "schedule": 20.0},
    "keep-no-longer-than-needed": {"task": "people.tasks.apply_retention", "schedule": 24 * 60 * 60.0},
    "escalate-late-terms": {"task": "process.tasks.escalate_late_terms", "schedule": 60 * 60.0},
    "publish-scheduled-pages": {"task": "pages.tasks.publish_scheduled_pages", "schedule": 60.0},
}
if "proposals" in INSTRUMENTS:
    CELERY_BEAT_SCHEDULE |= {
        "tell-supporters": {"task": "proposals.tasks.announce_waiting", "schedule": 15.0},
        "delete-old-drafts": {"task": "proposals.tasks.delete_old_drafts", "schedule": 6 * 60 * 60.0},
    }
if "referendum" in INSTRUMENTS:
    CELERY_BEAT_SCHEDULE |= {
        "tell-decisions": {"task": "referendum.tasks.sweep_decisions", "schedule": 60.0},
    }
if "budget" in INSTRUMENTS:
    CELERY_BEAT_SCHEDULE |= {
        "settle-rounds": {"task": "budget.tasks.sweep_rounds", "schedule": 60.0},
        "forget-plan-drafts": {"task": "budget.tasks.forget_drafts", "schedule": 24 * 60 * 60.0},
    }
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat-schedule")

# --- People, log-in -------------------------------------------------------------------------------

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "display_name")},
    },
    {"NAME": "people.passwords.LengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "people.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
# The password is a choice: without one, people log in with a code by e-mail.
ACCOUNT_SIGNUP_FIELDS = ["email*", "display_name*", "password1"]
ACCOUNT_SIGNUP_FORM_CLASS = "people.forms.SignupDetailsForm"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
# Long enough for slow mail and slow readers (WCAG 2.2.1).
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_TIMEOUT = 30 * 60
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_FORMS = {
    "login": "people.account_forms.LoginForm",
    "signup": "people.account_forms.SignupForm",
    "request_login_code": "people.account_forms.RequestLoginCodeForm",
    "confirm_login_code": "people.account_forms.ConfirmLoginCodeForm",
    "confirm_email_verification_code": "people.account_forms.ConfirmEmailVerificationCodeForm",
    "add_email": "people.account_forms.AddEmailForm",
    "reset_password": "people.account_forms.ResetPasswordForm",
    "change_password": "people.account_forms.ChangePasswordForm",
    "set_password": "people.account_forms.SetPasswordForm",
    "reset_password_from_key": "people.account_forms.ResetPasswordKeyForm",
    "reauthenticate": "people.account_forms.ReauthenticateForm",
}
# Proxies before this server that write X-Forwarded-For; rate limits count the visitor, not the proxy.
ALLAUTH_TRUSTED_PROXY_COUNT = env.number("TRUSTED_PROXY_COUNT")
ACCOUNT_DEFAULT_HTTP_PROTOCOL = BASE_URL.split("://")[0]
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_TOTP_ISSUER = SITE_NAME
# The code before and the one after count too (RFC 6238, 5.2): who types a code as it changes is let in.
MFA_TOTP_TOLERANCE = 1
MFA_ADAPTER = "people.adapters.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "people.account_forms.AuthenticateForm",
    "reauthenticate": "people.account_forms.SecondFactorReauthenticateForm",
    "activate_totp": "people.account_forms.ActivateTOTPForm",
}
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {}
SOCIALACCOUNT_ONLY = False
if TESTING:
    ACCOUNT_RATE_LIMITS = False

# --- Votes ----------------------------------------------------------------------------------------

# The electoral roll of a vote goes this many days after its result was published (the term to object).
BALLOTS_APPEAL_DAYS = env.number("BALLOTS_APPEAL_DAYS")
# A dry run is open so long, and is then deleted with everything that belongs to it.
BALLOTS_TEST_DAYS = env.number("BALLOTS_TEST_DAYS")
REFERENDUM_DECISION_WEEKS = env.number("REFERENDUM_DECISION_WEEKS")
# A checkpoint fixes at least so many ballots, and leaves so many for the next (docs/decisions/0007-checkpoints.md).
BALLOTS_LEAST_BATCH = env.number("BALLOTS_LEAST_BATCH")
BALLOTS_HELD_BACK = env.number("BALLOTS_HELD_BACK")
# Numbers about a group of people are shown from so many on.
# So many voters one person may help at the counter, in one vote.
BALLOTS_MOST_HELPED = env.number("BALLOTS_MOST_HELPED")
BALLOTS_CELL_MINIMUM = env.number("BALLOTS_CELL_MINIMUM")

# --- Languages ------------------------------------------------------------------------------------

LANGUAGE_CODE = "nl"
FORMAT_MODULE_PATH = ["config.formats"]
LANGUAGES = [("nl", _("Dutch")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Europe/Amsterdam"
USE_TZ = True
USE_THOUSAND_SEPARATOR = True

# --- Wagtail --------------------------------------------------------------------------------------

WAGTAIL_SITE_NAME = SITE_NAME
WAGTAILADMIN_BASE_URL = BASE_URL
ADMIN_PREFIX = "/beheer/"
WAGTAILADMIN_LOGIN_URL = "account_login"
WAGTAIL_FRONTEND_LOGIN_URL = "account_login"
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
# Who may write a page may publish it; what waits for whom stands on the start page (`process.dashboard`).
WAGTAIL_WORKFLOW_ENABLED = False
# The whole admin lives in the time of the municipality.
WAGTAIL_USER_TIME_ZONES = [TIME_ZONE]
# Passwords are set by their owners, through a mail; never by an administrator.
WAGTAILUSERS_PASSWORD_ENABLED = False
# No request of ours, or of a visitor's browser, leaves the municipality.
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_CONTENT_LANGUAGES = LANGUAGES
WAGTAILADMIN_PERMITTED_LANGUAGES = [("nl", "Nederlands"), ("en", "English")]
WAGTAILIMAGES_EXTENSIONS = ["jpg", "jpeg", "png", "webp"]
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 10 * 1024 * 1024
WAGTAILDOCS_EXTENSIONS = ["pdf", "docx", "odt", "xlsx", "ods", "csv"]
SEARCH_CONFIG = "public.dutch_unaccent"
MODELSEARCH_BACKENDS = WAGTAILSEARCH_BACKENDS = {
    "default": {"BACKEND": "modelsearch.backends.database", "SEARCH_CONFIG": SEARCH_CONFIG}
}

# --- Files ----------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "config.assets.PackageFinder",
]
# Tests read assets where they lie; everywhere else they are collected, with their hash in the name.
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = TESTING
MEDIA_URL = "/media/"
MEDIA_ROOT = Path(env.value("MEDIA_ROOT", str(VAR_DIR / "media")))
# What residents send: no web server serves this folder, views do (pages.uploads).
UPLOADS_ROOT = Path(env.value("UPLOADS_ROOT", str(VAR_DIR / "uploads")))
_STATIC_STORAGE = {
    "test": "django.contrib.staticfiles.storage.StaticFilesStorage",
    "demo": "config.static_files.Manifest",
    "production": "config.static_files.CompressedManifest",
}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _STATIC_STORAGE[PROFILE]},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o644

# --- Mail -----------------------------------------------------------------------------------------

DEFAULT_FROM_EMAIL = env.value("DEFAULT_FROM_EMAIL", "Participatiemix <doemee@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# The demonstration sends nothing: its mails lie in this folder, and /demo/post/ shows them.
DEMO_MAIL_DIR = VAR_DIR / "mail"
if env.value("EMAIL_URL"):
    globals().update(parse_email_url(env.value("EMAIL_URL")))
else:
    EMAIL_BACKEND = "notices.demo_mail.FolderBackend"

# --- Security -------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "worker-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}
# Wagtail's admin has inline scripts and styles and knows no nonces; this policy holds under ADMIN_PREFIX only.
ADMIN_CONTENT_SECURITY_POLICY = {
    "default-src": [SELF],
    "script-src": [SELF, UNSAFE_INLINE],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:", "blob:"],
    "font-src": [SELF, "data:"],
    "frame-src": [SELF],
    "form-action": [SELF],
    "base-uri": [NONE],
    "frame-ancestors": [SELF],
    "object-src": [NONE],
}
# Wagtail itself allows its own frames for its previews.
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 14 * 24 * 60 * 60
CSRF_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.switch("SSL_REDIRECT")
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
    CSRF_TRUSTED_ORIGINS = [BASE_URL]
    if env.switch("TRUST_FORWARDED_PROTO"):
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- Logs -----------------------------------------------------------------------------------------

LOGGING = logging_config(env)
