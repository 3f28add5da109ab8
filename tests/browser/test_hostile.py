"""Questions, models and answers that try to be more than text."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlencode

import polars as pl
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from dashboard import case_data, case_report
from dashboard import data as snapshot
from dashboard.case_report import Written
from evaluator.samples import Sample
from ingest import frames, ledger_copy, loading, reported
from ingest import runs as ingest_runs
from ingest.reported import NAME_LENGTH
from ingest.samples import CONTRAINDICATED, kept_file
from tests.browser.conftest import OpenPage, cell, serve, settled
from tests.demonstration import SAMPLES, TASK, import_answers, make_data
from tests.small_warehouse import DISPUTE, FORBIDDEN, JUDGED, REVIEW, RULED
from warehouse import drafts, settings

pytestmark = pytest.mark.browser
LONG = "pneumono" * 625
OLD = str(DISPUTE["reference"])
HOSTILE = (
    "<script>window.hacked=1</script>",
    "<img src=x onerror=window.hacked=1>",
    "![x](http://127.0.0.1:1/leak.png)",
    "[click](javascript:window.hacked=1)",
    "$\\frac{1}{2}$ and :red-badge[x]",
    ":material/key: **bold** `code` # no heading",
    LONG,
    "\u202egnp.exe \u2066reversed",
    "\U0001f9ea emoji \U0001f469\u200d\u2695\ufe0f",
    "bell \x07, escape \x1b[31m, null \x00, \ufffe",
    '=HYPERLINK("http://127.0.0.1:1","x")',
    "http://127.0.0.1:1/plain www.example.org a@example.org",
)
QUICK, SELDOM = range(0, len(HOSTILE), 3), [n for n in range(len(HOSTILE)) if n % 3]
"""Whose cases are opened with every change, and in `make stress`; lists have all of them."""
SHOWN = [text for text in HOSTILE if "\0" not in text]
"""What reaches the screen to the last character; of the other the browser replaces some."""
MODEL = '"q" <img src=x onerror=window.hacked=1> ![x](http://127.0.0.1:1/m.png) $x$ :red[y]'


def make_hostile() -> None:
    """All that is written by others, from the files that ingest reads."""
    kept = kept_file(TASK)
    kept.parent.mkdir(parents=True)
    samples = [hostile_sample(number, key) for number, key in enumerate(SAMPLES)]
    pl.DataFrame(
        [sample.model_dump() for sample in samples], infer_schema_length=None
    ).write_parquet(kept)
    answers = {key: f"{HOSTILE[number % len(HOSTILE)]}\nB" for number, key in enumerate(SAMPLES)}
    import_answers(MODEL, "other-hostile", answers)
    import_answers(LONG[:NAME_LENGTH], "other-hostile", dict(list(answers.items())[:50]))
    scores = settings.data_folder() / "hostile.csv"
    pl.DataFrame([published(text) for text in (*HOSTILE[:9], MODEL)]).write_csv(scores)
    with loading.open_draft("test") as draft:
        ingest_runs.load_runs(draft, ingest_runs.find_folders([]), None)
        reported.load_reported(draft, reported.keep_file(scores))
        load_hostile_words(draft)


def load_hostile_words(draft: drafts.Draft) -> None:
    """What rules found and reviewers wrote of the first answers; words of each are flagged."""
    run_id = next(name for name in draft.ask("run_numbers")["run_id"] if "onerror" in name)
    passages, forbidden, judged, reviews, disputes = [], [], [], [], []
    for number, (key, text) in enumerate(zip(SAMPLES, HOSTILE, strict=False)):
        place = {"task": "sample", "sample_id": key}
        answer = place | {"run_id": run_id, "repeat": 0}
        where = {"words": text, "start": number, "end_": len(text) - 2}
        passages.append(answer | where | {"flag": "contradiction", "kind": "other"})
        forbidden.append(place | FORBIDDEN | {"letter": "B", "context_words": [text], "why": text})
        judged.append(answer | JUDGED[0] | answer | {"case_number": number, "prediction": "B"})
        reviews.append(REVIEW | answer | {"case_number": number, "comment": text})
        said = {"number": number, "version": number + 1, "reason": text, "why": text}
        disputes.append(DISPUTE | RULED | place | {"gold": "A"} | said)
    tables = ledger_copy.TABLES
    draft.load("prediction_flags", pl.DataFrame(passages, schema=frames.FLAGS))
    draft.load("contraindicated_choices", pl.DataFrame(forbidden, schema=CONTRAINDICATED))
    for name, rows in (
        ("judged_cases", judged),
        ("case_reviews", reviews),
        ("key_disputes", disputes),
    ):
        draft.load(name, pl.DataFrame(rows, schema=tables[name].schema))


def hostile_sample(number: int, sample_id: str) -> Sample:
    text = HOSTILE[number % len(HOSTILE)]
    return Sample(
        sample_id=sample_id,
        question=f"{number} {text}",
        context=f"context {text}",
        choices=tuple(f"{letter} {text}" for letter in "wxyz"),
        gold="A",
        subject=text,
        topic=text,
        explanation=f"explanation {text}",
        reference=f"reference {text}",
        safety_tags=("children", ":red[tag]"),
    )


def published(text: str) -> dict[str, str]:
    return {
        "model": text[:NAME_LENGTH],
        "task": "medqa_4options",
        "accuracy": "0.5",
        "protocol": "loglikelihood 0-shot",
        "origin": "leaderboard result file",
        "suspect": "true",
        "note": "<b onclick=1>doubt</b>",
        "source_url": "http://127.0.0.1:1/'\"><script>window.hacked=1</script>",
    }


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_data(tmp_path_factory.mktemp("hostile"), make_hostile)


@pytest.fixture(scope="module")
def server(data: Path) -> Iterator[str]:
    with serve(data) as address:
        yield address


@pytest.fixture(scope="module")
def run_id(data: Path) -> str:
    """The run of `MODEL`, whose name is made safe for a folder."""
    return next(folder.name for folder in (data / "runs").iterdir() if "onerror" in folder.name)


def is_intact(page: Page) -> None:
    """Nothing ran, nothing was drawn but the page's own, and the page has its width."""
    settled(page)
    assert page.evaluate("window.hacked") is None
    main = page.get_by_test_id("stMain")
    expect(page.get_by_test_id("stException")).to_have_count(0)
    for element in ("img", "script", "a[href^=javascript]", "a[href*='//127.0.0.1']", ".katex"):
        expect(main.locator(element)).to_have_count(0)
    assert main.evaluate("box => box.scrollWidth <= box.clientWidth")


