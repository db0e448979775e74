# Stoneware: everything a newcomer or a build machine needs. Debian or Ubuntu with Rust and Node is enough.

CARGO ?= cargo
TARGET := $(or $(CARGO_TARGET_DIR),target)
DESKTOP := $(TARGET)/debug/stoneware-desktop
CLI := $(TARGET)/debug/stoneware

BUILD_PACKAGES := build-essential pkg-config libwebkit2gtk-4.1-dev
TEST_PACKAGES := $(BUILD_PACKAGES) webkit2gtk-driver xvfb sqlite3 postgresql

UI_READY := ui/node_modules/.package-lock.json
E2E_READY := tests/e2e/node_modules/.package-lock.json

# One step at a time even under `make -j`: the steps share one target directory.
.NOTPARALLEL:

.PHONY: help run demo build test bench clean tools system-build system-test ui-dist \
	test-format test-ui test-lint test-rust test-e2e e2e bindings

help:
	@echo "make run    build and open the window on the sample workspace (in the terminal without a display)"
	@echo "make demo   create, import, show and materialize in the terminal"
	@echo "make test   format, lint, type check and every test, the real window included"
	@echo "make bench  benchmarks, as ratios to a baseline of the same run"
	@echo "make clean  remove what was built"

# ---- use ----

ifneq ($(or $(DISPLAY),$(WAYLAND_DISPLAY)),)
run: build
	$(DESKTOP) --sample
else
run:
	@echo "There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set), so the window cannot open."
	@echo "Doing the same job in the terminal instead: make demo"
	@$(MAKE) --no-print-directory demo
endif

demo: tools
	@scripts/system-packages.sh build-essential
	$(CARGO) build --locked -p stoneware-cli
	@scripts/demo.sh $(CLI)

# Only what people use: the tests' packages would bring the engine's deliberate faults with them.
build: tools system-build ui-dist
	$(CARGO) build --locked -p stoneware-desktop -p stoneware-cli --bins

# ---- what it stands on ----

tools:
	@scripts/require-tools.sh

system-build:
	@scripts/system-packages.sh $(BUILD_PACKAGES)

system-test:
	@scripts/system-packages.sh $(TEST_PACKAGES)

$(UI_READY): ui/package-lock.json
	cd ui && npm ci
	@touch $@

$(E2E_READY): tests/e2e/package-lock.json
	cd tests/e2e && npm ci
	@touch $@

ui-dist: $(UI_READY)
	cd ui && npm run build

# ---- tests: the interface first, because the window embeds it; then nothing is compiled twice ----

test: tools system-test
	@$(MAKE) --no-print-directory test-format test-ui test-lint test-rust test-e2e
	@echo "Everything passed."

test-format:
	$(CARGO) fmt --all --check

test-ui: $(UI_READY)
	cd ui && npm run typecheck && npm run lint && npm test && npm run build

test-lint:
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings

# With the server's package installed, no test may skip itself for want of one.
test-rust: export STONEWARE_TEST_POSTGRES := 1
test-rust:
	$(CARGO) build --locked --workspace --bins --tests
	@if $(CARGO) nextest --version >/dev/null 2>&1; then \
		$(CARGO) nextest run --locked --workspace --no-fail-fast; \
	else \
		$(CARGO) test --locked --workspace --no-fail-fast; \
	fi

test-e2e: $(E2E_READY)
	cd tests/e2e && npm run typecheck && npm test

# The window's tests alone, after building what they drive.
e2e: build test-e2e

# Writes ui/src/api/bindings.ts anew after a command or a type has changed.
bindings:
	UPDATE_BINDINGS=1 $(CARGO) test --locked -p stoneware-desktop --test commands bindings

bench: tools
	$(CARGO) bench --locked -p stoneware-tests --bench '*'

clean:
	$(CARGO) clean
	rm -rf ui/dist ui/node_modules tests/e2e/node_modules tests/e2e/screenshots gen .run
