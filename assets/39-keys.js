/* Keys: one letter each, never while typing, and off where the reader turned them off. */
(function (flux) {
  "use strict";

  var PATIENCE = 1500;
  var WALKING = /^[jkfb]$/;
  var began = 0;

  flux.areKeysOn = function () { return flux.kept("fluxdash-keys") !== "off"; };

  flux.showKeys = function () {
    var dialog = flux.showDialog("keys");
    flux.all("[data-when]", dialog).forEach(function (each) { each.hidden = !flux.one(each.getAttribute("data-when")); });
    paintSwitch();
  };

  function paintSwitch() {
    var button = flux.one("[data-keys]"), on = flux.areKeysOn();
    flux.mark(button, "aria-checked", String(on));
    flux.one(".switch", button).classList.toggle("on", on);
    flux.write(flux.one("[data-keys-name]"), on ? "Shortcuts on" : "Shortcuts off");
  }

  flux.act("data-keys", function () {
    flux.keep("fluxdash-keys", flux.areKeysOn() ? "off" : "on");
    paintSwitch();
  });

  /* Rows */

  function row() { var at = document.activeElement; return at && at.closest("tbody tr"); }

  function walk(step) {
    var here = row(), panel = flux.panel();
    var table = here ? here.closest("table") : flux.one("tbody", panel) || flux.one("main .tbl tbody");
    var rows = table ? flux.all("tbody tr", table.closest("table")) : [];
    var next = rows[here ? rows.indexOf(here) + step : 0];
    if (!next) return;
    if (!next.hasAttribute("tabindex")) next.tabIndex = -1;
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }

  /* Open what has the focus: the link of a row, else the requests behind the page. */
  function open() {
    var here = row(), link = here && flux.one("a[href], [data-row-open]", here);
    if (link) link.click();
    else if (!here) flux.visit("requests");
  }

  function filterByCell() {
    var at = document.activeElement, cell = at && at.closest("[data-filter]");
    var chosen = cell || (row() && flux.one("[data-filter]", row())) || flux.all("[data-filter]:hover").pop();
    if (chosen) flux.toggle(chosen.getAttribute("data-filter"));
  }

  function ofPanel(what) {
    return function () {
      var panel = flux.panel() || flux.one("[data-panel], [data-list]");
      if (panel) flux.perform(what, flux.called(panel));
    };
  }

  function search() {
    var field = flux.one("main [data-search], main input[type=search]");
    if (field) { field.focus(); field.select(); } else flux.openPalette();
  }

  /* What each key does; a page adds its own with `fluxdash.bind`. */
  var KEYS = {
    "/": search,
    "?": function () { flux.showKeys(); },
    "g": function () { began = Date.now(); },
    "[": function () { flux.step(-1); },
    "]": function () { flux.step(1); },
    "z": function () { flux.zoomOut(); },
    "r": function () { flux.pulse(); },
    "c": function () { flux.compare(); },
    "s": function () { flux.share(); },
    "j": function () { walk(1); },
    "k": function () { walk(-1); },
    "o": open,
    "d": ofPanel("csv"),
    "q": ofPanel("query"),
    "+": filterByCell,
  };

  flux.bind = function (key, does) { KEYS[key] = does; };

  function go(letter) {
    var link = flux.all(".nav-list [data-letter]").find(function (each) { return each.getAttribute("data-letter") === letter; });
    if (link) flux.visit(link.getAttribute("data-nav").slice(1));
  }

  function isTyping(target) { return !!target.closest && !!target.closest("input, textarea, select, [contenteditable=true]"); }

  function pressed(event) {
    var key = event.key, second = began && Date.now() - began < PATIENCE;
    began = 0;
    if (second) { go(key); return true; }
    var preset = /^[1-7]$/.test(key) && flux.all("[data-ranges] [data-range]")[Number(key) - 1];
    if (preset) { flux.spoken(preset.getAttribute("data-range")); flux.close(); return true; }
    if (!KEYS[key]) return false;
    KEYS[key]();
    return true;
  }

  /* Arrows walk through the ranges, which are one radio group. */
  function walkRanges(event) {
    var group = event.target.closest && event.target.closest("[data-ranges]"), steps = { ArrowRight: 1, ArrowLeft: -1 };
    if (!group || !(event.key in steps)) return false;
    var members = flux.all("button:not(:disabled)", group), at = members.indexOf(event.target);
    members[(at + steps[event.key] + members.length) % members.length].focus();
    return true;
  }

  /* Enter on what filters and is no button of its own, such as a row. */
  function enter(event) {
    if (event.key !== "Enter" || !event.target.matches || event.target.matches("button, a, input")) return false;
    if (event.target.matches("[data-filter]")) { flux.toggle(event.target.getAttribute("data-filter")); return true; }
    if (!event.target.matches("tbody tr")) return false;
    open();
    return true;
  }

  /* Behind a scrim nothing of the page can be reached, with a key neither; held down, keys only walk. */
  function isHeard(event) {
    return (!event.repeat || WALKING.test(event.key)) && !isTyping(event.target) && !flux.isModal() && flux.areKeysOn();
  }

  document.addEventListener("keydown", function (event) {
    // A field that the browser fills in has no key, and one that is composed is not done.
    if (!event.key || event.isComposing) return;
    if (flux.isEmbedded()) { if (flux.layerKey(event) || enter(event)) event.preventDefault(); return; }
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      flux.openPalette();
      return;
    }
    if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey) return;
    var done = flux.layerKey(event) || flux.filterKey(event) || (!isTyping(event.target) && (walkRanges(event) || enter(event)));
    if (!done && event.target.id === "every" && event.key === "Enter") { flux.typedEvery(event.target); done = true; }
    if (!done && isHeard(event)) done = pressed(event);
    if (done) event.preventDefault();
  });
})(window.fluxdash);
