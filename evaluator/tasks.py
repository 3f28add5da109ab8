"""The catalogue: each task as data and one small function from a source row to a sample."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from evaluator import sources
from evaluator.errors import BadSample, UnknownTask
from evaluator.samples import Sample, letter

DATA = Path(__file__).parent / "data"
Row = dict[str, Any]


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
    """The name of its prompt in `protocols.py`."""
    dataset: str
    """The Hub's dataset repository, or `embedded`."""
    revision: str
    """The commit of that repository, or the `sha256:` of an embedded file."""
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
    shots_file: str | None = None
    """Where worked examples are, in order; questions of the task itself are never examples."""


def read_medqa(row: Row, _: str) -> Sample:
    return Sample(
        sample_id=row["id"],
        question=row["sent1"],
        choices=tuple(row[f"ending{number}"] for number in range(4)),
        gold=letter(row["label"]),
    )


def read_medmcqa(row: Row, _: str) -> Sample:
    return Sample(
        sample_id=row["id"],
        question=row["question"],
        choices=(row["opa"], row["opb"], row["opc"], row["opd"]),
        gold=letter(row["cop"]),
        subject=row["subject_name"],
        topic=row["topic_name"],
        explanation=row["exp"],
    )


def read_pubmedqa(row: Row, _: str) -> Sample:
    """PubMedQA's choices are the words themselves; the abstract's conclusion is the explanation."""
    choices = ("yes", "no", "maybe")
    if row["final_decision"] not in choices:
        raise BadSample(f"final_decision is {row['final_decision']!r}, expected yes, no or maybe.")
    return Sample(
        sample_id=str(row["pubid"]),
        question=row["question"],
        context="\n".join(row["context"]["contexts"]),
        choices=choices,
        gold=letter(choices.index(row["final_decision"])),
        explanation=row["long_answer"],
    )


def read_mmlu(row: Row, default_id: str) -> Sample:
    return Sample(
        sample_id=default_id,
        question=row["question"],
        choices=tuple(row["choices"]),
        gold=letter(row["answer"]),
        subject=row["subject"].replace("_", " ").capitalize(),
    )


def read_embedded(row: Row, _: str) -> Sample:
    return Sample(
        sample_id=row["id"],
        question=row["question"],
        choices=tuple(row["choices"]),
        gold=row["gold"],
        subject=row["subject"],
        topic=row["topic"],
        explanation=row["explanation"],
        reference=row["reference"],
        safety_tags=tuple(row["safety"]),
    )


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
        read=read_mmlu,
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
        read=read_medqa,
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
        read=read_medmcqa,
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
        read=read_pubmedqa,
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
        read=read_embedded,
        headline=False,
    ),
)
TASKS = {task.name: task for task in CATALOGUE}
NINE = tuple(task.name for task in CATALOGUE if task.headline)


def choose_tasks(names: str) -> list[Task]:
    """Return the tasks of names parted by commas; `nine`, or `all`, names the nine.

    In the order of the catalogue, so that the same tasks are the same run.
    """
    found: set[str] = set()
    for name in (part.strip() for part in names.split(",")):
        found |= set(NINE) if name in ("nine", "all") else {find_task(name).name}
    return [task for task in CATALOGUE if task.name in found]


def find_task(name: str) -> Task:
    if name not in TASKS:
        raise UnknownTask(f"No task is named {name!r}. There are: {', '.join(TASKS)}, or all.")
    return TASKS[name]
