"""Are the questions read what the catalogue says, and is anything else refused?"""

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from evaluator.errors import BadSample, MissingColumns, MissingSource, UnknownTask, WrongCount
from evaluator.questions import load_samples
from evaluator.samples import SAFETY_TAGS, Sample, samples_hash
from evaluator.tasks import CATALOGUE, NINE, Task, choose_tasks, find_task

Row = dict[str, Any]

SIZES = {
    "medqa_4options": 1273,
    "medmcqa": 4183,
    "pubmedqa": 500,
    "mmlu_anatomy": 135,
    "mmlu_clinical_knowledge": 265,
    "mmlu_college_biology": 144,
    "mmlu_college_medicine": 173,
    "mmlu_medical_genetics": 100,
    "mmlu_professional_medicine": 272,
}
GOLDS = {
    "MedQA": {"A": 353, "B": 309, "C": 346, "D": 265},
    "MedMCQA": {"A": 1348, "B": 1085, "C": 925, "D": 825},
    "PubMedQA": {"A": 276, "B": 169, "C": 55},
    "MMLU": {"A": 235, "B": 254, "C": 248, "D": 352},
}
CASES = json.loads((Path(__file__).parent / "cases" / "rows.json").read_text(encoding="utf-8"))
ROWS: dict[str, Row] = {case["task"]: case["row"] for case in CASES}
MEDQA = ROWS["medqa_4options"]
MEDMCQA = ROWS["medmcqa"]
PUBMEDQA = ROWS["pubmedqa"]
MMLU = ROWS["mmlu_college_biology"]


def small_task(name: str, size: int) -> Task:
    """The task `name`, but for a source of `size` questions, whatever their ids."""
    return find_task(name).model_copy(update={"size": size, "only": None})


def mirror_of(task: Task, rows: list[Row], folder: Path) -> Path:
    """A mirror in `folder` whose file of `task` holds `rows`."""
    path = folder / task.dataset / task.file
    path.parent.mkdir(parents=True)
    if path.suffix == ".json":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    else:
        pl.DataFrame(rows).write_parquet(path)
    return folder


def test_the_nine_tasks_are_those_of_the_average() -> None:
    assert {name: find_task(name).size for name in NINE} == SIZES
    assert [task.name for task in CATALOGUE] == [*NINE, "sample", "mmlu_pro_health"]


@pytest.mark.parametrize("name", NINE)
def test_a_real_task_has_its_questions(name: str, hub: Path) -> None:
    samples = load_samples(find_task(name), hub)
    assert len(samples) == len({sample.sample_id for sample in samples}) == SIZES[name]
    assert {len(sample.choices) for sample in samples} == {3 if name == "pubmedqa" else 4}


@pytest.mark.parametrize("benchmark", GOLDS)
def test_gold_letters_are_spread_as_measured(benchmark: str, hub: Path) -> None:
    tasks = [task for task in map(find_task, NINE) if task.benchmark == benchmark]
    golds = Counter(sample.gold for task in tasks for sample in load_samples(task, hub))
    assert golds == GOLDS[benchmark]


def test_pubmedqa_is_the_official_test_set_with_its_answers(test_data: Path) -> None:
    official = json.loads((test_data / "pubmedqa_test_ground_truth.json").read_bytes())
    samples = load_samples(find_task("pubmedqa"), test_data / "hub")
    answers = {
        sample.sample_id: sample.choices["ABC".index(sample.gold)]  # in the words of the source
        for sample in samples
    }
    assert answers == official


def test_78_questions_of_college_medicine_are_also_in_clinical_knowledge(hub: Path) -> None:
    college, clinical = (
        [sample.content_hash for sample in load_samples(find_task(f"mmlu_{name}"), hub)]
        for name in ("college_medicine", "clinical_knowledge")
    )
    assert sum(content in clinical for content in college) == 78


@pytest.mark.parametrize("case", CASES, ids=list(ROWS))
def test_a_row_becomes_a_sample(case: Row, tmp_path: Path) -> None:
    task = small_task(case["task"], 1)
    read = load_samples(task, mirror_of(task, [case["row"]], tmp_path / "mirror"))
    assert read == [Sample.model_validate(case["sample"])]


