"""Which scripts the grammar reads without an error. Compiles the parser with `cc`; needs the Python package tree_sitter.

  parses.py FOLDER FILE…      one line for each file: `good` or `bad`, and where
"""
import ctypes
import pathlib
import subprocess
import sys
import tempfile

from tree_sitter import Language, Parser


def language(source: pathlib.Path) -> Language:
    with tempfile.TemporaryDirectory() as folder:
        library = pathlib.Path(folder, "sdl.so")
        files = [source / "parser.c", source / "scanner.c"]
        subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-Wall", "-Werror", "-I", source, "-o", library, *files], check=True)
        make = ctypes.CDLL(str(library)).tree_sitter_sdl
    make.restype = ctypes.c_void_p
    capsule = ctypes.pythonapi.PyCapsule_New
    capsule.restype, capsule.argtypes = ctypes.py_object, (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)
    return Language(capsule(make(), b"tree_sitter.Language", None))


def first_error(node):
    if node.is_error or node.is_missing:
        return node
    return next(filter(None, map(first_error, node.children)), None) if node.has_error else None


def main():
    parser = Parser(language(pathlib.Path(__file__).parent.parent / "src"))
    for path in sys.argv[1:]:
        wrong = first_error(parser.parse(pathlib.Path(path).read_bytes()).root_node)
        place = f"{wrong.start_point[0] + 1}:{wrong.start_point[1] + 1} {wrong}" if wrong else ""
        print(path, "bad" if wrong else "good", place, sep="\t")


main()
