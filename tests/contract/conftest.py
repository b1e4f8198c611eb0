"""What the tests of the contract start from: a server, a flow, and people who ask plainly or by the wrapper."""

from collections.abc import Iterator

import pytest

from flowdock.testing import Server
from tests.contract.cast import Wire
from tests.contract.flows import NewFlow, make_flow
from tests.contract.plain import Caller, basic
from tests.contract.wrapper import Thing, Wrapper


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for all tests of a file."""
    with Server(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(scope="module")
def wire(server: Server) -> Iterator[Wire]:
    """A connection to it that stays open."""
    wire = Wire(server.url)
    yield wire
    wire.connection.close()


@pytest.fixture
def new_flow(server: Server) -> NewFlow:
    """A flow for one test alone."""
    return make_flow(server)


@pytest.fixture
def alice(server: Server) -> Caller:
    """The first person, by token."""
    return Caller(server.url, basic(server.user.token))


@pytest.fixture
def bob(server: Server) -> Caller:
    """The second person, by token."""
    return Caller(server.url, basic(server.second_user.token))


@pytest.fixture(scope="module", params=["1.0", "1.1"])
def wrapper(request: pytest.FixtureRequest, server: Server) -> Iterator[Wrapper]:
    """The original Python wrapper in each of its versions."""
    running = Wrapper(request.param, api=server.url, stream=server.stream_url)
    yield running
    running.process.close()


@pytest.fixture
def flow(wrapper: Wrapper, server: Server, new_flow: NewFlow) -> Thing:
    """The wrapper's idea of a flow, for the first person."""
    return wrapper.flow(server.user.token, new_flow.org, new_flow.name)


@pytest.fixture
def flow_of_bob(wrapper: Wrapper, server: Server, new_flow: NewFlow) -> Thing:
    """The same flow for the second person."""
    return wrapper.flow(server.second_user.token, new_flow.org, new_flow.name)


@pytest.fixture
def private(wrapper: Wrapper, server: Server) -> Thing:
    """What the first person and the second say to each other."""
    return wrapper.private(server.user.token, server.second_user.id)


@pytest.fixture
def service(wrapper: Wrapper, new_flow: NewFlow) -> Thing:
    """An integration of the flow."""
    return wrapper.service(new_flow.flow_token)
