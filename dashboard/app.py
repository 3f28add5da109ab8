"""Navigation, and what stands on every page: the notice, and who is here."""

from base64 import b64encode
from pathlib import Path

import streamlit as st

from dashboard import data, people, wording
from warehouse.errors import WarehouseError

HERE = Path(__file__).parent
ICON = f"data:image/png;base64,{b64encode((HERE / 'icon.png').read_bytes()).decode()}"
"""In itself: Streamlit fetches named icons from afar, and forgets files when a run is cut off."""
STYLE = HERE / "style.css"
OF_THE_LEDGER = ("status", "submission", "maintain", "submit", "system")
"""Pages that need no snapshot."""
st.set_page_config(page_title="Open Medical-LLM Leaderboard", page_icon=ICON, layout="wide")
person = people.who_is_here()
is_maintainer = person is not None and person.is_maintainer
is_reviewer = person is not None and person.is_reviewer
page = st.navigation(
    [
        st.Page("app_pages/leaderboard.py", title="Leaderboard", icon=":material/leaderboard:"),
        st.Page("app_pages/model.py", title="Model", icon=":material/person_search:"),
        st.Page("app_pages/errors.py", title="Errors", icon=":material/rule:"),
        st.Page("app_pages/safety.py", title="Safety", icon=":material/health_and_safety:"),
        st.Page("app_pages/compare.py", title="Compare", icon=":material/compare_arrows:"),
        st.Page("app_pages/charts.py", title="Charts", icon=":material/insights:"),
        st.Page("app_pages/featured.py", title="Featured case", icon=":material/auto_stories:"),
        st.Page("app_pages/benchmarks.py", title="Benchmarks", icon=":material/fact_check:"),
        st.Page("app_pages/data.py", title="Data", icon=":material/database:"),
        st.Page("app_pages/sql.py", title="SQL", icon=":material/terminal:"),
        st.Page("app_pages/submit.py", title="Submit", icon=":material/upload:"),
        st.Page("app_pages/health.py", title="Health", url_path="system", visibility="hidden"),
        st.Page("app_pages/status.py", title="Status", icon=":material/pending_actions:"),
        st.Page("app_pages/about.py", title="About", icon=":material/info:"),
        st.Page("app_pages/case.py", title="Case", visibility="hidden"),
        st.Page(
            "app_pages/maintain.py",
            title="Maintain",
            icon=":material/build_circle:",
            visibility="visible" if is_maintainer else "hidden",
        ),
        st.Page(
            "app_pages/review.py",
            title="Review",
            icon=":material/stethoscope:",
            visibility="visible" if is_reviewer else "hidden",
        ),
        st.Page("app_pages/disputes.py", title="Disputed keys", visibility="hidden"),
        st.Page("app_pages/submission.py", title="Submission", visibility="hidden"),
    ],
    position="top",
)
st.html(STYLE)
with st.container(horizontal=True, vertical_alignment="center"):
    st.caption(f":material/warning: {wording.NOTICE}")
    people.show_account()
try:
    if page.url_path not in OF_THE_LEDGER:
        data.current_snapshot()
except WarehouseError as error:
    st.title("Open Medical-LLM Leaderboard")
    st.info("There is nothing to show yet.", icon=":material/database_off:")
    st.text(str(error))
    st.stop()
page.run()
