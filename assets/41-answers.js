/* Panels of a page that is being left are not asked for, and answers for them are dropped: nothing is there to be patched.

   Dash drops the answer to a question that was asked again meanwhile: what is not answered yet is not refreshed. */
(function (flux) {
  "use strict";

  var ASKED = /_dash-update-component(\?|$)/;
  var PATIENCE = 120000;
  var plain = window.fetch, underway = new Set();

  /* Whether something is not answered yet; what was asked long ago never will be. */
  flux.isAsking = function () { return Array.from(underway).some(function (each) { return Date.now() - each.since < PATIENCE; }); };

  function counted(answer) {
    var question = { since: Date.now() }, done = function () { underway.delete(question); flux.noteScroll(); };
    underway.add(question);
    answer.then(done, done);
    return answer;
  }

  /* The id of the panel that a question is about; its frame stays the same as long as the panel is there. */
  function panel(body) {
    try {
      var frame = [].concat(JSON.parse(body).outputs).find(function (each) { return each.id.part === "frame" || each.id.part === "strip"; });
      return frame ? frame.id : null;
    } catch (error) { return null; }
  }

  function decoded(path) { try { return decodeURI(path); } catch (error) { return path; } }

  /* Whether the address is that of the panel's page; the page itself follows the address a moment later. */
  function isHere(id) {
    var path = decoded(location.pathname).slice(flux.prefix().length).replace(/^\/+|\/+$/g, "");
    return (id.panel || id.sheet || "").split(".")[0] === (path.replace(/\//g, "-") || "overview");
  }

  function none() { return new Response(null, { status: 204 }); }

  window.fetch = function (resource, options) {
    var body = options && options.body;
    var asked = typeof resource === "string" && ASKED.test(resource), id = asked && typeof body === "string" ? panel(body) : null;
    if (id && !isHere(id)) return Promise.resolve(none());
    var answer = plain.apply(window, arguments), name = id && JSON.stringify(id, Object.keys(id).sort());
    if (asked) counted(answer);
    var before = name && document.getElementById(name);
    if (!before) return answer;
    return answer.then(function (given) {
      // Read to its end first, for the panel may leave while it is read.
      return given.text().then(function (text) {
        var gone = document.getElementById(name) !== before || !isHere(id);
        return gone || given.status === 204 ? none() : new Response(text, { status: given.status, headers: given.headers });
      });
    });
  };
})(window.fluxdash);
