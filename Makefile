# Builds libtlsdiag, tlsdiag, tlslab and tlslab-server. Sources are found by their place:
#   analyzer/*.c      libtlsdiag            analyzer/cli/*.c  tlsdiag
#   harness/*.c       tlslab                servers/*.c       tlslab-server, and the servers of tlslab
#   tests/unit/FOLDER/NAME_test.c           one test program each, against that folder's objects
#   tests/fuzz/NAME_fuzz.c                  one libFuzzer target each
#   tests/FOLDER/NAME                       executable: a test script that prints TAP
#
#   make run [ARGS='...']   sets up what is missing, builds, runs the lab    make lint       style and static analysis
#   make test [SANITIZE=1]  sets up what is missing, builds, runs all tests  make fuzz [SECONDS=60]
#   make                    builds                                           make install [PREFIX=...] [DESTDIR=...]
#   make golden [ALL=1]     takes the golden captures anew                   make bench [PARTS=...]
#   make endure [HOURS=1]   a busy link watched, and fuzzing, each for so long
#   V=1 shows the whole commands

VERSION = 0.1.0
SONAME = libtlsdiag.so.0

BUILD ?= build
CC = gcc
CFLAGS ?= -O2 -g
WARNINGS = -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
	   -Wwrite-strings -Wcast-qual -Wformat=2 -Wundef -Wvla -Wpointer-arith -Wimplicit-fallthrough
ifdef SANITIZE
BUILD := build/sanitize
CFLAGS = -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
endif
Q = $(if $(V),,@)
QUIETLY = $(MAKE) $(if $(V),,--silent)
JOBS ?= $(shell nproc)
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(JOBS)
endif
# A script may have the name of a source beside it.
MAKEFLAGS += --no-builtin-rules
# Where ordinary users do not look but nft lies.
export PATH := $(PATH):/usr/sbin:/sbin

PKG_analyzer = libcrypto
PKG_cli = zlib libcrypto libseccomp
PKG_harness = libnl-route-3.0 libpcap jansson yaml-0.1 libssl libcrypto
PKG_servers = libssl libcrypto jansson
flags = $(patsubst -I%,-isystem %,$(shell pkg-config --cflags $(1)))
libs = $(shell pkg-config --libs $(1)) $(LDLIBS)

# Loaded by that name where it is needed (analyzer/cli/pcap_library.h).
PCAP_SONAME := $(shell objdump -p "$$($(CC) -print-file-name=libpcap.so)" 2>/dev/null | awk '/SONAME/ { print $$2 }')

CPPFLAGS_ALL = -std=gnu11 -D_GNU_SOURCE -DVERSION='"$(VERSION)"' -DPCAP_SONAME='"$(PCAP_SONAME)"' -I.
CFLAGS_ALL = $(CPPFLAGS_ALL) $(CFLAGS) $(WARNINGS) -fPIC -fvisibility=hidden -MMD -MP

objects = $(patsubst %.c,$(BUILD)/%.o,$(wildcard $(1)/*.c))
LIB_OBJECTS = $(call objects,analyzer)
CLI_OBJECTS = $(call objects,analyzer/cli) $(BUILD)/analyzer/cli/scenario_table.o
HARNESS_OBJECTS = $(call objects,harness)
SERVER_OBJECTS = $(call objects,servers)
UNIT_TESTS = $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/*/*_test.c))
SCRIPT_TESTS = $(shell find tests -mindepth 2 -maxdepth 2 -type f -perm -u+x -not -path 'tests/unit/*' \
	       -not -path 'tests/bench/*' | sort)
without_main = $(filter-out %/main.o,$(1))

.PHONY: all run test unit units golden bench endure lint fuzz install uninstall clean
.DELETE_ON_ERROR:
.PRECIOUS: $(BUILD)/%.o
all: $(BUILD)/tlsdiag $(BUILD)/tlslab $(BUILD)/tlslab-server $(BUILD)/libtlsdiag.a $(BUILD)/libtlsdiag.so.$(VERSION) \
	$(BUILD)/docs/signatures.html

