"""The page that sets runs side by side, run by Streamlit's own test driver."""

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import addresses, compare_choice, wording
from evaluator import tables
from tests import test_pages
from tests.conftest import ask
from tests.demonstration import LIKELY, SAMPLES
from tests.test_pages import Use, beginning, click_cell, list_wrong, open_page, run_of, table
from warehouse import settings

folders, use = test_pages.folders, test_pages.use  # fixtures
LONGEST = "baseline:longest-choice"


def compare(*models: str, **address: str) -> AppTest:
    runs = [run_of(model) for model in models]
    return open_page("compare", **addresses.compare(runs), **address)  # type: ignore[arg-type]


def picks_of(model: str) -> dict[str, str]:
    """What a model picked on the demonstration questions, by its run folder."""
    rows = tables.read_predictions(settings.runs_folder() / run_of(model), "sample")
    return dict(rows.select("sample_id", "prediction").iter_rows())


def only_right(model: str, other: str) -> list[str]:
    one, two = picks_of(model), picks_of(other)
    return [
        key
        for key, sample in SAMPLES.items()
        if one[key] == sample.gold and two[key] not in (None, sample.gold)
    ]


def chosen(app: AppTest) -> list[str]:
    return list(app.multiselect[0].value)


def test_an_address_sets_its_runs_side_by_side(use: Use) -> None:
    use("demonstration")
    app = compare(LONGEST, LIKELY)
    assert chosen(app) == [run_of(LONGEST), run_of(LIKELY)]
    assert app.text[0].value == (
        f"On Demonstration the data cannot tell {LONGEST} and {LIKELY} apart."
    )
    scores, differences = (frame.value for frame in app.dataframe)
    ours = [len(only_right(LIKELY, LONGEST)), len(only_right(LONGEST, LIKELY))]
    assert list(differences[["both", "only_other", "only_one"]].iloc[0]) == [92, *ours]
    assert list(scores.columns) == ["task", run_of(LONGEST), run_of(LIKELY)]


def test_without_an_address_the_best_two_are_compared(use: Use) -> None:
    use("real")
    app = open_page("compare")
    assert chosen(app) == [run_of("o3-mini"), run_of("gpt-4o")]
    assert app.text[0].value == (
        "o3-mini is better than gpt-4o on MedQA; on the other eight tasks the data cannot tell."
    )
    assert not app.warning


def test_runs_of_two_lanes_are_compared_with_a_warning(use: Use) -> None:
    use("demonstration")
    app = compare(LIKELY, "essayist")
    assert app.selectbox[0].value == compare_choice.ALL_LANES
    assert [warning.value for warning in app.warning] == [wording.MIXED_LANES]
    assert list(app.dataframe[1].value["both"]) == [2]  # what the essayist answered


def test_another_lane_begins_anew(use: Use) -> None:
    use("demonstration")
    app = compare(LONGEST, LIKELY)
    app.selectbox[0].set_value("other-essays").run()
    assert chosen(app) == [run_of("essayist")]
    assert [info.value for info in app.info] == ["Choose a second model to compare the first with."]
    app.selectbox[0].set_value(compare_choice.ALL_LANES).run()
    assert chosen(app) == [run_of("essayist")]


def test_a_choice_is_kept_in_the_address(use: Use) -> None:
    use("demonstration")
    app = compare(LONGEST, LIKELY)
    both = [run_of(LONGEST), run_of("baseline:majority")]
    app.multiselect[0].set_value(both).run()
    assert app.query_params["runs"] == both
    app.multiselect[0].set_value([]).run()
    assert app.info[0].value.startswith("Choose a second model")
    assert not app.exception


@pytest.mark.parametrize(
    "address",
    [
        {"runs": "no-such-run"},
        {"in_lane": "nowhere", "topic": "Nothing", "pair": "a right, b wrong", "at": "-1"},
        {"topic": "Questions", "right_on": "Astrology", "at": "99"},
        {"topic": "Mistakes", "group": "Everyone", "wrong_on": "Astrology"},
    ],
)
def test_a_wrong_address_still_compares(address: dict[str, str], use: Use) -> None:
    use("demonstration")
    app = open_page("compare", **address)
    assert not app.exception
    assert len(chosen(app)) == 2
    assert app.dataframe
    assert bool(app.warning) == ("runs" in address)


