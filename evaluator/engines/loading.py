"""Loads a causal language model and its tokenizer, from the Hub or a folder, and nothing else.

Weights are read from safetensors only and no code of the repository is ever run.
"""

from dataclasses import dataclass
from pathlib import Path

import torch
import transformers
from huggingface_hub.errors import StrictDataclassError
from safetensors import SafetensorError
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from evaluator.errors import ModelError, UnknownPrecision

PRECISIONS = ("float32", "bfloat16", "float16")
transformers.utils.logging.disable_progress_bar()
UNLIMITED = 10**6  # tokenizers without a limit say 10**30
DEFAULT_LENGTH = 2048  # lm_eval's, for a model that names no window


@dataclass(frozen=True)
class LoadedModel:
    """A model ready to be asked."""

    network: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    max_length: int
    """Its window, in tokens."""

    @property
    def device(self) -> torch.device:
        device: torch.device = self.network.device
        return device


def default_precision() -> str:
    """float32 on a CPU, bfloat16 on a GPU."""
    return "bfloat16" if torch.cuda.is_available() else "float32"


def load_model(source: str | Path, revision: str | None, precision: str) -> LoadedModel:
    """Load the model at `source`, a Hub id or a folder, in `precision`, on the GPU if there is one.

    Raises `UnknownPrecision`, or `ModelError` where transformers cannot load it.
    """
    if precision not in PRECISIONS:
        raise UnknownPrecision(f"No precision {precision!r}; there are {', '.join(PRECISIONS)}.")
    trusted = {"trust_remote_code": False, "revision": revision}
    try:
        config = AutoConfig.from_pretrained(source, **trusted)
        tokenizer = AutoTokenizer.from_pretrained(source, **trusted)
        network, report = AutoModelForCausalLM.from_pretrained(
            source,
            config=config,
            dtype=getattr(torch, precision),
            use_safetensors=True,
            output_loading_info=True,
            **trusted,
        )
        if report["missing_keys"]:
            raise ValueError(f"no weights for {', '.join(sorted(report['missing_keys'])[:3])}")
    except (
        OSError,
        ValueError,
        KeyError,
        ImportError,
        RuntimeError,
        SafetensorError,
        StrictDataclassError,
    ) as error:
        raise ModelError(
            f"{source} does not load with AutoConfig, AutoTokenizer and AutoModelForCausalLM "
            f"({type(error).__name__}: {error}). Its repository's own code is never run."
        ) from error
    device = "cuda" if torch.cuda.is_available() else "cpu"
    return LoadedModel(network.to(device).eval(), tokenizer, max_length(config, tokenizer))


def max_length(config: object, tokenizer: PreTrainedTokenizerBase) -> int:
    """The window in tokens, found as lm_eval 0.4.13 does: config first, then tokenizer."""
    text_config = getattr(config, "text_config", None) or config
    for name in ("n_positions", "max_position_embeddings", "n_ctx"):
        if (length := getattr(text_config, name, None)) is not None:
            return int(length)
    length = tokenizer.model_max_length
    return int(length) if length and length < UNLIMITED else DEFAULT_LENGTH


def facts(model: LoadedModel) -> dict[str, int | str]:
    """What only loading tells of a model."""
    return {
        "parameters": sum(parameter.numel() for parameter in model.network.parameters()),
        "architecture": type(model.network).__name__,
    }


def versions() -> dict[str, str]:
    """The libraries that decide the last digits of a log-probability."""
    return {"torch": torch.__version__, "transformers": transformers.__version__}


def hardware(model: LoadedModel) -> dict[str, str]:
    if model.device.type == "cuda":
        return {"device": torch.cuda.get_device_name(model.device)}
    return {"device": "cpu", "threads": str(torch.get_num_threads())}
