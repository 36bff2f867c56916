/* The command palette: first what filters this page, then what can be done, then where one can go. */
(function (flux) {
  "use strict";

  var MOST = 6;
  var TRACE = /^([0-9a-f]{16}|[0-9a-f]{32})$/i;
  var UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
  var shown = [], at = 0;

  function field() { return flux.one("#palette"); }
  function list() { return flux.one("#palette-list"); }

  flux.openPalette = function () {
    if (!flux.showDialog("palette")) return;
    var input = field();
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-expanded", "true");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", "palette-list");
    input.value = "";
    input.focus();
    fill();
  };

  /* An entry: its icon, text, what stands beside it and at its end, and what it does: change words, visit, or run. */
  function entry(group, icon, text, more) { return Object.assign({ group: group, icon: icon, text: text, small: "", end: "", keys: "" }, more); }

  function filters(wanted) {
    if (!wanted) return [];
    var found = [];
    flux.dimensions().forEach(function (dimension) {
      if (!flux.isKnown(dimension)) return;
      flux.values(dimension).forEach(function (each) {
        var filter = dimension + "=" + each.value, on = flux.isFiltered(filter);
        var rank = matched([each.name, each.value], wanted);
        if (rank < 0) return;
        var told = flux.titled(dimension) + " \u00b7 " + (on ? "chosen, take it out" : each.requests + " requests");
        found.push(entry("Filter this page", on ? "check" : "filter", each.name, {
          small: each.name === each.value ? "" : each.value, end: told, change: flux.toggled(filter), rank: rank, token: on ? null : each.token,
        }));
      });
    });
    return sorted(found).slice(0, MOST);
  }

  function things() {
    var group = "Do", panel = flux.panel(), did = [
      entry(group, "requests", "Open these requests", { keys: "o", page: "requests" }),
      entry(group, "open", "Open this view in a new tab", { run: function () { window.open(location.href, "_blank", "noopener"); } }),
      entry(group, "share", "Copy a link to this view", { keys: "s", run: flux.share }),
      entry(group, "compare", "Turn compare " + (flux.isCompared() ? "off" : "on"), { keys: "c", run: flux.compare }),
      entry(group, "refresh", "Refresh now", { keys: "r", run: flux.pulse }),
      entry(group, "left", "Previous period", { keys: "[", run: function () { flux.step(-1); } }),
      entry(group, "clock", "Zoom out", { keys: "z", run: flux.zoomOut }),
      entry(group, "moon", "Switch between light and dark", { run: flux.switchTheme }),
      entry(group, "key", "Keyboard shortcuts", { keys: "?", run: function () { flux.showKeys(); } }),
    ];
    var presets = flux.here.window ? Object.keys(flux.here.window.presets) : [];
    presets.forEach(function (name, place) {
      did.push(entry(group, "clock", "Last " + name, { keys: String(place + 1), run: function () { flux.spoken(name); } }));
    });
    if (flux.all(".pill.on").length) did.push(entry(group, "x", "Clear all filters", { change: function (words) { flux.dimensions().concat("where").forEach(function (each) { words.delete(each); }); } }));
    if (panel) did.push(entry(group, "download", "Download CSV", { small: panel.getAttribute("aria-label"), keys: "d", run: function () { flux.perform("csv", flux.called(panel)); } }));
    return did;
  }

  function places() {
    var pages = flux.all(".nav-list [data-nav]").map(function (link) {
      var letter = link.getAttribute("data-letter");
      return entry("Go to", link.getAttribute("data-nav").slice(1) || "overview", link.children[1].textContent, {
        keys: letter ? "g then " + letter : "", page: link.getAttribute("data-nav").slice(1),
      });
    });
    var panels = flux.all("[data-panel] h2, [data-list] h2").map(function (title) {
      return entry("Go to", "right", title.textContent, { small: "on this page", run: function () { look(title.closest("[data-panel], [data-list]")); } });
    });
    return pages.concat(panels);
  }

  function look(panel) {
    panel.scrollIntoView({ block: "center" });
    flux.one("[data-menu]", panel).focus();
  }

  /* A whole id that was pasted is a trace or a request. */
  function identified(text) {
    if (!TRACE.test(text) && !UUID.test(text)) return [];
    var what = UUID.test(text) ? "Open the request " : "Open the trace ";
    return [entry("Go to", "traces", what + text, { small: "in Traces", page: "traces", change: function (words) { words.set("id", text); }, exact: true })];
  }

  /* How well texts match: 0 at the start of a word, 1 inside of one, -1 not at all. */
  function matched(texts, wanted) {
    var best = -1;
    texts.forEach(function (text) {
      var place = text.toLowerCase().indexOf(wanted);
      if (place < 0) return;
      var rank = place === 0 || /[^a-z0-9]/i.test(text[place - 1]) ? 0 : 1;
      if (best < 0 || rank < best) best = rank;
    });
    return best;
  }

  function sorted(entries) { return entries.sort(function (a, b) { return a.rank - b.rank; }); }

  function matching(entries, wanted, most) {
    var kept = entries.filter(function (each) { each.rank = wanted ? matched([each.text, each.small], wanted) : 0; return each.rank >= 0; });
    return sorted(kept).slice(0, most);
  }

  function fill() {
    var text = field().value.trim(), wanted = text.toLowerCase();
    if (wanted) flux.dimensions().filter(function (each) { return !flux.isFresh(each); }).forEach(askOnce);
    shown = filters(wanted).concat(
      matching(things(), wanted, wanted ? MOST : 4), identified(text), matching(places(), wanted, wanted ? MOST : 8)
    );
    at = Math.max(0, shown.findIndex(function (each) { return each.exact; }));
    draw(wanted);
  }

  var asking = {};

  function askOnce(dimension) {
    if (asking[dimension] === location.search) return;
    asking[dimension] = location.search;
    flux.ask(dimension);
  }

  /* Values have come that the open palette may want to show. */
  flux.learned = function (dimension) {
    delete asking[dimension];
    var dialog = flux.dialog("palette");
    if (dialog && dialog.open) { var chosen = shown[at]; fill(); keep(chosen); }
  };

  function keep(chosen) {
    var same = chosen ? shown.findIndex(function (each) { return each.text === chosen.text && each.group === chosen.group; }) : -1;
    if (at === 0 && same > 0 && chosen.moved) { at = same; shown[at].moved = true; choose(); }
  }

  function draw(wanted) {
    var box = list(), group = "";
    box.replaceChildren();
    shown.forEach(function (each, place) {
      if (each.group !== group) { group = each.group; box.appendChild(heading(group)); }
      box.appendChild(row(each, place, wanted));
    });
    if (!shown.length) box.appendChild(flux.make("p", "option-note", "Nothing here is called that"));
    choose();
  }

  function heading(text) {
    var element = flux.make("div", "ph", text);
    element.setAttribute("role", "presentation");
    return element;
  }

  function row(each, place, wanted) {
    var element = flux.make("div", "po");
    element.id = "palette-" + place;
    element.setAttribute("role", "option");
    element.append(each.token ? flux.swatch(each.token) : flux.make("span", "i i-14 i-" + each.icon), lit("span", each.text, wanted), lit("small", each.small, wanted), flux.make("span", "grow"));
    if (each.end) element.appendChild(flux.make("span", "muted", each.end));
    if (each.keys) element.appendChild(keys(each.keys));
    element.addEventListener("mousemove", function () { if (at !== place) { at = place; choose(); } });
    element.addEventListener("click", function (event) { run(each, event.ctrlKey || event.metaKey); });
    return element;
  }

  /* Text with what was looked for marked; built of text alone. */
  function lit(tag, text, wanted) {
    var element = flux.make(tag), place = wanted ? text.toLowerCase().indexOf(wanted) : -1;
    if (place < 0) { element.textContent = text; return element; }
    element.append(text.slice(0, place), flux.make("mark", "", text.slice(place, place + wanted.length)), text.slice(place + wanted.length));
    return element;
  }

  function keys(text) {
    var element = flux.make("span", "keys");
    text.split(" ").forEach(function (each) { element.appendChild(flux.make(each === "then" ? "i" : "kbd", "", each)); });
    return element;
  }

  function choose() {
    flux.all("[role=option]", list()).forEach(function (each, place) { each.setAttribute("aria-selected", String(place === at)); });
    var chosen = flux.one("#palette-" + at);
    field().setAttribute("aria-activedescendant", chosen ? chosen.id : "");
    if (chosen) chosen.scrollIntoView({ block: "nearest" });
  }

  function run(each, apart) {
    flux.dialog("palette").close();
    if (each.run) { each.run(); return; }
    if (apart) { window.open(flux.target(each.change, each.page), "_blank", "noopener"); return; }
    if (flux.go(each.change, each.page) && each.page !== undefined) window.scrollTo(0, 0);
  }

  document.addEventListener("input", function (event) { if (event.target.id === "palette") fill(); });

  document.addEventListener("keydown", function (event) {
    if (event.target.id !== "palette") return;
    var steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps && shown.length) {
      at = (at + steps[event.key] + shown.length) % shown.length;
      shown[at].moved = true;
      choose();
    } else if (event.key === "Enter" && shown[at]) {
      run(shown[at], event.ctrlKey || event.metaKey);
    } else return;
    event.preventDefault();
  });

  flux.act("data-open-palette", function () { flux.openPalette(); });
})(window.fluxdash);
