"""Do prompts longer than a model's attention or positions were made for keep their scores?

No short text shows a window, and transformers has architectures whose window is in a mask alone,
which packed attention does not read.
"""

from pathlib import Path

import pytest
from transformers import (
    Llama4ForCausalLM,
    Llama4TextConfig,
    LlamaConfig,
    LlamaForCausalLM,
    PhimoeConfig,
    PhimoeForCausalLM,
    Qwen2MoeConfig,
    Qwen2MoeForCausalLM,
)

from evaluator.engines import packing
from evaluator.engines.network import Way
from tests.tiny import (
    SIZES,
    Made,
    Make,
    encode_all,
    gemma3,
    make_tiny,
    make_tokenizer,
    score_all,
    score_slowly,
)

WINDOW = 256  # longer than the text of the proof, shorter than the longest question
LETTERS = (" A", " B", " C", " D")
QUESTIONS = [("A long prompt, " * 25 + "\nAnswer:", LETTERS), ("Short:", LETTERS)]


def llama4() -> Made:
    config = Llama4TextConfig(
        vocab_size=257,
        max_position_embeddings=1024,
        attention_chunk_size=WINDOW,
        head_dim=8,
        num_local_experts=2,
        num_experts_per_tok=1,
        intermediate_size_mlp=64,
        no_rope_layers=[1, 1],
        moe_layers=[1],
        **SIZES,
    )
    return Llama4ForCausalLM(config), make_tokenizer([], "<s>"), 1024


def phimoe() -> Made:
    config = PhimoeConfig(
        vocab_size=257,
        max_position_embeddings=1024,
        sliding_window=WINDOW,
        num_local_experts=2,
        bos_token_id=0,
        eos_token_id=1,
        **SIZES,
    )
    return PhimoeForCausalLM(config), make_tokenizer([], "<s>"), 1024


def qwen2_moe() -> Made:
    config = Qwen2MoeConfig(
        vocab_size=257,
        max_position_embeddings=1024,
        use_sliding_window=True,
        sliding_window=WINDOW,
        layer_types=["sliding_attention"] * 2,
        num_experts=4,
        num_experts_per_tok=2,
        moe_intermediate_size=32,
        shared_expert_intermediate_size=32,
        **SIZES,
    )
    return Qwen2MoeForCausalLM(config), make_tokenizer([], "<s>"), 1024


def longrope() -> Made:
    rope = {
        "rope_type": "longrope",
        "rope_theta": 10000.0,
        "short_factor": [1.0] * 4,
        "long_factor": [4.0] * 4,
        "original_max_position_embeddings": WINDOW,
        "factor": 4.0,
    }
    config = LlamaConfig(
        vocab_size=257, max_position_embeddings=1024, rope_parameters=rope, **SIZES
    )
    return LlamaForCausalLM(config), make_tokenizer([], "<s>"), 1024


@pytest.mark.parametrize("batch_tokens", [1, 4096])
@pytest.mark.parametrize(
    ("make", "way"),
    [
        (llama4, Way.PADDED),
        (phimoe, Way.PADDED),
        (qwen2_moe, Way.PADDED),
        (gemma3, Way.NARROWED),  # its layers say what their window is
        (longrope, Way.NARROWED),
    ],
    ids=["llama4", "phimoe", "qwen2_moe", "gemma3", "longrope"],
)
def test_a_question_longer_than_a_window_is_scored_as_alone(
    tmp_path: Path, make: Make, way: Way, batch_tokens: int
) -> None:
    tiny = make_tiny(make, tmp_path)
    model = tiny.load()
    assert model.way is way
    found = score_all(model, QUESTIONS, batch_tokens)
    for index, question in enumerate(QUESTIONS):
        slow = score_slowly(tiny, *question).logprobs
        assert found[index].logprobs == pytest.approx(slow, abs=1e-5)


def test_questions_that_stretch_positions_are_asked_alone(tmp_path: Path) -> None:
    model = make_tiny(longrope, tmp_path).load()
    assert model.stretch == WINDOW
    prompts = ["x" * size for size in (WINDOW - 2, WINDOW - 1, 300, 400)]
    encoded = encode_all(model, [(prompt, LETTERS) for prompt in prompts])
    assert [question.alone for question in encoded] == [False, True, True, True]
    assert packing.plan_batches(encoded, 0, 10_000) == [[3], [2], [1], [0]]
