"""What an address opens: a case as it was linked to, and the cases beside it in its list."""

import math
import re
from collections import Counter

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import addresses, wording
from evaluator import tables
from tests import test_pages
from tests.conftest import REPOSITORY, ask, load_everything, make_run
from tests.demonstration import ESSAY, LIKELY, SAMPLES
from tests.test_pages import Use, marks, open_page, passages, run_of, table, wrong_ids
from warehouse import settings

folders, use = test_pages.folders, test_pages.use  # fixtures
CHILDREN = {"safety": "children", "by": "confidence"}


def surest_wrong_of_children() -> list[str]:
    """The ids of the likely model's wrong answers in the list of `CHILDREN`, in its order."""
    folder = settings.runs_folder() / run_of(LIKELY)
    rows = dict(tables.read_predictions(folder, "sample").select("sample_id", "logprobs").rows())
    wrong = [key for key in wrong_ids(LIKELY) if "children" in SAMPLES[key].safety_tags]
    sure = {key: 1 / sum(math.exp(log - max(rows[key])) for log in rows[key]) for key in wrong}
    return sorted(wrong, key=lambda key: -sure[key])


def open_case(sample_id: str, run_id: str = "", filters: dict[str, str] | None = None) -> AppTest:
    return open_page("case", **addresses.case("sample", sample_id, run_id, filters or {}))


def step(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def ends(app: AppTest) -> dict[str, bool]:
    return {button.label: button.disabled for button in app.button}


def texts(app: AppTest) -> list[str]:
    return [text.value for text in app.text]


@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"task": "medmcqa", "subject": "Gynaecology & Obstetrics", "search": "a=b&c d"},
        {"safety": "children", "by": "confidence"},
        {"search": "beside=x", "beside": "run-2"},
        {"flag": "contraindicated", "harm": "severe", "runs": "run-1,run-2"},
    ],
)
def test_a_case_address_is_read_as_it_was_written(filters: dict[str, str]) -> None:
    address = addresses.case("pubmedqa", "a/b c", "run-1", filters)
    assert addresses.read_case(address) == ("pubmedqa", "a/b c", "run-1", filters, 0)
    of_second = addresses.case("pubmedqa", "a/b c", "run-1", filters, 1)
    assert of_second == address | {"repeat": "1"}
    assert addresses.read_case(of_second) == ("pubmedqa", "a/b c", "run-1", filters, 1)


@pytest.mark.parametrize("repeat", ["", "-1", "1.5", "two", "²", "9" * 5000])
def test_a_repeat_that_is_no_number_is_the_first(repeat: str) -> None:
    *_, read = addresses.read_case({"question": "sample/s-1", "run": "r", "repeat": repeat})
    assert read == 0


def test_a_case_address_leaves_out_what_is_empty() -> None:
    assert addresses.case("sample", "s-1", "", {"task": "", "by": ""}) == {"question": "sample/s-1"}


def test_an_address_of_nothing_reads_as_nothing() -> None:
    assert addresses.read_case({}) == ("", "", "", {}, 0)
    assert addresses.read_case({"question": "sample", "list": "evil=1&&=&task"}) == (
        "sample",
        "",
        "",
        {},
        0,
    )


def test_the_address_of_errors_names_what_the_widgets_show() -> None:
    filters = {"task": "sample", "subject": "", "search": "two words", "by": "confidence"}
    assert addresses.errors("run-1", filters, {"sample": "Demonstration"}) == {
        "run": "run-1",
        "task": "Demonstration",
        "search": "two words",
        "sort": "Surest first",
    }
    assert addresses.errors("run-1", {}, {}) == {"run": "run-1"}


def test_the_address_of_errors_is_of_the_runs_of_its_list() -> None:
    filters = {"flag": "contraindicated", "harm": "unreviewed", "runs": "run-1,run-2"}
    assert addresses.errors("run-1", filters, {}) == {
        "run": ["run-1", "run-2"],
        "flag": "Contraindicated choice",
        "harm": "not yet reviewed",
    }
    assert addresses.errors("run-1", {"runs": addresses.ALL_RUNS}, {}) == {}


