"""The plug-in as its users have it; where it is not installed as one it is loaded here."""

from importlib.metadata import entry_points

if not any(point.value == "flowdock.testing.plugin" for point in entry_points(group="pytest11")):
    from flowdock.testing.plugin import (  # noqa: F401
        _flowdock_image,
        async_flow,
        clock,
        flow,
        flowdock_server,
        second_user,
        service,
    )
