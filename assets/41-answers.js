/* An answer for a panel that left the page while it was asked is dropped: there is nothing left that could be patched. */
(function () {
  "use strict";

  var ASKED = /_dash-update-component(\?|$)/;
  var plain = window.fetch;

  /* The element that an answer will change first, if it has an id of several parts, as all of a panel have. */
  function meant(body) {
    try {
      var outputs = JSON.parse(body).outputs, id = (Array.isArray(outputs) ? outputs[0] : outputs).id;
      return typeof id === "object" ? JSON.stringify(id, Object.keys(id).sort()) : null;
    } catch (error) { return null; }
  }

  window.fetch = function (resource, options) {
    var answer = plain.apply(window, arguments), body = options && options.body;
    var id = typeof resource === "string" && ASKED.test(resource) && typeof body === "string" ? meant(body) : null;
    var before = id && document.getElementById(id);
    if (!before) return answer;
    return answer.then(function (given) {
      return document.getElementById(id) === before ? given : new Response(null, { status: 204 });
    });
  };
})();
