# lab.sh: what the lab's tests share, read after tap.sh.
# shellcheck shell=sh disable=SC2034,SC2154
lab=${BUILD:-build}/tlslab
mkdir "$scratch/tmp"
export TMPDIR="$scratch/tmp"

# fake SIGNATURE BY [CERTAINTY]: an analyzer that gives every capture the same verdict.
fake()
{
	printf '{"server":{"address":"203.0.113.20","port":443},"outcome":"failed","signature":"%s","by":"%s","certainty":"%s"}\n' \
		"$1" "$2" "${3-seen}" >"$scratch/verdict"
	echo "cat $scratch/verdict #"
}

# scenarios: a folder of scenario files of one's own, with the real clients, in $scratch/scenarios.
scenarios()
{
	rm -rf "$scratch/scenarios"
	mkdir -p "$scratch/scenarios/own"
	cp scenarios/clients.yaml "$scratch/scenarios"
}

# gives STATUS COMMAND...: it exits with that status; what it prints is in $scratch/out and shown.
gives()
{
	wanted=$1
	shift
	"$@" >"$scratch/out" 2>&1
	status=$?
	cat "$scratch/out"
	[ "$status" -eq "$wanted" ]
}

# says TEXT: the output of gives holds it.
says()
{
	cat "$scratch/out"
	grep -qF -- "$1" "$scratch/out"
}

# Nothing of a run is left in the folder for temporary files.
clean()
{
	find "$TMPDIR" -mindepth 1 | tee "$scratch/left"
	[ ! -s "$scratch/left" ]
}
