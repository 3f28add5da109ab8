"""The leaderboard page: ranks with their range, filters, pins, and what a reader takes away."""

import json

import pytest

from dashboard.board_view import CHART
from tests import test_pages
from tests.conftest import ask
from tests.demonstration import LIKELY
from tests.test_pages import DEMONSTRATION, TITLES, Use, open_page, table

folders, use = test_pages.folders, test_pages.use  # the fixtures


def test_ranks_come_with_their_range_and_tiers(use: Use) -> None:
    use("demonstration")
    app = open_page("leaderboard", **DEMONSTRATION)
    ranked = ask("rank_intervals", lane="loglikelihood-0shot", task="sample")
    tiers = dict(ranked.select("model", "tier").iter_rows())
    rows = table(app)
    assert [int(tier[0]) for tier in rows["tier"]] == [tiers[model] for model in rows["model"]]
    assert rows["rank"][0].strip() == "1 (1–3)"
    assert "**None of the 3 ranked models can be told apart.**" in [
        text.value for text in app.markdown
    ]


def test_published_ranks_have_no_range_and_say_so(use: Use) -> None:
    use("published")
    app = open_page("leaderboard", score="MedQA")
    assert "tier" not in [name for name in table(app).columns if table(app)[name].notna().any()]
    assert (
        "These ranks have no range and no tiers: the answers behind the scores are not here."
        in [text.value for text in app.caption]
    )


def test_the_rows_follow_the_chosen_score(use: Use) -> None:
    use("published")
    for score, column in (("PubMedQA", "pubmedqa"), ("Average by size", "weighted_average")):
        app = open_page("leaderboard", score=score, facts="By size")
        values = table(app)[column].dropna()
        assert list(values) == sorted(values, reverse=True)


def test_ranks_among_the_rows_shown_count_anew(use: Use) -> None:
    use("published")
    app = open_page("leaderboard", find="google/")
    before = [text.strip() for text in table(app)["rank"].dropna()]
    app.segmented_control(key="among").set_value("Ranks among these").run()
    after = [text.strip() for text in table(app)["rank"].dropna()]
    assert after == [str(number) for number in range(1, len(after) + 1)] != before


def test_a_pinned_model_stays_on_top_of_a_search(use: Use) -> None:
    use("demonstration")
    app = open_page("leaderboard", **DEMONSTRATION, find="majority", pin=LIKELY)
    assert list(table(app)["model"]) == [LIKELY, "baseline:majority"]
    assert table(app)["mark"][0] == "pinned"


def test_a_case_mix_ranks_anew_and_the_address_keeps_it(use: Use) -> None:
    use("demonstration")
    asked = DEMONSTRATION | {"score": "Your case mix"}
    app = open_page("leaderboard", **asked, mix="Paediatrics")
    assert app.selectbox(key="mix_name").value == "Paediatrics"
    assert "8 questions: Demonstration: Neonatology 50%, Demonstration: Paediatrics 50%." in [
        text.value for text in app.text
    ]
    scores = [float(text.split()[0]) for text in app.dataframe[0].value["case_mix"]]
    assert scores == sorted(scores, reverse=True)
    assert {score * 8 / 100 % 1 for score in scores} == {0}  # whole numbers of eight questions
    app.selectbox(key="mix_name").set_value("Surgery").run()
    assert app.query_params["mix"] == "Surgery"
    app.selectbox(key="mix_name").set_value("My own").run()
    assert list(app.dataframe[0].value.columns) == ["kind", "n", "weight", "share"]
    assert app.query_params["mix"].startswith("sample/Ophthalmology:33.3333;")
    app = open_page("leaderboard", **asked, mix="sample/Obstetrics:3;sample/nonsense:1")
    assert app.selectbox(key="mix_name").value == "My own"
    assert "5 questions: Demonstration: Obstetrics 100%." in [text.value for text in app.text]


def test_an_unknown_mix_is_told_and_the_first_is_shown(use: Use) -> None:
    use("demonstration")
    app = open_page("leaderboard", **DEMONSTRATION, score="Your case mix", mix="nonsense:1")
    assert not app.exception
    assert [warning.value for warning in app.warning] == [
        "No kind of questions here is named by the mix in the address."
    ]
    assert app.selectbox(key="mix_name").value == "Obstetrics and gynaecology"


def test_published_scores_have_no_case_mix(use: Use) -> None:
    use("published")
    app = open_page("leaderboard")
    assert "Your case mix" not in app.selectbox(key="score").options


def test_quick_filters_and_sizes_narrow_and_are_told(use: Use) -> None:
    use("demonstration")
    app = open_page("leaderboard", **DEMONSTRATION, presets="No baselines")
    assert list(table(app)["model"]) == [LIKELY]
    app = open_page("leaderboard", **DEMONSTRATION)
    app.select_slider(key="sizes").set_range("3B", "10B").run()
    assert list(table(app)["model"]) == [LIKELY]
    app.text_input(key="find").set_value("size:large").run()
    assert app.text[0].value.startswith("“size:large” is left out: sizes are billions")


def test_a_reader_learns_why_a_model_is_not_here(use: Use) -> None:
    use("demonstration")
    app = open_page("leaderboard", **DEMONSTRATION, missing="openbiollm-llama3-8b")
    assert [text.value for text in app.text] == [
        "aaditya/OpenBioLLM-Llama3-8B was asked otherwise. It is in: "
        "reported-loglikelihood-0shot (9 of 9 tasks complete)."
    ]


@pytest.mark.parametrize("warehouse", ["published", "demonstration"])
def test_an_address_that_makes_no_sense_opens_the_page(warehouse: str, use: Use) -> None:
    use(warehouse)
    names = "view lane score find presets types sizes orgs licences precisions pin columns facts "
    names += "among missing show"
    for value in ("nonsense", "\x00", "[]", "=:-size:<9e9", "2"):
        app = open_page("leaderboard", **dict.fromkeys(names.split(), value))
        assert not app.exception
        assert app.title[0].value == TITLES["leaderboard"]


def test_the_link_and_the_citation_hold_the_view(use: Use) -> None:
    use("published")
    app = open_page("leaderboard", find="org:google size:<10", columns="MedQA")
    link, citation = (code.value for code in app.code)
    assert link.endswith("?find=org%3Agoogle+size%3A%3C10&columns=MedQA")
    assert f"url = {{{link}}}" in citation
    assert f"Snapshot {ask('snapshots')['snapshot'][0]}, published 20" in citation


def test_the_chart_has_the_rows_shown_and_the_best_baseline_of_the_lane(use: Use) -> None:
    use("demonstration")
    app = open_page("leaderboard", **DEMONSTRATION, find=LIKELY, show=CHART)
    assert not app.dataframe
    drawn = json.loads(app.get("plotly_chart")[0].proto.spec)
    assert drawn["data"][0]["y"] == [f"{LIKELY} · bfloat16"]
    rows = ask("leaderboard_rows").filter(type="baseline", lane="loglikelihood-0shot")
    names = [note["text"] for note in drawn["layout"]["annotations"]]
    assert names == ["Tier 1", f"best baseline {max(rows['sample']):.1%}"]
