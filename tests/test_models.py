"""Who is a model, what may be loaded, and what does a person hear when it may not?"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from evaluator import models
from evaluator.engines import toy
from evaluator.engines.loading import load_model
from evaluator.errors import (
    BrokenConfig,
    BrokenTokenizer,
    BrokenWeights,
    ModelError,
    ModelNotFound,
    NeedsRemoteCode,
    NoSafetensors,
    UnknownArchitecture,
    UnknownPrecision,
)
from evaluator.models import describe_model, resolve_precision
from evaluator.records import Model, ModelType


@pytest.mark.parametrize(
    ("name", "revision", "described"),
    [
        ("baseline:random", None, ("seed-0", "baseline")),
        ("baseline:random", "7", ("seed-7", "baseline")),
        ("baseline:majority", "seed-7", ("seed-7", "baseline")),
        ("baseline:longest-choice", "007", ("seed-7", "baseline")),
        ("toy:llama", "12", ("seed-12", "random weights")),
    ],
)
def test_an_embedded_model_has_a_seed_as_its_revision(
    name: str, revision: str | None, described: tuple[str, ModelType]
) -> None:
    model = describe_model(name, revision)
    assert model == Model(name=name, revision=described[0], type=described[1])
    assert models.seed_of(model) == int(described[0].removeprefix("seed-"))


@pytest.mark.parametrize(
    "seed", ["main", "-1", "1.5", "٣", "²", "seed-", " 7", str(10**30)], ids=ascii
)
def test_a_seed_that_is_none_is_refused(seed: str) -> None:
    with pytest.raises(ModelNotFound, match="toy:llama takes a seed as its revision, such as 7"):
        describe_model("toy:llama", seed)


@pytest.mark.parametrize("name", ["baseline:best", "toy:gpt", "toy:"])
def test_an_unknown_embedded_model_is_refused_with_the_known_ones(name: str) -> None:
    with pytest.raises(ModelNotFound) as refused:
        describe_model(name, None)
    assert str(refused.value) == (
        f"No embedded model {name!r}: there are baseline:random, baseline:majority, "
        "baseline:longest-choice, toy:llama."
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return toy.make_toy_llama(tmp_path_factory.mktemp("models") / "toy", 0)


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A local model of the test's own, to be spoilt."""
    return Path(shutil.copytree(made, tmp_path / "model"))


def test_a_folder_has_its_content_as_its_revision(folder: Path, made: Path) -> None:
    model = describe_model(str(folder), None)
    assert model.revision.startswith("sha256:")
    assert len(model.revision) == len("sha256:") + 40
    assert model == Model(name="model", revision=model.revision, type="open weights")
    assert describe_model(str(made), None).revision == model.revision


@pytest.mark.parametrize(
    "file",
    ["model.safetensors", "config.json", "tokenizer.json", "merges.txt", "tokenizer.model"],
)
def test_a_folder_has_another_revision_when_a_file_changes(folder: Path, file: str) -> None:
    (folder / file).open("ab").close()
    before = describe_model(str(folder), None).revision
    with (folder / file).open("ab") as changed:
        changed.write(b" ")
    assert describe_model(str(folder), None).revision != before


def test_a_folder_without_safetensors_is_refused(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(NoSafetensors, match="Other formats can run code when they are opened"):
        describe_model(str(folder), None)


def test_pickled_weights_are_never_opened(folder: Path) -> None:
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    with pytest.raises(NoSafetensors, match=r"has no \.safetensors file; no other format"):
        load_model(folder, "float32")


def change_config(folder: Path, **changes: object) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_bytes()) | changes), encoding="utf-8")


def add_code(folder: Path, model_type: str) -> Path:
    """Give the model in `folder` its own code, as the Hub has it; running it makes a file."""
    mark = folder / "the code has run"
    (folder / "own.py").write_text(f"open({str(mark)!r}, 'w')\n", encoding="utf-8")
    classes = {"AutoConfig": "own.Config", "AutoModelForCausalLM": "own.Model"}
    change_config(folder, model_type=model_type, auto_map=classes)
    return mark


def test_a_model_that_needs_its_own_code_is_refused_and_the_code_never_run(folder: Path) -> None:
    mark = add_code(folder, "own")
    with pytest.raises(NeedsRemoteCode, match="code of its own repository, which is never run"):
        load_model(folder, "float32")
    assert not mark.exists()


def test_a_model_that_only_offers_code_is_loaded_without_it(folder: Path) -> None:
    mark = add_code(folder, "llama")
    assert type(load_model(folder, "float32").network).__name__ == "LlamaForCausalLM"
    assert not mark.exists()


def cut_weights(folder: Path) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])


def drop_weights(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    del weights["lm_head.weight"]
    save_file(weights, folder / "model.safetensors", {"format": "pt"})


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (cut_weights, BrokenWeights),
        (drop_weights, BrokenWeights),
        (lambda folder: change_config(folder, vocab_size=10), BrokenWeights),
        (lambda folder: change_config(folder, hidden_size="many"), BrokenConfig),
        (lambda folder: (folder / "config.json").write_text("{"), BrokenConfig),
        (lambda folder: change_config(folder, model_type="t5"), UnknownArchitecture),
        (lambda folder: (folder / "tokenizer.json").write_text("{}"), BrokenTokenizer),
        (lambda folder: (folder / "tokenizer.json").unlink(), BrokenTokenizer),
    ],
    ids=[
        "weights cut off",
        "weights left out",
        "weights of another shape",
        "configuration of another type",
        "no configuration",
        "no causal model",
        "no tokenizer",
        "tokenizer left out",
    ],
)
def test_a_spoilt_model_is_refused_by_its_folder_and_its_broken_part(
    folder: Path, spoil: Callable[[Path], object], error: type[ModelError]
) -> None:
    spoil(folder)
    with pytest.raises(ModelError) as refused:
        load_model(folder, "float32")
    assert refused.type is error
    assert str(refused.value).startswith(str(folder))


def test_a_toy_model_is_its_seed(made: Path, tmp_path: Path) -> None:
    state = torch.random.get_rng_state()
    again, other = (toy.make_toy_llama(tmp_path / f"toy-{seed}", seed) for seed in (0, 1))
    weights = (made / "model.safetensors").read_bytes()
    assert (again / "model.safetensors").read_bytes() == weights
    assert (other / "model.safetensors").read_bytes() != weights
    assert torch.equal(torch.random.get_rng_state(), state)


def test_a_toy_model_is_made_once_also_after_a_half_made_one(tmp_path: Path) -> None:
    (tmp_path / "toy").mkdir()
    (tmp_path / ".toy.unfinished").mkdir()
    weights = toy.make_toy_llama(tmp_path / "toy", 0) / "model.safetensors"
    made_at = weights.stat().st_mtime_ns
    toy.make_toy_llama(tmp_path / "toy", 0)
    assert weights.stat().st_mtime_ns == made_at
    assert sorted(path.name for path in tmp_path.iterdir()) == [".toy.lock", "toy"]


def test_precision_is_that_of_the_machine_unless_it_is_named() -> None:
    baseline, toy_llama = describe_model("baseline:random", None), describe_model("toy:llama", None)
    assert resolve_precision(baseline, "bfloat16") is None
    assert resolve_precision(toy_llama, "float16") == "float16"
    assert resolve_precision(toy_llama, "auto") == (
        "bfloat16" if torch.cuda.is_available() else "float32"
    )
    with pytest.raises(UnknownPrecision, match="'int8'; there are auto, float32"):
        resolve_precision(toy_llama, "int8")
