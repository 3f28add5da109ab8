"""Models of real shapes with random weights, and a tokenizer trained on the questions."""

from collections.abc import Iterable
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import (
    Gemma3ForCausalLM,
    Gemma3TextConfig,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedModel,
    PreTrainedTokenizerFast,
)

VOCABULARY = 32_000
WINDOW = 4096


def llama_60m() -> PreTrainedModel:
    """12 layers of width 576, tied embeddings: 60.9 million parameters, 42.5 in the layers."""
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=VOCABULARY,
            hidden_size=576,
            intermediate_size=1536,
            num_hidden_layers=12,
            num_attention_heads=9,
            num_key_value_heads=3,
            max_position_embeddings=WINDOW,
            tie_word_embeddings=True,
            bos_token_id=0,
            eos_token_id=1,
        )
    )


def writing_llama_60m() -> PreTrainedModel:
    """Wide weights, which rarely repeat themselves, and an end token in every 96 tokens.

    Its texts end at random, as answers do: at 96 tokens in the mean, few of them at a limit.
    """
    with torch.random.fork_rng():
        network = llama_60m()
    network.config.tie_word_embeddings = False
    network = LlamaForCausalLM(LlamaConfig(**network.config.to_dict() | {"initializer_range": 0.1}))
    network.generation_config.eos_token_id = [1, *range(300, VOCABULARY, 96)]
    return network


def gemma_100m() -> PreTrainedModel:
    """Gemma 3's vocabulary of 262,144 on a body of 100 million parameters."""
    return Gemma3ForCausalLM(
        Gemma3TextConfig(
            vocab_size=262_144,
            hidden_size=640,
            intermediate_size=2048,
            num_hidden_layers=18,
            num_attention_heads=4,
            num_key_value_heads=1,
            head_dim=256,
            sliding_window=512,
            max_position_embeddings=WINDOW,
            bos_token_id=0,
            eos_token_id=1,
            pad_token_id=1,
        )
    )


SHAPES = {"Llama 60M": llama_60m, "Writing Llama 60M": writing_llama_60m, "Gemma 100M": gemma_100m}


def save_model(shape: str, texts: Iterable[str], folder: Path) -> Path:
    """Write the model named `shape` as a Hub repository would have it; returns its folder."""
    path = folder / shape.replace(" ", "-").lower()
    if not (path / "model.safetensors").exists():
        train_tokenizer(texts).save_pretrained(path)
        torch.manual_seed(0)
        SHAPES[shape]().save_pretrained(path)
    return path


def train_tokenizer(texts: Iterable[str]) -> PreTrainedTokenizerFast:
    """Byte-level BPE with `<s>` in front, as Llama 3's."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=["<s>", "</s>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", special_tokens=[("<s>", 0)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", model_max_length=WINDOW
    )
