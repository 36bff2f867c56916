/* Panels: their menu, what it tells, and the panel that a key is about. */
(function (flux) {
  "use strict";

  var asked = null;

  /* Lists that are no panels, by the names of their menus: how their CSV is had, and whether there is `some`. */
  flux.lists = {};

  var PANELS = "[data-panel], [data-list]";

  /* The panel or list with the focus, else the one below the pointer: what keys are about. */
  flux.panel = function () {
    var at = document.activeElement, panel = at && at.closest && at.closest(PANELS);
    return panel || flux.all(PANELS).find(function (each) { return each.matches(":hover"); });
  };

  flux.called = function (panel) { return panel.getAttribute("data-panel") || panel.getAttribute("data-list"); };

  function kebab(name) { return flux.all("[data-menu]").find(function (each) { return each.getAttribute("data-menu") === name; }); }

  flux.act("data-menu", function (name, button) {
    flux.here.menu = name;
    flux.open("panel", button);
  });

  flux.act("data-do", function (what) {
    var name = flux.here.menu, button = kebab(name);
    flux.close();
    if (button) button.focus();
    flux.perform(what, name);
  });

  /* What the menu of a panel can do; `name` is the panel's. */
  flux.perform = function (what, name) {
    if (what === "open") flux.visit("requests");
    else if (what === "traces") flux.visitTraces(flux.about(name));
    else if (what === "csv" && flux.lists[name]) flux.lists[name].csv();
    else if (what === "csv") flux.download(flux.prefix() + "panels/" + encodeURIComponent(name) + ".csv" + location.search);
    else inquire(what, name);
  };

  /* A link inside a panel that does what its menu can: the table behind "All 36 slices". */
  flux.act("data-perform", function (what, link) {
    flux.perform(what, link.closest("[data-panel]").getAttribute("data-panel"));
  });

  flux.download = function (address) {
    var link = flux.make("a");
    link.href = address;
    link.download = "";
    document.body.appendChild(link);
    link.click();
    link.remove();
  };

  function inquire(what, name) {
    asked = { what: what, name: name };
    flux.set("insight", { children: "" });
    flux.set("inquiry", { data: { panel: name, what: what, search: location.search, beat: flux.beat() } });
    if (what !== "query") show(what, name);
  }

  /* What was told is a popover below the menu, or a dialog where it needs room. */
  function show(what, name) {
    var dialog = flux.dialog("insight"), button = kebab(name), small = what === "how";
    if (dialog.open) dialog.close();
    dialog.className = small ? "how" : "dlg told";
    dialog.removeAttribute("style");
    dialog.setAttribute("aria-label", (button ? button.getAttribute("aria-label").replace("Menu of ", "") : "Panel") + ": " + NAMES[what]);
    flux.here.asker = button;
    if (!small) { flux.showDialog("insight"); return; }
    flux.close();
    dialog.show();
    if (button && innerWidth >= 640) flux.below(dialog, button);
  }

  var NAMES = { how: "how this is computed", table: "as a table", query: "the query" };

  /* The answer has come; React puts it on the page in its next turn. */
  flux.told = function (content) {
    if (!asked || !content || !content.length) return;
    var now = asked;
    setTimeout(function () {
      var text = flux.one("#insight [data-copy]");
      if (now.what === "query" && text) flux.copy(text.textContent, "Query copied", function () { show("query", now.name); });
      else if (now.what === "how" && flux.dialog("insight").open && innerWidth >= 640) flux.below(flux.dialog("insight"), kebab(now.name));
    }, 0);
  };

  flux.act("data-copy-query", function (value, element) {
    var text = flux.one("[data-copy]", element.closest("dialog"));
    if (text) flux.copy(text.textContent, "Query copied");
  });
})(window.fluxdash);