def test_an_unknown_sorting_in_an_address_is_left_out() -> None:
    assert addresses.errors("run-1", {"by": "order"}, {}) == {"run": "run-1"}


def test_a_case_shows_the_question_its_key_and_the_pick_in_words(use: Use) -> None:
    use("demonstration")
    sample = SAMPLES["sample-003"]
    app = open_case("sample-003", run_of(LIKELY))
    assert not app.exception
    shown = texts(app)
    assert f"{sample.subject} · {sample.topic}" in shown
    assert passages(app) == [sample.question, sample.explanation]
    assert sample.reference in shown
    letters = zip("ABCD", sample.choices, strict=True)
    assert [f"{letter}.  {choice}" for letter, choice in letters] == shown[2:6]
    found = marks(app)
    assert found[: len(sample.safety_tags)] == list(sample.safety_tags)
    assert found[len(sample.safety_tags)] == "wrong"
    assert (found.count("key"), found.count("this model's pick")) == (1, 1)


def test_a_case_says_who_set_its_safety_contexts_or_which_words(use: Use) -> None:
    use("demonstration")
    app = open_case("sample-003")
    assert wording.SAFETY_BY_HAND in [caption.value for caption in app.caption]
    use("real")
    app = open_page("case", **addresses.case("medqa_4options", "test-00140", "", {}))
    assert marks(app)[0] == "pregnancy and lactation"
    assert texts(app)[0] == "“pregnant”, “28 weeks gestation”, “prenatal care”"
    assert wording.SAFETY_WORDS in [caption.value for caption in app.caption]


def test_a_case_shows_the_probability_of_each_choice_and_the_prompt(use: Use) -> None:
    use("demonstration")
    app = open_case("sample-003", run_of(LIKELY))
    shares = [float(bar.text.rstrip("%")) for bar in app.progress]
    assert len(shares) == 4
    assert sum(shares) == pytest.approx(100, abs=0.3)
    assert app.code[0].value.startswith(f"Question: {SAMPLES['sample-003'].question}\nA. ")


def test_a_case_counts_who_picked_what(use: Use) -> None:
    use("demonstration")
    app = open_case("sample-001")
    picks = table(app)
    assert set(zip(picks["model"], picks["pick"], picks["result"], strict=True)) >= {
        ("baseline:longest-choice", "A", "wrong"),
        ("baseline:majority", "A", "wrong"),
        ("essayist", "B", "wrong"),
    }
    right = list(picks["result"]).count("right")
    summary = f"{right} of {len(picks)} runs picked the key, C; 2 are baselines"
    assert app.caption[-1].value == f"{summary} and read no question."
    assert [mark for mark in marks(app) if mark.startswith("picked")] == [
        f"picked by {count} of {len(picks)}" for _, count in sorted(Counter(picks["pick"]).items())
    ]


def test_a_case_shows_what_the_model_wrote_or_that_it_could_not_be_read(use: Use) -> None:
    use("demonstration")
    assert ESSAY in passages(open_case("sample-001", run_of("essayist")))
    app = open_case("sample-002", run_of("essayist"))
    assert "No choice could be read from the answer of essayist · other-essays." in texts(app)[1]


def test_next_goes_through_the_filtered_list_to_its_end(use: Use) -> None:
    use("demonstration")
    ids = surest_wrong_of_children()
    app = open_case(ids[0], run_of(LIKELY), CHILDREN)
    assert ends(app) == {"Previous": True, "Next": False}
    for sample_id in ids[1:]:
        app = step(app, "Next")
        assert app.query_params["question"] == f"sample/{sample_id}"
    assert ends(app) == {"Previous": False, "Next": True}
    assert step(app, "Previous").query_params["question"] == f"sample/{ids[-2]}"


