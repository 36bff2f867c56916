/* The traces: searched by the address, listed, drawn as dots, one of them open; and what Dash calls for all of it.

   The words of a search are `id`, `operation`, `min`, `max`, `tags`, `errors`, `before` and `span`; links rest on them. */
(function (flux) {
  "use strict";

  var FIELDS = { operation: "trace-operation", min: "trace-min", max: "trace-max", tags: "trace-tags" };
  var trace = flux.trace = { sheet: null, folded: new Set(), shown: [], at: new Map(), picked: -1, scroll: null, from: 0, to: 1 };
  var asked = null;

  trace.page = function () { return flux.one("#traces"); };
  trace.isOpen = function () { return !!trace.sheet; };
  function nothing() { return window.dash_clientside.no_update; }

  /* The address */

  function padded(id) { return id.trim().toLowerCase().padStart(32, "0"); }
  function openId() { return (flux.words().get("id") || "").trim(); }

  trace.open = function (id) {
    if (id && trace.isOpen() && padded(openId()) === id) return;
    flux.go(function (words) { words.delete("span"); if (id) words.set("id", id); else words.delete("id"); });
    markList();
  };

  trace.search = function () {
    var id = flux.one("#trace-id").value.trim();
    flux.go(function (words) {
      Object.keys(FIELDS).forEach(function (name) {
        var value = flux.one("#" + FIELDS[name]).value.trim();
        if (value) words.set(name, value); else words.delete(name);
      });
      words.delete("before");
      if (id !== (words.get("id") || "")) words.delete("span");
      if (id) words.set("id", id); else words.delete("id");
    });
  };

  function clear() {
    flux.go(function (words) { Object.keys(FIELDS).concat(["errors", "before"]).forEach(function (name) { words.delete(name); }); });
  }

  /* Look for others that failed like the span in the drawer: by `error_type=…`, else by a tag of its exception. */
  function same(wanted) {
    var cut = wanted.indexOf("="), name = wanted.slice(0, cut);
    flux.go(function (words) {
      Object.keys(FIELDS).concat(["errors", "before", "id", "span", name]).forEach(function (each) { words.delete(each); });
      wanted.slice(cut + 1).split("\n").forEach(function (value) { words.append(name, value); });
    });
  }

  function fill(id, value) {
    var field = flux.one("#" + id);
    if (field && document.activeElement !== field && field.value !== value) flux.set(id, { value: value });
  }

  function paintSearch() {
    var words = flux.words(), errors = flux.one("[data-trace-errors]"), on = words.get("errors") === "on";
    fill("trace-id", words.get("id") || "");
    Object.keys(FIELDS).forEach(function (name) { fill(FIELDS[name], words.get(name) || ""); });
    flux.mark(errors, "aria-checked", String(on));
    flux.one(".bx", errors).classList.toggle("on", on);
    flux.one("[data-trace-clear]").hidden = !on && !Object.keys(FIELDS).some(function (name) { return words.has(name); });
    trace.page().toggleAttribute("data-open", !!openId());
  }

  trace.csv = function () { if (listed().length) flux.download(flux.prefix() + "traces.csv" + location.search); };

  flux.act("data-trace-open", trace.open);
  flux.lists.traces = flux.lists.durations = { csv: trace.csv, some: function () { return listed().length > 0; } };
  flux.act("data-trace-close", function () { trace.open(""); });
  flux.act("data-trace-search", trace.search);
  flux.act("data-trace-clear", clear);
  flux.act("data-trace-same", same);
  flux.act("data-trace-before", function (value) { flux.go(function (words) { if (value) words.set("before", value); else words.delete("before"); }); });
  flux.act("data-trace-errors", function () { flux.go(function (words) { words.delete("before"); if (words.get("errors") === "on") words.delete("errors"); else words.set("errors", "on"); }); });
  flux.act("data-trace-step", function (value) { trace.step(Number(value)); });

  /* The list */

  function listed() { return flux.all("#trace-list [data-trace-open]"); }

  function markList() {
    var id = trace.isOpen() ? trace.sheet.trace : padded(openId());
    listed().forEach(function (each) {
      if (openId() && each.getAttribute("data-trace-open") === id) each.setAttribute("aria-current", "true"); else each.removeAttribute("aria-current");
    });
  }

  trace.step = function (by) {
    var rows = listed(), here = rows.findIndex(function (each) { return each.hasAttribute("aria-current"); });
    var next = rows[here < 0 ? 0 : here + by];
    if (!next) return;
    trace.open(next.getAttribute("data-trace-open"));
    next.scrollIntoView({ block: "nearest" });
  };

  /* What Dash calls */

  function soon(does) { return function () { if (trace.page()) setTimeout(function () { if (trace.page()) does(); }, 0); return nothing(); }; }

  Object.assign(window.dash_clientside.fluxdash, {
    wanted_trace: function () {
      if (!trace.page()) return nothing();
      paintSearch();
      var id = openId(), scroll = trace.scroll, whole = asked === id && (!id || trace.isOpen()) && scroll && scroll.isConnected;
      // Exporters send what they have every few seconds: a trace that just ended may still grow.
      if (whole && id && !trace.sheet.fresh) return nothing();
      if (asked === id && !id && !flux.one("#trace-head:empty")) return nothing();
      asked = id;
      return { id: id, search: location.search, beat: flux.beat() };
    },
    drawn_trace: function (data) {
      if (!trace.page()) return nothing();
      var sheet = typeof data === "string" ? JSON.parse(data) : null, stands = trace.draw(sheet);
      markList();
      if (stands) return nothing();
      return { id: sheet ? sheet.trace : "", search: location.search, beat: flux.beat() };
    },
    listed_traces: soon(markList),
    drawn_span: soon(function () { trace.paintTabs(); }),
    dotted: function (click) {
      var point = click && click.points && click.points[0];
      if (point && /^[0-9a-f]{32}$/.test(point.id || "")) trace.open(point.id);
      return nothing();
    },
    narrowed: function (change) { if (change) flux.relayout("trace-dots", change); return nothing(); },
  });
})(window.fluxdash);