def test_the_questions_that_one_alone_has_right_are_listed_both_ways(use: Use) -> None:
    use("demonstration")
    app = compare(LONGEST, LIKELY, topic="Questions")
    expected = only_right(LIKELY, LONGEST)
    assert list_wrong(app) == [beginning(key) for key in expected]
    assert app.caption[-1].value.startswith(f"{len(expected)} questions.")
    app = compare(LONGEST, LIKELY, topic="Questions", pair=f"{LONGEST} right, {LIKELY} wrong")
    assert list_wrong(app) == [beginning(key) for key in only_right(LONGEST, LIKELY)]


def test_other_runs_bring_their_own_questions(use: Use) -> None:
    use("demonstration")
    app = compare(LONGEST, LIKELY, topic="Questions", pair=f"{LONGEST} right, {LIKELY} wrong")
    app.multiselect[0].set_value([run_of(LONGEST), run_of("baseline:majority")]).run()
    assert not app.exception
    assert app.selectbox(key="pair").value == f"baseline:majority right, {LONGEST} wrong"


def test_a_click_on_such_a_question_opens_the_wrong_ones_case(use: Use) -> None:
    use("demonstration")
    app = compare(LONGEST, LIKELY, topic="Questions")
    app = click_cell(app, "questions", 1, "question")
    assert app.title[0].value.startswith("Demonstration · ")
    assert app.query_params["question"] == f"sample/{only_right(LIKELY, LONGEST)[1]}"
    assert app.query_params["run"] == run_of(LONGEST)


def test_questions_can_be_kept_to_a_task(use: Use) -> None:
    use("real")
    app = open_page("compare", topic="Questions", right_on="Anatomy")
    assert app.caption[-1].value.startswith("7 questions.")
    assert len(table(app)) == 7


def test_shared_mistakes_are_those_of_the_chosen_or_of_the_best(use: Use) -> None:
    use("real")
    app = open_page("compare", topic="Mistakes")
    (row,) = table(app).to_dict("records")
    picks = {model: sheet_of(model) for model in ("o3-mini", "gpt-4o")}
    gold = "".join(ask("keys", task="average")["gold"])
    wrong = [
        (one, two)
        for one, two, key in zip(*picks.values(), gold, strict=True)
        if key not in (one, two) and not {one, two} & {" ", "-"}
    ]
    assert (row["both_wrong"], row["same"]) == (len(wrong), sum(one == two for one, two in wrong))
    app = open_page(
        "compare", topic="Mistakes", group="The best 20 of the lane", wrong_on="Anatomy"
    )
    assert not app.exception
    assert app.text[1].value.startswith("No two of these models are wrong together on 30")


def sheet_of(model: str) -> str:
    sheets = ask("run_sheets", run_ids=(run_of(model),)).sort("task")
    return "".join(sheets["picks"])


def test_settings_show_what_differs(use: Use) -> None:
    use("demonstration")
    rows = table(compare(LIKELY, "essayist", topic="Settings"))
    found = {row["setting"]: list(row)[1:] for _, row in rows.iterrows()}
    assert found["Lane"] == ["loglikelihood-0shot", "other-essays"]
    assert "Demonstration · questions" not in found  # the same in both


def test_two_runs_of_one_model_are_told_apart_by_their_names(use: Use) -> None:
    use("demonstration")
    runs = ask("runs").filter(pl.col("model") == "baseline:majority")["run_id"].to_list()
    app = open_page("compare", **addresses.compare(runs))  # type: ignore[arg-type]
    assert app.text[0].value == (
        "On Demonstration the data cannot tell "
        + " and ".join(f"baseline:majority · {run_id}" for run_id in runs)
        + " apart."
    )
