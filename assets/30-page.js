/* What every other script rests on: what the page knows now, how it is written, kept and copied, and what clicks do. */
(function (flux) {
  "use strict";

  /* `window` is what the server said last of the view, `skew` how far its clock is ahead of ours, in seconds. */
  flux.here = { window: null, beat: 0, last: "", skew: 0, updated: 0, arrived: 0 };
  flux.SPACE = "\u00a0";

  flux.all = function (query, root) { return Array.from((root || document).querySelectorAll(query)); };
  flux.one = function (query, root) { return (root || document).querySelector(query); };
  flux.set = function (id, props) { window.dash_clientside.set_props(id, props); };
  flux.now = function () { return Date.now() / 1000 + flux.here.skew; };
  flux.beat = function () { return ++flux.here.beat; };

  flux.write = function (element, text) { if (element && element.textContent !== text) element.textContent = text; };

  flux.mark = function (element, name, value) {
    if (element && element.getAttribute(name) !== value) element.setAttribute(name, value);
  };

  /* Names come from telemetry: they are only ever written as text. */
  flux.make = function (tag, kind, text) {
    var element = document.createElement(tag);
    if (kind) element.className = kind;
    if (text !== undefined) element.textContent = text;
    return element;
  };

  flux.keep = function (name, value) { try { localStorage.setItem(name, value); } catch (error) { /* private window */ } };
  flux.kept = function (name) { try { return localStorage.getItem(name); } catch (error) { return null; } };

  flux.toast = function (text) {
    var box = flux.one("[data-toast]");
    if (!box) return;
    flux.write(box, text);
    box.classList.add("open");
    clearTimeout(flux.here.toast);
    flux.here.toast = setTimeout(function () { box.classList.remove("open"); }, 2000);
  };

  /* Copy a text and say so; `refused` is called where the browser does not let us. */
  flux.copy = function (text, said, refused) {
    var done = function () { flux.toast(said); };
    var failed = refused || function () { flux.toast("The browser did not allow copying"); };
    if (navigator.clipboard && window.isSecureContext) { navigator.clipboard.writeText(text).then(done, failed); return; }
    var field = flux.make("textarea");
    field.value = text;
    document.body.appendChild(field);
    field.select();
    if (document.execCommand("copy")) done(); else failed();
    field.remove();
  };

  /* What a click on an element with an attribute does: `act("data-range", function (value, element) {…})`. */
  var acts = {};

  flux.act = function (name, does) { acts[name] = does; };

  flux.clicked = function (target) {
    var names = Object.keys(acts);
    var element = target.closest(names.map(function (name) { return "[" + name + "]"; }).join(","));
    if (!element || element.disabled) return false;
    var name = names.find(function (each) { return element.hasAttribute(each); });
    acts[name](element.getAttribute(name), element);
    return true;
  };
})(window.fluxdash = window.fluxdash || {});
