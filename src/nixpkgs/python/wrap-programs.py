"""wrap-programs.py OUT PYTHON_ROOT PYTHON SITE_PACKAGES [STORE_PATH...]

Python programs in OUT/bin find their modules: the module directories of OUT, of the store paths given and of all that
these propagate are written into the program, after its docstring and `from __future__` imports.
"""
import ast
import os
import stat
import sys

out, python_root, python, site_packages, *more = sys.argv[1:]


def closure(paths):
    seen = []
    queue = list(paths)
    while queue:
        path = queue.pop(0)
        if path in seen or path == python_root:
            continue
        seen.append(path)
        try:
            with open(f"{path}/nix-support/propagated-build-inputs") as file:
                queue.extend(file.read().split())
        except FileNotFoundError:
            pass
    return seen


def insertion_line(source):
    """Number of lines that must stay in front."""
    line = 1 if source.startswith("#!") else 0
    lines = source.split("\n")
    # PEP 263: the encoding stands in the first or second line.
    while line < min(2, len(lines)) and lines[line].startswith("#") and "coding" in lines[line]:
        line += 1
    for index, node in enumerate(ast.parse(source).body):
        docstring = index == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        if not docstring and not (isinstance(node, ast.ImportFrom) and node.module == "__future__"):
            break
        line = node.end_lineno
    return line


directories = []
for path in closure([out, *more]):
    for directory in (f"{path}/{site_packages}", f"{path}/lib/python3/dist-packages"):
        if os.path.isdir(directory):
            directories.append(directory)
setup = "import site; " + "; ".join(f"site.addsitedir({directory!r})" for directory in directories) + "; del site"

programs = os.path.join(out, "bin")
for name in sorted(os.listdir(programs)) if os.path.isdir(programs) else []:
    path = os.path.join(programs, name)
    if os.path.islink(path) or not os.path.isfile(path):
        continue
    mode = os.stat(path).st_mode
    if not mode & stat.S_IXUSR:
        continue
    with open(path, "rb") as file:
        data = file.read()
    first = data.split(b"\n", 1)[0]
    if not first.startswith(b"#!") or b"python" not in first:
        continue
    source = data.decode("utf-8")
    if first.split(b"/")[-1].split(b" ")[-1].startswith(b"python") and not first.startswith(b"#!/nix/store/"):
        source = f"#!{python}" + source[len(first) :]
    if directories:
        try:
            line = insertion_line(source)
        except SyntaxError as error:
            print(f"not wrapped, because it cannot be parsed: {path}: {error}")
            continue
        lines = source.split("\n")
        lines.insert(line, setup)
        source = "\n".join(lines)
    os.chmod(path, mode | stat.S_IWUSR)
    with open(path, "wb") as file:
        file.write(source.encode("utf-8"))
    os.chmod(path, mode)
    print(f"wrapped {path}")
