"""What is measured and how, what each column means, and where everything is from."""

import streamlit as st

from dashboard import column_words, data, explanations, flags, tables, wording

READING = 880  # pixels: a line that is easy to read

with st.container(width=READING):
    st.title("About", anchor=False)
    st.warning(
        "Nothing here is approved for clinical use. A benchmark score says how a model did on exam "
        "questions. It does not say that its advice is safe for a patient.",
        icon=":material/warning:",
    )

    st.header("What is measured", anchor=False)
    st.markdown(explanations.MEASURED)

    st.header("What the numbers mean", anchor=False)
    st.markdown(explanations.NUMBERS)

    st.header("Flags of wrong answers", anchor=False)
    st.markdown(explanations.FLAGS + flags.list_all())
    st.markdown(explanations.CONTRAINDICATED)
    st.page_link(
        "app_pages/safety.py", label="Safety, model by model", icon=":material/health_and_safety:"
    )

    st.header("How harm is judged", anchor=False)
    st.markdown(explanations.REVIEWS)
    with st.container(horizontal=True):
        st.page_link("app_pages/review.py", label="Review", icon=":material/stethoscope:")
        st.page_link("app_pages/disputes.py", label="Disputed keys", icon=":material/gavel:")

    st.header("How a model gets here", anchor=False)
    st.markdown(explanations.SUBMISSIONS)

    st.header("The columns", anchor=False)
    st.markdown(
        "\n".join(f"- **{head}** — {meaning}" for head, meaning in column_words.COLUMNS.values())
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
    st.code(CITATION.format(snapshot=data.current_snapshot()), language="bibtex", wrap_lines=True)
    st.markdown(
        """
Please cite the benchmarks too: MedQA (Jin et al., 2021, *Applied Sciences* 11:6421), MedMCQA (Pal
et al., 2022, PMLR 174:248), PubMedQA (Jin et al., 2019, EMNLP), MMLU (Hendrycks et al., 2021,
ICLR).
"""
    )
