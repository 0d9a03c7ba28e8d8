import pytest

from tests.factories.pages import make_site


@pytest.fixture
def waterveen(site_root):
    """The site of the municipality Waterveen; see `make_site`."""
    return make_site(site_root)
