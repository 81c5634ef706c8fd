/* explain_html.c: explanations as a page of HTML: the reference of signatures. */
#include "analyzer/cli/explain_print.h"

#include <string.h>

#define SCENARIOS_SHOWN 12

/* Text between tags or within quotation marks. */
static void put_text(FILE *out, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		default:
			/* what a client printed may be of any bytes */
			putc(*text >= ' ' && *text <= '~' ? *text : '?', out);
		}
	}
}

static void put_element(FILE *out, const char *tag, const char *text)
{
	fprintf(out, "<%s>", tag);
	put_text(out, text);
	fprintf(out, "</%s>", tag);
}

static void put_line(FILE *out, const char *tag, const char *text)
{
	put_element(out, tag, text);
	putc('\n', out);
}

static const char style[] =
	":root{--bg:#fff;--fg:#1c2024;--dim:#60646c;--line:#d9d9e0;--box:#f6f7f9;--mark:#b42318;--link:#0b5cad;"
	"--warn:#8a5a00;color-scheme:light dark}\n"
	"@media(prefers-color-scheme:dark){:root{--bg:#15181c;--fg:#e6e8eb;--dim:#9ba1a8;--line:#343a42;--box:#1d2127;"
	"--mark:#ff8a7a;--link:#7ab8ff;--warn:#f0bf5f}}\n"
	"body{margin:0 auto;padding:1.5rem 1rem 4rem;max-width:62rem;background:var(--bg);color:var(--fg);"
	"font:16px/1.5 system-ui,sans-serif}\n"
	"h1{font-size:1.6rem;margin:0 0 .3rem}h2{font-size:1.25rem;margin:2.5rem 0 .5rem}\n"
	"h3{font-size:.8rem;margin:1rem 0 .3rem;color:var(--dim);text-transform:uppercase;letter-spacing:.04em}\n"
	"p{margin:.3rem 0}a{color:var(--link);text-decoration:none}a:hover{text-decoration:underline}\n"
	"code,pre{font:13.5px/1.5 ui-monospace,monospace}\n"
	"article{border:1px solid var(--line);border-radius:8px;padding:.9rem 1.1rem 1.1rem;margin:1rem 0}\n"
	"article>h2{margin:0;font-size:1.05rem;overflow-wrap:anywhere}article>h2 code{font-size:1rem;font-weight:600}\n"
	".title{font-weight:600}.dim{color:var(--dim)}.warn{color:var(--warn)}li>.dim,li>.note{display:block}\n"
	".two{display:grid;grid-template-columns:repeat(auto-fit,minmax(19rem,1fr));gap:0 2rem}\n"
	"table{border-collapse:collapse;width:100%;background:var(--box);border-radius:6px}\n"
	"td{padding:.1rem .7rem;vertical-align:top;font:13.5px/1.5 ui-monospace,monospace}\n"
	"td.from{color:var(--dim);white-space:nowrap;width:1%}tr.end td{font-weight:600}tr.end "
	"td.what{color:var(--mark)}\n"
	"ol,ul,dl{margin:.2rem "
	"0;padding-left:1.3rem}dl{padding:0}dt{float:left;clear:left;width:4.2rem;color:var(--dim)}\n"
	"dd{margin:0 0 .2rem 4.6rem}nav ul{columns:18rem 3;list-style:none;padding:0;font-size:.92rem}\n"
	"nav li{break-inside:avoid;overflow-wrap:anywhere}summary{cursor:pointer;color:var(--dim)}\n";

void explain_html_head(FILE *out, const char *title)
{
	fputs("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
	      out);
	put_text(out, title);
	fprintf(out, "</title>\n<style>\n%s</style>\n</head>\n<body>\n", style);
}

void explain_html_foot(FILE *out)
{
	fputs("</body>\n</html>\n", out);
}

/* What stands for a name in links to it. */
static void put_id(FILE *out, const struct explanation *e)
{
	static const char *const fronts[] = {
		[EXPLAINS_SIGNATURE] = "", [EXPLAINS_ALERT] = "alert-", [EXPLAINS_WORDS] = "words-"};

	fputs(fronts[e->kind], out);
	put_text(out, e->name);
}

/* ---- The parts of an explanation ---- */

