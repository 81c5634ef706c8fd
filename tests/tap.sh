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

# Whether tlslab can make its namespaces here.
namespaces()
{
	unshare --net true 2>/dev/null || unshare --user --map-root-user --net true 2>/dev/null
}

finish()
{
	echo "1..$tests"
	[ "$failures" -eq 0 ]
	exit
}
