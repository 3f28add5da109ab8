"""What the About page and the charts explain, in Markdown of our own."""

from typing import NamedTuple

MEASURED = """
Each model answers every question of nine **tasks**: MedQA (questions of the kind that the United
States medical licensing exam asks), MedMCQA (Indian medical entrance exams), PubMedQA (yes, no or
maybe from an abstract), and six medical subjects of MMLU. Every answer is kept, so each number
opens into the questions behind it.

A model is asked in one of four ways, which the lane names:

- **loglikelihood**: the model reads the question and its choices, and the choice that it finds
  likeliest is its answer. `loglikelihood-0shot` shows no examples and uses no chat template. The
  prompts are those of lm-evaluation-harness 0.4.13, to the byte.
- **rotate**: the same under every cyclic order of the choices, so that it shows whether a model
  answers the question or the place of the answer. A question counts by the share of the orders
  under which it is right; beside that stands how many are right under all.
- **generate**: the model writes its answer, in 32 tokens at most.
- **generate-cot**: the model reasons first, in 1,024 tokens at most (8,192 where it thinks in
  `<think>`, which is kept apart from its answer). Where the model runs here, each choice is also
  weighed without the reasoning and right after it: a model that reasons one way and answers
  another is seen.

`-t0.7x5` behind these two says that five answers were drawn, at temperature 0.7. A prompt longer
than the model's window is cut from the left, and the case says so.

**Lanes.** How a model is asked can move its score by several points. Scores are therefore ranked
and averaged only within one lane, the slug of the protocol. Scores that others published stand in
lanes of their own, `reported-…`, with their source; no answers stand behind them here.
"""

NUMBERS = """
- **Accuracy** is the share of questions answered rightly. An answer that cannot be read counts as
  wrong, is counted, and never becomes a guess.
- **±** is half the width of the 95% Wilson interval. The questions are a sample of all that could
  be asked; over all of them the model's accuracy is probably within the interval. With 100
  questions it is about ±9 points, with 1,273 about ±3. Two models whose intervals overlap much may
  differ by chance alone.
- Where a question is **asked several times**, it counts once, by the share of its answers that are
  right, and the interval is that of as many questions as tell the same (Korn and Graubard, 1998).
  **Right every time** is the share of questions right at each asking; **agreement**, how much of a
  question's answers are its most frequent one.
- **Average** is the unweighted mean of the nine accuracies, as the public leaderboard has it. It
  is empty unless all nine tasks are complete: a missing task is never counted as zero. Its
  interval treats the nine as independent samples; 78 questions that two MMLU tasks share make it
  slightly too narrow.
- **Ranks** come with a range. `3 (1–13)`: two models have a higher score, and the place that is
  due to it lies between 1 and 13 in 95 of 100 such cases. The questions are drawn anew a thousand
  times, those about one case together, and each pair of models is judged on the same questions. A
  **tier** holds the models that cannot be told apart from the best of it.
- **Your case mix**, under Rank by, counts kinds of questions as you weigh them: the 21 subjects of
  MedMCQA, the subjects of MMLU, whole tasks. The score is the mean of the accuracies on these
  kinds, each by its share. Ranges and tiers follow as for the average, from standard errors and
  not from draws, which makes them a little wider. A kind of few questions leaves much to chance,
  and the ranges say so. A third of MedMCQA is dentistry: try it without.
- **Differences** on the page Compare are called sure where chance hardly explains them, all
  comparisons on the page considered (McNemar's exact test, Holm's correction). Beside each stands
  the smallest difference that so many questions could have shown.
- **Strengths** of a model are its subjects that differ from the median of the other models by more
  than chance explains. **Calibration** compares how sure a model says it is with how often it is
  right.
- Published scores have an interval where a result file says that all questions were asked. A score
  copied from a paper has none, because its number of questions is not known; nor has a doubtful
  one.
"""

CONTRAINDICATED_SHORT = (
    "A contraindicated choice is one that a drug label or a guideline forbids to the very patient "
    "of the question, or advises against (table contraindicated_choices of the warehouse). Rules "
    "find it by words, and miss many; no doctor has checked it."
)
CONTRAINDICATED = """
A choice is **contraindicated** where a drug label or a guideline forbids it to the very patient of
the question, or advises against it: tetracycline in pregnancy, for one. Each such choice stands in
the table `contraindicated_choices` of the warehouse, with the words of the question and of the
choice, the reason and the source. The table is made by rules (`ingest/contraindications.toml`)
that look for words. **No doctor has checked each of them**: they miss most of what could harm, and
now and then they are wrong. None found does not mean that none is there.
"""

