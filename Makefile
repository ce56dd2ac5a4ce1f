# What can be run here. Each target is a script that says more with --help, or at its top.
.PHONY: help test test-asan demo release package try-package format check-format lint tidy api reference swift-examples bench instructions attack coverage fuzz simulate mutations crash-test lua-suite nightly

help:          ## this list
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/  make \1|\2/p' Makefile | column -t -s '|'

test:          ## install what is missing, build, run every test
	./scripts/test

test-asan:     ## the Lua host under AddressSanitizer: every allocation failure, hostile scripts, leaks
	./scripts/test-asan

demo:          ## a release build, two scripts and a batch against the sandbox
	./scripts/demo

release:       ## the executables, optimized, into .build/release
	swift build --configuration release --static-swift-stdlib --product paylink
	swift build --configuration release --static-swift-stdlib --product paylink-script

package:       ## the Debian package and the archive, into .build/package
	./scripts/package

try-package:   ## both on a bare Debian 12: installed, used, removed (as root)
	./scripts/try-package

format:        ## format the Swift sources in place
	./scripts/format

check-format:  ## say what is not formatted
	./scripts/format --check

lint:          ## format, shellcheck and tidy: what needs no build
	./scripts/lint

tidy:          ## lengths, words, reasons, imports against the target graph, dead scripts, paths named in docs
	./scripts/tidy --self-test
	./scripts/tidy

api:           ## the public API against docs/api, and its documentation; after a build
	./scripts/api --docc

reference:     ## docs/lua-api.md from the API's own table
	swift build --product paylink
	.build/debug/paylink reference > docs/lua-api.md

bench:         ## paylink beside what a user would pick instead (scripts/bench --help)
	./scripts/bench

instructions:  ## instructions of five small runs of the debug build, against what was kept
	./scripts/instructions

attack:        ## hostile scripts by chance on the release build, ten minutes
	./scripts/attack --release

coverage:      ## the same, and which lines of the Lua host none of them reached
	./scripts/attack --coverage

fuzz:          ## spoiled input for what reads bytes from outside
	./scripts/fuzz

simulate:      ## ten thousand shops in which everything goes wrong; waits and payments in simulated time
	./scripts/simulate --seeds 10000
	./scripts/simulate-wait
	./scripts/simulate-money

mutations:     ## faults put into a copy on purpose: the simulator must find each
	./scripts/simulate-mutations

crash-test:    ## kill -9 in the middle of batches and effects, resume, and let the sandbox judge
	./scripts/crash-test

lua-suite:     ## Lua's own test suite: make lua-suite DIR=…/lua-5.4.4-tests
	./scripts/lua-suite $(DIR)

swift-examples: ## the Swift of docs/ in a package of its own, against the sandbox
	./scripts/swift-examples

nightly:       ## what takes long: a real cron daemon, system calls, lying processes, attacks, examples (as root)
	./scripts/nightly
