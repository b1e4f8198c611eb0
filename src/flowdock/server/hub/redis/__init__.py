"""Redis or Valkey between the processes of one Flowdock. The only place that speaks to it."""

from flowdock.server.hub.broker import Broker, UnusableBroker
from flowdock.server.hub.expiring import Expiring
from flowdock.server.hub.redis.addresses import without_secrets


def open_broker(url: str, *, site: str = "") -> Broker:
    """The broker at an address such as `redis://:password@host:6379`; it connects when it runs.

    Several sites may share one server: each hears only those of its own name.

    Raises:
        UnusableBroker: the address is wrong, or a package is missing.
    """
    _require_package(url)
    from flowdock.server.hub.redis.broker import RedisBroker  # noqa: PLC0415 - its package is an extra

    return RedisBroker(url, site=site)


def open_expiring(url: str, *, site: str = "") -> Expiring:
    """Counters and marks that are kept at such an address, for all processes that use it.

    Raises:
        UnusableBroker: the address is wrong, or a package is missing.
    """
    _require_package(url)
    from flowdock.server.hub.redis.expiring import ExpiringInRedis  # noqa: PLC0415 - its package is an extra

    return ExpiringInRedis(url, site=site)


def _require_package(url: str) -> None:
    try:
        import redis  # noqa: F401, PLC0415 - it is only asked whether it is there
    except ModuleNotFoundError as error:
        raise UnusableBroker(
            f"the broker {without_secrets(url)!r} needs the package {error.name}; install flowdock[redis]"
        ) from error
