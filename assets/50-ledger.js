/* The rows of the log: the grid's script is fetched when its page opens, cells are drawn as text, one row is picked. */
(function (flux) {
  "use strict";

  var GRID = "ledger-grid";
  var APART = ["refresh", "compare", "sort", "theme"];
  var ready = null, read = null, opened = null;

  function api() {
    var grid = flux.one("#" + GRID);
    try { return grid && window.dash_ag_grid ? window.dash_ag_grid.getApi(GRID) : null; } catch (error) { return null; }
  }

  /* Cells */

  function make(kind, className, children, props) { return window.React.createElement.apply(null, [kind, Object.assign({ className: className }, props)].concat(children)); }
  function icon(name) { return make("span", "i i-12 i-" + name, [], { "aria-hidden": "true", key: name }); }
  function unknown() { return make("span", "unk", ["unknown"], { title: "NULL in the log" }); }
  function known(value, className) { return value === null || value === undefined ? unknown() : make("span", className, [value], { title: value }); }

  function status(row) {
    if (row.status === null) return unknown();
    if (!row.failed) return make("span", "quiet", [icon("ok"), row.status]);
    return make("span", "tag bad", [icon(row.status === "timeout" ? "clock" : "bad"), row.status]);
  }

  function model(row) {
    if (row.model === null || row.model === undefined) return unknown();
    var swatch = make("span", "sw", [], { style: { background: "var(--" + row.token + ")" } });
    return make("span", "mdl", [swatch, make("span", "ell", [row.model])], { title: row.model_id });
  }

  function latency(row) {
    if (row.latency === null) return unknown();
    var part = make("i", row.over ? "over" : "", [], { style: { width: row.share * 100 + "%" } });
    return make("span", "lat-c", [make("span", "lat", [part]), row.latency]);
  }

  function cache(row) {
    if (row.cache === null) return unknown();
    return row.cache === "hit" ? make("span", "tag acc", ["hit"]) : make("span", "t2", [row.cache]);
  }

  function cost(row) {
    if (row.cost === null) return unknown();
    return make("span", row.free ? "muted" : "b", [row.cost], { title: row.worth || undefined });
  }

  function card(row) {
    var grow = make("span", "grow", []);
    return make("div", "rcard", [
      make("div", "row-f", [make("span", "mono t2", [row.time]), status(row), grow, make("b", "b", [row.latency === null ? "unknown" : row.latency])]),
      make("div", "row-f", [model(row), make("span", "muted ell", [row.account || "unknown"]), grow, make("span", "nowrap", [cost(row)])]),
      make("div", "row-f muted", [
        make("span", "ell", [(row.region || "unknown") + " · " + (row.strategy || "unknown") + " · cache " + (row.cache || "unknown")]), grow,
        make("span", "nowrap", [(row.input_tokens || "unknown") + " in · " + (row.output_tokens || "unknown") + " out"]),
      ]),
    ]);
  }

  var KINDS = {
    time: function (row) { return make("span", "mono t2", [row.time]); },
    id: function (row) { return known(row.request_id, "mono"); },
    text: function (row, value) { return known(value); },
    quiet: function (row, value) { return known(value, "t2"); },
    number: function (row, value) { return known(value); },
    error: function (row) { return row.error === null ? "" : make("span", "t2", [row.error], { title: row.error }); },
    status: status, model: model, latency: latency, cache: cache, cost: cost, card: card,
  };

  window.dashAgGridComponentFunctions = Object.assign(window.dashAgGridComponentFunctions || {}, {
    FluxCell: function (cell) { return cell.data ? KINDS[cell.kind](cell.data, cell.value) : make("span", "sk line", []); },
  });

  /* The script comes when its page does. */
  function fetched() {
    if (window.dash_ag_grid) return Promise.resolve();
    ready = ready || new Promise(function (done, failed) {
      var script = flux.make("script");
      script.src = flux.one('link[rel="grid"]').href;
      script.onload = done;
      script.onerror = function () { ready = null; failed(new Error("The grid's script could not be loaded.")); };
      document.head.appendChild(script);
    });
    return ready;
  }

  /* What of the address says which rows there are: for all else they stay as they are. */
  function meant() {
    var words = flux.words();
    APART.forEach(function (each) { words.delete(each); });
    return words.toString();
  }

  function again() {
    var grid = api();
    if (!grid) return;
    flux.set("ledger-newer", { children: "" });
    if (grid.getDisplayedRowCount()) grid.ensureIndexVisible(0, "top");
    grid.purgeInfiniteCache();
  }

  /* Beside a docked drawer, which tells every field, some columns make room. */
  function makeRoom(open) {
    var grid = api();
    if (grid && innerWidth >= 1280) grid.setColumnsVisible(["request_id", "region", "strategy", "error"], !open);
  }

  /* Picking */

  function picked() { var grid = api(); return grid ? grid.getSelectedNodes()[0] : null; }

  function close() {
    opened = null;
    var grid = api(), split = flux.one("[data-split]");
    if (grid) grid.deselectAll();
    makeRoom(false);
    if (split) split.removeAttribute("data-open");
    flux.set("ledger-picked", { data: null });
  }

  function walk(step) {
    var grid = api();
    if (!grid) return;
    var at = picked(), index = at ? at.rowIndex + step : step > 0 ? Math.max(grid.getFirstDisplayedRowIndex(), 0) : 0;
    var next = index >= 0 ? grid.getDisplayedRowAtIndex(index) : null;
    if (!next || !next.data) { if (next) grid.ensureIndexVisible(index); return; }
    grid.ensureIndexVisible(index);
    next.setSelected(true, true);
  }

  function trace() {
    var link = flux.one("#ledger-drawer [data-trace]");
    if (link) link.click(); else if (!opened) walk(1);
  }

  var KEYS = { j: function () { walk(1); }, k: function () { walk(-1); }, o: trace, Enter: function () { if (!opened) walk(1); else trace(); } };

  document.addEventListener("keydown", function (event) {
    if (!flux.one("#ledger") || event.metaKey || event.ctrlKey || event.altKey || flux.isModal() || flux.isOpen()) return;
    var typing = event.target.closest && event.target.closest("input, textarea, select, button, a");
    var leaves = event.key === "Escape" && opened !== null && !(typing && typing.matches("input"));
    if (leaves) close();
    else if (typing && (event.key === "Enter" || typing.matches("input, textarea, select"))) return;
    else if (KEYS[event.key] && flux.areKeysOn()) KEYS[event.key]();
    else return;
    event.preventDefault();
  }, true);

  flux.act("data-ledger-step", function (value) { if (value === "close") close(); else walk(Number(value)); });
  flux.act("data-ledger-show", again);
  flux.act("data-ledger-copy", function (value) { flux.copy(value, "Copied"); });

  /* The order is part of the address. */
  function sorted(event) {
    var by = event.api.getColumnState().find(function (each) { return each.sort; });
    flux.go(function (words) {
      if (!by || (by.colId === "time" && by.sort === "desc")) words.delete("sort");
      else words.set("sort", by.colId + (by.sort === "asc" ? ".asc" : ""));
    });
  }

  window.dashAgGridFunctions = Object.assign(window.dashAgGridFunctions || {}, { fluxSorted: sorted });

  function view() { return { search: location.search, theme: flux.theme(), narrow: innerWidth < 640, beat: flux.beat() }; }

  var nothing = function () { return window.dash_clientside.no_update; };

  Object.assign(window.dash_clientside.fluxdash, {
    ledger: function () {
      read = meant();
      opened = null;
      flux.paintLedger();
      return fetched().then(view);
    },
    reread: function () {
      var now = meant(), grid = api();
      if (!flux.one("#ledger") || !grid) return nothing();
      if (now !== read) { read = now; again(); flux.paintLedger(); }
      // Where there are no rows, or none could be had, there is nothing to leave in peace.
      else if (flux.one("#ledger .ledger-blank .blank")) again();
      else flux.set("ledger-look", { data: view() });
      return nothing();
    },
    picked_row: function (rows) {
      var row = rows && rows[0];
      // A row that scrolled out of what is kept, or a list that was read anew, closes no drawer.
      if (!row || row.place === opened) return nothing();
      opened = row.place;
      flux.one("[data-split]").setAttribute("data-open", "1");
      makeRoom(true);
      return { place: row.place, search: location.search, beat: flux.beat() };
    },
    opened_row: function (content) {
      var split = flux.one("[data-split]"), small = innerWidth < 1280;
      if (split && content && small) setTimeout(function () {
        var drawer = flux.one("#ledger-drawer");
        if (drawer) { drawer.scrollTop = 0; if (innerWidth < 640) split.scrollIntoView({ block: "start" }); }
      }, 0);
      return nothing();
    },
  });
})(window.fluxdash);
