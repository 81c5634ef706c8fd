# said.sh: what the analyzer says of captures, as golden files have it, for `make golden` and for the test that compares.
# shellcheck shell=sh

# said FOLDER CAPTURE...: writes what is said of each into FOLDER/CAPTURE.json. Fails when the analyzer does.
said()
{
	folder=$1
	shift
	for capture; do
		echo "$folder/${capture%/*}"
	done | sort -u | tr '\n' '\0' | xargs -0 mkdir -p
	# shellcheck disable=SC2046 # no name has a blank in it
	"${BUILD:-build}/tlsdiag" --json $(printf -- '-r %s ' "$@") >"$folder/lines" 2>"$folder/remarks"
	if [ $? -gt 1 ]; then
		cat "$folder/remarks" >&2
		return 1
	fi
	jq --null-input -f tests/golden/said.jq --args "$@" <"$folder/lines" | awk -v folder="$folder" '
		/^"/ { if (file) close(file); file = folder "/" substr($0, 2, length($0) - 2) ".json"; next }
		{ print >file }'
}
