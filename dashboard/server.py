"""The pages and what is served beside them; `python -m dashboard` runs this."""

import streamlit as st

from dashboard import routes

app = st.App("app.py", routes=routes.ROUTES)
routes.served.set()
