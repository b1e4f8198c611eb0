"""Build the documentation's site where the server finds it, or elsewhere; a link that leads nowhere ends it.

    python tools/site/build.py                build into src/flowdock/server/http/help/site
    python tools/site/build.py --to FOLDER    build into this folder, which is replaced

A site that is there stays as it is until the new one is whole.
"""

import argparse
import gzip
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "src/flowdock/server/http/help/site"

WORTH_PACKING = frozenset({".css", ".html", ".js", ".json", ".svg"})
LEFT_OUT = ("404.html", "sitemap.xml", "sitemap.xml.gz", "objects.inv")
"""They are for a site that stands at the root of an address of its own."""
LANGUAGES = ("assets/javascripts/lunr",)
"""Words of other languages than the site's, for its search."""


def build(site: Path) -> None:
    """Put a new site in the place of the one that is there.

    Raises:
        subprocess.CalledProcessError: it could not be built; its `stderr` says why.
    """
    site.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=site.parent, prefix=".site-") as folder:
        fresh = Path(folder) / "fresh"
        # Not `--quiet`: what is not told is not counted either, and a warning would not end the build.
        command = [sys.executable, "-m", "mkdocs", "build", "--strict", f"--site-dir={fresh}"]
        environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
        subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
        for name in LEFT_OUT:
            (fresh / name).unlink(missing_ok=True)
        for name in LANGUAGES:
            shutil.rmtree(fresh / name)
        pack(fresh)
        if site.exists():
            site.rename(Path(folder) / "before")
        fresh.rename(site)


def pack(site: Path) -> None:
    """Put a compressed file beside each one that becomes much smaller by it."""
    for file in [file for file in site.rglob("*") if file.suffix in WORTH_PACKING]:
        packed = gzip.compress(file.read_bytes(), mtime=0)
        if len(packed) < 0.9 * file.stat().st_size:
            file.with_name(f"{file.name}.gz").write_bytes(packed)
    for file in site.rglob("*.map"):
        file.unlink()


def main(arguments: Sequence[str]) -> int:
    """The exit code: 0 done, 1 not possible, 2 wrong usage."""
    parser = argparse.ArgumentParser(prog="tools/site/build.py", description="Build the documentation's site")
    parser.add_argument("--to", type=Path, default=SITE, metavar="FOLDER", help="where to, if not into the package")
    site = parser.parse_args(arguments).to
    try:
        build(site)
    except subprocess.CalledProcessError as error:
        print(error.stderr, end="", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
