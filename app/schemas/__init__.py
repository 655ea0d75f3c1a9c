"""The wire: frozen pydantic models. Names become the solver's numbers, and numbers names again, only in here."""
