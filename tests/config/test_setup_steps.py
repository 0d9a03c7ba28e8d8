"""What the demo prepares once, and what makes it prepare again."""

import os

import psycopg
import pytest

from config.setup_steps import PROJECT, DatabaseMemory, FileMemory, steps


@pytest.fixture
def memory(transactional_db):
    return DatabaseMemory(os.environ["DATABASE_URL"])


def change_database(statement):
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        connection.execute(statement)


def test_files_are_remembered(tmp_path):
    memory = FileMemory(tmp_path / "steps.json")
    memory.remember("static", "one")
    memory.remember("messages", "two")
    assert FileMemory(tmp_path / "steps.json").recall() == {"static": "one", "messages": "two"}


@pytest.mark.parametrize("text", ["", "{", "[1]", "nothing"])
def test_broken_memory_is_no_memory(tmp_path, text):
    (tmp_path / "steps.json").write_text(text)
    assert FileMemory(tmp_path / "steps.json").recall() == {}


def test_database_remembers_for_itself(memory):
    memory.remember("migrate", "one")
    memory.remember("demo", "done")
    recalled = DatabaseMemory(memory.url).recall()
    assert (recalled["migrate"], recalled["demo"]) == ("one", "done")


def test_fresh_database_remembers_nothing(memory):
    assert memory.recall() == {}


def test_comment_of_somebody_else_is_no_memory(memory):
    change_database(f"COMMENT ON DATABASE \"{memory.url.rsplit('/', 1)[1]}\" IS 'our test server'")
    assert memory.recall() == {}


def test_database_with_other_migrations_applied_is_migrated_again_but_not_filled_again(memory):
    # A restored backup: the mark of the migrations must not outlive what it is about; the municipality stays.
    memory.remember("migrate", "one")
    memory.remember("demo", "done")
    change_database("DELETE FROM django_migrations WHERE app = 'places'")
    recalled = memory.recall()
    assert "migrate" not in recalled
    assert recalled["demo"] == "done"


def test_unchanged_ingredients_give_the_same_mark(tmp_path):
    assert [step.mark() for step in steps(tmp_path)] == [step.mark() for step in steps(tmp_path)]


def test_missing_static_files_are_collected_again(tmp_path):
    (mark,) = [step.mark for step in steps(tmp_path) if step.name == "static"]
    before = mark()
    (tmp_path / "staticfiles.json").write_text("{}")
    assert mark() != before


def test_every_step_is_there():
    # The programs the steps call exist; a renamed command would silently leave its step out.
    assert [step.name for step in steps(PROJECT) if step.is_there()] == ["messages", "static", "migrate", "demo"]
