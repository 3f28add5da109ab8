"""Tiny models with random weights, one a family, saved as a Hub repository would be."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import (
    FalconConfig,
    FalconForCausalLM,
    Gemma2Config,
    Gemma2ForCausalLM,
    Gemma3ForCausalLM,
    Gemma3TextConfig,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    MambaConfig,
    MambaForCausalLM,
    PreTrainedTokenizerFast,
    Qwen3Config,
    Qwen3ForCausalLM,
)

from evaluator.engines.encoding import Encoded, Question, encode
from evaluator.engines.loading import LoadedModel, load_model
from evaluator.engines.loglikelihood import Scores, score
from evaluator.engines.packing import find_prefix, plan_batches

SEED = 11
SIZES: dict[str, Any] = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "initializer_range": 0.3,  # the usual 0.02 makes every answer equally likely
}


def make_tokenizer(merged: Sequence[str] = (), bos: str | None = None) -> PreTrainedTokenizerFast:
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


Made = tuple[Any, PreTrainedTokenizerFast, int]
"""A network, its tokenizer and its window."""
Make = Callable[[], Made]


def llama() -> Made:
    """With a beginning-of-sequence token; a letter is two tokens; heads share keys."""
    config = LlamaConfig(vocab_size=257, max_position_embeddings=96, **SIZES)
    return LlamaForCausalLM(config), make_tokenizer([], "<s>"), 96


def gpt2() -> Made:
    """Without special tokens, with learned positions; a letter is one token."""
    config = GPT2Config(
        vocab_size=260, n_positions=64, n_embd=32, n_layer=2, n_head=4, initializer_range=0.3
    )
    return GPT2LMHeadModel(config), make_tokenizer(["Ġ A", "Ġ B", "Ġ C", "Ġ D"]), 64


def qwen3() -> Made:
    """With tied embeddings; only some letters are one token, so choices differ in length."""
    config = Qwen3Config(
        vocab_size=259, head_dim=8, max_position_embeddings=80, tie_word_embeddings=True, **SIZES
    )
    return Qwen3ForCausalLM(config), make_tokenizer(["Ġ A", "Ġ C", "n o"]), 80


def gemma3(*layers: str) -> Made:
    """One layer sees 16 tokens back, the other all: most prompts are longer than that."""
    config = Gemma3TextConfig(
        vocab_size=257,
        head_dim=8,
        max_position_embeddings=96,
        sliding_window=16,
        layer_types=list(layers) or ["sliding_attention", "full_attention"],
        **SIZES,
    )
    return Gemma3ForCausalLM(config), make_tokenizer([], "<s>"), 96


def gemma3_turned() -> Made:
    """The last layer, which runs for the scored tokens alone, is the one that sees 16 back."""
    return gemma3("full_attention", "sliding_attention")


def gemma2() -> Made:
    """Bounds what attention gives, which is not computed packed."""
    config = Gemma2Config(
        vocab_size=257, head_dim=8, max_position_embeddings=96, sliding_window=16, **SIZES
    )
    return Gemma2ForCausalLM(config), make_tokenizer([], "<s>"), 96


def falcon() -> Made:
    """Attends in code of its own, by distance instead of positions."""
    config = FalconConfig(
        vocab_size=257,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=96,
        alibi=True,
        initializer_range=0.3,
    )
    return FalconForCausalLM(config), make_tokenizer([], "<s>"), 96


def mamba() -> Made:
    """Has no attention at all, and no window: the tokenizer's limit stands for one."""
    config = MambaConfig(
        vocab_size=257, hidden_size=32, state_size=8, num_hidden_layers=2, initializer_range=0.3
    )
    tokenizer = make_tokenizer([], "<s>")
    tokenizer.model_max_length = 96
    return MambaForCausalLM(config), tokenizer, 96


@dataclass(frozen=True)
class Tiny:
    """A model as it was made, and the folder that it was saved in."""

    network: Any
    tokenizer: PreTrainedTokenizerFast
    window: int
    folder: Path

    def load(self, precision: str = "float32") -> LoadedModel:
        return load_model(self.folder, precision)


def make_tiny(make: Make, folder: Path) -> Tiny:
    with torch.random.fork_rng():
        torch.manual_seed(SEED)
        network, tokenizer, window = make()
    network.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return Tiny(network.eval(), tokenizer, window, folder)


@torch.inference_mode()
def score_slowly(tiny: Tiny, prompt: str, continuations: Sequence[str]) -> Scores:
    """One pass a choice over everything, tokenized and cut as lm_eval 0.4.13 has it."""
    spaces = len(prompt) - len(prompt.rstrip())
    start, moved = (prompt[:-spaces], prompt[-spaces:]) if spaces else (prompt, "")
    context = tiny.tokenizer(start)["input_ids"]
    logprobs, firsts, lengths = [], [], []
    for continuation in continuations:
        ending = tiny.tokenizer(start + moved + continuation)["input_ids"][len(context) :]
        read = (context + ending)[-(tiny.window + 1) :][:-1]
        steps = tiny.network(torch.tensor([read])).logits[0].log_softmax(-1)[-len(ending) :]
        logprobs.append(sum(float(step[token]) for step, token in zip(steps, ending, strict=True)))
        firsts.append(ending[0])
        lengths.append(len(context) + len(ending))
    longest = max(lengths)
    return Scores(tuple(logprobs), tuple(firsts), longest, longest > tiny.window + 1)


def encode_all(model: LoadedModel, questions: Sequence[Question]) -> list[Encoded]:
    return encode(model.tokenizer, model.max_length, questions, model.stretch)


def score_all(
    model: LoadedModel, questions: Sequence[Question], batch_tokens: int
) -> dict[int, Scores]:
    """Ask as a run does; a question that is asked twice is refused."""
    encoded = encode_all(model, questions)
    batches = plan_batches(encoded, len(find_prefix(encoded)), batch_tokens)
    found = list(score(model, encoded, batches))
    assert len(dict(found)) == len(found)
    return dict(found)