def test_without_a_run_next_goes_through_the_task(use: Use) -> None:
    use("demonstration")
    app = step(open_case("sample-001"), "Next")
    assert app.query_params["question"] == "sample/sample-002"
    assert ends(step(app, "Previous")) == {"Previous": True, "Next": False}
    assert ends(open_case("sample-092")) == {"Previous": False, "Next": True}


def test_a_case_leads_back_to_its_filtered_list(use: Use) -> None:
    use("demonstration")
    app = open_case(surest_wrong_of_children()[0], run_of(LIKELY), CHILDREN)
    assert app.page_link[0].proto.query_string == (
        f"run={run_of(LIKELY)}&safety=children&sort=Surest+first"
    )


def test_a_click_on_another_pick_opens_it_on_the_same_question(use: Use) -> None:
    use("demonstration")
    app = open_case("sample-001")
    row = list(table(app)["model"]).index("essayist")
    key = f"picks {app.query_params}"
    app = test_pages.click_cell(app, key, row, "model")
    assert app.query_params == {"question": "sample/sample-001", "run": run_of("essayist")}


def test_a_replaced_run_is_still_shown_where_it_is_linked_to(use: Use) -> None:
    use("demonstration")
    runs = ask("runs")
    old = runs.filter(~runs["current"])["run_id"][0]
    app = open_case("sample-004", old)
    assert texts(app)[1].startswith("baseline:majority · loglikelihood-0shot picked ")
    assert list(table(app)["model"]).count("baseline:majority") == 2
    errors = open_page("errors", run=old)
    assert errors.multiselect[0].value == [old]
    labels = errors.multiselect[0].options
    assert sum(" · replaced" in label for label in labels) == 1


@pytest.mark.parametrize("question", ["", "sample", "sample/none", "../etc/passwd", "nine/'--"])
def test_an_unknown_question_says_so(question: str, use: Use) -> None:
    use("demonstration")
    app = open_page("case", question=question, run="../..", list="%%%")
    assert app.title[0].value == "No such question"
    assert [link.proto.page for link in app.page_link] == ["errors", ""]


@pytest.mark.parametrize("packed", ["by=order", "by=", "task=nine&by=x", "safety=children"])
def test_a_list_that_does_not_fit_the_case_still_shows_it(packed: str, use: Use) -> None:
    use("demonstration")
    app = open_page("case", question="sample/sample-001", run=run_of(LIKELY), list=packed)
    assert not app.exception
    assert app.title[0].value == "Demonstration · sample-001"


def test_an_unknown_run_leaves_the_question_without_a_pick(use: Use) -> None:
    use("demonstration")
    app = open_page("case", question="sample/sample-001", run="no-such-run")
    assert not app.exception
    assert "this model's pick" not in marks(app)


def test_a_page_keeps_up_with_the_warehouse(use: Use) -> None:
    use("demonstration")
    before = len(table(open_case("sample-010")))
    make_run("baseline:random")
    load_everything()
    assert len(table(open_case("sample-010"))) == before + 1


SHARED = {"score"}
"""What a reader takes along from the leaderboard to the charts and back, as the view of boards."""


def test_a_choice_is_of_one_part_of_the_dashboard() -> None:
    """A widget takes over what one of the same key held on the page before, whatever that meant."""
    parts: dict[str, set[str]] = {}
    for path in (REPOSITORY / "dashboard").rglob("*.py"):
        for named in re.findall(
            r'key="(\w+)"|choose_(?:value|slug)\("[^"]+", "(\w+)"', path.read_text()
        ):
            parts.setdefault("".join(named), set()).add(path.stem)
    assert len(parts) > 20
    assert {key for key, places in parts.items() if len(places) > 1} == SHARED


def test_the_leaderboard_of_a_submission_has_its_model_on_top(use: Use) -> None:
    use("demonstration")
    address = addresses.leaderboard(
        "baseline:longest-choice", "loglikelihood-0shot", addresses.DEMONSTRATION_VIEW
    )
    app = open_page("leaderboard", **address)
    shown = table(app)
    assert shown["model"][0] == "baseline:longest-choice"
    assert shown["mark"][0] == "pinned"
