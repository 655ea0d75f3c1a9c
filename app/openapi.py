"""`python -m app.openapi`: print the OpenAPI document. Nothing is started and no store is opened."""

from __future__ import annotations

import json

from app.main import create_app
from app.settings import Settings


def main() -> None:
    """Print the document as JSON."""
    print(json.dumps(create_app(Settings()).openapi(), ensure_ascii=False))


if __name__ == "__main__":
    main()
