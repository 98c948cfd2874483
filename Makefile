# make, make demo, make test: see README.md. Missing tools are installed from the distribution's packages.
SHELL = /bin/bash
MVN = mvn --batch-mode --no-transfer-progress
JAR = ansible/plugins/agent/quietus.jar
PAGES = ansible/plugins/agent/pages
SOURCES = pom.xml java-agent/pom.xml $(shell find java-agent/src/main -type f) java-agent/src/test/java/quietus/cli/ManPages.java

.PHONY: all prepare demo adopt lint format test test-static test-unit test-systemd test-ansible test-window test-matrix test-why test-faults test-kernel molecule mutation fuzz bench bench-fleet docs runtime release clean

all: $(JAR)

prepare:
	@lab/prepare

# The jar inside the collection: what the action plugin ships to a host.
$(JAR): $(SOURCES) | prepare
	$(MVN) --quiet -DskipTests package
	install -D -m 644 java-agent/target/quietus.jar $@
	install -D -m 644 -t $(PAGES) java-agent/target/pages/*

# The story, on a real systemd. SVG=docs/demo.svg records it as a picture of a terminal.
SVG =
demo: $(JAR)
	set -o pipefail; lab/run lab/demo $(if $(SVG),| java lab/Recording.java $(SVG))

# A stranger's afternoon: the tarball on a fresh host without Java, used, upgraded and taken away again.
adopt: $(JAR)
	lab/image nojava:trixie
	lab/run lab/adopt

# The form of all sources: google-java-format, Error Prone, ruff, shfmt, shellcheck, reuse. format changes what a formatter can.
lint: | prepare
	.ci/lint

format: | prepare
	.ci/lint --fix

# Cheap checks first: an error in the form of a file fails within minutes.
test: lint test-static test-unit test-systemd test-ansible molecule adopt

# The collection's checks that need no host: Ansible's own linters, Galaxy's importer, then ansible-test sanity.
test-static: $(JAR)
	ansible/tests/run lint
	ansible/tests/run importer
	ansible/tests/run sanity

test-unit: $(JAR)
	@lab/prepare mandoc
	$(MVN) -Dquietus.check.graphs=10000 test
	ansible/tests/run unit

# The agent on real systemd, 252 and 257.
test-systemd: $(JAR)
	lab/image bookworm trixie packages:bookworm packages:trixie machines:bookworm machines:trixie
	lab/run $(MVN) -DskipUnitTests verify

# The same on every version of the wider matrix, and all tests over ssh with every series of Ansible.
test-matrix: $(JAR)
	lab/image bullseye bookworm trixie forky packages:bookworm packages:trixie machines:bookworm machines:trixie
	QUIETUS_SUITES=bullseye,bookworm,trixie,forky lab/run $(MVN) -DskipUnitTests verify
	QUIETUS_BARE=bullseye,bookworm,trixie,forky lab/run ansible/tests/run integration 2.14 2.16 2.19 2.21

# What quietus why answers after each act, often: the table of docs/why.md.
ROUNDS ?= 30
test-why: $(JAR)
	lab/image bookworm trixie
	lab/run $(MVN) -DskipUnitTests -Dit.test=WhyIT -Dfailsafe.failIfNoSpecifiedTests=false -Dquietus.why.rounds=$(ROUNDS) verify

# Every single failure of a file operation or a call, on many families. make test has one in 97. With ROUNDS=200, as many power cuts on each suite too;
# with PAIRS=250, as many pairs of runs at once.
test-faults: $(JAR)
	$(MVN) -pl java-agent -Dtest=SingleFaultsTest -Dquietus.faults.every=1 -Dquietus.faults.families=20 test
	$(if $(filter command,$(firstword $(origin ROUNDS))),$(MAKE) test-kernel KERNEL=PowerCutsIT CUTS=$(ROUNDS))
	$(if $(PAIRS),lab/image bookworm trixie)
	$(if $(PAIRS),lab/run $(MVN) -DskipUnitTests -Dit.test=PairsIT -Dfailsafe.failIfNoSpecifiedTests=false -Dquietus.pairs=$(PAIRS) verify)

# On hosts with a kernel of their own: power cuts, clocks, real boots, full disks, little memory, mounts, devices.
# KERNEL=PowerCutsIT takes one class, KERNEL='ClockIT DiskIT' two.
KERNEL = *IT
comma = ,
CUTS = 8
test-kernel: $(JAR)
	lab/kernel image bookworm trixie
	lab/run $(MVN) -DskipUnitTests '-Dit.test=$(subst $() ,$(comma),$(KERNEL:%=quietus/kernel/%))' -Dfailsafe.failIfNoSpecifiedTests=false -Dquietus.kernel.rounds=$(CUTS) verify

# The collection over real ssh, with several versions of Ansible.
test-ansible: $(JAR)
	lab/run ansible/tests/run integration
	lab/run ansible/tests/run galaxy
	lab/run ansible/tests/run ee

# All windows of the role maintenance_window, on three hosts, with each version of Ansible. make test has a few of them.
test-window: $(JAR)
	lab/image bookworm trixie
	lab/run ansible/tests/run windows

# Real stories, with Molecule, on hosts with a real systemd.
molecule: $(JAR)
	lab/run molecule/run

# Mutation testing of what decides and what acts, by the tests without root (docs/testing.md). PACKAGE=plan takes one package, TESTS some tests.
PACKAGE =
TESTS =
mutation: | prepare
	$(MVN) --quiet -Pmutation $(if $(PACKAGE),'-Dmutation.classes=quietus.$(PACKAGE).*') $(if $(TESTS),'-Dmutation.tests=$(TESTS)') test-compile org.pitest:pitest-maven:mutationCoverage -pl java-agent
	.ci/mutants java-agent/target/pit-reports/mutations.csv

# Every kind of input from outside, fuzzed for TIME each (60s). "mvn test" runs the corpus alone.
fuzz: | prepare
	.ci/fuzz

# One table of ratios, on the lab's hosts over ssh (docs/performance.md). BENCH=--quick takes half the time.
bench: $(JAR)
	lab/image bookworm
	lab/run bench/run $(BENCH)

# What a window on 250 and on 1,000 hosts costs the controller; the hosts are not there, and no lab is needed.
bench-fleet: $(JAR)
	bench/run fleet $(FLEET)

# The collection's documentation as HTML, in build/docs/.
docs: $(JAR)
	ansible/tests/run docs build/docs

# The archives of the bundled Java in ansible/plugins/agent/java, which must have the checksums of the collection.
# Both are tried with the agent.
runtime: $(JAR)
	.ci/runtime $(PIN)

# The collection's tarball and SHA256SUMS in build/, built twice and kept when both are the same bytes.
release: | prepare
	.ci/release

clean:
	$(MVN) --quiet clean
	rm -rf $(JAR) $(PAGES)
