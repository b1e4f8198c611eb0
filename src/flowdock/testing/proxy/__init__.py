"""A bad network between a client and a server: a proxy on this machine that cuts, stalls and delays as a test says.

    from flowdock.testing.proxy import Proxy, faults

    with Proxy(server.url) as proxy:
        flow = flowdock.connect(token=TOKEN, org="acme", flow="main", api_url=proxy.url)
        proxy.next(faults.drop_answer())
        flow.send("Hello")  # arrives once

It knows nothing of HTTP. A request begins when a client says something after the server did, or for the first time.
"""

from flowdock.testing.proxy import faults
from flowdock.testing.proxy.faults import Fault
from flowdock.testing.proxy.plan import Plan
from flowdock.testing.proxy.proxy import Proxy

__all__ = ["Fault", "Plan", "Proxy", "faults"]