run:
	@tools/setup run
	@+$(QUIETLY) all
	@$(BUILD)/tlslab run $(ARGS)

# ---- The library and the programs ----

# Internal symbols are made local, so that the static library too shows no name but those of tlsdiag.h.
$(BUILD)/libtlsdiag.o: $(LIB_OBJECTS)
	@echo "  LD      $@"
	$(Q)$(LD) -r -o $@ $^
	$(Q)objcopy --localize-hidden $@
$(BUILD)/libtlsdiag.a: $(BUILD)/libtlsdiag.o
	@echo "  AR      $@"
	$(Q)rm -f $@ && $(AR) rcs $@ $^
$(BUILD)/libtlsdiag.so.$(VERSION): $(LIB_OBJECTS)
	@echo "  LINK    $@"
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -shared -Wl,-soname,$(SONAME) -Wl,-z,defs -o $@ $^ $(call libs,$(PKG_analyzer))
$(BUILD)/tlsdiag: $(CLI_OBJECTS) $(BUILD)/libtlsdiag.a
	@echo "  LINK    $@"
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(call libs,$(PKG_cli))
$(BUILD)/tlslab: $(HARNESS_OBJECTS) $(call without_main,$(SERVER_OBJECTS))
	@echo "  LINK    $@"
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(call libs,$(PKG_harness))
$(BUILD)/tlslab-server: $(SERVER_OBJECTS)
	@echo "  LINK    $@"
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(call libs,$(PKG_servers))

