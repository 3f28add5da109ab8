"""Logs of lm-evaluation-harness: a person's real ones, and every way in which one can be broken."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from evaluator.prompts import render
from evaluator.protocols import ZERO_SHOT, parse_protocol
from evaluator.questions import load_samples
from evaluator.records import Model, read_run
from evaluator.tables import read_predictions, read_quarantine
from evaluator.tasks import DATA, find_task
from ingest import importing, loading, runs
from ingest.errors import UnreadableFile
from ingest.foreign import Found, Wanted
from ingest.lm_eval import find_task as find_ours
from ingest.lm_eval import read_folders
from tests.conftest import ask
from warehouse import locating

Row = dict[str, Any]
TASK = find_task("sample")
WANTED = Wanted(tasks={"ours": TASK})


def read(folder: Path, wanted: Wanted = WANTED, chosen: str | None = None, **given: Any) -> Found:
    (found,) = read_folders(folder, wanted, chosen, given.get("mirror"))
    return found


def import_first(folder: Path, wanted: Wanted = WANTED, chosen: str | None = None) -> Path:
    found = read(folder, wanted, chosen)
    return importing.import_run(found.runs[0], "test", None, found.refused)


def row_of(number: int, picked: str = "A", **other: Any) -> Row:
    """The line of the demonstration question at `number`, asked as we ask, new layout."""
    sample = load_samples(TASK)[number]
    request = render(TASK, sample, ZERO_SHOT)
    scores = [["-0.5" if letter == picked else "-2.0", "False"] for letter in sample.letters]
    source = (DATA / TASK.file).read_text(encoding="utf-8")
    return {
        "doc_id": number,
        "doc": json.loads(source.splitlines()[number]),
        "target": str(sample.letters.index(sample.gold)),
        "arguments": {
            f"gen_args_{place}": {"arg_0": request.prompt, "arg_1": text}
            for place, text in enumerate(request.continuations)
        },
        "resps": [[score] for score in scores],
        "filtered_resps": scores,
        "filter": "none",
        "metrics": ["acc"],
        "doc_hash": f"{number}",
        "prompt_hash": "p",
        "target_hash": "t",
        "acc": float(picked == sample.gold),
    } | other


def said(number: int, text: str, extracted: str, **other: Any) -> Row:
    """The line of a generated answer."""
    gold = load_samples(TASK)[number].gold
    return (
        row_of(number)
        | {
            "target": gold,
            "arguments": {"gen_args_0": {"arg_0": f"Say {number}", "arg_1": {"until": ["Q:"]}}},
            "resps": [[text]],
            "filtered_resps": [extracted],
            "filter": "strict-match",
            "exact_match": float(extracted == gold),
            "acc": None,
        }
        | other
    )


def write_log(folder: Path, *rows: Row | bytes, name: str = "samples_ours.jsonl") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    texts = (row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows)
    path = folder / name
    path.write_bytes(b"".join(text + b"\n" for text in texts))
    return path


def write_results(
    folder: Path, name: str = "results.json", samples: Row | None = None, **other: Any
) -> Path:
    content = {
        "results": {"ours": {"acc,none": 0.0}},
        "configs": {"ours": {}},
        "n-shot": dict.fromkeys(other.get("results", {"ours"}), 0),
        "n-samples": samples or {},
        "config": {"model_args": "pretrained=org/m,dtype=bfloat16", "model_sha": "c" * 40},
    }
    path = folder / name
    path.write_text(json.dumps(content | other))
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "logs"
    made.mkdir()
    return made


REAL = {
    ("pubmedqa", "other-lm-eval-generation-baseline-0shot-4b2f6d"): (500, 381, 3, None),
    ("pubmedqa", "other-lm-eval-generation-l1-0shot-4b2f6d"): (500, 274, 151, None),
    ("pubmedqa", "other-lm-eval-generation-l5-0shot-4b2f6d"): (500, 274, 151, None),
    ("medqa_4options", "other-lm-eval-generation-level1-0shot-e0a38c"): (1273, 787, 23, None),
    ("medqa_4options", "other-lm-eval-generation-rania-level2-0shot-e0a38c"): (
        1273,
        0,
        1273,
        "none of the 1273 answers to medqa_4options could be read",
    ),
}


def test_real_logs_come_out_as_their_harness_counted_them(test_data: Path) -> None:
    logs = test_data / "predictions" / "lm-eval-meditron3-8b"
    folders = [
        importing.import_run(run, "test", test_data / "hub", found.refused)
        for found in read_folders(logs, Wanted(), None, test_data / "hub")
        for run in found.runs
    ]
    with loading.open_draft("test", mirror=test_data / "hub") as draft:
        runs.load_runs(draft, folders, test_data / "hub")
    lanes = dict(ask("runs").select("run_id", "lane").rows())
    records = {folder.name: read_run(folder) for folder in folders}
    found = {
        (task, lanes[run_id]): (n, correct, unreadable, records[run_id].suspect)
        for task in ("pubmedqa", "medqa_4options")
        for run_id, n, correct, unreadable in ask("scores", task=task)
        .filter(slice="all")
        .select("run_id", "n", "correct", "unreadable")
        .rows()
    }
    assert found == REAL
    assert {record.plan.model for record in records.values()} == {
        Model(name="OpenMeditron/Meditron3-8B", revision="unknown", type="open weights")
    }
    entries = ask("leaderboard_rows").filter(suspect=True).select("lane", "note").rows()
    assert entries == [(lane, doubt[3]) for (_, lane), doubt in REAL.items() if doubt[3]]


def test_the_same_folder_twice_changes_nothing(folder: Path) -> None:
    write_log(folder, row_of(0), row_of(1))
    write_results(folder)
    for _ in range(2):
        with loading.open_draft("test") as draft:
            runs.load_runs(draft, [import_first(folder)], None)
    assert len(locating.find_store().all()) == 1


def test_a_log_with_our_prompts_is_in_our_lane(folder: Path) -> None:
    write_log(folder, row_of(0, "C"), row_of(1, "A"))  # golds C, D
    write_results(folder, results={"ours": {"acc,none": 0.5}})
    made = import_first(folder)
    record = read_run(made)
    assert record.plan.model == Model(name="org/m", revision="c" * 40, type="open weights")
    assert (record.plan.precision, record.plan.protocol) == ("bfloat16", ZERO_SHOT)
    assert record.suspect is None
    rows = read_predictions(made, "sample")
    assert rows.select("sample_id", "prediction", "logprobs", "source_line").rows() == [
        ("sample-001", "C", [-2.0, -2.0, -0.5, -2.0], 1),
        ("sample-002", "A", [-0.5, -2.0, -2.0, -2.0], 2),
    ]
    assert read_quarantine(made).rows() == []


def test_the_older_layout_is_read_alike(folder: Path) -> None:
    row = row_of(0, "C")
    old = row | {
        "arguments": [list(given.values()) for given in row["arguments"].values()],
        "filtered_resps": [[float(number), False] for number, _ in row["filtered_resps"]],
        "target": 2,
    }
    for name in ("filter", "metrics", "doc_hash", "prompt_hash", "target_hash"):
        del old[name]
    write_log(folder, old)
    write_results(folder, results={"ours": {"acc": 1.0}})
    run = read(folder).runs[0]
    assert (run.protocol, run.suspect) == (ZERO_SHOT, None)
    made = importing.import_run(run, "test", None)
    assert read_predictions(made, "sample")["prediction"].to_list() == ["C"]


def test_one_other_letter_in_a_prompt_is_another_lane(folder: Path) -> None:
    row = row_of(1)
    for given in row["arguments"].values():
        given["arg_0"] = given["arg_0"].replace("Question:", "Question :")
    write_log(folder, row_of(0), row)
    write_results(folder)
    assert read(folder).runs[0].protocol.slug.startswith("other-lm-eval-0shot-")
    other = parse_protocol("other-mine")
    assert read(folder, Wanted(tasks={"ours": TASK}, protocol=other)).runs[0].protocol == other


def test_the_first_filter_counts_and_another_can_be_named(folder: Path) -> None:
    strict = [said(0, "C, or B", "[invalid]"), said(1, "D", "D")]
    loose = [row | {"filter": "flexible", "filtered_resps": ["C"]} for row in strict]
    loose[0]["exact_match"], loose[1]["exact_match"] = 1.0, 0.0
    write_log(folder, *strict, *loose)
    scores = {"exact_match,strict-match": 0.5, "exact_match,flexible": 0.5}
    write_results(folder, results={"ours": scores})
    made = [import_first(folder), import_first(folder, chosen="flexible")]
    assert [read_predictions(each, "sample")["prediction"].to_list() for each in made] == [
        [None, "D"],
        ["C", "C"],
    ]
    assert [read_run(each).plan.tasks[0].reading for each in made] == [
        "filter strict-match",
        "filter flexible",
    ]
    assert [read_run(each).suspect for each in made] == [None, None]
    found = read(folder, chosen="none")
    reason = "no filter is named none; there are strict-match, flexible."
    assert found == Found((), ((folder / "samples_ours.jsonl", reason),))


@pytest.mark.parametrize(
    ("name", "task", "variant"),
    [
        ("medqa_4options", "medqa_4options", ""),
        ("medqa_4options_generation_LEVEL1", "medqa_4options", "generation-level1"),
        ("pubmedqa_generation_L1", "pubmedqa", "generation-l1"),
        ("mmlu_anatomy_generative", "mmlu_anatomy", "generative"),
        ("mmlu_flan_cot_zeroshot_college_medicine", "mmlu_college_medicine", "flan-cot-zeroshot"),
    ],
)
def test_a_logs_task_is_ours_by_its_name(name: str, task: str, variant: str) -> None:
    assert find_ours(name, Wanted()) == (find_task(task), variant)


def test_a_task_that_is_named_is_taken_as_said() -> None:
    wanted = Wanted(tasks={"my-medqa": TASK, "sample_cot": TASK})
    assert find_ours("my_medqa", wanted) == (TASK, "")
    assert find_ours("sample_cot", wanted) == (TASK, "cot")


@pytest.mark.parametrize("name", ["medqa", "mmlu_pro_anatomy", "anatomy", "mmlu", "gsm8k"])
def test_another_task_is_not_taken_for_ours(name: str) -> None:
    with pytest.raises(UnreadableFile, match=f"no task of ours is called {name}. Say --task"):
        find_ours(name, Wanted())


def test_the_result_file_is_that_of_the_same_moment(folder: Path) -> None:
    moments = ("2025-12-02T15-36-25.965604", "2025-12-03T15-36-25.965604")
    for number, moment in enumerate(moments):
        write_log(folder, row_of(0), name=f"samples_ours_{moment}.jsonl")
        write_results(folder, f"results_{moment}.json", model_name=f"org/{number}")
    assert [run.model.name for run in read(folder).runs] == ["org/0", "org/1"]


def test_result_files_are_told_apart_by_their_accuracy(folder: Path) -> None:
    write_log(folder, row_of(0, "C"), row_of(1, "A"))
    write_results(folder, "a.json", model_name="org/a", results={"ours": {"acc,none": 0.0}})
    write_results(folder, "b.json", model_name="org/b", results={"ours": {"acc,none": 0.5}})
    assert [run.model.name for run in read(folder).runs] == ["org/b"]


def test_what_fitting_result_files_disagree_on_must_be_said(folder: Path) -> None:
    path = write_log(folder, row_of(0))
    for name in ("a", "b"):
        write_results(folder, f"{name}.json", model_name=f"org/{name}")
    reason = "2 result files fit, and their model differs (['org/a', 'org/b']): a.json, b.json."
    assert read(folder).refused == ((path, reason),)
    (run,) = read(folder, Wanted(model="org/c", tasks={"ours": TASK})).runs
    assert (run.model.name, run.model.revision) == ("org/c", "c" * 40)


def test_a_result_that_the_answers_do_not_give_is_suspect(folder: Path) -> None:
    write_log(folder, row_of(0))
    write_results(folder, results={"ours": {"acc,none": 0.75}})
    assert read(folder).runs[0].suspect == (
        "the answers of samples_ours.jsonl give 0.0, but results.json says 0.75"
    )


def test_a_log_that_contradicts_itself_is_suspect(folder: Path) -> None:
    write_log(folder, row_of(0, acc=1.0), row_of(1))
    write_results(folder)
    assert read(folder).runs[0].suspect == (
        "samples_ours.jsonl scores 1 answers otherwise than its own answers and keys say"
    )


def test_other_continuations_are_another_lane(folder: Path) -> None:
    row = row_of(0)
    for given in row["arguments"].values():
        given["arg_1"] = given["arg_1"].strip()
    write_log(folder, row)
    write_results(folder)
    assert read(folder).runs[0].protocol.slug.startswith("other-lm-eval-0shot-")


def test_a_chat_is_never_our_lane(folder: Path) -> None:
    write_log(folder, row_of(0))
    write_results(folder, chat_template="{{ messages }}")
    assert read(folder).runs[0].protocol.slug.startswith("other-lm-eval-0shot-chat-")


def test_result_files_are_told_apart_by_the_prompts_that_they_counted(folder: Path) -> None:
    write_log(folder, row_of(0), row_of(1))
    ours = hashlib.sha256(b"0pt1pt").hexdigest()
    for name, counted in (("a", "0" * 64), ("b", ours)):
        hashes = {"ours": counted}
        write_results(folder, f"{name}.json", model_name=f"org/{name}", task_hashes=hashes)
    assert [run.model.name for run in read(folder).runs] == ["org/b"]


def test_a_result_file_elsewhere_is_anothers(folder: Path) -> None:
    path = write_log(folder / "a", row_of(0))
    write_log(folder / "b", row_of(0))
    write_results(folder / "b")
    first, second, third = read_folders(folder, WANTED, None, None)
    assert (first, second.runs) == (Found(()), ())
    assert [refused for refused, _ in second.refused] == [path]
    assert [run.model.name for run in third.runs] == ["org/m"]


def test_an_id_over_another_question_is_no_id(hub: Path, folder: Path) -> None:
    task = find_task("medqa_4options")
    source = hub / task.dataset / task.file
    docs = [json.loads(line) for line in source.read_text(encoding="utf-8").splitlines()[:3]]
    docs[1] |= {"ending0": docs[1]["ending1"], "ending1": docs[1]["ending0"]}  # shuffled
    docs[2] |= {"id": "renumbered"}
    rows = []
    for sample, doc in zip(load_samples(task, hub), docs, strict=False):
        row = row_of(0) | {"doc": doc, "target": "ABCD".index(sample.gold)}
        rows.append(row)
    write_log(folder, *rows, name="samples_medqa_4options.jsonl")
    (run,) = read(folder, Wanted(model="m"), mirror=hub).runs
    made = importing.import_run(run, "test", hub)
    found = read_predictions(made, task.name)["sample_id"].to_list()
    assert found == ["test-00000", "test-00002"]
    assert read_quarantine(made).select("line", "reason").rows() == [(2, "no such question: no id")]


@pytest.mark.parametrize(
    ("config", "model", "revision", "precision"),
    [
        ({"model_args": "pretrained=org/m,dtype=float16,revision=v1"}, "org/m", "v1", "float16"),
        ({"model_args": {"pretrained": "org/m", "dtype": "auto"}}, "org/m", "unknown", None),
        (
            {"model_args": "pretrained=org/m", "model_sha": "abc", "model_dtype": "torch.bfloat16"},
            "org/m",
            "abc",
            "bfloat16",
        ),
        (
            {"model_args": "pretrained=org/m,peft=org/p", "model_sha": "abc", "peft_sha": "def"},
            "org/p",
            "def",
            None,
        ),
        ({"model_args": "pretrained=org/m,peft=org/p", "model_sha": "a"}, "org/p", "unknown", None),
        ({"model_args": "model=gpt-4o,base_url=x"}, "gpt-4o", "unknown", None),
    ],
)
def test_a_result_file_says_whose_answers_they_are(
    folder: Path, config: Row, model: str, revision: str, precision: str | None
) -> None:
    write_log(folder, row_of(0))
    write_results(folder, config=config)
    (run,) = read(folder).runs
    assert (run.model.name, run.model.revision, run.precision) == (model, revision, precision)
    said_so = Wanted(model="n", revision="r", precision="float32", tasks={"ours": TASK})
    (run,) = read(folder, said_so).runs
    assert (run.model.name, run.model.revision, run.precision) == ("n", "r", "float32")


def test_logs_of_one_evaluation_are_one_run(folder: Path) -> None:
    for name in ("samples_ours.jsonl", "samples_twin.jsonl"):
        write_log(folder, row_of(0), name=name)
    results = {"ours": {"acc,none": 0.0}, "twin": {"acc,none": 0.0}}
    write_results(folder, results=results)
    renamed = TASK.model_copy(update={"name": "sample2"})
    (run,) = read(folder, Wanted(tasks={"ours": TASK, "twin": renamed})).runs
    assert [log.task.name for log in run.logs] == ["sample", "sample2"]
    assert len(read(folder, Wanted(tasks={"ours": TASK, "twin": TASK})).runs) == 2
    (folder / "results.json").unlink()
    (run,) = read(folder, Wanted(model="m", tasks={"ours": TASK, "twin": renamed})).runs
    assert [log.task.name for log in run.logs] == ["sample", "sample2"]
