"""Loads a causal language model and its tokenizer from a folder, and nothing else.

Weights are read from safetensors only and no code of a repository is ever run.
"""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import transformers
from huggingface_hub.errors import StrictDataclassError
from safetensors import SafetensorError
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoTokenizer,
    PretrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from evaluator.engines import proof
from evaluator.engines.network import Way
from evaluator.errors import (
    BrokenConfig,
    BrokenTokenizer,
    BrokenWeights,
    ModelError,
    NeedsRemoteCode,
    NoSafetensors,
    OutOfMemory,
    UnknownArchitecture,
    UnknownPrecision,
)

PRECISIONS = ("float32", "bfloat16", "float16")
UNLIMITED = 10**6  # tokenizers without a limit say 10**30
DEFAULT_LENGTH = 2048  # lm_eval's, for a model that names no window
ROOM = 0.85  # of a GPU's free memory for weights; activations need the rest
LOADING = (
    OSError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ImportError,
    RuntimeError,
    SafetensorError,
    StrictDataclassError,
)
"""What transformers raises for a file that is not what it should be."""

LOCAL: dict[str, Any] = {"trust_remote_code": False, "local_files_only": True}
transformers.utils.logging.disable_progress_bar()


@dataclass(frozen=True)
class LoadedModel:
    """A model ready to be asked."""

    network: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    max_length: int
    """Its window, in tokens."""
    way: Way
    """The fastest way to run it that has proved exact."""
    stretch: int | None = None
    """Texts longer than this change the positions of all texts in a pass (longrope); else None."""

    @property
    def device(self) -> torch.device:
        device: torch.device = self.network.device
        return device


def default_precision() -> str:
    """float32 on a CPU, bfloat16 on a GPU."""
    return "bfloat16" if torch.cuda.is_available() else "float32"


def load_model(folder: Path, precision: str) -> LoadedModel:
    """Load the model in `folder` in `precision`, on the GPUs if there are any.

    Raises `UnknownPrecision`, or another `ModelError` that says which part does not load.
    """
    if precision not in PRECISIONS:
        raise UnknownPrecision(f"No precision {precision!r}; there are {', '.join(PRECISIONS)}.")
    keep_memory()
    if not (folder / "config.json").is_file():
        raise BrokenConfig(f"{folder} has no config.json: it is not a model's folder.")
    if not any(folder.glob("*.safetensors")):
        raise NoSafetensors(f"{folder} has no .safetensors file; no other format is opened.")
    with plain_errors(folder, BrokenConfig):
        config = AutoConfig.from_pretrained(folder, **LOCAL)
    if getattr(config, "is_encoder_decoder", False):
        raise UnknownArchitecture(
            f"{folder}: {config.model_type} is an encoder and a decoder. Only causal models are "
            "asked."
        )
    tokenizer = load_tokenizer(folder)
    with plain_errors(folder, BrokenWeights):
        network, report = AutoModelForCausalLM.from_pretrained(
            folder,
            config=config,
            dtype=getattr(torch, precision),
            use_safetensors=True,
            output_loading_info=True,
            device_map=choose_devices(weigh(folder, precision)),
            **LOCAL,
        )
        if report["missing_keys"]:
            raise ValueError(f"no weights for {', '.join(sorted(report['missing_keys'])[:3])}")
        window = max_length(config, tokenizer)
        way = proof.choose_way(network.eval(), tokenizer.encode(proof.TEXT)[:window])
    return LoadedModel(network, tokenizer, window, way, find_stretch(config))


def load_tokenizer(folder: Path) -> PreTrainedTokenizerBase:
    """Load what parts texts into tokens; raises a `ModelError`."""
    with plain_errors(folder, BrokenTokenizer):
        try:
            return AutoTokenizer.from_pretrained(folder, **LOCAL)
        except Exception as error:
            if type(error) is not Exception:
                raise
            raise ValueError(error) from error  # the tokenizers library raises nothing narrower


@contextmanager
def plain_errors(folder: Path, broken: type[ModelError]) -> Iterator[None]:
    """Name what transformers raises while it loads one part of a model."""
    try:
        yield
    except ModelError:
        raise
    except LOADING as error:
        text = f"{type(error).__name__}: {error}"
        if isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in text:
            raise OutOfMemory(
                f"The weights in {folder} do not fit the memory of this machine's devices. Take "
                "a larger machine, or --precision bfloat16."
            ) from error
        if "trust_remote_code" in text or "custom code" in text:
            raise NeedsRemoteCode(
                f"The model in {folder} needs code of its own repository, which is never run. "
                "Only architectures that transformers has can be asked."
            ) from error
        if "does not recognize this architecture" in text or "Unrecognized" in text:
            raise UnknownArchitecture(
                f"transformers {transformers.__version__} has no causal language model for "
                f"{folder}: {first_line(error)}"
            ) from error
        raise broken(f"{folder} does not load ({type(error).__name__}: {error}).") from error


def first_line(error: Exception) -> str:
    return str(error).split("\n", 1)[0][:300]


def weigh(folder: Path, precision: str) -> int:
    """Bytes that the weights take in `precision`, at most."""
    stored = sum(path.stat().st_size for path in folder.glob("*.safetensors"))
    return stored * 2 if precision == "float32" else stored


def choose_devices(weight: int) -> str | dict[str, int | str]:
    """Return the `device_map`: one GPU where it holds the weights, else all, else the CPU."""
    if not torch.cuda.is_available():
        return {"": "cpu"}
    free = [torch.cuda.mem_get_info(number)[0] for number in range(torch.cuda.device_count())]
    roomiest = max(range(len(free)), key=free.__getitem__)
    return {"": roomiest} if weight <= free[roomiest] * ROOM else "balanced"


def keep_memory() -> None:
    """Let glibc keep freed memory: giving each activation back costs a page fault a 4 KB page.

    Measured on 2 CPU cores: 15% fewer seconds a question. Other C libraries are left alone.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mmap_threshold, trim_threshold = -3, -1  # malloc.h
        mallopt(mmap_threshold, 2**25)
        mallopt(trim_threshold, 2**31 - 1)


def max_length(config: object, tokenizer: PreTrainedTokenizerBase) -> int:
    """The window in tokens, found as lm_eval 0.4.13 does: config first, then tokenizer."""
    text_config = getattr(config, "text_config", None) or config
    for name in ("n_positions", "max_position_embeddings", "n_ctx"):
        if (length := getattr(text_config, name, None)) is not None:
            return int(length)
    length = tokenizer.model_max_length
    return int(length) if length and length < UNLIMITED else DEFAULT_LENGTH


def find_stretch(config: PretrainedConfig) -> int | None:
    """The longest text that longrope reads with its short factors."""
    ropes = getattr(config.get_text_config(), "rope_parameters", None) or {}
    for rope in (ropes, *(value for value in ropes.values() if isinstance(value, dict))):
        if rope.get("rope_type") == "longrope":
            return int(rope["original_max_position_embeddings"])
    return None


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
    if model.device.type != "cuda":
        return {"device": "cpu", "threads": str(torch.get_num_threads())}
    used = sorted({str(weight.device) for weight in model.network.parameters()})
    names = [torch.cuda.get_device_name(at) if at.startswith("cuda") else at for at in used]
    return {"device": " + ".join(names)}