# Not the words of other clients, which make no failure of their own. The folders are there for scenarios that were removed.
SCENARIOS = $(filter-out scenarios/clients/%,$(sort $(wildcard scenarios/*/*.yaml)))
$(BUILD)/analyzer/cli/scenario_table.c: tools/scenario-table $(SCENARIOS) $(sort $(dir $(SCENARIOS)))
	@mkdir -p $(@D)
	@echo "  TABLE   $@"
	$(Q)tools/scenario-table $(SCENARIOS) >$@
$(BUILD)/analyzer/cli/scenario_table.o: $(BUILD)/analyzer/cli/scenario_table.c
	@echo "  CC      $@"
	$(Q)$(CC) $(CFLAGS_ALL) -c -o $@ $<

# The reference of signatures: all that tlsdiag can explain, as a page.
$(BUILD)/docs/signatures.html: $(BUILD)/tlsdiag
	@mkdir -p $(@D)
	@echo "  PAGE    $@"
	$(Q)$(BUILD)/tlsdiag explain --all --html >$@

# libnl-3's headers lie aside; the example includes the installed header.
$(BUILD)/harness/%.o $(BUILD)/tests/unit/harness/%.o: INCLUDES = $(call flags,$(PKG_harness))
$(BUILD)/docs/%.o: INCLUDES = -Ianalyzer
$(BUILD)/%.o: %.c Makefile
	@mkdir -p $(@D)
	@echo "  CC      $@"
	$(Q)$(CC) $(CFLAGS_ALL) $(INCLUDES) -c -o $@ $<

# ---- Tests ----

UNIT_HELPERS = $(call objects,tests/unit)
UNIT_NEEDS_analyzer = $(LIB_OBJECTS)
UNIT_NEEDS_cli = $(call without_main,$(CLI_OBJECTS)) $(BUILD)/libtlsdiag.a $(BUILD)/tests/json_schema.o
UNIT_NEEDS_harness = $(call without_main,$(HARNESS_OBJECTS) $(SERVER_OBJECTS)) $(BUILD)/tests/json_schema.o
UNIT_NEEDS_servers = $(call without_main,$(SERVER_OBJECTS))
define UNIT_RULE
$(BUILD)/tests/unit/$(1)/%_test: $(BUILD)/tests/unit/$(1)/%_test.o $(UNIT_HELPERS) $(UNIT_NEEDS_$(1))
	@echo "  LINK    $$@"
	$$(Q)$$(CC) $$(CFLAGS) -pthread $$(LDFLAGS) -o $$@ $$^ $$(call libs,$(PKG_$(1)) jansson libssl cunit)
endef
$(foreach folder,analyzer cli harness servers,$(eval $(call UNIT_RULE,$(folder))))

# Checks JSON Lines against a schema, for scripts.
$(BUILD)/tests/check_json: $(BUILD)/tests/check_json.o $(BUILD)/tests/json_schema.o
	@echo "  LINK    $@"
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(call libs,jansson)

# Holds what tlsdiag explains against the lab's scenarios.
$(BUILD)/tests/check_words: $(BUILD)/tests/check_words.o $(call without_main,$(CLI_OBJECTS)) $(BUILD)/libtlsdiag.a
	@echo "  LINK    $@"
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(call libs,$(PKG_cli) jansson)

# The golden captures, varied: through the public header, as other programs use the library.
$(BUILD)/tests/golden/variations: $(call objects,tests/golden) $(BUILD)/libtlsdiag.a
	@echo "  LINK    $@"
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(call libs,libpcap libcrypto)

# The same, sanitized.
$(BUILD)/tests/sanitize/golden: $(call objects,tests/sanitize) $(BUILD)/libtlsdiag.a \
		$(addprefix $(BUILD)/tests/golden/,capture.o parts.o vary_capture.o vary_link.o vary_noise.o vary_packet.o)
	@echo "  LINK    $@"
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(call libs,libpcap libcrypto)

# For measuring: large captures made of the golden ones, what to compare with, and a stopwatch.
BENCH = $(addprefix $(BUILD)/tests/bench/,generate bare race cells unconfined)
$(BUILD)/tests/bench/generate: $(addprefix $(BUILD)/tests/bench/,generate.o mix.o rewrite.o template.o output.o) \
		$(BUILD)/tests/golden/capture.o $(BUILD)/tests/golden/parts.o
$(BUILD)/tests/bench/bare $(BUILD)/tests/bench/race: %: %.o
$(BUILD)/tests/bench/cells: $(BUILD)/tests/bench/cells.o $(call without_main,$(HARNESS_OBJECTS) $(SERVER_OBJECTS))
$(BUILD)/tests/bench/unconfined: $(BUILD)/tests/bench/unconfined.o $(call without_main,$(CLI_OBJECTS)) $(BUILD)/libtlsdiag.a
$(BENCH):
	@echo "  LINK    $@"
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(call libs,$(PKG_harness) $(PKG_cli)) -lm

units: $(UNIT_TESTS) $(BUILD)/tests/check_json $(BUILD)/tests/check_words $(BUILD)/tests/golden/variations $(BUILD)/tests/sanitize/golden $(BENCH)
unit: units
	@tests/run -j $(JOBS) $(UNIT_TESTS)

# Scripts run from here, and find what is under test in $BUILD.
test:
	@tools/setup run test
	@+$(QUIETLY) all units
	@BUILD=$(BUILD) CFLAGS="$(CFLAGS)" tests/run -j $(JOBS) $(UNIT_TESTS) $(SCRIPT_TESTS)

# How fast it is, beside what else there is: tables for docs/performance.md.
bench:
	@tools/setup run test
	@+$(QUIETLY) all $(BENCH)
	@BUILD=$(BUILD) tools/bench $(PARTS)

# A busy link watched, then every fuzz target, each for so many hours. RATE: connections a second.
HOURS ?= 1
RATE ?= 1000
SECONDS_OF_HOURS = $(shell awk 'BEGIN { printf "%d", $(HOURS) * 3600 + 0.5 }')
endure:
	@tools/setup run test fuzz
	@+$(QUIETLY) all $(BENCH)
	@BUILD=$(BUILD) tools/endure $(SECONDS_OF_HOURS) $(RATE)
	@+$(QUIETLY) fuzz SECONDS=$(SECONDS_OF_HOURS)

# The lab's captures with the verdicts that the analyzer gives them now, and what the README shows; `git diff` shows what is
# different. ALL=1 replaces every capture, not only those that are said to mean something else.
golden:
	@tools/setup run test
	@+$(QUIETLY) all
	@BUILD=$(BUILD) tools/golden $(if $(ALL),all)
	@BUILD=$(BUILD) tests/tools/readme --update

# ---- Lint: warnings are errors; what did not change is not looked at again ----

C_FILES := $(shell find analyzer harness servers tests docs -name '*.[ch]' 2>/dev/null)
SCRIPTS := .ci/run $(shell grep -rlE '^\#!/bin/(ba)?sh' tests tools)
MANUALS = $(wildcard docs/*.[1-9])
DOCUMENTS = $(wildcard docs/*.json) docs/analyzers.md docs/example.c
EXAMPLES = $(wildcard docs/examples/*)
TIDY = $(patsubst %.c,$(BUILD)/lint/%.tidy,$(filter %.c,$(C_FILES)))
LINTS = $(BUILD)/lint/format $(BUILD)/lint/columns $(BUILD)/lint/cppcheck $(BUILD)/lint/scripts $(BUILD)/lint/manuals

lint:
	@tools/setup run test lint
	@+$(QUIETLY) --keep-going lint-all
	@echo "lint: $(words $(C_FILES)) C files, $(words $(SCRIPTS)) scripts, $(words $(MANUALS)) manual pages: clean"
.PHONY: lint-all
lint-all: $(LINTS) $(TIDY)

$(BUILD)/lint/format: .clang-format $(C_FILES)
	@mkdir -p $(@D)
	@echo "  FORMAT  $(words $(C_FILES)) files"
	$(Q)clang-format --dry-run -Werror $(C_FILES)
	@touch $@
# clang-format leaves comments as they are.
$(BUILD)/lint/columns: $(C_FILES)
	@mkdir -p $(@D)
	$(Q)! for file in $(C_FILES); do expand "$$file" | LC_ALL=C.UTF-8 grep -nE '.{121}' | sed "s|^|$$file:|"; done | grep .
	@touch $@
# The object's dependencies are the headers too.
$(BUILD)/lint/%.tidy: %.c .clang-tidy analyzer/.clang-tidy tests/.clang-tidy $(BUILD)/%.o
	@mkdir -p $(@D)
	@echo "  TIDY    $<"
	$(Q)clang-tidy --quiet $< -- $(CPPFLAGS_ALL) $(call flags,$(PKG_harness)) -Ianalyzer 2>$@.log || { cat $@.log; exit 1; }
	@touch $@
# Declarations stand at the top of their function; NULL is a pointer in POSIX.
$(BUILD)/lint/cppcheck: $(C_FILES) tools/cppcheck.cfg
	@mkdir -p $@-cache
	@echo "  CHECK   $(words $(filter %.c,$(C_FILES))) files"
	$(Q)cppcheck --quiet -j $(JOBS) --cppcheck-build-dir=$@-cache --error-exitcode=1 --std=c11 -I. -D_GNU_SOURCE \
		--enable=warning,style,performance,portability --suppress=variableScope --suppress=varFuncNullUB --inline-suppr \
		--library=tools/cppcheck.cfg \
		$(filter %.c,$(C_FILES))
	@touch $@
$(BUILD)/lint/scripts: $(SCRIPTS)
	@mkdir -p $(@D)
	@echo "  SCRIPTS $(words $(SCRIPTS)) files"
	$(Q)shellcheck $(SCRIPTS)
	@touch $@
$(BUILD)/lint/manuals: $(MANUALS)
	@mkdir -p $(@D)
	@echo "  MANUALS $(words $(MANUALS)) files"
	$(Q)$(if $(MANUALS),mandoc -T lint -W warning $(MANUALS))
	@touch $@

# ---- Fuzzing: each target for SECONDS, starting from its corpus ----

SECONDS ?= 60
FUZZ_TESTS = $(patsubst %.c,$(BUILD)/%,$(wildcard tests/fuzz/*_fuzz.c))
fuzz:
	@tools/setup run fuzz
	@+$(QUIETLY) BUILD=build/fuzz CC=clang SECONDS=$(SECONDS) fuzz-all \
		CFLAGS='-O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all'
.PHONY: fuzz-all $(FUZZ_TESTS:=.run)
fuzz-all: $(FUZZ_TESTS:=.run)
$(BUILD)/tests/fuzz/%_fuzz: $(BUILD)/tests/fuzz/%_fuzz.o $(call without_main,$(CLI_OBJECTS)) $(LIB_OBJECTS)
	@echo "  LINK    $@"
	$(Q)$(CC) $(CFLAGS) -fsanitize=fuzzer -o $@ $^ $(call libs,$(PKG_cli))
# What is found interesting is kept in the build; the corpus in the repository is only read.
$(FUZZ_TESTS:=.run): NAME = $(notdir $(<:_fuzz=))
$(FUZZ_TESTS:=.run): %.run: %
	@mkdir -p $(BUILD)/corpus/$(NAME)
	@echo "  FUZZ    $(NAME), $(SECONDS) s"
	$(Q)$< -verbosity=0 -print_final_stats=1 -max_total_time=$(SECONDS) -timeout=60 -rss_limit_mb=1024 \
		-artifact_prefix=$(BUILD)/$(NAME)- $(BUILD)/corpus/$(NAME) $(wildcard tests/fuzz/corpus/$(NAME)) \
		>$(BUILD)/$(NAME).log 2>&1 || { tail -n 60 $(BUILD)/$(NAME).log; exit 1; }
	@sed -n 's/^stat::number_of_executed_units: */  FUZZED  $(NAME), inputs: /p' $(BUILD)/$(NAME).log

# ---- Installing ----

PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR ?= $(PREFIX)/share/man
DATADIR ?= $(PREFIX)/share/tlslab
DOCDIR ?= $(PREFIX)/share/doc/tlsdiag
TO = $(DESTDIR)

install: all
	install -d $(TO)$(BINDIR) $(TO)$(LIBDIR)/pkgconfig $(TO)$(INCLUDEDIR) $(TO)$(MANDIR)/man1 $(TO)$(DATADIR) $(TO)$(DOCDIR)
	install $(BUILD)/tlsdiag $(BUILD)/tlslab $(BUILD)/tlslab-server $(TO)$(BINDIR)
	install -m 644 $(BUILD)/libtlsdiag.a $(BUILD)/libtlsdiag.so.$(VERSION) $(TO)$(LIBDIR)
	ln -sf libtlsdiag.so.$(VERSION) $(TO)$(LIBDIR)/$(SONAME)
	ln -sf $(SONAME) $(TO)$(LIBDIR)/libtlsdiag.so
	install -m 644 analyzer/tlsdiag.h $(TO)$(INCLUDEDIR)
	sed -e 's|@VERSION@|$(VERSION)|' -e 's|@LIBDIR@|$(LIBDIR)|' -e 's|@INCLUDEDIR@|$(INCLUDEDIR)|' \
		analyzer/libtlsdiag.pc.in >$(TO)$(LIBDIR)/pkgconfig/libtlsdiag.pc
	install -m 644 $(MANUALS) $(TO)$(MANDIR)/man1
	cp -R scenarios $(TO)$(DATADIR)
	install -d $(TO)$(DOCDIR)/examples
	install -m 644 $(BUILD)/docs/signatures.html $(DOCUMENTS) $(TO)$(DOCDIR)
	install $(EXAMPLES) $(TO)$(DOCDIR)/examples

uninstall:
	rm -f $(addprefix $(TO)$(BINDIR)/,tlsdiag tlslab tlslab-server) $(TO)$(INCLUDEDIR)/tlsdiag.h
	rm -f $(addprefix $(TO)$(LIBDIR)/,libtlsdiag.a libtlsdiag.so $(SONAME) libtlsdiag.so.$(VERSION) pkgconfig/libtlsdiag.pc)
	rm -f $(addprefix $(TO)$(MANDIR)/man1/,$(notdir $(MANUALS)))
	rm -f $(addprefix $(TO)$(DOCDIR)/,signatures.html $(notdir $(DOCUMENTS)) $(addprefix examples/,$(notdir $(EXAMPLES))))
	rm -rf $(TO)$(DATADIR)
	-rmdir $(TO)$(DOCDIR)/examples $(TO)$(DOCDIR)

clean:
	rm -rf build

-include $(shell find $(BUILD) -type f -name '*.d' 2>/dev/null)
