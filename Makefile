# Every command of a newcomer. Each is idempotent; sudo is used only where not root.
.POSIX:
.PHONY: demo build setup test bench fuzz deny help

help: ## Say what there is
	@grep -E '^[a-z]+:.*##' Makefile | sed 's/:.*##/\t/'

demo: setup ## Install what is missing, build, judge a wrong and a right submission
	@scripts/demo.sh

setup: ## Install what building needs (compiler, git, Rust)
	@scripts/setup.sh build

build: setup ## Build the release binary and link it as ./carrel
	@scripts/build.sh

test: ## Run all tests: format, lints, unit and sandbox tests, house rules, the sample course
	@scripts/setup.sh test
	@scripts/test.sh

bench: build ## Measure: overhead of a fresh sandbox beside bare fork+exec and peers (BENCH=--quick: short cells)
	@scripts/bench.sh $(BENCH)

fuzz: ## Feed damaged inputs to whatever reads hostile bytes (FUZZ="SECONDS [TARGET]")
	@scripts/fuzz.sh $(FUZZ)

deny: ## Check licences, advisories and sources of dependencies
	@scripts/deny.sh
