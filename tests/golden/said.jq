# said.jq: what a golden file says of a capture: each connection's verdict and what it rests on, in as few lines as can be read
# in a difference. Left out are what belongs to the capture alone (addresses, times, what was offered) and what follows from
# the signature alone (advice). Takes the lines of `tlsdiag --json -r FILE…`, prints each FILE's name and then its verdicts:
#
#     tlsdiag --json -r FILE… | jq --null-input -f said.jq --args FILE…

def present: with_entries(select(.value != null and .value != [] and .value != ""));
def point: if . == null then "not reached" else "frame \(.frame)" + if .inferred then ", inferred" else "" end end;
def fact: "\(.frame) \(.direction) \(.shows)";
def alert: if . == null then null else "\(.direction) " + if .encrypted then "encrypted" else "\(.level) \(.description)" end end;
def choice:
	if . == null then null
	else [.version, .cipher, .group, .alpn, if .retried then "retried" else null end, if .resumed then "resumed" else null end]
	     | map(select(.)) | join(", ") end;
def connection: {
	outcome, signature, by, certainty, summary,
	milestones: (.milestones | map_values(point)),
	evidence: (.evidence | map(fact)),
	alert: (.alert | alert),
	sni, alpn: (.alpn | join(",")), chosen: (.chosen | choice),
	certificate, protocol, notes, warnings
} | present;

reduce inputs as $line ({}; .[$line.file // $ARGS.positional[0]] += [$line | connection])
| . as $said | $ARGS.positional[] | ., $said[.] // []
