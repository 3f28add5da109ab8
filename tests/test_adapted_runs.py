"""Adapters and deltas from the command, or the queue, to a run that says what it was made of."""

import shutil
from collections.abc import Callable
from pathlib import Path
from threading import Event

import huggingface_hub
import pytest

from evaluator import bases, checking, records, tables
from evaluator.bases import Named
from evaluator.checker import Checker
from evaluator.errors import BrokenAdapter, ModelError, NoBase, UnmergeableAdapter
from evaluator.records import Run
from evaluator.work import Worker, command, identity
from ingest import handover
from tests import ledgers, tiny
from tests.adapted import change_json, make_adapter, make_delta, merge_by_hand
from tests.conftest import ask
from tests.hub_stand_in import StandIn
from tests.submitted import CARD, NAME, try_here
from tests.test_watch import nothing, watch_while
from warehouse.ledger import outcomes, queue
from warehouse.ledger.opening import Ledger
from warehouse.ledger.people import Person
from warehouse.ledger.states import State
from warehouse.ledger.submissions import Asked, find, submit

pytest_plugins = ["tests.submission_fixtures"]

ledger = ledgers.own_ledger  # the fixture
Evaluate = Callable[..., tuple[int, str, str]]
SAMPLE = ("--tasks", "sample", "--precision", "float32")
ADAPTER, DELTA = "clinic/adapter", "clinic/delta"


