"""Does batched scoring say what the plainest use of a model would say?"""

import ast
import copy
import itertools
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import (
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedTokenizerFast,
    Qwen3Config,
    Qwen3ForCausalLM,
)

from evaluator.engines.loading import facts, load_model
from evaluator.engines.loglikelihood import Passage, Scores, batches, score
from evaluator.errors import NanLogits, UnknownPrecision
from tests.conftest import REPOSITORY

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


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Threads that wait for each other cost more than so small a model does."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@dataclass(frozen=True)
class Tiny:
    """A model as it was made, and the folder that it was saved in."""

    network: Any
    tokenizer: PreTrainedTokenizerFast
    window: int
    folder: Path


def make_tokenizer(merged: Sequence[str], bos: str | None) -> PreTrainedTokenizerFast:
    """A token per byte, one per merged pair such as `"Ġ A"`, and perhaps `bos` in front."""
    tokens = [*([bos] if bos else []), *sorted(pre_tokenizers.ByteLevel.alphabet())]
    tokens += [pair.replace(" ", "") for pair in merged]
    vocabulary = {token: number for number, token in enumerate(tokens)}
    merges = [(pair.split(" ")[0], pair.split(" ")[1]) for pair in merged]
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    if bos:
        tokenizer.post_processor = processors.TemplateProcessing(
            single=f"{bos} $A", special_tokens=[(bos, 0)]
        )
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token=bos)


def tiny_llama() -> tuple[Any, PreTrainedTokenizerFast, int]:
    """With a beginning-of-sequence token; a letter is two tokens."""
    config = LlamaConfig(
        vocab_size=257,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=96,
        initializer_range=0.3,
    )
    return LlamaForCausalLM(config), make_tokenizer([], "<s>"), 96


def tiny_gpt2() -> tuple[Any, PreTrainedTokenizerFast, int]:
    """Without special tokens, with learned positions; a letter is one token."""
    config = GPT2Config(
        vocab_size=260, n_positions=64, n_embd=32, n_layer=2, n_head=4, initializer_range=0.3
    )
    return GPT2LMHeadModel(config), make_tokenizer(["Ġ A", "Ġ B", "Ġ C", "Ġ D"], None), 64


def tiny_qwen() -> tuple[Any, PreTrainedTokenizerFast, int]:
    """With tied embeddings; only some letters are one token, so choices differ in length."""
    config = Qwen3Config(
        vocab_size=259,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=8,
        max_position_embeddings=80,
        tie_word_embeddings=True,
        initializer_range=0.3,
    )
    return Qwen3ForCausalLM(config), make_tokenizer(["Ġ A", "Ġ C", "n o"], None), 80


