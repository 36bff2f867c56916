/* An answer for a panel that left the page while it was asked, or is about to, is dropped: there is nothing to patch. */
(function () {
  "use strict";

  var ASKED = /_dash-update-component(\?|$)/;
  var plain = window.fetch;

  /* The id of the panel that an answer is for; its frame stays the same as long as the panel is there. */
  function panel(body) {
    try {
      var frame = [].concat(JSON.parse(body).outputs).find(function (each) { return each.id.part === "frame"; });
      return frame ? JSON.stringify(frame.id, Object.keys(frame.id).sort()) : null;
    } catch (error) { return null; }
  }

  window.fetch = function (resource, options) {
    var answer = plain.apply(window, arguments), body = options && options.body;
    var id = typeof resource === "string" && ASKED.test(resource) && typeof body === "string" ? panel(body) : null;
    var before = id && document.getElementById(id), page = location.pathname;
    if (!before) return answer;
    return answer.then(function (given) {
      // Read to its end first, for the panel may leave while it is read.
      return given.text().then(function (text) {
        var gone = document.getElementById(id) !== before || location.pathname !== page, empty = gone || given.status === 204;
        return new Response(empty ? null : text, { status: empty ? 204 : given.status, headers: given.headers });
      });
    });
  };
})();
