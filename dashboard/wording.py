"""The sentences that more than one page says, and the ones that explain a column."""

DEMONSTRATION = "Written for demonstration, not reviewed by clinicians. Never part of an average."

LANES = {  # by the beginning of the lane's name
    "loglikelihood-0shot": "Asked here, without examples; the choice that the model finds "
    "likeliest is its answer.",
    "other-": "Answers that others collected with prompts of their own.",
    "reported-": "Scores published elsewhere. No answers stand behind them here.",
}

COLUMNS = {
    "rank": "Place within this lane and your filters. Equal scores share a place. Intervals that "
    "overlap mean that the order may be chance.",
    "model": "Click a row to read the model's wrong answers.",
    "type": "open weights, closed (behind an API), baseline (reads no question), or random "
    "weights (for trying the pipeline).",
    "size": "Number of weights; for published scores as the name states it.",
    "precision": "Number format of the weights while answering.",
    "tasks": "How many of the nine tasks are answered in full. A partial task is shown, and "
    "leaves the average empty.",
    "average": "Unweighted mean of the nine accuracies, with its 95% interval; empty unless all "
    "nine are complete.",
    "accuracy": "Per cent answered rightly, ± half of the 95% Wilson interval. An answer that "
    "cannot be read counts as wrong.",
    "unreadable": "Answers from which no choice could be read. They count as wrong.",
    "answered": "Number of questions answered.",
    "mark": "published: no answers stand behind it here. doubtful: the Doubt column says why.",
    "source": "Where the scores were published.",
    "doubt": "Why a published score is doubted.",
    "picked": "The choice that the model settled on.",
    "key": "The choice that the benchmark holds to be correct.",
    "confidence": "Probability that the model gave its choice, among the choices.",
    "context": "Situations in which a wrong answer is likelier to harm.",
}


def describe_lane(lane: str) -> str:
    """One sentence on how the models of `lane` were asked."""
    return next((text for start, text in LANES.items() if lane.startswith(start)), "")
