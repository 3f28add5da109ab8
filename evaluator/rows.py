"""One small function for each source: from a row of it to a sample."""

from typing import Any

from evaluator.errors import BadSample
from evaluator.samples import Sample, letter

Row = dict[str, Any]


def read_medqa(row: Row, _: str) -> Sample:
    return Sample(
        sample_id=row["id"],
        question=row["sent1"],
        choices=tuple(row[f"ending{number}"] for number in range(4)),
        gold=letter(row["label"]),
    )


def read_medmcqa(row: Row, _: str) -> Sample:
    return Sample(
        sample_id=row["id"],
        question=row["question"],
        choices=(row["opa"], row["opb"], row["opc"], row["opd"]),
        gold=letter(row["cop"]),
        subject=row["subject_name"],
        topic=row["topic_name"],
        explanation=row["exp"],
    )


def read_pubmedqa(row: Row, _: str) -> Sample:
    """PubMedQA's choices are the words themselves; the abstract's conclusion is the explanation."""
    choices = ("yes", "no", "maybe")
    if row["final_decision"] not in choices:
        raise BadSample(f"final_decision is {row['final_decision']!r}, expected yes, no or maybe.")
    return Sample(
        sample_id=str(row["pubid"]),
        question=row["question"],
        context="\n".join(row["context"]["contexts"]),
        choices=choices,
        gold=letter(choices.index(row["final_decision"])),
        explanation=row["long_answer"],
    )


def read_mmlu(row: Row, default_id: str) -> Sample:
    return Sample(
        sample_id=default_id,
        question=row["question"],
        choices=tuple(row["choices"]),
        gold=letter(row["answer"]),
        subject=row["subject"].replace("_", " ").capitalize(),
    )


def read_embedded(row: Row, _: str) -> Sample:
    return Sample(
        sample_id=row["id"],
        question=row["question"],
        choices=tuple(row["choices"]),
        gold=row["gold"],
        subject=row["subject"],
        topic=row["topic"],
        explanation=row["explanation"],
        reference=row["reference"],
        safety_tags=tuple(row["safety"]),
    )


def read_mmlu_pro(row: Row, _: str) -> Sample:
    """Up to ten choices; the key stands there twice, and must be the same."""
    if row["answer"] != letter(row["answer_index"]):
        raise BadSample(f"answer is {row['answer']!r} and answer_index {row['answer_index']!r}.")
    return Sample(
        sample_id=str(row["question_id"]),
        question=row["question"],
        choices=tuple(row["options"]),
        gold=row["answer"],
        subject=row["category"].capitalize(),
    )
