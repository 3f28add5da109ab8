"""The catalogue: each task as data and one small function from a source row to a sample.

Behind its tasks come those of the data folder, which people added (`own_tasks.py`).
"""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from evaluator import own_fields, own_tasks, rows, sources
from evaluator.errors import UnknownTask
from evaluator.rows import Row
from evaluator.samples import Sample

DATA = Path(__file__).parent / "data"


class Task(BaseModel):
    """One scored column: where its questions come from, and how many there must be."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    name: str
    """`mmlu_anatomy`"""
    title: str
    """`Clinical knowledge`"""
    short: str
    """As a narrow column heads it: `Clinical`"""
    benchmark: str
    """The family it is from: `MMLU`."""
    prompt: str
    """The name of its prompt in `prompts.py`."""
    dataset: str
    """The Hub's dataset repository, `embedded`, or `own` for one of the data folder."""
    revision: str
    """The commit of that repository, or the `sha256:` of a file that is not from there."""
    file: str
    """The file inside the repository."""
    split: str
    size: int
    """How many questions it has; a source with another count is refused."""
    licence: str
    columns: tuple[str, ...]
    """What the source must have."""
    read: Callable[[Row, str], Sample]
    """From a source row and its default id to a sample."""
    headline: bool = True
    """One of the nine tasks of the average."""
    only: frozenset[str] | None = None
    """The sample ids that belong to the task, where the source holds more."""
    where: tuple[str, str] | None = None
    """A column and its value in the rows that belong to the task, where the source holds more."""
    description: str | None = None
    """What is said once before examples and question, to the byte; None for that of its prompt."""
    language: str = "en"
    """As BCP 47 has it."""
    position: int = 0
    """Its place among all tasks; the catalogue's are in the order below."""
    folder: Path | None = None
    """Where its files are, if it is one of the data folder."""
    shots_file: str | None = None
    """Where worked examples are, in order; questions of the task itself are never examples."""


def mmlu(subset: str, short: str, size: int) -> Task:
    return Task(
        name=f"mmlu_{subset}",
        title=subset.replace("_", " ").capitalize(),
        short=short,
        benchmark="MMLU",
        prompt="mmlu",
        dataset="cais/mmlu",
        revision="c30699e8356da336a370243923dbaf21066bb9fe",
        file=f"{subset}/test-00000-of-00001.parquet",
        split="test",
        size=size,
        shots_file=f"{subset}/dev-00000-of-00001.parquet",
        licence="MIT",
        columns=("question", "subject", "choices", "answer"),
        read=rows.read_mmlu,
    )


