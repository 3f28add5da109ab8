"""Finds all that speaks against evaluating a model, before anyone waits hours for its answers."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from evaluator import adapters, hub, models
from evaluator.baselines import BASELINES
from evaluator.errors import (
    BrokenAdapter,
    ModelNotFound,
    NotChecked,
    TransferError,
    UnmergeableAdapter,
)
from evaluator.repositories import (
    TEMPLATES,
    Findings,
    Repository,
    bring_texts,
    open_repository,
    read_json,
)
from evaluator.text import one_line
from evaluator.trial import try_loading
from evaluator.verdicts import Asked, Checked, Facts, Rules
from evaluator.weights import Shapes, check_size, check_weights, find_difference, find_misfit

CONFIG = "config.json"
TOKENIZER = "tokenizer_config.json"
TEMPLATE = "chat_template.jinja"


def check_model(asked: Asked, rules: Rules | None = None) -> Checked:
    """Return what is known of a model and every problem that it has; none means: evaluate it.

    Reads no weights but their headers, opens no pickle, runs no code of the repository, and asks
    the Hub as a stranger would, without a token. It needs no database, and may be called from
    several threads. Raises `NotChecked` where the Hub or this machine failed: nothing is known
    of the model then, and asking again later may help.
    """
    found = Findings(asked.model, facts={"name": asked.model})
    try:
        if asked.model.startswith(("baseline:", "toy:")):
            check_embedded(asked, found)
        else:
            check_repository(asked, rules or Rules(), found)
    except (TransferError, NotChecked) as error:
        raise NotChecked(f"{asked.model} could not be checked. {error}") from error
    once = {problem.code: problem for problem in reversed(found.problems)}
    return Checked(
        asked=asked,
        facts=Facts.model_validate(found.facts),
        problems=tuple(problem for problem in found.problems if once[problem.code] is problem),
    )


def check_embedded(asked: Asked, found: Findings) -> None:
    if asked.model not in models.EMBEDDED:
        found.add("not-found")
        return
    try:
        found.facts["revision"] = models.describe_model(asked.model, asked.revision).revision
    except ModelNotFound:
        found.add("no-revision", f"{asked.revision}, only seeds such as 7")
    if asked.protocol.chat and asked.model not in BASELINES:  # which read no prompt
        found.facts["chat_template"] = False
        found.add("no-chat-template", asked.protocol.slug)


def check_repository(asked: Asked, rules: Rules, found: Findings) -> None:
    repository = open_repository(asked.model, asked.revision, rules, found)
    if repository is None:
        return
    with TemporaryDirectory(prefix="check-") as place:
        folder = Path(place) if bring_texts(repository, Path(place), rules, found) else None
        if asked.weights == "adapter":
            check_adapter(asked, repository, folder, rules, found)
        elif adapters.CONFIG in repository.sizes and CONFIG not in repository.sizes:
            found.add("is-adapter")
        else:
            shapes = check_whole(asked, repository, folder, rules, found)
            if asked.weights == "delta":
                check_delta(asked, shapes, rules, found)
    if asked.protocol.chat and found.facts.get("chat_template") is False:
        found.add("no-chat-template", asked.protocol.slug)


def check_whole(
    asked: Asked, repository: Repository, folder: Path | None, rules: Rules, found: Findings
) -> Shapes:
    """Weights, configuration and tokenizer of a model that stands by itself."""
    shapes = check_weights(repository, folder, found)
    check_size(found, asked.precision, rules)
    if CONFIG not in repository.sizes:
        found.add("broken-config", f"there is no {CONFIG}")
    if folder is not None:
        note_config(read_json(folder / CONFIG) or {}, found)
        parts = ["config", "tokenizer"] if CONFIG in repository.sizes else ["tokenizer"]
        check_loading(folder, parts, rules, found)
    elif TEMPLATE in repository.sizes:
        found.facts["chat_template"] = True
    return shapes


def note_config(config: dict[str, Any], found: Findings) -> None:
    heads = config.get("architectures")
    if isinstance(heads, list) and heads:
        found.facts["architecture"] = one_line(str(heads[0]))
    if isinstance(quantization := config.get("quantization_config"), dict):
        found.add("quantized", str(quantization.get("quant_method", "by some method")))


def check_loading(folder: Path, parts: list[str], rules: Rules, found: Findings) -> None:
    """Load for a trial; what does not load may still have a chat template."""
    found.facts["chat_template"] = has_template(folder)
    for report in try_loading(folder, parts, rules):
        if code := report.get("problem"):
            found.add(code, report["detail"])
        for fact in ("architecture", "chat_template"):
            if fact in report:
                found.facts[fact] = report[fact]


def has_template(folder: Path) -> bool:
    named = any((folder / TEMPLATES).glob("*.jinja"))
    written = (folder / TEMPLATE).is_file() or named
    return written or bool((read_json(folder / TOKENIZER) or {}).get("chat_template"))


def check_adapter(
    asked: Asked, repository: Repository, folder: Path | None, rules: Rules, found: Findings
) -> None:
    """Its own weights and, if it has one, tokenizer; then its base and whether they fit."""
    shapes = check_weights(repository, folder, found, adapter=True)
    try:
        settings = read_settings(repository, folder, found)
    except UnmergeableAdapter as error:
        found.add("not-mergeable", str(error))
        return
    named = settings.base if settings else None
    if folder is not None and TOKENIZER in repository.sizes:
        check_loading(folder, ["tokenizer"], rules, found)
    if (base := asked.base or named) is None:
        found.add("no-base", "an adapter")
        return
    if asked.base and named and not is_same(asked.base, named):
        found.add("other-base", named)
    revision = settings.revision if settings and asked.base is None else None
    theirs, whole = check_base((base, revision), asked, rules, found)
    found.facts["architecture"] = theirs.facts.get("architecture")
    transposed = settings is not None and settings.fan_in_fan_out
    if misfit := find_misfit(shapes, whole, transposed=transposed):
        found.add("does-not-fit", misfit)


def read_settings(
    repository: Repository, folder: Path | None, found: Findings
) -> adapters.Settings | None:
    """What an adapter says of itself; raises `UnmergeableAdapter`."""
    if adapters.CONFIG not in repository.sizes:
        found.add("no-adapter-config", "is missing")
    if folder is None or adapters.CONFIG not in repository.sizes:
        return None
    try:
        return adapters.read_settings(folder)
    except BrokenAdapter as error:
        found.add("no-adapter-config", str(error))
        return None


def is_same(name: str, other: str) -> bool:
    """Whether two names are of one repository, one of them perhaps from before it was renamed.

    A path on its author's machine says nothing of the base, so it contradicts no name.
    """
    if name.casefold() == other.casefold() or other.count("/") != 1 or other[0] in "./~":
        return True
    try:
        ids = {hub.public_info(each, None).id for each in (name, other)}
    except ModelNotFound:
        return False
    return len(ids) == 1


def check_delta(asked: Asked, shapes: Shapes, rules: Rules, found: Findings) -> None:
    if asked.base is None:
        found.add("no-base", "a difference")
        return
    theirs, whole = check_base((asked.base, None), asked, rules, found)
    own, base = found.facts.get("architecture"), theirs.facts.get("architecture")
    if own and base and own != base:
        found.add("does-not-fit", f"it is a {own}, its base a {base}")
    if misfit := find_difference(shapes, whole):
        found.add("does-not-fit", misfit)


def check_base(
    named: tuple[str, str | None], asked: Asked, rules: Rules, found: Findings
) -> tuple[Findings, Shapes]:
    """Check the other model, of a name and a revision.

    Its problems and what is to be known of it join `found`. Its chat template serves an adapter
    that has no tokenizer of its own.
    """
    base, revision = named
    theirs = Findings(base, is_base=True)
    trusted = rules if base == asked.base else rules.model_copy(update={"local": False})
    repository = open_repository(base, revision, trusted, theirs)
    shapes: Shapes = {}
    if repository is not None:
        with TemporaryDirectory(prefix="check-") as place:
            folder = Path(place) if bring_texts(repository, Path(place), rules, theirs) else None
            shapes = check_whole(asked, repository, folder, rules, theirs)
    found.problems += theirs.problems
    found.facts["base"] = theirs.facts.get("name", base)
    found.facts["base_revision"] = theirs.facts.get("revision")
    if "chat_template" not in found.facts:
        found.facts["chat_template"] = theirs.facts.get("chat_template")
    return theirs, shapes
