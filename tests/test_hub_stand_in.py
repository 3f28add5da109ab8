"""Does the stand-in of the Hub serve what huggingface_hub asks of the real one?"""

from collections.abc import Iterator
from pathlib import Path

import huggingface_hub
import pytest
from huggingface_hub.errors import (
    EntryNotFoundError,
    GatedRepoError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from evaluator import hub
from tests.hub_stand_in import StandIn, serve

NAME = "clinic/answers"
FILES = {
    "config.json": b"{}",
    "model.safetensors": bytes(range(256)) * 4096,
    "additional_chat_templates/a b.jinja": b"{{ messages }}",
    "README.md": b"---\nlicense: mit\n---\n",
    "pytorch_model.bin": b"cos",
}


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[StandIn]:
    for file, content in FILES.items():
        (tmp_path / "made" / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "made" / file).write_bytes(content)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    with serve() as server:
        server.use(monkeypatch)
        server.add(NAME, tmp_path / "made")
        server.add("clinic/questions", tmp_path / "made", kind="datasets")
        yield server


def test_a_model_is_downloaded_as_a_run_does(stand_in: StandIn) -> None:
    commit = stand_in.repositories["models", NAME].commit
    folder = hub.download_model(NAME, commit)
    assert folder.name == commit
    got = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*.*")}
    kept = ("config.json", "model.safetensors", "additional_chat_templates/a b.jinja")
    assert got == {file: FILES[file] for file in kept}
    asked = len(stand_in.requests)
    assert hub.download_model(NAME, commit) == folder
    assert len(stand_in.requests) == asked  # what is downloaded is kept


def test_a_data_set_is_downloaded(stand_in: StandIn) -> None:
    path = hub.download_file("clinic/questions", "config.json", "main")
    assert path.read_bytes() == b"{}"
    assert hub.download_dataset("clinic/questions", "*.md").name == path.parent.name
    assert not any(request.path.startswith("/api/models") for request in stand_in.requests)


def test_a_download_that_breaks_off_is_tried_again(stand_in: StandIn, tmp_path: Path) -> None:
    stand_in.fail("/model.safetensors", cut=True, times=1)
    name = huggingface_hub.hf_hub_download(NAME, "model.safetensors", local_dir=tmp_path / "to")
    assert Path(name).read_bytes() == FILES["model.safetensors"]
    assert [request.method for request in stand_in.requests] == ["HEAD", "GET", "GET"]


def test_single_files_are_described(stand_in: StandIn) -> None:
    api = huggingface_hub.HfApi()
    (found,) = api.get_paths_info(NAME, ["config.json", "none"])
    assert (found.path, getattr(found, "size", None)) == ("config.json", 2)
    assert api.file_exists(NAME, "config.json")
    assert not api.file_exists(NAME, "none")
    assert sorted(api.list_repo_files(NAME)) == sorted(FILES)
    assert stand_in.requests[0].method == "POST"


@pytest.mark.parametrize(
    ("name", "revision", "file", "error"),
    [
        ("clinic/none", None, "config.json", RepositoryNotFoundError),
        (NAME, "none", "config.json", RevisionNotFoundError),
        (NAME, None, "none", EntryNotFoundError),
        ("clinic/gated", None, "config.json", GatedRepoError),
    ],
)
def test_what_is_refused_has_the_hubs_reason(
    stand_in: StandIn, name: str, revision: str | None, file: str, error: type[Exception]
) -> None:
    stand_in.add("clinic/gated", stand_in.repositories["models", NAME].folder, gated="manual")
    with pytest.raises(error):
        huggingface_hub.hf_hub_download(name, file, revision=revision)
    assert huggingface_hub.HfApi().model_info("clinic/gated").gated == "manual"


def test_a_moved_model_is_found_under_its_old_name(stand_in: StandIn) -> None:
    stand_in.moved["old/name"] = NAME
    assert huggingface_hub.HfApi().model_info("old/name").id == NAME
    assert Path(huggingface_hub.hf_hub_download("old/name", "config.json")).read_bytes() == b"{}"
