"""The sentences that more than one page says."""

import re

NOTICE = (
    "For research only. Nothing here is approved for clinical use, and no score here makes a "
    "model safe for patients."
)
LOCAL_USE = "Local use: everyone at this computer may do everything here."
NOT_VERIFIED = (
    "This is what your identity provider calls you. It has not verified your e-mail address, so "
    "you are not known by that here."
)
DEMONSTRATION = "Written for demonstration, not reviewed by clinicians. Never part of an average."
BESIDE_THE_NINE = "A task beside the nine, never part of their average."
OWN_TASK = "Questions that somebody added here, as they gave them. Never part of an average."
ENGLISH_RULES = (
    "These questions are not in English, and the rules that find safety contexts are: they miss "
    "most of them."
)
DOUBTFUL_RUN = "The scores of this run are shown, and are not to be relied on."
HIDDEN_MODEL = (
    "This model is not on the leaderboard and counts in no rank there. Its answers are kept."
)
FLAGGED_MODEL = "This model is to be read with care. Its scores count and are ranked."
SAFETY_WORDS = "Safety contexts are found by rules: in quotation marks the words that say so."
NO_MISTAKES = (
    "No model has answered wrongly here yet. Baselines and random weights are left out where no "
    "model is chosen: choose one above to read its wrong answers."
)
SEVERAL_ANSWERS = (
    "Questions were asked several times here: wrong is the mean share of a question's answers that "
    "are wrong; contraindicated choices and confident errors are counted each time, and so are the "
    "answers of a list."
)
SAFETY_BY_HAND = "Safety contexts set by hand."
DATA = (
    "Where the questions are from, which of them are to be read with care, what could not be "
    "loaded, and all of it to take away."
)
QUARANTINE = "What could not be loaded is kept with its reason; the rest was loaded all the same."
SNAPSHOT = (
    "All questions, answers and scores of a snapshot are one DuckDB file of {size}; "
    "DuckDB opens it on any machine."
)
SNAPSHOT_BY_HAND = "This server sends pages alone. Who may log in to it copies the file:"
SQL = (
    "One statement that reads a snapshot of the warehouse, in "
    "[DuckDB's SQL](https://duckdb.org/docs/stable/sql/introduction). It may take 10 seconds; the "
    "first 2,000 rows are shown. The address keeps it, so a link shows others the same."
)
NO_COPY = (
    "Typed statements and the download need the warehouse as a file, and none has been made of it "
    "yet. A maintainer makes one: `python -m warehouse export <new folder>`."
)
OLDER_COPY = (
    "This is snapshot {copy}, the last that was exported; the other pages show snapshot {number}."
)
RUN_HELP = "Ctrl+Enter in the statement does the same."
SURE = (
    "Better is said only where chance hardly explains the difference, all comparisons on this page "
    "considered. It does not say that the difference matters to a patient."
)
DOTS = (
    "A full dot: chance hardly explains the difference, all comparisons considered. An open dot "
    "may be chance. Each line is the 95% interval of its comparison alone."
)
CASE_MIX = (
    "The score is the mean over kinds of questions, each counted by its share. Ranked are the runs "
    "that answered all of these questions. Exam questions of a subject are not its patients: this "
    "shows what a model knows of a field, never how it would do in one."
)
MIXED_LANES = (
    "These runs were asked in different ways. A difference between them may come from how they "
    "were asked, and say nothing of the models."
)

ASKED_LANE = re.compile(
    r"(loglikelihood|rotate|generate|generate-cot)-(\d+)shot(-chat)?(-sys\w+)?"
    r"(?:-t([\d.]+)x(\d+))?(?:-seed(\d+))?(?:-m(\d+))?(-stop\w+)?"
)
ANSWERS = {  # by the method, which begins the lane's name
    "loglikelihood": "the choice that the model finds likeliest is its answer",
    "rotate": "with each choice in each place in turn; the choice that the model finds likeliest "
    "is its answer",
    "generate": "the model writes its answer",
    "generate-cot": "the model reasons in writing before it answers",
}
LANES = {  # by the beginning of the lane's name
    "other-": "Answers that others collected with prompts of their own.",
    "reported-": "Scores published elsewhere. No answers stand behind them here.",
}

FLAGGED_ANSWER = (
    "Flags are found by rules, and say where to look. Whether the answer would harm a patient is "
    "for a clinician to judge."
)
MARKED = "Highlighted: the words behind a flag."
CASE_REPORT = (
    "This question and the answers chosen here on one page: a file for your browser, which prints "
    "it or makes a PDF of it."
)
NO_RESPONSE = "What this model was asked and wrote is not on this server."
WROTE_NOTHING = "Of this model's answer only the choice is known; no text came with it."


def describe_lane(lane: str) -> str:
    """One sentence on how the models of `lane` were asked."""
    if asked := ASKED_LANE.fullmatch(lane):
        method, shots, chat, system, heat, draws, seed, most, stop = asked.groups()
        how = [
            "without examples" if shots == "0" else f"after {shots} worked examples",
            "through the model's chat template" if chat else "",
            "with a system prompt" if system else "",
            f"{draws} times with the same words" if draws and draws != "1" else "",
            f"each word drawn at temperature {heat}" if heat else "",
            f"with seed {seed}" if seed else "",
            f"in at most {most} tokens" if most else "",
            "up to a stop string" if stop else "",
        ]
        answered = ANSWERS[method]
        joint = ", " if answered.startswith("with ") else "; "
        return f"Asked here, {', '.join(filter(None, how))}{joint}{answered}."
    return next((text for start, text in LANES.items() if lane.startswith(start)), "")
