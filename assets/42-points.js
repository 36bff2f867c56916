/* From a point of a chart to what is behind it: the traces and the requests of its bucket, and the trace that is marked.

   `layout.meta.points` says of a chart where its buckets are, what it is about (`failed`, `slow`), and from which duration
   on a request is among the slow ones that each of its lines stands for. */
(function (flux) {
  "use strict";

  var NEAR = 8, FINGER = 14;
  var SETTLED = 45, SHORTEST = 15, PATIENCE = 3000;
  var OF_TRACES = ["id", "span", "operation", "min", "max", "errors", "tags", "before"], OF_REQUESTS = ["find", "sort", "at"];
  var chosen = null, left = null;

  function told(graph) {
    var meta = graph.layout && graph.layout.meta;
    return (meta && meta.points) || null;
  }

  flux.hasPoints = function (graph) { return !!told(graph); };

  /* Take out what one page alone is asked, and keep what all pages are: the window and its filters. */
  flux.clean = function (words) { OF_TRACES.concat(OF_REQUESTS).forEach(function (each) { words.delete(each); }); };

  /* The bucket under the pointer, in epoch seconds; the search for what is still filling goes back a little further. */
  function bucket(graph, spot) {
    var grid = told(graph), axis = graph._fullLayout.xaxis, x = spot.x - graph.getBoundingClientRect().left - axis._offset;
    var at = Math.floor((axis.p2l(x) - grid.first) / 1000 / grid.step);
    at = Math.max(0, Math.min(at, grid.size - 1));
    var start = grid.start + at * grid.step, shown = grid.first + at * grid.step * 1000;
    return { at: at, start: start, end: start + grid.step, shown: shown, long: grid.size * grid.step > 86400, step: grid.step };
  }

  function clock(ms, fine) { return new Date(ms).toISOString().slice(11, fine ? 19 : 16); }

  function day(ms) {
    var date = new Date(ms);
    return date.getUTCDate() + flux.SPACE + date.toLocaleString("en", { month: "short", timeZone: "UTC" }) + ", ";
  }

  /* A moment as a chart shows it. */
  flux.timeOf = function (shown, step) { return clock(shown, step % 60 !== 0); };

  /* A bucket, or several, in words: `14:09 – 14:22`. */
  flux.spanOf = function (where) {
    var fine = where.step % 60 !== 0, first = day(where.shown), end = where.shown + where.step * 1000, last = day(end - 1);
    return (where.long ? first : "") + clock(where.shown, fine) + " \u2013 " + (last === first ? "" : last) + clock(end, fine);
  };

  function plain(name) { return name.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&"); }

  function spaced(duration) { return duration.replace(/(ms|s)$/, flux.SPACE + "$1"); }

  /* The line of quantiles that a point is on, else the usual one. */
  function rankOf(grid, point) {
    if (!grid.ranks) return null;
    var uid = point && point.data ? String(point.data.uid).replace(/(-faint)?(-points)?$/, "") : "";
    return grid.ranks.find(function (each) { return each.uid === uid; }) || grid.ranks[grid.usual] || null;
  }

  flux.openPoint = function (graph, spot, point, filterOf) {
    var grid = told(graph), where = bucket(graph, spot), rank = rankOf(grid, point), onLine = !!rank && !!point && point.fullData.type === "scatter";
    var filter = point ? filterOf(point) : null, about = point && point.data.meta && point.data.meta.about;
    var own = filter || (onLine && rank.group) || null, least = rank ? rank.least[where.at] || "" : "";
    chosen = { where: where, own: own, least: least, reach: rank ? grid.reach[where.at] || 0 : 0, sort: grid.about === "slow", filter: filter };
    var pop = flux.one('[data-pop="point"]'), group = own && point ? " \u00b7 " + plain(point.data.name) : "";
    flux.write(flux.one("[data-point-head]", pop), flux.spanOf(where) + group);
    offer(pop, "slow", !!least, "Traces of " + spaced(least) + " and more", rank ? plain(rank.name) : "");
    offer(pop, "failed", grid.about === "failed" || about === "failed", "Failed traces");
    offer(pop, "traces", true, "All traces");
    offer(pop, "requests", true, "Requests", grid.about === "slow" ? "slowest first" : "");
    offer(pop, "filter", !!filter, filter && flux.isFiltered(filter) ? "Take the filter out" : "Filter by " + (point ? plain(point.data.name) : ""));
    offer(pop, "zoom", where.step >= SHORTEST, "Zoom to this bucket");
    var panel = graph.closest("[data-panel]");
    flux.close();
    flux.open("point", flux.one("[data-menu]", panel));
    flux.below(pop, { getBoundingClientRect: function () { return { left: spot.x, right: spot.x, top: spot.y, bottom: spot.y }; } });
  };

  function offer(pop, what, there, text, more) {
    var item = flux.one('[data-point="' + what + '"]', pop);
    item.hidden = !there;
    flux.write(item.children[1], text || "");
    flux.write(item.children[2], more || "");
  }

  /* Words for one bucket: its range, the filters as they are, and that of the group that the point stands for. `reach` is
     how long before it what ended in it may have begun. */
  function narrowed(words, reach) {
    var where = chosen.where, now = Math.floor(flux.now()), start = where.start - (reach || 0), end = Math.min(where.end, now);
    flux.spanned(words, Math.min(start, end - SHORTEST, now - SETTLED), Math.max(end, where.start + SHORTEST));
    if (!chosen.own) return;
    var cut = chosen.own.indexOf("=");
    words.delete(chosen.own.slice(0, cut));
    words.append(chosen.own.slice(0, cut), chosen.own.slice(cut + 1));
  }

  function leave(page, change) {
    left = { from: location.href, at: window.scrollY };
    flux.follow(flux.target(function (words) { flux.clean(words); change(words); }, page));
  }

  var ways = {
    slow: function () { leave("traces", function (words) { narrowed(words, chosen.reach); words.set("min", chosen.least); }); },
    failed: function () { leave("traces", function (words) { narrowed(words); words.set("errors", "on"); }); },
    traces: function () { leave("traces", function (words) { narrowed(words); }); },
    requests: function () { leave("requests", function (words) { narrowed(words); if (chosen.sort) words.set("sort", "latency"); }); },
    filter: function () { flux.close(); flux.toggle(chosen.filter); },
    zoom: function () { flux.close(); flux.go(function (words) { flux.spanned(words, chosen.where.start, Math.min(chosen.where.end, flux.now())); }); },
  };

  flux.act("data-point", function (what) { if (chosen) ways[what](); });

  /* What a panel is about as a whole, for the way from its menu. */

  function panelOf(name) { return flux.all("[data-panel]").find(function (each) { return each.getAttribute("data-panel") === name; }); }

  flux.about = function (name) {
    var panel = panelOf(name), graph = panel && flux.one(".js-plotly-plot", panel), grid = graph && told(graph);
    var about = grid ? grid.about : panel && panel.getAttribute("data-about"), rank = grid && grid.ranks ? grid.ranks[grid.usual] : null;
    return { failed: about === "failed", least: rank ? rank.whole : "" };
  };

  flux.visitTraces = function (about) {
    leave("traces", function (words) {
      if (about.failed) words.set("errors", "on");
      else if (about.least) words.set("min", about.least);
    });
  };

  flux.whenOpened("panel", function (pop, from) {
    var offers = from.getAttribute("data-offers"), list = flux.lists[flux.here.menu];
    flux.all("[data-do], hr", pop).forEach(function (each) {
      var what = each.getAttribute("data-do");
      each.hidden = !!offers && offers.split(" ").indexOf(what) < 0;
      if (what === "csv") each.disabled = !!list && !list.some();
    });
    var panel = panelOf(flux.here.menu), graph = panel && flux.one(".js-plotly-plot", panel), about = flux.about(flux.here.menu);
    var more = about.failed ? "failed" : about.least ? "\u2265" + flux.SPACE + spaced(about.least) : "";
    flux.write(flux.one("[data-more=traces]", pop), more);
    flux.one("[data-hint]", pop).hidden = !graph || !flux.hasPoints(graph);
    flux.below(pop, from);
  });

  /* Marked requests */

  /* The mark below the pointer, as the trace it opens and the words for it; null where there is none. */
  flux.marked = function (graph, spot) {
    var place = (graph._fullData || []).findIndex(function (each) { return each.uid === "exemplars" && each.visible === true; });
    if (place < 0) return null;
    var full = graph._fullLayout, box = graph.getBoundingClientRect(), reach = spot.touch ? FINGER : NEAR;
    var x = spot.x - box.left - full.xaxis._offset, y = spot.y - box.top - full.yaxis._offset, found = null;
    graph.calcdata[place].forEach(function (each, at) {
      var far = Math.hypot(full.xaxis.c2p(each.x) - x, full.yaxis.c2p(each.y) - y);
      if (far <= reach) { reach = far; found = graph.data[place].customdata[at]; }
    });
    return found && { trace: found[0], said: found[1], reach: found[2] };
  };

  flux.openMarked = function (graph, spot) {
    var mark = flux.marked(graph, spot);
    if (!mark) return;
    chosen = { where: bucket(graph, spot), own: null };
    leave("traces", function (words) { narrowed(words, mark.reach); words.set("id", mark.trace); });
  };

  document.addEventListener("pointermove", function (event) {
    var plot = event.target, graph = plot.classList && plot.classList.contains("nsewdrag") && plot.closest(".js-plotly-plot");
    if (!graph || !told(graph)) return;
    var mark = flux.marked(graph, { x: event.clientX, y: event.clientY, touch: false });
    flux.mark(graph.parentNode, "title", mark ? mark.said : "");
  }, { passive: true });

  /* Back to where it was left: the page is built anew, so the browser's own memory of it comes too early. */
  window.addEventListener("popstate", function () {
    if (!left || left.from !== location.href) return;
    var at = left.at, until = Date.now() + PATIENCE;
    left = null;
    (function settle() {
      if (document.documentElement.scrollHeight >= at + innerHeight || Date.now() > until) window.scrollTo(0, at);
      else setTimeout(settle, 50);
    })();
  });
})(window.fluxdash);
