/* One span as a row of the waterfall: its name, its bar with what is special about it, and how long it took.

   All names come from telemetry: they are written as text, and never become markup or addresses. */
(function (flux) {
  "use strict";

  var FAILED = 1, ON_PATH = 2, ODD = 4, SKEWED = 8, DEEPEST = 14, WIDEST = 72;
  var trace = flux.trace;

  trace.row = function (i, top) {
    var sheet = trace.sheet, flags = sheet.flags[i], parent = sheet.size[i] > 1, line = flux.make("div", "wf-r");
    line.id = "wf-" + i;
    line.style.top = top + "px";
    line.setAttribute("role", "row");
    line.setAttribute("aria-level", String(sheet.depth[i] + 1));
    line.setAttribute("aria-rowindex", String(i + 1));
    line.setAttribute("data-wf-row", String(i));
    if (parent) line.setAttribute("aria-expanded", String(!trace.folded.has(i)));
    if (i === trace.picked) line.setAttribute("aria-selected", "true");
    line.append(name(i, flags, parent), bars(i, flags), said(i));
    return line;
  };

  trace.hasFailed = function (i) { return !!(trace.sheet.flags[i] & FAILED); };
  trace.isOnPath = function (i) { return !!(trace.sheet.flags[i] & ON_PATH); };

  function icon(name) { var mark = flux.make("span", "i i-12 i-" + name); mark.setAttribute("aria-hidden", "true"); return mark; }

  function name(i, flags, parent) {
    var sheet = trace.sheet, closed = trace.folded.has(i), text = sheet.names[sheet.name[i]];
    var cell = flux.make("div", "wf-n"), twist = flux.make(parent ? "button" : "span", "tw");
    cell.style.setProperty("--d", String(Math.min(sheet.depth[i], DEEPEST)));
    cell.setAttribute("role", "rowheader");
    if (parent) {
      twist.type = "button";
      twist.tabIndex = -1;
      twist.setAttribute("data-wf-fold", String(i));
      twist.setAttribute("aria-label", closed ? "Unfold" : "Fold");
      twist.appendChild(icon(closed ? "right" : "down"));
    }
    cell.appendChild(twist);
    if (flags & FAILED) { var bad = icon("bad"); bad.classList.add("wf-bad"); cell.appendChild(bad); }
    if (flags & (ODD | SKEWED)) { var odd = icon("warn"); odd.classList.add("wf-odd"); cell.appendChild(odd); }
    var label = flux.make("span", i === sheet.request || sheet.depth[i] === 0 ? "b" : "", text || "unnamed");
    label.title = sheet.services[sheet.service[i]] + ": " + text;
    cell.appendChild(label);
    var more = (closed ? sheet.size[i] - 1 : 0) + (sheet.hidden[i] || 0);
    if (more) cell.appendChild(flux.make("small", "muted wf-more", "+" + more.toLocaleString("en-US")));
    return cell;
  }

  function share(time) { return (time - trace.from) / (trace.to - trace.from) * 100; }
  function within(time) { return Math.min(Math.max(time, trace.from), trace.to); }

  /* What lies outside the times in sight is cut to them, or not drawn at all. */
  function piece(cell, kind, start, end) {
    if (end < trace.from || start > trace.to) return null;
    var part = flux.make("span", kind);
    part.style.left = share(within(start)) + "%";
    part.style.width = Math.max(share(within(end)) - share(within(start)), 0) + "%";
    cell.appendChild(part);
    return part;
  }

  function bars(i, flags) {
    var sheet = trace.sheet, cell = flux.make("div", "wf-t"), start = sheet.start[i], end = start + sheet.took[i], wait = sheet.waits[i];
    cell.setAttribute("role", "gridcell");
    var kind = flags & FAILED ? "er" : flags & ON_PATH ? "cp" : "off";
    var bar = piece(cell, "wf-bar " + kind + (sheet.size[i] > 1 ? " over" : ""), start, end);
    (sheet.gaps[i] || []).forEach(function (gap) { var hole = piece(cell, "wf-hole", gap[0], gap[1]); if (hole) hole.title = "no span below tells of this time"; });
    if (wait) piece(cell, "wf-gap", wait[0], wait[1]);
    if (!bar) {
      var away = icon(end < trace.from ? "left" : "right");
      away.classList.add("wf-away", end < trace.from ? "before" : "after");
      cell.appendChild(away);
    } else if (sheet.notes[i]) note(cell, i, flags, start, end, wait);
    return cell;
  }

  /* Beside the bar where there is room, else on it; on the thin bar of a parent only what is odd. */
  function note(cell, i, flags, start, end, wait) {
    var sheet = trace.sheet, text = flux.make("span", flags & FAILED ? "wf-l bad" : "wf-l", sheet.notes[i]);
    var left = share(within(wait ? Math.min(wait[0], start) : start)), right = share(within(end)), begin = share(within(start));
    text.title = sheet.notes[i];
    // No wider than the room there, or its beginning would be cut off without a word.
    function room(share) { text.style.maxWidth = Math.min(share, WIDEST) + "%"; }
    if (right < 60) { text.style.left = right + "%"; room(100 - right); }
    else if (left > 25) { text.style.right = 100 - left + "%"; room(left); }
    else if (sheet.size[i] > 1 && !wait && !(flags & (FAILED | ODD | SKEWED))) return;
    else {
      text.style.left = begin + "%";
      room(100 - begin);
      text.classList.add(right - begin > 30 && sheet.size[i] < 2 && !(flags & FAILED) && flags & ON_PATH ? "in" : "on");
    }
    cell.appendChild(text);
  }

  function said(i) { var cell = flux.make("div", "wf-d", trace.sheet.said[i]); cell.setAttribute("role", "gridcell"); return cell; }
})(window.fluxdash);