@pytest.fixture(
    scope="module", params=[tiny_llama, tiny_gpt2, tiny_qwen], ids=lambda it: it.__name__
)
def tiny(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    folder = tmp_path_factory.mktemp(request.param.__name__)
    with torch.random.fork_rng():
        torch.manual_seed(11)
        network, tokenizer, window = request.param()
    network.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return Tiny(network.eval(), tokenizer, window, folder)


@torch.inference_mode()
def score_slowly(tiny: Tiny, prompt: str, continuations: Sequence[str]) -> Scores:
    """One pass a choice over everything, tokenized and cut as lm_eval 0.4.13 has it."""
    spaces = len(prompt) - len(prompt.rstrip())
    start, moved = (prompt[:-spaces], prompt[-spaces:]) if spaces else (prompt, "")
    context = tiny.tokenizer(start)["input_ids"]
    logprobs, lengths = [], []
    for continuation in continuations:
        ending = tiny.tokenizer(start + moved + continuation)["input_ids"][len(context) :]
        read = (context + ending)[-(tiny.window + 1) :][:-1]
        steps = tiny.network(torch.tensor([read])).logits[0].log_softmax(-1)[-len(ending) :]
        logprobs.append(sum(float(step[token]) for step, token in zip(steps, ending, strict=True)))
        lengths.append(len(context) + len(ending))
    return Scores(tuple(logprobs), max(lengths), max(lengths) > tiny.window + 1)


@pytest.mark.parametrize("batch_tokens", [1, 64, 4096])
def test_every_log_probability_is_that_of_a_plain_pass(tiny: Tiny, batch_tokens: int) -> None:
    model = load_model(tiny.folder, None, "float32")
    found = list(score(model, QUESTIONS, batch_tokens))
    assert sorted(index for index, _ in found) == list(range(len(QUESTIONS)))
    for index, scores in found:
        slow = score_slowly(tiny, *QUESTIONS[index])
        assert scores.logprobs == pytest.approx(slow.logprobs, abs=1e-5, rel=0)
        assert (scores.tokens, scores.truncated) == (slow.tokens, slow.truncated)


def test_a_prompt_that_just_fits_is_not_cut(tiny: Tiny) -> None:
    """The last token is only predicted, so the window holds one token less than the text."""
    model = load_model(tiny.folder, None, "float32")
    room = tiny.window + 1 - len(tiny.tokenizer(" x")["input_ids"])
    prompts = ["x" * (room + more) for more in (0, 1)]
    found = dict(score(model, [(prompt, (" x",)) for prompt in prompts]))
    assert [found[index].truncated for index in (0, 1)] == [False, True]
    assert [found[index].tokens - tiny.window for index in (0, 1)] == [1, 2]


def test_no_question_gives_no_score(tiny: Tiny) -> None:
    assert list(score(load_model(tiny.folder, None, "float32"), [])) == []


def test_letters_share_one_pass_and_logits_stay_few(tiny: Tiny) -> None:
    model = load_model(tiny.folder, None, "float32")
    passes: list[tuple[int, ...]] = []
    model.network.get_output_embeddings().register_forward_hook(
        lambda _, __, logits: passes.append(tuple(logits.shape[:2]))
    )
    endings = (" B", " D")  # of equal length in all three tokenizers
    length = len(tiny.tokenizer(" B")["input_ids"]) - len(tiny.tokenizer("")["input_ids"])
    list(score(model, [("Why?\nAnswer:", endings)] * 5))
    assert passes == [(5, length)]


@pytest.mark.parametrize("batch_tokens", [1, 20, 64, 10_000])
def test_a_padded_batch_fits_unless_it_is_one_passage(batch_tokens: int) -> None:
    rows = [Passage([0] * length, {}) for length in (40, 30, 30, 11, 10, 10, 9, 1, 1, 1)]
    made = list(batches(rows, batch_tokens))
    assert list(itertools.chain(*made)) == rows
    sizes = [len(batch) * max(len(row.tokens) for row in batch) for batch in made]
    assert all(
        size <= batch_tokens or len(batch) == 1 for size, batch in zip(sizes, made, strict=True)
    )
    assert len(made) == {1: 10, 20: 7, 64: 4, 10_000: 1}[batch_tokens]


def test_what_only_loading_tells(tiny: Tiny) -> None:
    model = load_model(tiny.folder, None, "bfloat16")
    assert facts(model) == {
        "parameters": sum(each.numel() for each in tiny.network.parameters()),
        "architecture": type(tiny.network).__name__,
    }
    assert (model.network.dtype, model.max_length) == (torch.bfloat16, tiny.window)
    assert not model.network.training


def test_a_model_that_overflows_gives_no_score(tiny: Tiny, tmp_path: Path) -> None:
    network = copy.deepcopy(tiny.network)
    with torch.no_grad():
        next(network.parameters())[:, 0] = float("nan")
    network.save_pretrained(tmp_path)
    tiny.tokenizer.save_pretrained(tmp_path)
    model = load_model(tmp_path, None, "float32")
    with pytest.raises(NanLogits, match=r"of nan: its weights are damaged, or overflow in float16"):
        list(score(model, QUESTIONS))


def test_an_unknown_precision_is_refused_with_the_known_ones(tiny: Tiny) -> None:
    with pytest.raises(UnknownPrecision, match="'int4'; there are float32, bfloat16, float16"):
        load_model(tiny.folder, None, "int4")


def test_an_engine_can_be_copied_to_another_machine_with_the_errors_alone() -> None:
    allowed = {*sys.stdlib_module_names, "torch", "transformers", "tokenizers"}
    allowed |= {"safetensors", "huggingface_hub"}  # which transformers stands on
    for path in sorted((REPOSITORY / "evaluator" / "engines").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                assert {alias.name.split(".")[0] for alias in node.names} <= allowed, path
            elif isinstance(node, ast.ImportFrom):
                assert node.module and not node.level, path
                inside = node.module.startswith(("evaluator.engines", "evaluator.errors"))
                assert inside or node.module.split(".")[0] in allowed, (path, node.module)
