/* A part of a chart of counts: dragged over or walked with arrows, the rest pales, its rows are counted, and Narrow or
   Enter makes it the range of the page; Esc drops it. `layout.meta.brush` says which charts can do that. */
(function (flux) {
  "use strict";

  var MOVED = 4;
  var brush = null, drag = null;
  var bound = new WeakMap();

  function told(graph) {
    var meta = graph && graph._fullLayout && graph.layout.meta;
    return meta && meta.brush ? meta.points : null;
  }

  function graphOf(element) {
    var plot = element.classList && element.classList.contains("nsewdrag") && element.closest(".js-plotly-plot");
    return plot && told(plot) ? plot : null;
  }

  /* The bucket under a place on the screen. */
  function bucket(graph, x) {
    var grid = told(graph), axis = graph._fullLayout.xaxis;
    var at = Math.floor((axis.p2l(x - graph.getBoundingClientRect().left - axis._offset) - grid.first) / 1000 / grid.step);
    return Math.max(0, Math.min(at, grid.size - 1));
  }

  /* The buckets that are chosen, `[first, end)`; all of them where none is. */
  function extent(graph) {
    var grid = told(graph);
    if (!brush || brush.graph !== graph) return [0, grid.size];
    var at = [brush.start, brush.end].map(function (moment) { return Math.max(0, Math.min(Math.round((moment - grid.start) / grid.step), grid.size)); });
    return at;
  }

  function choose(graph, first, end) {
    var grid = told(graph);
    brush = first <= 0 && end >= grid.size ? null : { graph: graph, start: grid.start + first * grid.step, end: grid.start + end * grid.step };
    paint(graph);
  }

  function drop() {
    var graph = brush && brush.graph;
    brush = null;
    if (graph && graph.isConnected) paint(graph);
  }

  function narrow() {
    var graph = brush.graph, grid = told(graph), at = extent(graph);
    drop();
    flux.dragTo(grid.first + at[0] * grid.step * 1000, grid.first + at[1] * grid.step * 1000);
  }

  /* What is drawn over the chart: two pale ends, and an edge on each side of what is chosen, which can be walked. */

  // Not inside of what stands for a picture: nothing in there could be reached by those who can't see it.
  function layer(graph) {
    var body = graph.closest(".panel-b"), box = flux.one(":scope > .brush-layer", body);
    if (box) return box;
    box = flux.make("div", "brush-layer");
    ["before", "after"].forEach(function (side) { box.appendChild(flux.make("div", "brush-rest " + side)); });
    ["Start", "End"].forEach(function (name, side) {
      var edge = flux.make("div", "brush-edge");
      Object.entries({ role: "slider", tabindex: "0", "aria-label": name + " of the part that is counted", "aria-orientation": "horizontal" })
        .forEach(function (each) { flux.mark(edge, each[0], each[1]); });
      edge.addEventListener("pointerdown", function (event) { grab(event, graph, side); });
      edge.addEventListener("keydown", function (event) { walk(event, graph, side); });
      box.appendChild(edge);
    });
    return body.appendChild(box);
  }

  function paint(graph) {
    var grid = told(graph);
    if (!grid) return;
    var box = layer(graph), full = graph._fullLayout, size = full._size, axis = full.xaxis, at = extent(graph), on = !!brush && brush.graph === graph;
    var place = graph.getBoundingClientRect(), body = box.parentNode.getBoundingClientRect();
    if (on && at[0] >= at[1]) { drop(); return; }  // the window has moved on
    var ends = at.map(function (each) { return Math.max(0, Math.min(axis.l2p(grid.first + each * grid.step * 1000), axis._length)); });
    Object.assign(box.style, { left: place.left - body.left + axis._offset + "px", top: place.top - body.top + size.t + "px", width: axis._length + "px", height: size.h + "px" });
    box.classList.toggle("on", on);
    box.children[0].style.width = ends[0] + "px";
    box.children[1].style.left = ends[1] + "px";
    [0, 1].forEach(function (side) {
      var edge = box.children[2 + side], shown = grid.first + at[side] * grid.step * 1000;
      edge.style.left = ends[side] + "px";
      Object.entries({ "aria-valuemin": 0, "aria-valuemax": grid.size, "aria-valuenow": at[side], "aria-valuetext": flux.timeOf(shown, grid.step) })
        .forEach(function (each) { flux.mark(edge, each[0], String(each[1])); });
    });
    tell(graph, on ? at : null);
  }

  /* Which times, how many rows, how many of them failed, and the ways on, in the head of the panel. */
  function tell(graph, at) {
    var end = flux.one(".panel-h .end", graph.closest("[data-panel]")), said = flux.one(":scope > .brush", end);
    if (!said && !at) return;
    if (!said) said = head(end);
    flux.all(":scope > :is(.brush, [data-brush])", end).forEach(function (each) { each.hidden = !at; });
    if (!at) { flux.write(said.children[0], ""); flux.write(said.children[1], ""); return; }
    var grid = told(graph);
    flux.write(said.children[0], flux.spanOf({ shown: grid.first + at[0] * grid.step * 1000, step: (at[1] - at[0]) * grid.step, long: grid.size * grid.step > 86400 }));
    flux.write(said.children[1], counted(graph, at));
  }

  function head(end) {
    var said = flux.make("span", "brush"), go = flux.make("button", "btn-f primary", "Narrow"), no = flux.make("button", "kebab");
    said.append(flux.make("span"), flux.make("span", "muted"));
    flux.mark(said, "role", "status");
    no.appendChild(flux.make("span", "i i-x i-14"));
    flux.mark(no, "aria-label", "Drop what is chosen");
    flux.mark(go, "title", "Make this the range of the page (Enter)");
    flux.mark(no, "title", "Drop it (Esc)");
    go.type = no.type = "button";
    flux.mark(go, "data-brush", "narrow");
    flux.mark(no, "data-brush", "drop");
    end.prepend(said, go, no);
    return said;
  }

  function counted(graph, at) {
    var rows = 0, failed = 0, known = 0;
    graph._fullData.forEach(function (trace) {
      for (var i = at[0]; i < at[1]; i++) {
        var value = Number(trace.y[i]);
        if (!(value >= 0) || trace.y[i] === null) continue;
        known++;
        rows += value;
        if (trace.uid === "failed") failed += value;
      }
    });
    if (!known) return "not known";
    var least = known < 2 * (at[1] - at[0]) ? "at least " : "";
    // What counters estimate is no whole number, and not the rows that are listed below.
    var about = rows % 1 || failed % 1 ? "about " : "";
    rows = Math.round(rows);
    return about + least + rows.toLocaleString("en-US") + (rows === 1 ? " row, " : " rows, ") + Math.round(failed).toLocaleString("en-US") + " failed";
  }

  /* A drag over the chart chooses whole buckets; one of an edge moves that edge. Plotly covers the page meanwhile, so the
     document is what hears of it. */

  document.addEventListener("pointerdown", function (event) {
    var graph = event.button || !event.isPrimary ? null : graphOf(event.target);
    if (graph) drag = { graph: graph, x: event.clientX, from: bucket(graph, event.clientX), moved: false };
  }, true);

  function grab(event, graph, side) {
    if (event.button || !event.isPrimary) return;
    var at = extent(graph);
    event.preventDefault();
    event.stopPropagation();
    event.currentTarget.focus();
    drag = { graph: graph, x: event.clientX, from: side ? at[0] : at[1] - 1, moved: false };
  }

  document.addEventListener("pointermove", function (event) {
    if (!drag || !event.isPrimary) return;
    if (!drag.graph.isConnected) { drag = null; return; }
    drag.moved = drag.moved || Math.abs(event.clientX - drag.x) >= MOVED;
    if (!drag.moved) return;
    drag.graph.classList.add("brushing");
    var here = bucket(drag.graph, event.clientX);
    choose(drag.graph, Math.min(here, drag.from), Math.max(here, drag.from) + 1);
  }, true);

  function done() {
    var graph = drag && drag.moved ? drag.graph : null;
    drag = null;
    // Plotly takes the end of it for a click, and shows what is below a pointer that may have left the chart.
    if (graph) setTimeout(function () { window.Plotly.Fx.unhover(graph, {}); graph.classList.remove("brushing"); }, 0);
  }

  document.addEventListener("pointerup", done, true);
  document.addEventListener("pointercancel", function () { if (drag && drag.moved) drop(); done(); }, true);

  /* Keys */

  function walk(event, graph, side) {
    var steps = { ArrowLeft: -1, ArrowRight: 1, PageUp: 10, PageDown: -10 }, at = extent(graph), size = told(graph).size;
    if (event.key === "Home" || event.key === "End") at[side] = side ? (event.key === "Home" ? at[0] + 1 : size) : event.key === "Home" ? 0 : at[1] - 1;
    else if (event.key in steps) at[side] += steps[event.key];
    else return;
    at[side] = side ? Math.max(at[0] + 1, Math.min(at[1], size)) : Math.max(0, Math.min(at[0], at[1] - 1));
    event.preventDefault();
    event.stopPropagation();
    choose(graph, at[0], at[1]);
  }

  // Before the log's own keys, which open a row or close its drawer.
  window.addEventListener("keydown", function (event) {
    if (!brush || !brush.graph.isConnected || flux.isOpen() || flux.isModal() || !event.target.closest) return;
    var typing = event.target.closest("input, textarea, select, button, a");
    if (event.key === "Escape" && !(typing && typing.matches("input, textarea, select"))) drop();
    else if (event.key === "Enter" && !typing) narrow();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }, true);

  flux.act("data-brush", function (what) { if (brush && what === "narrow") narrow(); else if (what === "drop") drop(); });

  /* Charts are drawn again whenever they change or the window does. */
  flux.whenPainted(function () {
    if (brush && !brush.graph.isConnected) brush = null;
    flux.all("[data-panel] .js-plotly-plot").forEach(function (graph) {
      if (!told(graph) || bound.get(graph) === graph._ev) return;
      bound.set(graph, graph._ev);
      graph.on("plotly_afterplot", function () { paint(graph); });
      paint(graph);
    });
  });
})(window.fluxdash);
