/* The waterfall of the open trace: which rows there are, which of them are folded, and only those in sight drawn. */
(function (flux) {
  "use strict";

  var AHEAD = 10, SMALL = 24;
  var trace = flux.trace, painting = 0;

  trace.rowHeight = function () { return innerWidth < 640 ? 40 : 30; };

  /* Draw a trace, or none; of one that was drawn before, nothing that the reader did is lost. Returns whether it stands
     here already, with as many spans: then nothing is drawn. */
  trace.draw = function (sheet) {
    var before = trace.sheet, again = !!sheet && !!before && before.trace === sheet.trace;
    var standing = again && trace.scroll && trace.scroll.isConnected, top = standing ? trace.scroll.scrollTop : 0;
    var closed = standing && trace.picked < 0, whole = !again || trace.from === 0 && trace.to === before.length;
    trace.sheet = sheet;
    if (standing && before.span.length === sheet.span.length) return true;
    trace.folded = again ? refolded(before, sheet) : new Set();
    trace.picked = -1;
    flux.one("[data-trace-split]").hidden = !sheet;
    flux.one("[data-trace-foot]").hidden = !sheet;
    if (!sheet) { trace.scroll = null; flux.one("[data-trace-sheet]").replaceChildren(); return false; }
    if (whole) { trace.from = 0; trace.to = sheet.length; }
    build();
    trace.scroll.scrollTop = top;
    trace.pick(closed ? -1 : trace.first());
    return false;
  };

  /* What was folded is folded again, wherever it stands now: spans that came late moved it. */
  function refolded(before, sheet) {
    var ids = new Set(), found = new Set();
    trace.folded.forEach(function (i) { ids.add(before.span[i]); });
    if (ids.size) sheet.span.forEach(function (id, i) { if (ids.has(id) && sheet.size[i] > 1) found.add(i); });
    return found;
  }

  function build() {
    var host = flux.one("[data-trace-sheet]"), sheet = trace.sheet, scroll = flux.make("div", "wf-scroll wf");
    host.replaceChildren();
    if (sheet.name.length > SMALL) host.appendChild(trace.minimap());
    host.appendChild(trace.axis());
    scroll.tabIndex = 0;
    scroll.setAttribute("role", "treegrid");
    scroll.setAttribute("aria-label", "Spans");
    scroll.setAttribute("aria-rowcount", String(sheet.name.length));
    scroll.appendChild(flux.make("div", "wf-all"));
    scroll.addEventListener("scroll", paintSoon, { passive: true });
    host.appendChild(scroll);
    trace.scroll = scroll;
    trace.refold();
  }

  trace.refold = function () {
    var sheet = trace.sheet, shown = [], at = new Map();
    for (var i = 0; i < sheet.name.length; i += trace.folded.has(i) ? sheet.size[i] : 1) { at.set(i, shown.length); shown.push(i); }
    trace.shown = shown;
    trace.at = at;
    flux.one(".wf-all", trace.scroll).style.height = shown.length * trace.rowHeight() + "px";
    trace.scroll.style.setProperty("--rows", String(Math.min(shown.length, 400)));
    trace.paint();
    trace.drawMinimap();
  };

  function paintSoon() { if (!painting) painting = requestAnimationFrame(function () { painting = 0; trace.paint(); }); }

  trace.paint = function () {
    var scroll = trace.scroll;
    if (!scroll || !scroll.isConnected || !trace.isOpen()) return;
    var height = trace.rowHeight(), first = Math.max(Math.floor(scroll.scrollTop / height) - AHEAD, 0);
    var last = Math.min(Math.ceil((scroll.scrollTop + scroll.clientHeight) / height) + AHEAD, trace.shown.length);
    var rows = document.createDocumentFragment(), picked = trace.picked;
    for (var place = first; place < last; place++) rows.appendChild(trace.row(trace.shown[place], place * height));
    flux.one(".wf-all", scroll).replaceChildren(rows);
    if (picked >= 0 && trace.at.has(picked)) scroll.setAttribute("aria-activedescendant", "wf-" + picked); else scroll.removeAttribute("aria-activedescendant");
    trace.paintView();
  };

  /* Folding */

  trace.fold = function (i, close) {
    if (trace.sheet.size[i] < 2 || trace.folded.has(i) === close) return false;
    if (close) trace.folded.add(i); else trace.folded.delete(i);
    trace.refold();
    return true;
  };

  trace.parentOf = function (i) { for (var up = i - 1; up >= 0; up--) if (up + trace.sheet.size[up] > i) return up; return -1; };

  /* Unfold what a span stands under, and scroll to it. */
  trace.reveal = function (i) {
    var up = i, changed = false, scroll = trace.scroll, height = trace.rowHeight();
    while ((up = trace.parentOf(up)) >= 0) changed = trace.folded.delete(up) || changed;
    if (changed) trace.refold();
    var top = trace.at.get(i) * height;
    if (top < scroll.scrollTop) scroll.scrollTop = top;
    else if (top + height > scroll.scrollTop + scroll.clientHeight) scroll.scrollTop = top + height - scroll.clientHeight;
  };

  flux.act("data-wf-fold", function (value) { trace.fold(Number(value), !trace.folded.has(Number(value))); });

  function again() { if (trace.page() && trace.isOpen() && trace.scroll && trace.scroll.isConnected) requestAnimationFrame(trace.refold); }

  new MutationObserver(again).observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });
  window.addEventListener("resize", again);
})(window.fluxdash);
