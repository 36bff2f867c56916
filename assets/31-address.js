/* The address is the state: everything that the reader chooses is written into it, and read from it again. */
(function (flux) {
  "use strict";

  flux.words = function () { return new URLSearchParams(location.search); };

  /* The address after a change of its words, on this page or another; `page` is a path below the prefix. */
  flux.target = function (change, page) {
    var words = flux.words();
    if (change) change(words);
    var text = words.toString().replace(/%3A/g, ":");
    return (page === undefined ? location.pathname : flux.prefix() + page) + (text ? "?" + text : "");
  };

  flux.go = function (change, page) { return push(flux.target(change, page)); };

  function push(target) {
    if (target === location.pathname + location.search) return false;
    history.pushState({}, "", target);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    return true;
  }

  /* Go to another page, from its top. */
  flux.follow = function (target) {
    flux.close();
    if (flux.isEmbedded()) { window.open(flux.whole(target), "_blank", "noopener"); return; }
    if (push(target)) window.scrollTo(0, 0);
  };

  /* The words that go along to another page: all but the moment that the log was read from. */
  flux.along = function (words) { words.delete("at"); };

  flux.visit = function (page) { flux.follow(flux.target(flux.along, page)); };

  /* In a frame of somebody else's page only this view is shown: everything else opens in a window of its own. */
  flux.isEmbedded = function () { return document.documentElement.hasAttribute("data-embed"); };

  flux.whole = function (target) {
    var to = new URL(target, location.href);
    ["embed", "panel", "theme"].forEach(function (each) { to.searchParams.delete(each); });
    return to.pathname + to.search.replace(/%3A/g, ":") + to.hash;
  };

  flux.prefix = function () { return flux.one(".fluxdash").getAttribute("data-prefix"); };

  /* Add a value to the filter of a dimension, or take it out; both come as `dimension=value`. */
  flux.toggled = function (filter) {
    var cut = filter.indexOf("="), dimension = filter.slice(0, cut), value = filter.slice(cut + 1);
    return function (words) {
      var values = words.getAll(dimension), at = values.indexOf(value);
      if (at < 0) values.push(value); else values.splice(at, 1);
      words.delete(dimension);
      values.forEach(function (each) { words.append(dimension, each); });
    };
  };

  flux.toggle = function (filter) { if (filter.indexOf("=") > 0) flux.go(flux.toggled(filter)); };

  flux.isFiltered = function (filter) {
    var cut = filter.indexOf("=");
    return flux.words().getAll(filter.slice(0, cut)).indexOf(filter.slice(cut + 1)) >= 0;
  };

  /* `what-changed=cost` shows that variant of the panel; the first one of its buttons is what is shown unasked. */
  flux.act("data-variant", function (value, button) {
    var cut = value.indexOf("="), name = "show-" + value.slice(0, cut);
    flux.go(function (words) {
      if (button === button.parentNode.firstElementChild) words.delete(name); else words.set(name, value.slice(cut + 1));
    });
  });

  flux.act("data-filter", flux.toggle);
})(window.fluxdash);
