"""Answers that others collected: small files of every kind, and real models' answers."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from evaluator.protocols import parse_protocol
from evaluator.questions import load_samples
from evaluator.records import Model, Plan, read_run
from evaluator.samples import Sample
from evaluator.tables import read_predictions, read_quarantine
from evaluator.tasks import find_task
from ingest import letters, loading, predictions, runs
from ingest.errors import NothingToImport, UnreadableFile
from tests.conftest import ask
from warehouse import locating

Rows = list[dict[str, Any]]


def plan_of(model: str, protocol: str = "other-test") -> Plan:
    return Plan(
        model=Model(name=model, revision="unknown", type="closed"),
        precision=None,
        protocol=parse_protocol(protocol),
        tasks=(),
    )


def import_folder(folder: Path) -> Path:
    return predictions.import_predictions(folder, plan_of("m"), "test", None)


def import_and_load(folder: Path) -> Path:
    made = import_folder(folder)
    with loading.open_draft("test") as draft:
        runs.load_runs(draft, [made], None)
    return made


def kept(made: Path) -> list[tuple[Any, ...]]:
    rows = read_predictions(made, "sample")
    return rows.select("sample_id", "prediction", "response", "source_line").rows()


def refused(made: Path) -> list[tuple[Any, ...]]:
    return read_quarantine(made).rows()


def write_jsonl(folder: Path, rows: Rows) -> None:
    (folder / "sample.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def write_csv(folder: Path, rows: Rows) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, ["sample_id", "prediction", "response", "seconds"])
    writer.writeheader()
    writer.writerows(rows)
    (folder / "sample.csv").write_text(text.getvalue())


def write_parquet(folder: Path, rows: Rows) -> None:
    pl.DataFrame(rows, infer_schema_length=None).write_parquet(folder / "sample.parquet")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "answers"
    made.mkdir()
    return made


@pytest.mark.parametrize(("write", "first"), [(write_jsonl, 1), (write_csv, 2), (write_parquet, 1)])
def test_each_kind_of_file_is_read_alike(folder: Path, write: Any, first: int) -> None:
    rows = [
        {"sample_id": "sample-002", "prediction": "b ", "response": None, "seconds": 1.5},
        {"sample_id": "sample-001", "prediction": "A", "response": "A, as ever", "seconds": None},
        {"sample_id": "sample-003", "prediction": None, "response": "no idea", "seconds": 0.25},
        {"sample_id": "sample-004", "prediction": "E", "response": None, "seconds": 2.0},
    ]
    write(folder, rows)
    made = import_folder(folder)
    assert kept(made) == [
        ("sample-002", "B", None, first),
        ("sample-001", "A", "A, as ever", first + 1),
        ("sample-003", None, "no idea", first + 2),
        ("sample-004", None, "E", first + 3),
    ]
    assert read_predictions(made, "sample")["seconds"].to_list() == [1.5, None, 0.25, 2.0]
    assert refused(made) == []


def test_a_response_is_read_for_its_letter(folder: Path) -> None:
    responses = ["The answer is B.", '{"answer": "C"}', "I cannot say.", "The answer is G.", None]
    write_jsonl(
        folder,
        [{"sample_id": f"sample-00{n}", "response": text} for n, text in enumerate(responses, 1)],
    )
    assert [(row[1], row[2]) for row in kept(import_folder(folder))] == [
        ("B", "The answer is B."),
        ("C", '{"answer": "C"}'),
        (None, "I cannot say."),
        (None, "The answer is G."),
        (None, None),
    ]


def test_what_cannot_be_read_counts_as_wrong_and_is_counted(folder: Path) -> None:
    # the golds are C, B, C, D
    letters = ["C", "Z", None, ""]
    write_jsonl(
        folder,
        [{"sample_id": f"sample-00{n}", "prediction": each} for n, each in enumerate(letters, 1)],
    )
    made = import_and_load(folder)
    assert [row[1:3] for row in kept(made)] == [
        ("C", None),
        (None, "Z"),
        (None, None),
        (None, None),
    ]
    found = ask("scores", task="sample").filter(slice="all")
    assert found.select("n", "correct", "unreadable", "accuracy").rows() == [(4, 1, 3, 0.25)]
    entry = ask("leaderboard_rows").select("tasks_complete", "answered", "unreadable", "average")
    assert entry.rows() == [(0, 4, 3, None)]


def test_rows_that_answer_no_question_are_kept_with_their_reason(folder: Path) -> None:
    lines = [
        '{"sample_id": "sample-001", "prediction": "A"}',
        "",
        '{"sample_id": "sample-999", "prediction": "A"}',
        '{"sample_id": "sample-001", "prediction": "B"}',
        '{"sample_id": "sample-002", "prediction": "B"',
        '["sample-002", "B"]',
        '{"prediction": "B"}',
        '{"sample_id": "sample-002"}',
        '{"sample_id": null, "prediction": "B"}',
        "[" * 100_000,
        '{"sample_id": "sample-003", "prediction": "C"}',
    ]
    (folder / "sample.jsonl").write_text("\n".join(lines))  # the last line has no end
    made = import_and_load(folder)
    assert kept(made) == [("sample-001", "A", None, 1), ("sample-003", "C", None, 11)]
    expected = [
        ("sample.jsonl", 3, "no such question: sample-999", lines[2]),
        ("sample.jsonl", 4, "the question was answered before: on line 1", lines[3]),
        ("sample.jsonl", 5, "not a JSON object", lines[4]),
        ("sample.jsonl", 6, "not a JSON object", lines[5]),
        ("sample.jsonl", 7, "no sample_id: found prediction", lines[6]),
        ("sample.jsonl", 8, "neither prediction nor response: found sample_id", lines[7]),
        ("sample.jsonl", 9, "no sample_id: found sample_id, prediction", lines[8]),
        ("sample.jsonl", 10, "not a JSON object", "[" * 500),
    ]
    assert refused(made) == expected
    quarantined = ask("quarantine")
    assert quarantined["source"].unique().to_list() == [made.name]
    assert quarantined.select("file", "line", "reason", "content").rows() == expected


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_a_byte_order_mark_and_windows_line_ends_change_nothing(
    folder: Path, start: str, ending: str
) -> None:
    lines = [f'{{"sample_id": "sample-00{n}", "prediction": "A"}}{ending}' for n in (1, 2)]
    (folder / "sample.jsonl").write_bytes((start + "".join(lines)).encode())
    made = import_folder(folder)
    assert kept(made) == [("sample-001", "A", None, 1), ("sample-002", "A", None, 2)]
    assert refused(made) == []


def test_a_table_saved_by_a_spreadsheet_is_read(folder: Path) -> None:
    text = '\ufeffsample_id,prediction,response\r\nsample-001,A,"two\r\nlines"\r\nsample-002,B\r\n'
    (folder / "sample.csv").write_bytes(text.encode())
    found = [(key, letter, line) for key, letter, _, line in kept(import_folder(folder))]
    assert found == [("sample-001", "A", 3), ("sample-002", "B", 4)]


def test_numbers_as_ids_and_files_of_no_task_are_understood(folder: Path) -> None:
    write_jsonl(
        folder, [{"sample_id": 7, "prediction": 1}, {"sample_id": "sample-001", "prediction": 2}]
    )
    (folder / "pubmedqa_question_only.jsonl").write_text("{}")
    (folder / "notes.txt").write_text("not for us")
    made = import_folder(folder)
    assert kept(made) == [("sample-001", None, "2", 2)]
    assert refused(made) == [
        ("pubmedqa_question_only.jsonl", None, "no task has this name", ""),
        ("sample.jsonl", 1, "no such question: 7", '{"sample_id": "7", "prediction": "1"}'),
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("sample.csv", b"sample_id,prediction\nsample-001,\xe9\n"),
        ("sample.parquet", b"PAR1 and no more"),
        ("sample.parquet", b""),
    ],
)
def test_a_file_that_is_not_what_it_says_publishes_nothing(
    folder: Path, data_folder: Path, name: str, content: bytes
) -> None:
    (folder / name).write_bytes(content)
    with pytest.raises(NothingToImport, match=rf"{name} is not a readable \w+ file: "):
        import_folder(folder)
    assert runs.finished(data_folder / "runs") == []


def test_a_truncated_parquet_file_is_refused(folder: Path, data_folder: Path) -> None:
    write_parquet(
        folder, [{"sample_id": f"sample-{n:03}", "prediction": "A"} for n in range(1, 93)]
    )
    path = folder / "sample.parquet"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(NothingToImport, match="is not a readable"):
        import_folder(folder)
    assert runs.finished(data_folder / "runs") == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("sample.jsonl", ""),
        ("sample.jsonl", "\n\n"),
        ("sample.csv", ""),
        ("sample.csv", "sample_id,prediction\n"),
        ("sample.jsonl", '{"sample_id": "other", "prediction": "A"}'),
    ],
)
def test_a_folder_without_one_answer_says_so(folder: Path, name: str, content: str) -> None:
    (folder / name).write_text(content)
    with pytest.raises(NothingToImport, match="answers"):
        import_folder(folder)


def test_a_folder_with_nothing_for_us_says_what_is_wanted(folder: Path) -> None:
    (folder / "notes.txt").write_text("nothing")
    with pytest.raises(NothingToImport, match=r"no file named for a task, such as medqa_4options"):
        import_folder(folder)


def test_two_files_for_one_task_are_refused(folder: Path) -> None:
    rows: Rows = [{"sample_id": "sample-001", "prediction": "A"}]
    write_jsonl(folder, rows)
    write_csv(folder, rows)
    with pytest.raises(UnreadableFile, match="has two files for one task"):
        import_folder(folder)


def test_the_same_files_twice_are_one_run_and_a_changed_one_another(folder: Path) -> None:
    write_jsonl(folder, [{"sample_id": "sample-001", "prediction": "A"}])
    first = import_and_load(folder)
    record = (first / "run.json").read_bytes()
    again = import_and_load(folder)
    assert (again, (again / "run.json").read_bytes()) == (first, record)
    assert len(locating.find_store().all()) == 1

    write_jsonl(folder, [{"sample_id": "sample-001", "prediction": "C"}])
    changed = import_and_load(folder)
    assert changed != first
    assert len(locating.find_store().all()) == 2
    assert {run for run, _ in ask("run_keys").rows()} == {first.name, changed.name}


def test_a_run_says_where_each_answer_is_from(folder: Path) -> None:
    write_jsonl(folder, [{"sample_id": "sample-001", "prediction": "A"}])
    run = read_run(import_folder(folder))
    (task,) = run.plan.tasks
    assert (task.task, task.source, task.prompts_hash) == ("sample", "sample.jsonl", None)
    assert len(task.source_hash or "") == 64
    assert (run.origin, run.command, run.seconds) == ("imported", "test", None)
    assert [result.model_dump() for result in run.results] == [
        {"task": "sample", "predictions": 1, "expected": 92, "answered": None}
    ]


@pytest.mark.parametrize(
    ("stated", "response", "letter"),
    [
        ("b", None, "B"),
        ("(B)", None, "B"),
        ("B. {second}", None, "B"),
        ("{second}", None, "B"),
        (" {SECOND}. ", None, "B"),
        ("The answer is {second}.", None, "B"),
        (None, "Answer: B", "B"),
        ("[invalid]", "The answer is B.", None),  # what is stated is final
        ("", "The answer is B.", "B"),
        ("1", None, None),
        ("no idea", None, None),
    ],
)
def test_a_prediction_states_its_choice_in_more_than_one_way(
    folder: Path, stated: str | None, response: str | None, letter: str | None
) -> None:
    second = load_samples(find_task("sample"))[0].choices[1]
    text = stated and stated.format(second=second, SECOND=second.upper())
    write_jsonl(folder, [{"sample_id": "sample-001", "prediction": text, "response": response}])
    ((_, prediction, _, _),) = kept(import_folder(folder))
    assert prediction == letter


def test_a_letter_is_a_letter_even_where_a_choice_is_called_so() -> None:
    vitamins = Sample(sample_id="x", question="Which?", choices=("D", "C", "B", "A"), gold="A")
    assert [letters.read_letter(text, vitamins) for text in "ABCD"] == list("ABCD")
