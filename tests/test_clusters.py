"""Questions about the same case: made by hand, and those of the nine tasks."""

from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from evaluator.questions import load_samples
from evaluator.tasks import choose_tasks
from ingest import clusters, loading, runs, samples
from tests.conftest import ask, make_run

FEVER = (
    "A 24-year-old woman, 28 weeks pregnant, comes to the physician with fever and a rash three "
    "weeks after a walk in the woods. She removed a tick from her leg on the same day. Her pulse "
    "is 92 per minute and her blood pressure is 112 over 70."
)
COUGH = (
    "A 62-year-old man is brought to the hospital with a cough that has been getting worse for "
    "two months. He has smoked since he was twenty and has lost weight without trying to. There "
    "are crackles over the right upper lung field on examination."
)
DRUGS = ("Tetracycline", "Amoxicillin", "Ibuprofen", "Gentamicin")
STAGES = ("First stage", "Second stage", "Third stage", "Fourth stage")


def cluster(*questions: tuple[str, tuple[str, ...]], context: str | None = None) -> list[str]:
    """The cluster of each question and its choices, as letters in the order of the questions."""
    rows = [
        {"task": "x", "sample_id": letter, "context": context, "question": text, "choices": choices}
        for letter, (text, choices) in zip("abcdef", questions, strict=False)
    ]
    schema = {name: samples.SAMPLES[name] for name in rows[0]}
    found = clusters.find_clusters(pl.DataFrame(rows, schema=schema))
    return [name.removeprefix("x/") for name in found.sort("sample_id")["cluster_id"]]


def test_what_differs_in_case_punctuation_and_order_of_choices_is_the_same_question() -> None:
    one = ("Morphine should not be used in the treatment of:", DRUGS)
    other = ("morphine should not be used, in the treatment of:- ", DRUGS[::-1])
    assert cluster(one, other) == ["a", "a"]


def test_questions_that_share_a_long_vignette_are_one_case_whatever_is_asked() -> None:
    treat = (f"{FEVER} Which of the following is the best treatment?", DRUGS)
    stage = (f"{FEVER} In which stage of the disease is she?", STAGES)
    assert cluster(treat, stage, (f"{COUGH} In which stage is the disease?", STAGES)) == [
        "a",
        "a",
        "c",
    ]


def test_a_shared_abstract_is_a_shared_case() -> None:
    asked = ("Does it work?", DRUGS), ("Is there a difference between the groups?", DRUGS)
    assert cluster(*asked, context=FEVER) == ["a", "a"]
    assert cluster(*asked) == ["a", "b"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("HDL is synthesised in", "VLDL is synthesised in"),
        ("Mesiolingual groove is seen in", "Palatogingival groove is seen in"),
        ("The mutation in sickle-cell disease is", "The mutation in thalassaemia is"),
    ],
)
def test_the_same_choices_alone_do_not_make_the_same_question(one: str, other: str) -> None:
    assert cluster((one, STAGES), (other, STAGES)) == ["a", "b"]


def test_the_same_short_beginning_alone_does_not_make_the_same_question() -> None:
    text = "Which of the following is true?"
    assert cluster((text, DRUGS), (text, STAGES), (text, DRUGS)) == ["a", "b", "a"]


def test_a_cluster_joins_by_way_of_others_and_does_not_depend_on_the_order() -> None:
    words = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
    texts = [f"{words} {end}" for end in ("a b c d", "a b c d e f g h", "e f g h")]
    rows = pl.DataFrame(
        {
            "task": ["x"] * 3,
            "sample_id": list("bac"),
            "context": ["fifteen sixteen seventeen eighteen nineteen twenty"] * 3,
            "question": texts,
            "choices": [list(DRUGS)] * 3,
        }
    )
    found = clusters.find_clusters(rows).sort("sample_id")
    assert found.rows() == [("x", letter, "x/a") for letter in "abc"]
    assert clusters.find_clusters(rows.reverse()).sort("sample_id").equals(found)


def test_texts_of_every_kind_are_clustered_and_an_empty_table_is(demo: Path) -> None:  # noqa: ARG001
    odd = [("?", DRUGS), ("", DRUGS), ("一二三", DRUGS), ("A", ("", "")), ("B " * 9, DRUGS)]
    assert set(cluster(*odd)) <= set("abcde")
    none = ask("questions").clear()
    assert clusters.find_clusters(none).rows() == []


def test_the_demonstration_questions_are_all_of_their_own(demo: Path) -> None:  # noqa: ARG001
    found = ask("questions")
    own = pl.format("{}/{}", "task", "sample_id")
    assert found.filter(pl.col("cluster_id") != own).rows() == []


@pytest.mark.slow
def test_the_nine_tasks_have_the_duplicates_that_people_found(hub: Path) -> None:
    loaded = [(task, load_samples(task, hub)) for task in choose_tasks("nine,sample")]
    questions = pl.concat(samples.as_frame(task, found) for task, found in loaded)
    found = clusters.find_clusters(questions).with_columns(members=pl.len().over("cluster_id"))
    joined = found.filter(pl.col("members") > 1)
    kinds = Counter(
        tuple(sorted(tasks)) for tasks in joined.group_by("cluster_id").agg("task")["task"]
    )
    assert kinds == {
        ("mmlu_clinical_knowledge", "mmlu_college_medicine"): 78,
        ("medmcqa",) * 2: 39,  # twelve of them to the letter
        ("medqa_4options",) * 2: 4,
        ("mmlu_college_medicine",) * 5: 1,  # five questions about one article
        ("mmlu_professional_medicine",) * 2: 1,
    }
    exact = questions.join(found, on=["task", "sample_id"]).group_by("content_hash")
    assert exact.agg(pl.col("cluster_id_right").n_unique() == 1)["cluster_id_right"].all()


def test_questions_are_compared_when_some_are_loaded_and_only_then(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared = []

    def find_clusters(questions: pl.DataFrame) -> pl.DataFrame:
        compared.append(questions.height)
        return questions.select("task", "sample_id", cluster_id=pl.lit("sample/sample-001"))

    monkeypatch.setattr(clusters, "find_clusters", find_clusters)
    for model in ("baseline:random", "baseline:majority"):
        make_run(model)
        with loading.open_draft("test") as draft:
            runs.load_runs(draft, runs.finished(data_folder / "runs"), None)
    assert compared == [92]
    assert ask("questions")["cluster_id"].unique().to_list() == ["sample/sample-001"]
