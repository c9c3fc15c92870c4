# setup: install what is missing. build: programs in build/bin. check: all quick tests. check-full: the long ones too.
# demo: OCR models from PyPI read a drawn text. Each does what comes before it where that is needed.
.PHONY: setup build check check-full demo format clean

setup:
	@scripts/setup.sh

build: setup
	@scripts/build.sh

check: build
	@build/venv/bin/python scripts/check.py

check-full: build
	@build/venv/bin/python scripts/check.py --full

demo: build
	@build/venv/bin/python scripts/demo.py

format:
	@git ls-files '*.c' '*.cpp' '*.h' '*.cuh' | xargs clang-format-22 -i

clean:
	rm -rf build build-asan build-tsan