@pytest.mark.parametrize("places", [QUICK, pytest.param(SELDOM, marks=pytest.mark.slow)])
def test_a_case_shows_hostile_text_as_text(
    places: Sequence[int], open_page: OpenPage, server: str, run_id: str, data: Path
) -> None:
    page = open_page(server)
    other = next(folder.name for folder in (data / "runs").iterdir() if folder.name != run_id)
    for text, sample_id in (list(zip(HOSTILE, SAMPLES, strict=False))[at] for at in places):
        page.goto(f"{server}/case?question=sample/{sample_id}&run={run_id}&beside={other}")
        expect(page.get_by_role("heading", name=f" · {sample_id}", level=1)).to_be_visible()
        expect(page.get_by_role("heading", name="What each model picked")).to_be_visible()
        is_intact(page)
        read = page.locator(".reading").all_text_contents()
        blocks = page.get_by_test_id("stText").all_text_contents()
        expect(page.locator(".reading mark.flag")).to_have_count(1)
        if text in SHOWN:
            assert {f"context {text}", f"explanation {text}"} <= set(read)
            assert read.count(f"{text}\nB") == 2, "of either model"
            expected = [f"A.  w {text}", f"D.  z {text}", f"reference {text}", f"{text} · {text}"]
            assert {*expected, text, f"{text}\nReference: {OLD}\nRuling: {text}"} <= set(blocks)
        else:
            assert any(block.startswith("explanation bell") for block in read)


