# tap.sh: what a test script in shell needs to print TAP. Scripts run from the top of the repository:
#
#     . tests/tap.sh
#     check "a sentence that is true when the test passes" COMMAND...
#     skip  "the same" "why it cannot be tried here"
#     finish
#
# $scratch is a directory of the script's own, removed at the end.
# shellcheck shell=sh
tests=0
failures=0
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' INT TERM

# Passes when COMMAND succeeds; what it printed is shown when it does not.
check()
{
	name=$1
	shift
	tests=$((tests + 1))
	if "$@" >"$scratch/.check" 2>&1 </dev/null; then
		echo "ok $tests - $name"
	else
		failures=$((failures + 1))
		echo "not ok $tests - $name"
		echo "# $*"
		sed 's/^/#   /' "$scratch/.check"
	fi
}

skip()
{
	tests=$((tests + 1))
	echo "ok $tests - $1 # SKIP $2"
}

# Whether network namespaces can be made here.
namespaces()
{
	own_network true 2>/dev/null
}

# own_network COMMAND...: runs it in a network namespace of its own.
own_network()
{
	if unshare --net true 2>/dev/null; then
		unshare --net "$@"
	else
		unshare --user --map-root-user --net "$@"
	fi
}

# Runs the whole script again in a network namespace of its own; returns there. Skips it where none can be made.
enter_own_network()
{
	[ -z "${TAP_NETWORK-}" ] || return 0
	export TAP_NETWORK=1
	if ! namespaces; then
		echo "1..0 # SKIP no network namespaces here"
		exit 0
	fi
	own_network "$0"
	exit
}

finish()
{
	echo "1..$tests"
	[ "$failures" -eq 0 ]
	exit
}
