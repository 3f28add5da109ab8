"""What `--model` may name, and who that is: cheap, so that a finished run is recognized at once."""

import hashlib
from pathlib import Path
from typing import get_args

from evaluator import hub
from evaluator.baselines import BASELINES
from evaluator.errors import ModelNotFound, NoSafetensors, UnknownPrecision
from evaluator.records import LONGEST_NAME, MOST_DATA_SETS, Model, ModelType, Precision

TOY = "toy:llama"
EMBEDDED = (*BASELINES, TOY)
LOCAL = "sha256:"
"""What the revision of a folder begins with."""
PRECISIONS = ("auto", *get_args(Precision))


def describe_model(name: str, revision: str | None) -> Model:
    """Return who `name` is, its revision pinned; raises `ModelNotFound` or `NoSafetensors`."""
    if not name.strip():
        raise ModelNotFound(f"No model is named. Embedded are {', '.join(EMBEDDED)}.")
    if name in EMBEDDED:
        return Model(name=name, revision=f"seed-{parse_seed(name, revision)}", type=kind_of(name))
    if name.startswith(("baseline:", "toy:")):
        raise ModelNotFound(f"No embedded model {name!r}: there are {', '.join(EMBEDDED)}.")
    if Path(name).is_dir():
        if revision:
            raise ModelNotFound(f"{name} is a folder: the hash of its files is its revision.")
        return describe_folder(Path(name))
    return describe_hub_model(name, revision)


def kind_of(name: str) -> ModelType:
    """What an embedded model is, or one that is loaded from elsewhere."""
    if name == TOY:
        return "random weights"
    return "baseline" if name in BASELINES else "open weights"


def parse_seed(name: str, revision: str | None) -> int:
    number = (revision or "0").removeprefix("seed-")
    if not (number.isascii() and number.isdigit() and len(number) < 19):  # torch takes 64 bits
        raise ModelNotFound(f"{name} takes a seed as its revision, such as 7, not {revision!r}.")
    return int(number)


def seed_of(model: Model) -> int:
    """The seed of an embedded model, which its revision holds."""
    return parse_seed(model.name, model.revision)


def describe_folder(folder: Path) -> Model:
    """A local model goes by its folder's name; its revision is the hash of its files."""
    if not any(folder.glob("*.safetensors")):
        raise NoSafetensors(
            f"{folder} has no .safetensors file. Other formats can run code when they are opened; "
            "save the model with save_pretrained(…, safe_serialization=True)."
        )
    digest = hashlib.sha256()
    files = (path for path in folder.iterdir() if path.suffix in hub.MODEL_FILES and path.is_file())
    for path in sorted(files):
        with path.open("rb") as file:
            digest.update(f"{path.name} {hashlib.file_digest(file, 'sha256').hexdigest()}".encode())
    return Model(
        name=folder.resolve().name,
        revision=f"{LOCAL}{digest.hexdigest()[:40]}",
        type="open weights",
    )


def describe_hub_model(name: str, revision: str | None) -> Model:
    try:
        info = hub.model_info(name, revision)
    except ModelNotFound as error:
        raise ModelNotFound(
            f"{name!r} is no folder here and none of the embedded {', '.join(EMBEDDED)}. {error}"
        ) from error
    if not any(file.rfilename.endswith(".safetensors") for file in info.siblings or ()):
        raise NoSafetensors(
            f"{name} has no .safetensors file. Other formats can run code when they are opened."
        )
    return Model(
        name=name,
        revision=info.sha or "unknown",
        type="open weights",
        parameters=info.safetensors.total if info.safetensors else None,
        licence=name_licence(info.card_data.license if info.card_data else None),
        released_at=info.created_at,
        trained_on=name_data_sets(info.card_data.datasets if info.card_data else None),
    )


def find_again(model: Model, source: Path | str | None, option: str = "--model") -> str:
    """Return from where to load `model` once more: its folder `source`, or its name.

    Raises `ModelNotFound` where the folder, which `option` names, is gone or holds another model.
    """
    if source is None:
        return model.name
    if not Path(source).is_dir():
        raise ModelNotFound(
            f"{source}, from which {model.name} was loaded, is no folder any more. {option} "
            "says where it is now."
        )
    if (revision := describe_folder(Path(source)).revision) != model.revision:
        raise ModelNotFound(f"{source} is at {revision}, but {model.name} was at {model.revision}.")
    return str(source)


def name_licence(licence: str | list[str] | None) -> str | None:
    """A model card may name several."""
    return ", ".join(licence) if isinstance(licence, list) else licence


def name_data_sets(named: object) -> tuple[str, ...]:
    """What a model card says it was trained on: a name, or a list of names, if it is."""
    names = [named] if isinstance(named, str) else named if isinstance(named, list) else []
    short = (name.strip()[:LONGEST_NAME] for name in names if isinstance(name, str))
    return tuple(name for name in short if name)[:MOST_DATA_SETS]


def resolve_precision(model: Model, precision: str) -> Precision | None:
    """Return the precision that `model` runs in; baselines have none."""
    if model.type == "baseline":
        return None
    if precision == "auto":
        from evaluator.engines import loading  # imports torch, which takes seconds

        precision = loading.default_precision()
    for known in get_args(Precision):
        if precision == known:
            return known  # type: ignore[no-any-return]
    raise UnknownPrecision(f"No precision {precision!r}; there are {', '.join(PRECISIONS)}.")
