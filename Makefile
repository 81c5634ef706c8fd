# Builds libtlsdiag, tlsdiag, tlslab and tlslab-server. Sources are found by their place:
#   analyzer/*.c      libtlsdiag            analyzer/cli/*.c  tlsdiag
#   harness/*.c       tlslab                servers/*.c       tlslab-server
#   tests/unit/FOLDER/NAME_test.c           one test program each, against that folder's objects

BUILD ?= build
CC = gcc
CFLAGS ?= -O2 -g
WARNINGS = -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
	   -Wwrite-strings -Wcast-qual -Wformat=2 -Wundef -Wvla -Wpointer-arith -Wimplicit-fallthrough
ifdef SANITIZE
BUILD := build/sanitize
CFLAGS = -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
endif

PKG_analyzer = libcrypto
PKG_cli = libpcap jansson zlib libcrypto
PKG_harness = libnl-route-3.0 libpcap jansson libcyaml libcrypto
PKG_servers = libssl libcrypto jansson
flags = $(shell pkg-config --cflags $(1))
libs = $(shell pkg-config --libs $(1))

ALL_CFLAGS = -std=gnu11 $(CFLAGS) $(WARNINGS) -D_GNU_SOURCE -fPIC -MMD -MP -I.

objects = $(patsubst %.c,$(BUILD)/%.o,$(wildcard $(1)/*.c))
LIB_OBJECTS = $(call objects,analyzer)
CLI_OBJECTS = $(call objects,analyzer/cli)
HARNESS_OBJECTS = $(call objects,harness)
SERVER_OBJECTS = $(call objects,servers)
UNIT_TESTS = $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/*/*_test.c))
without_main = $(filter-out %/main.o,$(1))

.PHONY: all clean unit
all: $(BUILD)/tlsdiag $(BUILD)/tlslab $(BUILD)/tlslab-server

$(BUILD)/libtlsdiag.a: $(LIB_OBJECTS)
	$(AR) rcs $@ $^
$(BUILD)/tlsdiag: $(CLI_OBJECTS) $(BUILD)/libtlsdiag.a
	$(CC) $(CFLAGS) -o $@ $^ $(call libs,$(PKG_cli))
$(BUILD)/tlslab: $(HARNESS_OBJECTS)
	$(CC) $(CFLAGS) -o $@ $^ $(call libs,$(PKG_harness))
$(BUILD)/tlslab-server: $(SERVER_OBJECTS)
	$(CC) $(CFLAGS) -o $@ $^ $(call libs,$(PKG_servers))

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

$(BUILD)/tests/unit/analyzer/%_test: $(BUILD)/tests/unit/analyzer/%_test.o $(BUILD)/tests/unit/suite.o $(BUILD)/libtlsdiag.a
	$(CC) $(CFLAGS) -o $@ $^ $(call libs,$(PKG_analyzer) libssl cunit)
$(BUILD)/tests/unit/cli/%_test: $(BUILD)/tests/unit/cli/%_test.o $(BUILD)/tests/unit/suite.o $(call without_main,$(CLI_OBJECTS)) $(BUILD)/libtlsdiag.a
	$(CC) $(CFLAGS) -o $@ $^ $(call libs,$(PKG_cli) cunit)
$(BUILD)/tests/unit/harness/%_test: $(BUILD)/tests/unit/harness/%_test.o $(BUILD)/tests/unit/suite.o $(call without_main,$(HARNESS_OBJECTS))
	$(CC) $(CFLAGS) -o $@ $^ $(call libs,$(PKG_harness) cunit)
$(BUILD)/tests/unit/servers/%_test: $(BUILD)/tests/unit/servers/%_test.o $(BUILD)/tests/unit/suite.o $(call without_main,$(SERVER_OBJECTS))
	$(CC) $(CFLAGS) -o $@ $^ $(call libs,$(PKG_servers) cunit)
.PRECIOUS: $(BUILD)/%.o

# Every unit test program prints TAP.
unit: $(UNIT_TESTS)
	@status=0; for t in $(UNIT_TESTS); do echo "# $$t"; $$t || status=1; done; exit $$status

clean:
	rm -rf build

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
