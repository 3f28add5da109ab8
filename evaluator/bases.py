"""What an adapter or a delta is added to: found, pinned, and found again."""

from pathlib import Path
from typing import NamedTuple

from evaluator import adapters, hub, models
from evaluator.errors import NoBase
from evaluator.records import Model, Weights


class Named(NamedTuple):
    """A model as one names it."""

    model: str
    revision: str | None = None
    weights: Weights = "original"
    base: str | None = None
    """What an adapter or a delta is added to; of an adapter its configuration names it, too."""
    base_revision: str | None = None


def describe(named: Named) -> Model:
    """Return who is named, pinned as its base is.

    Raises `NoBase`, or as `models.describe_model` does.
    """
    own = models.describe_model(named.model, named.revision)
    if named.weights == "original":
        if named.base or named.base_revision:
            raise NoBase(
                f"{named.model} is taken for a whole model, which has no base. Say what it is, by "
                "--weights adapter or --weights delta, or name no base."
            )
        return own
    if own.type != "open weights":
        raise NoBase(f"{named.model} is embedded, and no {named.weights} of another model.")
    base = describe_base(named, own)
    added = {"weights": named.weights, "base": base.name, "base_revision": base.revision}
    return Model.model_validate(own.model_dump() | added | {"parameters": None})


def describe_base(named: Named, own: Model) -> Model:
    """The base that is asked for, which may be a folder, or that which an adapter names."""
    if named.base:
        base = models.describe_model(named.base, named.base_revision)
        if base.type == "baseline":
            raise NoBase(f"{named.base} has no weights to which others can be added.")
        return base
    if named.weights == "delta":
        raise NoBase(f"{named.model} is a delta: name the model that it is added to (--base).")
    settings = read_settings(named.model, own)
    if settings.base is None:
        raise NoBase(
            f"{named.model} does not say which model it is an adapter of: name it (--base)."
        )
    if Path(settings.base).is_absolute() or settings.base.count("/") != 1:
        raise NoBase(
            f"{named.model} says that it is an adapter of {settings.base!r}, which is no model on "
            "the Hub. Name the base that it was trained on (--base)."
        )
    return models.describe_hub_model(settings.base, named.base_revision or settings.revision)


def read_settings(source: str, own: Model) -> adapters.Settings:
    """The settings of an adapter in a folder or on the Hub, which is asked for no weights."""
    local = Path(source).is_dir()
    folder = Path(source) if local else hub.download_model(own.name, own.revision, weights=False)
    return adapters.require_settings(folder, source)


def base_of(model: Model) -> Model | None:
    """Who the base of `model` is, as far as its record says."""
    if model.base is None or model.base_revision is None:
        return None
    kind = models.kind_of(model.base)
    return Model(name=model.base, revision=model.base_revision, type=kind)


def find_again(model: Model, source: Path | str | None) -> str | None:
    """From where to load the base of `model` once more; raises as `models.find_again` does."""
    base = base_of(model)
    return models.find_again(base, source, "--base") if base else None
