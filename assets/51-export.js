/* The export of the log: read as a stream, so that its rows are counted while they come and it can be called off. */
(function (flux) {
  "use strict";

  var running = null;
  var PAUSE = 150;

  function line() { return flux.one("[data-export-line]"); }

  function number(value) { return value.toLocaleString("en-US"); }

  function size(bytes) { return (bytes / 1e6).toFixed(1) + flux.SPACE + "MB"; }

  /* What the line in the panel shows while rows come: name, bar, rows and bytes, and how to call it off. */
  function begun(rows) {
    var box = line(), name = flux.make("b", "b", "Reading"), nm = flux.make("span", "row-f nm"), bar = flux.make("span", "hb");
    var part = flux.make("i"), said = flux.make("span", "t2 nowrap"), stop = flux.make("button", "btn-f ghost", "Cancel");
    flux.mark(bar, "role", "progressbar");
    flux.mark(bar, "aria-valuemin", "0");
    flux.mark(bar, "aria-valuemax", String(rows));
    flux.mark(bar, "aria-label", "Rows exported");
    flux.mark(stop, "type", "button");
    flux.mark(stop, "data-export-stop", "1");
    nm.appendChild(flux.make("span", "i i-14 i-download"));
    nm.appendChild(name);
    bar.appendChild(part);
    box.replaceChildren(nm, bar, said, stop);
    box.hidden = false;
    return function (title, done, bytes, started) {
      flux.write(name, title);
      part.style.width = Math.min(100, rows ? done * 100 / rows : 0) + "%";
      flux.mark(bar, "aria-valuenow", String(Math.min(done, rows)));
      var left = done && rows > done ? (Date.now() - started) / done * (rows - done) / 1000 : 0;
      var rest = left >= 1 ? " · " + Math.ceil(left) + flux.SPACE + "s left" : "";
      flux.write(said, number(Math.min(done, rows)) + " of " + number(rows) + " rows · " + size(bytes) + rest);
    };
  }

  function ended(text) {
    var box = line();
    running = null;
    if (box) box.hidden = true;
    if (text) flux.toast(text);
  }

  function named(response) {
    var found = /filename="([A-Za-z0-9._-]+)"/.exec(response.headers.get("Content-Disposition") || "");
    return found ? found[1] : "requests.csv";
  }

  function save(parts, name) {
    var link = flux.make("a"), address = URL.createObjectURL(new Blob(parts, { type: "text/csv" }));
    link.href = address;
    link.download = name;
    document.body.appendChild(link);
    link.click();
    link.remove();
    setTimeout(function () { URL.revokeObjectURL(address); }, 10000);
  }

  function lines(bytes) {
    var found = 0;
    for (var i = 0; i < bytes.length; i++) if (bytes[i] === 10) found++;
    return found;
  }

  function read(response, tell, stop) {
    var reader = response.body.getReader(), name = named(response), parts = [], rows = 0, bytes = 0, told = 0, started = Date.now(), tail = "";
    function next() {
      return reader.read().then(function (step) {
        if (step.done) { save(parts, name); ended(said(tail)); return null; }
        parts.push(step.value);
        bytes += step.value.length;
        rows += lines(step.value);
        tail = (tail + new TextDecoder().decode(step.value.slice(-400))).slice(-400);
        if (Date.now() - told > PAUSE) { told = Date.now(); tell(name, rows, bytes, started); }
        return stop.signal.aborted ? null : next();
      });
    }
    return next();
  }

  /* The file's last line says whether all of it came. */
  function said(tail) {
    if (tail.indexOf("# truncated") >= 0) return "Exported: the first rows alone, there are more";
    if (tail.indexOf("# incomplete") >= 0) return "The log stopped answering: the file says where";
    return tail.indexOf("# end") >= 0 ? "Exported" : "The export broke off";
  }

  function exported(value) {
    if (running) return;
    var stop = running = new AbortController(), tell = begun(Number(value));
    tell("Reading", 0, 0, Date.now());
    fetch(flux.prefix() + "requests.csv" + location.search, { signal: stop.signal, credentials: "same-origin" }).then(function (response) {
      if (!response.ok) return response.json().then(function (body) { ended(body.allowed || "The export was refused"); });
      return read(response, tell, stop);
    }).catch(function (error) { ended(error.name === "AbortError" ? "Export called off" : "The export broke off"); });
  }

  function button() { return flux.one("[data-ledger-export]"); }

  flux.act("data-ledger-export", exported);
  flux.lists.log = {
    csv: function () { if (flux.lists.log.some()) exported(button().getAttribute("data-ledger-export")); },
    some: function () { return !!button() && !button().disabled; },
  };

  flux.act("data-export-stop", function () { if (running) running.abort(); });

  window.addEventListener("_dashprivate_pushstate", function () { if (running && !flux.one("#ledger")) running.abort(); });
})(window.fluxdash);
