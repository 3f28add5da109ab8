"""A reader's own mix of cases: its kinds of questions, presets and address; no Streamlit here."""

import math
from collections.abc import Mapping
from urllib.parse import quote, unquote

import polars as pl

from dashboard import places
from warehouse.mixes import Kind

SCORE = "case_mix"
TITLE = "Your case mix"
OWN = "My own"
MOST_WEIGHT = 1e6
MOST_NAMED = 4
NAME = pl.coalesce("subject", "title")
QUESTIONS = pl.col("n").cast(pl.Float64)
DENTISTRY = "Dental"


def every_question_of(*subjects: str) -> pl.Expr:
    """Each question of these subjects alike, and no other."""
    return pl.when(NAME.is_in(subjects)).then(QUESTIONS).otherwise(0.0)


def every_task_without(*subjects: str) -> pl.Expr:
    """Each task alike, as the average counts them, and these subjects left out of their tasks."""
    kept = pl.when(NAME.is_in(subjects)).then(0.0).otherwise(QUESTIONS)
    return (kept / kept.sum().over("task")).fill_nan(0.0)


PRESETS = {  # subjects as MedMCQA, MMLU and the demonstration call them
    "No dentistry": every_task_without(DENTISTRY),
    "Obstetrics and gynaecology": every_question_of("Gynaecology & Obstetrics", "Obstetrics"),
    "Paediatrics": every_question_of("Pediatrics", "Paediatrics", "Neonatology"),
    "Internal medicine": every_question_of(
        "Medicine",
        "Cardiology",
        "Endocrinology",
        "Gastroenterology",
        "Haematology",
        "Hepatology",
        "Infectious disease",
        "Nephrology",
        "Respiratory medicine",
        "Rheumatology",
    ),
    "Surgery": every_question_of(
        "Surgery", "Orthopaedics", "ENT", "Ophthalmology", "Surgery (peri-operative)", "Urology"
    ),
    "Pharmacology": every_question_of("Pharmacology", "Clinical pharmacology"),
    "Public health": every_question_of("Social & Preventive Medicine"),
    "Basic sciences": every_question_of(
        "Anatomy",
        "Biochemistry",
        "College biology",
        "Genetics",
        "Medical genetics",
        "Microbiology",
        "Pathology",
        "Physiology",
    ),
    "Every question alike": QUESTIONS,
    "Every task alike": every_task_without(),
}
"""From the name of a mix that many want to what each kind counts for, of a frame of kinds."""

Mix = Mapping[Kind, float]


def offer_presets(kinds: pl.DataFrame) -> dict[str, Mix]:
    """The mixes of `PRESETS` that some of the `kinds` belong to, in per cent."""
    mixes: dict[str, Mix] = {}
    names = list_kinds(kinds)
    for weights in kinds.select(weight.alias(name) for name, weight in PRESETS.items()):
        if total := weights.sum():
            shares = (weight * 100 / total for weight in weights)
            mixes[weights.name] = dict(zip(names, shares, strict=True))
    if kinds["task"].n_unique() == 1:  # then both say the same
        del mixes["Every task alike"]
    if DENTISTRY not in kinds["subject"]:
        del mixes["No dentistry"]
    return mixes


def list_kinds(kinds: pl.DataFrame) -> list[Kind]:
    """Each of the `kinds` as a task and a subject, empty where the task is one kind."""
    return [(task, subject or "") for task, subject in kinds.select("task", "subject").iter_rows()]


def pack(mix: Mix) -> str:
    """`medmcqa/Surgery:60;medqa_4options/:40`; kinds that count for nothing are left out."""
    return ";".join(
        f"{quote('/'.join(kind), safe='/ &')}:{weight:g}" for kind, weight in mix.items() if weight
    )


def unpack(packed: str, kinds: pl.DataFrame) -> dict[Kind, float]:
    """The mix that `pack` wrote; what is no kind of ours, or no sensible weight, is left out."""
    known = set(list_kinds(kinds))
    mix = {}
    for part in packed.split(";"):
        name, _, text = part.rpartition(":")
        task, _, subject = unquote(name).partition("/")
        weight = read_weight(text)
        if (task, subject) in known and weight:
            mix[task, subject] = weight
    return mix


def read_weight(text: str) -> float:
    """A weight above 0 and below `MOST_WEIGHT`, else 0."""
    try:
        weight = float(text)
    except ValueError:
        return 0.0
    return weight if math.isfinite(weight) and 0 < weight <= MOST_WEIGHT else 0.0


def weight_rows(kinds: pl.DataFrame, mix: Mix) -> pl.DataFrame:
    """A line per kind, as the table of weights shows it; `share` is per cent."""
    weights = pl.Series("weight", [mix.get(kind) or None for kind in list_kinds(kinds)], pl.Float64)
    total = weights.sum()
    return kinds.select(
        kind_title().alias("kind"),
        "n",
        weights.round(2),
        (weights * 100 / total).fill_null(0).alias("share"),
    )


def kind_title() -> pl.Expr:
    """`MedMCQA: Surgery`, `MMLU: Anatomy`, `MedQA`."""
    benchmark = pl.col("benchmark")
    return (
        pl.when(benchmark == NAME).then(benchmark).otherwise(pl.format("{}: {}", benchmark, NAME))
    )


def change(mix: Mix, kinds: pl.DataFrame, edits: Mapping[int, Mapping[str, object]]) -> Mix:
    """The mix after `edits` of the lines of `weight_rows`."""
    listed = list_kinds(kinds)
    changed = {
        listed[line]: read_weight(str(edit["weight"]))  # None where it was deleted
        for line, edit in edits.items()
        if "weight" in edit
    }
    return {**mix, **changed}


def describe(kinds: pl.DataFrame, mix: Mix) -> str:
    """Say how many questions count, and which kinds for most."""
    rows = weight_rows(kinds, mix).filter(pl.col("share") > 0).sort("share", descending=True)
    named = [
        f"{kind} {share:.0f}%"
        for kind, share in rows.head(MOST_NAMED).select("kind", "share").iter_rows()
    ]
    others = rows.height - MOST_NAMED
    if others > 0:
        share = rows["share"][MOST_NAMED:].sum()
        named.append(f"{others} other{'s' if others > 1 else ''} {share:.0f}% together")
    number = rows["n"].sum()
    return f"{number:,} questions: {', '.join(named)}."


def add_scores(in_lane: pl.DataFrame, mixed: pl.DataFrame) -> pl.DataFrame:
    """Rows of the leaderboard with `SCORE` and its interval, and `moved` as in `places`."""
    scores = mixed.select("run_id", SCORE, f"{SCORE}_low", f"{SCORE}_high")
    rows = in_lane.join(scores, on="run_id", how="left", maintain_order="left")
    return places.add_moved(rows, SCORE)