@pytest.fixture(scope="module")
def made(good: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an adapter of the good model, what is merged of both, and a delta."""
    folder = tmp_path_factory.mktemp("adapted")
    adapted = make_adapter(good, folder / "adapter")
    merge_by_hand(good, adapted, folder / "merged")
    make_delta(good, folder / "merged", folder / "delta")
    for name in ("adapter", "merged", "delta"):
        (folder / name / "README.md").write_text(CARD)
    return folder


@pytest.fixture
def on_hub(
    stand_in: StandIn, good: Path, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> StandIn:
    """All of them on a Hub, for this process and those that it starts."""
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(checking, "try_loading", try_here)
    for name, value in (stand_in.environment | {"HF_HUB_CACHE": str(tmp_path / "cache")}).items():
        monkeypatch.setenv(name, value)
    stand_in.add(NAME, good)
    stand_in.add(ADAPTER, made / "adapter")
    stand_in.add(DELTA, made / "delta")
    return stand_in


def only_run() -> Run:
    (folder,) = records.runs_folder().iterdir()
    return records.read_run(folder)


def answers(run: Run) -> list[tuple[str, str]]:
    table = tables.read_predictions(records.runs_folder() / run.run_id, "sample")
    return table.select("sample_id", "prediction").rows()


@pytest.fixture
def merged_answers(made: Path, evaluate_here: Evaluate) -> list[tuple[str, str]]:
    """What the model answers that was merged by hand; its run is gone again."""
    assert evaluate_here("run", "--model", str(made / "merged"), *SAMPLE)[0] == 0
    found = answers(only_run())
    shutil.rmtree(records.runs_folder())
    return found


@pytest.mark.parametrize("weights", ["adapter", "delta"])
def test_folders_are_run_and_run_again(
    weights: str,
    made: Path,
    good: Path,
    merged_answers: list[tuple[str, str]],
    evaluate_here: Evaluate,
    tmp_path: Path,
) -> None:
    folder, base = tmp_path / weights, tmp_path / "base"
    shutil.copytree(made / weights, folder)
    shutil.copytree(good, base)
    words = ("run", "--model", str(folder), "--weights", weights, "--base", str(base), *SAMPLE)
    assert evaluate_here(*words)[0] == 0
    run = only_run()
    model = run.plan.model
    assert (model.name, model.weights, model.base) == (weights, weights, "base")
    assert model.base_revision == bases.describe(Named(str(base))).revision
    assert (run.source, run.base_source) == (str(folder), str(base))
    assert model.parameters == 35_040
    assert ("peft" in run.versions) == (weights == "adapter")
    assert answers(run) == merged_answers
    assert evaluate_here(*words)[1].startswith("Already done: ")
    base.rename(moved := tmp_path / "moved")
    code, _, errors = evaluate_here("rerun", run.run_id)
    assert code == 1
    assert errors == (
        f"Error (model-not-found): {base}, from which base was loaded, is no folder any more. "
        "--base says where it is now.\n"
    )
    code, said, _ = evaluate_here("rerun", run.run_id, "--base", str(moved))
    assert (code, said.splitlines()[-1]) == (0, "0 of 92 predictions came out otherwise.")


def test_an_adapter_on_the_hub_is_run_on_the_base_that_it_names(
    on_hub: StandIn, merged_answers: list[tuple[str, str]], evaluate_here: Evaluate
) -> None:
    code, _, errors = evaluate_here("run", "--model", ADAPTER, "--weights", "adapter", *SAMPLE)
    assert code == 0, errors
    run = only_run()
    commits = [on_hub.repositories["models", name].commit for name in (ADAPTER, NAME)]
    model = run.plan.model
    assert [model.revision, model.base_revision] == commits
    assert (model.name, model.base, run.source, run.base_source) == (ADAPTER, NAME, None, None)
    assert answers(run) == merged_answers
    code, said, _ = evaluate_here("rerun", run.run_id)
    assert (code, said.splitlines()[-1]) == (0, "0 of 92 predictions came out otherwise.")


def test_a_folder_of_the_name_of_a_base_is_not_taken_for_it(
    on_hub: StandIn, evaluate_here: Evaluate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny.make_tiny(tiny.gpt2, tmp_path / "here" / NAME)
    monkeypatch.chdir(tmp_path / "here")
    code, _, errors = evaluate_here("run", "--model", ADAPTER, "--weights", "adapter", *SAMPLE)
    assert code == 0, errors
    model = only_run().plan.model
    assert (model.architecture, model.base) == ("LlamaForCausalLM", NAME)
    assert model.base_revision == on_hub.repositories["models", NAME].commit


@pytest.mark.parametrize(
    ("model", "base"), [(ADAPTER, None), pytest.param(DELTA, NAME, marks=pytest.mark.slow)]
)
def test_what_is_submitted_is_checked_run_and_published(
    model: str,
    base: str | None,
    ledger: Ledger,
    on_hub: StandIn,
    merged_answers: list[tuple[str, str]],
) -> None:
    weights = "adapter" if model == ADAPTER else "delta"
    facts = {"precision": "float32", "protocol": "loglikelihood-0shot", "tasks": "sample"}
    asked = Asked.model_validate({"model": model, "weights": weights, "base": base, **facts})
    number = submit(ledger, asked, Person("a@example.org"))
    assert Checker(ledger, "c", Event()).work(once=True) == 1
    found = find(ledger, number)
    commits = [on_hub.repositories["models", name].commit for name in (model, NAME)]
    assert (found.state, found.message) == (State.PENDING, None)
    assert [found.commit, found.base_commit] == commits
    assert Worker(ledger, "w", Event()).work(once=True) == 1
    found = find(ledger, number)
    assert found.state == State.INGESTING, found.log
    run = records.read_run(records.runs_folder() / str(found.run_id))
    plan = run.plan.model
    assert (plan.weights, plan.base) == (weights, NAME)
    assert [plan.revision, plan.base_revision] == commits
    assert answers(run) == merged_answers
    assert handover.settle() == []
    watch_while(nothing)
    assert find(ledger, number).state == State.FINISHED
    (line,) = ask("model_runs", model=model).select("weights", "base", "base_revision").rows()
    assert line == (weights, NAME, commits[1])
    (receipt,) = ask("receipt", run_id=run.run_id).select("base", "base_revision").rows()
    assert receipt == (NAME, commits[1])


def test_a_worker_has_the_base_run_at_the_commit_that_was_checked(ledger: Ledger) -> None:
    facts = {"precision": "float32", "protocol": "p", "tasks": "t"}
    asked = Asked.model_validate({"model": "m", "weights": "adapter", "base": "b", **facts})
    number = submit(ledger, asked, Person("a"))
    assert queue.claim_check(ledger, "c")
    outcomes.accept(ledger, number, "c", "a" * 40, "b" * 40)
    submission = find(ledger, number)
    words = command(submission, None)[-6:]
    assert words == ["--weights", "adapter", "--base-revision", "b" * 40, "--base", "b"]
    who = identity(submission)
    assert (who.weights, who.base_revision) == ("adapter", "b" * 40)


FAULTS: dict[str, tuple[dict[str, str | None], type[ModelError], str]] = {
    "a delta without a base": (
        {"model": DELTA, "weights": "delta"},
        NoBase,
        r"clinic/delta is a delta: name the model that it is added to \(--base\)\.",
    ),
    "a whole model with a base": (
        {"model": NAME, "base": NAME},
        NoBase,
        "is taken for a whole model, which has no base. Say what it is, by --weights adapter or",
    ),
    "a baseline": (
        {"model": "baseline:majority", "weights": "adapter"},
        NoBase,
        "baseline:majority is embedded, and no adapter of another model.",
    ),
    "on a baseline": (
        {"model": ADAPTER, "weights": "adapter", "base": "baseline:majority"},
        NoBase,
        "baseline:majority has no weights to which others can be added.",
    ),
    "a whole model as an adapter": (
        {"model": NAME, "weights": "adapter"},
        BrokenAdapter,
        "clinic/answers is no adapter: its adapter_config.json is missing. Upload what peft's",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_cannot_be_put_together_says_why(fault: str, on_hub: StandIn) -> None:
    words, error, text = FAULTS[fault]
    with pytest.raises(ModelError, match=text) as raised:
        bases.describe(Named(**words))  # type: ignore[arg-type]
    assert type(raised.value) is error
    assert on_hub.url


@pytest.mark.parametrize(
    ("settings", "error", "text"),
    [
        ({"base_model_name_or_path": None}, NoBase, "does not say which model it is an adapter of"),
        ({"base_model_name_or_path": "/etc"}, NoBase, "adapter of '/etc', which is no model on"),
        ({"base_model_name_or_path": "mine"}, NoBase, "adapter of 'mine', which is no model on"),
        ({"peft_type": "IA3"}, UnmergeableAdapter, "cannot be merged here.*'IA3'.*yourself"),
    ],
)
def test_an_adapter_that_names_no_base_says_so(
    settings: dict[str, str | None],
    error: type[ModelError],
    text: str,
    made: Path,
    tmp_path: Path,
) -> None:
    shutil.copytree(made / "adapter", tmp_path / "adapter")
    change_json(tmp_path / "adapter" / "adapter_config.json", **settings)
    with pytest.raises(error, match=text):
        bases.describe(Named(str(tmp_path / "adapter"), weights="adapter"))


def test_the_revision_of_the_base_that_an_adapter_names_is_taken(
    on_hub: StandIn, made: Path, tmp_path: Path
) -> None:
    shutil.copytree(made / "adapter", tmp_path / "adapter")
    commit = on_hub.repositories["models", NAME].commit
    settings = tmp_path / "adapter" / "adapter_config.json"
    named = Named(str(tmp_path / "adapter"), weights="adapter")
    change_json(settings, revision=commit)
    assert bases.describe(named).base_revision == commit
    change_json(settings, revision="lost")
    with pytest.raises(ModelError, match="The Hub has no clinic/answers at lost"):
        bases.describe(named)
    again = named._replace(base_revision="main")
    assert bases.describe(again).base_revision == commit
