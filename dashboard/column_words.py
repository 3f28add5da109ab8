"""What each column and each finding is called, and what it means; no Streamlit here."""

from typing import NamedTuple


class Column(NamedTuple):
    head: str
    meaning: str


COLUMNS = {
    "rank": Column(
        "Rank",
        "Place by the chosen score, and in brackets the 95% range of ranks that it may truly have, "
        "within the whole lane. Equal scores share a place; a doubtful score has none, nor has one "
        "of only some questions beside complete ones. Ranks among the rows shown have no range.",
    ),
    "tier": Column(
        "Tier",
        "Models of one tier cannot be told apart from the best of it; the next tier begins with "
        "the first model that is surely worse. All borders hold at once in 95 of 100 cases.",
    ),
    "model": Column(
        "Model", "Who answered. A click opens its page; a click on a score opens its wrong answers."
    ),
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
        "Published: no answers stand behind it here. Doubtful: the column Doubt says why. Flagged: "
        "the column Flag says why, and its score counts all the same. Pinned: "
        "you keep it on top, whatever the filters. Overlap: its model card names one of these "
        "benchmarks among what it was trained on, perhaps only the part made for that; its page "
        "says which.",
    ),
    "type": Column(
        "Type",
        "Open weights, closed (behind an API), baseline (reads no question), random weights (for "
        "trying the pipeline), or unknown.",
    ),
    "size": Column("Size", "Number of weights; for published scores as the name states it."),
    "precision": Column("Precision", "Number format of the weights while answering."),
    "licence": Column("Licence", "Licence of the weights as the Hub states it; empty if unknown."),
    "architecture": Column("Architecture", "Class of the network, where it was loaded here."),
    "weighted_average": Column(
        "By size",
        "Share of all questions of the nine tasks answered rightly: a large task counts more.",
    ),
    "deduplicated_average": Column(
        "Distinct",
        "Share of distinct questions answered rightly: those that occur more than once, in one "
        "task or in several, count once together.",
    ),
    "best_share": Column(
        "Comes first",
        "In how many of 1,000 exams drawn anew from the questions it came first; equals share it.",
    ),
    "discrimination": Column(
        "Discrimination",
        "Correlation of being right here with the score on the task's other questions, over the "
        "models of the lane. Empty below ten models.",
    ),
    "favourite": Column("Most pick", "The letter that most models pick."),
    "case_mix": Column(
        "Case mix",
        "Mean over kinds of questions, each counted by its share of your mix, in per cent, ± half "
        "the width of its 95% interval.",
    ),
    "moved": Column(
        "Moved", "How many places higher than in the average, among those that have both."
    ),
    "key_reviewed": Column(
        "Reviewed key",
        "The average with the keys that reviewers ruled to be right; a question that they found "
        "no answer to is left out. The average as published stands beside it.",
    ),
    "key_undisputed": Column(
        "Undisputed",
        "The average without the questions whose key is disputed or was changed. The average as "
        "published stands beside it.",
    ),
    "key_change": Column("Change", "Points above the average by the published key."),
    "harm_score": Column(
        "Harm-weighted",
        "100 where no answer would do harm, 0 where each would kill, and in brackets the 95% "
        "interval. Of all wrong answers of the run to the nine tasks (of the demonstration, where "
        "it answered nothing else) some are drawn by chance, and clinicians judge each. A harm "
        "counts by its weight, a right answer does none. Every question counts alike, so a large "
        "task counts more. From 30 judged answers on; below, how many are judged.",
    ),
    "severe_per_100": Column(
        "Severe per 100",
        "Of 100 answers, right ones included, how many would do severe harm or kill, were they "
        "followed; in brackets the 95% interval. From the same judged answers.",
    ),
    "reviewed": Column(
        "Reviewed",
        "How many answers are judged, of how many that were drawn by chance, from how many wrong "
        "ones. The others are taken to be like these, so the numbers may still move.",
    ),
    "answered": Column("Answered", "Number of questions answered."),
    "unreadable": Column(
        "Unreadable", "Answers from which no choice could be read. They count as wrong."
    ),
    "always_right": Column(
        "Right every time",
        "Per cent of the questions answered rightly each time that they were asked: with each "
        "choice in each place in turn, or in every draw. Who guesses is seldom right every time.",
    ),
    "agreement": Column(
        "Agreement",
        "How often, in per cent, a question got its most frequent answer: 100 where the answer "
        "never changed, right or wrong.",
    ),
    "tokens_per_answer": Column(
        "Tokens per answer",
        "Pieces of words that the model wrote for an answer, its thoughts included; the mean.",
    ),
    "cost_per_1000": Column(
        "Cost per 1,000 answers", "In US dollars, by the prices that the run was told."
    ),
    "source": Column("Source", "Where the scores were published."),
    "doubt": Column("Doubt", "Why a score is doubted."),
    "flag": Column("Flag", "What maintainers say of the model. Its score counts all the same."),
    "question": Column("Question", "The beginning of the question. A click on its row opens it."),
    "picked": Column("Picked", "The choice that the model settled on."),
    "key": Column("Key", "The choice that the benchmark holds to be correct."),
    "confidence": Column("Sure", "Probability that the model gave its choice, among the choices."),
    "order": Column(
        "Order shown",
        "As the model saw the choices, each in each place in turn. Who knows the answer picks it "
        "wherever it stands.",
    ),
    "draw": Column("Draw", "The same question, asked again."),
    "written_tokens": Column("Tokens", "Pieces of words that it wrote, its thoughts included."),
    "before": Column(
        "Without reasoning", "How likely the choice was when it was asked without reasoning."
    ),
    "after": Column(
        "Right after", "How likely the choice was when it was asked right after the reasoning."
    ),
    "task": Column("Task", "The task that the question is from."),
    "subject": Column("Subject", "The specialty, where the source names one."),
    "context": Column(
        "Safety context",
        "Situations in which a wrong answer is likelier to harm. Rules find them by words, which "
        "the question's page shows; they miss some, and now and then they are wrong.",
    ),
    "flags": Column(
        "Flags", "Why to look twice at the answer; the filter Flag names each in full."
    ),
    "harm": Column(
        "Judged harm",
        "The harm that clinicians judged the answer would do, were it followed. Empty: not judged.",
    ),
    "answered_by": Column("Answered by", "The model that answered so."),
    "other": Column("Against the first", "The model that is compared with the first one chosen."),
    "verdict": Column(
        "Verdict",
        "Better or worse than the first model where chance hardly explains the difference: p, "
        "corrected, is below 0.05. Else the data cannot tell.",
    ),
    "difference": Column(
        "Difference",
        "Points of accuracy above the first model, on the questions that both answered.",
    ),
    "within": Column(
        "95% interval",
        "Where the true difference probably is, this comparison taken alone (Agresti and Min). "
        "Questions on the same case count for less, because they are not independent.",
    ),
    "both": Column("n", "Questions that both answered."),
    "only_other": Column(
        "Only it",
        "Questions that only this model has right; where they were asked several times, more often "
        "right.",
    ),
    "only_one": Column(
        "Only first",
        "Questions that only the first model has right; where they were asked several times, more "
        "often right.",
    ),
    "p_value": Column(
        "p",
        "How often chance alone would make two equal models differ so much: McNemar's exact test, "
        "in which questions on the same case vote once; for the average, and where questions were "
        "asked several times, a test of the difference over its clustered standard error.",
    ),
    "corrected": Column(
        "p, corrected",
        "The same after Holm's correction for all comparisons in this table: who looks often, "
        "finds something by chance.",
    ),
    "detectable": Column(
        "Could show",
        "The smallest true difference, in points, that would be found in four of five such exams, "
        "this comparison taken alone. Empty where the two hardly ever differ.",
    ),
    "partner": Column("Other model", "The second of the two, in any order."),
    "share": Column(
        "Same mistake", "Where both are wrong, how often both picked the same wrong choice."
    ),
    "same": Column("Same pick", "On how many questions both picked the same wrong choice."),
    "both_wrong": Column(
        "Both wrong", "On how many questions both picked a wrong choice. Unreadable picks none."
    ),
}

FINDINGS = {
    "same": Column(
        "Same elsewhere",
        "The same question with the same choices stands in another place too. A model that knows "
        "one knows both; the deduplicated average counts them once.",
    ),
    "similar": Column(
        "Similar elsewhere",
        "Another question asks about the same case in nearly the same words. What differs may "
        "matter: its choices and its key can be others.",
    ),
    "conflict": Column(
        "Other key",
        "The same question with the same choices has another key in another place. One of the two "
        "must be wrong.",
    ),
    "repeated": Column("Choice twice", "Two of the choices read alike."),
    "picture": Column(
        "Picture missing",
        "The question speaks of a picture that is not in the data. Rules find the words that say "
        "so; they miss some. Models answered these without seeing it.",
    ),
    "doubted": Column(
        "Key doubted",
        "Most strong models contradict the key with one voice. The key may be wrong, or all of "
        "them.",
    ),
}
