"""Statements that break the rules, with the rows that the rules then find."""

from typing import Any, NamedTuple

from tests import answer_rule_cases, judgement_rule_cases
from tests.ledger_rule_cases import BROKEN

RUN = "baseline-random"
LANE = "loglikelihood-0shot"
SAMPLE = "sample = (select number from samples where sample_id = 'sample-001')"
ONE = f"run = (select number from runs where run_id = '{RUN}') and {SAMPLE}"
ALL = ("baseline-longest-choice", "baseline-majority", RUN)
PUBLISHED = "model = 'Flan-PaLM' and task = 'medmcqa'"
Row = tuple[Any, ...]


class Case(NamedTuple):
    """A statement that breaks a rule, the row that the rule finds, and what other rules find.

    In a row `*` stands for any value.
    """

    rule: str
    statement: str
    row: Row
    others: dict[str, list[Row]] = {}  # noqa: RUF012 - nobody changes it

    @property
    def found(self) -> dict[str, list[Row]]:
        return {self.rule: [self.row]} | self.others


def copy_row(table: str, where: str) -> str:
    return f"insert into {table} select * from {table} where {where}"


def set_share(value: str) -> str:
    return f"update reported_scores set accuracy = {value} where {PUBLISHED}"


def set_average(value: str) -> str:
    return f"update leaderboard set average = {value} where model = 'Flan-PaLM'"


def set_logprobs(prediction: str, logprobs: str) -> str:
    return (
        f"update predictions set prediction = {prediction}, logprobs = {logprobs}, "
        f"confidence = list_max(probabilities({logprobs}::float[])) where {ONE}"
    )


def set_scores(change: str) -> str:
    return f"update scores set {change} where run_id = '{RUN}' and slice = 'all'"


def set_run_tasks(change: str) -> str:
    return f"update run_tasks set {change} where run_id = '{RUN}'"


def set_ranks(change: str) -> str:
    return f"update rank_intervals set {change} where run_id = '{RUN}'"


def set_stats(change: str) -> str:
    return f"update sample_stats set {change} where sample_id = 'sample-001'"


def suspect(letter: str, agreeing: int = 5) -> str:
    """Suspect that `letter`, counted on from the gold one, is the key of the first question."""
    return (
        "insert into suspect_keys select task, sample_id, gold, "
        f"chr((ascii(gold) + {letter})::integer), 5, {agreeing}, 0 from samples "
        "where sample_id = 'sample-001'"
    )


def ranked_amiss(*rows: tuple[str, str, int | None]) -> dict[str, list[Row]]:
    """Tasks and runs with a rank that should have none, or none where they should."""
    return {"complete_run_has_its_rank": [(LANE, *row) for row in rows]}


def counted_amiss(*rows: tuple[str, int | None, int | None]) -> dict[str, list[Row]]:
    """Tasks for which `RUN` counts and is not kept as one that does, or the other way round."""
    return {"counted_run_counts": [(RUN, *row) for row in rows]}


def amiss_on_the_sheet(*runs: str) -> dict[str, list[Row]]:
    return {"answer_sheet_holds_the_predictions": [(run, "sample", "*", "*") for run in runs]}


def mean_of(loaded: int, *runs: str) -> dict[str, list[Row]]:
    rows: list[Row] = [(run, "sample", "*", "*", loaded, 92) for run in runs]
    return {"scores_are_the_mean_of_predictions": rows}


