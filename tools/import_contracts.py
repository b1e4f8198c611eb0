"""A kind of import contract that import-linter does not bring: a closed list of what a package may import.

Registered in `pyproject.toml` under `[tool.importlinter]`; the standard library is always allowed.
"""

import sys
from collections.abc import Iterator
from typing import ClassVar, cast

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class OnlyContract(Contract):
    """The source packages import the standard library, the allowed packages, and nothing else.

    Only direct imports are looked at: what an allowed package imports is for that package's own contract.
    A root package (one without a dot) stands for its `__init__` alone.
    """

    type_name: ClassVar[str] = "only"

    source_modules = fields.ListField(subfield=fields.StringField())
    allowed_modules = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: FBT001 - import-linter's signature
        """Every import that the list does not allow, as lines to print."""
        del verbose
        offences = sorted(self._offences(graph))
        return ContractCheck(kept=not offences, metadata={"offences": offences})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print each offence with its place."""
        for offence in check.metadata["offences"]:
            output.print_error(offence)

    def _offences(self, graph: ImportGraph) -> Iterator[str]:
        allowed = cast("list[str]", self.allowed_modules)
        for importer in _members(graph, packages=cast("list[str]", self.source_modules)):
            for imported in graph.find_modules_directly_imported_by(importer):
                if _is_standard(imported) or any(_is_within(imported, package) for package in allowed):
                    continue
                for detail in graph.get_import_details(importer=importer, imported=imported):
                    yield f"{importer} imports {imported} in line {detail['line_number']}: {detail['line_contents']}"


def _members(graph: ImportGraph, *, packages: list[str]) -> Iterator[str]:
    for package in packages:
        if package in graph.modules:
            yield package
            if "." in package:
                yield from graph.find_descendants(package)


def _is_standard(module: str) -> bool:
    return module.partition(".")[0] in sys.stdlib_module_names


def _is_within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")
