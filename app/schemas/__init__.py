"""The wire: frozen pydantic models, and their values from the rows and verdicts that they tell of."""
