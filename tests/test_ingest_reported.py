"""Published scores: each in a lane of its source, refused where it is no score."""

from contextlib import suppress
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from evaluator.tasks import NINE
from ingest import cli, loading, reported
from ingest.errors import UnreadableFile
from tests.conftest import ask
from tests.slow_cases import slow
from warehouse import locating
from warehouse.errors import AuditFailed

HEADER = "model,task,accuracy,protocol,origin,suspect,note,source_url"
GOOD = "org/m-7B,medmcqa,0.5,loglikelihood 0-shot,leaderboard result file,false,,https://a.org/1"
LANES = {  # how the default file says a model was asked, and the lane of its scores
    "loglikelihood 0-shot": "reported-loglikelihood-0shot",
    "paper-reported 0-shot": "reported-paper-0shot",
    "paper-reported 5-shot": "reported-paper-5shot",
    "paper-reported best of several": "reported-paper-best-of-several",
    "paper-reported ensemble refinement": "reported-paper-ensemble-refinement",
}
SIZES = {
    "mistralai/Mistral-7B-v0.1": 7_000_000_000,
    "BioMistral/BioMistral-7B-BnB.8": 7_000_000_000,
    "Writer/palmyra-med-20b": 20_000_000_000,
    "google/gemma-1.1-7b-it": 7_000_000_000,
    "aaditya/OpenBioLLM-Llama3-70B": 70_000_000_000,
    "Qwen/Qwen3-0.6B": 600_000_000,
    "allenai/OLMo-8.2B": 8_200_000_000,
    "bigscience/bloom-4.1b": 4_100_000_000,
    "mistralai/Mixtral-8x7B": None,
    "openai-community/gpt2": None,
    "GPT-4 (5-shot)": None,
    "Med-PaLM 2 (ER)": None,
    "Llama 70 B": 70_000_000_000,
    "org/7Beta": None,
    "org/x7B": None,
    "Jayant9928/orpo_med_4": None,
}


def write(path: Path, *rows: str, header: str = HEADER) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def load(path: Path) -> bool:
    """Run `python -m ingest reported`; returns whether it published anything."""
    before = locating.find_store().all()
    CliRunner().invoke(cli.main, ["reported", str(path)], catch_exceptions=False)
    return locating.find_store().all() != before


def rebuild() -> None:
    with loading.open_draft("again", rebuild=True):
        pass


def entries() -> pl.DataFrame:
    return ask("leaderboard_rows").filter(origin="published")


def quarantined() -> list[tuple[object, ...]]:
    return ask("quarantine").rows()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "elsewhere" / "scores.csv"


def test_the_default_file_holds_322_scores_in_37_entries() -> None:
    rows = reported.read_rows(reported.DEFAULT_FILE)
    assert {row["protocol"] for _, row in rows} == set(LANES)
    kept = reported.keep_file(reported.DEFAULT_FILE)
    with loading.open_draft("test") as draft:
        assert reported.load_reported(draft, kept) == 322
    found = entries()
    assert (found.height, found["entry"].n_unique(), quarantined()) == (37, 37, [])
    assert sum(found[task].count() for task in NINE) == 322
    assert {
        row["lane"]: row["len"] for row in found["lane"].value_counts(name="len").to_dicts()
    } == {
        "reported-loglikelihood-0shot": 29,
        "reported-paper-0shot": 2,
        "reported-paper-5shot": 4,
        "reported-paper-best-of-several": 1,
        "reported-paper-ensemble-refinement": 1,
    }


def test_doubtful_scores_say_why() -> None:
    load(reported.DEFAULT_FILE)
    why = "values are not multiples of 1/n and standard errors match other files"
    assert sorted(entries().filter("suspect").select("model", "note").rows()) == [
        ("aaditya/OpenBioLLM-Llama3-70B", why),
        ("aaditya/OpenBioLLM-Llama3-8B", why),
    ]


