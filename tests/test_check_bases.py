"""Are an adapter and a delta checked together with the model that they belong to?"""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from evaluator.verdicts import Checked, Rules
from evaluator.weights import Shapes, find_misfit
from tests.hub_stand_in import StandIn
from tests.submitted import (
    CHAT,
    CONFIG,
    NAME,
    TOKENIZER,
    WEIGHTS,
    Change,
    change,
    check_fast,
    codes,
    copy,
    make_adapter,
    pickle,
    remove,
    write,
)

pytest_plugins = ["tests.submission_fixtures"]

ADAPTER = "clinic/adapter"
CheckBoth = Callable[..., Checked]


@pytest.fixture
def check_adapter(
    stand_in: StandIn, good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> CheckBoth:
    """Check an adapter of the good model, either of them changed."""

    def check(
        *changes: Change, base_changes: list[Change] | None = None, wide: int = 32, **asked: Any
    ) -> Checked:
        folder = make_adapter(tmp_path / "adapter", wide, **asked.pop("settings", {}))
        for each in changes:
            each(folder)
        stand_in.add(ADAPTER, folder)
        if NAME not in stand_in.moved and base_changes is not None:
            stand_in.add(NAME, copy(good, tmp_path / "base", *base_changes))
        elif base_changes is None:
            stand_in.add(NAME, good)
        return check_fast(monkeypatch, ADAPTER, **{"weights": "adapter"} | asked)

    return check


def test_a_good_adapter_has_no_problem(check_adapter: CheckBoth, stand_in: StandIn) -> None:
    checked = check_adapter()
    assert codes(checked) == []
    facts = checked.facts
    assert (facts.name, facts.parameters) == (ADAPTER, 2 * 4 * 32)
    assert facts.revision == stand_in.repositories["models", ADAPTER].commit
    assert (facts.base, facts.architecture) == (NAME, "LlamaForCausalLM")
    assert facts.base_revision == stand_in.repositories["models", NAME].commit


LOST = {"base_model_name_or_path": "clinic/lost"}
AT_HOME = {"base_model_name_or_path": "/home/me/llama"}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"settings": LOST}, ["base-not-found"]),
        ({"settings": AT_HOME}, ["base-not-found"]),
        ({"settings": AT_HOME, "base": NAME}, []),
        ({"settings": {"base_model_name_or_path": None}}, ["no-base"]),
        ({"settings": LOST, "base": NAME}, ["other-base"]),
        ({"base": "CLINIC/answers"}, ["base-not-found"]),  # the stand-in minds the case
        ({"wide": 48}, ["does-not-fit"]),
        ({"settings": {"peft_type": "IA3"}}, ["not-mergeable"]),
        ({"settings": {"use_newlora": True}}, ["not-mergeable"]),
        ({"settings": {"revision": "lost"}}, ["base-no-revision"]),
        ({"settings": {"revision": "lost"}, "base": NAME}, []),
        ({"protocol": CHAT}, ["no-chat-template"]),
        ({"rules": Rules(do_not_evaluate={NAME: "No."})}, ["base-do-not-evaluate"]),
        ({"rules": Rules(most_gigabytes=0.00001)}, ["base-too-large"]),
    ],
)
def test_an_adapter_needs_its_base(
    check_adapter: CheckBoth, asked: dict[str, Any], expected: list[str]
) -> None:
    assert codes(check_adapter(**asked)) == expected


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (pickle, ["base-no-safetensors"]),
        (write(CONFIG, "{"), ["base-broken-config"]),
        (remove("README.md"), []),  # its own affair
    ],
)
def test_what_is_wrong_with_the_base_is_said_of_the_base(
    check_adapter: CheckBoth, spoil: Change, expected: list[str]
) -> None:
    checked = check_adapter(base_changes=[spoil])
    assert codes(checked) == expected
    assert all("The base model clinic/answers" in problem.says for problem in checked.problems)


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (remove("adapter_config.json"), ["no-adapter-config", "no-base"]),
        (write("adapter_config.json", "{"), ["no-adapter-config", "no-base"]),
        (remove("adapter_model.safetensors"), ["no-safetensors"]),
        (write(TOKENIZER, "{"), ["broken-tokenizer"]),
    ],
)
def test_what_is_wrong_with_the_adapter_is_said_of_it(
    check_adapter: CheckBoth, spoil: Change, expected: list[str]
) -> None:
    assert codes(check_adapter(spoil)) == expected


