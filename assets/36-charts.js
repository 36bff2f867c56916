/* Charts: one crosshair for all, a click that filters or opens, a drag that sets the range, a double click that goes back.

   A trace says what a click on it filters by: `meta: {filter: "model=…"}` for all of it, or `ids: ["account=…", …]` with
   one for each of its points. A click on anything else of a chart over time opens the menu of its bucket. */
(function (flux) {
  "use strict";

  var DOUBLE = 350;
  var REACH = 20, SLACK = 3;
  var bound = new WeakMap();
  var waiting = 0, last = null, down = { x: 0, y: 0, touch: false, far: 0 };

  function isOverTime(graph) {
    var axis = graph._fullLayout && graph._fullLayout.xaxis;
    return !!axis && axis.type === "date" && !!graph._fullLayout._has("cartesian");
  }

  function graphs() { return flux.all(".js-plotly-plot").filter(function (each) { return each.offsetParent && isOverTime(each); }); }

  /* Plotly's events are heard from the first time that the pointer meets a graph. */
  document.addEventListener("pointerover", function (event) {
    var graph = event.target.closest && event.target.closest(".js-plotly-plot");
    if (!graph || !graph.on || bound.get(graph) === graph._ev) return;
    bound.set(graph, graph._ev);
    graph.on("plotly_hover", function (hover) { hovered(graph, hover); });
    graph.on("plotly_unhover", hideAll);
    graph.on("plotly_click", function (click) { clicked(graph, click); });
  });

  /* Where the pointer went down: a finger's own events say it in another way, and Plotly passes those on. */
  document.addEventListener("pointerdown", function (event) {
    down = { x: event.clientX, y: event.clientY, touch: event.pointerType === "touch", far: 0 };
  }, true);
  document.addEventListener("pointerup", function (event) { down.far = Math.abs(event.clientX - down.x); }, true);

  /* The crosshair */

  function hovered(graph, hover) {
    graph.classList.toggle("can-filter", hover.points.some(filterOf) || flux.hasPoints(graph));
    if (!isOverTime(graph)) return;
    var spike = flux.one(".spikeline", graph), axis = graph._fullLayout.xaxis;
    if (!spike) { hideAll(); return; }
    // Where Plotly drew its own line is the moment: it snaps to the bucket, wherever the pointer is in it.
    var moment = axis.p2l(Number(spike.getAttribute("x1")) - axis._offset);
    graphs().forEach(function (each) { if (each === graph) hide(each); else show(each, moment); });
  }

  function show(graph, moment) {
    var axis = graph._fullLayout.xaxis, size = graph._fullLayout._size, at = axis.l2p(moment), line = cross(graph);
    line.hidden = !(at >= 0 && at <= axis._length);
    line.style.left = axis._offset + at + "px";
    line.style.top = size.t + "px";
    line.style.height = size.h + "px";
  }

  function cross(graph) {
    var line = flux.one(":scope > .crosshair", graph.parentNode);
    if (line) return line;
    line = flux.make("div", "crosshair");
    line.setAttribute("aria-hidden", "true");
    return graph.parentNode.appendChild(line);
  }

  function hide(graph) { var line = flux.one(":scope > .crosshair", graph.parentNode); if (line) line.hidden = true; }

  function hideAll() { flux.all(".crosshair").forEach(function (each) { each.hidden = true; }); }

  /* A click */

  function filterOf(point) {
    var data = point.data || {}, ids = data.ids, at = Array.isArray(point.pointNumber) ? point.pointNumber[0] : point.pointNumber;
    var own = ids && (point.id || ids[at === undefined ? (point.pointNumbers || [])[0] : at]);
    return own || (data.meta && data.meta.filter) || null;
  }

  function clicked(graph, click) {
    clearTimeout(waiting);
    if (click.event && click.event.button === 2) return;
    // Where Plotly drags nothing itself, it takes a drag for a click.
    if (down.far > SLACK) return;
    var point = pointed(graph, click.points.filter(filterOf), down), filter = point && filterOf(point), does = null;
    if (flux.marked(graph, down)) does = function () { flux.openMarked(graph, down); };
    // A finger has no second button: what it may do is all in the menu.
    else if (filter && !(down.touch && flux.hasPoints(graph))) does = function () { flux.toggle(filter); };
    else if (flux.hasPoints(graph)) does = function () { menu(graph, click.points); };
    // The second of two clicks goes back, so the first has to wait for it.
    if (does && !isSecond()) waiting = setTimeout(does, DOUBLE);
  }

  function menu(graph, points) { flux.openPoint(graph, down, pointed(graph, points, down), filterOf); }

  /* The second button opens the menu at once, on what a click filters by as well. */
  document.addEventListener("contextmenu", function (event) {
    var graph = event.target.classList && event.target.classList.contains("nsewdrag") && event.target.closest(".js-plotly-plot");
    if (!graph || !flux.hasPoints(graph)) return;
    event.preventDefault();
    clearTimeout(waiting);
    down = { x: event.clientX, y: event.clientY, touch: down.touch, far: 0 };
    menu(graph, graph._hoverdata || []);
  });

  function isSecond() { return !!last && Date.now() - last.time < DOUBLE && last.count > 1; }

  /* Of the points that a unified tooltip holds, the one below the pointer: inside its bar or area, or near its line. */
  function pointed(graph, points, spot) {
    if (!isOverTime(graph)) return points[0];
    var axis = graph._fullLayout.yaxis, y = spot.y - graph.getBoundingClientRect().top - axis._offset;
    var near = points.map(function (point) { return { point: point, far: distance(graph, point, axis, y) }; });
    near.sort(function (a, b) { return a.far - b.far; });
    return near.length && near[0].far <= 0 ? near[0].point : null;
  }

  /* How far the pointer is out of reach of what is drawn for a point, in pixels. */
  function distance(graph, point, axis, y) {
    var drawn = graph.calcdata[point.curveNumber][point.pointNumber], trace = point.fullData || {};
    if (!drawn) return Infinity;
    var top = drawn.y, bottom = drawn.y, reach = REACH;
    if (trace.type === "bar") { bottom = drawn.b; top = drawn.b + drawn.s; reach = SLACK; }
    else if (trace.stackgroup) { bottom = drawn.y - (drawn.s || 0); reach = SLACK; }
    var ends = [axis.c2p(top), axis.c2p(bottom)], low = Math.min(ends[0], ends[1]), high = Math.max(ends[0], ends[1]);
    return Math.max(low - y, y - high, -1) - reach;
  }

  // Plotly swallows the double click of the browser, but passes on both clicks.
  document.addEventListener("click", function (event) {
    if (!event.target.classList || !event.target.classList.contains("nsewdrag")) return;
    var again = !!last && last.plot === event.target && Date.now() - last.time < DOUBLE;
    last = { time: Date.now(), plot: event.target, count: again ? last.count + 1 : 1 };
    if (last.count !== 2) return;
    clearTimeout(waiting);
    last = null;
    if (isOverTime(event.target.closest(".js-plotly-plot"))) flux.zoomBack();
  }, true);

  /* A drag, as Plotly tells it; one over a chart that is not about time is no range. */
  flux.relayout = function (id, change) {
    var pair = change["xaxis.range"] || [change["xaxis.range[0]"], change["xaxis.range[1]"]];
    var holder = document.getElementById(id), graph = holder && flux.one(".js-plotly-plot", holder);
    if (pair[0] !== undefined && pair[1] !== undefined && graph && isOverTime(graph)) flux.dragTo(pair[0], pair[1]);
  };
})(window.fluxdash);
