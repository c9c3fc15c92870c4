"""Every diagnostic has a test: the longest constant part of each message in the sources must stand in a test.

What no test can provoke (an operating system that fails, a compiler that is broken) is listed with its reason in untested.txt.
"""
import pathlib
import re
import subprocess
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SOURCES = ("ir/", "passes/", "codegen/", "compiler/", "runtime/", "tools/")
# What reports errors in Heddle: MLIR's diagnostics, Status, the importer's exceptions, and helpers that wrap these.
REPORT = re.compile(r"\b(?:\w*[eE]rror|(?!notifyMatch)\w*Failure|\w*Malformed|Status|malformed|unsupported|fail|bad|refuse|usage|require)\(")
LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
TOKEN = re.compile(r"""//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|(?P<string>"(?:[^"\\\n]|\\.)*")|(?<!\w)'(?:[^'\\]|\\.)+'""", re.S)
ASSERT = re.compile(r"\bassert\((?:\"(?:[^\"\\\n]|\\.)*\"|[^;\"])*;")
SHORTEST = 6


def tracked(*suffixes):
    listed = subprocess.run(["git", "-c", "safe.directory=*", "-C", ROOT, "ls-files"], capture_output=True, text=True, check=True).stdout
    return [name for name in listed.splitlines() if name.endswith(suffixes)]


def simplified(text):
    """C++ text in which every quote is the bound of a plain string: no comments, raw strings or quoted characters."""
    return TOKEN.sub(lambda match: match["string"] or ("" if match[0].startswith("/") else "0"), text)


def end_of_statement(text, start):
    """Where the statement ends that `start` lies in: at a semicolon outside of strings and braces."""
    depth = 0
    for match in re.compile(r'"(?:[^"\\\n]|\\.)*"|[{};]').finditer(text, start):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if depth < 0 or (depth == 0 and match[0] == ";"):
            return match.start()
    return len(text)


def plain(text):
    """Text without what escapes and quoting add to it, so that a message and its mention in a test compare equal."""
    return re.sub(r'"\s*f?r?"|\\', "", text.replace("\\n", "\n"))


def messages(text):
    """The longest literal of each reported message."""
    text = ASSERT.sub("", simplified(text))
    found, seen = [], -1
    for match in REPORT.finditer(text):
        if match.start() < seen:
            continue
        seen = end_of_statement(text, match.end())
        literals = LITERAL.findall(re.sub(r'"\s*\n\s*"', "", text[match.end() : seen]))
        if literals and len(longest := max(literals, key=len)) >= SHORTEST:
            found.append(plain(longest).strip(" ':,;\""))
    return found


def untested(sources, tests, excused):
    """`file: message` for each message that no test mentions and that has no excuse."""
    corpus = plain("\n".join(tests))
    return [f"{name}: {message}" for name, text in sources.items() for message in messages(text)
            if message not in corpus and message not in excused]


def excuses():
    """The first words of each line of untested.txt are a message; the reason follows behind ` # `."""
    lines = [line for line in (HERE / "untested.txt").read_text().splitlines() if line and not line.startswith("#")]
    return dict(line.split(" # ", 1) for line in lines)


def source_texts():
    return {name: (ROOT / name).read_text() for name in tracked(".cpp", ".h") if name.startswith(SOURCES)}


def test_texts():
    return [(ROOT / name).read_text() for name in tracked(".cpp", ".mlir", ".test", ".py", ".c") if name.startswith("test/")]


class DiagnosticsTest(unittest.TestCase):
    def test_every_diagnostic_has_a_test(self):
        self.assertEqual(untested(source_texts(), test_texts(), excuses()), [])

    # An excuse for a message that a test mentions, or that is gone, hides the next one.
    def test_every_excuse_is_needed(self):
        tests = test_texts()
        needed = {line.split(": ", 1)[1] for line in untested(source_texts(), tests, {})}
        self.assertEqual(sorted(set(excuses()) - needed), [])
        self.assertEqual([message for message, reason in excuses().items() if not reason.strip()], [])

    # The check above is worth what it finds.
    def test_an_untested_diagnostic_is_found(self):
        source = 'if (got != 1) // "no"\n  return emitOpError("scale has ") << got << " elements; expected " << 1;\n'
        self.assertEqual(messages(source), ["elements; expected"])
        self.assertEqual(untested({"a.cpp": source}, ["nothing"], {}), ["a.cpp: elements; expected"])
        self.assertEqual(untested({"a.cpp": source}, ['expected-error {{scale has 2 elements; expected 1}}'], {}), [])
        self.assertEqual(messages('return fail(errorAt(at, "nested deeper than " +\n  std::to_string(3)));'), ["nested deeper than"])


if __name__ == "__main__":
    unittest.main()
