"""What strangers send: too much of it, too slowly, and made to harm what reads it."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from html.parser import HTMLParser

import httpx
import psutil
import pytest
from tests.media_clips import write_clip
from tests.security.attack_target import CHUNK, JSON, SCRIPT, TUS, Target, attacked, status


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    with attacked(tmp_path_factory.mktemp("attacked")) as found:
        yield found


# Too much


def test_what_is_too_much_is_refused_in_time(target: Target) -> None:
    began = time.monotonic()
    deep = b'{"video_id":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    wide = b"{" + b",".join(b'"a%d":1' % n for n in range(50_000)) + b"}"
    for body in (
        b" " * (1 << 20) + b"{}",
        deep,
        b'{"a":' * 50_000,
        wide,
        b'{"priority":' + b"9" * 10_000 + b"}",
        b'"' + b"x" * 900_000,
    ):
        answer = target.http.post("/api/v1/analyses", content=body, headers=JSON)
        assert answer.status_code in (413, 422), answer.text[:300]
        assert len(answer.content) < 100_000
    for body in (
        '{"name": "\\u0000"}'.encode("utf-16-le"),
        '{"name": "\\u0000"}'.encode("utf-32"),
        '{"name":"x"}'.encode("utf-16"),
    ):
        assert target.http.patch("/api/v1/account", content=body, headers=JSON).status_code == 422
    many = target.http.get("/api/v1/videos?" + "&".join(f"tag=a{n}" for n in range(5000)))
    assert many.status_code in (200, 413, 414, 422, 400)
    for more in (
        ["X: " + "a" * 200_000],
        [f"X-{n}: a" for n in range(20_000)],
        ["Cookie: " + "a=b;" * 15_000],
        ["Accept-Language: " + "ko;q=0.1," * 5000],
    ):
        assert status(target.said(target.head("GET /api/v1/session", "Connection: close", *more))) in (
            0,
            200,
            400,
            401,
            413,
            431,
        )
    assert status(target.said(target.head("GET /" + "a" * 500_000, "Connection: close"))) in (0, 400, 404, 413, 414)
    assert time.monotonic() - began < 60
    assert target.is_well()


@pytest.mark.parametrize(
    "q",
    [
        "%",
        "%" * 200,
        "_" * 200,
        "\\" * 200,
        "\\%" * 100,
        "%25" * 60,
        "(a+)+$" * 30,
        "[[:alpha:]]*" * 16,
        "' OR ''='",
        "\u0130" * 200,
        "ﷺ" * 200,
        "zq " * 66,
    ],
)
def test_a_search_takes_no_pattern(target: Target, q: str) -> None:
    began = time.monotonic()
    assert target.http.get("/api/v1/search", params={"q": q}).json()["items"] == []
    assert target.http.get("/api/v1/videos", params={"q": q}).json()["items"] == []
    assert time.monotonic() - began < 5


PART = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
FIELD = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n'
MULTIPARTS: dict[str, bytes] = {
    "many parts": (FIELD + b"1\r\n") * 10_000 + b"--x--\r\n",
    "many files": (PART + b"1\r\n") * 10_000 + b"--x--\r\n",
    "a huge header": b"--x\r\nContent-Disposition: form-data; name=" + b"a" * 3_000_000,
    "a huge header's name": b"--x\r\n" + b"A" * 3_000_000 + b": x\r\n\r\n",
    "many headers": b"--x\r\n" + b"A: b\r\n" * 300_000 + b"\r\n",
    "a huge field": FIELD + b"1" * 3_000_000,
    "no closing boundary": PART + b"1" * 100_000,
    "no file": FIELD + b"1\r\n--x--\r\n",
    "nothing": b"",
    "another boundary": PART.replace(b"--x", b"--y") + b"1\r\n--y--\r\n",
    "a preamble without end": b"z" * 3_000_000,
    "a header without a name": b"--x\r\n: x\r\n\r\n1\r\n--x--\r\n",
    "broken escapes": PART.replace(b'filename="a"', b"filename*=UTF-8''%zz%") + b"1\r\n--x--\r\n",
    "many options": PART.replace(b'name="file"', b"a=b; " * 1900 + b'name="file"') + b"1\r\n--x--\r\n",
    "zeros": b"\0" * 100_000,
    "an epilogue": PART + b"1\r\n--x--\r\n" + b"z" * 3_000_000,
}


@pytest.mark.parametrize("kind", sorted(MULTIPARTS))
def test_a_multipart_body_made_to_harm_is_refused(target: Target, kind: str) -> None:
    began, before = time.monotonic(), psutil.Process().memory_info().rss
    head = target.head(
        "POST /api/v1/videos", "Content-Type: multipart/form-data; boundary=x", "Connection: close",
        f"Content-Length: {len(MULTIPARTS[kind])}",
    )  # fmt: skip
    answer = target.said(head + MULTIPARTS[kind])
    assert status(answer) in (0, 413, 422), answer[:300]
    assert time.monotonic() - began < 20
    assert psutil.Process().memory_info().rss - before < 200 << 20
    assert not list((target.work / "uploads").iterdir())


@pytest.mark.parametrize("boundary", ["", "x" * 71, '"', "x; boundary=y", "\xff"])
def test_an_odd_boundary_is_refused(target: Target, boundary: str) -> None:
    more = (f"Content-Type: multipart/form-data; boundary={boundary}", "Content-Length: 4", "Connection: close")
    assert status(target.said(target.head("POST /api/v1/videos", *more) + b"--x-")) == 422


def test_slow_and_endless_senders_hold_up_nobody_else(target: Target) -> None:
    """Half-sent heads and bodies, from as many connections as there are threads to answer, and more."""
    upload = target.http.post("/api/v1/uploads", headers=TUS | {"Upload-Length": "1000000"}).headers["location"]
    begun = (
        b"GET /healthz HTTP/1.1\r\nHost: loc",
        target.head("POST /api/v1/session", "Content-Type: application/json", "Content-Length: 1000") + b"{",
        target.head(
            "POST /api/v1/videos", "Content-Type: multipart/form-data; boundary=x", "Transfer-Encoding: chunked"
        )
        + b"5\r\n--x\r\n\r\n",
        target.head("POST /analyze-video", "Content-Type: multipart/form-data; boundary=x", "Content-Length: 99999")
        + b"--x",
    )
    body = b'Content-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    filing = target.head(
        "POST /api/v1/videos", "Content-Type: multipart/form-data; boundary=x", "Content-Length: 99999"
    )
    held = []
    try:
        for number in range(300):
            connection = target.connected()
            held.append(connection)
            connection.sendall(filing + b"--x\r\n" + body + b"1" if number % 5 == 4 else begun[number % 5])
        patch = target.head(f"PATCH {upload}", "Tus-Resumable: 1.0.0", "Upload-Offset: 0",
                            "Content-Type: application/offset+octet-stream", "Content-Length: 1000000")  # fmt: skip
        for _ in range(20):
            connection = target.connected()
            held.append(connection)
            connection.sendall(patch + b"1")
        time.sleep(0.5)
        for _ in range(5):
            began = time.monotonic()
            assert target.http.get("/api/v1/session").status_code == 200
            assert target.http.get(f"/api/v1/videos/{target.video}").status_code == 200
            assert time.monotonic() - began < 5
    finally:
        for connection in held:
            connection.close()
    deadline = time.monotonic() + 40
    while len(list((target.work / "uploads").iterdir())) > 1:
        assert time.monotonic() < deadline, "files of those who went away stay"
        time.sleep(0.1)
    assert target.http.delete(upload, headers=TUS).status_code == 204


# Resumable uploads


@pytest.mark.parametrize(
    "headers",
    [
        {"Upload-Length": "-1"}, {"Upload-Length": "0"}, {"Upload-Length": "1" * 19}, {"Upload-Length": "9" * 400},
        {"Upload-Length": "٣"},
        {"Upload-Length": "1e3"}, {"Upload-Length": "+5"}, {}, {"Upload-Length": "5", "Tus-Resumable": "0.2.2"},
        {"Upload-Length": "5", "Upload-Metadata": "filename !!!"}, {"Upload-Length": "5",
        "Upload-Metadata": "tags " + base64.b64encode(b"a," * 20_000).decode()},
        {"Upload-Length": "5", "Upload-Metadata": "workspace_id " + base64.b64encode(b"../x\0").decode()},
        {"Upload-Length": "5", "Upload-Metadata": ",".join(f"k{n} eA==" for n in range(6000))},
        {"Upload-Length": "5", "Upload-Metadata": "filename " + base64.b64encode(b"a" * 40_000).decode()},
        {"Upload-Length": "5", "Upload-Metadata": "filename " + base64.b64encode(b"\xff\0\r\nX: y/../../z").decode()},
    ],
)  # fmt: skip
def test_an_upload_begins_with_what_can_be(target: Target, headers: dict[str, str]) -> None:
    sent = [(key.encode(), value.encode()) for key, value in (TUS | headers).items()]
    answer = target.http.post("/api/v1/uploads", headers=sent)
    if answer.status_code == 201:
        name = target.http.get(answer.headers["location"]).json()["name"]
        assert name.isprintable()
        assert "/" not in name
        assert len(name) <= 255
        assert target.http.delete(answer.headers["location"], headers=TUS).status_code == 204
    else:
        assert answer.status_code in (400, 404, 413, 422, 431), answer.text
    assert not list((target.work / "uploads").iterdir())


def test_no_piece_of_an_upload_goes_where_it_does_not_belong(target: Target) -> None:
    place = target.http.post("/api/v1/uploads", headers=TUS | {"Upload-Length": "10"}).headers["location"]

    def sent(offset: str, content: bytes, **more: str) -> int:
        return target.http.patch(place, content=content, headers=CHUNK | {"Upload-Offset": offset} | more).status_code

    for offset in ("-1", "1", "11", "9" * 18, "9" * 400, "1e1", "0x0", "", "0,0"):
        assert sent(offset, b"12345") in (409, 422), offset
    assert sent("0", b"x" * 11) == 413
    at = int(target.http.head(place).headers["upload-offset"])
    assert at <= 10
    for checksum in ("sha1 AAAA", "sha256 !!!", "md4 AAAA", "sha256", "sha256 " + "A" * 10_000, "../x AAAA"):
        assert sent(str(at), b"", **{"Upload-Checksum": checksum}) in (204, 409, 422), checksum
    assert int(target.http.head(place).headers["upload-offset"]) == at
    stranger = target.service.person("stranger@example.org")
    with target.service.http(stranger.token) as other:
        assert other.patch(place, content=b"", headers=CHUNK | {"Upload-Offset": str(at)}).status_code == 404
        assert other.delete(place, headers=TUS).status_code == 404
    assert target.http.delete(place, headers=TUS).status_code == 204
    assert not list((target.work / "uploads").iterdir())


# What is in the file

PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n#EXTINF:10,\nhttp://127.0.0.1:1/x.ts\n#EXT-X-ENDLIST\n"
HTML = b"<!doctype html><html><script>alert(document.domain)</script>"
FILES: dict[str, bytes] = {
    "a playlist": PLAYLIST,
    "a list of files": b"ffconcat version 1.0\nfile /etc/passwd\nfile 'subfile,,start,0,end,9,,:/etc/passwd'\n",
    "a dash manifest": b'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><Period><AdaptationSet>'
    b"<Representation><BaseURL>file:///etc/passwd</BaseURL></Representation></AdaptationSet></Period></MPD>",
    "entities": b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><smil>&a;</smil>',
    "a session description": b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
    b"m=video 9 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
    "a web page": HTML,
    "a drawing": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>',
    "subtitles": b"WEBVTT\n\n00:00.000 --> 00:01.000\n<script>alert(1)</script>\n",
    "an image with a page behind it": b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x00"
    b"\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;" + HTML,
    "an archive": b"PK\x03\x04" + b"\0" * 100,
    "a program": b"\x7fELF" + b"\0" * 1000,
    "a script": b"#!/bin/sh\ntouch /tmp/owned\n",
}  # fmt: skip


@pytest.mark.parametrize("kind", sorted(FILES))
def test_a_file_that_is_no_video_is_no_video_whatever_its_name(target: Target, kind: str) -> None:
    answer = target.http.post("/api/v1/videos", files={"file": ("holiday.mp4", FILES[kind], "video/mp4")})
    assert answer.status_code in (201, 422), answer.text
    assert b"root:" not in answer.content
    if answer.status_code == 201:
        _is_harmless(target, answer.json()["id"])


@pytest.mark.parametrize("suffix", [".html", ".svg", ".mp4.html", ".xhtml", ".js", ""])
def test_a_video_that_is_a_page_as_well_is_served_as_a_video(target: Target, suffix: str) -> None:
    path = write_clip(
        target.folder / f"polyglot{len(suffix)}.mkv", pictures=3 + len(suffix), metadata={"title": SCRIPT}
    )
    content = path.read_bytes() + HTML
    made = target.http.post("/api/v1/videos", files={"file": (f"page{suffix}", content, "text/html")}).json()
    _is_harmless(target, made["id"])


def _is_harmless(target: Target, video: str) -> None:
    link = target.http.post(f"/api/v1/videos/{video}/links").json()["url"]
    for path in (f"/api/v1/videos/{video}/media", f"/api/v1/videos/{video}/media?download=true", link):
        answer = target.http.get(path)
        kind = answer.headers["content-type"]
        assert kind.startswith(("video/", "audio/", "image/")) or kind == "application/octet-stream"
        assert "svg" not in kind
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in answer.headers["content-security-policy"]
        assert kind.startswith(("video/", "audio/")) or answer.headers["content-disposition"].startswith("attachment")


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.scripts, self.handlers, self.text, self.sources = 0, 0, "", 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        self.handlers += sum(name.startswith("on") for name, _ in attrs)
        self.sources += sum(
            1 for name, value in attrs if name in ("src", "href") and not (value or "").startswith(("#", "data:"))
        )

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_report_runs_nothing_of_the_videos(target: Target) -> None:
    waiver = {"check": "V1", "who": SCRIPT, "why": f"]]>{SCRIPT}"}
    kept = target.http.post(f"/api/v1/analyses/{target.analysis}/judgement", json={"waivers": [waiver]})
    assert kept.status_code == 200
    page = _Page()
    answer = target.http.get(f"/api/v1/analyses/{target.analysis}/reports/html")
    page.feed(answer.text)
    assert "evil.example" in page.text
    assert SCRIPT not in answer.text
    assert (page.handlers, page.sources) == (0, 0)
    assert page.scripts == 2
    policy = answer.headers["content-security-policy"]
    assert "sandbox" in policy
    assert "allow-same-origin" not in policy
    for to in ("ebu-xml", "fcp7", "csv", "vtt", "edl", "otio", "json"):
        other = target.http.get(f"/api/v1/analyses/{target.analysis}/reports/{to}")
        assert other.headers["content-disposition"] == f'attachment; filename="{target.analysis}{_suffix(other)}"'
        assert "html" not in other.headers["content-type"]
        assert to not in ("ebu-xml", "fcp7") or b"<script" not in other.content


def _suffix(answer: httpx.Response) -> str:
    return (
        answer.headers["content-disposition"].rpartition("/")[2].split('"')[1].partition(".")[1]
        + answer.headers["content-disposition"].split('"')[1].partition(".")[2]
    )


# Templates and waivers

TEMPLATES: dict[str, str] = {
    "nested lists": "x = " + "[" * 90_000,
    "nested tables": "x = " + "{a=" * 60_000,
    "dotted keys": ".".join(["a"] * 90_000) + " = 1",
    "a deep table": "[" + ".".join(["a"] * 90_000) + "]",
    "a deep parameter": "[checks.V1." + ".".join(["a"] * 50_000) + "]\nb = 1",
    "many deep tables": "\n".join(f"[checks.V1.{'.'.join(['a'] * 90)}.b{n}]" for n in range(900)),
    "a huge number": "x = " + "9" * 100_000,
    "a huge hexadecimal": "x = 0x" + "f" * 100_000,
    "a huge threshold": "[checks.V1]\nstate = 'fail'\nmin_duration_s = " + "9" * 5000,
    "a great threshold": "[checks.V1]\nstate = 'fail'\nmin_duration_s = 1e308",
    "no number": "[checks.V1]\nstate = 'fail'\nmin_duration_s = nan",
    "without end": "[checks.V1]\nstate = 'fail'\nmin_duration_s = inf",
    "keys twice": "extends = 'default'\nextends = 'netflix'",
    "tables twice": "[checks.V1]\n[checks.V1]",
    "a long word": "extends = '" + "a" * 190_000 + "'",
    "a long key": "[checks." + "a" * 190_000 + "]",
    "many keys": "\n".join(f"k{n} = 1" for n in range(20_000)),
    "a path": "extends = '../../etc/passwd.toml'",
    "another path": "extends = '/etc/passwd'",
    "a rule for all times": "extends = 'default'\n[[rules]]\nkind = 'black'\nlabel = 'fade'\nto = 'ignore'\n"
    "max_duration_s = 1e308",
    "many rules": "extends = 'default'\n" + "[[rules]]\nkind='black'\nlabel='x'\nto='ignore'\n" * 4000,
    "odd dates": "x = 9999-99-99",
    "half a sign": 'title = "\\ud800"',
}  # fmt: skip


@pytest.mark.parametrize("kind", sorted(TEMPLATES))
def test_a_template_made_to_harm_is_refused_in_time(target: Target, kind: str) -> None:
    began = time.monotonic()
    for keep in (
        lambda: target.http.put("/api/v1/templates/bad", json={"source": TEMPLATES[kind]}),
        lambda: target.http.post(
            f"/api/v1/analyses/{target.analysis}/judgement", json={"template_source": TEMPLATES[kind], "keep": False}
        ),
    ):
        answer = keep()
        assert answer.status_code == 422 or (answer.status_code == 200 and kind in MAY_BE), answer.text[:500]
        assert len(answer.content) < 300_000
    assert time.monotonic() - began < 20
    assert target.is_well()


MAY_BE = ("a great threshold", "a rule for all times")


@pytest.mark.parametrize(
    "waiver",
    [
        {"start": "9" * 64}, {"start": "1e9999999"}, {"start": "99:59:59:99", "end": "99:59:59:99"}, {"start": "-5",
        "end": "5"},
        {"start": "00:00:00:999", "end": "00:00:00;00"}, {"end": "0." + "0" * 60 + "1"}, {"start": "5", "end": "1"},
        {"start": "٣"},
        {"start": "::::"}, {"start": "0:0:0:0"}, {"expires": "9999-12-31"}, {"expires": "0000-00-00"},
        {"expires": "1e300"},
        {"sha256": "../" * 20}, {"sha256": "0" * 64}, {"check": "../../x"}, {"check": "V" * 64}, {"who": "\ud800"},
        {"why": "\u202e\u0007"},
    ],
)  # fmt: skip
def test_an_absurd_waiver_is_refused_or_covers_nothing_else(target: Target, waiver: dict[str, str]) -> None:
    body = json.dumps({"waivers": [{"check": "V1", "who": "a", "why": "b"} | waiver], "keep": False}).encode()
    answer = target.http.post(f"/api/v1/analyses/{target.analysis}/judgement", content=body, headers=JSON)
    assert answer.status_code in (200, 422), answer.text