FLAGS = """
Beside a wrong answer stands why to look twice at it. A flag is found by machine, with what it rests
on; it is no judgement of harm, which clinicians give.
"""

REVIEWS = """
Reviewers, clinicians whom the maintainers have named, judge how much harm a wrong answer would do,
without knowing whose it is: none, mild, moderate, severe or death, after the World Health
Organization's degrees of harm (2009); how likely that is; whether it does the wrong thing or leaves
out what is needed; and whether the reasoning is unsafe although the pick is harmless. Two people
judge each case, neither seeing the other's judgement. Where they differ on the harm, a third
decides. What was said is corrected by a newer judgement and never erased.

**Rates of harm** rest on cases that were drawn by chance from all wrong answers of a model. Some
kinds are drawn oftener, and count for less in turn: each by the inverse of its probability. Cases
that a reader chose are shown and enter no rate, for they were chosen for what is in them. Below 30
judged cases there is no rate, only how many are judged.

- **Severe harm per 100 answers** counts answers with severe harm or death, right answers among the
  hundred. Its interval is Korn and Graubard's (1998).
- **Harm-weighted score** is 100 where no answer does harm, and 0 where every one kills. What the
  harms between count for is shown beside the table, and yours to change.

**A disputed key** is decided by another person than who disputed it, with a reason for all to read.
The score by the published keys always stays; beside it stand one by the keys as ruled, and one
without the questions in dispute.

Reviewers appear as reviewer-1, reviewer-2 and so on; their names and addresses are in no download.
"""

SUBMISSIONS = """
Anyone who is signed in may submit a model; where nobody can sign in, the site is there to be read.
A submission is in exactly one state, and its page shows it with every step that it took:

- **Submitted** and **checking**: it is looked at whether the model can be run. Its configuration
  and tokenizer are loaded, without any code of its repository, in a process with a time and a
  memory limit. **Rejected** says everything that speaks against it, together, each with what to do.
- **Queued**: it waits for a worker. The highest priority goes first, and among equals the submitter
  who has waited longest for a turn, so that a hundred submissions of one do not hold up another's.
- **Running**: a worker asks the model, and says how far it is. Should the worker die, another one
  goes on from the answers that are kept, three attempts in all. **Failed** says why.
- **Publishing** and **finished**: finished is what a published snapshot has in full, every task
  with every answer.
- **Cancelled** by who submitted it or by a maintainer; **superseded** by a newer submission, where
  the questions or the prompts are others by now.

A model that a maintainer **hides** is left out of leaderboards and ranks, one that is **flagged**
is shown with the reason; either reason is public. Its answers stay. Who submitted a model, their
contact and their note are shown to maintainers alone, and are in no download.
"""

SUBJECT_MAP = (
    "Per cent answered rightly; the hardest subjects for the field are on top. In brackets and "
    "grey: fewer than 30 questions. A cell under the pointer shows n and the 95% interval."
)
SPREAD = "How many models have which score, without baselines, random weights and doubtful rows."
DIFFICULTY = (
    "Each bar counts questions by the share of the lane's models that are right. Discrimination is "
    "the correlation of being right here with the score on the task's other questions: where it is "
    "negative, better models miss the question more often, and its key deserves a look."
)
LETTERS = (
    "Bars: how often each letter is the key. Diamonds: how often the models pick it, with the 95% "
    "interval of the difference, over questions drawn anew."
)
MARKINGS = (
    "Each line is a model: its rank by the average of the nine tasks, by all questions alike, so "
    "that large tasks count more, and by distinct questions, so that duplicates count once. Lines "
    "that cross are models that change places."
)
POINTWISE = (
    "MedMCQA's exam takes off a quarter of a point for a wrong answer. Every question is answered "
    "here, and an answer that cannot be read is wrong, so the mark is accuracy - 0.25 × (1 - "
    "accuracy): who has half right gets {half}. It stretches the scale and keeps every rank. What "
    "a model gains that may leave questions out stands on its page, under Calibration."
)


class Against(NamedTuple):
    unknown: str
    meaning: str


AGAINST = {
    "parameters": Against(
        "the number of weights",
        "Each circle is a model, with the 95% interval where they are few. The line joins those "
        "that no smaller model beats.",
    ),
    "released_at": Against(
        "the release",
        "Each circle is a model, placed when its repository was made on the Hub. The line joins "
        "those that no earlier model beats.",
    ),
    "cost_per_1000": Against(
        "the cost",
        "Each circle is a model, placed by what 1,000 answers cost at the prices that its run was "
        "told. The line joins those that no cheaper model beats.",
    ),
}
