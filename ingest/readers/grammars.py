"""Which grammar reads which suffix, and what in it is a function, a class, or holds such."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

_PIECE = 65_536
_FREE_STEPS = 2_000
# 700 files of real code take a step for each 53 bytes or more, and mostly for 150.
_BYTES_A_STEP = 16


@dataclass(frozen=True, slots=True)
class Grammar:
    """A language: the module of its grammar and the function in it that gives the grammar.

    ``defines`` are the nodes that get a heading; ``holds`` those that are looked into for more,
    a class as well as the wrapper of an exported function.
    """

    module: str
    _: KW_ONLY
    defines: frozenset[str]
    holds: frozenset[str] = frozenset()
    function: str = "language"

    def parse(self, text: str) -> Node | None:
        """Return the root of the tree, or None where the text is not code of this language.

        Mending what does not parse takes quadratic time: 12 kB of bars and dashes take 16 s. The
        work is bounded by the steps of the parser, at three times what real code takes.
        None, too, where the package of the grammar is not installed.
        """
        from tree_sitter import Language, Parser, Point

        try:
            module = import_module(self.module)
        except ModuleNotFoundError:
            return None
        data = text.encode()
        left = _FREE_STEPS + len(data) // _BYTES_A_STEP

        def piece(at: int, _: Point) -> bytes:
            return data[at : at + _PIECE]

        def is_too_much(_: int, __: bool) -> bool:  # noqa: FBT001  the parser calls it
            nonlocal left
            left -= 1
            return left < 0

        pointer: object = getattr(module, self.function)()
        parser = Parser(Language(pointer))
        try:
            return parser.parse(piece, progress_callback=is_too_much).root_node
        except ValueError:
            return None


def _set(names: str) -> frozenset[str]:
    return frozenset(names.split())


_PYTHON = Grammar(
    "tree_sitter_python",
    defines=_set("function_definition class_definition"),
    holds=_set("class_definition block decorated_definition"),
)
_SCRIPT = _set(
    "function_declaration generator_function_declaration class_declaration method_definition "
    "abstract_class_declaration interface_declaration enum_declaration type_alias_declaration "
    "lexical_declaration internal_module"
)
_SCRIPT_HOLDS = _set(
    "class_declaration abstract_class_declaration class_body export_statement internal_module "
    "expression_statement statement_block"
)
_JAVASCRIPT = Grammar("tree_sitter_javascript", defines=_SCRIPT, holds=_SCRIPT_HOLDS)
_TYPESCRIPT = Grammar(
    "tree_sitter_typescript",
    defines=_SCRIPT,
    holds=_SCRIPT_HOLDS,
    function="language_typescript",
)
_TSX = Grammar(
    "tree_sitter_typescript", defines=_SCRIPT, holds=_SCRIPT_HOLDS, function="language_tsx"
)
_JAVA = Grammar(
    "tree_sitter_java",
    defines=_set(
        "class_declaration interface_declaration enum_declaration record_declaration "
        "method_declaration constructor_declaration annotation_type_declaration"
    ),
    holds=_set(
        "class_declaration class_body interface_declaration interface_body enum_declaration "
        "enum_body enum_body_declarations record_declaration"
    ),
)
_C = Grammar(
    "tree_sitter_c",
    defines=_set("function_definition struct_specifier enum_specifier union_specifier"),
    holds=_set("preproc_ifdef preproc_if linkage_specification declaration_list"),
)
_CPP = Grammar(
    "tree_sitter_cpp",
    defines=_set(
        "function_definition class_specifier struct_specifier enum_specifier union_specifier"
    ),
    holds=_set(
        "preproc_ifdef preproc_if linkage_specification declaration_list namespace_definition "
        "template_declaration class_specifier struct_specifier field_declaration_list"
    ),
)
_GO = Grammar(
    "tree_sitter_go",
    defines=_set("function_declaration method_declaration type_declaration"),
)
_RUST = Grammar(
    "tree_sitter_rust",
    defines=_set(
        "function_item struct_item enum_item union_item trait_item impl_item mod_item "
        "macro_definition"
    ),
    holds=_set("impl_item trait_item mod_item declaration_list"),
)
_RUBY = Grammar(
    "tree_sitter_ruby",
    defines=_set("method singleton_method class module"),
    holds=_set("class module body_statement singleton_class"),
)
_PHP = Grammar(
    "tree_sitter_php",
    defines=_set(
        "function_definition class_declaration interface_declaration trait_declaration "
        "enum_declaration method_declaration"
    ),
    holds=_set(
        "class_declaration interface_declaration trait_declaration declaration_list "
        "namespace_definition compound_statement"
    ),
    function="language_php",
)
_BASH = Grammar("tree_sitter_bash", defines=_set("function_definition"))
_CSHARP = Grammar(
    "tree_sitter_c_sharp",
    defines=_set(
        "class_declaration interface_declaration struct_declaration record_declaration "
        "enum_declaration method_declaration constructor_declaration"
    ),
    holds=_set(
        "class_declaration interface_declaration struct_declaration record_declaration "
        "declaration_list namespace_declaration file_scoped_namespace_declaration"
    ),
)
_KOTLIN = Grammar(
    "tree_sitter_kotlin",
    defines=_set("function_declaration class_declaration object_declaration"),
    holds=_set("class_declaration object_declaration class_body companion_object"),
)

GRAMMARS: dict[str, Grammar | None] = {
    **dict.fromkeys((".py", ".pyi"), _PYTHON),
    **dict.fromkeys((".js", ".jsx", ".mjs"), _JAVASCRIPT),
    ".ts": _TYPESCRIPT,
    ".tsx": _TSX,
    ".java": _JAVA,
    **dict.fromkeys((".c", ".h"), _C),
    **dict.fromkeys((".cc", ".cpp", ".cxx", ".hh", ".hpp"), _CPP),
    ".go": _GO,
    ".rs": _RUST,
    ".rb": _RUBY,
    ".php": _PHP,
    **dict.fromkeys((".sh", ".bash"), _BASH),
    ".cs": _CSHARP,
    ".kt": _KOTLIN,
    # Read without a grammar.
    **dict.fromkeys((".lua", ".scala", ".swift"), None),
}
