/* The traces: search by the address, the list and its dots, and the waterfall, of which only rows in sight exist.

   All names come from telemetry: they are written as text, and never become markup or addresses. */
(function (flux) {
  "use strict";

  var FAILED = 1, ON_PATH = 2, ODD = 4, SKEWED = 8;
  var AHEAD = 10, SMALL = 24, DEEPEST = 14, TICKS = 5;
  var FIELDS = { operation: "trace-operation", min: "trace-min", max: "trace-max", tags: "trace-tags" };
  var sheet = null, folded = new Set(), shown = [], at = new Map(), picked = -1;
  var asked = null, scroll = null, tab = "tags", waiting = 0, painting = 0;

  function page() { return flux.one("#traces"); }
  function isNarrow() { return innerWidth < 640; }
  function rowHeight() { return isNarrow() ? 40 : 30; }
  function isOpen() { return !!sheet && !!sheet.name; }
  function nothing() { return window.dash_clientside.no_update; }
  function icon(name) { var mark = flux.make("span", "i i-12 i-" + name); mark.setAttribute("aria-hidden", "true"); return mark; }

  /* The address */

  function padded(id) { return id.trim().toLowerCase().padStart(32, "0"); }
  function openId() { return (flux.words().get("id") || "").trim(); }

  function open(id) {
    if (id && isOpen() && padded(openId()) === id) return;
    flux.go(function (words) { words.delete("span"); if (id) words.set("id", id); else words.delete("id"); });
    markList();
  }

  function search() {
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
  }

  function clear() {
    flux.go(function (words) { Object.keys(FIELDS).concat(["errors", "before"]).forEach(function (name) { words.delete(name); }); });
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
    page().toggleAttribute("data-open", !!openId());
  }

  flux.act("data-trace-open", open);
  flux.act("data-trace-close", function () { open(""); });
  flux.act("data-trace-search", search);
  flux.act("data-trace-clear", clear);
  flux.act("data-trace-before", function (value) { flux.go(function (words) { if (value) words.set("before", value); else words.delete("before"); }); });
  flux.act("data-trace-errors", function () { flux.go(function (words) { words.delete("before"); if (words.get("errors") === "on") words.delete("errors"); else words.set("errors", "on"); }); });
  flux.act("data-trace-step", function (value) { step(Number(value)); });

  /* The list */

  function listed() { return flux.all("#trace-list [data-trace-open]"); }

  function markList() {
    var id = isOpen() ? sheet.trace : padded(openId());
    listed().forEach(function (each) {
      if (openId() && each.getAttribute("data-trace-open") === id) each.setAttribute("aria-current", "true"); else each.removeAttribute("aria-current");
    });
  }

  function step(by) {
    var rows = listed(), here = rows.findIndex(function (each) { return each.hasAttribute("aria-current"); });
    var next = rows[here < 0 ? 0 : here + by];
    if (!next) return;
    open(next.getAttribute("data-trace-open"));
    next.scrollIntoView({ block: "nearest" });
  }

  /* The waterfall */

  function computeShown() {
    shown = [];
    at = new Map();
    for (var i = 0; i < sheet.name.length; i += folded.has(i) ? sheet.size[i] : 1) { at.set(i, shown.length); shown.push(i); }
  }

  function build() {
    var host = flux.one("[data-trace-sheet]");
    host.replaceChildren();
    if (sheet.name.length > SMALL) host.appendChild(minimap());
    host.appendChild(axis());
    scroll = flux.make("div", "wf-scroll wf");
    scroll.tabIndex = 0;
    scroll.setAttribute("role", "treegrid");
    scroll.setAttribute("aria-label", "Spans");
    scroll.setAttribute("aria-rowcount", String(sheet.name.length));
    scroll.appendChild(flux.make("div", "wf-all"));
    scroll.addEventListener("scroll", paintSoon, { passive: true });
    host.appendChild(scroll);
    refold();
  }

  function axis() {
    var head = flux.make("div", "wf-r wf-axis"), times = flux.make("div", "wf-t");
    sheet.ticks.slice(0, TICKS).forEach(function (text, place) {
      var tick = flux.make("span", "", text);
      tick.style.left = place * 100 / TICKS + "%";
      times.appendChild(tick);
    });
    head.append(flux.make("div", "wf-n", "Span"), times, flux.make("div", "wf-d", sheet.ticks[TICKS]));
    return head;
  }

  function refold() {
    computeShown();
    flux.one(".wf-all", scroll).style.height = shown.length * rowHeight() + "px";
    scroll.style.setProperty("--rows", String(Math.min(shown.length, 400)));
    paint();
    drawMinimap();
  }

  function paintSoon() { if (!painting) painting = requestAnimationFrame(function () { painting = 0; paint(); }); }

  function paint() {
    if (!scroll || !scroll.isConnected || !isOpen()) return;
    var height = rowHeight(), first = Math.max(Math.floor(scroll.scrollTop / height) - AHEAD, 0);
    var last = Math.min(Math.ceil((scroll.scrollTop + scroll.clientHeight) / height) + AHEAD, shown.length);
    var all = flux.one(".wf-all", scroll), rows = document.createDocumentFragment();
    for (var place = first; place < last; place++) rows.appendChild(row(shown[place], place * height));
    all.replaceChildren(rows);
    if (picked >= 0 && at.has(picked)) scroll.setAttribute("aria-activedescendant", "wf-" + picked); else scroll.removeAttribute("aria-activedescendant");
    paintView();
  }

  function share(time) { return time / sheet.length * 100; }

  function row(i, top) {
    var flags = sheet.flags[i], parent = sheet.size[i] > 1, line = flux.make("div", "wf-r");
    line.id = "wf-" + i;
    line.style.top = top + "px";
    line.setAttribute("role", "row");
    line.setAttribute("aria-level", String(sheet.depth[i] + 1));
    line.setAttribute("aria-rowindex", String(i + 1));
    line.setAttribute("data-wf-row", String(i));
    if (parent) line.setAttribute("aria-expanded", String(!folded.has(i)));
    if (i === picked) line.setAttribute("aria-selected", "true");
    line.append(name(i, flags, parent), bars(i, flags), said(i));
    return line;
  }

  function name(i, flags, parent) {
    var cell = flux.make("div", "wf-n"), twist = flux.make(parent ? "button" : "span", "tw"), text = sheet.names[sheet.name[i]];
    cell.style.setProperty("--d", String(Math.min(sheet.depth[i], DEEPEST)));
    cell.setAttribute("role", "rowheader");
    if (parent) {
      twist.type = "button";
      twist.tabIndex = -1;
      twist.setAttribute("data-wf-fold", String(i));
      twist.setAttribute("aria-label", folded.has(i) ? "Unfold" : "Fold");
      twist.appendChild(icon(folded.has(i) ? "right" : "down"));
    }
    cell.appendChild(twist);
    if (flags & FAILED) { var bad = icon("bad"); bad.classList.add("wf-bad"); cell.appendChild(bad); }
    if (flags & (ODD | SKEWED)) { var odd = icon("warn"); odd.classList.add("wf-odd"); cell.appendChild(odd); }
    var label = flux.make("span", i === sheet.request || sheet.depth[i] === 0 ? "b" : "", text || "unnamed");
    label.title = sheet.services[sheet.service[i]] + ": " + text;
    cell.appendChild(label);
    var less = (folded.has(i) ? sheet.size[i] - 1 : 0), more = sheet.hidden[i] || 0;
    if (less || more) cell.appendChild(flux.make("small", "muted wf-more", "+" + (less + more).toLocaleString("en-US")));
    return cell;
  }

  function piece(kind, start, took) {
    var part = flux.make("span", kind);
    part.style.left = share(start) + "%";
    part.style.width = Math.max(share(took), 0) + "%";
    return part;
  }

  function bars(i, flags) {
    var cell = flux.make("div", "wf-t"), start = sheet.start[i], end = start + sheet.took[i];
    cell.setAttribute("role", "gridcell");
    var kind = flags & FAILED ? "er" : flags & ON_PATH ? "cp" : "off";
    cell.appendChild(piece("wf-bar " + kind + (sheet.size[i] > 1 ? " over" : ""), start, sheet.took[i]));
    (sheet.gaps[i] || []).forEach(function (gap) { var hole = piece("wf-hole", gap[0], gap[1] - gap[0]); hole.title = "no span below tells of this time"; cell.appendChild(hole); });
    var wait = sheet.waits[i];
    if (wait) cell.appendChild(piece("wf-gap", wait[0], wait[1] - wait[0]));
    var note = sheet.notes[i];
    if (note) {
      var text = flux.make("span", flags & FAILED ? "wf-l bad" : "wf-l", note), from = wait ? Math.min(wait[0], start) : start;
      text.title = note;
      if (share(end) < 60) text.style.left = share(end) + "%"; else if (share(from) > 25) text.style.right = 100 - share(from) + "%"; else { text.style.left = share(start) + "%"; text.classList.add(share(sheet.took[i]) > 30 && sheet.size[i] < 2 && !(flags & FAILED) && flags & ON_PATH ? "in" : "on"); }
      cell.appendChild(text);
    }
    return cell;
  }

  function said(i) { var cell = flux.make("div", "wf-d", sheet.said[i]); cell.setAttribute("role", "gridcell"); return cell; }

  /* Folding and picking */

  function fold(i, close) {
    if (sheet.size[i] < 2 || folded.has(i) === close) return false;
    if (close) folded.add(i); else folded.delete(i);
    refold();
    return true;
  }

  function parentOf(i) { for (var up = i - 1; up >= 0; up--) if (up + sheet.size[up] > i) return up; return -1; }

  function reveal(i) {
    var up = i;
    var changed = false;
    while ((up = parentOf(up)) >= 0) changed = folded.delete(up) || changed;
    if (changed) refold();
    var top = at.get(i) * rowHeight(), height = rowHeight();
    if (top < scroll.scrollTop) scroll.scrollTop = top;
    else if (top + height > scroll.scrollTop + scroll.clientHeight) scroll.scrollTop = top + height - scroll.clientHeight;
  }

  function pick(i) {
    picked = i;
    split().toggleAttribute("data-no-span", i < 0);
    if (i >= 0) reveal(i);
    paint();
    var words = flux.words();
    if (i >= 0) words.set("span", sheet.span[i]); else words.delete("span");
    // The span is part of the address, but nothing is asked anew for it: the view stays what it is.
    var text = words.toString().replace(/%3A/g, ":");
    history.replaceState(history.state, "", location.pathname + (text ? "?" + text : ""));
    if (flux.here.last) flux.here.last = JSON.stringify([location.search].concat(JSON.parse(flux.here.last).slice(1)));
    clearTimeout(waiting);
    if (i < 0) { flux.set("trace-picked", { data: null }); return; }
    waiting = setTimeout(function () {
      if (isOpen()) flux.set("trace-picked", { data: { id: sheet.trace, place: sheet.place[i], search: location.search, beat: flux.beat() } });
    }, 60);
  }

  function split() { return flux.one("[data-trace-split]"); }

  function walk(by) {
    if (!isOpen()) return;
    var here = picked >= 0 && at.has(picked) ? at.get(picked) + by : by > 0 ? 0 : shown.length - 1;
    if (here >= 0 && here < shown.length) pick(shown[here]);
  }

  function first() {
    var wanted = flux.words().get("span"), i = wanted ? sheet.span.indexOf(wanted) : -1;
    if (i < 0) i = sheet.flags.findIndex(function (flags) { return flags & FAILED; });
    // A parent fails with its child: the deepest failure of the first is the one to read.
    while (i >= 0 && !wanted) {
      var deeper = -1;
      for (var child = i + 1; child < i + sheet.size[i] && deeper < 0; child++) if (sheet.flags[child] & FAILED) deeper = child;
      if (deeper < 0) break;
      i = deeper;
    }
    return i >= 0 ? i : sheet.request || 0;
  }

  flux.act("data-wf-fold", function (value) { fold(Number(value), !folded.has(Number(value))); });
  flux.act("data-wf-row", function (value) { pick(Number(value)); });
  flux.act("data-span-close", function () { pick(-1); });
  flux.act("data-span-tab", function (value) { tab = value; paintTabs(); });
  flux.act("data-span-copy", function () { flux.copy(flux.one("#trace-drawer").innerText, "Copied"); });

  function paintTabs() {
    flux.all("#trace-drawer [data-span-tab]").forEach(function (each) { each.setAttribute("aria-pressed", String(each.getAttribute("data-span-tab") === tab)); });
    flux.all("#trace-drawer [data-span-pane]").forEach(function (each) { each.hidden = each.getAttribute("data-span-pane") !== tab; });
  }

  /* The minimap: every span a line, and where the rows in sight are */

  function minimap() {
    var box = flux.make("div", "wf-map"), canvas = flux.make("canvas"), view = flux.make("div", "wf-view");
    box.append(canvas, view);
    box.title = "All spans; click to go there";
    var go = function (event) {
      var area = box.getBoundingClientRect();
      scroll.scrollTop = (event.clientY - area.top) / area.height * scroll.scrollHeight - scroll.clientHeight / 2;
    };
    box.addEventListener("pointerdown", function (event) { box.setPointerCapture(event.pointerId); go(event); });
    box.addEventListener("pointermove", function (event) { if (event.buttons) go(event); });
    return box;
  }

  function drawMinimap() {
    var canvas = flux.one(".wf-map canvas");
    if (!canvas) return;
    var width = canvas.clientWidth || 600, height = canvas.clientHeight || 48, sharp = devicePixelRatio || 1;
    canvas.width = width * sharp;
    canvas.height = height * sharp;
    var pen = canvas.getContext("2d"), style = getComputedStyle(document.documentElement);
    pen.scale(sharp, sharp);
    var colours = ["--m-quiet", "--m-main", "--bad-fill"].map(function (each) { return style.getPropertyValue(each); });
    [0, 1, 2].forEach(function (kind) {
      pen.fillStyle = colours[kind];
      shown.forEach(function (i, place) {
        var flags = sheet.flags[i], mine = flags & FAILED ? 2 : flags & ON_PATH ? 1 : 0;
        if (mine === kind) pen.fillRect(sheet.start[i] / sheet.length * width, place / shown.length * height, Math.max(sheet.took[i] / sheet.length * width, 1), Math.max(height / shown.length, 1));
      });
    });
    paintView();
  }

  function paintView() {
    var view = flux.one(".wf-map .wf-view");
    if (!view) return;
    view.style.top = scroll.scrollTop / scroll.scrollHeight * 100 + "%";
    view.style.height = Math.min(scroll.clientHeight / scroll.scrollHeight, 1) * 100 + "%";
  }

  new MutationObserver(drawLater).observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });
  window.addEventListener("resize", drawLater);
  function drawLater() { if (page() && isOpen() && scroll && scroll.isConnected) requestAnimationFrame(refold); }

  /* Keys */

  flux.bind("f", function () { if (page()) walk(1); });
  flux.bind("b", function () { if (page()) walk(-1); });

  function sideways(left) {
    if (picked < 0) return;
    if (left) { if (!fold(picked, true) && parentOf(picked) >= 0) pick(parentOf(picked)); } else if (!fold(picked, false) && sheet.size[picked] > 1) pick(picked + 1);
  }

  function escape() { if (picked >= 0 && isOpen()) pick(-1); else if (openId()) open(""); else return false; return true; }

  document.addEventListener("keydown", function (event) {
    if (!page() || !event.key || event.metaKey || event.ctrlKey || event.altKey || event.defaultPrevented || flux.isModal() || flux.isOpen()) return;
    var field = event.target.closest && event.target.closest("input, textarea, select");
    if (field) {
      if (event.key !== "Enter" || !field.closest(".trace-search")) return;
      search();
    } else if (event.key === "Escape") {
      if (!escape()) return;
    } else if (!flux.areKeysOn() || (event.target.closest && event.target.closest("[role=radiogroup], .seg, summary"))) return;
    else if (event.key === "j" || event.key === "k") step(event.key === "j" ? 1 : -1);
    else if (isOpen() && (event.key === "ArrowLeft" || event.key === "ArrowRight")) sideways(event.key === "ArrowLeft");
    else if (isOpen() && event.target === scroll && (event.key === "ArrowUp" || event.key === "ArrowDown")) walk(event.key === "ArrowDown" ? 1 : -1);
    else return;
    event.preventDefault();
  }, true);

  /* What Dash calls */

  function soon(does) { return function () { if (page()) setTimeout(function () { if (page()) does(); }, 0); return nothing(); }; }

  Object.assign(window.dash_clientside.fluxdash, {
    wanted_trace: function () {
      if (!page()) return nothing();
      paintSearch();
      var id = openId(), whole = asked === id && (!id || isOpen()) && scroll && scroll.isConnected;
      if (whole && id) return nothing();
      if (asked === id && !id && !flux.one("#trace-head:empty")) return nothing();
      asked = id;
      return { id: id, search: location.search, beat: flux.beat() };
    },
    drawn_trace: function (data) {
      if (!page()) return nothing();
      sheet = typeof data === "string" ? JSON.parse(data) : null;
      folded = new Set();
      picked = -1;
      split().hidden = !sheet;
      flux.one("[data-trace-foot]").hidden = !sheet;
      markList();
      if (!sheet) { scroll = null; flux.one("[data-trace-sheet]").replaceChildren(); return { id: "", search: "", beat: flux.beat() }; }
      build();
      pick(first());
      return { id: sheet.trace, search: location.search, beat: flux.beat() };
    },
    listed_traces: soon(markList),
    drawn_span: soon(paintTabs),
    dotted: function (click) {
      var point = click && click.points && click.points[0];
      if (point && /^[0-9a-f]{32}$/.test(point.id || "")) open(point.id);
      return nothing();
    },
    narrowed: function (change) { if (change) flux.relayout("trace-dots", change); return nothing(); },
  });
})(window.fluxdash);
