"""Every named query, asked of a small warehouse made by hand."""

from collections.abc import Iterator
from datetime import datetime
from math import log
from typing import Any

import polars as pl
import pytest

from evaluator.tasks import TASKS
from ingest import frames, quarantine, reported, samples
from tests.test_scores import wilson
from warehouse import db, drafts

SIZES = {"sample": 3, "mmlu_anatomy": 2}
EARLY, LATE = datetime(2026, 1, 1), datetime(2026, 2, 2)
QUESTIONS: list[tuple[Any, ...]] = [  # task, id, question, gold, subject, safety tags, content hash
    ("sample", "s-1", "Pregnant, with malaria?", "A", "Obstetrics", ["children", "dosing"], "one"),
    ("sample", "s-2", "Which nerve?", "B", "Surgery", [], "two"),
    ("sample", "s-3", "50% glucose?", "C", "Obstetrics", ["dosing"], "three"),
    ("mmlu_anatomy", "t-0", "Which nerve?", "A", "Anatomy", [], "two"),
    ("mmlu_anatomy", "t-1", "Which bone?", "D", "Anatomy", [], "four"),
]
CLUSTERS = {content: f"{task}/{key}" for task, key, *_, content in QUESTIONS}  # by the alphabet
RUNS = {"a-1": ("a", EARLY), "a-2": ("a", LATE), "b-1": ("b", LATE)}
PICKS: dict[
    str, list[str | None]
] = {  # letters in the order of the questions; a-1 leaves the last one out
    "a-1": ["A", "B", "C", "A"],
    "a-2": ["A", "A", "B", "A", "A"],
    "b-1": [None, "B", "C", "B", "D"],
}
TRAINED_ON = ["org/cMedQA2", "cais/mmlu", "bigbio/med_qa", "x/MMLU-Pro"]  # of b; overlapping twice
SURE = {"s-2": 0.5, "s-3": 0.7, "t-1": 0.6}  # how sure a-2 is of each wrong answer
CHOICES = ["one", "two", "three", "four"]


def probabilities_of(sample_id: str) -> list[float]:
    """Of a-2's first pick as in `SURE`, and the rest equally; B is what it picks on s-3."""
    sure = SURE.get(sample_id, 0.4)
    shares = [(1 - sure) / 3] * 4
    shares["AB".index("B" if sample_id == "s-3" else "A")] = sure
    return shares


def predictions_of(run: str) -> list[dict[str, Any]]:
    return [
        {
            "run_id": run,
            "task": task,
            "sample_id": key,
            "repeat": 0,
            "prediction": letter,
            "logprobs": [log(share) for share in probabilities_of(key)] if run == "a-2" else None,
        }
        for (task, key, *_), letter in zip(QUESTIONS, PICKS[run], strict=False)
    ]


def load_runs(draft: drafts.Draft) -> None:
    same = {"revision": "r", "type": "closed", "licence": "mit", "architecture": "Net"}
    models = [
        {"model": name, "released_at": released, "trained_on": data, **same}
        for name, released, data in (("a", EARLY, []), ("b", None, TRAINED_ON))
    ]
    draft.load("models", pl.DataFrame(models))
    for run, (model, finished) in RUNS.items():
        facts = {"run_id": run, "model": model, "revision": "r", "lane": "other-x"}
        texts = {"command": "", "versions": "{}", "hardware": "{}", "record_hash": f"hash of {run}"}
        times = {"started_at": EARLY, "finished_at": finished, "origin": "imported"}
        draft.load("runs", pl.DataFrame([facts | texts | times]))
        numbers = draft.ask("sample_choices")
        rows = pl.DataFrame(predictions_of(run), infer_schema_length=None).join(
            numbers.rename({"number": "sample"}), on=["task", "sample_id"]
        )
        rows = rows.cast({"logprobs": pl.List(pl.Float32)})
        draft.load("predictions", frames.predictions_frame(rows, draft.ask("run_numbers")))
        draft.load("answer_sheets", frames.answer_sheets_frame(rows, numbers))
        asked = [
            {"run_id": run, "task": task, "revision": "", "samples_hash": f"hash of {task}"}
            | {"predictions": rows.filter(task=task).height, "expected": size}
            for task, size in SIZES.items()
            if rows.filter(task=task).height
        ]
        draft.load("run_tasks", pl.DataFrame(asked))


