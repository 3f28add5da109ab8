"""Loads a causal language model and its tokenizer from a folder, and nothing else.

Weights are read from safetensors only and no code of a repository is ever run.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

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

from evaluator.engines import devices, differences, proof
from evaluator.engines.network import Way
from evaluator.errors import (
    BrokenAdapter,
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
TOKENIZER = "tokenizer_config.json"
DEFAULT_LENGTH = 2048  # lm_eval's, for a model that names no window
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
UNADAPTED = {"subfolder": "config.json"}
"""Where transformers looks for an adapter to add unasked: in a file, which holds none."""
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


class Base(NamedTuple):
    """What the weights in another folder are added to."""

    folder: Path
    settings: Mapping[str, Any] | None = None
    """Of an adapter (see `merging`); None where they are differences to the base's."""


def load_model(folder: Path, precision: str, base: Base | None = None) -> LoadedModel:
    """Load the model in `folder` in `precision`, on the GPUs if there are any.

    What is in `folder` may be added to a base first. Raises `UnknownPrecision`, or another
    `ModelError` that says which part does not load.
    """
    if precision not in PRECISIONS:
        raise UnknownPrecision(f"No precision {precision!r}; there are {', '.join(PRECISIONS)}.")
    devices.keep_memory()
    settings = base.settings if base else None
    whole = base.folder if base and settings is not None else folder
    config = load_config(whole)
    own = whole == folder or (folder / TOKENIZER).is_file()
    tokenizer = load_tokenizer(folder if own else whole)
    with plain_errors(whole, BrokenWeights):
        network = load_network(config, whole, base, precision)
    if settings is not None:
        from evaluator.engines import merging  # a second of imports that few models need

        with plain_errors(folder, BrokenAdapter):
            network = merging.merge_adapter(network, folder, settings)
    with plain_errors(folder, BrokenWeights):
        window = max_length(config, tokenizer)
        way = proof.choose_way(network.eval(), tokenizer.encode(proof.TEXT)[:window])
    return LoadedModel(network, tokenizer, window, way, find_stretch(config))


def load_config(folder: Path) -> PretrainedConfig:
    """Load the configuration of a whole model; raises a `ModelError`."""
    if not (folder / "config.json").is_file():
        adapter = (folder / "adapter_config.json").is_file()
        held = " It holds an adapter: run it with --weights adapter." if adapter else ""
        raise BrokenConfig(f"{folder} has no config.json: it is not a model's folder.{held}")
    if not any(folder.glob("*.safetensors")):
        raise NoSafetensors(f"{folder} has no .safetensors file; no other format is opened.")
    with plain_errors(folder, BrokenConfig):
        config: PretrainedConfig = AutoConfig.from_pretrained(folder, **LOCAL)
    if getattr(config, "is_encoder_decoder", False):
        raise UnknownArchitecture(
            f"{folder}: {config.model_type} is an encoder and a decoder. Only causal models are "
            "asked."
        )
    return config


def load_network(
    config: PretrainedConfig, folder: Path, base: Base | None, precision: str
) -> PreTrainedModel:
    """Load the weights in `folder`, added to those of the base where they are a delta of it."""
    options = LOCAL | {
        "dtype": getattr(torch, precision),
        "use_safetensors": True,
        "output_loading_info": True,
    }
    if base and base.settings is None:
        weight = max(devices.weigh(each, precision) for each in (folder, base.folder))
        options["device_map"] = devices.choose_devices(weight)
        network, report = differences.load_sum(config, folder, base.folder, options)
    else:
        network, report = AutoModelForCausalLM.from_pretrained(
            folder,
            config=config,
            device_map=devices.choose_devices(devices.weigh(folder, precision)),
            adapter_kwargs=UNADAPTED,
            **options,
        )
    if report["missing_keys"]:
        raise ValueError(f"no weights for {', '.join(sorted(report['missing_keys'])[:3])}")
    loaded: PreTrainedModel = network
    return loaded


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


def versions(*, adapted: bool = False) -> dict[str, str]:
    """The libraries that decide the last digits of a log-probability."""
    merging = {"peft": version("peft")} if adapted else {}
    return {"torch": torch.__version__, "transformers": transformers.__version__} | merging


def hardware(model: LoadedModel) -> dict[str, str]:
    if model.device.type != "cuda":
        return {"device": "cpu", "threads": str(torch.get_num_threads())}
    used = sorted({str(weight.device) for weight in model.network.parameters()})
    names = [torch.cuda.get_device_name(at) if at.startswith("cuda") else at for at in used]
    return {"device": " + ".join(names)}
