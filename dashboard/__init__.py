"""Shows what the warehouse holds: the only folder with Streamlit and Plotly."""
