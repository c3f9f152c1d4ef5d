# make run     build, start, resolve a few names, show their history
# make test    every test that the tools at hand allow; see test/README.md
SHELL       := /bin/bash
.SHELLFLAGS := -euo pipefail -c

GO          ?= go
BIN         ?= bin
PREFIX      ?= /usr/local
DESTDIR     ?=
FUZZTIME    ?= 10s
SIZES       ?= 1
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2

# Tests that need more than Go are in test/e2e, test/clients, test/interop,
# test/capture and test/captures.
PACKAGES     = $(shell $(GO) list ./... | grep -Ev '/test/(e2e|clients|interop|captures?)$$')

.PHONY: all run test test-race e2e clients interop capture captures lint bench bench-go bench-qps bench-api bench-map bench-verdicts bench-peers-test fuzz crash nightly demo install clean

all:
	mkdir -p $(BIN)
	$(GO) build -o $(BIN)/ ./cmd/coredns ./cmd/pdns

# RUN_ONCE=1 stops the server instead of leaving it in the foreground.
run: all
	BIN=$(BIN) test/run/run.sh

test:
	$(GO) test $(PACKAGES)
	$(MAKE) --no-print-directory e2e clients interop capture captures

# With CI=true a missing tool is a failure; else it is said and the rest stands.
e2e clients interop capture captures:
	@if test/e2e/tools.sh $@; then $(GO) test -count=1 ./test/$@; elif [ "$${CI:-}" = true ]; then exit 1; fi

test-race:
	$(GO) test -race $(PACKAGES)

lint:
	@test -z "$$(gofmt -l $$($(GO) list -f '{{.Dir}}' ./...) | tee /dev/stderr)" || { echo 'gofmt these files' >&2; exit 1; }
	$(GO) vet ./...
	GOOS=windows $(GO) vet ./plugin/... ./cmd/...
	GOOS=darwin $(GO) vet ./plugin/... ./cmd/...
	$(GO) run $(STATICCHECK) ./...
	$(GO) test ./test/policy

# The store at each size, in millions of observations, and its peers beside it; see
# test/bench/README.md.
bench:
	mkdir -p $(BIN)
	$(GO) build -o $(BIN)/suite ./test/bench/suite
	GO=$(GO) BIN=$(BIN) $(BIN)/suite -sizes $(SIZES) -json $(BIN)/bench.json $(BENCHFLAGS)

# Needs Go's module proxy, and tests those peers that are installed.
bench-peers-test:
	GO=$(GO) test/bench/peers/go.sh vet ./...
	GO=$(GO) test/bench/peers/go.sh test ./...

# The figures of the store and the hook by go test.
bench-go:
	$(GO) test -run '^$$' -bench . -benchmem ./plugin/...

# Whole servers compared.
bench-qps: all
	test/bench/qps.sh

# The HTTP API over a store of SIZES million observations, made for it.
bench-api: all
	dir=$$(mktemp -d); trap 'rm -rf "$$dir"' EXIT; \
	$(GO) run ./test/bench/load -n $(SIZES)000000 -to store "$$dir" && \
	$(GO) run ./test/bench/api -pdns $(BIN)/pdns -store "$$dir" $(BENCHFLAGS)

# The map of the demo's lure in a store of SIZES million RRsets.
bench-map: all
	dir=$$(mktemp -d); trap 'rm -rf "$$dir"' EXIT; \
	$(GO) run ./test/bench/load -n $(SIZES)000000 -to store "$$dir/store" && \
	$(GO) run ./test/demo >"$$dir/history.json" && \
	$(GO) run ./test/bench/map -pdns $(BIN)/pdns -store "$$dir/store" $(BENCHFLAGS) "$$dir/history.json"

# Verdicts on made-up histories whose truth is known. README.md says by which seeds.
bench-verdicts:
	$(GO) run ./test/bench/verdicts $(BENCHFLAGS)

# Every fuzz target of the module, FUZZTIME each.
fuzz:
	test/fuzz.sh $(FUZZTIME)

# Every operation on files of a program at work on a store, one by one: minutes.
crash:
	PDNS_CRASH=all $(GO) test -count=1 -timeout 4h ./test/crash $(CRASHFLAGS)

# What takes too long for each change: crash, and a long trial of the store against
# a model, by a seed that it says and PDNS_MODEL_SEED repeats.
nightly: crash
	PDNS_MODEL_STEPS=$${PDNS_MODEL_STEPS:-1000000} $(GO) test -count=1 -timeout 12h -run 'TestModel$$' ./plugin/pkg/store

demo: all
	BIN=$(BIN) test/demo/demo.sh

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/bash-completion/completions
	install -m 755 $(BIN)/coredns $(DESTDIR)$(PREFIX)/bin/coredns-pdns
	install -m 755 $(BIN)/pdns $(DESTDIR)$(PREFIX)/bin/pdns
	$(BIN)/pdns man $(DESTDIR)$(PREFIX)/share/man/man1
	$(BIN)/pdns completion bash > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/pdns

clean:
	rm -rf $(BIN) coverage.out