def test_only_scores_of_counted_questions_have_an_interval() -> None:
    load(reported.DEFAULT_FILE)
    found = entries()
    lows = [f"{task}_low" for task in NINE]
    paper = found.filter(pl.col("lane").str.starts_with("reported-paper"))
    assert paper.height == 8
    for column in (*lows, "average_low", "average_high", "weighted_average"):
        assert paper[column].null_count() == 8, column
    assert paper["average"].null_count() == 0
    doubtful = found.filter("suspect")
    assert [doubtful[column].null_count() for column in ("average_low", "answered")] == [2, 2]
    counted = found.filter(~pl.col("suspect"), lane="reported-loglikelihood-0shot")
    for task in NINE:
        assert counted[task].is_null().equals(counted[f"{task}_low"].is_null()), task
    complete = counted.filter(pl.col("tasks_complete") == 9)
    assert complete["average_low"].null_count() == 0


@pytest.mark.parametrize("query", ["leaderboard", "leaderboard_rows"])
def test_the_best_stands_first_in_its_lane_and_the_partial_last(query: str) -> None:
    load(reported.DEFAULT_FILE)
    columns = ("lane", "average", "model", "entry")
    found = ask(query).select(columns)
    descending, nulls_last = [False, True, False, False], [False, True, False, False]
    assert found.equals(found.sort(columns, descending=descending, nulls_last=nulls_last))
    assert 0 < found["average"].null_count() < found.height


@pytest.mark.parametrize(("protocol", "lane"), LANES.items())
def test_a_lane_is_named_for_its_protocol(protocol: str, lane: str) -> None:
    assert reported.name_lane(protocol) == lane


@pytest.mark.parametrize(("name", "size"), SIZES.items())
def test_a_size_is_read_from_a_name(name: str, size: int | None) -> None:
    assert reported.read_size(name) == size


def test_a_score_is_loaded_as_published(file: Path) -> None:
    load(write(file, GOOD, "GPT-4,medmcqa,0.7,paper-reported 5-shot,a paper,TRUE,why,http://b.org"))
    columns = ["lane", "model", "type", "parameters", "suspect", "note", "source_url", "medmcqa"]
    assert entries().select(columns).rows() == [
        (
            "reported-loglikelihood-0shot",
            "org/m-7B",
            "open weights",
            7_000_000_000,
            False,
            None,
            "https://a.org/1",
            0.5,
        ),
        ("reported-paper-5shot", "GPT-4", "unknown", None, True, "why", "http://b.org", 0.7),
    ]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("medmcqa", "mmlu", "no task is named mmlu"),
        ("0.5", "1.2", "the accuracy 1.2 is not between 0 and 1"),
        ("0.5", "half", "the accuracy 'half' is no number"),
        ("https://a.org/1", "javascript:alert(1)", "the source is no web address"),
        (",https://a.org/1", "", "the row has more or fewer cells than the header"),
        *slow(
            [
                ("medmcqa", "", "no task is named "),
                ("0.5", "-0.1", "the accuracy -0.1 is not between 0 and 1"),
                ("0.5", "inf", "the accuracy inf is not between 0 and 1"),
                ("0.5", "", "the accuracy '' is no number"),
                ("https://a.org/1", "", "the source is no web address"),
                ("0.5", "nan", "the accuracy nan is not between 0 and 1"),
            ]
        ),
    ],
)
def test_a_row_that_is_no_score_is_kept_with_its_reason(
    file: Path, old: str, new: str, reason: str
) -> None:
    bad = GOOD.replace(old, new)
    load(write(file, bad, GOOD))
    assert entries()["medmcqa"].to_list() == [0.5]
    ((source, name, line, why, content),) = quarantined()
    assert (source, name, line, why) == ("reported/scores.csv", "scores.csv", 2, reason)
    assert str(content).startswith(bad)
    assert not load(file)


