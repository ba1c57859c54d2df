"""The words a page shows data with, asked for over HTTP."""

from __future__ import annotations

from pathlib import Path

from tests.running import running, settings_for


def test_words_come_in_both_languages_and_once_only(tmp_path: Path) -> None:
    with running(settings_for(tmp_path)) as service, service.http(service.person("a@example.org").token) as http:
        english, korean = (http.get(f"/api/v1/words/{language}") for language in ("en", "ko"))
        assert english.json()["words"]["kind.freeze"] == "Freeze"
        assert korean.json()["words"]["template.qc.default"] == "기본 파일 검사"
        assert set(english.json()["words"]) == set(korean.json()["words"])
        assert korean.headers["cache-control"].startswith("private, max-age=")
        again = http.get("/api/v1/words/ko", headers={"If-None-Match": korean.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        changed = http.get("/api/v1/words/ko", headers={"If-None-Match": english.headers["etag"]})
        assert changed.json()["version"] == korean.json()["version"]
        assert http.get("/api/v1/words/fr").status_code == 422


def test_only_policies_that_are_allowed_here_are_offered(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, interview_policies=("hiring",))
    with running(settings) as service, service.http(service.person("a@example.org").token) as http:
        (hiring,) = http.get("/api/v1/policies").json()["items"]
    assert (hiring["id"], hiring["needs_consent"], hiring["denies"]) == ("hiring", True, ["emotion", "overall"])
    assert hiring["name"]["ko"] == "채용"
