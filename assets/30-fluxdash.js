/* What happens in the browser alone: the address holds the state, and everything here reads it or changes it. */
(function () {
  "use strict";

  var SPACE = "\u00a0";
  var MOST_RECENT = 30;
  var SHORTEST = 15;
  var DOUBLE = 400;
  var here = { window: null, beat: 0, last: "", skew: 0, updated: 0, arrived: 0, drags: [], opener: null, pending: {} };
  var pass = function () { return window.dash_clientside.no_update; };
  var set = function (id, props) { window.dash_clientside.set_props(id, props); };
  var all = function (query, root) { return Array.from((root || document).querySelectorAll(query)); };
  var one = function (query, root) { return (root || document).querySelector(query); };
  var now = function () { return Date.now() / 1000 + here.skew; };

  /* The address */

  function go(change, path) {
    var words = new URLSearchParams(location.search);
    change(words);
    var text = words.toString().replace(/%3A/g, ":");
    var target = (path || location.pathname) + (text ? "?" + text : "");
    if (target === location.pathname + location.search) return false;
    history.pushState({}, "", target);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    return true;
  }

  function range(words, spoken, start, end) {
    ["range", "from", "to", "step"].forEach(function (name) { words.delete(name); });
    if (spoken) words.set("range", spoken);
    if (start) words.set("from", start);
    if (end) words.set("to", end);
  }

  function moment(seconds) {
    return new Date(Math.round(seconds) * 1000).toISOString().replace(".000Z", "Z");
  }

  function between(start, end) {
    return go(function (words) { range(words, null, moment(start), moment(end)); });
  }

  function spoken(name) {
    return go(function (words) { range(words, name); });
  }

  /* The range as the address has it now; what the server said last may be about the view before. */
  function current() {
    var words = new URLSearchParams(location.search), view = here.window;
    if (!view) return null;
    var start = parsed(words.get("from")), end = parsed(words.get("to")) || now();
    if (start) return { live: end > now() - SHORTEST - view.step, start: start, end: end };
    var name = words.get("range") || "1h";
    if (view.range === name) return { live: view.live, range: name, start: view.start, end: view.end };
    return { live: true, range: name, start: now() - (view.presets[name] || view.end - view.start), end: now() };
  }

  function parsed(text) {
    if (!text) return 0;
    return /^[0-9.]+$/.test(text) ? Number(text) : Date.parse(text) / 1000 || 0;
  }

  function step(direction) {
    var view = current();
    if (!view || (direction > 0 && view.live)) return;
    var length = view.end - view.start, end = view.end + direction * length;
    var presets = here.window.presets, name = Object.keys(presets).find(function (each) { return presets[each] === length; });
    if (direction > 0 && end > now() - SHORTEST - here.window.step) { spoken(name || Math.round(length) + "s"); return; }
    between(end - length, end);
  }

  function zoomOut() {
    var view = current();
    if (!view) return;
    var length = view.end - view.start, presets = here.window.presets;
    if (view.range) {
      var names = Object.keys(presets).filter(function (name) { return presets[name] > length + 1; });
      names.sort(function (a, b) { return presets[a] - presets[b]; });
      if (names.length) spoken(names[0]);
      return;
    }
    between(view.start - length / 2, Math.min(view.end + length / 2, now()));
  }

  function zoomBack() {
    if (here.drags.length && here.drags[here.drags.length - 1] === location.href) {
      here.drags.pop();
      history.back();
    } else {
      zoomOut();
    }
  }

  function dragTo(first, last) {
    var ahead = here.window ? here.window.offset : 0;
    var start = seconds(first) - ahead, end = seconds(last) - ahead;
    if (!(end > start)) return;
    // A bucket is the least that can be looked at; a slip of the hand is not a range.
    var least = Math.max(SHORTEST, here.window ? Math.min(here.window.step, 60) : SHORTEST);
    if (end - start < least) { var middle = (start + end) / 2; start = middle - least / 2; end = middle + least / 2; }
    if (between(Math.floor(start), Math.min(Math.ceil(end), now() - SHORTEST))) here.drags.push(location.href);
    here.drags = here.drags.slice(-MOST_RECENT);
  }

  function seconds(value) {
    return typeof value === "number" ? value / 1000 : Date.parse(String(value).replace(" ", "T") + "Z") / 1000;
  }

  /* Refresh */

  function pulse() { set("pulse", { data: ++here.beat }); }

  function theme() { return document.documentElement.getAttribute("data-bs-theme") === "dark" ? "dark" : "light"; }

  function switchTheme() {
    var next = theme() === "dark" ? "light" : "dark";
    document.documentElement.setAttribute("data-bs-theme", next);
    keep("fluxdash-theme", next);
    pulse();
  }

  function keep(name, value) { try { localStorage.setItem(name, value); } catch (error) { /* private window */ } }
  function kept(name) { try { return localStorage.getItem(name); } catch (error) { return null; } }

  document.addEventListener("visibilitychange", function () {
    var every = here.window ? here.window.every : 0;
    set("tick", { disabled: document.hidden || !every });
    if (!document.hidden && every) pulse();
  });

  function age(passed) {
    var whole = Math.max(Math.floor(passed), 0);
    if (whole >= 172800) return Math.floor(whole / 86400) + SPACE + "d";
    if (whole >= 3600) return Math.floor(whole / 3600) + SPACE + "h";
    if (whole >= 60) return Math.floor(whole / 60) + SPACE + "min";
    return whole + SPACE + "s";
  }

  function write(element, text) { if (element && element.textContent !== text) element.textContent = text; }

  function grow() {
    all("[data-as-of]").forEach(function (each) { write(each, age(now() - Number(each.getAttribute("data-as-of")))); });
    if (here.updated) write(one("[data-updated]"), age((Date.now() - here.updated) / 1000));
    var line = one(".refresh .prog i"), every = here.window && !document.hidden ? here.window.every : 0;
    if (line) line.style.width = every ? Math.min((Date.now() - here.arrived) / 10 / every, 100) + "%" : "0";
  }
  setInterval(grow, 1000);

  /* What the controls show */

  function press(query, name, value, attribute) {
    all(query).forEach(function (each) {
      var on = String(each.getAttribute(name) === value);
      if (each.getAttribute(attribute) !== on) each.setAttribute(attribute, on);
    });
  }

  function paint() {
    var view = here.window, words = new URLSearchParams(location.search);
    if (!view) return;
    press("[data-range]", "data-range", view.range || "", "aria-checked");
    var preset = view.range && view.presets[view.range];
    all("[data-ranges] [data-open=custom]").forEach(function (each) { each.setAttribute("aria-checked", String(!preset)); });
    all("[data-step]").forEach(function (each) { each.disabled = each.getAttribute("data-step") === "1" && view.live; });
    write(one("#range-name"), view.range || "Custom");
    write(one("[data-refresh-name]"), view.refresh);
    var compared = words.get("compare") !== "off";
    all("[data-compare]").forEach(function (each) { each.setAttribute("aria-pressed", String(compared)); });
    var chosen = words.get("refresh") || "default";
    press("[data-refresh]", "data-refresh", chosen === "auto" ? "default" : chosen, "aria-selected");
  }

  function place() {
    all("[data-nav]").forEach(function (each) {
      if (new URL(each.href).pathname.replace(/\/$/, "") === location.pathname.replace(/\/$/, "")) each.setAttribute("aria-current", "page");
      else each.removeAttribute("aria-current");
    });
    var tab = all(".tabbar > [data-nav][aria-current]").length;
    var more = one(".tab-more");
    if (more) { if (tab) more.removeAttribute("aria-current"); else more.setAttribute("aria-current", "page"); }
    var shell = one(".shell");
    if (shell) shell.classList.toggle("is-collapsed", kept("fluxdash-nav") === "collapsed");
  }

  function toast(text) {
    var box = one("[data-toast]");
    if (!box) return;
    write(box, text);
    box.classList.add("open");
    clearTimeout(here.toast);
    here.toast = setTimeout(function () { box.classList.remove("open"); }, 2000);
  }

  function share() {
    var said = function () { toast("Link copied"); };
    var failed = function () { toast("The browser did not allow copying"); };
    if (navigator.clipboard && window.isSecureContext) { navigator.clipboard.writeText(location.href).then(said, failed); return; }
    var field = document.createElement("textarea");
    field.value = location.href;
    document.body.appendChild(field);
    field.select();
    if (document.execCommand("copy")) said(); else failed();
    field.remove();
  }

  function compare() {
    go(function (words) { if (words.get("compare") === "off") words.delete("compare"); else words.set("compare", "off"); });
  }

  function interval(name) {
    go(function (words) { if (name === "default") words.delete("refresh"); else words.set("refresh", name); });
    close();
  }

  function clear(dimension) {
    clearTimeout(here.pending[dimension]);
    go(function (words) { words.delete(dimension); });
    close();
  }

  function days(name) {
    var today = new Date(now() * 1000), day = Date.UTC(today.getUTCFullYear(), today.getUTCMonth(), today.getUTCDate()) / 1000;
    if (name === "yesterday") between(day - 86400, day);
    else go(function (words) {
      range(words, null, moment(name === "today" ? day : Date.UTC(today.getUTCFullYear(), today.getUTCMonth(), 1) / 1000));
    });
    close();
  }

  /* Popovers: one at a time */

  function close() {
    all(".pop.open").forEach(function (each) { each.classList.remove("open"); });
    all("[data-open][aria-expanded=true]").forEach(function (each) { each.setAttribute("aria-expanded", "false"); });
    here.opener = null;
  }

  function open(name, opener) {
    var pop = one('[data-pop="' + name + '"]'), again = here.opener === opener;
    close();
    if (!pop || again) return;
    pop.classList.add("open");
    var spot = opener.getBoundingClientRect(), box = pop.getBoundingClientRect();
    var above = spot.bottom + 5 + box.height > innerHeight && spot.top > box.height;
    pop.style.left = Math.max(8, Math.min(spot.left, innerWidth - box.width - 8)) + "px";
    pop.style.top = (above ? spot.top - box.height - 5 : spot.bottom + 5) + "px";
    opener.setAttribute("aria-expanded", "true");
    here.opener = opener;
    if (name.indexOf("filter-") === 0) ask(name.slice(7), pop);
    var field = one("input", pop);
    if (field) { field.focus(); field.select(); } else { var first = one("button, a", pop); if (first) first.focus(); }
  }

  function ask(dimension, pop) {
    var list = one(".options", pop), find = one(".find input", pop);
    if (find) find.value = "";
    if (!list.childElementCount) list.appendChild(line("Reading the values of this window", "waiting"));
    set({ part: "asked", dimension: dimension }, { data: { search: location.search, beat: ++here.beat } });
  }

  function line(text, kind) {
    var element = document.createElement("p");
    element.className = "option-note " + kind;
    element.textContent = text;
    return element;
  }

  function offer(data) {
    var list = one('[data-options="' + data.dimension + '"]');
    if (!list) return;
    var chosen = new URLSearchParams(location.search).getAll(data.dimension);
    var known = data.values.map(function (each) { return each.value; });
    var gone = chosen.filter(function (each) { return known.indexOf(each) < 0; })
      .map(function (each) { return { value: each, name: each, requests: "\u2013" }; });
    list.replaceChildren();
    gone.concat(data.values).forEach(function (each) { list.appendChild(option(data.dimension, each, chosen.indexOf(each.value) >= 0)); });
    if (data.error) list.appendChild(line(data.error, "bad"));
    else if (!list.childElementCount) list.appendChild(line("No requests in this window", ""));
    if (data.more) list.appendChild(line("and " + data.more + " more: type to filter the address instead", ""));
    counted(list);
  }

  function option(dimension, value, on) {
    var label = document.createElement("label"), box = document.createElement("input"), mark = document.createElement("span");
    var tick = document.createElement("span"), name = document.createElement("span"), count = document.createElement("span");
    label.className = "check option";
    label.title = value.name === value.value ? value.value : value.name + ", " + value.value;
    box.type = "checkbox"; box.checked = on; box.value = value.value; box.className = "sr";
    box.setAttribute("data-choice", dimension);
    mark.className = "bx"; tick.className = "i i-check i-12"; mark.appendChild(tick);
    name.className = "option-name"; name.textContent = value.name;
    count.className = "muted"; count.textContent = value.requests;
    label.append(box, mark, name, count);
    return label;
  }

  function counted(list) {
    var boxes = all("input", list), on = boxes.filter(function (each) { return each.checked; }).length;
    write(one(".counted", list.closest(".pop")), on + " of " + boxes.length);
  }

  function choose(box) {
    var dimension = box.getAttribute("data-choice"), list = box.closest(".options");
    counted(list);
    clearTimeout(here.pending[dimension]);
    here.pending[dimension] = setTimeout(function () {
      var values = all("input:checked", list).map(function (each) { return each.value; });
      go(function (words) {
        words.delete(dimension);
        values.forEach(function (each) { words.append(dimension, each); });
      });
    }, 350);
  }

  function find(field) {
    var wanted = field.value.trim().toLowerCase();
    all(".option", field.closest(".pop")).forEach(function (each) { each.hidden = each.title.toLowerCase().indexOf(wanted) < 0; });
  }

  /* Clicks and keys */

  var ACTIONS = {
    "data-range": function (value) { spoken(value); close(); },
    "data-step": function (value) { step(Number(value)); },
    "data-refresh-now": function () { pulse(); },
    "data-refresh": interval,
    "data-compare": function () { compare(); close(); },
    "data-share": function () { share(); close(); },
    "data-theme-toggle": switchTheme,
    "data-clear": clear,
    "data-retry": pulse,
    "data-days": days,
    "data-dismiss": function (value, element) { element.closest(".banner").hidden = true; },
    "data-open": open,
    "data-collapse": function () {
      keep("fluxdash-nav", kept("fluxdash-nav") === "collapsed" ? "open" : "collapsed");
      place();
      window.dispatchEvent(new Event("resize"));
    },
  };
  var ACTED = Object.keys(ACTIONS).map(function (name) { return "[" + name + "]"; }).join(",");

  document.addEventListener("click", function (event) {
    var link = event.target.closest("a[data-nav]");
    if (link && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button)) {
      event.preventDefault();
      close();
      go(function () {}, new URL(link.href).pathname);
      window.scrollTo(0, 0);
      return;
    }
    var element = event.target.closest(ACTED);
    if (element && !element.disabled) {
      var name = Object.keys(ACTIONS).find(function (each) { return element.hasAttribute(each); });
      ACTIONS[name](element.getAttribute(name), element);
      return;
    }
    if (here.opener && !event.target.closest(".pop")) close();
  });

  document.addEventListener("change", function (event) { if (event.target.matches("[data-choice]")) choose(event.target); });
  document.addEventListener("input", function (event) { if (event.target.matches(".find input")) find(event.target); });

  // Plotly swallows the double click of the browser, but passes on both clicks.
  document.addEventListener("click", function (event) {
    if (!event.target.classList || !event.target.classList.contains("nsewdrag")) return;
    var before = here.clicked;
    here.clicked = { time: Date.now(), plot: event.target };
    if (before && before.plot === event.target && here.clicked.time - before.time < DOUBLE) { here.clicked = null; zoomBack(); }
  });

  var KEYS = {
    "[": function () { step(-1); },
    "]": function () { step(1); },
    "z": zoomOut,
    "r": pulse,
    "c": compare,
    "s": share,
  };

  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape" && here.opener) { var back = here.opener; close(); back.focus(); return; }
    var group = event.target.closest && event.target.closest("[data-ranges]");
    if (group && (event.key === "ArrowRight" || event.key === "ArrowLeft")) {
      var members = all("button:not(:disabled)", group), at = members.indexOf(event.target);
      members[(at + (event.key === "ArrowRight" ? 1 : members.length - 1)) % members.length].focus();
      event.preventDefault();
      return;
    }
    if (event.metaKey || event.ctrlKey || event.altKey || event.repeat) return;
    if (event.target.closest && event.target.closest("input, textarea, select, [contenteditable=true]")) return;
    var preset = /^[1-7]$/.test(event.key) && all(".seg [data-range]")[Number(event.key) - 1];
    if (preset) { spoken(preset.getAttribute("data-range")); close(); event.preventDefault(); return; }
    if (KEYS[event.key]) { KEYS[event.key](); event.preventDefault(); }
  });

  window.addEventListener("popstate", function () { close(); place(); });
  window.addEventListener("_dashprivate_pushstate", function () { place(); });

  /* What Dash calls */

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    fluxdash: {
      view: function (search, ticks, pulses) {
        // The address bar is the truth: the component hears of it a moment later.
        var asked = JSON.stringify([location.search, ticks, pulses, theme()]);
        if (asked === here.last) return pass();
        here.last = asked;
        return { search: location.search, theme: theme(), narrow: innerWidth < 640, beat: ++here.beat };
      },
      arrive: function (view) {
        if (!view) return [pass(), pass()];
        here.window = view;
        here.skew = view.now - Date.now() / 1000;
        here.arrived = Date.now();
        paint();
        place();
        grow();
        return [Math.max(view.every, 5) * 1000, document.hidden || !view.every];
      },
      updated: function (states) {
        if (states) { here.updated = Date.now(); grow(); }
        return pass();
      },
      named: function (title) {
        if (title) document.title = title + " \u00b7 FluxDash";
        place();
        return pass();
      },
      typed: function (typed) {
        if (typed) { close(); go(function (words) { range(words, typed.words.range, typed.words.from, typed.words.to); }); }
        return pass();
      },
      offer: function (lists) {
        (lists || []).forEach(function (each) { if (each) offer(each); });
        return pass();
      },
      dragged: function () {
        (window.dash_clientside.callback_context.triggered || []).forEach(function (each) {
          var change = each.value || {};
          var pair = change["xaxis.range"] || [change["xaxis.range[0]"], change["xaxis.range[1]"]];
          if (pair[0] !== undefined && pair[1] !== undefined) dragTo(pair[0], pair[1]);
        });
        return pass();
      },
    },
  });
})();
