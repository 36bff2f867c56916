/* The values to filter by: asked for when a list opens, shown with their requests, chosen with mouse or keys. */
(function (flux) {
  "use strict";

  var PAUSE = 350, FRESH = 60000;
  var pending = {};
  var known = {}, offered = [];

  /* What is done when the values of a dimension have come: `whenOffered(function (dimension) {…})`. */
  flux.whenOffered = function (does) { offered.push(does); };

  flux.dimensions = function () {
    return flux.all("[data-options]").map(function (each) { return each.getAttribute("data-options"); });
  };

  /* What a dimension is called on screen. */
  flux.titled = function (dimension) {
    var pill = flux.one('[data-open="filter-' + dimension + '"]');
    return pill ? (pill.firstElementChild || pill).textContent : dimension;
  };

  /* Ask the server for the values of a dimension that exist in the window; they arrive at `offer`. */
  flux.ask = function (dimension) {
    flux.set({ part: "asked", dimension: dimension }, { data: { search: location.search, beat: flux.beat() } });
  };

  /* The values last heard of, as `{value, name, requests}`, busiest first. */
  flux.values = function (dimension) { return known[dimension] ? known[dimension].values : []; };

  flux.isKnown = function (dimension) { return !!known[dimension] && known[dimension].search === scope(); };
  flux.isFresh = function (dimension) { return flux.isKnown(dimension) && Date.now() - known[dimension].heard < FRESH; };

  /* The words of the address that the values depend on. */
  function scope() {
    var words = flux.words();
    ["compare", "refresh", "zone"].forEach(function (name) { words.delete(name); });
    return words.toString();
  }

  flux.whenOpened("filter-", function (pop) {
    var list = flux.one(".options", pop), dimension = list.getAttribute("data-options"), field = flux.one(".find input", pop);
    if (field) field.value = "";
    if (!list.childElementCount) list.appendChild(note("Reading the values of this window", "waiting"));
    else sift(pop);
    flux.ask(dimension);
  });

  function note(text, kind) { return flux.make("p", "option-note " + kind, text); }

  flux.offer = function (data) {
    var list = flux.one('[data-options="' + data.dimension + '"]');
    if (!list) return;
    known[data.dimension] = { values: data.values, search: scope(), heard: Date.now() };
    var chosen = flux.words().getAll(data.dimension), top = list.scrollTop, at = document.activeElement;
    var focused = list.contains(at) ? at.value : null;
    var gone = chosen.filter(function (each) { return !data.values.some(function (one) { return one.value === each; }); })
      .map(function (each) { return { value: each, name: each, requests: "\u2013" }; });
    list.replaceChildren();
    gone.concat(data.values).forEach(function (each) { list.appendChild(option(data.dimension, each, chosen.indexOf(each.value) >= 0)); });
    if (data.error) list.appendChild(note(data.error, "bad"));
    else if (!list.childElementCount) list.appendChild(note("No requests in this window", ""));
    if (data.more) list.appendChild(note("and " + data.more + " more with fewer requests", ""));
    sift(list.closest(".pop"));
    list.scrollTop = top;
    var back = focused !== null && flux.all("input", list).find(function (each) { return each.value === focused; });
    if (back) back.focus();
    count(list);
    offered.forEach(function (does) { does(data.dimension); });
  };

  /* The colour of a model beside its name. */
  flux.swatch = function (token) {
    var square = flux.make("span", "sw");
    square.style.background = "var(--" + token + ")";
    return square;
  };

  function option(dimension, value, on) {
    var label = flux.make("label", "check option"), box = flux.make("input", "sr"), mark = flux.make("span", "bx");
    label.title = value.name === value.value ? value.value : value.name + ", " + value.value;
    box.type = "checkbox";
    box.checked = on;
    box.value = value.value;
    box.setAttribute("data-choice", dimension);
    mark.appendChild(flux.make("span", "i i-check i-12"));
    label.append(box, mark);
    if (value.token) label.appendChild(flux.swatch(value.token));
    label.append(flux.make("span", "option-name", value.name), flux.make("span", "muted", value.requests));
    return label;
  }

  function count(list) {
    var boxes = flux.all("input", list), on = boxes.filter(function (each) { return each.checked; }).length;
    flux.write(flux.one(".counted", list.closest(".pop")), on + " of " + boxes.length);
  }

  function choose(box) {
    var dimension = box.getAttribute("data-choice"), list = box.closest(".options");
    count(list);
    clearTimeout(pending[dimension]);
    pending[dimension] = setTimeout(function () {
      var values = flux.all("input:checked", list).map(function (each) { return each.value; });
      flux.go(function (words) {
        words.delete(dimension);
        values.forEach(function (each) { words.append(dimension, each); });
      });
    }, PAUSE);
  }

  function sift(pop) {
    var field = flux.one(".find input", pop), wanted = field ? field.value.trim().toLowerCase() : "";
    flux.all(".option", pop).forEach(function (each) { each.hidden = each.title.toLowerCase().indexOf(wanted) < 0; });
  }

  /* Enter takes the option that has the focus, or the first that was found. */
  flux.filterKey = function (event) {
    var pop = event.target.closest && event.target.closest(".menu.choose");
    if (!pop || event.key !== "Enter" || !event.target.matches("input")) return false;
    var box = event.target.matches("[data-choice]") ? event.target : flux.one(".option:not([hidden]) input", pop);
    if (box) box.click();
    return true;
  };

  flux.act("data-clear", function (dimension) {
    clearTimeout(pending[dimension]);
    flux.go(function (words) { words.delete(dimension); });
    flux.close();
  });

  document.addEventListener("change", function (event) { if (event.target.matches("[data-choice]")) choose(event.target); });
  document.addEventListener("input", function (event) { if (event.target.matches(".find input")) sift(event.target.closest(".pop")); });
})(window.fluxdash);
