"""What is measured and how, what each column means, and where everything is from."""

import streamlit as st

from dashboard import data, tables, wording

READING = 880  # pixels: a line that is easy to read

with st.container(width=READING):
    st.title("About", anchor=False)
    st.warning(
        "Nothing here is approved for clinical use. A benchmark score says how a model did on exam "
        "questions. It does not say that its advice is safe for a patient.",
        icon=":material/warning:",
    )

    st.header("What is measured", anchor=False)
    st.markdown(
        """
Each model answers every question of nine **tasks**: MedQA (questions of the kind that the United
States medical licensing exam asks), MedMCQA (Indian medical entrance exams), PubMedQA (yes, no or
maybe from an abstract), and six medical subjects of MMLU. Every answer is kept, so each number
opens into the questions behind it.

Models that run here are asked by **log-probability**: the model reads the question and its
choices, and the choice that it finds likeliest is its answer. No examples are shown and no chat
template is used. The prompts are those of lm-evaluation-harness 0.4.13, to the byte. A prompt
longer than the model's window is cut from the left, and the case says so.

**Lanes.** How a model is asked can move its score by several points. Scores are therefore ranked
and averaged only within one lane, the slug of the protocol. Scores that others published stand in
lanes of their own, `reported-…`, with their source; no answers stand behind them here.
"""
    )

    st.header("What the numbers mean", anchor=False)
    st.markdown(
        """
- **Accuracy** is the share of questions answered rightly. An answer that cannot be read counts as
  wrong, is counted, and never becomes a guess.
- **±** is half the width of the 95% Wilson interval. The questions are a sample of all that could
  be asked; over all of them the model's accuracy is probably within the interval. With 100
  questions it is about ±9 points, with 1,273 about ±3. Two models whose intervals overlap much may
  differ by chance alone.
- **Average** is the unweighted mean of the nine accuracies, as the public leaderboard has it. It
  is empty unless all nine tasks are complete: a missing task is never counted as zero. Its
  interval treats the nine as independent samples; 78 questions that two MMLU tasks share make it
  slightly too narrow.
- **Ranks** come with a range. `3 (1–13)`: two models have a higher score, and the place that is
  due to it lies between 1 and 13 in 95 of 100 such cases. The questions are drawn anew a thousand
  times, those about one case together, and each pair of models is judged on the same questions. A
  **tier** holds the models that cannot be told apart from the best of it.
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
    )

    st.header("The columns", anchor=False)
    st.markdown(
        "\n".join(f"- **{head}** — {meaning}" for head, meaning in wording.COLUMNS.values())
    )

st.header("Where the questions are from", anchor=False)
st.dataframe(
    tables.task_rows(data.tasks()), hide_index=True, height="content", alt="Tasks and their sources"
)
with st.container(width=READING):
    st.markdown(
        f"Licences are stated as the authors of each benchmark state them. The demonstration "
        f"questions belong to this project. {wording.DEMONSTRATION} Each "
        "names the guideline or drug label that it rests on."
    )

    st.header("Published scores", anchor=False)
    st.markdown(
        "The published scores are facts from the result files of the Open Medical-LLM Leaderboard "
        "(openlifescienceai/results on the Hugging Face Hub), each with a link to its file. Rows "
        "marked with a doubt are shown and not hidden."
    )

    st.header("How to cite", anchor=False)
    CITATION = """@misc{{open_medical_llm_leaderboard,
  title = {{The Open Medical-LLM Leaderboard: every question behind the score}},
  year  = {{2026}},
  note  = {{Snapshot {snapshot} of the warehouse}}
}}"""
    st.code(CITATION.format(snapshot=data.current_snapshot()), language="bibtex")
    st.markdown(
        """
Please cite the benchmarks too: MedQA (Jin et al., 2021, *Applied Sciences* 11:6421), MedMCQA (Pal
et al., 2022, PMLR 174:248), PubMedQA (Jin et al., 2019, EMNLP), MMLU (Hendrycks et al., 2021,
ICLR).
"""
    )
