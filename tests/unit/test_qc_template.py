"""Templates: what is shipped, how they build on each other, and what a wrong one is told."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from sightline.desks.qc.check import Check, checks
from sightline.desks.qc.template import OnFailure, Outcome, Template, load_template, parse_template, templates
from sightline.detectors.detector import detectors
from sightline.errors import TemplateInvalid
from sightline.text import Language, catalogue

SHIPPED = ("default", "archive", "atsc-a85", "dpp", "ebu-r128", "ebu-r128-s1", "netflix", "web-ad", "youtube")
FIRST_WAVE = (
    *(f"F{i}" for i in range(1, 9)), *(f"V{i}" for i in range(1, 12)), *(f"P{i}" for i in range(1, 5)),
    "A1", "A2", "A3", "A5", "A6", "A7", "A8", "A9",
)  # fmt: skip


def written(folder: Path, text: str, name: str = "mine") -> Path:
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path


def check_of(template: Template, check_id: str) -> Check:
    return next(plan.check for plan in template.checks if plan.check.id == check_id)


def parameter(template: Template, check_id: str, name: str) -> object:
    return getattr(check_of(template, check_id), name)


def problem(folder: Path, text: str) -> TemplateInvalid:
    with pytest.raises(TemplateInvalid) as caught:
        load_template(written(folder, text))
    assert caught.value.message.render(Language.KOREAN)
    return caught.value


def test_all_checks_of_the_first_wave_are_found_in_the_order_of_a_report():
    assert tuple(checks()) == FIRST_WAVE


def test_every_check_has_a_title_and_a_text():
    for check_id in checks():
        assert {f"checks.{check_id}.title", f"checks.{check_id}.text"} <= set(catalogue(Language.ENGLISH))


def test_checks_ask_only_for_detectors_and_thresholds_that_exist():
    for check in checks().values():
        parameters = {field.name for field in dataclasses.fields(check)}  # type: ignore[arg-type]
        for ask in check.asks:
            fields = {field.name for field in dataclasses.fields(detectors()[ask.detector])}  # type: ignore[arg-type]
            assert ask.field in fields
            assert ask.parameter in parameters
            assert ask.detector in check.detectors


def test_the_shipped_templates_are_there_with_words_in_every_language():
    assert tuple(templates()) == SHIPPED
    for info in templates().values():
        assert set(info.title) == set(info.description) == set(Language)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_template_plans_every_check_and_names_the_source_of_every_limit(name: str):
    template = load_template(name)
    assert {plan.check.id for plan in template.checks} == set(FIRST_WAVE)
    for plan in template.checks:
        defaults = type(plan.check)()
        if dataclasses.asdict(plan.check) != dataclasses.asdict(defaults):  # type: ignore[call-overload]
            assert plan.source is not None
            assert "template " not in plan.source, plan.check.id


def test_loudness_targets_are_those_of_the_documents():
    expected = {"ebu-r128": (-23.0, 0.2, -1.0), "atsc-a85": (-24.0, 2.0, -2.0), "netflix": (-27.0, 2.0, -2.0)}
    for name, (target, tolerance, peak) in expected.items():
        template = load_template(name)
        assert parameter(template, "A1", "target_lufs") == target
        assert parameter(template, "A1", "tolerance_lu") == tolerance
        assert parameter(template, "A3", "max_true_peak_dbtp") == peak
    assert parameter(load_template("ebu-r128-s1"), "A2", "max_short_term_lufs") == -18.0


def test_a_template_keeps_what_it_does_not_set_and_wins_where_it_does(tmp_path: Path):
    path = written(tmp_path, 'extends = "ebu-r128"\n[checks.A1]\ntolerance_lu = 0.5\n')
    template = load_template(path)
    assert template.ancestry == ("ebu-r128", "default")
    assert parameter(template, "A1", "target_lufs") == -23.0
    assert parameter(template, "A1", "tolerance_lu") == 0.5


def test_a_changed_limit_without_a_source_is_not_passed_off_as_the_standards(tmp_path: Path):
    template = load_template(written(tmp_path, 'extends = "ebu-r128"\n[checks.A1]\ntolerance_lu = 0.5\n'))
    plan = next(plan for plan in template.checks if plan.check.id == "A1")
    assert plan.source == "template mine"


def test_only_a_changed_weight_keeps_the_source(tmp_path: Path):
    template = load_template(written(tmp_path, 'extends = "ebu-r128"\n[checks.A1]\nstate = "warn"\n'))
    plan = next(plan for plan in template.checks if plan.check.id == "A1")
    assert plan.on_failure is OnFailure.WARN
    assert plan.source is not None
    assert plan.source.startswith("EBU R 128")


def test_a_template_may_extend_one_beside_it(tmp_path: Path):
    written(tmp_path, 'extends = "default"\n[checks.V1]\nmin_duration_s = 7\n', "house")
    template = load_template(written(tmp_path, 'extends = "house.toml"\n'))
    assert parameter(template, "V1", "min_duration_s") == 7


def test_without_extends_only_the_checks_named_are_planned(tmp_path: Path):
    template = load_template(written(tmp_path, '[checks.V1]\nstate = "fail"\n[checks.V3]\nstate = "off"\n'))
    assert [plan.check.id for plan in template.checks] == ["V1"]


def test_detectors_take_their_thresholds_from_the_template(tmp_path: Path):
    template = load_template(written(tmp_path, 'extends = "default"\n[detectors.black]\nmin_share = 0.9\n'))
    black = next(d for d in template.detectors if d.name == "black")
    assert getattr(black, "min_share") == 0.9  # noqa: B009


def test_a_detector_finds_at_least_what_a_check_judges(tmp_path: Path):
    text = 'extends = "atsc-a85"\n[checks.A5]\nmin_duration_s = 0.3\n[detectors.black]\nmin_duration_s = 9.0\n'
    found = {detector.name: detector for detector in load_template(written(tmp_path, text)).detectors}
    assert getattr(found["silence"], "min_duration_s") == 0.3  # noqa: B009
    assert getattr(found["black"], "min_duration_s") == 2.0  # noqa: B009
    assert getattr(found["true_peak_over"], "max_dbtp") == -2.0  # noqa: B009


def test_rules_of_the_nearer_template_come_first(tmp_path: Path):
    text = 'extends = "default"\n[[rules]]\nkind = "black"\nlabel = "head"\nto = "keep"\n'
    assert load_template(written(tmp_path, text)).rules[0].to is Outcome.KEEP


def test_the_hash_changes_with_any_limit_and_with_nothing_else(tmp_path: Path):
    plain = load_template(written(tmp_path, 'extends = "default"\n'))
    titled = load_template(written(tmp_path, 'extends = "default"\n[title]\nen = "x"\n'))
    other = load_template(written(tmp_path, 'extends = "default"\n[checks.V1]\nmin_duration_s = 2.5\n'))
    assert len(plain.sha256) == 64
    assert plain.sha256 == titled.sha256
    assert plain.sha256 != other.sha256


@pytest.mark.parametrize(
    ("text", "key", "hint"),
    [
        ('extend = "default"', "extend", "extends"),
        ('[checks.V99]\nstate = "fail"', "checks.V99", "V1"),
        ('[checks.V1]\nstate = "fail"\nmin_duration = 1.0', "checks.V1.min_duration", "min_duration_s"),
        ("[detectors.blac]\nmin_share = 0.9", "detectors.blac", "black"),
        ("[detectors.black]\nmin_shar = 0.9", "detectors.black.min_shar", "min_share"),
        ('[[rules]]\nkind = "blak"\nlabel = "head"\nto = "info"', "rules.kind.blak", "black"),
        ('[[rules]]\nkind = "black"\nlabel = "haed"\nto = "info"', "rules.label.haed", "head"),
        ('[[rules]]\nkind = "black"\nlabel = "head"\nto = "info"\nwhy = "x"', "rules.0.why", "label"),
    ],
)
def test_an_unknown_name_is_an_error_that_names_the_nearest(tmp_path: Path, text: str, key: str, hint: str):
    error = problem(tmp_path, text)
    assert error.message.key == "qc.template_unknown_key"
    fields = dict(error.message.fields)
    assert fields["file"] == "mine"
    assert fields["key"] == key
    assert hint in str(fields["allowed"])


@pytest.mark.parametrize(
    ("text", "key", "allowed"),
    [
        ('[checks.V1]\nstate = "error"', "checks.V1.state", "fail, warn, report, off"),
        ('[checks.V1]\nstate = "fail"\nmin_duration_s = -1', "checks.V1.min_duration_s", ">= 0"),
        ('[checks.V1]\nstate = "fail"\nmin_duration_s = "2"', "checks.V1.min_duration_s", "number"),
        ('[checks.V1]\nstate = "fail"\nmin_duration_s = true', "checks.V1.min_duration_s", "number"),
        ('[checks.V1]\nstate = "fail"\nmin_duration_s = nan', "checks.V1.min_duration_s", "number"),
        ('[checks.F2]\nstate = "fail"\nscan = "both"', "checks.F2.scan", "'progressive', 'interlaced' or 'any'"),
        ('[checks.F2]\nstate = "fail"\nrates = ["fast"]', "checks.F2", "fast"),
        ('[checks.V1]\nstate = "fail"\nsource = 3', "checks.V1.source", "…"),
        ('[[rules]]\nkind = "black"\nlabel = "head"\nto = "pass"', "rules.0.to", "'keep', 'warn', 'info' or 'ignore'"),
    ],
)
def test_a_value_that_cannot_be_is_an_error_that_says_what_can(tmp_path: Path, text: str, key: str, allowed: str):
    error = problem(tmp_path, text)
    fields = dict(error.message.fields)
    assert error.message.key == "qc.template_value"
    assert fields["key"] == key
    assert allowed in str(fields["allowed"])


def test_a_wrong_value_is_blamed_on_the_file_that_holds_it(tmp_path: Path):
    written(tmp_path, 'extends = "default"\n[checks.V1]\nmin_duration_s = -1\n', "house")
    with pytest.raises(TemplateInvalid, match=r"^house: "):
        load_template(written(tmp_path, 'extends = "house.toml"\n'))


def test_parameters_without_a_state_say_so(tmp_path: Path):
    assert problem(tmp_path, "[checks.V1]\nmin_duration_s = 1.0\n").message.key == "qc.template_no_state"


def test_a_rule_that_lacks_a_key_says_which(tmp_path: Path):
    error = problem(tmp_path, '[[rules]]\nkind = "black"\nto = "info"\n')
    assert (error.message.key, dict(error.message.fields)["key"]) == ("qc.template_missing_key", "rules.0.label")


def test_an_unknown_shipped_name_lists_those_there_are():
    with pytest.raises(TemplateInvalid, match=r"ebu-r128-s1.*Nearest: ebu-r128\."):
        load_template("ebu-r182")


def test_templates_that_extend_each_other_are_refused(tmp_path: Path):
    written(tmp_path, 'extends = "b.toml"\n', "a")
    written(tmp_path, 'extends = "a.toml"\n', "b")
    with pytest.raises(TemplateInvalid) as caught:
        load_template(tmp_path / "a.toml")
    assert caught.value.message.key == "qc.template_loop"


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a" * 1_000_001, b"checks = ["])
def test_what_is_no_template_file_is_a_typed_error(tmp_path: Path, content: bytes):
    path = tmp_path / "x.toml"
    path.write_bytes(content)
    with pytest.raises(TemplateInvalid):
        load_template(path)


def test_a_missing_file_and_a_folder_are_typed_errors(tmp_path: Path):
    (tmp_path / "d.toml").mkdir()
    for path in (tmp_path / "none.toml", tmp_path / "d.toml"):
        with pytest.raises(TemplateInvalid):
            load_template(path)


def test_a_template_given_as_text_builds_on_shipped_ones_by_name_only() -> None:
    assert parse_template("client", 'extends = "ebu-r128-s1"\n').ancestry[0] == "ebu-r128-s1"
    for parent in ("../../etc/passwd", "/etc/passwd.toml", "x.toml", "client"):
        with pytest.raises(TemplateInvalid):
            parse_template("client", f'extends = "{parent}"\n')
