"""The sentences that more than one page says, and what each column is called and means."""

import re
from typing import NamedTuple

NOTICE = (
    "For research only. Nothing here is approved for clinical use, and no score here makes a "
    "model safe for patients."
)
DEMONSTRATION = "Written for demonstration, not reviewed by clinicians. Never part of an average."
DOUBTFUL_RUN = "The scores of this run are shown, and are not to be relied on."
SAFETY_WORDS = "Safety contexts are found by rules: in quotation marks the words that say so."
SAFETY_BY_HAND = "Safety contexts set by hand."

ASKED_LANE = re.compile(r"loglikelihood-(\d+)shot(-chat)?(-sys\w+)?")
LANES = {  # by the beginning of the lane's name
    "other-": "Answers that others collected with prompts of their own.",
    "reported-": "Scores published elsewhere. No answers stand behind them here.",
}


class Column(NamedTuple):
    head: str
    meaning: str


COLUMNS = {
    "rank": Column(
        "#",
        "Place within this lane and your filters. Equal scores share a place; a doubtful score has "
        "none. Where intervals overlap much, the order may be chance.",
    ),
    "model": Column("Model", "Who answered. A click on its row opens its wrong answers."),
    "average": Column(
        "Average",
        "Unweighted mean of the nine accuracies, in per cent. Empty unless all nine tasks are "
        "complete.",
    ),
    "margin": Column("±", "Half the width of the average's 95% interval, in points."),
    "tasks": Column(
        "Tasks",
        "How many of the nine tasks are answered in full. A partial task is shown, and leaves "
        "the average empty.",
    ),
    "accuracy": Column(
        "A task",
        "Per cent answered rightly, ± half the width of the 95% Wilson interval. An answer that "
        "cannot be read counts as wrong. A star: only some of the questions were answered.",
    ),
    "mark": Column(
        "Mark",
        "Published: no answers stand behind it here. Doubtful: the column Doubt says why.",
    ),
    "type": Column(
        "Type",
        "Open weights, closed (behind an API), baseline (reads no question), random weights (for "
        "trying the pipeline), or unknown.",
    ),
    "size": Column("Size", "Number of weights; for published scores as the name states it."),
    "precision": Column("Precision", "Number format of the weights while answering."),
    "answered": Column("Answered", "Number of questions answered."),
    "unreadable": Column(
        "Unreadable", "Answers from which no choice could be read. They count as wrong."
    ),
    "source": Column("Source", "Where the scores were published."),
    "doubt": Column("Doubt", "Why a score is doubted."),
    "question": Column("Question", "The beginning of the question. A click on its row opens it."),
    "picked": Column("Picked", "The choice that the model settled on."),
    "key": Column("Key", "The choice that the benchmark holds to be correct."),
    "confidence": Column("Sure", "Probability that the model gave its choice, among the choices."),
    "task": Column("Task", "The task that the question is from."),
    "subject": Column("Subject", "The specialty, where the source names one."),
    "context": Column(
        "Safety context",
        "Situations in which a wrong answer is likelier to harm. Rules find them by words, which "
        "the question's page shows; they miss some, and now and then they are wrong.",
    ),
}


def describe_lane(lane: str) -> str:
    """One sentence on how the models of `lane` were asked."""
    if asked := ASKED_LANE.fullmatch(lane):
        shots, chat, system = asked.groups()
        how = [
            "without examples" if shots == "0" else f"after {shots} worked examples",
            "through the model's chat template" if chat else "",
            "with a system prompt" if system else "",
        ]
        return (
            f"Asked here, {', '.join(filter(None, how))}; the choice that the model finds "
            "likeliest is its answer."
        )
    return next((text for start, text in LANES.items() if lane.startswith(start)), "")
