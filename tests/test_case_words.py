"""What a list of wrong answers and a case say of a question and its answers."""

import polars as pl
import pytest

from dashboard import cases


def test_a_list_of_errors_shows_one_line_a_question() -> None:
    errors = pl.DataFrame(
        {
            "question": ["A\n long   question " + "x" * 400, "short"],
            "choices": [["yes", "no"], ["yes", "no"]],
            "prediction": ["B", None],
            "gold": ["A", "B"],
            "confidence": [0.25, None],
            "task_title": ["PubMedQA", "PubMedQA"],
            "subject": [None, None],
            "safety_tags": [["children", "dosing"], []],
            "flags": [["all_wrong", "contraindicated"], []],
            "harm": ["none", None],
            "model": ["a", "b"],
            "lane": ["rotate-0shot", "loglikelihood-0shot"],
            "several": [True, False],
            "repeat": [1, 0],
        }
    )
    assert cases.error_rows(errors).rows() == [
        (
            "A long question " + "x" * 284,
            None,
            "B A",
            "B · no",
            "A · yes",
            ["contraindicated", "all wrong"],
            "no harm",
            "a",
            25.0,
            "PubMedQA",
            None,
            "children, dosing",
        ),
        ("short", None, None, "unreadable", "B · no", [], None, "b", None, "PubMedQA", None, ""),
    ]


@pytest.mark.parametrize(
    ("text", "search", "shown"),
    [
        ("A pregnant\nwoman.", "PREGNANT wo", "A »pregnant« »wo«man."),
        ("a.b a+b", "a+b", "a.b »a+b«"),
        ("pregnant", "preg pregnant", "»pregnant«"),
        ("none here", "fever", "none here"),
        ("none searched", "  ", "none searched"),
        (
            "word " * 60 + "with a fever at last",
            "fever",
            "…" + "word " * 11 + "with a »fever« at last",
        ),
    ],
)
def test_a_question_is_shown_from_where_the_words_searched_for_stand(
    text: str, search: str, shown: str
) -> None:
    assert cases.excerpt(text, cases.find_any(search.split())) == shown


def test_a_case_title_holds_nothing_that_markdown_acts_on() -> None:
    for sample_id, shown in {
        "**a** :red[b] `c": "a redb c",
        "<d> [e](f) $g$": "d e(f) g",
        "__i__ www.x.org": "i wwwxorg",
        "45258d3d-b974-44dd-a161-c3fccbdadd88": "45258d3d-b974-44",
    }.items():
        question = {"task_title": "MedMCQA", "sample_id": sample_id}
        assert cases.case_title(question) == f"MedMCQA · {shown}"


def test_a_case_says_what_its_title_leaves_out() -> None:
    question = {"subject": "Physiology", "topic": None, "sample_id": "45258d3d-b974-44dd-a161"}
    assert cases.case_facts(question) == "Physiology · 45258d3d-b974-44dd-a161"
    assert cases.case_facts({"subject": None, "topic": None, "sample_id": "test-1"}) == ""


@pytest.mark.parametrize(
    ("prediction", "said"),
    [
        ("B", "m · other-x picked the key, B · no."),
        ("A", "m · other-x picked A · yes. The key is B · no."),
        (None, "No choice could be read from the answer of m · other-x. The key is B · no."),
    ],
)
def test_a_verdict_names_pick_and_key(prediction: str | None, said: str) -> None:
    question = {"gold": "B", "choices": ["yes", "no"]}
    pick = {"model": "m", "lane": "other-x", "precision": None, "prediction": prediction}
    assert cases.verdict(question, pick | {"correct": prediction == "B"}) == said


def test_a_summary_of_picks_leaves_nobody_out() -> None:
    rows = [
        ("r", "A", True, "closed"),
        ("s", None, False, "closed"),
        ("t", "B", False, "baseline"),
    ]
    names = ["run_id", "prediction", "correct", "type"]
    picks = pl.DataFrame(rows, schema=names, orient="row")
    said = "1 of 3 {} picked the key, A; 1 unreadable; 1 is a baseline and read no question."
    assert cases.picks_summary({"gold": "A"}, picks) == said.format("runs")
    twice = picks.extend(pl.DataFrame([("t", "C", False, "baseline")], schema=names, orient="row"))
    assert cases.picks_summary({"gold": "A"}, twice) == said.format("answers").replace("3", "4")


def test_only_plain_safety_contexts_become_badges() -> None:
    tags = ["pregnancy and lactation", ":red[x]", "a] :b[c", "elderly\n"]
    evidence = [{"tag": tag, "words": "set by hand", "place": None} for tag in tags]
    shown = cases.safety_words({"safety_tags": tags, "safety_evidence": evidence})
    assert shown == {"pregnancy and lactation": ""}


def test_the_words_behind_a_safety_context_stand_with_their_place() -> None:
    evidence = [
        {"tag": "children", "words": "4-year-old", "place": "question"},
        {"tag": "children", "words": "her\n baby", "place": "abstract"},
        {"tag": "dosing", "words": "5 mg daily", "place": "choice B"},
    ]
    question = {"safety_tags": ["children", "dosing"], "safety_evidence": evidence}
    assert cases.safety_words(question) == {
        "children": "“4-year-old”, “her baby” (abstract)",
        "dosing": "“5 mg daily” (choice B)",
    }