def test_a_row_cut_short_is_refused_whatever_comes_last(file: Path) -> None:
    names = HEADER.split(",")
    turned = [",".join(reversed(row.split(","))) for row in (HEADER, GOOD)]
    assert names[0] == "model"
    load(
        write(
            file, "https://a.org/1,,false,a paper,0-shot,0.5,medmcqa", turned[1], header=turned[0]
        )
    )
    assert entries()["medmcqa"].to_list() == [0.5]
    assert [row[:3] for row in quarantined()] == [("reported/scores.csv", "scores.csv", 2)]


def test_a_file_cut_short_in_the_middle_of_a_row_still_loads(file: Path) -> None:
    header = "source_url,task,accuracy,model,origin,suspect,note,protocol"
    good = "https://a.org/1,medmcqa,0.5,m,a paper,false,,0-shot"
    load(write(file, good, "https://a.org/2,medmcqa,0.5,m", header=header))
    assert entries()["medmcqa"].to_list() == [0.5]
    assert [row[:3] for row in quarantined()] == [("reported/scores.csv", "scores.csv", 3)]


def test_a_file_loaded_again_changes_nothing(file: Path) -> None:
    assert load(write(file, GOOD))
    assert not load(file)
    assert len(locating.find_store().all()) == 1


def test_a_replaced_file_replaces_its_rows_and_no_others(file: Path) -> None:
    load(write(file, GOOD, GOOD.replace("0.5", "2")))
    load(write(file.with_name("others.csv"), GOOD.replace("m-7B", "other")))
    assert load(write(file, GOOD.replace("0.5", "0.6")))
    assert sorted(entries().select("model", "medmcqa").rows()) == [
        ("org/m-7B", 0.6),
        ("org/other", 0.5),
    ]
    assert quarantined() == []


@pytest.mark.parametrize("rows", [(), (GOOD.replace("0.5", "2"),)])
def test_a_file_replaced_by_one_without_scores_is_as_a_rebuild_has_it(
    file: Path, rows: tuple[str]
) -> None:
    load(write(file, GOOD))
    load(write(file, *rows))
    before = entries()
    rebuild()
    assert entries().equals(before, null_equal=True)


def test_a_rebuild_keeps_what_was_loaded_whatever_the_files_ending(file: Path) -> None:
    load(write(file, GOOD))
    with suppress(UnreadableFile):  # to refuse it would do as well
        load(write(file.with_name("scores.txt"), GOOD.replace("m-7B", "other")))
    before = entries()
    rebuild()
    assert entries().equals(before, null_equal=True)


def test_a_file_that_breaks_a_rule_does_not_spoil_what_comes_after(file: Path) -> None:
    load(write(file.with_name("good.csv"), GOOD))
    twice = GOOD.replace("org/1", "org/2")
    with suppress(AuditFailed):
        load(write(file, twice, twice))
    rebuild()
    assert "https://a.org/1" in entries()["source_url"].to_list()


def test_a_file_saved_by_a_spreadsheet_is_read(file: Path) -> None:
    write(file, GOOD)
    file.write_bytes(("\ufeff" + file.read_text().replace("\n", "\r\n")).encode())
    load(file)
    assert entries()["medmcqa"].to_list() == [0.5]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "has no column accuracy, model, note, origin, protocol, source_url, suspect, task"),
        (b"model,task\n", "has no column accuracy, note, origin, protocol, source_url, suspect"),
        (HEADER.encode() + b"\n\xff\n", "is not a readable CSV file"),
        (HEADER.encode() + b'\n"' + b"x" * 200_000, "is not a readable CSV file"),
    ],
)
def test_a_file_that_is_no_such_table_is_not_kept(
    file: Path, data_folder: Path, content: bytes, message: str
) -> None:
    write(file)
    file.write_bytes(content)
    with pytest.raises(UnreadableFile, match=message):
        load(file)
    assert not (data_folder / "reported").exists()
