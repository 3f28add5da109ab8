"""Writes runs as Every Eval Ever has them: a file on the scores, and one on every answer.

Its schemas are `eval.schema.json` and `instance_level_eval.schema.json`, 0.2.2
(github.com/evaleval/every_eval_ever). All that they want as details are strings.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from warehouse import responses
from warehouse.db import Warehouse

SCHEMA = "0.2.2"
LIBRARY = "open-medical-llm-leaderboard"
ORGANIZATION = "Open Medical-LLM Leaderboard"
Row = Mapping[str, Any]


def write_runs(warehouse: Warehouse, folder: Path) -> int:
    """Write each run of a model that is not hidden into `folder`; returns how many there are."""
    folder.mkdir(parents=True)
    scores = warehouse.ask("exported_scores")
    for (run_id,), rows in scores.group_by("run_id", maintain_order=True):
        write_run(warehouse, folder, str(run_id), rows.to_dicts())
    return int(scores["run_id"].n_unique())


def write_run(warehouse: Warehouse, folder: Path, run_id: str, scores: Sequence[Row]) -> None:
    """Write `<run id>.json` and, beside it, `<run id>_samples.jsonl`."""
    name = f"{run_id}_samples.jsonl"
    first, digest, count = scores[0], hashlib.sha256(), 0
    published = warehouse.ask("snapshots")["published_at"][0]
    evaluation = f"{LIBRARY}/{first['model']}/{run_id}"
    with (folder / name).open("wb") as file:
        for line in describe_answers(warehouse, run_id, str(first["model"]), evaluation):
            text = json.dumps(line, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
            digest.update(text)
            file.write(text)
            count += 1
    record = describe_run(scores, evaluation, epoch(published)) | {
        "detailed_evaluation_results": {
            "format": "jsonl",
            "file_path": name,
            "hash_algorithm": "sha256",
            "checksum": digest.hexdigest(),
            "total_rows": count,
        }
    }
    whole = json.dumps(record, ensure_ascii=False, indent=2)
    (folder / f"{run_id}.json").write_text(f"{whole}\n", encoding="utf-8")


def describe_run(scores: Sequence[Row], evaluation: str, retrieved: str) -> dict[str, Any]:
    """The file on a run's scores, `scores` being its rows of exported_scores."""
    run = scores[0]
    facts = ("revision", "precision", "type", "lane", "run_id")
    return {
        "schema_version": SCHEMA,
        "evaluation_id": evaluation,
        "evaluation_timestamp": epoch(run["finished_at"]),
        "retrieved_timestamp": retrieved,
        "source_metadata": {
            "source_name": ORGANIZATION,
            "source_type": "evaluation_run",
            "source_organization_name": ORGANIZATION,
            "evaluator_relationship": "third_party",
        },
        "eval_library": {
            "name": LIBRARY if run["origin"] == "evaluated" else "unknown",
            "version": "unknown",
        },
        "model_info": {
            "name": run["model"],
            "id": run["model"],
            "additional_details": {
                f"model_{name}" if name == "revision" else name: str(run[name])
                for name in facts
                if run[name] is not None
            },
        },
        "evaluation_results": [describe_score(score) for score in scores],
    }


def describe_score(score: Row) -> dict[str, Any]:
    spread = {} if score["stderr"] is None else {
        "standard_error": {"value": score["stderr"], "method": "analytic"}
    }  # fmt: skip
    return {
        "evaluation_name": score["task"],
        "source_data": describe_source(score),
        "evaluation_timestamp": epoch(score["finished_at"]),
        "metric_config": {
            "evaluation_description": f"Accuracy on {score['title']}",
            "lower_is_better": False,
            "score_type": "continuous",
            "min_score": 0,
            "max_score": 1,
        },
        "score_details": {
            "score": score["accuracy"],
            "uncertainty": spread
            | {
                "confidence_interval": {
                    "lower": score["interval_low"],
                    "upper": score["interval_high"],
                    "confidence_level": 0.95,
                    "method": "Wilson",
                },
                "num_samples": score["n"],
            },
        },
        "generation_config": {"additional_details": {"protocol": score["lane"]}},
    }


def describe_source(score: Row) -> dict[str, Any]:
    details = {"additional_details": {"revision": score["data_revision"]}}
    if "/" not in score["dataset"]:  # embedded, or somebody's own
        return {"dataset_name": score["task"], "source_type": "other"} | details
    return {
        "dataset_name": score["task"],
        "source_type": "hf_dataset",
        "hf_repo": score["dataset"],
        "hf_split": score["split"],
        "samples_number": score["n"],
    } | details


def describe_answers(
    warehouse: Warehouse, run_id: str, model: str, evaluation: str
) -> Iterator[dict[str, Any]]:
    """A line per answer, with what was asked and written where the run folder is at hand."""
    rows = warehouse.ask("instances", run_id=run_id)
    for (task,), answers in rows.group_by("task", maintain_order=True):
        written = responses.read_responses(run_id, str(task))
        for row in answers.iter_rows(named=True):
            said = written.get((row["sample_id"], row["repeat"]), {})
            yield describe_answer(row, said) | {
                "schema_version": SCHEMA,
                "evaluation_id": evaluation,
                "model_id": model,
            }


def describe_answer(row: Row, said: Row) -> dict[str, Any]:
    pick = row["prediction"]
    stated = {
        "turn_idx": 0,
        "source": "output.raw",
        "extracted_value": pick or "",
        "extraction_method": "custom",
        "is_terminal": True,
    }
    raw = "\n\n".join(filter(None, [row["context"], row["question"]]))
    thought = {} if not said.get("thinking") else {"reasoning_trace": [said["thinking"]]}
    return {
        "evaluation_name": row["task"],
        "sample_id": row["sample_id"],
        "sample_hash": row["content_hash"],
        "interaction_type": "single_turn",
        "input": {
            "raw": raw,
            "formatted": said.get("prompt"),
            "reference": [row["gold"]],
            "choices": list(row["choices"]),
        },
        "output": {"raw": [said.get("response") or pick or ""]} | thought,
        "answer_attribution": [stated] if pick else [],
        "evaluation": {"score": float(row["correct"]), "is_correct": row["correct"]},
        "metadata": {"epoch": str(row["repeat"] + 1)}
        | ({"subject": row["subject"]} if row["subject"] else {}),
    }


def epoch(when: datetime) -> str:
    """Seconds since 1970, of a time in UTC."""
    return str(int(when.replace(tzinfo=UTC).timestamp()))
