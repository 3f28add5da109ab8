"""Do our prompts, log-probabilities and predictions agree with lm-evaluation-harness's own?

Both ask the same tiny models, of three families, the same real questions.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import (
    Gemma3ForCausalLM,
    Gemma3TextConfig,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedTokenizerFast,
)

from evaluator import choosing
from evaluator.asking import Answer
from evaluator.engines import attention
from evaluator.engines.loading import LoadedModel, load_model
from evaluator.engines.network import Way
from evaluator.papers import Paper
from evaluator.prompts import prompt_hash, render
from evaluator.protocols import Protocol, parse_protocol
from evaluator.questions import load_samples, load_shots
from evaluator.tasks import NINE, Task, find_task
from tests import lm_eval_oracle as oracle
from tests.lm_eval_oracle import QUESTIONS, Heard

CLOSE = 1e-4  # natural log
BATCH_TOKENS = 1024
MMLU = tuple(name for name in NINE if name.startswith("mmlu_"))
SOME = ("medqa_4options", "pubmedqa", "mmlu_anatomy")
ANATOMY = ("mmlu_anatomy",)
SYSTEM = "You are a careful physician."

WORDS = 1200  # in a vocabulary
SIZES: dict[str, Any] = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "head_dim": 8,
    "num_key_value_heads": 1,
    "initializer_range": 0.3,  # the usual 0.02 makes every answer equally likely
}
TURNS = (
    "{{ bos_token }}{% for turn in messages %}<turn>{{ turn['role'] }}\n{{ turn['content'] }}"
    "</turn>\n{% endfor %}{% if add_generation_prompt %}<turn>assistant\n{% endif %}"
)
NO_SYSTEM = "{% if messages[0]['role'] == 'system' %}{{ raise_exception('No.') }}{% endif %}"
Made = tuple[Any, PreTrainedTokenizerFast]


def learn_words(
    texts: Sequence[str], bos: str, eos: str, *, spaces: bool = False, begins: bool = True
) -> Tokenizer:
    """Byte-pair encoding, of bytes as GPT-2 has it or of characters with `▁` as Llama 2 has it."""
    words = Tokenizer(models.BPE(unk_token="<unk>" if spaces else None))
    form: Any = pre_tokenizers.Metaspace() if spaces else pre_tokenizers.ByteLevel(False)
    words.pre_tokenizer = form
    words.decoder = decoders.Metaspace() if spaces else decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=WORDS,
        special_tokens=list(dict.fromkeys([bos, eos, "<unk>", "<turn>", "</turn>"])),
        initial_alphabet=[] if spaces else form.alphabet(),
        show_progress=False,
    )
    words.train_from_iterator(texts, trainer)
    if begins:
        words.post_processor = processors.TemplateProcessing(
            single=f"{bos} $A", special_tokens=[(bos, words.token_to_id(bos))]
        )
    return words


def llama(texts: Sequence[str]) -> Made:
    """With a token that begins texts, shared keys, and a template that refuses a system turn."""
    config = LlamaConfig(
        vocab_size=WORDS,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=1024,
        **SIZES,
    )
    return LlamaForCausalLM(config), PreTrainedTokenizerFast(
        tokenizer_object=learn_words(texts, "<s>", "</s>"),
        bos_token="<s>",
        eos_token="</s>",
        chat_template=NO_SYSTEM + TURNS,
    )


def gpt2(texts: Sequence[str]) -> Made:
    """With nothing before a text, learned positions, a small window, and more rows than words."""
    config = GPT2Config(
        vocab_size=WORDS + 7, n_positions=256, n_embd=32, n_layer=2, n_head=2, initializer_range=0.3
    )
    both = "<|endoftext|>"
    return GPT2LMHeadModel(config), PreTrainedTokenizerFast(
        tokenizer_object=learn_words(texts, both, both, begins=False),
        bos_token=both,
        eos_token=both,
    )


def gemma(texts: Sequence[str]) -> Made:
    """With layers that see 64 tokens back, tied embeddings, and a template with a system turn."""
    config = Gemma3TextConfig(
        vocab_size=WORDS,
        num_hidden_layers=3,
        num_attention_heads=2,
        layer_types=["sliding_attention", "full_attention", "sliding_attention"],
        sliding_window=64,
        max_position_embeddings=4096,
        query_pre_attn_scalar=8,
        **SIZES,
    )
    return Gemma3ForCausalLM(config), PreTrainedTokenizerFast(
        tokenizer_object=learn_words(texts, "<bos>", "<eos>", spaces=True),
        bos_token="<bos>",
        eos_token="<eos>",
        unk_token="<unk>",
        chat_template=TURNS,
    )


@dataclass(frozen=True)
class Sitting:
    """Some tasks, as one model is asked them."""

    family: Callable[[Sequence[str]], Made]
    slug: str
    tasks: tuple[str, ...]
    system_prompt: str | None = None
    way: Way | None = None
    """None is the fastest that the model allows."""

    @property
    def protocol(self) -> Protocol:
        return parse_protocol(self.slug, self.system_prompt)

    def __str__(self) -> str:
        return " ".join([self.family.__name__, self.protocol.slug, self.way or "fastest"])


WHOLE = [Sitting(family, "loglikelihood-0shot", NINE) for family in (llama, gpt2, gemma)]
PLAIN = [WHOLE[0], *(replace(one, tasks=SOME) for one in WHOLE[1:])]
LONG = "mmlu_professional_medicine"
MIXED = "mmlu_college_medicine"  # some of its prompts are longer than the window
FIVE_SHOTS = Sitting(llama, "loglikelihood-5shot", (MIXED,))
QUICK = [
    *PLAIN,
    replace(PLAIN[0], tasks=SOME, way=Way.PACKED),
    replace(PLAIN[1], way=Way.PADDED),
    FIVE_SHOTS,
    Sitting(gpt2, "loglikelihood-2shot", SOME[:1]),
    Sitting(gpt2, "loglikelihood-0shot", ANATOMY, SYSTEM),
    Sitting(gemma, "loglikelihood-5shot-chat", ANATOMY, SYSTEM),
    Sitting(llama, "loglikelihood-5shot-chat", ANATOMY),
]
"""Each family, each way, each kind of protocol: every change is tested with these."""
SLOW = [
    *WHOLE[1:],
    *(replace(one, tasks=SOME, way=Way.PACKED) for one in PLAIN[1:]),
    *(replace(one, tasks=SOME, way=Way.PADDED) for one in (PLAIN[0], PLAIN[2])),
    Sitting(llama, "loglikelihood-5shot", tuple(name for name in MMLU if name != MIXED)),
    Sitting(gpt2, "loglikelihood-2shot", SOME[1:]),
    Sitting(gemma, "loglikelihood-5shot", ("mmlu_anatomy", LONG)),
    Sitting(gpt2, "loglikelihood-0shot", SOME[:2], SYSTEM),
    Sitting(gemma, "loglikelihood-0shot-chat", ("pubmedqa", "mmlu_anatomy")),
    Sitting(gemma, "loglikelihood-5shot-chat", ANATOMY),
]


@dataclass(frozen=True)
class Pair:
    """What both have of one question."""

    name: str
    ours: Answer
    theirs: Heard


@pytest.fixture(scope="module", autouse=True)
def quiet() -> None:
    logging.getLogger("lm_eval").setLevel(logging.ERROR)  # it reports every text that it cuts


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("parity")


@pytest.fixture(
    params=[*QUICK, *(pytest.param(one, marks=pytest.mark.slow) for one in SLOW)], ids=str
)
def pairs(request: pytest.FixtureRequest, test_data: Path, folder: Path) -> list[Pair]:
    return sit(request.param, test_data, folder)


@cache
def sit(sitting: Sitting, data: Path, folder: Path) -> list[Pair]:
    """Ask every question of a sitting by lm_eval and by us."""
    weights = make_weights(sitting.family, data, folder)
    model = open_ours(weights)
    model = replace(model, way=sitting.way or model.way)
    found = []
    for task in map(find_task, sitting.tasks):
        theirs = oracle.hear(weights, task, sitting.protocol, data)
        ours = answer(model, task, sitting.protocol, data)
        assert len(ours) == len(theirs) == QUESTIONS
        names = [f"{task.name} {one.turn.sample.sample_id}" for one in ours]
        found += list(map(Pair, names, ours, theirs))
    return found


@cache
def make_weights(family: Callable[[Sequence[str]], Made], data: Path, folder: Path) -> Path:
    """Write a model with random weights, whose tokenizer has read some of the questions."""
    texts = []
    for task in map(find_task, NINE):
        for sample in load_samples(task, data / "hub")[:50]:
            request = render(task, sample)
            texts += [request.prompt + continuation for continuation in request.continuations]
    with torch.random.fork_rng():
        torch.manual_seed(7)
        network, tokenizer = family(texts)
    network.save_pretrained(folder / family.__name__)
    tokenizer.save_pretrained(folder / family.__name__)
    return folder / family.__name__


@cache
def open_ours(weights: Path) -> LoadedModel:
    return load_model(weights, "float32")


def answer(model: LoadedModel, task: Task, protocol: Protocol, data: Path) -> list[Answer]:
    """As a run does it, but for the size of a batch, which a run finds by measuring."""
    samples = load_samples(task, data / "hub")[:QUESTIONS]
    paper = Paper(task, samples, load_shots(task, protocol.shots or 0, data / "hub"))
    model.network.set_attn_implementation("sdpa" if model.way is Way.PADDED else attention.NAME)
    ask = choosing.prepare(model, protocol)(paper, paper.turns(protocol))
    given = ask((), lambda plan: plan(BATCH_TOKENS))
    answers = {found.turn.sample.sample_id: found for found in given}
    return [answers[sample.sample_id] for sample in samples]


def test_every_prompt_and_continuation_is_the_same_to_the_byte(pairs: list[Pair]) -> None:
    for name, ours, theirs in ((pair.name, pair.ours, pair.theirs) for pair in pairs):
        assert ours.prompt == theirs.prompt, name
        assert ours.prompt_hash == prompt_hash(theirs.prompt, theirs.continuations), name


def test_every_log_probability_is_the_same(pairs: list[Pair]) -> None:
    for pair in pairs:
        expected = pytest.approx(pair.theirs.logprobs, abs=CLOSE, rel=0)
        assert pair.ours.logprobs == expected, pair.name


def test_every_prediction_is_the_same_and_as_right(pairs: list[Pair]) -> None:
    for pair in pairs:
        sample, prediction = pair.ours.turn.sample, pair.ours.prediction
        assert prediction == sample.letters[pair.theirs.picked], pair.name
        assert (prediction == sample.gold) == pair.theirs.correct, pair.name


@pytest.mark.parametrize("sitting", PLAIN, ids=str)
def test_no_letter_is_always_the_answer(sitting: Sitting, test_data: Path, folder: Path) -> None:
    assert len({pair.ours.prediction for pair in sit(sitting, test_data, folder)}) == 4


@pytest.mark.parametrize("sitting", [PLAIN[1], FIVE_SHOTS], ids=str)
def test_the_window_cuts_some_prompts(sitting: Sitting, test_data: Path, folder: Path) -> None:
    assert {pair.ours.truncated for pair in sit(sitting, test_data, folder)} == {True, False}


@pytest.mark.parametrize(
    ("family", "way"), [(llama, Way.NARROWED), (gpt2, Way.PACKED), (gemma, Way.NARROWED)]
)
def test_a_family_runs_in_its_fastest_way(
    family: Callable[[Sequence[str]], Made], way: Way, test_data: Path, folder: Path
) -> None:
    assert open_ours(make_weights(family, test_data, folder)).way is way
