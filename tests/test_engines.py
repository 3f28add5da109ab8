"""Does packed scoring say what the plainest use of a model would say?"""

import ast
import copy
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

from evaluator.engines import attention
from evaluator.engines.layout import Packing
from evaluator.engines.loading import LoadedModel, load_model
from evaluator.engines.loglikelihood import score
from evaluator.engines.network import Way
from evaluator.engines.packing import find_prefix
from evaluator.errors import NanLogits
from tests import tiny as families
from tests.conftest import REPOSITORY
from tests.tiny import Tiny, encode_all, make_tiny, score_all, score_slowly

LETTERS = (" A", " B", " C", " D")
WORDS = (" yes", " no", " maybe")
QUESTIONS = [
    ("Answer:", LETTERS),
    ("Abstract: We asked 20 adults to walk.\nQuestion: Does it help?\nAnswer:", WORDS),
    ("A prompt of some length, " * 4 + "that no window here holds whole.\nAnswer:", LETTERS),
    ("The same length of prompt, " * 4 + "and endings of other lengths.\nAnswer:", WORDS),
    ("Temperature ≥ 38 °C — β-thalassaemia 頭痛\nAnswer:", LETTERS),
    ("Spaces follow. Answer:   ", ("A", "BB", " C")),
    ("A line follows. Answer:\n", ("A", "B")),
    ("One choice only:", (" this one",)),
    ("Twice the same:", (" same", " same", " other")),
    ("x" * 200, ("xy", "xxxy")),  # what is left of both in the window is the same
]
SHARED = "Questions for physicians.\n"  # a token a byte, and short enough for the smallest window
WITH_PREFIX = [(SHARED + prompt, endings) for prompt, endings in QUESTIONS]
WAYS = {
    families.llama: Way.NARROWED,
    families.qwen3: Way.NARROWED,
    families.gemma3: Way.NARROWED,
    families.gemma3_turned: Way.NARROWED,
    families.gpt2: Way.PACKED,  # it gives what its last layer makes the shape of its input
    families.gemma2: Way.PADDED,
    families.falcon: Way.PADDED,
    families.mamba: Way.PADDED,
}