CATALOGUE = (
    Task(
        name="medqa_4options",
        title="MedQA",
        short="MedQA",
        benchmark="MedQA",
        prompt="medqa",
        dataset="GBaker/MedQA-USMLE-4-options-hf",
        revision="17af9355ef89fba60de966eabaeba797c695f86e",
        file="test.json",
        split="test",
        size=1273,
        shots_file="dev.json",
        licence="MIT",
        columns=("id", "sent1", "ending0", "ending1", "ending2", "ending3", "label"),
        read=rows.read_medqa,
    ),
    Task(
        name="medmcqa",
        title="MedMCQA",
        short="MedMCQA",
        benchmark="MedMCQA",
        prompt="medmcqa",
        dataset="openlifescienceai/medmcqa",
        revision="91c6572c454088bf71b679ad90aa8dffcd0d5868",
        file="data/validation-00000-of-00001.parquet",
        split="validation",  # the test split's key is hidden
        size=4183,
        shots_file="data/train-00000-of-00001.parquet",
        licence="MIT",
        columns=(
            "id",
            "question",
            "opa",
            "opb",
            "opc",
            "opd",
            "cop",
            "exp",
            "subject_name",
            "topic_name",
        ),
        read=rows.read_medmcqa,
    ),
    Task(
        name="pubmedqa",
        title="PubMedQA",
        short="PubMedQA",
        benchmark="PubMedQA",
        prompt="pubmedqa",
        dataset="qiaojin/PubMedQA",
        revision="9001f2853fb87cab8d220904e0de81ac6973b318",
        file="pqa_labeled/train-00000-of-00001.parquet",
        split="official test",
        size=500,
        shots_file="pqa_labeled/train-00000-of-00001.parquet",
        licence="MIT",
        columns=("pubid", "question", "context", "long_answer", "final_decision"),
        read=rows.read_pubmedqa,
        only=frozenset(sources.read_ids(DATA / "pubmedqa_test_pmids.txt")),
    ),
    mmlu("anatomy", "Anatomy", 135),
    mmlu("clinical_knowledge", "Clinical", 265),
    mmlu("college_biology", "Biology", 144),
    mmlu("college_medicine", "College med.", 173),
    mmlu("medical_genetics", "Genetics", 100),
    mmlu("professional_medicine", "Prof. med.", 272),
    Task(
        name="sample",
        title="Demonstration",
        short="Accuracy",
        benchmark="Demonstration",
        prompt="medqa",
        dataset=sources.EMBEDDED,
        revision=sources.file_revision(DATA / "sample.jsonl"),
        file="sample.jsonl",
        split="demonstration",
        size=sources.count_lines(DATA / "sample.jsonl"),
        licence="Apache-2.0",
        columns=("id", "question", "choices", "gold", "subject", "topic", "safety", "explanation"),
        read=rows.read_embedded,
        headline=False,
    ),
    Task(
        name="mmlu_pro_health",
        title="MMLU-Pro health",
        short="Pro health",
        benchmark="MMLU-Pro",
        prompt="mmlu",
        dataset="TIGER-Lab/MMLU-Pro",
        # MMLU_PRO_DATASET_REVISION of UKGovernmentBEIS/inspect_evals 0.23.0
        revision="527feea0afed1de15a8c115abf7be4c912123315",
        file="data/test-00000-of-00001.parquet",
        split="test",
        size=818,
        shots_file="data/validation-00000-of-00001.parquet",
        licence="MIT",
        columns=("question_id", "question", "options", "answer", "answer_index", "category"),
        read=rows.read_mmlu_pro,
        headline=False,
        where=("category", "health"),
        description=(
            "The following are multiple choice questions (with answers) about health.\n\n"
        ),
    ),
)
TASKS = {
    task.name: task.model_copy(update={"position": position})
    for position, task in enumerate(CATALOGUE)
}
TITLES = {task.name: task.title for task in CATALOGUE}
NINE = tuple(task.name for task in CATALOGUE if task.headline)


def choose_tasks(names: str) -> list[Task]:
    """Return the tasks of names parted by commas; `nine`, or `all`, names the nine.

    In the order of all tasks, so that the same tasks are the same run.
    """
    found: dict[str, Task] = {}
    for name in (part.strip() for part in names.split(",")):
        for task in [TASKS[one] for one in NINE] if name in ("nine", "all") else [find_task(name)]:
            found[task.name] = task
    return sorted(found.values(), key=lambda task: task.position)


def find_task(name: str) -> Task:
    if name in TASKS:
        return TASKS[name]
    if added := own_tasks.find_added(name):
        return own_task(added)
    raise UnknownTask(
        f"No task is named {name!r}. There are: {', '.join(all_tasks())}, or all. A task of your "
        "own is added by: python -m evaluator tasks add <its task file>."
    )


def all_tasks() -> dict[str, Task]:
    """Every task by name: the catalogue's, then those of the data folder."""
    own = {name: own_task(added) for name, added in own_tasks.list_added().items()}
    return TASKS | {name: task for name, task in own.items() if name not in TASKS}


def add_task(path: Path) -> Task:
    """Put what a task file describes into the data folder; raises `BadTask`."""
    return own_task(own_tasks.add(path, TITLES))


def own_task(added: own_tasks.Added) -> Task:
    """A task of the data folder as one of the catalogue."""
    return make_own(added.folder, added.current.model_dump_json())


@lru_cache(maxsize=64)
def make_own(folder: Path, current: str) -> Task:
    """One object for each revision, as the caches of prompts need it."""
    described = own_tasks.read_kept(folder / own_tasks.TASK_FILE)
    known = own_tasks.Current.model_validate_json(current)
    return Task(**own_fields.as_fields(own_tasks.Added(folder, described, known)))