twice: dict[str, list[Row]] = {
    "task_has_its_size": [("sample", 92, 93)],
    "number_is_unique": [("samples", "*", 2)],
}
orphans: list[Row] = [(run, "*", 1) for run in ALL]
CASES = [
    *(
        Case(
            "answer_sheet_holds_the_predictions",
            statement.format(f"run_id = '{RUN}'"),
            (RUN, "sample", "*", sheet),
        )
        for statement, sheet in (
            ("update answer_sheets set picks = '-' || picks[2:] where {}", "*"),
            ("update answer_sheets set picks = picks || '-' where {}", "*"),
            ("delete from answer_sheets where {}", None),
        )
    ),
    Case(
        "answer_sheet_holds_the_shares",
        f"update answer_sheets set shares = [0.5] where run_id = '{RUN}'",
        (RUN, "sample", None, [0.5]),
    ),
    Case(
        "average_needs_nine_tasks",
        f"update leaderboard set average = 0.5 where run_id = '{RUN}'",
        (RUN, "baseline:random", 0, 0.5),
        ranked_amiss(("average", RUN, None)),
    ),
    Case("average_needs_nine_tasks", set_average("average + 1e-6"), ("*", "Flan-PaLM", 9, "*")),
    Case("average_needs_nine_tasks", set_average("null"), ("*", "Flan-PaLM", 9, None)),
    Case(
        "cluster_has_its_first_question",
        "update samples set cluster_id = 'sample/none' where sample_id = 'sample-001'",
        ("sample", "sample-001", "sample/none"),
    ),
    Case(
        "cluster_has_its_first_question",
        "update samples set cluster_id = 'sample/sample-002' where sample_id = 'sample-003'; "
        "update samples set cluster_id = 'sample/sample-001' where sample_id = 'sample-002'",
        ("sample", "sample-003", "sample/sample-002"),
    ),
    Case(
        "complete_run_has_its_rank",
        f"delete from rank_intervals where run_id = '{RUN}'",
        (LANE, "sample", RUN, None),
    ),
    Case(
        "complete_run_has_its_rank",
        "insert into rank_intervals select * replace ('average' as task) from rank_intervals "
        f"where run_id = '{RUN}'",
        (LANE, "average", RUN, "*"),
    ),
    *(
        Case(
            "confidence_is_that_of_the_logprobs",
            f"update predictions set {change} where {ONE}",
            (RUN, "sample", "sample-001", "*", "*"),
        )
        for change in ("confidence = confidence - 2e-5", "confidence = null", "logprobs = null")
    ),
    Case(
        "gold_is_a_choice",
        "update samples set gold = 'E' where sample_id = (select min(sample_id) from "
        "(select sample_id from graded group by sample_id having not bool_or(correct)))",
        ("sample", "*", "E", 4),
    ),
    Case("leaderboard_row_is_unique", copy_row("leaderboard", f"entry = '{RUN}'"), (RUN, 2)),
    Case(
        "leaderboard_row_is_unique",
        "delete from leaderboard where model = 'Flan-PaLM'",
        ("*", 0),
    ),
    *(
        Case(
            "logprobs_are_log_probabilities",
            set_logprobs("'A'", logprobs),
            (RUN, "sample", "sample-001", "*", 4),
        )
        for logprobs in (
            "[0.1, -2, -3, -4]",
            "[-1, -2, -3]",
            "[-1, -2, -3, '-inf'::float]",
            "['nan'::float, -2, -3, -4]",
            "[-1, -2, -3, null]",
        )
    ),
    Case(
        "prediction_has_its_run",
        f"insert into predictions select * replace (99 as run) from predictions where {ONE}",
        (99, 1),
    ),
    Case(
        "prediction_has_its_sample",
        f"update predictions set sample = 7 where {ONE}",
        (RUN, 7, 1),
        {"predictions_are_counted": [(RUN, "sample", 92, 92, 91)]}
        | mean_of(91, RUN)
        | amiss_on_the_sheet(RUN),
    ),
    *(
        Case(
            "prediction_is_a_choice",
            set_logprobs(f"'{letter}'", "null"),
            (RUN, "sample", "sample-001", letter, 4),
            amiss_on_the_sheet(RUN),
        )
        for letter in ("E", "a", "AB", "")
    ),
    Case(
        "prediction_is_the_likeliest_choice",
        set_logprobs("'A'", "[-3, -1, -2, -4]"),
        (RUN, "sample", "sample-001", "A", [-3.0, -1.0, -2.0, -4.0]),
    ),
    Case(
        "prediction_is_the_likeliest_choice",
        set_logprobs("null", "[-1, -2, -3, -4]"),
        (RUN, "sample", "sample-001", None, [-1.0, -2.0, -3.0, -4.0]),
        amiss_on_the_sheet(RUN),
    ),
    Case(
        "prediction_key_is_unique",
        copy_row("predictions", ONE),
        (RUN, "sample", "sample-001", 0, 2),
        mean_of(93, RUN) | amiss_on_the_sheet(RUN),
    ),
    Case(
        "predictions_are_counted",
        set_run_tasks("predictions = 91"),
        (RUN, "sample", 91, 92, 92),
        ranked_amiss(("sample", RUN, 1)),
    ),
    Case(
        "predictions_are_counted",
        set_run_tasks("expected = 91"),
        (RUN, "sample", 92, 91, 92),
        ranked_amiss(("sample", RUN, 1)),
    ),
    Case(
        "predictions_are_counted",
        set_run_tasks("task = 'medmcqa', samples_hash = ''"),
        (RUN, "medmcqa", 92, 92, 0),
        {"predictions_are_counted": [(RUN, "medmcqa", 92, 92, 0), (RUN, "sample", None, None, 92)]}
        | ranked_amiss(("medmcqa", RUN, None), ("sample", RUN, 1))
        | counted_amiss(("medmcqa", 3, None), ("sample", None, 3)),
    ),
    *(
        Case("reported_score_is_a_share", set_share(share), ("*", "Flan-PaLM", "medmcqa", "*"))
        for share in ("1.01", "-0.01", "'nan'::double")
    ),
    Case(
        "reported_score_is_a_share",
        f"update reported_scores set task = 'other' where {PUBLISHED}",
        ("*", "Flan-PaLM", "other", 0.576),
    ),
    Case(
        "rank_key_is_unique",
        copy_row("rank_intervals", f"run_id = '{RUN}'"),
        (LANE, "sample", RUN, 2),
    ),
    *(
        Case(
            "rank_is_in_its_interval",
            set_ranks(change),
            (LANE, "sample", RUN, "*", "*", "*", 3, "*", "*"),
        )
        for change in (
            "rank_low = rank + 1",
            "rank_low = 0",
            "rank_high = rank - 1",
            "rank_high = runs + 1",
            "tier = rank + 1",
            "tier = 0",
            "best_share = 1.01",
            "best_share = -0.01",
        )
    ),
    Case(
        "reported_score_key_is_unique",
        copy_row("reported_scores", PUBLISHED),
        ("*", "medmcqa", 2, None),
    ),
    Case(
        "reported_score_key_is_unique",
        f"update reported_scores set lane = 'reported-other' where {PUBLISHED}",
        ("*", None, None, 2),
    ),
    Case(
        "run_asked_the_loaded_questions",
        set_run_tasks("samples_hash = 'other'"),
        (RUN, "sample", "other", "*"),
    ),
    Case(
        "run_has_its_model",
        "delete from models where model = 'baseline:random'",
        (RUN, "baseline:random", "seed-0", 0),
        counted_amiss(("sample", None, 3)),
    ),
    Case(
        "run_has_its_model",
        copy_row("models", "model = 'baseline:random'"),
        (RUN, "baseline:random", "seed-0", 2),
    ),
    Case(
        "number_is_unique",
        "update samples set number = number + 1 where sample_id = 'sample-001'",
        ("samples", "*", 2),
        {
            "prediction_has_its_sample": orphans,
            "predictions_are_counted": [(run, "sample", 92, 92, 91) for run in ALL],
        }
        | amiss_on_the_sheet(RUN),
    ),
    Case(
        "run_key_is_unique",
        f"insert into runs select * replace (99 as number) from runs where run_id = '{RUN}'",
        (RUN, 2),
        {"run_has_its_model": [(RUN, "baseline:random", "seed-0", 2)]}
        | counted_amiss(("sample", 99, 3), ("sample", 99, 3)),
    ),
    Case(
        "sample_key_is_unique",
        "insert into samples select * replace ('A' as gold) from samples "
        "where sample_id = 'sample-092'; update run_tasks set predictions = 91; "
        "delete from predictions where sample = (select max(number) from samples)",
        ("sample", "sample-092", 2, "*"),
        twice
        | mean_of(91, *ALL)
        | amiss_on_the_sheet(*ALL)
        | ranked_amiss(
            ("sample", "baseline-longest-choice", 2),
            ("sample", "baseline-majority", 3),
            ("sample", RUN, 1),
        ),
    ),
    *(
        Case(
            "sample_stats_are_counts_of_runs",
            set_stats(change),
            (LANE, "sample", "sample-001", 3, "*", "*", "*", "*"),
        )
        for change in (
            "picks = [9, 0, 0, 0]",
            "unreadable = unreadable + 1",
            "difficulty = 1.1",
            "discrimination = -1.1",
        )
    ),
    Case(
        "sample_stats_key_is_unique",
        copy_row("sample_stats", "sample_id = 'sample-001'"),
        (LANE, "sample", "sample-001", 2),
    ),
    *(
        Case(
            "score_is_in_its_range",
            f"update scores set {change} where run_id = '{RUN}' and slice_value = 'Geriatrics'",
            (RUN, "sample", "subject", "Geriatrics", "*", "*", "*", "*"),
        )
        for change in (
            "pointwise = -0.26",
            "unreadable_share = 1.1",
            "calibration_error = -0.1",
            "confidence_when_wrong = 1.1",
            "distinct_n = 0",
            "distinct_n = n + 1",
            "distinct_accuracy = 1.1",
            "confident_wrong = n * repeats - correct + 1",
            "contraindicated = -1",
            "repeats = 0",
            "repeats = 2",
            "always_right = 0, agreement = 0.5",
            "repeats = 2, always_right = accuracy + 0.01, agreement = 0.5",
            "repeats = 2, always_right = 0, agreement = 1.1",
        )
    ),
    Case(
        "score_key_is_unique",
        copy_row("scores", f"run_id = '{RUN}' and slice_value = 'Geriatrics'"),
        (RUN, "sample", "subject", "Geriatrics", "original", 2),
    ),
    Case(
        "scores_are_the_mean_of_predictions",
        set_scores("accuracy = 0.37"),
        (RUN, "sample", "*", 0.37, 92, 92),
    ),
    Case(
        "scores_are_the_mean_of_predictions",
        set_scores("interval_low = 0.9"),
        (RUN, "sample", "*", "*", 92, 92),
    ),
    Case(
        "scores_are_the_mean_of_predictions",
        f"delete from scores where run_id = '{RUN}' and slice = 'all'",
        (RUN, "sample", "*", None, 92, None),
    ),
    Case(
        "suspect_key_is_another_choice",
        suspect("0"),
        ("sample", "sample-001", "*", "*", "*", 5, 5),
    ),
    Case(
        "suspect_key_is_another_choice",
        suspect("1", agreeing=3),
        ("sample", "sample-001", "*", "*", "*", 5, 3),
    ),
    Case(
        "suspect_key_is_another_choice",
        suspect("1") + "; update suspect_keys set gold = 'E'",
        ("sample", "sample-001", "E", "*", "*", 5, 5),
    ),
    Case(
        "suspect_key_is_unique",
        suspect("1") + ";" + suspect("2"),
        ("sample", "sample-001", 2),
    ),
    Case(
        "task_has_its_size",
        "update tasks set size = 93 where task = 'sample'",
        ("sample", 93, 92),
    ),
    Case(
        "task_has_its_size",
        "update tasks set samples_hash = 'hash' where task = 'pubmedqa'",
        ("pubmedqa", 500, 0),
    ),
    Case("task_key_is_unique", copy_row("tasks", "task = 'medmcqa'"), ("medmcqa", 2)),
    *(
        Case(*broken)
        for broken in (*BROKEN, *judgement_rule_cases.BROKEN, *answer_rule_cases.BROKEN)
    ),
]