def test_the_report_of_a_hostile_case_is_text(
    profile: BrowserContext, data: Path, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the policy, so that nothing but the escaping keeps it harmless."""
    monkeypatch.setenv("LEADERBOARD_DATA", str(data))
    page = profile.new_page()
    for text, sample_id in zip(HOSTILE, SAMPLES, strict=False):
        question = case_data.question("sample", sample_id) or {}
        case = case_data.case(question, run_id, "")
        origin = case_report.Origin(f"http://127.0.0.1:1/{text}", 1, snapshot.published_at())
        report = case_report.make_report(case, [Written(f"{text}\nB", [text])], origin)
        page.set_content(report.replace("Content-Security-Policy", ""))
        assert page.evaluate("window.hacked") is None
        expect(page.locator("img, script, a, b, body code, iframe")).to_have_count(0)
        expect(page.locator("mark.flag")).to_have_count(1)
        if text in SHOWN:
            expect(page.locator("blockquote")).to_contain_text(text[:200])
    page.close()


def test_the_list_of_errors_shows_hostile_text_as_text(
    open_page: OpenPage, server: str, run_id: str
) -> None:
    page = open_page(f"{server}/errors?run={run_id}")
    for row, text in enumerate(HOSTILE):
        if text in SHOWN and text != LONG:
            expect(cell(page, row, 1)).to_have_text(f"{row} {text}")
    is_intact(page)
    expect(page.get_by_test_id("stMultiSelect")).to_contain_text(MODEL)
    page.get_by_label("Models", exact=True).click()
    expect(page.get_by_role("option")).to_have_count(1)
    is_intact(page)
    page.keyboard.press("Escape")
    page.get_by_label("Subject", exact=True).click()
    page.get_by_role("option", name=HOSTILE[1], exact=True).click()
    expect(cell(page, 0, 1)).to_have_text(f"1 {HOSTILE[1]}")
    is_intact(page)


@pytest.mark.parametrize("part", ["Scores", "Surest mistakes", "Runs", "Receipt"])
def test_the_page_of_a_hostile_model_is_intact(
    part: str, open_page: OpenPage, server: str, run_id: str
) -> None:
    address = urlencode({"model": MODEL, "run": run_id, "part": part})
    page = open_page(f"{server}/model?{address}", viewport={"width": 390, "height": 844})
    expect(page.get_by_label("Model", exact=True)).to_have_value(MODEL)
    expect(page.get_by_role("radio", name=part)).to_be_checked()
    expect(cell(page, 0, 0)).to_be_attached()
    is_intact(page)


@pytest.mark.parametrize("view", ["", "?view=Demonstration+questions", "?score=MedQA"])
def test_the_leaderboard_shows_hostile_names_as_text(
    view: str, open_page: OpenPage, server: str
) -> None:
    page = open_page(f"{server}/{view}")
    expect(cell(page, 0, 1)).to_be_attached()
    names = {cell(page, row, 1).inner_text() for row in range(2)}
    assert names <= {*HOSTILE, LONG[:NAME_LENGTH], MODEL}
    is_intact(page)


def test_the_chart_shows_hostile_names_as_text(open_page: OpenPage, server: str) -> None:
    page = open_page(f"{server}/?score=MedQA&show=Chart+with+intervals")
    chart = page.get_by_test_id("stPlotlyChart")
    expect(chart.locator(".ytick").first).to_be_attached()
    ticks = chart.locator(".ytick").all_text_contents()
    assert any(tick.startswith(MODEL[:40]) for tick in ticks)  # the rest may be cut
    expect(chart.locator("a, image, .ytick b")).to_have_count(0)
    is_intact(page)


def test_the_charts_show_hostile_names_as_text(open_page: OpenPage, server: str) -> None:
    page = open_page(f"{server}/charts?view=Demonstration+questions")
    for chart in ("Size", "Time", "Scores", "Markings", "Questions", "Subjects"):
        page.get_by_role("radio", name=chart, exact=True).click()
        expect(page.get_by_role("radio", name=chart, exact=True)).to_be_checked()
        is_intact(page)


@pytest.mark.parametrize("topic", ["Scores", "Questions", "Mistakes", "Settings"])
def test_a_comparison_shows_hostile_names_as_text(
    topic: str, open_page: OpenPage, server: str
) -> None:
    page = open_page(f"{server}/compare?topic={topic}")
    findings = page.get_by_test_id("stText").first
    expect(findings).to_contain_text(f" {MODEL} ")
    expect(page.get_by_role("heading", level=3)).not_to_have_count(0)
    is_intact(page)


def test_a_long_name_leaves_the_chart_its_room(open_page: OpenPage, server: str) -> None:
    page = open_page(f"{server}/?view=Demonstration+questions&show=Chart+with+intervals")
    drawn = page.get_by_test_id("stPlotlyChart").locator(".gridlayer").first
    expect(drawn).to_be_attached()
    settled(page)
    assert drawn.evaluate("grid => grid.getBoundingClientRect().width") > 300


def test_no_page_of_hostile_text_is_wider_than_a_phone(open_page: OpenPage, server: str) -> None:
    page = open_page(server, viewport={"width": 390, "height": 844})
    for path in ("/", "/errors", "/compare", f"/case?question=sample/{list(SAMPLES)[6]}"):
        page.goto(server + path)
        expect(page.locator("h1")).to_be_visible()
        is_intact(page)
