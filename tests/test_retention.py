"""Which snapshots stay, and who still reads one that goes?"""

from pathlib import Path

import pytest

from tests.conftest import ask
from warehouse import db, drafts, locating, settings, snapshots
from warehouse.errors import BrokenSettings


def publish(reason: str) -> None:
    """Publish a snapshot that differs by what it says of itself."""
    with drafts.open_draft(reason) as draft:
        draft.changed = True


def numbers() -> list[int]:
    return [each.number for each in locating.find_store().all()]


def keep(data_folder: Path, text: str) -> None:
    data_folder.mkdir(exist_ok=True)
    (data_folder / "settings.toml").write_text(text)


@pytest.mark.files
def test_the_newest_five_stay() -> None:
    for number in range(1, 8):
        publish(str(number))
    assert numbers() == [3, 4, 5, 6, 7]
    assert ask("snapshots")["reason"].to_list() == ["7", "6", "5", "4", "3", "2", "1"]


@pytest.mark.files
def test_the_settings_say_how_many_stay(data_folder: Path) -> None:
    keep(data_folder, "keep_snapshots = 2")
    for number in range(4):
        publish(str(number))
    assert numbers() == [3, 4]


@pytest.mark.files
def test_a_reader_reads_on_in_a_snapshot_that_went(data_folder: Path) -> None:
    keep(data_folder, "keep_snapshots = 1")
    publish("first")
    reader = db.open_warehouse()
    publish("second")
    publish("third")
    assert numbers() == [3]
    assert reader.ask("snapshots")["reason"].to_list() == ["first"]
    reader.close()
    assert ask("snapshots")["reason"].to_list() == ["third", "second", "first"]


@pytest.mark.files
def test_who_opens_a_snapshot_as_it_goes_gets_the_newer_one(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(data_folder, "keep_snapshots = 1")
    publish("first")
    old = locating.find_store().current()
    publish("second")
    found = iter([old])
    honest = snapshots.current_snapshot
    monkeypatch.setattr(
        snapshots, "current_snapshot", lambda folder: next(found, None) or honest(folder)
    )
    assert db.open_warehouse().snapshot.number == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("keep_snapshots = 0", "keep_snapshots: Input should be greater than or equal to 1"),
        ("keep_snapshot = 3", "keep_snapshot: Extra inputs are not permitted"),
        ("keep_snapshots = ", "is not TOML"),
    ],
)
def test_settings_that_say_what_they_may_not_are_refused(
    data_folder: Path, text: str, said: str
) -> None:
    keep(data_folder, text)
    with pytest.raises(BrokenSettings, match=said):
        settings.read_settings()


def test_settings_that_break_meanwhile_do_not_keep_from_publishing(data_folder: Path) -> None:
    with drafts.open_draft("first") as draft:
        draft.changed = True
        keep(data_folder, "keep_snapshots = 'all'")
    assert numbers() == [1]