static void put_ladder(FILE *out, const struct explanation *e)
{
	static const char *const arrows[] = {
		[TLSDIAG_FROM_CLIENT] = "client &gt;",
		[TLSDIAG_FROM_SERVER] = "&lt; server",
		[TLSDIAG_FROM_NETWORK] = "&lt; network",
	};

	if (!e->step_count)
		return;
	fputs("<h3>On the wire</h3>\n<table>\n", out);
	for (size_t i = 0; i < e->step_count; i++) {
		const struct tlsdiag_step *s = &e->steps[i];

		fprintf(out, "<tr%s><td class=\"from\">%s</td><td class=\"what\">", s->ending ? " class=\"end\"" : "",
			s->kind == TLSDIAG_STEP_SILENCE ? explain_direction(s->from) : arrows[s->from]);
		put_text(out, s->text);
		fputs(s->kind == TLSDIAG_STEP_LOST      ? " (lost)</td></tr>\n"
		      : s->kind == TLSDIAG_STEP_SILENCE ? " (silence)</td></tr>\n"
							: "</td></tr>\n",
		      out);
	}
	fputs("</table>\n", out);
}

static void put_record(FILE *out, const struct explanation *e)
{
	if (e->kind != EXPLAINS_ALERT)
		return;
	fprintf(out,
		"<h3>On the wire</h3>\n<p><code>15 03 03 00 02 02 %02x</code>: a record of type alert, level fatal, in "
		"clear. "
		"In TLS 1.3, after the ServerHello: a record of 19 bytes, type application data.</p>\n"
		"<p><code>tshark -Y 'tls.alert_message.desc == %d'</code></p>\n",
		e->alert, e->alert);
}

/* A signature, leading to its explanation where it has one of its own: that of an alert at any stage is the alert's. */
static void put_link(FILE *out, const char *signature, bool linked)
{
	static const char any_alert[] = "any/alert/";
	const struct tlsdiag_words *w = tlsdiag_explain(signature);
	bool alert =
		strncmp(signature, any_alert, strlen(any_alert)) == 0 && strcmp(signature, "any/alert/encrypted") != 0;

	linked = linked && w && strcmp(w->signature, signature) == 0;
	if (linked) {
		fprintf(out, "<a href=\"#%s", alert ? "alert-" : "");
		put_text(out, alert ? signature + strlen(any_alert) : signature);
		fputs("\">", out);
	}
	put_element(out, "code", signature);
	fputs(linked ? "</a>" : "", out);
}

static void put_candidate(FILE *out, const struct explanation_candidate *c, bool linked)
{
	fputs("<li>", out);
	put_link(out, c->signature, linked);
	fputs(": ", out);
	put_text(out, c->title);
	if (c->wire[0]) {
		fputs(" <span class=\"dim\">", out);
		put_text(out, c->wire);
		fputs("</span>", out);
	}
	if (c->note) {
		fprintf(out, " <span class=\"note%s\">", c->relation == CLIENT_MISLEADS ? " warn" : "");
		fputs(c->relation == CLIENT_MISLEADS ? "These words mislead then: " : "Then ", out);
		put_text(out, c->note);
		fputs(".</span>", out);
	}
	fputs("</li>\n", out);
}

static void put_candidates(FILE *out, const char *heading, const struct explanation_candidate *candidates, size_t count,
			   bool linked)
{
	if (!count)
		return;
	fprintf(out, "<h3>%s</h3>\n<ul>\n", heading);
	for (size_t i = 0; i < count; i++)
		put_candidate(out, &candidates[i], linked);
	fputs("</ul>\n", out);
}

static void put_causes(FILE *out, const struct explanation *e)
{
	if (!e->cause_count)
		return;
	fputs("<div><h3>Usual causes, most frequent first</h3>\n<ol>\n", out);
	for (size_t i = 0; i < e->cause_count; i++)
		put_line(out, "li", e->causes[i]);
	fputs("</ol></div>\n", out);
}

static void put_checks(FILE *out, const struct explanation *e)
{
	if (!e->check_count)
		return;
	fputs("<div><h3>What to check</h3>\n<dl>\n", out);
	for (unsigned place = 0; place < EXPLAIN_PLACES; place++) {
		put_line(out, "dt", explain_places[place]);
		for (size_t i = 0; i < e->check_count; i++)
			if (e->checks[i].places & 1U << place)
				put_line(out, "dd", e->checks[i].text);
	}
	fputs("</dl></div>\n", out);
}

