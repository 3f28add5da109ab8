"""The page of one model, over the warehouses of `test_pages`."""

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import addresses, model_parts, models, receipts, wording
from evaluator import records, tables
from tests import test_pages
from tests.conftest import ask
from tests.demonstration import LIKELY, SAMPLES
from tests.test_pages import Use, beginning, click_cell, open_page, run_of, table, wrong_ids
from tests.test_scores import wilson
from warehouse import settings

folders, use = test_pages.folders, test_pages.use  # fixtures
PARTS = (
    "Scores",
    "Strengths and weaknesses",
    "Calibration",
    "Surest mistakes",
    "Runs",
    "Receipt",
)


def open_model(name: str, part: str = "Scores", run_id: str = "", **more: str) -> AppTest:
    return open_page("model", **addresses.model(name, run_id), part=part, **more)


def texts(app: AppTest) -> list[str]:
    return [text.value for text in app.text]


def old_run() -> str:
    """The majority baseline's run that another replaces."""
    runs = ask("runs")
    return str(runs.filter(~runs["current"])["run_id"][0])


def test_a_model_address_is_read_as_it_was_written() -> None:
    assert addresses.read_model(addresses.model("a/b c", "r")) == ("a/b c", "r")
    assert addresses.model("a") == {"model": "a"}
    assert addresses.read_model({}) == ("", "")


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("model", [LIKELY, "essayist", "baseline:majority"])
def test_every_part_opens_for_every_kind_of_model(part: str, model: str, use: Use) -> None:
    use("demonstration")
    app = open_model(model, part)
    assert not app.exception
    assert app.selectbox(key="chosen_model").value == model
    assert app.segmented_control(key="part").value == part


def test_published_scores_alone_have_no_model_page(use: Use) -> None:
    use("published")
    assert open_page("model").info[0].value.startswith("No run is in the warehouse yet.")


def test_the_scores_are_those_of_the_run_with_interval_and_rank(use: Use) -> None:
    use("demonstration")
    app = open_model(LIKELY)
    (row,) = table(app).to_dict("records")
    right = 92 - len(wrong_ids(LIKELY))
    low, high = (100 * end for end in wilson(right, 92))
    rank = ask("rank_intervals", lane="loglikelihood-0shot", task="sample")
    (place,) = rank.filter(rank["run_id"] == run_of(LIKELY)).to_dicts()
    assert row["accuracy"] == pytest.approx(100 * right / 92)
    assert row["interval"] == f"{low:.1f} to {high:.1f}"
    assert row["rank"] == models.rank_text(place | {"ranked": 3})
    assert row["tier"] == place["tier"]
    assert {metric.label: metric.value for metric in app.metric} == {
        "Questions answered": "92",
        "Unreadable answers": "0.0%",
    }


def test_a_partial_run_is_marked_and_has_no_average(use: Use) -> None:
    use("real")
    app = open_model("gpt-4o")
    assert "MedMCQA *" in list(table(app)["task"])
    assert any(
        caption.value.startswith("Partial: MedMCQA 2,816 of 4,183") for caption in app.caption
    )
    assert "Average, per cent" not in [metric.label for metric in app.metric]


def test_a_run_that_is_replaced_says_why(use: Use) -> None:
    use("demonstration")
    app = open_model("baseline:majority", "Runs", old_run())
    assert [info.value for info in app.info] == [
        "This run is replaced: a later run answered as much. The part Runs lists all of them."
    ]
    assert list(table(app)["standing"]) == ["current", "replaced: a later run answered as much"]


def test_a_click_on_a_run_opens_it(use: Use) -> None:
    use("demonstration")
    app = open_model("baseline:majority", "Runs")
    shown = app.selectbox(key="chosen_run").value
    assert shown == run_of("baseline:majority")
    app = click_cell(app, f"runs {shown}", 1, "lane")
    assert app.selectbox(key="chosen_run").value == old_run()
    assert app.query_params == addresses.model("baseline:majority", old_run()) | {"part": "Runs"}


def test_a_click_on_the_run_that_is_shown_changes_nothing(use: Use) -> None:
    use("demonstration")
    app = open_model("baseline:majority", "Runs")
    app = click_cell(app, f"runs {run_of('baseline:majority')}", 0, "lane")
    assert app.selectbox(key="chosen_run").value == run_of("baseline:majority")


def test_another_model_opens_with_a_run_of_its_own(use: Use) -> None:
    use("demonstration")
    app = open_model("baseline:majority", "Runs", old_run())
    app.selectbox(key="chosen_model").set_value("essayist").run()
    assert not app.exception
    assert app.query_params["model"] == "essayist"
    assert "run" not in app.query_params
    assert app.selectbox(key="chosen_run").value == run_of("essayist")


def test_a_run_alone_names_its_model(use: Use) -> None:
    use("demonstration")
    app = open_page("model", run=run_of(LIKELY))
    assert app.selectbox(key="chosen_model").value == LIKELY
    assert not app.warning


