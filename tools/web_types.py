"""The API's types for the browser's side, from the OpenAPI document: ``python -m tools.web_types [--check]``."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from sightline.api.app import create_app
from sightline.service.platform import Platform
from sightline.service.settings import Settings

WEB = Path(__file__).parent.parent / "web"
TYPES = WEB / "src" / "api" / "schema.d.ts"


def main() -> int:
    """Writes the types; with ``--check`` only tells whether what is there is what the server says."""
    with tempfile.TemporaryDirectory() as folder:
        document, made = Path(folder) / "openapi.json", Path(folder) / "schema.d.ts"
        platform = Platform(Settings(data_dir=Path(folder) / "data"))
        try:
            document.write_text(json.dumps(create_app(platform).openapi(), ensure_ascii=False))
        finally:
            platform.close()
        command = ["node_modules/.bin/openapi-typescript", str(document), "-o", str(made)]
        subprocess.run(command, cwd=WEB, check=True, stdout=subprocess.DEVNULL)
        text = made.read_text()
    if "--check" in sys.argv:
        if TYPES.read_text() != text:
            print("web/src/api/schema.d.ts is not what the server says: run `make web-types`", file=sys.stderr)
            return 1
        return 0
    TYPES.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
