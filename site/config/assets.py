"""Browser assets from npm packages: an explicit list, never the whole `node_modules` folder."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.checks import CheckMessage, Error, register
from django.core.files.storage import FileSystemStorage, Storage

# static name → file below node_modules
ASSETS = {
    "vendor/utrecht/index.css": "@utrecht/component-library-css/dist/index.css",
    "vendor/tokens/theme.css": "@nl-design-system-unstable/voorbeeld-design-tokens/dist/theme.css",
    "vendor/figtree/latin.woff2": "@fontsource-variable/figtree/files/figtree-latin-wght-normal.woff2",
    "vendor/figtree/latin-ext.woff2": "@fontsource-variable/figtree/files/figtree-latin-ext-wght-normal.woff2",
    "vendor/leaflet/leaflet.css": "leaflet/dist/leaflet.css",
    "vendor/leaflet/leaflet.js": "leaflet/dist/leaflet.js",
    "vendor/leaflet/leaflet.js.map": "leaflet/dist/leaflet.js.map",
    "vendor/leaflet/images/layers.png": "leaflet/dist/images/layers.png",
    "vendor/leaflet/images/layers-2x.png": "leaflet/dist/images/layers-2x.png",
    "vendor/leaflet/images/marker-icon.png": "leaflet/dist/images/marker-icon.png",
    "vendor/leaflet/images/marker-icon-2x.png": "leaflet/dist/images/marker-icon-2x.png",
    "vendor/leaflet/images/marker-shadow.png": "leaflet/dist/images/marker-shadow.png",
}


def modules_dir() -> Path:
    return Path(settings.BASE_DIR) / "node_modules"


class _NamedFiles(FileSystemStorage):
    """Reads each static name from the package file it stands for."""

    def path(self, name: str) -> str:
        return str(modules_dir() / ASSETS[name])


class PackageFinder(BaseFinder):
    """Finds the files named in `ASSETS`."""

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        source = modules_dir() / ASSETS.get(path, "no such asset")
        if not source.is_file():
            return []
        return [str(source)] if find_all else str(source)

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        storage = _NamedFiles(location=str(modules_dir()))
        for name, source in ASSETS.items():
            if (modules_dir() / source).exists():
                yield name, storage


@register()
def check_assets(**kwargs: Any) -> list[CheckMessage]:
    """Names the first missing package file, with the command that brings it."""
    missing = [source for source in ASSETS.values() if not (modules_dir() / source).exists()]
    return (
        [Error(f"Browser assets are missing ({missing[0]}).", hint="Run: npm ci", id="config.E001")] if missing else []
    )
