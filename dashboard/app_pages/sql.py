"""What else does the warehouse know? Answers a statement that the reader types."""

import streamlit as st

from dashboard import data, sql_view, wording
from warehouse.errors import SandboxBusy, StatementFailed

st.title("SQL", anchor=False)
st.markdown(wording.SQL)
copy = data.exported()
sql_view.tell_age(copy)
statement = sql_view.choose_statement() if copy else ""
if copy and statement.strip():
    try:
        with st.spinner("Asking…"):
            answer = data.typed_answer(copy, statement)
    except (SandboxBusy, StatementFailed) as error:
        sql_view.show_failure(error)
    else:
        sql_view.show_answer(answer)
elif copy:
    st.info("Type a statement, or choose an example.", icon=":material/edit:")

st.header("Tables", anchor=False)
sql_view.show_dictionary()
