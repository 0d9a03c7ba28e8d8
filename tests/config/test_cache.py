"""The site goes on when Redis is away: the cache then answers as an empty one."""

from config.cache import ForgivingRedisCache


def test_cache_without_server_answers_as_empty():
    cache = ForgivingRedisCache("redis://127.0.0.1:1/0", {})
    cache.set("key", "value")
    assert cache.get("key", "nothing") == "nothing"
    assert cache.get_many(["key"]) == {}
    assert cache.add("key", "value") is True
    assert cache.has_key("key") is False
    assert cache.delete("key") is False
    assert cache.touch("key") is False


def test_log_in_and_reading_go_on_without_cache(settings, anna, client_for, site_root):
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}}
    client = client_for(anna)
    assert client.session.get("_auth_user_id") == str(anna.user.pk)
