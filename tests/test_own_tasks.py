"""Do people's own questions become tasks, and is what is wrong with them said in full?"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dashboard import tables
from evaluator import own_format, own_tasks
from evaluator.errors import BadTask, UnknownTask
from evaluator.prompts import render
from evaluator.protocols import parse_protocol
from evaluator.questions import load_paper, load_samples
from evaluator.rows import Row
from evaluator.samples import Sample
from evaluator.tasks import TITLES, add_task, all_tasks, choose_tasks, find_task
from tests.own_tasks import ROWS, TASK, write_example, write_task
from tests.test_tasks import mirror_of, small_task
from warehouse import db

CASES = json.loads((Path(__file__).parent / "cases" / "own_tasks.json").read_text(encoding="utf-8"))
FIVE = ["one", "two", "three", "four", "five"]
Evaluate = Callable[..., tuple[int, str, str]]


def faults(path: Path) -> list[tuple[str, str]]:
    """What is wrong with a task file; places without the folder."""
    with pytest.raises(BadTask) as refused:
        own_tasks.check(path, TITLES)
    return [(where.replace(f"{path.parent}/", ""), says) for where, says in refused.value.faults]


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_everything_wrong_is_said_with_its_place(case: dict[str, Any], tmp_path: Path) -> None:
    path = write_task(tmp_path, case.get("task", TASK + case.get("more", "")))
    (tmp_path / "ward.jsonl").write_text(case["data"], encoding="utf-8")
    assert faults(path) == [tuple(said) for said in case["said"]]


@pytest.mark.parametrize(
    ("columns", "rows"),
    [
        ('choices = "options"', ROWS),
        (
            'choices = ["a", "b", "c"]',
            [
                {"q": "Which?", "a": "x", "b": "y", "c": "z", "key": "C"},
                {"q": "Who?", "a": "x", "b": "2", "c": None, "key": "A"},
            ],
        ),
    ],
)
def test_the_same_questions_are_read_from_each_kind_of_file(
    columns: str, rows: list[Row], tmp_path: Path
) -> None:
    read = []
    for ending in ("jsonl", "csv", "parquet"):
        text = TASK.replace("ward.jsonl", f"ward.{ending}")
        text = text.replace('choices = "options"', columns)
        lists = [
            row | {name: [str(one) for one in value]}
            for row in rows
            for name, value in row.items()
            if isinstance(value, list)
        ]
        if ending == "csv":
            lists = [row | {"options": json.dumps(row["options"])} for row in lists]
        path = write_task(tmp_path / ending, text, lists or rows)
        read.append(own_tasks.check(path, TITLES).samples)
    assert read[0] == read[1] == read[2]
    assert len(read[0]) == len(rows)


@pytest.mark.parametrize(
    ("gold_is", "key"),
    [("letter", "E"), ("number from 0", 4), ("number from 1", "5"), ("text", "five")],
)
def test_a_key_may_be_a_letter_a_number_or_the_choice(
    gold_is: str, key: str | int, tmp_path: Path
) -> None:
    rows: list[Row] = [{"q": "Which?", "options": FIVE, "key": key}]
    path = write_task(tmp_path, f'{TASK}gold_is = "{gold_is}"\n', rows)
    assert [sample.gold for sample in own_tasks.check(path, TITLES).samples] == ["E"]


def test_prompts_of_five_and_ten_choices_are_these_bytes(tmp_path: Path) -> None:
    task = add_task(write_task(tmp_path))
    two, ten, five = load_samples(task)
    assert render(task, two).continuations == (" A", " B")
    assert render(task, five).prompt == (
        "Question: Which dose?\nA. 5\nB. 7.5\nC. 10 mg\nD. 20 mg\nE. none\nAnswer:"
    )
    assert render(task, five).continuations == (" A", " B", " C", " D", " E")
    said = "A. s\nB. t\nC. u\nD. v\nE. w\nF. x\nG. y\nH. z\nI. 1\nJ. 2"
    assert render(task, ten).prompt == f"Question: Pregnant, with malaria?\n{said}\nAnswer:"
    assert render(task, ten).continuations == tuple(f" {letter}" for letter in "ABCDEFGHIJ")


@pytest.mark.parametrize(
    ("form", "before"),
    [
        ("medqa", "Context: Old.\nQuestion: Why?\nA. Yes\nB. No"),
        ("medmcqa", "Context: Old.\nQuestion: Why?\nChoices:\nA. Yes\nB. No"),
        (
            "mmlu",
            "The following are multiple choice questions (with answers) about Ward round.\n\n"
            "Context: Old.\nWhy?\nA. Yes\nB. No",
        ),
        ("pubmedqa", "Abstract: Old.\nQuestion: Why?"),
    ],
)
def test_a_context_comes_before_the_question_in_each_form(
    form: str, before: str, tmp_path: Path
) -> None:
    rows: list[Row] = [{"q": "Why?", "options": ["Yes", "No"], "key": "A", "c": "Old."}]
    path = write_task(tmp_path, f'{TASK}context = "c"\n[prompt]\nform = "{form}"\n', rows)
    task = add_task(path)
    (sample,) = load_samples(task)
    assert render(task, sample).prompt == f"{before}\nAnswer:"


def test_the_example_of_the_guide_is_asked_after_its_examples(tmp_path: Path) -> None:
    task = add_task(write_example(tmp_path))
    protocol = parse_protocol("loglikelihood-1shot")
    paper = load_paper(task, protocol)
    assert paper.render(paper.samples[1], protocol).prompt == (
        "Read the report and answer the question.\n\n"
        "Context: The heart is more than half as wide as the chest.\nQuestion: What is seen?\n"
        "A. Cardiomegaly\nB. Effusion\nC. Pneumonia\nAnswer: A\n\n"
        "Context: Blunted left costophrenic angle with a meniscus.\n"
        "Question: What is the diagnosis?\nA. Pneumothorax\nB. Effusion\nC. Pneumonia\nAnswer:"
    )


def test_a_changed_task_is_a_new_revision_and_the_old_one_stays(tmp_path: Path) -> None:
    path = write_task(tmp_path)
    first = add_task(path)
    assert add_task(path) == first
    write_task(tmp_path, rows=ROWS[:2])
    second = add_task(path)
    assert (first.revision == second.revision, second.size) == (False, 2)
    assert (first.position, second.position) == (1000, 1000)
    assert find_task("ward") == second
    assert first.folder is not None
    assert len(load_samples(first)) == 3


def test_tasks_of_ones_own_come_last_in_the_order_of_adding(tmp_path: Path) -> None:
    for name in ("zebra", "apple"):
        text = TASK.replace('"ward"', f'"{name}"').replace("Ward round", name)
        add_task(write_task(tmp_path / name, text))
    assert [*all_tasks()][-2:] == ["zebra", "apple"]
    assert [task.name for task in choose_tasks("apple,sample,zebra")] == [
        *("sample", "zebra", "apple")
    ]
    assert len(choose_tasks("all")) == 9


def test_files_that_became_others_are_not_asked(tmp_path: Path) -> None:
    task = add_task(write_task(tmp_path))
    assert task.folder is not None
    (task.folder / "ward.jsonl").write_text((tmp_path / "ward.jsonl").read_text() * 2)
    with pytest.raises(BadTask, match="its files have become others"):
        load_samples(task)


def test_a_link_is_refused_wherever_it_stands(tmp_path: Path) -> None:
    path = write_task(tmp_path)
    link = tmp_path / "link.toml"
    link.symlink_to(path)
    assert faults(link)[0][1].startswith("no plain file")
    (tmp_path / "real").mkdir()
    (tmp_path / "ward.jsonl").rename(tmp_path / "real" / "ward.jsonl")
    (tmp_path / "ward.jsonl").symlink_to(tmp_path / "real" / "ward.jsonl")
    assert faults(path) == [("ward.jsonl", "a link, which could lead anywhere. Copy the file.")]
    (tmp_path / "folder").symlink_to(tmp_path / "real")
    path.write_text(TASK.replace("ward.jsonl", "folder/ward.jsonl"))
    assert faults(path) == [("folder", "a link, which could lead anywhere. Copy the file.")]


def test_a_submission_names_no_files(tmp_path: Path) -> None:
    for name in (str(write_task(tmp_path)), "../ward", "ward/..", ".", ""):
        with pytest.raises(UnknownTask):
            choose_tasks(name)


def test_a_parquet_file_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    path = write_task(tmp_path, TASK.replace("ward.jsonl", "ward.parquet"), ROWS[:1])
    rows = pl.DataFrame({"q": ["x" * 2_000_000], "options": [["Yes", "No"]], "key": ["A"]})
    rows.write_parquet(tmp_path / "ward.parquet")
    assert faults(path) == [("ward.parquet", "a text of more than 1 MB.")]
    pl.select(q=pl.repeat("Why?", 100_000), options=pl.lit("[]"), key=pl.lit("A")).write_parquet(
        tmp_path / "ward.parquet"
    )
    assert faults(path)[0][1] == "100,000 rows, expected at most 99,999."


def test_a_title_is_of_one_task(tmp_path: Path) -> None:
    path = write_task(tmp_path, TASK.replace("Ward round", "medqa"))
    assert faults(path)[0][1].startswith("title: 'MedQA' is also that of medqa_4options.")


def test_no_name_is_that_of_a_column_of_the_leaderboard() -> None:
    schema = (db.HERE / "schema.sql").read_text(encoding="utf-8")
    board = schema.partition("create table leaderboard (")[2].partition(");")[0]
    columns = {*re.findall(r"^ {4}(\w+) ", board, re.MULTILINE), *tables.FACTS}
    columns |= {"part"}  # of the table of safety contexts
    free = columns - own_format.RESERVED - {*TITLES}
    assert [name for name in free if not name.endswith(("_low", "_high"))] == []


def test_mmlu_pro_health_is_read_from_among_other_categories(tmp_path: Path) -> None:
    row = {"question_id": 7, "question": "Which?", "options": list("abcdefghij"), "answer": "J"}
    row |= {"answer_index": 9, "cot_content": "", "category": "health", "src": "x"}
    task = small_task("mmlu_pro_health", 1)
    mirror = mirror_of(task, [row | {"category": "law"}, row], tmp_path)
    read = load_samples(task, mirror)
    assert read == [
        Sample(
            sample_id="7",
            question="Which?",
            choices=tuple("abcdefghij"),
            gold="J",
            subject="Health",
        )
    ]
    listed = "\n".join(f"{letter}. {letter.lower()}" for letter in "ABCDEFGHIJ")
    assert render(task, read[0]).prompt == (
        "The following are multiple choice questions (with answers) about health.\n\n"
        f"Which?\n{listed}\nAnswer:"
    )
