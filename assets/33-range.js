/* The time range: what it is, the one before and after, wider, dragged on a chart, and typed or picked. */
(function (flux) {
  "use strict";

  var SHORTEST = 15;
  var MOST_RECENT = 30;
  var dragged = [], watched = null;

  function write(words, spoken, start, end) {
    ["range", "from", "to", "step", "at"].forEach(function (name) { words.delete(name); });
    if (spoken) words.set("range", spoken);
    if (start) words.set("from", start);
    if (end) words.set("to", end);
  }

  function moment(seconds) { return new Date(Math.round(seconds) * 1000).toISOString().replace(".000Z", "Z"); }

  function between(start, end) {
    return flux.go(function (words) { write(words, null, moment(start), end === null ? null : moment(end)); });
  }

  /* Write a range into words of the address, from one second to another. */
  flux.spanned = function (words, start, end) { write(words, null, moment(start), moment(end)); };

  flux.between = between;

  flux.spoken = function (name) { return flux.go(function (words) { write(words, name); }); };

  flux.typedRange = function (given) { flux.go(function (words) { write(words, given.range, given.from, given.to); }); };

  /* The range as the address has it now; what the server said last may be about the view before. */
  flux.range = function () {
    var words = flux.words(), view = flux.here.window;
    if (!view) return null;
    var start = parsed(words.get("from")), end = parsed(words.get("to")) || flux.now();
    if (start) return { live: end > flux.now() - SHORTEST - view.step, start: start, end: end };
    var name = words.get("range") || "1h";
    if (view.range === name) return { live: view.live, range: name, start: view.start, end: view.end };
    return { live: true, range: name, start: flux.now() - (view.presets[name] || view.end - view.start), end: flux.now() };
  };

  function parsed(text) {
    if (!text) return 0;
    return /^[0-9.]+$/.test(text) ? Number(text) : Date.parse(text) / 1000 || 0;
  }

  flux.step = function (direction) {
    var view = flux.range();
    if (!view || (direction > 0 && view.live)) return;
    var length = view.end - view.start, end = view.end + direction * length, presets = flux.here.window.presets;
    var name = Object.keys(presets).find(function (each) { return presets[each] === length; });
    if (direction > 0 && end > flux.now() - SHORTEST - flux.here.window.step) flux.spoken(name || Math.round(length) + "s");
    else between(end - length, end);
  };

  flux.zoomOut = function () {
    var view = flux.range();
    if (!view) return;
    var length = view.end - view.start, presets = flux.here.window.presets;
    if (!view.range) { between(view.start - length / 2, Math.min(view.end + length / 2, flux.now())); return; }
    var names = Object.keys(presets).filter(function (name) { return presets[name] > length + 1; });
    names.sort(function (a, b) { return presets[a] - presets[b]; });
    if (names.length) flux.spoken(names[0]);
  };

  /* Back to the range before a drag, or wider where there was none. */
  flux.zoomBack = function () {
    if (dragged.length && dragged[dragged.length - 1] === location.href) { dragged.pop(); history.back(); }
    else flux.zoomOut();
  };

  /* Look at what was dragged over; both ends are as Plotly says them, in the page's zone. */
  flux.dragTo = function (first, last) {
    var view = flux.here.window, ahead = view ? view.offset : 0;
    var start = seconds(first) - ahead, end = seconds(last) - ahead;
    if (!(end > start)) return;
    // A bucket is the least that can be looked at; a slip of the hand is not a range.
    var least = Math.max(SHORTEST, view ? Math.min(view.step, 60) : SHORTEST);
    if (end - start < least) { var middle = (start + end) / 2; start = middle - least / 2; end = middle + least / 2; }
    if (between(Math.floor(start), Math.min(Math.ceil(end), flux.now() - SHORTEST))) dragged.push(location.href);
    dragged = dragged.slice(-MOST_RECENT);
  };

  function seconds(value) {
    return typeof value === "number" ? value / 1000 : Date.parse(String(value).replace(" ", "T") + "Z") / 1000;
  }

  /* What stands in the fields when they are opened: the range as it is, in the page's zone. */
  function fillRange() {
    var view = flux.here.window;
    if (!view) return;
    flux.set("range-from", { value: view.range ? "now-" + view.range : here(view.start) });
    flux.set("range-to", { value: view.range ? "now" : here(view.end) });
    flux.set("range-days", { start_date: null, end_date: null });
    flux.set("range-error", { children: "" });
    nameCalendar();
    var zone = flux.words().get("zone") || flux.one(".zone-name", flux.one("[data-zone='']")).textContent;
    flux.write(flux.one("[data-zone-here]"), "Custom range, " + zone);
  }

  /* Dash's calendar leaves some of its parts without a name or a role for those who can't see it. */
  function nameCalendar() {
    var calendar = flux.one(".dash-datepicker");
    if (!calendar) return;
    flux.mark(flux.one(".dash-datepicker-input-wrapper", calendar), "role", "combobox");
    flux.mark(flux.one(".dash-datepicker-content", calendar), "aria-label", "Choose the first and the last day");
    flux.mark(flux.one(".dash-datepicker-content input[type=number]", calendar), "aria-label", "Year");
    if (watched === calendar) return;
    watched = calendar;
    new MutationObserver(nameCalendar).observe(calendar, { childList: true, subtree: true });
  }

  function here(at) { return new Date((at + flux.here.window.offset) * 1000).toISOString().slice(0, 16).replace("T", " "); }

  /* Days from the calendar go into the fields, with the times that stand there; the last day counts to its end. */
  flux.pickDays = function (first, last) {
    if (!first || !last) return;
    var from = time(flux.one("#range-from").value), to = time(flux.one("#range-to").value);
    flux.set("range-from", { value: day(first, 0) + " " + (from || "00:00") });
    flux.set("range-to", { value: to ? day(last, 0) + " " + to : day(last, 1) + " 00:00" });
  };

  function time(text) { return (/^\d{4}-\d\d-\d\d[ T](\d\d:\d\d(:\d\d)?)/.exec(text) || [])[1]; }

  function day(text, later) {
    return new Date(Date.parse(text.slice(0, 10) + "T00:00:00Z") + later * 86400000).toISOString().slice(0, 10);
  }

  flux.whenOpened("custom", fillRange);
  flux.act("data-range", function (value) { flux.spoken(value); flux.close(); });
  flux.act("data-between", function (value) { var ends = value.split(" ").map(Number); between(ends[0], ends[1]); });
  flux.act("data-step", function (value) { flux.step(Number(value)); });
  flux.act("data-days", function (name) {
    var days = flux.here.window && flux.here.window.days[name];
    if (days) between(days[0], days[1]);
    flux.close();
  });
})(window.fluxdash);
