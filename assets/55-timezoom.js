/* The times in sight: an axis and a minimap of all spans; dragging on either zooms, double click shows the whole again. */
(function (flux) {
  "use strict";

  var TICKS = 5, MOVED = 4, SHORTEST = 1000, STEP = 0.2;
  var UNITS = [[1e9, "s"], [1e6, "ms"], [1e3, "µs"], [1, "ns"]];
  var trace = flux.trace;

  function isWhole() { return trace.from === 0 && trace.to === trace.sheet.length; }

  /* Show the times between two moments, in nanoseconds after the trace's start; nothing shorter than a microsecond. */
  trace.zoom = function (from, to) {
    var length = trace.sheet.length, least = Math.min(SHORTEST, length), middle = (from + to) / 2;
    var wide = Math.min(Math.max(to - from, least), length);
    trace.from = Math.min(Math.max(Math.min(from, middle - wide / 2), 0), length - wide);
    trace.to = trace.from + wide;
    if (length - wide < 1) { trace.from = 0; trace.to = length; }
    paintAxis();
    trace.paint();
  };

  trace.whole = function () { if (trace.isOpen() && !isWhole()) trace.zoom(0, trace.sheet.length); };

  /* Show one span, with some time around it. */
  trace.zoomTo = function (i) {
    var start = trace.sheet.start[i], took = trace.sheet.took[i];
    trace.zoom(start - took * STEP, start + took * (1 + STEP));
  };

  /* Move by a fifth of what is in sight. */
  trace.pan = function (by) {
    var wide = trace.to - trace.from, from = Math.min(Math.max(trace.from + by * wide * STEP, 0), trace.sheet.length - wide);
    trace.zoom(from, from + wide);
  };

  /* The axis */

  trace.axis = function () {
    var head = flux.make("div", "wf-r wf-axis"), times = flux.make("div", "wf-t"), first = flux.make("div", "wf-n", "Span");
    var reset = flux.make("button", "wf-reset", "Whole trace");
    reset.type = "button";
    reset.setAttribute("data-wf-whole", "1");
    first.appendChild(reset);
    times.title = "Drag to zoom, double click for the whole trace";
    head.append(first, times, flux.make("div", "wf-d"));
    draggable(times, function () { return [trace.from, trace.to]; });
    paintAxis(head);
    return head;
  };

  function paintAxis(given) {
    var head = given || flux.one(".wf-axis"), times = flux.one(".wf-t", head), texts = isWhole() ? trace.sheet.ticks : ticks();
    times.replaceChildren();
    texts.slice(0, TICKS).forEach(function (text, place) {
      var tick = flux.make("span", "", text);
      tick.style.left = place * 100 / TICKS + "%";
      times.appendChild(tick);
    });
    flux.write(flux.one(".wf-d", head), texts[TICKS]);
    flux.one(".wf-reset", head).hidden = isWhole();
  }

  /* The times of a zoomed axis, as exact as they have to be to differ, in one unit, which only the last one names. */
  function ticks() {
    var step = (trace.to - trace.from) / TICKS, unit = UNITS.find(function (each) { return trace.to >= each[0]; }) || UNITS[3];
    var digits = Math.min(Math.max(Math.ceil(-Math.log10(step / unit[0])), 0), 9), found = [];
    for (var i = 0; i <= TICKS; i++) found.push(((trace.from + i * step) / unit[0]).toFixed(digits));
    found[TICKS] += flux.SPACE + unit[1];
    return found;
  }

  /* The minimap: every span a line, and over it what is in sight of rows and times */

  trace.minimap = function () {
    var box = flux.make("div", "wf-map"), view = flux.make("div", "wf-view");
    box.append(flux.make("canvas"), view);
    box.title = "All spans; click to go there, drag to zoom, double click for the whole trace";
    draggable(box, function () { return [0, trace.sheet.length]; }, function (event) {
      var area = box.getBoundingClientRect(), scroll = trace.scroll;
      scroll.scrollTop = (event.clientY - area.top) / area.height * scroll.scrollHeight - scroll.clientHeight / 2;
    });
    return box;
  };

  trace.drawMinimap = function () {
    var canvas = flux.one(".wf-map canvas"), sheet = trace.sheet, shown = trace.shown;
    if (!canvas) return;
    var width = canvas.clientWidth || 600, height = canvas.clientHeight || 48, sharp = devicePixelRatio || 1;
    canvas.width = width * sharp;
    canvas.height = height * sharp;
    var pen = canvas.getContext("2d"), style = getComputedStyle(document.documentElement);
    pen.scale(sharp, sharp);
    var colours = ["--m-quiet", "--m-main", "--bad-fill"].map(function (each) { return style.getPropertyValue(each); });
    var thick = Math.max(height / shown.length, 1);
    [0, 1, 2].forEach(function (kind) {
      pen.fillStyle = colours[kind];
      shown.forEach(function (i, place) {
        var mine = trace.hasFailed(i) ? 2 : trace.isOnPath(i) ? 1 : 0;
        if (mine === kind) pen.fillRect(sheet.start[i] / sheet.length * width, place / shown.length * height, Math.max(sheet.took[i] / sheet.length * width, 1), thick);
      });
    });
    trace.paintView();
  };

  trace.paintView = function () {
    var view = flux.one(".wf-map .wf-view"), scroll = trace.scroll, length = trace.sheet.length;
    if (!view) return;
    view.style.top = scroll.scrollTop / scroll.scrollHeight * 100 + "%";
    view.style.height = Math.min(scroll.clientHeight / scroll.scrollHeight, 1) * 100 + "%";
    view.style.left = trace.from / length * 100 + "%";
    view.style.width = (trace.to - trace.from) / length * 100 + "%";
  };

  /* Dragging sideways chooses times; up and down, or a click, go to rows where there is somewhere to go. */
  function draggable(box, times, go) {
    var began = null, mode = "", mark = flux.make("div", "wf-drag");
    function at(event) {
      var area = box.getBoundingClientRect(), span = times(), part = Math.min(Math.max((event.clientX - area.left) / area.width, 0), 1);
      return { part: part, time: span[0] + part * (span[1] - span[0]) };
    }
    function end() { began = null; mode = ""; mark.remove(); }
    box.addEventListener("pointerdown", function (event) {
      if (event.button || event.target.closest("button")) return;
      began = { x: event.clientX, y: event.clientY, here: at(event) };
      box.setPointerCapture(event.pointerId);
    });
    box.addEventListener("pointermove", function (event) {
      if (!began) return;
      var x = Math.abs(event.clientX - began.x), y = Math.abs(event.clientY - began.y), here = at(event).part;
      if (!mode && Math.max(x, y) > MOVED) mode = x >= y || !go ? "times" : "rows";
      if (mode === "rows") go(event);
      if (mode !== "times") return;
      if (!mark.isConnected) box.appendChild(mark);
      mark.style.left = Math.min(here, began.here.part) * 100 + "%";
      mark.style.width = Math.abs(here - began.here.part) * 100 + "%";
    });
    box.addEventListener("pointerup", function (event) {
      if (!began) return;
      var first = began.here.time, last = at(event).time, chosen = mode;
      end();
      if (chosen === "times") trace.zoom(Math.min(first, last), Math.max(first, last));
      else if (!chosen && go) go(event);
    });
    box.addEventListener("pointercancel", end);
    box.addEventListener("dblclick", trace.whole);
  }

  flux.act("data-wf-whole", trace.whole);
})(window.fluxdash);