@pytest.fixture(scope="module", params=WAYS, ids=lambda make: make.__name__)
def tiny(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    return make_tiny(request.param, tmp_path_factory.mktemp(request.param.__name__))


@pytest.fixture(scope="module")
def model(tiny: Tiny) -> LoadedModel:
    return tiny.load()


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    return make_tiny(families.llama, tmp_path_factory.mktemp("llama"))


def check_exact(
    tiny: Tiny, model: LoadedModel, questions: Sequence[tuple[str, Sequence[str]]], size: int
) -> None:
    found = score_all(model, questions, size)
    assert sorted(found) == list(range(len(questions)))
    for index, scores in found.items():
        slow = score_slowly(tiny, *questions[index])
        assert scores.logprobs == pytest.approx(slow.logprobs, abs=1e-5, rel=0), questions[index]
        assert scores.first_tokens == slow.first_tokens
        assert (scores.tokens, scores.truncated) == (slow.tokens, slow.truncated)


@pytest.mark.parametrize("size", [1, 64, 4096])
@pytest.mark.parametrize("questions", [QUESTIONS, WITH_PREFIX], ids=["apart", "sharing"])
def test_every_log_probability_is_that_of_a_plain_pass(
    tiny: Tiny, model: LoadedModel, questions: Sequence[tuple[str, Sequence[str]]], size: int
) -> None:
    check_exact(tiny, model, questions, size)


def test_each_architecture_is_run_in_the_fastest_way_that_it_allows(
    request: pytest.FixtureRequest, model: LoadedModel
) -> None:
    assert model.way is WAYS[request.node.callspec.params["tiny"]]


def test_what_all_questions_begin_with_is_found(tiny: Tiny, model: LoadedModel) -> None:
    """The questions that the window cuts have no part in it."""
    assert list(find_prefix(encode_all(model, QUESTIONS))) == []
    encoded = encode_all(model, WITH_PREFIX)
    assert list(find_prefix(encoded)) == tiny.tokenizer(SHARED)["input_ids"]
    assert {question.truncated for question in encoded} == {False, True}


@pytest.mark.parametrize("size", [1, 64, 4096])
@pytest.mark.parametrize("questions", [QUESTIONS, WITH_PREFIX], ids=["apart", "sharing"])
def test_attention_in_padded_groups_is_as_exact_as_segment_by_segment(
    tiny: Tiny,
    model: LoadedModel,
    questions: Sequence[tuple[str, Sequence[str]]],
    size: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The one for GPUs can be run on a CPU too, which never takes it without a window."""
    last: list[bool] = []
    padded = attention.attend_padded

    def attend(packing: Packing, *args: Any) -> torch.Tensor:
        last.append(packing.captured is not None)
        return padded(packing, *args)

    monkeypatch.setattr(attention, "attend_singly", attend)
    monkeypatch.setattr(attention, "attend_padded", attend)
    check_exact(tiny, model, questions, size)
    layers = {Way.NARROWED: {False, True}, Way.PACKED: {False}, Way.PADDED: set()}
    assert set(last) == layers[model.way]


def test_the_same_plan_gives_the_same_scores_to_the_bit(model: LoadedModel) -> None:
    first, again = (score_all(model, WITH_PREFIX, 64) for _ in range(2))
    assert first == again


def test_a_prompt_that_just_fits_is_not_cut(tiny: Tiny, model: LoadedModel) -> None:
    """The last token is only predicted, so the window holds one token less than the text."""
    room = tiny.window + 1 - len(tiny.tokenizer(" x")["input_ids"])
    found = score_all(model, [("x" * (room + more), (" x",)) for more in (0, 1)], 64)
    assert [found[index].truncated for index in (0, 1)] == [False, True]
    assert [found[index].tokens - tiny.window for index in (0, 1)] == [1, 2]


def test_no_question_gives_no_score(model: LoadedModel) -> None:
    assert list(score(model, [], [])) == []


def count_logits(
    model: LoadedModel, questions: Sequence[tuple[str, Sequence[str]]]
) -> list[tuple[int, ...]]:
    """How many rows, and places of each, the head is run for at each pass."""
    passes: list[tuple[int, ...]] = []
    model.network.get_output_embeddings().register_forward_hook(
        lambda _, __, logits: passes.append(tuple(logits.shape[:2]))
    )
    score_all(model, questions, 4096)
    return passes


@pytest.mark.parametrize(
    ("questions", "expected"),
    [
        ([(SHARED + word, (" B", " D")) for word in ("a:", "b:")], [(1, 1), (1, 2 * 2)]),
        ([("Is it?", (" yes", " no"))], [(1, 1 + 1 + 2 + 1)]),  # shared, at the space, "es", "o"
    ],
)
def test_logits_are_computed_where_a_token_is_scored_and_nowhere_else(
    llama: Tiny, questions: Sequence[tuple[str, Sequence[str]]], expected: list[tuple[int, int]]
) -> None:
    """The prefix, run ahead, costs one more: a model must say something."""
    assert count_logits(llama.load(), questions) == expected


def test_the_last_layer_computes_queries_of_the_scored_tokens_alone(llama: Tiny) -> None:
    """And once one for all, where keys and values are wanted."""
    model = llama.load()
    layers = [layer.self_attn for layer in model.network.model.layers]
    tokens: dict[str, list[int]] = {"first": [], "last": []}
    for name, layer in zip(tokens, (layers[0].q_proj, layers[-1].q_proj), strict=True):
        plain = layer.forward
        layer.forward = lambda hidden, plain=plain, seen=tokens[name]: (
            seen.append(hidden.shape[1]) or plain(hidden)
        )
    score_all(model, [("Why is it so?", (" B", " D"))], 64)
    length = len(llama.tokenizer("Why is it so?")["input_ids"])
    assert tokens == {"first": [length + 1], "last": [1, 2]}  # a letter is a space and itself


def test_the_head_of_each_architecture_runs_for_few_tokens(tiny: Tiny) -> None:
    """In all five questions no more than the tokens of their endings, however they are run."""
    model = tiny.load()
    length = len(tiny.tokenizer(" B")["input_ids"]) - len(tiny.tokenizer("")["input_ids"])
    assert count_logits(model, [("Why?\nAnswer:", (" B", " D"))] * 5) == [(1, 5 * length)]


def set_entry(value: float) -> Callable[[Any], None]:
    def damage(network: Any) -> None:
        network.lm_head.weight[70, :] = value

    return damage


def enlarge(network: Any) -> None:
    network.model.norm.weight.mul_(1e6)


@pytest.mark.parametrize(
    ("damage", "precision"),
    [
        (set_entry(float("nan")), "float32"),
        (set_entry(float("inf")), "float32"),
        (enlarge, "float16"),
    ],
    ids=["nan", "infinite", "overflow"],
)
def test_logits_that_are_not_finite_are_no_score(
    llama: Tiny, tmp_path: Path, damage: Callable[[Any], None], precision: str
) -> None:
    network = copy.deepcopy(llama.network)
    with torch.no_grad():
        damage(network)
    network.save_pretrained(tmp_path)
    llama.tokenizer.save_pretrained(tmp_path)
    with pytest.raises(NanLogits, match="its weights are damaged, or overflow in float16") as error:
        score_all(load_model(tmp_path, precision), QUESTIONS, 4096)
    assert error.value.code == "nan-logits"


def test_float16_without_overflow_is_scored(llama: Tiny) -> None:
    found = score_all(llama.load("float16"), QUESTIONS, 4096)
    assert sorted(found) == list(range(len(QUESTIONS)))


def test_an_engine_can_be_copied_to_another_machine_with_the_errors_alone() -> None:
    allowed = {*sys.stdlib_module_names, "torch", "transformers", "tokenizers", "peft"}
    allowed |= {"safetensors", "huggingface_hub", "jinja2"}  # which transformers stands on
    for path in sorted((REPOSITORY / "evaluator" / "engines").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                assert {alias.name.split(".")[0] for alias in node.names} <= allowed, path
            elif isinstance(node, ast.ImportFrom):
                assert node.module and not node.level, path
                inside = node.module.startswith(("evaluator.engines", "evaluator.errors"))
                assert inside or node.module.split(".")[0] in allowed, (path, node.module)
