# make, make demo, make test: see README.md. What a machine lacks is installed from its distribution's packages.
SHELL = /bin/bash
MVN = mvn --batch-mode --no-transfer-progress
JAR = ansible/plugins/agent/quietus.jar
SOURCES = pom.xml java-agent/pom.xml $(shell find java-agent/src/main -type f)

.PHONY: all prepare demo lint format test test-unit test-systemd test-ansible test-matrix molecule bench clean

all: $(JAR)

prepare:
	@lab/prepare

# The jar inside the collection: what the action plugin ships to a host.
$(JAR): $(SOURCES) | prepare
	$(MVN) --quiet -DskipTests package
	install -D -m 644 java-agent/target/quietus.jar $@

# The story, on a real systemd.
demo: $(JAR)
	lab/run lab/demo

# The form of all sources: google-java-format, Error Prone, ruff, shfmt, shellcheck. format changes what a formatter can.
lint: | prepare
	.ci/lint

format: | prepare
	.ci/lint --fix

test: lint test-unit test-systemd test-ansible molecule

test-unit: $(JAR)
	$(MVN) -Dquietus.check.graphs=10000 test
	ansible/tests/run unit

# The agent on real systemd, 252 and 257.
test-systemd: $(JAR)
	lab/image bookworm trixie packages:bookworm packages:trixie
	lab/run $(MVN) -DskipUnitTests verify

# The same on every version of the wider matrix.
test-matrix: $(JAR)
	lab/image bullseye bookworm trixie forky packages:bookworm packages:trixie
	QUIETUS_SUITES=bullseye,bookworm,trixie,forky lab/run $(MVN) -DskipUnitTests verify

# The collection: checks, then real ssh with several versions of Ansible.
test-ansible: $(JAR)
	ansible/tests/run sanity
	ansible/tests/run lint
	lab/run ansible/tests/run integration
	lab/run ansible/tests/run galaxy

# Real stories, with Molecule, on hosts with a real systemd.
molecule: $(JAR)
	lab/run molecule/run

# One table of ratios, on the lab's hosts over ssh (docs/performance.md). BENCH=--quick takes half the time.
bench: $(JAR)
	lab/image bookworm
	lab/run bench/run $(BENCH)

clean:
	$(MVN) --quiet clean
	rm -f $(JAR)
