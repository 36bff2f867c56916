/* What a refresh writes anew stays as it was left: scrolled to where it was, and with the focus on what had it. */
(function (flux) {
  "use strict";

  var SIDEWAYS = "[data-panel] .scroll-x", BODY = ".beside";
  var scrolled = new Map(), held = null;

  function panelOf(element) { return element.closest && element.closest("[data-panel]"); }

  function named(panel) { return panel.getAttribute("data-panel"); }

  function place(element, panel) { return named(panel) + " " + flux.all(".scroll-x", panel).indexOf(element); }

  function noted(element) {
    var panel = panelOf(element);
    if (panel) scrolled.set(place(element, panel), element.scrollLeft);
  }

  document.addEventListener("scroll", function (event) { if (event.target.matches && event.target.matches(SIDEWAYS)) noted(event.target); }, true);

  /* The browser tells of a scroll with its next frame; on a busy machine an answer may come first. */
  flux.noteScroll = function () { flux.all(SIDEWAYS).filter(function (each) { return each.scrollLeft; }).forEach(noted); };

  /* The steps from the body of a panel down to an element, as places among siblings. */
  function steps(element, body) {
    var found = [];
    for (var at = element; at !== body; at = at.parentNode) found.unshift(Array.prototype.indexOf.call(at.parentNode.children, at));
    return found;
  }

  document.addEventListener("focusin", function (event) {
    var element = event.target, body = element.closest && element.closest(BODY), panel = body && panelOf(body);
    held = panel ? {
      element: element, panel: named(panel), tag: element.tagName, filter: element.getAttribute("data-filter"),
      tab: element.getAttribute("tabindex"), steps: steps(element, body),
    } : null;
  });

  document.addEventListener("focusout", function (event) {
    var left = event.target;
    // An element that is taken off the page is left by nobody.
    setTimeout(function () { if (held && held.element === left && left.isConnected && document.activeElement !== left) held = null; }, 0);
  });

  /* What stands where the focus was: what filters by the same, else what has the same place. */
  function heir(body) {
    var alike = held.filter && flux.all("[data-filter]", body).filter(function (each) {
      return each.tagName === held.tag && each.getAttribute("data-filter") === held.filter;
    });
    if (held.filter) return alike.find(function (each) { return String(steps(each, body)) === String(held.steps); }) || alike[0];
    var found = held.steps.reduce(function (at, step) { return at && at.children[step]; }, body);
    return found && found.tagName === held.tag ? found : null;
  }

  function restored(body) {
    var panel = panelOf(body);
    flux.all(".scroll-x", panel).forEach(function (each) {
      var left = scrolled.get(place(each, panel));
      if (left) each.scrollLeft = left;
    });
    if (!held || held.panel !== named(panel) || held.element.isConnected || document.activeElement !== document.body) return;
    var next = heir(body);
    if (!next) return;
    if (held.tab !== null) next.setAttribute("tabindex", held.tab);
    next.focus({ preventScroll: true });
  }

  /* A panel that left the page with its scrolled table begins anew when it comes back. */
  function forget(node) {
    if (!scrolled.size) return;
    flux.all("[data-panel]", node).concat(node.matches("[data-panel]") ? [node] : []).forEach(function (panel) {
      Array.from(scrolled.keys()).forEach(function (each) { if (each.indexOf(named(panel) + " ") === 0) scrolled.delete(each); });
    });
  }

  new MutationObserver(function (records) {
    var bodies = new Set();
    records.forEach(function (record) {
      record.removedNodes.forEach(function (node) { if (node.nodeType === 1) forget(node); });
      var body = record.addedNodes.length && record.target.closest && record.target.closest(BODY);
      if (body && panelOf(body)) bodies.add(body);
    });
    bodies.forEach(restored);
  }).observe(document.documentElement, { childList: true, subtree: true });
})(window.fluxdash);
