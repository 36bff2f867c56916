/* What Dash calls, and what the browser tells: each hands over to the script that knows. */
(function (flux) {
  "use strict";

  var here = flux.here;
  var APART = /^(api|assets|panels|_)/;

  function nothing() { return window.dash_clientside.no_update; }

  /* Links between pages are followed without loading the app anew; one that brings no words keeps those of the view, and
     so does one that only opens a trace. */
  function followed(event) {
    var link = event.target.closest(".fluxdash a[href]");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button) return false;
    var to = new URL(link.href), inside = to.origin === location.origin && to.pathname.indexOf(flux.prefix()) === 0;
    if (!inside || to.hash || link.target || link.hasAttribute("download") || APART.test(to.pathname.slice(flux.prefix().length))) return false;
    event.preventDefault();
    var own = Array.from(to.searchParams), page = to.pathname.slice(flux.prefix().length);
    if (own.length === 1 && own[0][0] === "id") flux.follow(flux.target(function (words) { flux.clean(words); words.set("id", own[0][1]); }, page));
    else flux.follow(to.pathname + (to.search || new URL(flux.target(flux.along), location.href).search));
    return true;
  }

  document.addEventListener("click", function (event) {
    if (!event.target.closest || followed(event) || flux.clicked(event.target)) return;
    flux.clickedElsewhere(event.target);
  });

  document.addEventListener("visibilitychange", function () {
    var every = here.window ? here.window.every : 0;
    flux.set("tick", { disabled: document.hidden || !every });
    if (!document.hidden && every) flux.pulse();
  });

  window.addEventListener("popstate", function () { flux.close(); flux.place(); flux.paint(); });
  window.addEventListener("_dashprivate_pushstate", function () { flux.place(); flux.paint(); });

  /* Whether nothing but the clock has moved since the page was asked for. */
  function isTick(ticks, asked) {
    var last = JSON.parse(here.last || "[]");
    last[1] = ticks;
    return JSON.stringify(last) === asked;
  }

  function heard(does) { return function (value) { if (value) does(value); return nothing(); }; }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    fluxdash: {
      view: function (search, ticks, pulses) {
        // The address bar is the truth: the component hears of it a moment later.
        var asked = JSON.stringify([location.search, ticks, pulses, flux.theme()]);
        if (asked === here.last || (isTick(ticks, asked) && flux.isAsking())) return nothing();
        here.last = asked;
        return { search: location.search, theme: flux.theme(), narrow: innerWidth < 640, beat: flux.beat() };
      },
      arrive: function (view) {
        if (!view) return [nothing(), nothing()];
        here.window = view;
        here.skew = view.now - Date.now() / 1000;
        here.arrived = Date.now();
        flux.paint(view.range || "");
        flux.place();
        flux.grow();
        return [Math.min(Math.max(view.every, 5), 3600) * 1000, document.hidden || !view.every];
      },
      updated: heard(function () { here.updated = Date.now(); flux.grow(); flux.paintPanels(); }),
      named: heard(function (title) { document.title = title + " \u00b7 FluxDash"; flux.place(); }),
      typed: heard(function (typed) { flux.close(); flux.typedRange(typed.words); }),
      picked: function (first, last) { flux.pickDays(first, last); return nothing(); },
      told: heard(flux.told),
      offer: heard(function (lists) {
        lists.forEach(function (each) { if (each) flux.offer(each); });
        (window.dash_clientside.callback_context.triggered || []).forEach(function (each) { if (each.value) flux.learned(each.value.dimension); });
      }),
      dragged: function () {
        (window.dash_clientside.callback_context.triggered || []).forEach(function (each) {
          flux.relayout(each.prop_id.slice(0, each.prop_id.lastIndexOf(".")), each.value || {});
        });
        return nothing();
      },
    },
  });
})(window.fluxdash);
