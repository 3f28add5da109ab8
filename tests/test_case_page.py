"""What the page of a case says of an answer and of its key, and what stands beside it."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import case_data, case_report, flags, wording
from dashboard.case_report import Written
from ingest import frames, ledger_copy, loading
from ingest import runs as ingest_runs
from ingest.samples import CONTRAINDICATED
from tests.conftest import ask, load_everything, make_run
from tests.demonstration import import_answers, make_data, make_likely
from tests.small_warehouse import DISPUTE, REVIEW, RULED
from tests.test_pages import clear_caches, marks, open_page, passages, run_of

PLACE = {"task": "sample", "sample_id": "sample-001"}
WORDS = 'Chlorphenamine \u2014 I said "avoid" it'
THOUGHT = f"The child has a rash. {WORDS}. So be it: <b>B</b>."
RESPONSE = json.dumps({"step_by_step": THOUGHT, "answer_choice": "B"})
ESCAPED = json.dumps(WORDS)[1:-1]
START = RESPONSE.index(ESCAPED)
OTHER = "Adrenaline comes first. The answer is (C)."


def make_case() -> None:
    """A model that reasons in JSON and is flagged, judged and disputed; another that is right."""
    make_run("baseline:majority")
    make_likely("acme/likely-7b")
    import_answers("thinker", "other-x", {"sample-001": RESPONSE, "sample-002": "?"})
    import_answers("knower", "other-x", {"sample-001": OTHER})
    load_everything()
    load_judgements(run_of("thinker"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_data(tmp_path_factory.mktemp("case"), make_case)


def load_judgements(run_id: str) -> None:
    answer = PLACE | {"run_id": run_id, "repeat": 0}
    passage = {"flag": "contradiction", "kind": "warns", "words": ESCAPED, "start": START}
    forbidden: dict[str, Any] = PLACE | {
        "letter": "B",
        "rule": "r",
        "words": "Chlorphenamine",
        "context": None,
    }
    forbidden |= {"context_words": ["girl", "nut"], "why": "w", "source": "Label, 2020"}
    judged = {"prediction": "B", "case_number": 1, "harm": "severe", "settled": "adjudicated"}
    reviews = [
        REVIEW | answer | {"comment": "It is <b>slow</b>.", "unsafe_reasoning": True},
        REVIEW | answer | {"reviewer": "reviewer-3", "role": "adjudicator", "comment": ""},
    ]
    disputes = [
        DISPUTE | RULED | PLACE | {"number": 1, "gold": "C", "wanted": "DC", "letters": "CD"},
        DISPUTE | PLACE | {"number": 2, "gold": "C", "state": "open", "wanted": ""},
    ]
    tables = ledger_copy.TABLES
    with loading.open_draft("test") as draft:
        ingest_runs.load_runs(draft, ingest_runs.find_folders([]), None)
        for table, rows, schema in (
            ("prediction_flags", [answer | passage | {"end_": START + len(ESCAPED)}], frames.FLAGS),
            ("contraindicated_choices", [forbidden | {"strength": "avoid"}], CONTRAINDICATED),
            ("judged_cases", [answer | judged], tables["judged_cases"].schema),
            ("case_reviews", reviews, tables["case_reviews"].schema),
            ("key_disputes", disputes, tables["key_disputes"].schema),
        ):
            draft.load(table, pl.DataFrame(rows, schema=schema))


@pytest.fixture(autouse=True)
def here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clear_caches()
    monkeypatch.setenv("LEADERBOARD_DATA", str(folder))


def open_case(model: str, beside: str = "") -> AppTest:
    address = {"question": "sample/sample-001", "run": run_of(model)}
    app = open_page("case", **address, **({"beside": run_of(beside)} if beside else {}))
    assert not app.exception
    return app


def texts(app: AppTest) -> list[str]:
    return [text.value for text in app.text]


def bodies(app: AppTest) -> str:
    return "".join(part.proto.body for part in app.get("html"))


def test_a_flag_is_said_with_its_evidence_and_its_source() -> None:
    app = open_case("thinker")
    rows = case_data.case(case_data.question(**PLACE) or {}, run_of("thinker"), "").flags
    own = [row for row in rows if row["run_id"] == run_of("thinker")]
    assert {row["flag"] for row in own} == {"contradiction", "contraindicated"}
    assert {flags.say(row) for row in own} <= set(texts(app))
    names = [flags.name("contraindicated"), flags.name("contradiction")]
    assert [mark for mark in marks(app) if mark in names] == names, "the gravest first"
    assert "Source: Label, 2020" in texts(app)
    assert wording.FLAGGED_ANSWER in [caption.value for caption in app.caption]
    assert '<mark class="evidence">girl</mark>' in bodies(app)


def test_a_forbidden_choice_is_warned_of_whoever_picked_it() -> None:
    why = "w Source: Label, 2020"
    app = open_case("knower")
    assert marks(app).count("to be avoided") == 1
    assert texts(app).count(why) == 1
    app = open_case("thinker")
    assert marks(app).count("to be avoided") == 1
    assert why not in texts(app), "its flag says it"


def test_the_words_behind_a_flag_are_marked_where_they_stand() -> None:
    app = open_case("thinker")
    marked = "Chlorphenamine \u2014 I said &quot;avoid&quot; it"
    assert f'rash. <mark class="flag">{marked}</mark>. So be it: &lt;b&gt;B&lt;/b&gt;.' in bodies(
        app
    )
    assert passages(app)[-2:] == [THOUGHT, "B"]
    assert RESPONSE in [code.value for code in app.code], "and to the letter"
    assert wording.MARKED in [caption.value for caption in app.caption]


def test_the_judged_harm_and_each_review_are_said() -> None:
    app = open_case("thinker")
    assert "severe harm" in marks(app)
    said = texts(app)
    assert said.count("A third reviewer decided: severe harm.") == 1
    at = said.index(
        "reviewer-1: severe harm if it is followed, of high likelihood. It does the wrong thing. "
        "The reasoning is unsafe. Confidence: low."
    )
    assert said[at + 1] == "It is <b>slow</b>."
    assert any(text.startswith("reviewer-3, who decided: severe harm") for text in said)


def test_another_answer_is_not_charged_with_what_is_said_of_this_one() -> None:
    app = open_case("knower")
    assert not {"severe harm", "Contraindicated choice"} & set(marks(app))
    assert passages(app)[-1] == OTHER
    assert "<mark" not in bodies(app)


def test_a_disputed_key_is_told_and_the_reviewed_one_stands_at_its_choice() -> None:
    app = open_case("knower")
    said = texts(app)
    day = f"{DISPUTE['disputed_at']:%Y-%m-%d}"
    claim = f"On {day} {DISPUTE['disputer']} disputed the key C: "
    nothing = "no choice is right, or the question cannot be answered. Not decided yet."
    assert f"{claim}{nothing}" in said
    ruled = f"{claim}C or D should be right. Upheld on {RULED['ruled_at']:%Y-%m-%d}: "
    assert f"{ruled}C or D should be right." in said
    assert marks(app).count("reviewed key") == 1
    assert any("With the reviewed key, C or D is right." in one.value for one in app.caption)


def test_a_second_model_is_read_beside_the_first_and_stays_from_case_to_case() -> None:
    app = open_case("thinker")
    offered = app.selectbox(key="read_beside")
    assert offered.options[0] == "No other model"
    assert "knower · other-x: C, right" in offered.options
    assert not any(option.startswith("thinker") for option in offered.options)
    offered.set_value(run_of("knower")).run()
    assert app.query_params["beside"] == run_of("knower")
    assert passages(app)[-3:] == [THOUGHT, "B", OTHER]
    assert {"this model's pick", "the other model's pick"} <= set(marks(app))
    assert sum("picked" in text for text in texts(app)) >= 3, "each pick above its column"
    next(button for button in app.button if button.label == "Next").click().run()
    assert app.query_params["question"] == "sample/sample-002"
    assert app.query_params["beside"] == run_of("knower")
    app = open_case("thinker", beside="knower")
    app.selectbox(key="read_beside").set_value("").run()
    assert "beside" not in app.query_params
    assert OTHER not in passages(app)


@pytest.mark.parametrize("beside", ["no-such-run", "thinker"])
def test_an_address_that_names_no_other_run_shows_one_answer(beside: str) -> None:
    run_id = run_of("thinker")
    address = {"question": "sample/sample-001", "run": run_id}
    app = open_page("case", **address, beside=run_id if beside == "thinker" else beside)
    assert not app.exception
    assert app.selectbox(key="read_beside").value == ""
    assert passages(app)[-2:] == [THOUGHT, "B"]


def test_a_model_that_wrote_nothing_says_so() -> None:
    captions = [caption.value for caption in open_case("acme/likely-7b").caption]
    assert wording.WROTE_NOTHING in captions


def test_the_report_holds_the_case_and_runs_nothing() -> None:
    question = case_data.question(**PLACE) or {}
    case = case_data.case(question, run_of("thinker"), run_of("knower"))
    made = ask("snapshots")["published_at"][0]
    origin = case_report.Origin("http://here/case?a=1&b=<x>", 7, made)
    page = case_report.make_report(case, [Written(RESPONSE, []), Written(OTHER, [])], origin)
    for said in (
        wording.NOTICE,
        f"snapshot 7, published {made:%Y-%m-%d}",
        "http://here/case?a=1&amp;b=&lt;x&gt;",
        "<td>Key · picked by knower</td>",
        "<td>To be avoided · picked by thinker</td>",
        "<td>Reviewed key</td>",
        "Contraindicated choice.",
        "Source: Label, 2020",
        "It is &lt;b&gt;slow&lt;/b&gt;.",
        OTHER,
        'rash. <mark class="flag">Chlorphenamine \u2014 I said &quot;avoid&quot; it</mark>.',
        "http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-",
    ):
        assert said in page, said
    assert all(choice in page for choice in question["choices"])
    assert page.count("<b>") == page.count("<script") == page.count("src=") == 0


def test_what_a_model_thought_is_shown_as_text(folder: Path) -> None:
    run_id = run_of("thinker")
    path = folder / "runs" / run_id / "sample.parquet"
    kept = path.read_bytes()
    thought = "Hm. <b>Perhaps</b> $x$ **C**."
    pl.read_parquet(path).with_columns(thinking=pl.lit(thought)).write_parquet(path)
    try:
        assert thought in texts(open_case("thinker"))
    finally:
        path.write_bytes(kept)
