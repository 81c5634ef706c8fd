# cli.sh: what the tests of tlsdiag's command line share, read after tap.sh.
# shellcheck shell=sh disable=SC2034,SC2154
tlsdiag=${BUILD:-build}/tlsdiag
check_json=${BUILD:-build}/tests/check_json

# runs STATUS ARGUMENT...: tlsdiag ends with STATUS, within a minute; what it printed is in $scratch/out and $scratch/err.
runs()
{
	wanted=$1
	shift
	timeout -k 5 60 "$tlsdiag" "$@" >"$scratch/out" 2>"$scratch/err"
	status=$?
	cat -v "$scratch/out" "$scratch/err"
	[ "$status" -eq "$wanted" ]
}

# says out|err TEXT: it printed that there.
says() { grep -qF -- "$2" "$scratch/$1"; }

# silent out|err: it printed nothing there.
silent() { [ ! -s "$scratch/$1" ]; }

# holds FILE TEXT: the file has it, as bytes.
holds() { grep -qaF -- "$2" "$1"; }
