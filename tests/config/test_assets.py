"""Browser assets: only the named files are served, and a missing package is said."""

from django.contrib.staticfiles import finders

from config import assets


def test_named_assets_are_found():
    for name in assets.ASSETS:
        assert finders.find(name)


def test_other_files_of_packages_are_not_found():
    assert finders.find("leaflet/package.json") is None
    assert finders.find("vendor/leaflet/package.json") is None


def test_missing_package_is_an_error_with_the_command(settings, tmp_path):
    settings.BASE_DIR = tmp_path
    problems = assets.check_assets()
    assert [problem.id for problem in problems] == ["config.E001"]
    assert problems[0].hint == "Run: npm ci"
