"""The Matrix channel without a server: what it reads in the stream, what it shows, its settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.dialogue.reply import Button, Reply, ReplyCitation
from bot.front.channels.matrix_config import matrix_config
from bot.front.channels.matrix_present import messages, notice
from bot.front.channels.matrix_sync import departures, invitations, read_timeline
from bot.settings import SettingsError, load

ME = "@maitre:maitre.test"
DOCTOR = "@doctor:maitre.test"
ROOM = "!room"


def _event(name: str, kind: str, sender: str = DOCTOR, content: Any = None, **more: Any) -> dict[str, Any]:
    return {"event_id": name, "type": kind, "sender": sender, "content": content or {}, **more}


def _member(name: str, user: str, membership: str, previous: str | None = None) -> dict[str, Any]:
    unsigned = {"prev_content": {"membership": previous}} if previous else {}
    return _event(
        name, "m.room.member", content={"membership": membership}, state_key=user, unsigned=unsigned
    )


def _text(name: str, sender: str = DOCTOR, **content: Any) -> dict[str, Any]:
    return _event(name, "m.room.message", sender, {"msgtype": "m.text", "body": "…", **content})


def _read(*events: Any) -> list[tuple[str, str, str | None]]:
    return [(news.kind, news.event, news.target) for news in read_timeline(ROOM, ME, events)]


def test_what_was_said_before_the_invitation_is_left() -> None:
    assert _read(
        _text("$old"),
        _member("$invite", ME, "invite"),
        _text("$first"),
        _member("$join", ME, "join", "invite"),
    ) == [("message", "$first", None), ("joined", "$join", None)]


def test_a_new_name_of_the_bot_is_no_arrival() -> None:
    assert _read(_member("$name", ME, "join", "join")) == []


def test_others_who_come_and_go_are_seen() -> None:
    assert _read(_member("$come", "@other:maitre.test", "join")) == [("members", "$come", None)]


def test_its_own_messages_and_removed_ones_are_left() -> None:
    removed = _event("$removed", "m.room.encrypted", unsigned={"redacted_because": {}})
    assert _read(_text("$mine", ME), removed, _event("$empty", "m.room.message")) == []


def test_an_edit_names_what_it_replaces() -> None:
    edit = _text("$edit", **{"m.relates_to": {"rel_type": "m.replace", "event_id": "$first"}})
    reply = _text("$reply", **{"m.relates_to": {"m.in_reply_to": {"event_id": "$first"}}})
    assert _read(edit, reply) == [("message", "$edit", "$first"), ("message", "$reply", None)]


@pytest.mark.parametrize(
    "removal",
    [
        _event("$r", "m.room.redaction", redacts="$first"),  # rooms up to version 10
        _event("$r", "m.room.redaction", content={"redacts": "$first"}),
    ],
)
def test_a_removal_names_what_it_removes(removal: dict[str, Any]) -> None:
    assert _read(removal) == [("redaction", "$r", "$first")]


def test_malformed_events_are_left() -> None:
    assert _read(None, "text", {}, {"event_id": "$x"}, _event("$y", "m.room.member")) == [
        ("members", "$y", None)
    ]


def test_invitations_and_departures() -> None:
    invite = {k: v for k, v in _member("", ME, "invite").items() if k != "event_id"}
    rooms = {
        "invite": {ROOM: {"invite_state": {"events": [_member("", DOCTOR, "join"), invite]}}},
        "leave": {"!left": {"timeline": {"events": [_text("$said"), _member("$kick", ME, "leave")]}}},
    }
    assert list(invitations(rooms, ME)) == [(ROOM, DOCTOR)]
    assert [(news.kind, news.room, news.event) for news in departures(rooms, ME)] == [
        ("gone", "!left", "$kick")
    ]


CITATION = ReplyCitation(
    id="CSP L1111-8",
    label="article L. 1111-8 du code de la santé publique",
    pinpoint="",
    url="https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000049577902",
    version_since="2025-07-01",
    status="vigueur",
    support="copie",
)


def test_an_answer_is_html_and_plain_with_a_link_under_each_citation() -> None:
    reply = Reply(
        kind="answer",
        text="…",
        title="Un <titre> *étoilé*",
        summary="Oui, **dès lors** que l’hébergeur… (art. L. 1111-8, CSP) _sic_.",
        citations=(CITATION,),
        buttons=(Button(title="En détail", payload="a"), Button(title="Autre_chose ?", payload="b")),
        feedback=(Button(title="Utile", payload="c"), Button(title="Pas utile", payload="d")),
    )
    [content] = messages([reply])
    assert content["msgtype"] == "m.notice"
    assert f'<a href="{CITATION.url}">{CITATION.label}</a>' in content["formatted_body"]
    assert "<strong>dès lors</strong>" in content["formatted_body"]
    assert "&lt;titre&gt;" in content["formatted_body"]
    body = content["body"]
    assert f"{CITATION.label} ({CITATION.url})" in body
    assert "Un <titre> *étoilé*" in body
    assert "dès lors que" in body
    assert "sic." in body
    assert "2. Autre_chose ?" in body
    assert "« utile » ou « pas utile »" in body.replace("\u00a0", " ")


def test_choices_are_numbered_through_all_messages() -> None:
    replies = [
        Reply(kind="choices", text="Ceci ?\n\n- A\n- B", buttons=(_button("A"), _button("B"))),
        Reply(kind="question", text="Ou ?\n\n1. C", buttons=(_button("C"),)),
    ]
    first, second = messages(replies)
    assert "1. A" in first["body"] and "2. B" in first["body"]
    assert "3. C" in second["body"] and "1. C" not in second["body"]
    assert "- A" not in first["body"]


def test_what_the_plain_text_keeps() -> None:
    assert _plain("un_nom_de_fichier, 3 * 4 et L\\_1") == "un_nom_de_fichier, 3 * 4 et L_1"
    assert _plain("[art. 32](https://a.fr/x_y)") == "art. 32 (https://a.fr/x_y)"
    assert _plain("A\n\n- b\n  - c\n- d\n\n2. e\n3. f\n\nG  \nh\n\n`i`\n\n    j") == (
        "A\n\n- b\n  - c\n- d\n\n2. e\n3. f\n\nG\nh\n\ni\n\nj"
    )


def _plain(markdown: str) -> str:
    return str(notice(markdown)["body"])


def test_script_and_tags_of_a_reply_are_shown_not_run() -> None:
    [content] = messages([Reply(kind="notice", text="<b onclick=x>a</b> [l](javascript:alert(1))")])
    assert "<b" not in content["formatted_body"]
    assert "href" not in content["formatted_body"]


def _button(title: str) -> Button:
    return Button(title=title, payload=title)


def test_settings(tmp_path: Path) -> None:
    settings = load({"MAITRE_VAR": str(tmp_path)})
    env = {"MAITRE_MATRIX_HOMESERVER": "https://m.example.fr/", "MAITRE_MATRIX_USER": "@b:Example.fr"}
    config = matrix_config(settings, b"secret" * 6, env)
    assert config.homeserver == "https://m.example.fr"
    assert config.servers == {"example.fr"}
    assert config.password is None
    assert "secret" not in repr(config)
    config = matrix_config(settings, b"s" * 32, {**env, "MAITRE_MATRIX_SERVERS": "a.fr, Ordre.test ,"})
    assert config.servers == {"a.fr", "ordre.test"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MAITRE_MATRIX_HOMESERVER", "m.example.fr"),
        ("MAITRE_MATRIX_HOMESERVER", ""),
        ("MAITRE_MATRIX_USER", "bonjour-maitre"),
        ("MAITRE_MATRIX_SERVERS", "a b"),
    ],
)
def test_settings_that_cannot_be_used_name_their_variable(tmp_path: Path, name: str, value: str) -> None:
    env = {"MAITRE_MATRIX_HOMESERVER": "https://m.example.fr", "MAITRE_MATRIX_USER": "@b:example.fr"}
    with pytest.raises(SettingsError, match=name):
        matrix_config(load({"MAITRE_VAR": str(tmp_path)}), b"s" * 32, {**env, name: value})