def test_the_misfit_is_named(check_adapter: CheckBoth) -> None:
    (problem,) = check_adapter(wide=48).problems
    assert problem.says == (
        "clinic/adapter does not fit its base model: model.layers.0.self_attn.q_proj is 32 wide "
        "there, and 48 in the adapter."
    )


def test_a_base_may_be_named_as_it_was_called_before(
    check_adapter: CheckBoth, stand_in: StandIn
) -> None:
    stand_in.moved["old/name"] = NAME
    settings = {"base_model_name_or_path": "old/name"}
    assert codes(check_adapter(settings=settings, base=NAME)) == []
    assert stand_in.repositories["models", ADAPTER]


def test_a_template_of_the_base_serves_its_adapter(check_adapter: CheckBoth) -> None:
    template = write("chat_template.jinja", "{{ messages }}")
    checked = check_adapter(base_changes=[template], protocol=CHAT)
    assert (codes(checked), checked.facts.chat_template) == ([], True)


def test_a_template_of_the_base_is_not_that_of_another_tokenizer(
    check_adapter: CheckBoth, good: Path
) -> None:
    def add_tokenizer(folder: Path) -> None:
        for path in good.glob("token*"):
            shutil.copy(path, folder)

    template = write("chat_template.jinja", "{{ messages }}")
    checked = check_adapter(add_tokenizer, base_changes=[template], protocol=CHAT)
    assert codes(checked) == ["no-chat-template"]


def test_a_kind_that_cannot_be_merged_is_named_with_what_to_do(check_adapter: CheckBoth) -> None:
    (problem,) = check_adapter(settings={"peft_type": "IA3"}).problems
    assert problem.says == (
        "clinic/adapter is an adapter that cannot be merged here: its adapter_config.json has "
        "peft_type: Input should be 'LORA', found 'IA3'."
    )
    assert problem.fix.startswith("Merge it into its base model yourself (merge_and_unload)")


def test_matrices_are_compared_as_the_base_has_them() -> None:
    stem = "base_model.model.h.c_attn.lora_"
    adapter: Shapes = {f"{stem}A.weight": (4, 32), f"{stem}B.weight": (96, 4)}
    base: Shapes = {"h.c_attn.weight": (32, 96)}
    assert find_misfit(adapter, base, transposed=True) is None
    assert find_misfit(adapter, base) == "h.c_attn is 96 wide there, and 32 in the adapter"
    longer: Shapes = {"base_model.model.wte.weight": (258, 32)}
    assert find_misfit(longer, {"wte.weight": (257, 32)}) == (
        "wte.weight is [257, 32] there, and [258, 32] in the adapter"
    )
    assert find_misfit(longer, {"wte.weight": (258, 32)}) is None


def test_a_stranger_cannot_have_a_folder_of_ours_read_as_the_base(
    check_adapter: CheckBoth, good: Path
) -> None:
    settings = {"base_model_name_or_path": str(good)}
    assert codes(check_adapter(settings=settings, rules=Rules(local=True))) == ["base-not-found"]


def test_a_folder_of_ours_is_a_base_where_we_say_so(check_adapter: CheckBoth, good: Path) -> None:
    settings = {"base_model_name_or_path": "/home/me/llama"}
    rules = Rules(local=True)
    assert codes(check_adapter(settings=settings, base=str(good), rules=rules)) == []


def add_token(folder: Path) -> None:
    tensors = load_file(folder / WEIGHTS)
    longer = {"model.embed_tokens.weight": torch.zeros(258, 32)}
    save_file(tensors | longer, folder / WEIGHTS)


def test_a_delta_needs_its_base(
    stand_in: StandIn, good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in.add(NAME, good)
    other = change(CONFIG, model_type="mistral", architectures=["MistralForCausalLM"])
    stand_in.add("clinic/delta", copy(good, tmp_path / "delta"))
    stand_in.add("clinic/misfit", copy(good, tmp_path / "misfit", other))
    stand_in.add("clinic/longer", copy(good, tmp_path / "longer", add_token))

    def check(model: str, base: str | None) -> list[str]:
        return codes(check_fast(monkeypatch, model, weights="delta", base=base))

    assert check("clinic/delta", NAME) == []
    assert check("clinic/delta", None) == ["no-base"]
    assert check("clinic/delta", "clinic/lost") == ["base-not-found"]
    assert check("clinic/misfit", NAME) == ["does-not-fit"]
    assert check("clinic/longer", NAME) == ["does-not-fit"]