static void put_phrases(FILE *out, const struct explanation *e)
{
	if (!e->phrase_count)
		return;
	fputs("<details><summary>What clients print</summary>\n<ul>\n", out);
	for (size_t i = 0; i < e->phrase_count; i++) {
		const char *client = e->phrases[i]->client;

		fputs("<li>", out);
		put_text(out, strcmp(client, "libc") == 0 ? "any" : client);
		fputs(": <code>", out);
		put_text(out, e->phrases[i]->text);
		fputs("</code></li>\n", out);
	}
	fputs("</ul></details>\n", out);
}

static void put_scenarios(FILE *out, const struct explanation *e)
{
	if (!e->scenario_count)
		return;
	fputs("<details><summary>Try it in the lab</summary>\n<ul>\n", out);
	for (size_t i = 0; i < e->scenario_count && i < SCENARIOS_SHOWN; i++) {
		fputs("<li><code>tlslab run ", out);
		put_text(out, e->scenarios[i]->name);
		fputs("</code> <span class=\"dim\">", out);
		put_text(out, e->scenarios[i]->title);
		fputs("</span></li>\n", out);
	}
	fputs("</ul></details>\n", out);
}

void explain_html(FILE *out, const struct explanation *e, bool linked)
{
	fputs("<article id=\"", out);
	put_id(out, e);
	fputs("\">\n<h2><code>", out);
	put_text(out, e->kind == EXPLAINS_WORDS && e->said.said[0] ? e->said.said : e->name);
	fputs("</code></h2>\n<p class=\"title\">", out);
	put_text(out, e->title);
	fputs("</p>\n", out);
	put_line(out, "p", e->meaning);
	put_ladder(out, e);
	put_record(out, e);
	put_candidates(out,
		       e->kind == EXPLAINS_SIGNATURE ? "More precisely, it may be"
						     : "It may be, told apart on the wire by",
		       e->candidates, e->candidate_count, linked);
	put_candidates(out, "What looks the same to the client", e->look_alikes, e->look_alike_count, linked);
	fputs("<div class=\"two\">\n", out);
	put_causes(out, e);
	put_checks(out, e);
	fputs("</div>\n", out);
	put_phrases(out, e);
	put_scenarios(out, e);
	fputs("</article>\n", out);
}

/* ---- Contents ---- */

/* What the list is headed by where another kind of thing, or another stage, begins. */
static void begin_list(FILE *out, const struct explanation *e, const char *stage)
{
	static const char *const kinds[] = {[EXPLAINS_SIGNATURE] = "Signatures",
					    [EXPLAINS_ALERT] = "Alerts",
					    [EXPLAINS_WORDS] = "What clients say"};

	fputs("<h3>", out);
	put_text(out, e->kind != EXPLAINS_SIGNATURE ? kinds[e->kind] : strcmp(stage, "any") == 0 ? "any stage" : stage);
	fputs("</h3>\n<ul>\n", out);
}

void explain_html_contents(FILE *out)
{
	char heading[EXPLANATION_NAME_MAX] = "", now[EXPLANATION_NAME_MAX];
	struct explanation e;

	fputs("<h1>TLS failures and their signatures</h1>\n"
	      "<p>A signature says at which milestone of a TLS connection an attempt ended, and how. The same words as "
	      "here are "
	      "printed by <code>tlsdiag explain</code>.</p>\n<nav>\n",
	      out);
	for (size_t i = 0; explanation_at(&e, i); i++) {
		snprintf(now, sizeof(now), "%d %.*s", (int)e.kind,
			 e.kind == EXPLAINS_SIGNATURE ? (int)strcspn(e.name, "/") : 0, e.name);
		if (strcmp(now, heading) != 0) {
			fputs(heading[0] ? "</ul>\n" : "", out);
			begin_list(out, &e, now + 2);
			memcpy(heading, now, sizeof(heading));
		}
		fputs("<li><a href=\"#", out);
		put_id(out, &e);
		fputs("\">", out);
		put_text(out, e.kind == EXPLAINS_WORDS ? e.title : e.name);
		fputs("</a></li>\n", out);
	}
	fputs("</ul>\n</nav>\n", out);
}
