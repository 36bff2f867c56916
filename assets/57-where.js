/* The editor of conditions, which become words of the address; the fields of the log that go to a time or search it. */
(function (flux) {
  "use strict";

  var WORD = "where", PAUSE = 250, NAMED = ["account"];
  var chosen = {}, waiting = 0, asked = "", path = "";

  /* The bar */

  function bar() { return flux.one("#where-editor"); }
  function isOpen() { return !bar().hidden; }
  function option(name) { return flux.one("[data-where-" + name + '="' + chosen[name] + '"]'); }
  function isNumber() { return option("field").getAttribute("data-kind") === "number"; }
  function isBare() { return option("op").hasAttribute("data-bare"); }

  function show(open) {
    var button = flux.one("[data-where-open]");
    bar().hidden = !open;
    flux.mark(button, "aria-expanded", String(open));
    button.classList.toggle("is-open", open);
    if (!open) { input().value = ""; tell(); return; }
    chosen = { field: "status", op: "is" };
    path = location.pathname;
    paint();
    suggest();
    flux.one('[data-open="where-field"]').focus();
  }

  function leave() { show(false); flux.one("[data-where-open]").focus(); }

  function input() {
    var field = flux.one("#where-value");
    if (field) return field;
    field = fieldFor("where-value", "type:text", "list:where-values", "maxlength:200");
    field.addEventListener("input", tell);
    return flux.one("[data-where-slot]").appendChild(field);
  }

  /* A field of the browser's own: Dash's lose their caret when typed into quickly. */
  function fieldFor(id) {
    var field = flux.make("input");
    ["id:" + id, "autocomplete:off", "spellcheck:false"].concat([].slice.call(arguments, 1)).forEach(function (each) {
      flux.mark(field, each.slice(0, each.indexOf(":")), each.slice(each.indexOf(":") + 1));
    });
    return field;
  }

  /* What the lists and the field show for what is chosen; an operator that does not fit says why, and another is taken. */
  function paint() {
    var kind = isNumber() ? "number" : "text";
    flux.all("[data-where-op]").forEach(function (each) {
      var why = each.getAttribute("data-" + kind);
      each.disabled = !!why;
      flux.write(flux.one("small", each), why || each.getAttribute("data-sign"));
    });
    ["field", "op"].forEach(function (name) {
      flux.all("[data-where-" + name + "]").forEach(function (each) { flux.mark(each, "aria-selected", String(each === option(name))); });
      flux.write(flux.one('[data-where-chosen="' + name + '"]'), option(name).children[1].textContent);
    });
    flux.write(flux.one("[data-where-unit]"), option("field").getAttribute("data-unit"));
    flux.one("[data-where-note]").hidden = chosen.op !== "not";
    input().closest(".field").hidden = isBare();
    flux.mark(input(), "inputmode", isNumber() ? "decimal" : "text");
    flux.mark(input(), "placeholder", isNumber() ? "2.5" : "a value");
    wrong(false);
    tell();
  }

  function wrong(on) { flux.mark(input(), "aria-invalid", String(on)); }

  /* The condition as the address has it; empty while there is no value. */
  function written() {
    var value = input().value.trim();
    if (!isBare() && !value) return "";
    return [chosen.field, chosen.op].concat(isBare() ? [] : [value]).join(":");
  }

  /* Ask what it would leave, once typing rests. */
  function tell() {
    clearTimeout(waiting);
    wrong(false);
    waiting = setTimeout(function () {
      asked = isOpen() ? written() : "";
      flux.set("where-trial", { data: { where: asked, search: location.search, beat: flux.beat() } });
    }, PAUSE);
  }

  function add() {
    // What was refused may be what stood there a moment ago.
    var condition = written(), refused = asked === condition && flux.one("#where-left .fe-bad");
    if (!condition || refused) { wrong(true); input().focus(); return; }
    flux.go(function (words) { if (words.getAll(WORD).indexOf(condition) < 0) words.append(WORD, condition); });
    leave();
  }

  /* The values that exist in the window, where the column is one that filters know. */
  function suggest() {
    var list = flux.one("#where-values"), known = flux.dimensions().indexOf(chosen.field) >= 0;
    list.replaceChildren();
    if (!known) return;
    if (!flux.isFresh(chosen.field)) flux.ask(chosen.field);
    flux.values(chosen.field).forEach(function (each) {
      var item = flux.make("option"), named = NAMED.indexOf(chosen.field) >= 0;
      if (each.value === "unknown") return;
      item.value = named ? each.name : each.value;
      item.label = each.requests + " requests";
      list.appendChild(item);
    });
  }

  flux.whenOffered(function (dimension) { if (isOpen() && dimension === chosen.field) suggest(); });

  ["field", "op"].forEach(function (name) {
    flux.act("data-where-" + name, function (value) {
      var before = isNumber();
      chosen[name] = value;
      if (before !== isNumber() && !isBare()) chosen.op = before ? "is" : "ge";
      paint();
      if (name === "field") suggest();
      flux.leave();
    });
  });

  flux.act("data-where-open", function () { if (isOpen()) leave(); else show(true); });
  flux.act("data-where-close", leave);
  flux.act("data-where-add", add);

  /* Take a condition out, or all of them. */
  flux.act("data-where-drop", function (condition) {
    flux.go(function (words) {
      var kept = words.getAll(WORD).filter(function (each) { return condition && each !== condition; });
      words.delete(WORD);
      kept.forEach(function (each) { words.append(WORD, each); });
    });
    var next = flux.one("[data-where-open]");
    if (next.offsetParent) next.focus();
  });

  // Before the log's own keys, which close its drawer and open a row.
  window.addEventListener("keydown", function (event) {
    if (!bar() || !isOpen() || event.isComposing || flux.isOpen() || flux.isModal() || !bar().contains(event.target)) return;
    if (event.key === "Escape") leave();
    else if (event.key === "Enter" && event.target.matches("input")) add();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }, true);

  function moved() {
    if (!bar() || !isOpen()) return;
    if (location.pathname === path) tell(); else show(false);
  }

  window.addEventListener("popstate", moved);
  window.addEventListener("_dashprivate_pushstate", moved);

  /* The fields of the log, written to from the address unless they are being typed into. */

  function word(name, value) {
    flux.go(function (words) { if (value) words.set(name, value); else words.delete(name); });
  }

  function fill(slot, id, make, value) {
    var place = flux.one(slot), field = flux.one("#" + id) || (place && place.appendChild(make()));
    if (field && document.activeElement !== field) field.value = value;
  }

  function searching() {
    var field = fieldFor("ledger-find", "type:search", "maxlength:200", "placeholder:Error text or id");
    function find() { word("find", field.value.trim()); }
    field.addEventListener("change", find);
    field.addEventListener("search", find);
    return field;
  }

  function going() {
    var field = fieldFor("ledger-at", "type:text", "maxlength:40", "placeholder:14:31:59");
    field.addEventListener("input", function () { refuse(""); });
    field.addEventListener("change", function () {
      if (field.value.trim()) flux.set("ledger-go-to", { data: { text: field.value, search: location.search, beat: flux.beat() } });
      else word("at", "");
    });
    return field;
  }

  function refuse(why) {
    var field = flux.one("#ledger-at");
    if (!field) return;
    flux.mark(field, "aria-invalid", String(!!why));
    field.closest(".field").classList.toggle("bad", !!why);
    if (why) flux.toast(why);
  }

  /* The moment that the log is read from, as it is on the clock of the page. */
  function spoken(at) {
    var moment = Date.parse(at) / 1000, view = flux.here.window;
    if (!at || !moment || !view) return at;
    var text = new Date((moment + view.offset) * 1000).toISOString().replace("T", " ");
    return view.end - view.start > 86400 ? text.slice(0, 16) : text.slice(11, 19);
  }

  flux.paintLedger = function () {
    var words = flux.words();
    fill("[data-find-slot]", "ledger-find", searching, words.get("find") || "");
    fill("[data-go-slot]", "ledger-at", going, spoken(words.get("at") || ""));
    refuse("");
  };

  flux.act("data-find", function () { word("find", ""); });
  flux.act("data-ledger-at", function (value) { word("at", value); });

  Object.assign(window.dash_clientside.fluxdash, {
    gone: function (data) {
      if (data) { word("at", data.at); flux.paintLedger(); }
      return window.dash_clientside.no_update;
    },
    go_refused: function (why) { refuse(why || ""); return window.dash_clientside.no_update; },
  });
})(window.fluxdash);
