"""Writes the ONNX models of a test: model.py FOLDER, for each NAME.txt in it (ONNX's text format) NAME.onnx."""
import pathlib
import sys

import onnx.parser

for source in sorted(pathlib.Path(sys.argv[1]).glob("*.txt")):
    try:
        model = onnx.parser.parse_model(source.read_text())
    except onnx.parser.ParseError as error:
        sys.exit(f"{source}: {error}")
    source.with_suffix(".onnx").write_bytes(model.SerializeToString())
