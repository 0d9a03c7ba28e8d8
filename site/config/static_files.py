"""Where styles and scripts lie, by the manifest that `collectstatic` writes. Every page asks for the same dozen addresses."""

from typing import Any

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.files.storage import Storage
from whitenoise.storage import CompressedManifestStaticFilesStorage


class KeptAddresses(Storage):
    """Works out an address once per process: the manifest does not change while the site runs."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.kept: dict[str, str] = {}
        super().__init__(*args, **kwargs)

    def url(self, name: Any, force: bool = False) -> str:
        """As the storage below gives it."""
        if force or name not in self.kept:
            self.kept[name] = super().url(name, force)  # type: ignore[call-arg]
        return self.kept[name]


class Manifest(KeptAddresses, ManifestStaticFilesStorage):
    """For a demonstration, which serves its own machine: compressing takes as long as the rest of a first run."""


class CompressedManifest(KeptAddresses, CompressedManifestStaticFilesStorage):
    """For everybody else."""