@pytest.mark.parametrize(
    "address",
    [
        {"model": "nobody"},
        {"model": LIKELY, "run": "../.."},
        {"model": LIKELY, "part": "None"},
        {"model": LIKELY, "part": "Receipt", "nth": "-5", "prompt_of": "x"},
        {"model": LIKELY, "part": "Receipt", "nth": "four"},
        {"model": LIKELY, "part": "Calibration", "on": "<b>"},
        {"model": LIKELY, "part": "Strengths and weaknesses", "compare": "%%%"},
    ],
)
def test_a_bad_address_shows_a_model_all_the_same(address: dict[str, str], use: Use) -> None:
    use("demonstration")
    app = open_page("model", **address)
    assert not app.exception
    assert app.title[0].value == "Model"
    assert bool(app.warning) == (address["model"] == "nobody")


def test_a_model_with_a_field_is_compared_with_it(use: Use) -> None:
    use("real")
    app = open_model("o3-mini", "Strengths and weaknesses")
    rows = table(app)
    assert set(rows["subject"]) == {
        "Anatomy",
        "Clinical knowledge",
        "College biology",
        "College medicine",
        "Medical genetics",
        "Professional medicine",
    }
    of_field = ask("field", run_id=run_of("gpt-4o"))
    (other,) = of_field.filter(of_field["slice_value"] == "Anatomy").to_dicts()
    ours = rows[rows["subject"] == "Anatomy"].iloc[0]
    assert ours["field_median"] == pytest.approx(other["accuracy"] * 100)
    assert app.subheader[0].value.startswith(("Of 6 subjects", "None of 6 subjects"))


def test_a_model_without_a_field_says_so(use: Use) -> None:
    use("demonstration")
    app = open_model(LIKELY, "Strengths and weaknesses")
    assert app.info[0].value.startswith("There is nothing to compare with")


def test_calibration_is_shown_by_task_and_subject(use: Use) -> None:
    use("demonstration")
    app = open_model(LIKELY, "Calibration")
    scores = ask("model_scores", run_id=run_of(LIKELY))
    assert list(table(app)["task"])[:2] == [
        "Demonstration", "Demonstration: Allergy and immunology"
    ]  # fmt: skip
    assert table(app)["calibration_error"][0] == pytest.approx(scores["calibration_error"][0] * 100)
    assert any("% sure and " in text.value for text in app.markdown)


def test_a_model_without_probabilities_has_no_calibration(use: Use) -> None:
    use("demonstration")
    app = open_model("essayist", "Calibration")
    assert [info.value for info in app.info] == [model_parts.NO_CONFIDENCE]
    app = open_model("essayist", "Surest mistakes")
    assert app.info[0].value == f"{model_parts.NO_CONFIDENCE} These are its first wrong answers."


def test_the_surest_mistakes_open_their_cases_and_lead_to_all(use: Use) -> None:
    use("demonstration")
    app = open_model(LIKELY, "Surest mistakes")
    rows = table(app)
    sure = list(rows["confidence"])
    assert (len(sure), sure) == (10, sorted(sure, reverse=True))
    link = app.page_link[-1]
    assert link.proto.label == f"All {len(wrong_ids(LIKELY))} wrong answers"
    assert link.proto.query_string == f"run={run_of(LIKELY)}&sort=Surest+first"
    question = rows["question"][2]
    app = click_cell(app, f"mistakes {run_of(LIKELY)}", 2, "question")
    _, sample_id = app.query_params["question"].split("/")
    assert beginning(sample_id) == question
    assert app.query_params["list"] == "by=confidence"


def test_the_receipt_has_the_command_the_hashes_and_the_versions(use: Use) -> None:
    use("demonstration")
    app = open_model("baseline:majority", "Receipt")
    run = records.read_run(settings.runs_folder() / run_of("baseline:majority"))
    (asked,) = run.plan.tasks
    assert app.code[0].value == run.command
    assert table(app)["Hash of prompts"][0] == asked.prompts_hash
    assert table(app)["Data revision"][0] == asked.revision
    facts = dict(app.dataframe[1].value.to_numpy())
    assert facts["Version of python"] == run.versions["python"]
    assert facts["Run"] == run.run_id


def test_the_receipt_has_the_exact_prompt_of_any_question(use: Use) -> None:
    use("demonstration")
    app = open_model(LIKELY, "Receipt", nth="4")
    rows = tables.read_predictions(settings.runs_folder() / run_of(LIKELY), "sample")
    assert app.code[1].value == rows["prompt"][3]
    assert SAMPLES["sample-004"].question in app.code[1].value
    assert app.page_link[-1].proto.query_string.startswith("question=sample%2Fsample-004&")
    app.number_input(key="nth").set_value(5).run()
    assert app.code[1].value == rows["prompt"][4]


def test_a_prompt_that_nobody_kept_is_said_to_be_missing(use: Use) -> None:
    use("demonstration")
    app = open_model("essayist", "Receipt")
    assert [info.value for info in app.info] == [receipts.no_prompt(folder=True)]


def test_every_page_of_a_model_says_how_it_was_asked(use: Use) -> None:
    use("demonstration")
    assert f"Lane other-essays. {wording.LANES['other-']}" in texts(open_model("essayist"))
