/* What floats above the page: popovers below what opened them, dialogs before a scrim; one at a time. */
(function (flux) {
  "use strict";

  var GAP = 5, EDGE = 8;
  var opener = null, current = null;
  var opened = {};

  /* What is done when the popover of a name opens: `whenOpened("custom", function (pop) {…})`; "filter-" is a family. */
  flux.whenOpened = function (name, does) { opened[name] = does; };

  flux.isOpen = function (name) { return !!current && (name === undefined || current.getAttribute("data-pop") === name); };

  flux.close = function () {
    if (current) current.classList.remove("open");
    if (opener) expand(opener, false);
    opener = current = null;
    var floating = flux.one("dialog.how[open]");
    if (floating) floating.close();
  };

  flux.open = function (name, from) {
    var pop = flux.one('[data-pop="' + name + '"]'), again = opener === from && current === pop;
    // A button inside of a popover opens the next one where the first one stood.
    var at = current && current.contains(from) ? opener : from;
    flux.close();
    if (!pop || again) return;
    current = pop;
    opener = at;
    pop.classList.add("open");
    flux.below(pop, at);
    expand(at, true);
    Object.keys(opened).forEach(function (each) { if (name.indexOf(each) === 0) opened[each](pop, from); });
    var all = stops(pop), chosen = "[role=option][aria-selected=true]";
    var first = all.find(function (each) { return each.matches("input[type=text]"); }) || all.find(function (each) { return each.matches(chosen); }) || all[0];
    if (first) { first.focus(); if (first.select) first.select(); }
  };

  // A radio may not say that it is expanded.
  function expand(button, on) { if (button.getAttribute("role") !== "radio") button.setAttribute("aria-expanded", String(on)); }

  /* Put what floats below an element, or above it where there is no room, and never off the screen. */
  flux.below = function (floating, at) {
    var spot = at.getBoundingClientRect(), box = floating.getBoundingClientRect();
    var above = spot.bottom + GAP + box.height > innerHeight && spot.top > box.height;
    var top = above ? spot.top - box.height - GAP : Math.min(spot.bottom + GAP, innerHeight - box.height - EDGE);
    floating.style.left = Math.max(EDGE, Math.min(spot.left, innerWidth - box.width - EDGE)) + "px";
    floating.style.top = Math.max(EDGE, top) + "px";
  };

  /* Dialogs */

  flux.dialog = function (name) { return flux.one('[data-dialog="' + name + '"]'); };

  flux.showDialog = function (name) {
    flux.close();
    var dialog = flux.dialog(name);
    // The browser keeps the focus inside, closes on Esc, and gives the focus back.
    if (dialog && !dialog.open) dialog.showModal();
    return dialog;
  };

  flux.isModal = function () { return !!flux.one("dialog:modal"); };

  function isBeside(dialog, event) {
    var box = dialog.getBoundingClientRect();
    return event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
  }

  document.addEventListener("mousedown", function (event) {
    var dialog = event.target;
    if (dialog.matches && dialog.matches("dialog:modal") && isBeside(dialog, event)) { dialog.close(); event.preventDefault(); }
  });

  flux.act("data-open", flux.open);
  flux.act("data-close", function (value, element) { element.closest("dialog").close(); });

  /* A click elsewhere closes a popover, and so does leaving it with Tab. */
  flux.clickedElsewhere = function (target) {
    if (target.isConnected && !target.closest(".pop, dialog")) flux.close();
  };

  document.addEventListener("focusout", function (event) {
    var to = event.relatedTarget;
    if (current && to && to !== opener && current.contains(event.target) && !current.contains(to) && !to.closest("[data-radix-focus-guard], dialog")) flux.close();
  });

  window.addEventListener("resize", function () { if (current && opener.isConnected) flux.below(current, opener); });

  /* Keys inside of a popover; returns whether the key was one of them. */
  flux.layerKey = function (event) {
    if (event.key === "Escape" && flux.leave()) return true;
    if (!current || !current.contains(event.target) || event.target.closest(".dash-datepicker")) return false;
    var all = stops(current), at = all.indexOf(event.target);
    var steps = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 };
    var typing = event.target.matches("input[type=text]");
    if (!(event.key in steps) || (typing && (event.key === "Home" || event.key === "End"))) return false;
    var next = all[(steps[event.key] + all.length) % all.length];
    if (next) { next.focus(); next.scrollIntoView({ block: "nearest" }); }
    return true;
  };

  /* Close what floats without a scrim and go back to where it was opened; false where nothing did. */
  flux.leave = function () {
    // An open calendar closes by itself.
    if (flux.one(".dash-datepicker-content")) return false;
    var back = opener || (flux.one("dialog.how[open]") && flux.here.asker), name = current && current.getAttribute("data-pop");
    if (!current && !back) return false;
    flux.close();
    // The server may have written the button anew.
    if (name && !back.isConnected) back = flux.one('[data-open="' + name + '"]');
    if (back) back.focus();
    return true;
  };

  function stops(pop) {
    return flux.all("input, button, a", pop).filter(function (each) { return each.offsetParent && !each.disabled && !each.closest(".dash-datepicker"); });
  }
})(window.fluxdash);
