/* The span that is picked: its place in the address, its drawer, and the keys that walk, fold and zoom. */
(function (flux) {
  "use strict";

  var PATIENCE = 60;
  var trace = flux.trace, tab = "tags", waiting = 0;

  trace.pick = function (i) {
    var sheet = trace.sheet;
    trace.picked = i;
    flux.one("[data-trace-split]").toggleAttribute("data-no-span", i < 0);
    if (i >= 0) trace.reveal(i);
    trace.paint();
    write(i >= 0 ? sheet.span[i] : "");
    clearTimeout(waiting);
    if (i < 0) { flux.set("trace-picked", { data: null }); return; }
    waiting = setTimeout(function () {
      if (trace.isOpen()) flux.set("trace-picked", { data: { id: sheet.trace, place: sheet.place[i], search: location.search, beat: flux.beat() } });
    }, PATIENCE);
  };

  /* The span is part of the address, but nothing is asked anew for it: the view stays what it is. */
  function write(span) {
    var words = flux.words();
    if (span) words.set("span", span); else words.delete("span");
    var text = words.toString().replace(/%3A/g, ":");
    history.replaceState(history.state, "", location.pathname + (text ? "?" + text : ""));
    if (flux.here.last) flux.here.last = JSON.stringify([location.search].concat(JSON.parse(flux.here.last).slice(1)));
  }

  /* The span to begin with: the one of the address, else the deepest failure of the first, else the request. */
  trace.first = function () {
    var sheet = trace.sheet, wanted = flux.words().get("span"), i = wanted ? sheet.span.indexOf(wanted) : -1;
    if (i >= 0) return i;
    i = sheet.flags.findIndex(function (_, at) { return trace.hasFailed(at); });
    while (i >= 0) {
      var deeper = -1;
      for (var child = i + 1; child < i + sheet.size[i] && deeper < 0; child++) if (trace.hasFailed(child)) deeper = child;
      if (deeper < 0) return i;
      i = deeper;
    }
    return sheet.request || 0;
  };

  function walk(by) {
    if (!trace.isOpen()) return;
    var here = trace.picked >= 0 && trace.at.has(trace.picked) ? trace.at.get(trace.picked) + by : by > 0 ? 0 : trace.shown.length - 1;
    if (here >= 0 && here < trace.shown.length) trace.pick(trace.shown[here]);
  }

  /* The drawer */

  trace.paintTabs = function () {
    flux.all("#trace-drawer [data-span-tab]").forEach(function (each) { each.setAttribute("aria-pressed", String(each.getAttribute("data-span-tab") === tab)); });
    flux.all("#trace-drawer [data-span-pane]").forEach(function (each) { each.hidden = each.getAttribute("data-span-pane") !== tab; });
  };

  flux.act("data-wf-row", function (value) { trace.pick(Number(value)); });
  flux.act("data-span-close", function () { trace.pick(-1); });
  flux.act("data-span-tab", function (value) { tab = value; trace.paintTabs(); });
  flux.act("data-span-copy", function () { flux.copy(flux.one("#trace-drawer").innerText, "Copied"); });

  /* Keys */

  flux.bind("f", function () { if (trace.page()) walk(1); });
  flux.bind("b", function () { if (trace.page()) walk(-1); });
  flux.bind(".", function () { if (trace.page() && trace.isOpen() && trace.picked >= 0) trace.zoomTo(trace.picked); });
  flux.bind(",", function () { if (trace.page()) trace.whole(); });

  function sideways(left) {
    var i = trace.picked;
    if (i < 0) return;
    if (left) { if (!trace.fold(i, true) && trace.parentOf(i) >= 0) trace.pick(trace.parentOf(i)); }
    else if (!trace.fold(i, false) && trace.sheet.size[i] > 1) trace.pick(i + 1);
  }

  function escape() {
    if (trace.picked >= 0 && trace.isOpen()) trace.pick(-1);
    else if (flux.words().get("id")) trace.open("");
    else return false;
    return true;
  }

  /* What a key does here; returns whether it did anything. */
  function pressed(event) {
    var key = event.key, across = { ArrowLeft: -1, ArrowRight: 1 }[key], along = { ArrowUp: -1, ArrowDown: 1 }[key];
    if (key === "j" || key === "k") trace.step(key === "j" ? 1 : -1);
    else if (key === "d") trace.csv();
    else if (!trace.isOpen()) return false;
    else if (across && event.shiftKey) trace.pan(across);
    else if (across) sideways(across < 0);
    else if (along && event.target === trace.scroll) walk(along);
    else return false;
    return true;
  }

  document.addEventListener("keydown", function (event) {
    if (!trace.page() || !event.key || event.metaKey || event.ctrlKey || event.altKey || event.defaultPrevented || flux.isModal() || flux.isOpen()) return;
    var on = function (kinds) { return event.target.closest && event.target.closest(kinds); };
    var field = on("input, textarea, select");
    if (field) {
      if (event.key !== "Enter" || !field.closest(".trace-search")) return;
      trace.search();
    } else if (event.key === "Escape") {
      if (!escape()) return;
    } else if (!flux.areKeysOn() || on("[role=radiogroup], .seg, summary") || !pressed(event)) return;
    event.preventDefault();
  }, true);
})(window.fluxdash);
