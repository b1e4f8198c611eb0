"""How every test runs: the profiles of hypothesis.

On a developer's machine each run tries new examples; in CI the examples are the same every time, so that a red run is
red because of the change it tests. Time limits are pytest-timeout's, because two busy cores make single examples slow.
"""

import os

from hypothesis import settings

settings.register_profile("ci", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("exploring", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "exploring")