def test_a_json_string_may_hold_any_line_separator(tmp_path: Path) -> None:
    task = small_task("medqa_4options", 1)
    question = "One\u2028two\u2029three\x85four\x0bfive\x0csix\x1eseven"
    path = mirror_of(task, [], tmp_path) / task.dataset / task.file
    row = json.dumps(MEDQA | {"sent1": question}, ensure_ascii=False)
    path.write_text(f"{row}\r\n\n", encoding="utf-8")
    assert [sample.question for sample in load_samples(task, tmp_path)] == [question]


@pytest.mark.parametrize(
    ("name", "row", "said"),
    [
        ("medmcqa", MEDMCQA | {"cop": -1}, "the gold choice is number -1"),
        ("medmcqa", MEDMCQA | {"cop": 4}, "the gold letter is 'E', expected one of A, B, C, D"),
        ("medmcqa", MEDMCQA | {"cop": None}, "cop|gold|NoneType"),
        ("medmcqa", MEDMCQA | {"opc": None}, "choices"),
        ("medmcqa", MEDMCQA | {"question": " \n"}, "the question is empty"),
        ("medqa_4options", MEDQA | {"label": 99}, "the gold choice is number 99"),
        ("medqa_4options", MEDQA | {"sent1": ""}, "the question is empty"),
        ("pubmedqa", PUBMEDQA | {"final_decision": "perhaps"}, "final_decision is 'perhaps'"),
        (
            "mmlu_college_biology",
            MMLU | {"choices": ["Nucleus"], "answer": 0},
            "there are 1 choices",
        ),
        (
            "mmlu_college_biology",
            MMLU | {"choices": ["Nucleus", "Ribosome"]},
            "expected one of A, B",
        ),
    ],
)
def test_a_question_that_cannot_be_scored_is_refused_by_its_place(
    name: str, row: Row, said: str, tmp_path: Path
) -> None:
    task = small_task(name, 1)
    with pytest.raises(BadSample, match=f"(?s)question 1 of {name}: .*{said}"):
        load_samples(task, mirror_of(task, [row], tmp_path / "mirror"))


@pytest.mark.parametrize("name", ROWS)
def test_every_column_that_is_read_is_asked_for(name: str, tmp_path: Path) -> None:
    task = small_task(name, 1)
    for column in sorted(ROWS[name].keys() - {"sent2", "choice_type"}):
        left = {key: value for key, value in ROWS[name].items() if key != column}
        with pytest.raises(MissingColumns, match=f"has no column {column}, which {name} reads"):
            load_samples(task, mirror_of(task, [left], tmp_path / column))


def test_a_missing_file_is_named_with_the_layout_of_a_mirror(tmp_path: Path) -> None:
    task = find_task("medmcqa")
    with pytest.raises(MissingSource, match="A mirror has the Hub's layout") as refused:
        load_samples(task, tmp_path)
    assert str(tmp_path / task.dataset / task.file) in str(refused.value)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([MEDQA], r"has 1 questions of medqa_4options \(1 different ids\), expected 2"),
        ([MEDQA, MEDQA], r"has 2 questions of medqa_4options \(1 different ids\), expected 2"),
        ([MEDQA | {"id": str(id_)} for id_ in range(3)], "has 3 questions"),
    ],
    ids=["too few", "one twice", "too many"],
)
def test_another_count_is_refused(rows: list[Row], said: str, tmp_path: Path) -> None:
    task = small_task("medqa_4options", 2)
    with pytest.raises(WrongCount, match=said):
        load_samples(task, mirror_of(task, rows, tmp_path))


