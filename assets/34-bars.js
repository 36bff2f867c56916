/* The bars above and beside a page: what they show follows from the address and from what the server said last. */
(function (flux) {
  "use strict";

  var here = flux.here;
  var LATE = 60;

  flux.pulse = function () { flux.set("pulse", { data: flux.beat() }); };

  flux.theme = function () {
    return document.documentElement.getAttribute("data-bs-theme") === "dark" ? "dark" : "light";
  };

  flux.switchTheme = function () {
    var next = flux.theme() === "dark" ? "light" : "dark";
    document.documentElement.setAttribute("data-bs-theme", next);
    flux.keep("fluxdash-theme", next);
    flux.pulse();
  };

  flux.isCompared = function () { return flux.words().get("compare") !== "off"; };

  flux.compare = function () {
    flux.go(function (words) { if (flux.isCompared()) words.set("compare", "off"); else words.delete("compare"); });
  };

  flux.share = function () { flux.copy(location.href, "Link copied"); };

  function every(name) {
    flux.go(function (words) { if (name === "default") words.delete("refresh"); else words.set("refresh", name); });
    flux.close();
  }

  /* Any interval, as it is typed; what cannot be is said below the field. */
  flux.typedEvery = function (field) {
    var said = flux.one("[data-every]"), bounds = said.getAttribute("data-every").split("-").map(Number);
    var text = field.value.trim(), fits = /^\d{1,4}$/.test(text) && Number(text) >= bounds[0] && Number(text) <= bounds[1];
    said.classList.toggle("bad", !fits);
    if (fits) { field.value = ""; every(String(Number(text))); }
  };

  function browserZone() { try { return Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC"; } catch (error) { return "UTC"; } }

  function age(passed) {
    var whole = Math.max(Math.floor(passed), 0);
    if (whole >= 172800) return Math.floor(whole / 86400) + flux.SPACE + "d";
    if (whole >= 3600) return Math.floor(whole / 3600) + flux.SPACE + "h";
    if (whole >= 60) return Math.floor(whole / 60) + flux.SPACE + "min";
    return whole + flux.SPACE + "s";
  }

  /* What grows older while nothing happens. */
  flux.grow = function () {
    flux.all("[data-as-of]").forEach(function (each) { flux.write(each, age(flux.now() - Number(each.getAttribute("data-as-of")))); });
    var often = here.window ? here.window.every : 0, passed = (Date.now() - here.updated) / 1000;
    if (here.updated) flux.write(flux.one("[data-updated]"), age(passed));
    var said = flux.one(".updated");
    if (said) said.classList.toggle("late", !!(here.updated && often && passed > Math.max(3 * often, LATE)));
    var line = flux.one(".refresh .prog i"), running = document.hidden ? 0 : often;
    if (line) line.style.width = running ? Math.min((Date.now() - here.arrived) / 10 / running, 100) + "%" : "0";
  };
  setInterval(flux.grow, 1000);

  var painted = [];

  /* What is done whenever panels may have been drawn anew: `whenPainted(function () {…})`. */
  flux.whenPainted = function (does) { painted.push(does); };

  function press(query, name, value, attribute) {
    flux.all(query).forEach(function (each) { flux.mark(each, attribute, String(each.getAttribute(name) === value)); });
  }

  /* Paint every control from the address; `range` is what the server took it for, where it has said so. */
  flux.paint = function (range) {
    var words = flux.words(), view = here.window, name = range;
    if (name === undefined) name = words.get("range") || (words.get("from") ? "" : "1h");
    press("[data-ranges] [data-range]", "data-range", name, "aria-checked");
    press("[data-pop=range] [data-range]", "data-range", name, "aria-checked");
    var preset = view && view.presets[name];
    flux.mark(flux.one("[data-ranges] [data-open=custom]"), "aria-checked", String(!!view && !preset));
    flux.write(flux.one("#range-name"), name || "Custom");
    if (view) flux.all("[data-step='1']").forEach(function (each) { each.disabled = view.live; });
    if (view) flux.write(flux.one("[data-refresh-name]"), view.refresh);
    var often = words.get("refresh") || "default";
    press("[data-refresh]", "data-refresh", often === "auto" ? "default" : often, "aria-selected");
    flux.all("[data-compare]").forEach(function (each) {
      flux.mark(each, each.hasAttribute("role") ? "aria-checked" : "aria-pressed", String(flux.isCompared()));
    });
    paintZones(words.get("zone") || "");
    flux.paintPanels();
  };

  function paintZones(chosen) {
    var own = flux.one("[data-zone-browser]"), named = own && flux.one(".zone-name", own);
    if (!own) return;
    if (!named.textContent) { flux.write(named, browserZone()); own.setAttribute("data-zone", browserZone()); }
    var known = flux.all("[data-zone]").filter(function (each) { return each !== own; })
      .some(function (each) { return [each.getAttribute("data-zone"), flux.one(".zone-name", each).textContent].indexOf(browserZone()) >= 0; });
    own.hidden = known;
    press("[data-zone]", "data-zone", chosen, "aria-checked");
  }

  /* What follows from the address in what the server drew: variants that are shown, values that are filtered by. */
  flux.paintPanels = function () {
    var words = flux.words();
    flux.all(".seg > [data-variant]:first-child").forEach(function (first) {
      var panel = first.getAttribute("data-variant").split("=")[0], members = flux.all("[data-variant]", first.parentNode);
      var wanted = panel + "=" + words.get("show-" + panel);
      var shown = members.find(function (each) { return each.getAttribute("data-variant") === wanted; }) || first;
      members.forEach(function (each) { flux.mark(each, "aria-pressed", String(each === shown)); });
    });
    flux.all("[data-filter]").forEach(function (each) {
      each.classList.toggle("filtered", flux.isFiltered(each.getAttribute("data-filter")));
    });
    painted.forEach(function (does) { does(); });
  };

  /* Where we are: the page's own link, and the navigation as wide as it was left. */
  flux.place = function () {
    var path = location.pathname.replace(/\/$/, "");
    flux.all("[data-nav]").forEach(function (each) {
      if (new URL(each.href).pathname.replace(/\/$/, "") === path) each.setAttribute("aria-current", "page");
      else each.removeAttribute("aria-current");
    });
    var tab = flux.one(".tabbar > [data-nav][aria-current]"), more = flux.one(".tab-more"), shell = flux.one(".shell");
    if (more) { if (tab) more.removeAttribute("aria-current"); else more.setAttribute("aria-current", "page"); }
    if (shell) shell.classList.toggle("is-collapsed", flux.kept("fluxdash-nav") === "collapsed");
    flux.mark(flux.one(".embed-open"), "href", flux.whole(location.href));
  };

  flux.act("data-refresh-now", flux.pulse);
  flux.act("data-retry", flux.pulse);
  flux.act("data-refresh", every);
  flux.act("data-compare", function () { flux.compare(); flux.close(); });
  flux.act("data-share", function () { flux.share(); flux.close(); });
  flux.act("data-theme-toggle", flux.switchTheme);
  flux.act("data-zone", function (name) {
    flux.go(function (words) { if (name) words.set("zone", name); else words.delete("zone"); });
    flux.close();
  });
  flux.act("data-dismiss", function (value, element) { element.closest(".banner").hidden = true; });
  flux.act("data-collapse", function () {
    flux.keep("fluxdash-nav", flux.kept("fluxdash-nav") === "collapsed" ? "open" : "collapsed");
    flux.place();
    window.dispatchEvent(new Event("resize"));
  });
})(window.fluxdash);
