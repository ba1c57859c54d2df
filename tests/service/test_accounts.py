"""Accounts, sessions, links, tokens, share links and workspaces over every database."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from tests.security.accounts_app import PASSWORD, Parts

from sightline.errors import (
    Conflict,
    NotAllowed,
    NotFound,
    NotSignedIn,
    RequestInvalid,
    SightlineError,
    TooManyAttempts,
)
from sightline.library.actor import SYSTEM, Actor, Role, Scope
from sightline.library.columns import now
from sightline.library.database import Database, one
from sightline.library.paging import MOST
from sightline.library.running_tables import AuditRow, ChangeRow
from sightline.library.sign_in_tables import LinkRow, SessionRow, TokenRow
from sightline.library.tables import MemberRow, ShareRow, UserRow, VideoRow, WorkspaceRow
from sightline.service.audit_reading import AuditFilter
from sightline.service.people.caller import Caller
from sightline.service.people.secret import hash_of
from sightline.service.people.sessions import Sessions
from sightline.service.settings import Settings
from sightline.text import Language

HERE, THERE = Caller("192.0.2.1", "browser", "request-1"), Caller("198.51.100.7", "other")


@pytest.fixture
def parts(database: Database) -> Parts:
    return Parts(database)


def at_once(work: Callable[[], object], times: int = 6) -> list[object]:
    """What each of several threads got, or the error it ended in."""
    gate, found = threading.Barrier(times), []

    def one_of_them() -> None:
        gate.wait()
        try:
            found.append(work())
        except SightlineError as error:
            found.append(error)

    threads = [threading.Thread(target=one_of_them) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def secret_in(path: str) -> str:
    return path.partition("secret=")[2]


def backdate(parts: Parts, session_id: str, **ago: timedelta) -> None:
    with parts.database.write(SYSTEM) as opened:
        moments = {name: now() - by for name, by in ago.items()}
        opened.execute(update(SessionRow).where(SessionRow.id == session_id).values(**moments))


def actions(parts: Parts) -> list[str]:
    with parts.database.read(SYSTEM) as opened:
        return list(opened.scalars(select(AuditRow.action).order_by(AuditRow.id)))


# The first start


def test_the_first_start_makes_an_administrator_with_a_workspace_and_a_link(parts: Parts) -> None:
    path = parts.links.first_link()
    assert path is not None
    signed_in = parts.links.use(secret_in(path), HERE)
    actor = parts.actors.actor_of_session(signed_in.secret, HERE)
    assert (actor.name, actor.is_admin, list(actor.roles.values())) == ("admin@localhost", True, [Role.OWNER])
    assert [mine.workspace.name for mine in parts.workspaces.list(actor)] == ["Main"]


def test_every_start_shows_a_link_until_one_was_used(parts: Parts) -> None:
    first, second = parts.links.first_link(), parts.links.first_link()
    assert first is not None
    assert second is not None
    assert first != second
    parts.links.use(secret_in(first), HERE)
    assert parts.links.first_link() is None
    with pytest.raises(NotSignedIn):
        parts.links.use(secret_in(second), HERE)


def test_the_first_account_takes_the_language_its_link_was_read_in_and_later_links_change_none(parts: Parts) -> None:
    first = parts.links.first_link()
    assert first is not None
    signed_in = parts.links.use(secret_in(first), HERE, language=Language.KOREAN)
    actor = parts.actors.actor_of_session(signed_in.secret, HERE)
    assert parts.accounts.get(actor, signed_in.user_id).language == "ko"
    again = parts.links.create(actor, signed_in.user_id)
    parts.links.use(secret_in(again), HERE, language=Language.ENGLISH)
    assert parts.accounts.get(actor, signed_in.user_id).language == "ko"


def test_no_link_is_shown_once_somebody_has_a_password(parts: Parts) -> None:
    parts.links.first_link()
    parts.user()
    assert parts.links.first_link() is None


def test_processes_that_start_together_make_one_administrator(parts: Parts) -> None:
    found = at_once(parts.links.first_link)
    assert all(isinstance(path, str) for path in found), found
    assert parts.count(UserRow) == 1
    assert parts.count(WorkspaceRow) == 1


def test_a_service_without_a_usable_account_knows_it(parts: Parts) -> None:
    assert not parts.accounts.can_anybody_sign_in()
    parts.links.first_link()
    assert not parts.accounts.can_anybody_sign_in()
    user = parts.user(is_admin=False)
    assert parts.accounts.can_anybody_sign_in()
    parts.accounts.disable(SYSTEM, user.id)
    assert not parts.accounts.can_anybody_sign_in()


# One-time links


def test_of_many_who_use_a_link_at_the_same_time_one_is_let_in(parts: Parts) -> None:
    user = parts.user(password=None)
    secret = secret_in(parts.links.create(SYSTEM, user.id))
    found = at_once(lambda: parts.links.use(secret, HERE))
    assert sum(not isinstance(one_answer, SightlineError) for one_answer in found) == 1, found
    assert parts.count(SessionRow) == 1


def test_a_link_ends_after_an_hour(parts: Parts) -> None:
    secret = secret_in(parts.links.create(SYSTEM, parts.user(password=None).id))
    with parts.database.write(SYSTEM) as opened:
        link = opened.scalars(select(LinkRow)).one()
        assert timedelta(minutes=59) < link.expires_at - now() <= timedelta(hours=1)
        link.expires_at = now() - timedelta(seconds=1)
    with pytest.raises(NotSignedIn):
        parts.links.use(secret, HERE)


def test_only_the_hash_of_a_link_is_kept(parts: Parts) -> None:
    secret = secret_in(parts.links.create(SYSTEM, parts.user().id))
    with parts.database.read(SYSTEM) as opened:
        assert opened.scalars(select(LinkRow.secret_hash)).one() == hash_of(secret)


def test_a_link_of_a_disabled_account_is_void(parts: Parts) -> None:
    parts.user(is_admin=True)
    user = parts.user("b@example.org")
    secret = secret_in(parts.links.create(SYSTEM, user.id))
    parts.accounts.disable(SYSTEM, user.id)
    parts.accounts.enable(SYSTEM, user.id)
    with pytest.raises(NotSignedIn):
        parts.links.use(secret, HERE)


# Signing in


def test_signing_in_gives_a_session_with_the_roles_of_its_user(parts: Parts) -> None:
    user = parts.user("Mina@Example.org")
    signed_in = parts.sessions.sign_in("MINA@example.org ", PASSWORD, HERE)
    actor = parts.actors.actor_of_session(signed_in.secret, HERE)
    assert (actor.user_id, actor.name, actor.address, actor.request_id) == (
        user.id, "mina@example.org", "192.0.2.1", "request-1",
    )  # fmt: skip
    assert actor.scopes == frozenset(Scope)
    assert list(actor.roles.values()) == [Role.OWNER]
    assert actions(parts)[-1] == "sign_in.succeeded"


@pytest.mark.parametrize("what", ["wrong password", "unknown", "disabled", "no password"])
def test_whatever_is_wrong_is_told_in_the_same_words(parts: Parts, what: str) -> None:
    parts.user("keeper@example.org", is_admin=True)
    user = parts.user(password=None if what == "no password" else PASSWORD)
    if what == "disabled":
        parts.accounts.disable(SYSTEM, user.id)
    email = "nobody@example.org" if what == "unknown" else user.email
    with pytest.raises(NotSignedIn) as told:
        parts.sessions.sign_in(email, "wrong password" if what == "wrong password" else PASSWORD, HERE)
    assert told.value.message.key == "account.wrong_email_or_password"
    assert actions(parts)[-1] == "sign_in.failed"


@pytest.mark.parametrize("email", ["", "\0", "\0@x", "a" * 100_000, "' OR 1=1 --", "\U0001f600@x", "%"])
def test_whatever_is_typed_as_an_address_is_only_unknown(parts: Parts, email: str) -> None:
    with pytest.raises(NotSignedIn):
        parts.sessions.sign_in(email, PASSWORD, HERE)


def test_too_many_wrong_passwords_make_the_right_one_wait(database: Database) -> None:
    parts = Parts(database, Settings(sign_in_attempts=3))
    parts.user()
    for _ in range(3):
        with pytest.raises(NotSignedIn):
            parts.sessions.sign_in("mina@example.org", "wrong password", HERE)
    for _ in range(2):
        with pytest.raises(TooManyAttempts) as told:
            parts.sessions.sign_in("mina@example.org", PASSWORD, HERE)
        assert 14 * 60 < told.value.retry_after_s <= 15 * 60 + 1
    assert actions(parts).count("sign_in.failed") == 3
    with parts.database.write(SYSTEM) as opened:
        opened.execute(update(AuditRow).values(at=now() - timedelta(minutes=16)))
    parts.sessions.sign_in("mina@example.org", PASSWORD, HERE)


def test_the_outcome_of_every_attempt_is_told(database: Database) -> None:
    parts, told = Parts(database, Settings(sign_in_attempts=1)), []
    parts.user()
    sessions = Sessions(database, parts.settings, parts.passwords, told.append)
    sessions.sign_in("mina@example.org", PASSWORD, HERE)
    for _ in range(2):
        with pytest.raises(SightlineError):
            sessions.sign_in("mina@example.org", "wrong password", HERE)
    assert told == ["succeeded", "failed", "refused"]


def test_another_process_counts_the_same_attempts(database: Database) -> None:
    first, second = (Parts(database, Settings(sign_in_attempts=2)) for _ in range(2))
    first.user()
    for parts in (first, second):
        with pytest.raises(NotSignedIn):
            parts.sessions.sign_in("mina@example.org", "wrong password", HERE)
    with pytest.raises(TooManyAttempts):
        second.sessions.sign_in("mina@example.org", PASSWORD, HERE)


def test_attempts_at_the_same_time_are_counted_as_well(database: Database) -> None:
    parts = Parts(database, Settings(sign_in_attempts=3))
    parts.user()
    looked_at = []
    check = parts.passwords.check
    parts.passwords.check = lambda *a: looked_at.append(a) or check(*a)  # type: ignore[method-assign,func-returns-value]
    at_once(lambda: parts.sessions.sign_in("mina@example.org", "wrong password", HERE), 8)
    assert len(looked_at) <= 3


def test_an_owner_gets_in_from_where_he_was_while_a_stranger_guesses(database: Database) -> None:
    parts = Parts(database, Settings(sign_in_attempts=2))
    parts.user()
    parts.sessions.sign_in("mina@example.org", PASSWORD, HERE)
    for _ in range(2):
        with pytest.raises(NotSignedIn):
            parts.sessions.sign_in("mina@example.org", "wrong password", THERE)
    with pytest.raises(TooManyAttempts):
        parts.sessions.sign_in("mina@example.org", PASSWORD, Caller("203.0.113.5"))
    parts.sessions.sign_in("mina@example.org", PASSWORD, HERE)


def test_a_browser_that_signs_in_again_gets_another_secret_and_loses_the_first(parts: Parts) -> None:
    parts.user()
    first = parts.sessions.sign_in("mina@example.org", PASSWORD, HERE)
    second = parts.sessions.sign_in("mina@example.org", PASSWORD, HERE, first.secret)
    assert first.secret != second.secret
    with pytest.raises(NotSignedIn):
        parts.actors.actor_of_session(first.secret)
    parts.actors.actor_of_session(second.secret)


def test_a_hash_with_old_parameters_is_renewed_at_signing_in(parts: Parts) -> None:
    from pwdlib import PasswordHash
    from pwdlib.hashers.argon2 import Argon2Hasher

    user = parts.user()
    older = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=128, parallelism=1),)).hash(PASSWORD)
    with parts.database.write(SYSTEM) as opened:
        one(opened, UserRow, user.id).password_hash = older
    parts.sessions.sign_in(user.email, PASSWORD, HERE)
    with parts.database.read(SYSTEM) as opened:
        renewed = one(opened, UserRow, user.id).password_hash
    assert renewed is not None
    assert renewed != older
    parts.sessions.sign_in(user.email, PASSWORD, HERE)


def test_no_more_users_are_signed_in_than_may_be(database: Database) -> None:
    parts = Parts(database, Settings(max_concurrent_users=2))
    emails = [parts.user(f"{n}@example.org").email for n in range(4)]
    parts.user("admin@example.org", is_admin=True)
    sessions = [parts.sessions.sign_in(email, PASSWORD, HERE) for email in (emails[0], emails[1], emails[0])]
    with pytest.raises(TooManyAttempts) as told:
        parts.sessions.sign_in(emails[2], PASSWORD, HERE)
    assert told.value.message.key == "account.too_many_users"
    parts.sessions.sign_in("admin@example.org", PASSWORD, HERE)
    parts.sessions.revoke_all(SYSTEM, sessions[1].user_id)
    with parts.database.write(SYSTEM) as opened:
        opened.execute(update(SessionRow).values(revoked_at=now()))
    found = at_once(lambda: parts.sessions.sign_in(emails[at.pop()], PASSWORD, HERE), len(at := [0, 1, 2, 3]))
    assert sum(not isinstance(answer, SightlineError) for answer in found) == 2, found


# Sessions


def test_a_session_ends_when_it_is_not_used(parts: Parts) -> None:
    parts.user()
    signed_in = parts.sessions.sign_in("mina@example.org", PASSWORD, HERE)
    backdate(parts, signed_in.session_id, seen_at=timedelta(minutes=29))
    parts.actors.actor_of_session(signed_in.secret)
    backdate(parts, signed_in.session_id, seen_at=timedelta(minutes=31))
    with pytest.raises(NotSignedIn):
        parts.actors.actor_of_session(signed_in.secret)


def test_a_session_ends_in_any_case(parts: Parts) -> None:
    parts.user()
    signed_in = parts.sessions.sign_in("mina@example.org", PASSWORD, HERE)
    backdate(parts, signed_in.session_id, created_at=timedelta(hours=24 * 14 + 1))
    with pytest.raises(NotSignedIn):
        parts.actors.actor_of_session(signed_in.secret)


def test_use_is_written_down_at_most_once_a_minute(parts: Parts) -> None:
    parts.user()
    signed_in = parts.sessions.sign_in("mina@example.org", PASSWORD, HERE)

    def seen() -> object:
        with parts.database.read(SYSTEM) as opened:
            return one(opened, SessionRow, signed_in.session_id).seen_at

    before = seen()
    parts.actors.actor_of_session(signed_in.secret)
    assert seen() == before
    backdate(parts, signed_in.session_id, seen_at=timedelta(seconds=61))
    parts.actors.actor_of_session(signed_in.secret)
    assert seen() > before  # type: ignore[operator]


def test_sessions_are_listed_and_revoked_by_their_user_alone(parts: Parts) -> None:
    mina, yuri = parts.actor(parts.user()), parts.actor(parts.user("yuri@example.org"))
    assert [row.id for row in parts.sessions.list(mina)] == [mina.session_id]
    with pytest.raises(NotFound):
        parts.sessions.revoke(yuri, str(mina.session_id))
    other = parts.sessions.sign_in("mina@example.org", PASSWORD, THERE)
    assert parts.sessions.revoke_all(mina) == 1
    with pytest.raises(NotSignedIn):
        parts.actors.actor_of_session(other.secret)
    parts.sessions.sign_out(mina)
    assert parts.sessions.list(mina) == []


def test_disabling_ends_sessions_and_tokens_at_once_and_enabling_brings_no_session_back(parts: Parts) -> None:
    parts.user("keeper@example.org", is_admin=True)
    user = parts.user()
    signed_in = parts.sessions.sign_in(user.email, PASSWORD, HERE)
    _, token = parts.tokens.create(parts.actor(user), "t", [Scope.READ])
    parts.accounts.disable(SYSTEM, user.id)
    for ask, secret in ((parts.actors.actor_of_session, signed_in.secret), (parts.actors.actor_of_token, token)):
        with pytest.raises(NotSignedIn):
            ask(secret)
    parts.accounts.enable(SYSTEM, user.id)
    with pytest.raises(NotSignedIn):
        parts.actors.actor_of_session(signed_in.secret)
    parts.actors.actor_of_token(token)


# Accounts


def test_an_address_has_one_account(parts: Parts) -> None:
    parts.user()
    with pytest.raises(Conflict):
        parts.user("MINA@EXAMPLE.ORG")
    assert parts.count(WorkspaceRow) == 1


def test_a_new_password_ends_every_other_session_and_every_link(parts: Parts) -> None:
    user = parts.user()
    here = parts.sessions.sign_in(user.email, PASSWORD, HERE)
    there = parts.sessions.sign_in(user.email, PASSWORD, THERE)
    link = secret_in(parts.links.create(SYSTEM, user.id))
    actor = parts.actors.actor_of_session(here.secret)
    secret = parts.accounts.change_password(actor, PASSWORD, "battery staple 42", HERE)
    assert parts.actors.actor_of_session(secret).session_id == actor.session_id
    for gone in (here.secret, there.secret):
        with pytest.raises(NotSignedIn):
            parts.actors.actor_of_session(gone)
    with pytest.raises(NotSignedIn):
        parts.links.use(link, HERE)
    with pytest.raises(NotSignedIn):
        parts.sessions.sign_in(user.email, PASSWORD, HERE)
    parts.sessions.sign_in(user.email, "battery staple 42", HERE)


def test_the_current_password_must_be_known_and_cannot_be_guessed_at(database: Database) -> None:
    parts = Parts(database, Settings(sign_in_attempts=2))
    actor = parts.actor(parts.user())
    for _ in range(2):
        with pytest.raises(NotAllowed):
            parts.accounts.change_password(actor, "wrong password", "battery staple 42", THERE)
    with pytest.raises(TooManyAttempts):
        parts.accounts.change_password(actor, PASSWORD, "battery staple 42", THERE)


def test_a_first_password_is_set_soon_after_signing_in_by_a_link(parts: Parts) -> None:
    user = parts.user(password=None)
    actor = parts.actor(user)
    backdate(parts, str(actor.session_id), created_at=timedelta(hours=2))
    with pytest.raises(NotAllowed):
        parts.accounts.change_password(actor, None, PASSWORD, HERE)
    backdate(parts, str(actor.session_id), created_at=timedelta(minutes=2))
    parts.accounts.change_password(actor, None, PASSWORD, HERE)
    parts.sessions.sign_in(user.email, PASSWORD, HERE)


def test_a_token_changes_no_password(parts: Parts) -> None:
    _, token = parts.tokens.create(parts.actor(parts.user()), "t", [Scope.ADMIN])
    with pytest.raises(NotAllowed):
        parts.accounts.change_password(parts.actors.actor_of_token(token), PASSWORD, "battery staple 42", HERE)


def test_users_change_their_own_name_and_administrators_anybodys(parts: Parts) -> None:
    mina, admin = parts.user(), parts.user("admin@example.org", is_admin=True)
    assert mina.language == "", "nobody has chosen one"
    changed = parts.accounts.change(parts.actor(mina), mina.id, name=" 민아 ", language="ko")
    assert (changed.name, changed.language) == ("민아", "ko")
    with pytest.raises(NotAllowed):
        parts.accounts.change(parts.actor(mina), admin.id, name="x")
    with pytest.raises(NotAllowed):
        parts.accounts.change(parts.actor(mina), mina.id, is_admin=True)
    assert parts.accounts.change(parts.actor(admin), mina.id, is_admin=True).is_admin


def test_the_last_administrator_stays(parts: Parts) -> None:
    first, second = (parts.user(f"{n}@example.org", is_admin=True) for n in "ab")
    actor = parts.actor(first)
    parts.accounts.disable(actor, second.id)
    for undo in (
        lambda: parts.accounts.disable(actor, first.id),
        lambda: parts.accounts.remove(actor, first.id),
        lambda: parts.accounts.change(actor, first.id, is_admin=False),
    ):
        with pytest.raises(Conflict):
            undo()


def test_of_two_administrators_who_remove_each_other_one_stays(parts: Parts) -> None:
    first, second = (parts.user(f"{n}@example.org", is_admin=True) for n in "ab")
    order = [first.id, second.id]
    at_once(lambda: parts.accounts.disable(SYSTEM, order.pop()), 2)
    with parts.database.read(SYSTEM) as opened:
        left = select(func.count()).where(UserRow.is_admin, UserRow.disabled_at.is_(None))
        assert opened.scalar(left) == 1


def test_accounts_are_listed_in_pages(parts: Parts) -> None:
    admin = parts.actor(parts.user("admin@example.org", is_admin=True))
    for n in range(4):
        parts.user(f"{n}@example.org", password=None)
    found, cursor = [], None
    while True:
        page = parts.accounts.list(admin, cursor, 2)
        found += [row.email for row in page.items]
        if (cursor := page.next_cursor) is None:
            break
    assert sorted(found) == ["0@example.org", "1@example.org", "2@example.org", "3@example.org", "admin@example.org"]
    assert MOST >= 200


def test_a_user_goes_with_his_empty_workspace(parts: Parts) -> None:
    parts.user("admin@example.org", is_admin=True)
    mina = parts.user()
    parts.accounts.remove(SYSTEM, mina.id)
    assert parts.count(WorkspaceRow) == 1
    assert parts.count(UserRow) == 1


def test_a_workspace_with_videos_is_not_left_without_an_owner(database: Database) -> None:
    cleared: list[str] = []

    def clear(workspace_id: str) -> None:
        cleared.append(workspace_id)
        with database.write(SYSTEM) as opened:
            for video in opened.scalars(select(VideoRow)):
                opened.delete(video)

    parts = Parts(database, clear=clear)
    parts.user("admin@example.org", is_admin=True)
    mina = parts.user()
    workspace = parts.workspace_of(mina)
    parts.analysis(workspace)
    with pytest.raises(Conflict):
        parts.accounts.remove(SYSTEM, mina.id)
    assert parts.count(VideoRow) == 1
    parts.accounts.remove(SYSTEM, mina.id, with_workspaces=True)
    assert cleared == [workspace]
    assert parts.count(VideoRow) == 0


def test_a_workspace_with_another_owner_outlives_a_user(parts: Parts) -> None:
    parts.user("admin@example.org", is_admin=True)
    mina, yuri = parts.user(), parts.user("yuri@example.org")
    workspace = parts.workspace_of(mina)
    parts.workspaces.add_member(parts.actor(mina), workspace, yuri.email, Role.OWNER)
    parts.analysis(workspace)
    parts.accounts.remove(SYSTEM, mina.id)
    assert workspace in parts.actor(yuri).roles


# Tokens


def test_a_token_reaches_as_far_as_its_scopes_and_its_user(parts: Parts) -> None:
    actor = parts.actor(parts.user(is_admin=True))
    row, secret = parts.tokens.create(actor, "nightly", [Scope.WRITE])
    assert secret.startswith("sl_")
    found = parts.actors.actor_of_token(secret, HERE)
    assert (found.scopes, found.is_admin, found.roles) == (frozenset({Scope.READ, Scope.WRITE}), False, actor.roles)
    assert (found.token_id, found.session_id, found.address) == (row.id, None, "192.0.2.1")
    _, strong = parts.tokens.create(actor, "deploy", [Scope.ADMIN])
    assert parts.actors.actor_of_token(strong).is_admin


def test_a_token_for_one_workspace_reaches_no_other(parts: Parts) -> None:
    user = parts.user()
    actor = parts.actor(user)
    other = parts.workspaces.create(actor, "Other").workspace.id
    actor = parts.actor(user)
    _, secret = parts.tokens.create(actor, "t", [Scope.READ], workspace_id=other)
    assert list(parts.actors.actor_of_token(secret).roles) == [other]
    with pytest.raises(RequestInvalid):
        parts.tokens.create(actor, "t", [Scope.ADMIN], workspace_id=other)
    with pytest.raises(NotFound):
        parts.tokens.create(actor, "t", [Scope.READ], workspace_id="f" * 32)


def test_a_token_loses_a_workspace_with_its_user(parts: Parts) -> None:
    mina, yuri = parts.user(), parts.user("yuri@example.org")
    workspace, owner = parts.workspace_of(mina), parts.actor(mina)
    parts.workspaces.add_member(owner, workspace, yuri.email, Role.EDITOR)
    _, secret = parts.tokens.create(parts.actor(yuri), "t", [Scope.WRITE], workspace_id=workspace)
    assert parts.actors.actor_of_token(secret).roles == {workspace: Role.EDITOR}
    parts.workspaces.change_member(owner, workspace, yuri.id, Role.VIEWER)
    assert parts.actors.actor_of_token(secret).roles == {workspace: Role.VIEWER}
    parts.workspaces.remove_member(owner, workspace, yuri.id)
    assert parts.actors.actor_of_token(secret).roles == {}


def test_a_token_that_makes_a_token_gives_no_more_than_it_has(parts: Parts) -> None:
    actor, ends = parts.actor(parts.user()), now() + timedelta(days=1)
    _, weak = parts.tokens.create(actor, "t", [Scope.WRITE])
    with pytest.raises(NotAllowed):
        parts.tokens.create(parts.actors.actor_of_token(weak), "t", [Scope.READ])
    _, strong = parts.tokens.create(actor, "t", [Scope.ADMIN], expires_at=ends)
    made, _ = parts.tokens.create(parts.actors.actor_of_token(strong), "t", [Scope.ADMIN])
    assert made.expires_at == ends


def test_expired_and_revoked_tokens_are_refused(parts: Parts) -> None:
    actor = parts.actor(parts.user())
    row, secret = parts.tokens.create(actor, "t", [Scope.READ], expires_at=now() + timedelta(hours=1))
    with pytest.raises(RequestInvalid):
        parts.tokens.create(actor, "t", [Scope.READ], expires_at=now() - timedelta(hours=1))
    with parts.database.write(SYSTEM) as opened:
        one(opened, TokenRow, row.id).expires_at = now()
    with pytest.raises(NotSignedIn):
        parts.actors.actor_of_token(secret)
    row, secret = parts.tokens.create(actor, "t", [Scope.READ])
    with pytest.raises(NotFound):
        parts.tokens.revoke(parts.actor(parts.user("yuri@example.org")), row.id)
    parts.tokens.revoke(actor, row.id)
    assert parts.tokens.list(actor) == []
    with pytest.raises(NotSignedIn):
        parts.actors.actor_of_token(secret)


def test_use_of_a_token_is_written_down_at_most_once_a_minute(parts: Parts) -> None:
    row, secret = parts.tokens.create(parts.actor(parts.user()), "t", [Scope.READ])

    def used() -> object:
        with parts.database.read(SYSTEM) as opened:
            return one(opened, TokenRow, row.id).used_at

    parts.actors.actor_of_token(secret)
    first = used()
    assert first is not None
    parts.actors.actor_of_token(secret)
    assert used() == first


# Share links


def test_a_share_link_shows_its_analysis_and_no_other(parts: Parts) -> None:
    from sightline.library.tables import AnalysisRow

    actor = parts.actor(parts.user())
    workspace = next(iter(actor.roles))
    shared, other = parts.analysis(workspace, "a"), parts.analysis(workspace, "b")
    row, secret = parts.shares.create(actor, shared, now() + timedelta(days=2))
    viewer = parts.shares.open(secret, HERE)
    assert (viewer.user_id, viewer.only_analysis, viewer.roles) == (None, shared, {workspace: Role.VIEWER})
    with parts.database.read(viewer) as opened:
        assert opened.scalars(select(AnalysisRow.id)).all() == [shared]
        with pytest.raises(NotFound):
            one(opened, AnalysisRow, other)
        assert opened.scalars(select(VideoRow.name)).all() == ["a"]
        assert opened.scalars(select(ShareRow)).all() == []
    assert actions(parts)[-2:] == ["share.created", "share.opened"]
    for refused in (
        lambda: parts.shares.create(viewer, shared, now() + timedelta(days=1)),
        lambda: parts.shares.list(viewer, shared),
        lambda: parts.sessions.list(viewer),
        lambda: parts.tokens.create(viewer, "t", [Scope.READ]),
        lambda: parts.workspaces.list(viewer),
        lambda: parts.workspaces.members(viewer, workspace),
    ):
        with pytest.raises(NotAllowed):
            refused()
    parts.shares.revoke(actor, row.id)
    with pytest.raises(NotSignedIn):
        parts.shares.open(secret)


def test_a_share_link_ends_within_90_days(parts: Parts) -> None:
    actor = parts.actor(parts.user())
    analysis = parts.analysis(next(iter(actor.roles)))
    for days in (-1, 91):
        with pytest.raises(RequestInvalid):
            parts.shares.create(actor, analysis, now() + timedelta(days=days))
    row, secret = parts.shares.create(actor, analysis, now() + timedelta(days=90))
    assert [found.id for found in parts.shares.list(actor, analysis)] == [row.id]
    with parts.database.write(SYSTEM) as opened:
        one(opened, ShareRow, row.id).expires_at = now()
    assert parts.shares.list(actor, analysis) == []
    with pytest.raises(NotSignedIn):
        parts.shares.open(secret)


def test_viewers_and_strangers_share_nothing(parts: Parts) -> None:
    mina, yuri = parts.user(), parts.user("yuri@example.org")
    workspace = parts.workspace_of(mina)
    analysis = parts.analysis(workspace)
    with pytest.raises(NotFound):
        parts.shares.create(parts.actor(yuri), analysis, now() + timedelta(days=1))
    parts.workspaces.add_member(parts.actor(mina), workspace, yuri.email, Role.VIEWER)
    with pytest.raises(NotAllowed):
        parts.shares.create(parts.actor(yuri), analysis, now() + timedelta(days=1))


# Workspaces


def test_owners_manage_members_and_others_do_not(parts: Parts) -> None:
    mina, yuri = parts.user(), parts.user("yuri@example.org")
    workspace, owner = parts.workspace_of(mina), parts.actor(mina)
    with pytest.raises(NotFound):
        parts.workspaces.members(parts.actor(yuri), workspace)
    parts.workspaces.add_member(owner, workspace, "YURI@example.org", Role.EDITOR)
    with pytest.raises(Conflict):
        parts.workspaces.add_member(owner, workspace, yuri.email, Role.VIEWER)
    with pytest.raises(NotFound):
        parts.workspaces.add_member(owner, workspace, "nobody@example.org", Role.VIEWER)
    editor = parts.actor(yuri)
    assert [(m.user.email, m.role) for m in parts.workspaces.members(editor, workspace)] == [
        ("mina@example.org", Role.OWNER), ("yuri@example.org", Role.EDITOR),
    ]  # fmt: skip
    for refused in (
        lambda: parts.workspaces.add_member(editor, workspace, "x@example.org", Role.VIEWER),
        lambda: parts.workspaces.change_member(editor, workspace, yuri.id, Role.OWNER),
        lambda: parts.workspaces.remove_member(editor, workspace, mina.id),
        lambda: parts.workspaces.rename(editor, workspace, "Mine now"),
        lambda: parts.workspaces.remove(editor, workspace),
    ):
        with pytest.raises(NotAllowed):
            refused()
    parts.workspaces.remove_member(editor, workspace, yuri.id)
    assert workspace not in parts.actor(yuri).roles
    with parts.database.read(SYSTEM) as opened:
        assert opened.scalar(select(func.count()).select_from(ChangeRow)) == 2


def test_a_workspace_keeps_an_owner(parts: Parts) -> None:
    mina, yuri = parts.user(), parts.user("yuri@example.org")
    workspace, owner = parts.workspace_of(mina), parts.actor(mina)
    parts.workspaces.add_member(owner, workspace, yuri.email, Role.OWNER)
    order = [mina.id, yuri.id]
    found = at_once(lambda: parts.workspaces.remove_member(SYSTEM, workspace, order.pop()), 2)
    assert sum(isinstance(answer, Conflict) for answer in found) == 1, found
    with parts.database.read(SYSTEM) as opened:
        assert opened.scalar(select(func.count()).where(MemberRow.workspace_id == workspace)) == 1


def test_a_workspace_with_videos_is_removed_on_purpose_only(database: Database) -> None:
    parts = Parts(database)
    user = parts.user()
    actor = parts.actor(user)
    workspace = next(iter(actor.roles))
    assert parts.workspaces.rename(actor, workspace, " Spring  campaign ").workspace.name == "Spring campaign"
    parts.analysis(workspace)
    for force in (False, True):
        with pytest.raises(Conflict):
            parts.workspaces.remove(actor, workspace, force=force)
    with parts.database.write(SYSTEM) as opened:
        for video in opened.scalars(select(VideoRow)):
            opened.delete(video)
    parts.workspaces.remove(actor, workspace)
    assert parts.workspaces.list(parts.actor(user)) == []


# The audit


def test_owners_read_the_audit_of_their_workspace_and_administrators_all_of_it(parts: Parts) -> None:
    mina, admin = parts.user(), parts.user("admin@example.org", is_admin=True)
    owner = parts.actor(mina)
    workspace = next(iter(owner.roles))
    parts.workspaces.rename(owner, workspace, "New")
    found = parts.audit_log.list(owner, AuditFilter(workspace_id=workspace))
    assert [(row.action, row.actor) for row in found.items] == [("workspace.changed", "mina@example.org")]
    with pytest.raises(NotAllowed):
        parts.audit_log.list(owner, AuditFilter())
    with pytest.raises(NotFound):
        parts.audit_log.list(parts.actor(admin), AuditFilter(workspace_id=workspace))
    everything = parts.audit_log.list(parts.actor(admin), AuditFilter(), limit=1)
    assert everything.items[0].action == "workspace.changed"
    rest = parts.audit_log.list(parts.actor(admin), AuditFilter(action="user"), everything.next_cursor)
    assert {row.action for row in rest.items} == {"user.created"}


def test_no_secret_stands_in_the_audit(parts: Parts) -> None:
    user = parts.user()
    actor = parts.actor(user)
    _, token = parts.tokens.create(actor, "t", [Scope.READ])
    _, share = parts.shares.create(actor, parts.analysis(next(iter(actor.roles))), now() + timedelta(days=1))
    link = secret_in(parts.links.create(SYSTEM, user.id))
    with pytest.raises(NotSignedIn):
        parts.sessions.sign_in("my secret password", "also secret", HERE)
    with parts.database.read(SYSTEM) as opened:
        rows = [str(list(row)) for row in opened.execute(select(*AuditRow.__table__.columns))]
    for secret in (token, share, link, PASSWORD, "also secret", "my secret"):
        assert not any(secret in row for row in rows)


def test_forged_secrets_are_nobody(parts: Parts) -> None:
    parts.user()
    for ask in (parts.actors.actor_of_session, parts.actors.actor_of_token, parts.actors.actor_of_share):
        for forged in ("", "x", "sl_" + "A" * 43, "x" * 100_000, "\0", "' OR 1=1 --", "\ud800"):
            with pytest.raises(NotSignedIn):
                ask(forged)


def test_a_share_link_of_a_stranger_does_not_make_a_user(parts: Parts) -> None:
    stranger = replace(Actor(None, "share:x"), only_analysis="f" * 32)
    with pytest.raises(SightlineError):
        parts.accounts.mine(stranger)