def truncated(whole: bytes) -> bytes:
    return whole[: len(whole) // 2]


@pytest.mark.parametrize(
    ("name", "damage", "error", "said"),
    [
        ("medmcqa", truncated, MissingSource, "is not a readable Parquet file"),
        ("medmcqa", lambda _: b"", MissingSource, "is not a readable Parquet file"),
        ("medqa_4options", truncated, BadSample, "line 1: not JSON"),
        ("medqa_4options", lambda whole: whole + b"{", BadSample, "line 2: not JSON"),
        ("medqa_4options", lambda whole: whole + b"[]", BadSample, "line 2: expected a JSON obj"),
        ("medqa_4options", lambda whole: whole + b"\xff", MissingSource, "not a readable text"),
        ("medqa_4options", lambda _: b"", MissingColumns, "has no column ending0, ending1"),
    ],
)
def test_a_damaged_file_is_refused(
    name: str, damage: Callable[[bytes], bytes], error: type[Exception], said: str, tmp_path: Path
) -> None:
    task = small_task(name, 1)
    row = MEDMCQA if name == "medmcqa" else MEDQA
    path = mirror_of(task, [row], tmp_path) / task.dataset / task.file
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(error, match=said):
        load_samples(task, tmp_path)


def test_tasks_are_chosen_by_name_in_the_order_of_the_catalogue() -> None:
    assert [task.name for task in choose_tasks("all")] == list(NINE)
    assert [task.name for task in choose_tasks("sample, medmcqa,sample")] == ["medmcqa", "sample"]


@pytest.mark.parametrize("names", ["mmlu", "", "sample,", "Sample"])
def test_an_unknown_task_is_refused_with_the_known_ones(names: str) -> None:
    with pytest.raises(
        UnknownTask, match=r"There are: medqa_4options, .*, sample, mmlu_pro_health, or all"
    ):
        choose_tasks(names)


@pytest.mark.parametrize(
    "other", [{"gold": "B"}, {"sample_id": "x"}, {"choices": ("No", "Yes")}, {"question": "When?"}]
)
def test_the_hash_of_samples_changes_with_each_part(other: Row) -> None:
    sample = Sample(sample_id="1", question="Why?", choices=("Yes", "No"), gold="A")
    assert samples_hash([sample]) == samples_hash([sample.model_copy()])
    assert samples_hash([sample]) != samples_hash([sample.model_copy(update=other)])


@pytest.fixture(scope="module")
def demonstration() -> list[Sample]:
    return load_samples(find_task("sample"))


def test_the_demonstration_is_broad_enough_to_try_every_page(demonstration: list[Sample]) -> None:
    assert len(demonstration) >= 80
    assert len({sample.subject for sample in demonstration}) >= 15
    assert sum(bool(sample.safety_tags) for sample in demonstration) >= 40
    assert {tag for sample in demonstration for tag in sample.safety_tags} == set(SAFETY_TAGS)


def test_a_demonstration_question_stands_alone(demonstration: list[Sample]) -> None:
    assert len({sample.sample_id for sample in demonstration}) == len(demonstration)
    assert len({sample.content_hash for sample in demonstration}) == len(demonstration)
    for sample in demonstration:
        assert len({choice.strip().lower() for choice in sample.choices}) == 4, sample.sample_id
        texts = [sample.question, *sample.choices, sample.explanation, sample.reference]
        assert all(text and text == text.strip() for text in texts), sample.sample_id


def test_the_demonstration_gives_nothing_away(demonstration: list[Sample]) -> None:
    """Neither the letter nor the length of a choice tells the gold one."""
    golds = Counter(sample.gold for sample in demonstration)
    assert all(abs(golds[letter] - len(demonstration) / 4) <= 2 for letter in "ABCD"), golds
    for extreme in (min, max):
        guessed = [extreme(sample.choices, key=len) for sample in demonstration]
        right = sum(
            choice == sample.choices[sample.letters.index(sample.gold)]
            for choice, sample in zip(guessed, demonstration, strict=True)
        )
        assert right / len(demonstration) <= 0.35


def test_no_demonstration_explanation_names_a_letter(demonstration: list[Sample]) -> None:
    """Choices may be shown in another order, where a letter would mislead."""
    naming = re.compile(
        r"\b(?:choices?|options?|answers?)\s+\(?[A-D]\b|\([A-D]\)"
        r"|\b[A-D] (?:is|was|and [A-D] are) (?:right|wrong|correct|incorrect|true|false)\b"
    )
    assert [s.sample_id for s in demonstration if naming.search(s.explanation or "")] == []
