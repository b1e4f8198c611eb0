import flowdock
from flowdock.testing import Server
from tests.examples.conftest import Run
from tests.gate import Gate


def test_it_answers_in_the_thread_of_the_message(run: Run, streams: Gate, bob: flowdock.Flow, place: str) -> None:
    program = run("echo_bot.py", place)
    streams.wait_until_one_more_is_open()

    asked = bob.send("!echo is anybody there?")

    assert program.line() == f"listening in {place} for !echo"
    assert program.line() == f"answered message {asked['id']}"
    answer = bob.thread(asked["thread_id"]).list(limit=1)[0]
    assert answer["content"] == "is anybody there?"


def test_it_speaks_as_the_owner_of_the_token(
    run: Run, streams: Gate, bob: flowdock.Flow, place: str, server: Server
) -> None:
    program = run("echo_bot.py", place, account=server.third_user)
    streams.wait_until_one_more_is_open()

    asked = bob.send("!echo who are you?")
    program.line(), program.line()

    assert bob.thread(asked["thread_id"]).list(limit=1)[0]["user"] == str(server.third_user.id)


def test_it_leaves_alone_what_is_not_for_it(run: Run, streams: Gate, bob: flowdock.Flow, place: str) -> None:
    program = run("echo_bot.py", place, "--word", "!say")
    streams.wait_until_one_more_is_open()

    for text in ("hello", "!echo hello", "!sayhello", "!say", "please !say hello"):
        bob.send(text)
    asked = bob.send("!say goodbye")

    program.line()
    assert program.line() == f"answered message {asked['id']}"


def test_it_does_not_answer_itself(run: Run, streams: Gate, bob: flowdock.Flow, place: str) -> None:
    program = run("echo_bot.py", place)
    streams.wait_until_one_more_is_open()

    asked = bob.send("!echo !echo !echo forever")
    last = bob.send("!echo last")

    program.line()
    assert program.line() == f"answered message {asked['id']}"
    assert program.line() == f"answered message {last['id']}"
    replies = bob.thread(asked["thread_id"]).list(since_id=asked["id"])
    assert [reply["content"] for reply in replies] == ["!echo !echo forever"]


def test_it_answers_whoever_shares_its_token(
    run: Run, streams: Gate, bob: flowdock.Flow, place: str, server: Server
) -> None:
    program = run("echo_bot.py", place, account=server.second_user)
    streams.wait_until_one_more_is_open()

    asked = bob.send("!echo from myself")

    program.line()
    assert program.line() == f"answered message {asked['id']}"


def test_a_cut_stream_costs_no_message(run: Run, streams: Gate, bob: flowdock.Flow, place: str) -> None:
    program = run("echo_bot.py", place)
    program.line()
    streams.wait_until_one_more_is_open()

    streams.cut()
    asked = bob.send("!echo after the cut")

    assert program.line() == f"answered message {asked['id']}"


def test_ctrl_c_ends_it_in_silence(run: Run, streams: Gate, place: str) -> None:
    program = run("echo_bot.py", place)
    streams.wait_until_one_more_is_open()

    assert program.interrupt() == (0, "")


def test_a_wrong_token_is_told_in_one_line(run: Run, place: str, server: Server) -> None:
    unknown = type(server.user)(0, "nobody", "nobody@example.com", "0" * 32)

    code, said = run("echo_bot.py", place, account=unknown).end()

    assert code == 1
    assert said.count("\n") == 1
    assert "401" in said


def test_a_flow_without_an_organization_is_wrong_usage(run: Run) -> None:
    code, said = run("echo_bot.py", "main").end()

    assert code == 2
    assert "'main' is not of the form org/flow" in said
