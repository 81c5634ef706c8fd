// A client of the lab: one HTTPS request with Node's own library.
//
//     node.js HOST PORT TRUST NEWEST(1.2|1.3) FAMILY(ipv4|ipv6) PATIENCE
//
// Exit status: 0 an answer came, 1 an error, whose code and text are printed.
'use strict';
const fs = require('fs');
const https = require('https');

const [host, port, trust, newest, family, patience] = process.argv.slice(2);

function fail(error) {
	console.log(`${error.code}: ${error.message}`);
	process.exit(1);
}

const request = https.get({
	host, port, path: '/health', agent: false, family: family === 'ipv6' ? 6 : 4,
	ca: fs.readFileSync(trust), minVersion: 'TLSv1.2', maxVersion: `TLSv${newest}`,
}, (answer) => {
	answer.on('error', fail);
	answer.on('end', () => {
		console.log(`HTTP ${answer.statusCode}`);
		process.exit(0);
	});
	answer.resume();
});
request.on('error', fail);
setTimeout(() => fail({code: 'TIMEOUT', message: 'timed out'}), patience * 1000);
