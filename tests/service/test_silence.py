"""Nothing that is loaded tells anybody of it, or leaves an identity behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

LOOK = """
import sys
from pathlib import Path
from sightline.meters.speech.voice_activity import VoiceActivity
import numpy as np
assert "onnxruntime" not in sys.modules, "loaded before anybody needs it"
assert len(VoiceActivity().heard(np.zeros(16000, np.float32))) > 0
assert "onnxruntime" in sys.modules
"""


def test_running_a_model_leaves_nothing_behind(tmp_path: Path) -> None:
    """ONNX Runtime's makers count every process that loads it, unless they are told not to before."""
    home, temporary = tmp_path / "home", tmp_path / "temporary"
    home.mkdir()
    temporary.mkdir()
    # What switches such counting off where programs are tested would hide it here.
    told = {name: value for name, value in os.environ.items() if name not in ("CI", "GITHUB_ACTIONS", "TF_BUILD")}
    told |= {"HOME": str(home), "TMPDIR": str(temporary), "XDG_CACHE_HOME": str(home / ".cache")}
    subprocess.run([sys.executable, "-c", LOOK], env=told, check=True, timeout=60)
    assert [path for folder in (home, temporary) for path in folder.rglob("*")] == []


def test_looking_for_meters_loads_no_runtime_of_models() -> None:
    look = (
        "import sys; from sightline.meters.meter import meters; meters(); "
        "print(sorted({'onnxruntime', 'ai_edge_litert', 'ctranslate2', 'faster_whisper'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True, timeout=60)
    assert ran.stdout.strip() == "[]"