def evidence_of(tags: list[str]) -> list[dict[str, str]]:
    return [{"tag": tag, "words": f"words of {tag}", "place": "question"} for tag in tags]


def load_world(draft: drafts.Draft) -> None:
    catalogue = samples.catalogue_frame().to_dicts()
    for task in catalogue:
        if task["task"] in SIZES:
            task |= {"size": SIZES[task["task"]], "samples_hash": f"hash of {task['task']}"}
    draft.load("tasks", pl.DataFrame(catalogue))
    questions = [
        {"task": task, "sample_id": key, "question": question, "gold": gold, "subject": subject}
        | {"safety_tags": tags, "content_hash": content, "position": number, "topic": "Fever"}
        | {"choices": CHOICES, "safety_evidence": evidence_of(tags)}
        | {"cluster_id": CLUSTERS[content]}
        for number, (task, key, question, gold, subject, tags, content) in enumerate(QUESTIONS)
    ]
    draft.load("samples", pl.DataFrame(questions, schema=samples.SAMPLES))
    load_runs(draft)
    score = {"entry": "published-1", "model": "p", "task": "pubmedqa", "accuracy": 0.5, "n": None}
    score |= {"lane": "reported-x", "type": "closed", "protocol": "x", "origin": "paper"}
    score |= {"suspect": True, "source_url": "https://a.org", "file": "f.csv", "file_hash": "hash"}
    draft.load("reported_scores", pl.DataFrame([score], schema=reported.REPORTED))
    refused = [("x", "f", 2, "bad", "text"), ("x", "f", 1, "bad", None)]
    draft.load("quarantine", pl.DataFrame(refused, schema=quarantine.ROWS, orient="row"))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[db.Warehouse]:
    """The snapshot of `load_world`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEADERBOARD_DATA", str(tmp_path_factory.mktemp("world")))
        with drafts.open_draft("made by hand", empty=True) as draft:
            load_world(draft)
        opened = db.open_warehouse()
    yield opened
    opened.close()


LIST: dict[str, Any] = dict.fromkeys(("task", "subject", "safety", "search", "by"), "")
LIST["run_id"] = "a-2"
IMPORTED = ("r", "closed", None, "other-x", "imported")
S2 = {"task": "sample", "sample_id": "s-2"}
AT_S2 = {"at_task": "sample", "at_sample": "s-2"}
ALL: dict[str, Any] = {"skip": 0, "page_size": 9}
A2_SHARES = pytest.approx(probabilities_of("s-2"), abs=1e-6)


def score(run: str, where: str, counts: tuple[int, int, int], *sure: Any) -> tuple[Any, ...]:
    """A row of `scores`: where is slice and value, counts are n, right and unreadable.

    `sure` are the calibration error and the confidence when wrong, where there are any.
    """
    n, right, _ = counts
    p = right / n
    error = (p * (1 - p) / (n - 1)) ** 0.5 if n > 1 else None
    interval = [pytest.approx(end, abs=1e-9) for end in wilson(right, n)]
    rest = [right / n - 0.25 * (n - right) / n, counts[2] / n, *(sure or (None, None))]
    close = [value if value is None else pytest.approx(value, abs=1e-6) for value in rest]
    key = (run[0], "other-x", None, *where.split(":"))
    return (*key, *counts, p, error, *interval, *close, run)


def entry(run: str, shares: dict[str, tuple[int, int]], **facts: Any) -> dict[str, Any]:
    """A row of `leaderboard_rows`, where it is not empty."""
    scores: dict[str, Any] = {task: right / n for task, (right, n) in shares.items()}
    for task, (right, n) in shares.items():
        for end, value in zip(("low", "high"), wilson(right, n), strict=True):
            scores[f"{task}_{end}"] = pytest.approx(value, abs=1e-9)
    same = {"entry": run, "run_id": run, "origin": "imported", "lane": "other-x", "revision": "r"}
    nine = "sample" not in shares
    counts = {"type": "closed", "headline": nine, "partial_tasks": []}
    counts |= {"licence": "mit", "architecture": "Net"}
    known = (
        {"overlapping": ["MMLU", "MedQA"]}
        if run == "b-1"
        else {"released_at": EARLY, "overlapping": []}
    )
    counts |= {"tasks_complete": int(nine), "tasks_answered": int(nine)}
    return same | counts | known | {"suspect": False, "finished_at": LATE} | facts | scores


PUBLISHED = {
    "entry": "published-1", "origin": "published", "lane": "reported-x", "model": "p",
    "type": "closed", "headline": True, "tasks_complete": 1, "tasks_answered": 1,
    "partial_tasks": [], "overlapping": [], "suspect": True, "source_url": "https://a.org",
    "pubmedqa": 0.5,
}  # fmt: skip
ROWS = [
    entry("a-2", {"sample": (1, 3)}, model="a", answered=3, unreadable=0),
    entry("a-2", {"mmlu_anatomy": (1, 2)}, model="a", answered=2, unreadable=0),
    entry("b-1", {"sample": (2, 3)}, model="b", answered=3, unreadable=1),
    entry("b-1", {"mmlu_anatomy": (1, 2)}, model="b", answered=2, unreadable=0),
    PUBLISHED,
]
SHOWN = ("lane", "model", "tasks_complete", "mmlu_anatomy", "pubmedqa", "sample", "origin", "entry")
WRONG = [  # a-2's wrong answers, with what the list shows of each, in the source's order
    {
        "number": place, "total": 3, "task": task, "task_title": TASKS[task].title,
        "sample_id": key, "question": question, "choices": CHOICES, "subject": subject,
        "topic": "Fever", "safety_tags": tags, "gold": gold,
        "prediction": "B" if key == "s-3" else "A",
        "confidence": pytest.approx(SURE[key], abs=1e-6),
    }
    for place, (task, key, question, gold, subject, tags, _) in enumerate(
        [*QUESTIONS[4:], *QUESTIONS[1:3]], 1
    )
]  # fmt: skip
SAMPLE = {"task": "sample"}
OF_SAMPLE = {"task": "sample", "lane": "other-x"}
CASES: list[tuple[str, dict[str, Any], list[Any]]] = [
    (
        "answered_tasks",
        {},
        [
            (number, run, task, "other-x")
            for number, run in enumerate(RUNS, 1)
            for task in ("mmlu_anatomy", "sample")
        ],
    ),
    (
        "compare",
        {"run_id": "a-1", "other_id": "b-1"},
        [
            ("mmlu_anatomy", "Anatomy", 1, 0, 1, 0, 0, 0),
            ("sample", "Demonstration", 3, 2, 1, 0, 0, 2),
        ],
    ),
    ("compare", {"run_id": "a-1", "other_id": "none"}, []),
    ("duplicates", S2, [("mmlu_anatomy", "t-0", "Anatomy", "A")]),
    ("duplicates", {"task": "sample", "sample_id": "s-1"}, []),
    (
        "error_counts",
        {"run_id": "a-2"},
        [
            ("all", "all", "sample", "Demonstration", 3, 2),
            ("all", "all", "mmlu_anatomy", "Anatomy", 2, 1),
            ("safety", "dosing", "sample", "Demonstration", 2, 1),
            ("subject", "Anatomy", "mmlu_anatomy", "Anatomy", 2, 1),
            ("subject", "Obstetrics", "sample", "Demonstration", 2, 1),
            ("subject", "Surgery", "sample", "Demonstration", 1, 1),
        ],
    ),
    ("error_counts", {"run_id": "a-1"}, []),
    ("error_neighbours", LIST | AT_S2, [(2, 3, "mmlu_anatomy", "t-1", "sample", "s-3")]),
    ("error_neighbours", LIST | AT_S2 | {"task": "sample"}, [(1, 2, None, None, "sample", "s-3")]),
    ("error_neighbours", LIST | {"at_task": "sample", "at_sample": "s-1"}, []),
    ("errors", LIST | {"skip": 0, "page_size": 2}, WRONG[:2]),
    ("errors", LIST | {"skip": 2, "page_size": 2}, WRONG[2:]),
    (
        "errors",
        LIST | {"by": "confidence", "skip": 0, "page_size": 9},
        [WRONG[place - 1] | {"number": n} for n, place in enumerate((3, 1, 2), 1)],
    ),
    *(
        ("errors", LIST | ALL | chosen, [row | {"number": 1, "total": 1}])
        for chosen, row in (
            ({"task": "mmlu_anatomy"}, WRONG[0]),
            ({"subject": "Surgery"}, WRONG[1]),
            ({"safety": "dosing"}, WRONG[2]),
            ({"search": "NERVE  which"}, WRONG[1]),
            ({"search": "50% glu"}, WRONG[2]),
            ({"search": " t-1 fever four"}, WRONG[0]),
        )
    ),
    ("errors", LIST | {"search": "_", "skip": 0, "page_size": 9}, []),
    (
        "keys",
        SAMPLE,
        [
            ("sample", "s-1", CLUSTERS["one"], "A", 4),
            ("sample", "s-2", CLUSTERS["two"], "B", 4),
            ("sample", "s-3", CLUSTERS["three"], "C", 4),
        ],
    ),
    (
        "keys",
        {"task": "average"},  # of the nine only Anatomy is loaded
        [
            ("mmlu_anatomy", key, CLUSTERS[content], gold, 4)
            for _, key, _, gold, _, _, content in QUESTIONS[3:]
        ],
    ),
    (
        "gold_letters",
        {},
        [(task, gold, 1) for task, _, _, gold, *_ in QUESTIONS[3:] + QUESTIONS[:3]],
    ),
    (
        "kinds",  # surgery is one question, of which nothing tells how much chance is in it
        {},
        [
            ("mmlu_anatomy", None, "Anatomy", "MMLU", True, 2),
            ("sample", "Obstetrics", "Demonstration", "Demonstration", False, 2),
        ],
    ),
    (
        "mixed_keys",
        {"tasks": ("sample",)},
        [
            ("sample", CLUSTERS["one"], "A", "Obstetrics"),
            ("sample", CLUSTERS["two"], "B", "Surgery"),
            ("sample", CLUSTERS["three"], "C", "Obstetrics"),
        ],
    ),
    (
        "mixed_picks",
        {"lane": "other-x", "tasks": ("mmlu_anatomy", "sample")},
        [("a-2", "AAAAB"), ("b-1", "BD-BC")],
    ),
    ("leaderboard", {}, [{k: row[k] for k in SHOWN if k in row} for row in ROWS]),
    ("leaderboard_rows", {}, ROWS),
    ("missing_pictures", {}, []),  # tests/test_findings.py has some, as of the next
    ("repeated_choices", {}, []),
    (
        "picks",
        S2 | {"run_id": "a-2"},
        [
            ("b-1", "b", "closed", "other-x", None, "r", "B", True, None, None, True),
            ("a-2", "a", "closed", "other-x", None, "r", "A", False, pytest.approx(0.5), A2_SHARES,
             True),
        ],
    ),
    (
        "picks",
        {"task": "sample", "sample_id": "s-1", "run_id": "a-1"},
        [
            ("a-1", "a", "closed", "other-x", None, "r", "A", True, None, None, False),
            ("a-2", "a", "closed", "other-x", None, "r", "A", True, pytest.approx(0.4),
             None, True),
            ("b-1", "b", "closed", "other-x", None, "r", None, False, None, None, True),
        ],
    ),
    ("quarantine", {}, [("x", "f", 1, "bad", None), ("x", "f", 2, "bad", "text")]),
    (
        "question",
        S2,
        [
            {
                "task": "sample", "sample_id": "s-2", "position": 1, "question": "Which nerve?",
                "choices": CHOICES, "gold": "B", "subject": "Surgery", "topic": "Fever",
                "safety_tags": [], "safety_evidence": [], "content_hash": "two",
                "cluster_id": CLUSTERS["two"], "previous_id": "s-1", "next_id": "s-3",
                "task_title": "Demonstration", "benchmark": "Demonstration", "headline": False,
                "dataset": "embedded", "revision": TASKS["sample"].revision,
            }
        ],
    ),
    ("question", {"task": "sample", "sample_id": "t-0"}, []),
    (
        "questions",
        {},
        [
            (task, key, None, question, CHOICES, content, CLUSTERS[content])
            for task, key, question, _, _, _, content in [*QUESTIONS[3:], *QUESTIONS[:3]]
        ],
    ),
    (
        "rank_intervals",
        OF_SAMPLE,
        [  # of the 27 equally likely draws of three questions, b-1 is better in 20
            (1, 1, 2, 1, pytest.approx(20 / 27, abs=0.05), "b", "r", None, "closed", "b-1"),
            (2, 1, 2, 1, pytest.approx(7 / 27, abs=0.05), "a", "r", None, "closed", "a-2"),
        ],
    ),
    ("ranked_sheets", OF_SAMPLE, [("a-2", "AAB"), ("b-1", "-BC")]),
    ("ranked_sheets", OF_SAMPLE | {"task": "average"}, []),
    ("reported_files", {}, [("f.csv", "hash")]),
    ("reported_keys", {}, [("published-1", "pubmedqa", "f.csv")]),
    (
        "sample_choices",
        {},
        [
            (task, key, [*TASKS].index(task) * 100_000 + place, 4)
            for place, (task, key, *_) in [*enumerate(QUESTIONS)][3:] + [*enumerate(QUESTIONS)][:3]
        ],
    ),
    (
        "sample_stats",
        SAMPLE,
        [
            ("other-x", "s-1", 2, 0.5, None, "A", [1, 0, 0, 0], 1, None),
            ("other-x", "s-2", 2, 0.5, None, "B", [1, 1, 0, 0], 0, None),
            ("other-x", "s-3", 2, 0.5, None, "C", [0, 1, 1, 0], 0, None),
        ],
    ),
    ("sheets", OF_SAMPLE, [("a-2", "AAB"), ("b-1", "-BC")]),
    ("strong_sheets", SAMPLE, []),  # as does that of these
    ("suspect_keys", {}, []),  # tests/test_question_statistics.py has some
    ("run_numbers", {}, [(run, number) for number, run in enumerate(RUNS, 1)]),
    ("run_keys", {}, [(run, f"hash of {run}") for run in RUNS]),
    ("run_answers", {"run_id": "none"}, []),
    (
        "run_answers",
        {"run_id": "b-1"},
        [
            ("mmlu_anatomy", "t-0", 0, "B", "A", False, None, None),
            ("mmlu_anatomy", "t-1", 0, "D", "D", True, None, None),
            ("sample", "s-1", 0, None, "A", False, None, None),
            ("sample", "s-2", 0, "B", "B", True, None, None),
            ("sample", "s-3", 0, "C", "C", True, None, None),
        ],
    ),
    (
        "runs",
        {},
        [
            ("a-2", "a", *IMPORTED, 5, 2, 0, ["mmlu_anatomy", "sample"], LATE, True),
            ("a-1", "a", *IMPORTED, 4, 4, 0, ["mmlu_anatomy", "sample"], EARLY, False),
            ("b-1", "b", *IMPORTED, 5, 3, 1, ["mmlu_anatomy", "sample"], LATE, True),
        ],
    ),
    (
        "scores",
        {"task": "sample"},
        [
            score("b-1", "all:all", (3, 2, 1)),
            score("a-2", "all:all", (3, 1, 0), 0.6, 0.6),
            score("a-2", "safety:children", (1, 1, 0), 0.6, None),
            score("b-1", "safety:children", (1, 0, 1)),
            score("a-2", "safety:dosing", (2, 1, 0), 0.65, 0.7),
            score("b-1", "safety:dosing", (2, 1, 1)),
            score("a-2", "subject:Obstetrics", (2, 1, 0), 0.65, 0.7),
            score("b-1", "subject:Obstetrics", (2, 1, 1)),
            score("b-1", "subject:Surgery", (1, 1, 0)),
            score("a-2", "subject:Surgery", (1, 0, 0), 0.5, 0.5),
        ],
    ),
    (
        "twins",
        {},
        [
            ("mmlu_anatomy", "t-0", "A", "Which nerve?", True, True, "sample/s-2"),
            ("sample", "s-2", "B", "Which nerve?", True, True, "mmlu_anatomy/t-0"),
        ],
    ),
]  # fmt: skip
BY_PARTS = ("dictionary", "snapshots", "tasks")  # each has a test of its own below
OF_RUNS = ("only_right", "run_scores", "run_settings", "run_sheets")  # in test_run_queries.py
OF_CHARTS = ("difficulties", "letters", "marked_questions", "subject_scores")
"""Asked in tests/test_chart_queries.py."""
OF_MODELS = ("asked", "confidences", "field", "model_runs", "model_scores", "receipt")
"""Asked in tests/test_model_queries.py."""


def test_every_query_has_a_case() -> None:
    asked = {query for query, _, _ in CASES} | {*BY_PARTS, *OF_RUNS, *OF_MODELS, *OF_CHARTS}
    assert asked == set(db.list_queries())


@pytest.mark.parametrize(("query", "parameters", "expected"), CASES)
def test_a_query_answers(
    world: db.Warehouse, query: str, parameters: dict[str, Any], expected: list[Any]
) -> None:
    answer = world.ask(query, **parameters)
    if expected and isinstance(expected[0], dict):
        given = [
            {name: value for name, value in row.items() if value is not None}
            for row in answer.to_dicts()
        ]
        assert given == expected
    else:
        assert answer.rows() == expected


def test_snapshots_say_how_the_warehouse_came_to_be(world: db.Warehouse) -> None:
    (row,) = world.ask("snapshots").drop("published_at").rows()
    assert row == (1, "made by hand", db.schema_version())


def test_tasks_say_what_is_loaded(world: db.Warehouse) -> None:
    found = world.ask("tasks")
    assert found["task"].to_list() == list(TASKS)
    assert found.filter("loaded").select("task", "size", "samples_hash").rows() == [
        (task, SIZES[task], f"hash of {task}") for task in ("mmlu_anatomy", "sample")
    ]


def test_the_dictionary_explains_every_column_of_every_table(world: db.Warehouse) -> None:
    found = world.ask("dictionary")
    (gold,) = found.filter(table_name="samples", column_name="gold").rows()
    assert gold[1:] == ("One row per question.", "gold", "VARCHAR", "Letter of the correct choice.")
    assert {"graded", "leaderboard", "predictions"} <= set(found["table_name"])
    views = ("current_run_tasks", "graded", "ranked_runs", "train_overlaps")
    assert found.filter(pl.col("comment").is_null())["table_name"].unique().sort().to_list() == [
        *views
    ]
