"""What the settings of an adapter say of it: all of it a stranger's word, and most of it not taken.

Which matrices an adapter changes, and how wide it is, is read off its weights. So a pattern, which
might be looked for without end, is never tried, and no name of a module, a base or a class leads
anywhere.
"""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from evaluator.errors import BrokenAdapter, UnmergeableAdapter
from evaluator.records import LONGEST_NAME, name_faults
from evaluator.repositories import read_json

CONFIG = "adapter_config.json"
MERGE = "Merge it into its base model yourself (merge_and_unload), and take what comes of that."
NEEDLESS = frozenset(
    {
        *("auto_mapping", "inference_mode", "peft_version", "runtime_config"),
        *("lora_dropout", "bias", "loftq_config", "eva_config", "ensure_weight_tying"),
        *("target_modules", "exclude_modules", "modules_to_save", "rank_pattern", "r"),
        *("layers_to_transform", "layers_pattern", "megatron_core", "qalora_group_size"),
    }
)
"""Settings of training, names of code, and what the weights tell better."""
Module = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.]+$")]


class Settings(BaseModel):
    """The settings of a LoRA that can be merged; all others are refused."""

    model_config = ConfigDict(frozen=True, extra="allow", use_attribute_docstrings=True)

    peft_type: Literal["LORA"]
    task_type: Literal["CAUSAL_LM"] | None = None
    base_model_name_or_path: str | None = None
    """What it was trained on, perhaps a folder of its author's machine."""
    revision: str | None = Field(default=None, max_length=LONGEST_NAME)
    """Of that base."""
    lora_alpha: float = 8
    alpha_pattern: dict[Module, float] | None = None
    use_rslora: bool = False
    use_dora: bool = False
    fan_in_fan_out: bool = False
    lora_bias: bool = False
    init_lora_weights: bool | Literal["gaussian", "orthogonal", "eva"] | None = True
    """The other ways to begin change the base as well, which is not in the repository."""

    def for_peft(self) -> dict[str, Any]:
        """What peft's LoraConfig is to know."""
        own = {"lora_alpha", "use_rslora", "use_dora", "fan_in_fan_out", "lora_bias"}
        return self.model_dump(include=own) | {"alpha_pattern": self.alpha_pattern or {}}

    @property
    def base(self) -> str | None:
        return (self.base_model_name_or_path or "")[:LONGEST_NAME] or None


def read_settings(folder: Path) -> Settings:
    """Return the settings of the adapter in `folder`.

    Raises `BrokenAdapter` where there are none, and `UnmergeableAdapter` where they are of another
    kind of adapter than a LoRA, or of one that no single matrix can stand for; both say in half a
    sentence why.
    """
    if not (folder / CONFIG).is_file():
        raise BrokenAdapter("is missing")
    content = read_json(folder / CONFIG)
    if content is None:
        raise BrokenAdapter("is no JSON object")
    try:
        settings = Settings.model_validate(content)
    except ValidationError as error:
        raise UnmergeableAdapter(f"has {name_faults(error)}") from error
    others = (settings.model_extra or {}).items()
    if unknown := sorted(name for name, value in others if value and name not in NEEDLESS):
        raise UnmergeableAdapter(f"has {unknown[0][:80]!r}, which a plain LoRA has not")
    return settings


def require_settings(folder: Path, name: str) -> Settings:
    """As `read_settings`, with errors that say whose the settings are, and what to do."""
    try:
        return read_settings(folder)
    except BrokenAdapter as error:
        raise BrokenAdapter(
            f"{name} is no adapter: its {CONFIG} {error}. Upload what peft's save_pretrained "
            "writes, or run it with --weights original."
        ) from error
    except UnmergeableAdapter as error:
        raise UnmergeableAdapter(
            f"{name} is an adapter that cannot be merged here: its {CONFIG} {error}. {MERGE}"
        ) from error
